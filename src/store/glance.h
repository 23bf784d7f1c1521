/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Identities whose next look is a glance. There is no lease on them: one node leads
 * (LEASE_ROLE_GLANCES), and what a glance writes holds only where the row is still due at
 * the moment that it was read with. So two that glance at the same do no harm, nobody's
 * write is undone, and a glance that is lost is made again.
 */
#ifndef STORE_GLANCE_H
#define STORE_GLANCE_H

#include "store/identity.h"

/* After (after_at, after_id), in this order. */
struct glance_page {
	int64_t now_s;
	int64_t after_at;
	int64_t after_id;
	size_t limit;
};
struct glance_list {
	/* Of each id, domain, tokens, key_zone, mail_from_domain, ownership_token,
	 * state.next_look_at, .full_look_at and .why; nothing else. */
	struct identity_row *rows;
	size_t count;
};
bool store_glance_due(struct store *s, struct arena *a, const struct glance_page *page,
		      struct glance_list *out, struct err *e) must_check;
/* When the first one after (after_at, after_id) is due; 0: there is none. */
bool store_glance_next_due(struct store *s, int64_t after_at, int64_t after_id,
			   int64_t *at_out, struct err *e) must_check;

enum glance_result {
	GLANCE_WAS_RIGHT,
	GLANCE_WAS_UNCLEAR, /* a whole look is due at once */
	GLANCE_PUT_OFF,     /* it was not made */
};
struct glance_outcome {
	enum glance_result result;
	int64_t identity_id;
	int64_t due_at;  /* as it was read */
	int64_t seen_at; /* what it says was so */
	/* Not of one that was unclear: */
	int64_t next_at;
	bool is_next_glance; /* else a whole look */
	enum look_reason why;
};
/* In the order of ids they cost the least. What is no longer due as it was is left as it
 * is: *written_out says how many were written. */
bool store_glances_write(struct store *s, const struct glance_outcome *outcomes,
			 size_t count, size_t *written_out, struct err *e) must_check;

#endif
