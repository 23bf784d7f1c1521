/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): who asks the same thing
 * twice under one key gets the first answer again. What is done and its answer, sealed,
 * are one transaction: after a crash there are both or neither. Successes are kept for a
 * day; what was refused or failed is undone and may be tried again.
 *
 *   replay_find, the route's prepare, replay_begin, its handler, replay_end
 *
 * Who comes while the first is in its transaction waits for its end.
 */
#ifndef API_REPLAY_H
#define API_REPLAY_H

#include "api/call.h"

struct replay {
	bool is_on; /* the caller gave a key */
	struct str asked;
	struct answer_row row;
	size_t header_count; /* of the response, before the handler */
};
/* false: answered already, again or with a refusal. */
bool replay_find(struct call *c, struct replay *r) must_check;
/* Opens the transaction in which the handler does what it does. false as above. */
bool replay_begin(struct call *c, struct replay *r) must_check;
/* Keeps the handler's answer and commits, or answers that nothing was done. */
void replay_end(struct call *c, struct replay *r);

#endif
