/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What happened, in the order in which it was committed. A tenant's events are numbered
 * from 1 on without gaps, and number n is visible before n + 1 is: whoever has read up
 * to a number misses nothing by asking for what is behind it.
 */
#ifndef STORE_EVENT_H
#define STORE_EVENT_H

#include "base/base.h"
#include "identity/identity.h"
#include "store/identity.h"

struct store;

struct event_row {
	int64_t id;
	struct str uid; /* "evt_..." for the outside, never given twice */
	int64_t tenant_id;
	int64_t seq;
	int64_t identity_id; /* 0: of no identity */
	struct str domain;   /* of the identity, else empty */
	int64_t at_s;
	/* One of store_event_kinds; of old rows "identity.status_changed". */
	struct str kind;
	struct str aspect; /* "dkim" ... or empty */
	struct str from;   /* status_name, or empty */
	struct str to;
	struct str detail; /* JSON object: who saw what from where; or empty */
};
struct event_list {
	struct event_row *rows;
	size_t count;
};

/* Every kind that is written, NULL behind the last (doc/events.md). */
extern const char *const store_event_kinds[];
/* The kind of a change, by what it means for sending: "identity.verified". */
const char *store_event_kind(const struct identity_event *event);

/* Newest first, at most `limit`. identity_id 0: all of the tenant. before 0: from the
 * newest on, else those with a smaller number. */
struct event_page {
	int64_t tenant_id;
	int64_t identity_id;
	size_t limit;
	int64_t before;
};
bool store_event_list(struct store *s, struct arena *a, const struct event_page *page,
		      struct event_list *out, struct err *e) must_check;
/* The tenant's events behind number `seq`, in order; identity_id 0: of all. */
struct event_after {
	int64_t tenant_id;
	int64_t identity_id;
	int64_t seq;
	size_t limit;
};
bool store_event_after(struct store *s, struct arena *a, const struct event_after *after,
		       struct event_list *out, struct err *e) must_check;
/* The number before the tenant's first event at `since_s` or later; its last one if there
 * is none. */
bool store_event_before(struct store *s, int64_t tenant_id, int64_t since_s,
			int64_t *seq_out, struct err *e) must_check;
/* The tenants that have events, and the number of each one's last. */
struct event_head {
	int64_t tenant_id;
	struct str tenant;
	int64_t seq;
};
bool store_event_heads(struct store *s, struct arena *a, struct event_head **out,
		       size_t *count_out, struct err *e) must_check;

/* Of row's identity and tenant, with a delivery for each webhook that wants it. Inside
 * the caller's transaction, last in it: it locks the tenant. */
bool store_event_add(struct store *s, const struct identity_row *row,
		     const struct identity_event *event, struct err *e) must_check;
/* The same for what is no change of an identity; fills id, uid and seq. */
bool store_event_write(struct store *s, struct arena *a, struct event_row *row,
		       struct err *e) must_check;

#endif
