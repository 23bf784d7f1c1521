/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages: accepted, held, released, relayed. */
#include <assert.h>
#include <jansson.h>

#include "store/message.h"
#include "store/query.h"

static_assert(MESSAGE_HELD == 0 && MESSAGE_QUEUED == 1 && MESSAGE_SENT == 2 &&
		      MESSAGE_FAILED == 3,
	      "message states are stored by number");

const char *message_state_name(enum message_state state)
{
	switch (state) {
	case MESSAGE_HELD:
		return "held";
	case MESSAGE_QUEUED:
		return "queued";
	case MESSAGE_SENT:
		return "sent";
	case MESSAGE_FAILED:
		return "failed";
	}
	return "";
}

/* A JSON array: no byte of an address can be taken for a separator. */
static void recipients_write(struct buf *out, const struct message_row *row)
{
	buf_byte(out, '[');
	for (size_t i = 0; i < row->recipient_count; i++) {
		if (i)
			buf_byte(out, ',');
		escape_json(out, row->recipients[i]);
	}
	buf_byte(out, ']');
}

static void recipients_read(struct query *q, struct message_row *row)
{
	struct str text = query_str(q);
	json_t *array = json_loadb(text.data, text.len, 0, NULL);
	size_t count = json_array_size(array);
	struct str *recipients = arena_try(q->arena, (count + 1) * sizeof(*recipients));

	if (!json_is_array(array))
		q->misshapen = true;
	if (!recipients) {
		q->too_large = true;
		count = 0;
	}
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(array, i);
		struct str address =
			str_of(json_string_value(one), json_string_length(one));
		char *copy = arena_try(q->arena, address.len + 1);
		q->too_large = q->too_large || !copy;
		if (copy && address.len)
			memcpy(copy, address.data, address.len);
		recipients[i] = str_of(copy, copy ? address.len : 0);
	}
	row->recipients = recipients;
	row->recipient_count = count;
	json_decref(array);
}

static bool message_may_be_held(struct store *s, const struct message_row *row,
				size_t hold_max, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_MESSAGE_HELD_COUNT);

	query_bind_int(&q, row->tenant_id);
	query_bind_int(&q, (int64_t)hold_max);
	if (!query_one(&q, "count", e))
		return false;
	return query_int(&q) < (int64_t)hold_max ||
	       err_set(e, ERR_LIMIT, "%zu messages are held already", hold_max);
}

bool store_message_held(struct store *s, int64_t identity_id, size_t *count_out,
			struct err *e)
{
	auto_query struct query q = query_open(s, SQL_MESSAGE_HELD_OF_IDENTITY);

	query_bind_int(&q, identity_id);
	if (!query_one(&q, "count", e))
		return false;
	*count_out = (size_t)query_int(&q);
	return true;
}

static bool message_insert(struct store *s, struct message_row *row, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_MESSAGE_ADD);
	auto_buf struct buf recipients;

	buf_init(&recipients, 1024 * 1024);
	recipients_write(&recipients, row);
	if (recipients.failed)
		return err_set(e, ERR_LIMIT, "too many recipients");
	query_bind_str(&q, row->message_id);
	query_bind_int(&q, row->tenant_id);
	query_bind_int(&q, row->identity_id);
	query_bind_int(&q, row->state);
	query_bind_str(&q, row->sender);
	query_bind_str(&q, buf_view(&recipients));
	query_bind_int(&q, row->created_at);
	query_bind_int(&q, row->next_try_at);
	query_bind_int(&q, row->tries);
	query_bind_str(&q, row->last_reply);
	query_bind_blob(&q, row->content);
	if (!query_one(&q, "row", e))
		return false;
	row->id = query_int(&q);
	return true;
}

/* The identity's row is locked against the transaction that verifies it: that one
 * releases what is held, and must see this one, or be seen by it. */
static bool message_hold(struct store *s, struct message_row *row, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_MESSAGE_HOLD);
	bool found = false;

	query_bind_int(&q, row->identity_id);
	if (!query_next(&q, &found, e))
		return false;
	if (!found)
		return err_set(e, ERR_CONFLICT, "the identity was deleted meanwhile");
	if (query_int(&q))
		row->state = MESSAGE_QUEUED;
	return true;
}

static bool message_add(struct store *s, struct message_row *row, size_t hold_max,
			struct err *e)
{
	if (row->state == MESSAGE_HELD && !message_hold(s, row, e))
		return false;
	if (row->state == MESSAGE_HELD && hold_max &&
	    !message_may_be_held(s, row, hold_max, e))
		return false;
	return message_insert(s, row, e);
}

