/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In steps of STEP_ROWS, each with an arena of its own; one row more than looked at tells
 * whether there is more. */
#include "api/listing.h"

enum {
	STEP_ROWS = 32,
	STEP_BYTES = 64 * 1024 * 1024,
};

struct walk {
	const struct listing *listing;
	size_t shown;
	size_t seen;
	struct str last; /* in the request's arena */
	bool more;
};

static bool rows_show(struct call *c, struct walk *w, struct arena *a,
		      const struct identity_list *list, struct err *e)
{
	const struct listing *l = w->listing;
	for (size_t i = 0; i < list->count; i++) {
		const struct identity_row *row = &list->rows[i];
		w->more = w->shown == l->limit || (l->scan_max && w->seen == l->scan_max);
		if (w->more)
			return true;
		w->seen++;
		w->last = arena_str(c->arena, row->domain);
		if (l->keeps && !l->keeps(l->arg, row))
			continue;
		if (!l->each(l->arg, a, row, e))
			return false;
		w->shown++;
	}
	return true;
}

bool listing_walk(struct call *c, const struct listing *l, struct str *last_out,
		  struct err *e)
{
	struct walk w = { .listing = l, .last = l->after };
	struct identity_list list = { .count = STEP_ROWS };
	auto_arena struct arena a;
	arena_init(&a, STEP_BYTES);
	while (!w.more && list.count == STEP_ROWS) {
		struct identity_page page = { c->tenant.id, w.last, STEP_ROWS };
		arena_reset(&a);
		if (!store_identity_list(c->store, &a, &page, &list, e) ||
		    !rows_show(c, &w, &a, &list, e))
			return false;
	}
	*last_out = w.more ? w.last : (struct str){ NULL, 0 };
	return true;
}
