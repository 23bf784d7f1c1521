/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): who asks the same thing
 * twice under one key gets the first answer again. Successes are kept for a day, sealed;
 * what was refused or failed may be tried again.
 */
#ifndef API_REPLAY_H
#define API_REPLAY_H

#include "api/call.h"

struct replay {
	bool is_on; /* the caller gave a key */
	struct answer_row row;
};
/* Before the handler. false: answered already, again or with a refusal. */
bool replay_begin(struct call *c, struct replay *r) must_check;
/* Behind the handler: keeps its answer. */
void replay_end(struct call *c, struct replay *r);

#endif
