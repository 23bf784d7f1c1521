/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What looks found: the last report of an identity, and how looks differed. */
#ifndef STORE_LOOK_H
#define STORE_LOOK_H

#include "base/base.h"
#include "store/identity.h"

struct store;

/* The last report, JSON text {"en": {...}, "ja": {...}}. Empty before the first look. */
struct report_row {
	int64_t at_s;
	struct str body;
};
bool store_report_read(struct store *s, struct arena *a, int64_t identity_id,
		       struct report_row *out, struct err *e) must_check;
/* Writes it if it is not what row->report_hash says, and sets that; the identity is saved
 * behind it, in the same transaction. */
bool store_report_write(struct store *s, struct arena *a, struct identity_row *row,
			const struct report_row *report, struct err *e) must_check;

enum {
	LOOKS_KEPT = 50, /* of an identity */
};
struct look_row {
	int64_t id;
	int64_t identity_id;
	int64_t at_s;
	int why;     /* enum look_reason */
	int verdict; /* enum verdict of diagnose */
	int64_t cost;
	struct str detail; /* JSON text */
};
struct look_list {
	struct look_row *rows;
	size_t count;
};
/* Drops those beyond the last LOOKS_KEPT. Fills id. */
bool store_look_add(struct store *s, struct look_row *row, struct err *e) must_check;
/* Newest first, all that are kept. */
bool store_look_list(struct store *s, struct arena *a, int64_t identity_id,
		     struct look_list *out, struct err *e) must_check;

#endif
