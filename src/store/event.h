/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happened to identities, in the order in which it was committed. */
#ifndef STORE_EVENT_H
#define STORE_EVENT_H

#include "base/base.h"
#include "identity/identity.h"
#include "store/identity.h"

struct store;

struct event_row {
	int64_t id;
	int64_t identity_id;
	int64_t at_s;
	struct str kind;   /* identity_event_name */
	struct str aspect; /* "dkim" ... or empty */
	struct str from;
	struct str to;
};
/* Newest first, at most `limit`. identity_id 0: all of the tenant. */
struct event_page {
	int64_t tenant_id;
	int64_t identity_id;
	size_t limit;
};
struct event_list {
	struct event_row *rows;
	size_t count;
};
bool store_event_list(struct store *s, struct arena *a, const struct event_page *page,
		      struct event_list *out, struct err *e) must_check;

/* Of row's identity and tenant. Inside the caller's transaction, last in it: it locks the
 * tenant. */
bool store_event_add(struct store *s, const struct identity_row *row,
		     const struct identity_event *event, struct err *e) must_check;

#endif
