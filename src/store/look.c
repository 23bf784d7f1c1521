/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports, and the looks that differed from the one before. */
#include "store/look.h"

#include "crypto/crypto.h"
#include "store/query.h"

bool store_report_read(struct store *s, struct arena *a, int64_t identity_id,
		       struct report_row *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_REPORT_READ);
	struct report_row row = { 0 };
	bool found = false;

	q.arena = a;
	query_bind_int(&q, identity_id);
	if (!query_next(&q, &found, e))
		return false;
	if (found) {
		row.at_s = query_int(&q);
		row.body = query_str(&q);
	}
	if (!query_read_ok(&q, e))
		return false;
	*out = row;
	return true;
}

bool store_report_write(struct store *s, struct arena *a, struct identity_row *row,
			const struct report_row *report, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_REPORT_WRITE);
	uint8_t hash[CRYPTO_SHA256_LEN];

	crypto_sha256(report->body, hash);
	if (str_equal(str_of(hash, sizeof(hash)), row->report_hash))
		return true;
	query_bind_int(&q, row->id);
	query_bind_int(&q, report->at_s);
	query_bind_str(&q, report->body);
	if (!query_run(&q, e))
		return false;
	row->report_hash = arena_str(a, str_of(hash, sizeof(hash)));
	return true;
}

/* --- looks --- */

static bool look_insert(struct store *s, struct look_row *row, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_LOOK_ADD);

	query_bind_int(&q, row->identity_id);
	query_bind_int(&q, row->at_s);
	query_bind_int(&q, row->why);
	query_bind_int(&q, row->verdict);
	query_bind_int(&q, row->cost);
	query_bind_str(&q, row->detail);
	if (!query_one(&q, "row", e))
		return false;
	row->id = query_int(&q);
	return true;
}

static bool looks_trim(struct store *s, int64_t identity_id, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_LOOK_TRIM);

	query_bind_int(&q, identity_id);
	query_bind_int(&q, LOOKS_KEPT - 1);
	return query_run(&q, e);
}

bool store_look_add(struct store *s, struct look_row *row, struct err *e)
{
	struct look_row added = *row;
	struct store_scope o;

	if (!store_scope_open(s, &o, e) ||
	    !store_scope_close(
		    &o, look_insert(s, &added, e) && looks_trim(s, row->identity_id, e),
		    e))
		return false;
	row->id = added.id;
	return true;
}

static void look_read(struct query *q, struct look_row *row)
{
	row->id = query_int(q);
	row->identity_id = query_int(q);
	row->at_s = query_int(q);
	row->why = (int)query_int(q);
	row->verdict = (int)query_int(q);
	row->cost = query_int(q);
	row->detail = query_str(q);
}

bool store_look_list(struct store *s, struct arena *a, int64_t identity_id,
		     struct look_list *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_LOOK_LIST);
	struct look_list list = { arena_array(a, LOOKS_KEPT, sizeof(*list.rows)), 0 };
	bool found = false;

	q.arena = a;
	query_bind_int(&q, identity_id);
	query_bind_int(&q, LOOKS_KEPT);
	for (; list.count < LOOKS_KEPT; list.count++) {
		if (!query_next(&q, &found, e))
			return false;
		if (!found)
			break;
		look_read(&q, &list.rows[list.count]);
	}
	if (!query_read_ok(&q, e))
		return false;
	*out = list;
	return true;
}
