/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The quorum, per aspect:
 *
 *   own       others                              gives
 *   none      -                                   none
 *   unknown   -                                   unknown
 *   right     right at all but those allowed      right
 *   right     else                                unknown
 *   wrong     right at one                        unknown
 *   wrong     right at none (wrong or silent)     wrong
 */
#include "identity/quorum.h"

/* CA/Browser Forum BR 3.2.2.9: non-corroborations allowed. A silent perspective does not
 * corroborate. */
static size_t allowed(const struct quorum *q)
{
	if (q->rule == QUORUM_ALL || q->count < 2)
		return 0;
	return q->count < 6 ? 1 : 2;
}

static size_t count_right(const struct quorum *q, enum aspect aspect)
{
	size_t n = 0;

	for (size_t i = 0; i < q->count; i++)
		n += !q->voices[i].is_silent &&
		     q->voices[i].look.results[aspect] == LOOK_RIGHT;
	return n;
}

static enum look_result weigh(enum look_result own, const struct quorum *q,
			      enum aspect aspect)
{
	size_t right = count_right(q, aspect);

	switch (own) {
	case LOOK_NONE:
	case LOOK_UNKNOWN:
		return own;
	case LOOK_RIGHT:
		return right + allowed(q) >= q->count ? LOOK_RIGHT : LOOK_UNKNOWN;
	case LOOK_WRONG:
		return right == 0 ? LOOK_WRONG : LOOK_UNKNOWN;
	}
	return LOOK_UNKNOWN;
}

struct look quorum_look(const struct look *own, const struct quorum *q)
{
	struct look look = *own;

	for (size_t i = 0; i < ASPECT_COUNT; i++)
		look.results[i] = weigh(own->results[i], q, (enum aspect)i);
	return look;
}

bool quorum_is_wanted(const struct identity_state *s, const struct look *own)
{
	for (size_t i = 0; i < ASPECT_COUNT; i++) {
		bool is_held = s->aspects[i].status == STATUS_SUCCESS ||
			       s->aspects[i].status == STATUS_TEMPORARY_FAILURE;
		if (own->results[i] == LOOK_RIGHT &&
		    s->aspects[i].status != STATUS_SUCCESS)
			return true;
		if (own->results[i] == LOOK_WRONG && is_held)
			return true;
	}
	return false;
}
