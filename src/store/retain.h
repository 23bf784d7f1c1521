/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long what is over stays in the store. What still waits for something stays longer,
 * however old it is. */
#ifndef STORE_RETAIN_H
#define STORE_RETAIN_H

#include "base/base.h"

struct store;

/* Seconds; 0: for ever. */
struct retention {
	int64_t events_s; /* with the deliveries of them */
	int64_t messages_s;
	int64_t revoked_keys_s;
	size_t limit; /* rows of a kind at a time */
	/* store_retain's own: where it goes on with tenants' events. */
	int64_t tenant_id;
};
/* Removes some of each kind; *removed_out of `limit` or more: there is more. Of a
 * tenant's events the oldest go, none that a webhook has yet to get nor any behind it,
 * and never the last: the rest is numbered without gaps. Keys that go make a new
 * generation of the key zone. */
bool store_retain(struct store *s, struct retention *r, int64_t now_s,
		  size_t *removed_out, struct err *e) must_check;

#endif
