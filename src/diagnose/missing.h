/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records that are not there at all. Private to diagnose. */
#ifndef DIAGNOSE_MISSING_H
#define DIAGNOSE_MISSING_H

#include "diagnose/rules.h"

struct missing_rule {
	const struct rule *row; /* its code and title */
	/* The kind of record that has this code; NULL: any. Where nothing at all was
	 * published, no kind has a code of its own. */
	bool (*fits)(const struct record_case *r);
};
void missing_judge(struct diagnosis *d, const struct missing_rule *rule);

#endif
