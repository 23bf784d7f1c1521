/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walking a tenant's identities some at a time: each row brings a report along, which may
 * be a mebibyte. */
#ifndef API_LISTING_H
#define API_LISTING_H

#include "api/call.h"

/* row and arena live for this one call. */
typedef bool listing_each_fn(void *arg, struct arena *a, const struct identity_row *row,
			     struct err *e);

typedef bool listing_keeps_fn(void *arg, const struct identity_row *row);

struct listing {
	struct str after; /* domains behind this one */
	size_t limit;
	listing_keeps_fn *keeps; /* which of them; NULL: all */
	size_t scan_max;         /* looks through so many at most; 0: no ceiling */
	listing_each_fn *each;
	void *arg;
};
/* *last_out: the last domain that was looked at, in the request's arena, where more may
 * be to come; else data is NULL. */
bool listing_walk(struct call *c, const struct listing *l, struct str *last_out,
		  struct err *e) must_check;

#endif
