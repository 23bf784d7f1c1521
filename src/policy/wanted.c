/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of questions that an evaluation wants answered. */
#include "policy/wanted.h"

void wanted_add(struct policy_wanted *w, const struct dns_name *name, uint16_t type)
{
	for (size_t i = 0; i < w->count; i++) {
		if (w->questions[i].type == type &&
		    dns_name_equal(&w->questions[i].name, name))
			return;
	}
	if (w->count < POLICY_WANTED_MAX)
		w->questions[w->count++] = (struct question){ *name, type };
}
