/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking things up in an observation. */
#include "observation/observation.h"

static bool is_about(const struct answer *a, const struct dns_name *name, uint16_t type)
{
	return a->question.type == type && dns_name_equal(&a->question.name, name);
}

const struct answer *observation_find(const struct observation *o,
				      const struct dns_name *name, uint16_t type,
				      size_t view)
{
	for (size_t i = 0; i < o->answer_count; i++)
		if (o->answers[i].view == view && is_about(&o->answers[i], name, type))
			return &o->answers[i];
	return NULL;
}

bool observation_asked(const struct observation *o, const struct dns_name *name,
		       uint16_t type)
{
	for (size_t i = 0; i < o->answer_count; i++)
		if (is_about(&o->answers[i], name, type))
			return true;
	return false;
}
