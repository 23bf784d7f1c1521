/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An event as JSON, for webhooks and for all others that are told of it. */
#include "webhook/webhook.h"

enum {
	DUMP = JSON_COMPACT | JSON_ENSURE_ASCII,
};

static json_t *text_json(struct str text)
{
	json_t *json = json_stringn(text.data, text.len);
	auto_buf struct buf clean = { 0 };

	if (json)
		return json;
	buf_init(&clean, WEBHOOK_PAYLOAD_MAX);
	escape_utf8(&clean, text);
	return json_stringn(buf_cstr(&clean), clean.len);
}

static json_t *text_or_null(struct str text)
{
	return text.len ? text_json(text) : json_null();
}

static json_t *time_json(int64_t at_s)
{
	auto_buf struct buf text;

	buf_init(&text, 64);
	clock_write_rfc3339(&text, at_s);
	return json_string(buf_cstr(&text));
}

static json_t *identity_json(int64_t id)
{
	auto_buf struct buf text = { 0 };

	if (!id)
		return json_null();
	buf_init(&text, 64);
	buf_printf(&text, "idn_%lld", (long long)id);
	return json_string(buf_cstr(&text));
}

json_t *webhook_event_json(const struct event_row *event)
{
	json_t *detail = json_loadb(event->detail.data, event->detail.len, 0, NULL);

	return json_pack(
		"{s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id",
		text_json(event->uid), "seq", (json_int_t)event->seq, "at",
		time_json(event->at_s), "type", text_json(event->kind), "identity",
		identity_json(event->identity_id), "domain", text_or_null(event->domain),
		"aspect", text_or_null(event->aspect), "from", text_or_null(event->from),
		"to", text_or_null(event->to), "detail", detail ? detail : json_null());
}

static int text_take(const char *data, size_t len, void *arg)
{
	buf_add(arg, data, len);
	return 0;
}

static void dump(struct buf *out, const struct event_row *event, json_t *data)
{
	json_t *payload = json_pack("{s:o, s:o, s:O}", "type", text_json(event->kind),
				    "timestamp", time_json(event->at_s), "data", data);

	json_dump_callback(payload, text_take, out, DUMP);
	json_decref(payload);
}

void webhook_payload_write(struct buf *out, const struct event_row *event)
{
	json_t *data = webhook_event_json(event);
	struct buf text;

	buf_init(&text, WEBHOOK_PAYLOAD_MAX);
	dump(&text, event, data);
	if (text.failed) {
		buf_clear(&text);
		json_object_set_new(data, "detail", json_null());
		json_object_set_new(data, "detail_omitted", json_true());
		dump(&text, event, data);
	}
	buf_str(out, buf_view(&text));
	buf_done(&text);
	json_decref(data);
}