bool store_message_add(struct store *s, struct message_row *row, size_t hold_max,
		       struct err *e)
{
	struct message_row added = *row;
	struct store_scope o;

	if (!store_scope_open(s, &o, e) ||
	    !store_scope_close(&o, message_add(s, &added, hold_max, e), e))
		return false;
	row->id = added.id;
	row->state = added.state;
	return true;
}

bool store_message_release_of(struct store *s, const int64_t *identity_ids, size_t count,
			      int64_t now_s, size_t *released_out, struct err *e)
{
	auto_buf struct buf text = { 0 };
	auto_query struct query q = query_open(s, SQL_MESSAGE_RELEASE_OF);

	query_bind_int(&q, now_s);
	query_bind_ints(&q, &text, identity_ids, count);
	if (!query_run(&q, e))
		return false;
	*released_out = (size_t)query_changes(&q);
	return true;
}

/* MESSAGE_COLUMNS of the present row. */
static bool message_read(struct query *q, struct message_row *out, struct err *e)
{
	struct message_row row = { 0 };

	row.id = query_int(q);
	row.message_id = query_str(q);
	row.tenant_id = query_int(q);
	row.identity_id = query_int(q);
	row.state = (enum message_state)query_int(q);
	row.sender = query_str(q);
	recipients_read(q, &row);
	row.created_at = query_int(q);
	row.next_try_at = query_int(q);
	row.tries = (uint32_t)query_int(q);
	row.last_reply = query_str(q);
	row.content = query_str(q);
	if (!query_read_ok(q, e))
		return false;
	*out = row;
	return true;
}

static bool message_lease(struct store *s, const struct lease_term *term, struct lease *l,
			  bool *found_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_LEASE_MESSAGE);

	query_bind_int(&q, term->node);
	query_bind_int(&q, l->fence);
	query_bind_int(&q, term->until_s);
	query_bind_int(&q, term->now_s);
	if (!query_next(&q, found_out, e))
		return false;
	if (*found_out)
		l->thing_id = query_int(&q);
	return true;
}

static bool message_get(struct store *s, struct arena *a, int64_t id,
			struct message_row *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_MESSAGE_BY_ID);

	q.arena = a;
	query_bind_int(&q, id);
	return query_one(&q, "message", e) && message_read(&q, out, e);
}

static bool message_next(struct store *s, struct arena *a, const struct lease_term *term,
			 struct message_row *out, bool *found_out, struct err *e)
{
	struct lease l = { .kind = LEASE_MESSAGE };
	bool found = false;

	if (!store_lease_fence(s, &l.fence, e) || !message_lease(s, term, &l, &found, e))
		return false;
	if (found && !message_get(s, a, l.thing_id, out, e))
		return false;
	out->lease = l;
	*found_out = found;
	return true;
}

bool store_message_next(struct store *s, struct arena *a, const struct lease_term *term,
			struct message_row *out, bool *found_out, struct err *e)
{
	struct message_row row;
	struct store_scope o;
	bool found = false;

	if (!store_scope_open(s, &o, e) ||
	    !store_scope_close(&o, message_next(s, a, term, &row, &found, e), e))
		return false;
	if (found)
		*out = row;
	*found_out = found;
	return true;
}

bool store_message_next_due(struct store *s, int64_t now_s, int64_t *at_out,
			    struct err *e)
{
	auto_query struct query q = query_open(s, SQL_MESSAGE_NEXT_DUE);

	query_bind_int(&q, now_s);
	if (!query_one(&q, "moment", e))
		return false;
	*at_out = query_int(&q);
	return true;
}

static bool message_save(struct store *s, const struct message_row *row, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_MESSAGE_SAVE);

	if (!store_lease_end(s, &row->lease, e))
		return false;
	query_bind_int(&q, row->state);
	query_bind_int(&q, row->next_try_at);
	query_bind_int(&q, row->tries);
	query_bind_str(&q, row->last_reply);
	query_bind_blob(&q, STR_EMPTY);
	query_bind_int(&q, row->id);
	if (!query_run(&q, e))
		return false;
	return query_changes(&q) == 1 ||
	       err_set(e, ERR_CONFLICT, "the message is queued no longer");
}

bool store_message_save(struct store *s, const struct message_row *row, struct err *e)
{
	struct store_scope o;

	return store_scope_open(s, &o, e) &&
	       store_scope_close(&o, message_save(s, row, e), e);
}
