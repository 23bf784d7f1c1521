/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Masked senders: the addresses under an identity. */
#include "store/identity.h"

#include "store/query.h"

enum {
	SENDERS_MAX = 1000, /* shown of one identity */
};

bool store_sender_add(struct store *s, int64_t identity_id, struct str address,
		      int64_t now_s, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_SENDER_ADD);

	query_bind_int(&q, identity_id);
	query_bind_str(&q, address);
	query_bind_int(&q, now_s);
	return query_run(&q, e);
}

bool store_sender_list(struct store *s, struct arena *a, int64_t identity_id,
		       struct str **addresses_out, size_t *count_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_SENDER_LIST);
	struct str *addresses = arena_array(a, SENDERS_MAX, sizeof(*addresses));
	size_t count = 0;
	bool found = false;

	q.arena = a;
	query_bind_int(&q, identity_id);
	query_bind_int(&q, SENDERS_MAX);
	for (; count < SENDERS_MAX; count++) {
		if (!query_next(&q, &found, e))
			return false;
		if (!found)
			break;
		addresses[count] = query_str(&q);
	}
	if (!query_read_ok(&q, e))
		return false;
	*addresses_out = addresses;
	*count_out = count;
	return true;
}
