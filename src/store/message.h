/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages: accepted means committed here. */
#ifndef STORE_MESSAGE_H
#define STORE_MESSAGE_H

#include "base/base.h"
#include "store/lease.h"

struct store;

enum message_state {
	MESSAGE_HELD,   /* until the identity is verified */
	MESSAGE_QUEUED, /* to be relayed */
	MESSAGE_SENT,
	MESSAGE_FAILED,
};
const char *message_state_name(enum message_state s);

struct message_row {
	int64_t id;
	struct str message_id; /* SES's form */
	int64_t tenant_id;
	int64_t identity_id;
	enum message_state state;
	struct str sender;      /* envelope */
	struct str *recipients; /* envelope */
	size_t recipient_count;
	struct str content; /* unsigned, CRLF */
	int64_t created_at;
	int64_t next_try_at;
	uint32_t tries;
	struct str last_reply; /* the relay's last answer, escaped */
	struct lease lease;    /* under which it was taken; no fence: not taken */
};
/* Fills id. What is to be held is queued where the identity was verified meanwhile (and
 * row says so). ERR_LIMIT when the tenant holds hold_max messages already (HELD only; 0:
 * no limit); ERR_CONFLICT when the identity is gone. */
bool store_message_add(struct store *s, struct message_row *row, size_t hold_max,
		       struct err *e) must_check;
/* How many an identity holds until it is verified. */
bool store_message_held(struct store *s, int64_t identity_id, size_t *count_out,
			struct err *e) must_check;
/* HELD -> QUEUED for these identities: inside the verifying transaction. */
bool store_message_release_of(struct store *s, const int64_t *identity_ids, size_t count,
			      int64_t now_s, size_t *released_out, struct err *e)
	must_check;
/* Leases the oldest queued message that is due and free, whose identity has no older one
 * waiting to be sent first: order is kept within an identity, however many nodes relay.
 * (One that was put off three times holds the others no longer.) *found_out false: none.
 */
bool store_message_next(struct store *s, struct arena *a, const struct lease_term *term,
			struct message_row *out, bool *found_out, struct err *e)
	must_check;
/* When the next queued one that nobody has is due; 0: none. */
bool store_message_next_due(struct store *s, int64_t now_s, int64_t *at_out,
			    struct err *e) must_check;
/* State, next_try_at, tries and last_reply of a queued message, and the end of its lease;
 * ERR_CONFLICT if it is queued no longer, or somebody else has taken it over. SENT and
 * FAILED drop the content. */
bool store_message_save(struct store *s, const struct message_row *row, struct err *e)
	must_check;

#endif
