/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The change batch of `aws route53 change-resource-record-sets`. CREATE fails where a set
 * of that name and type is there already; UPSERT would put ours in its place. */
#include <jansson.h>

#include "publish/formats.h"

static void add_text(json_t *object, const char *key, const struct buf *text)
{
	json_object_set_new(object, key, json_string(buf_cstr(text)));
}

/* TXT in quotes, its other octets as \OOO: octal, unlike a zone file. */
static void put_octets(struct buf *out, struct str part)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < part.len; i++) {
		uint8_t c = (uint8_t)part.data[i];
		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c < ' ' || c > '~')
			buf_printf(out, "\\%03o", c);
		else
			buf_byte(out, c);
	}
	buf_byte(out, '"');
}

static void put_route53_value(struct buf *out, const struct publication *p,
			      const struct expected_record *r)
{
	enum {
		STRING_MAX = 255
	};
	if (r->type != DNS_TYPE_TXT) {
		put_rdata(out, r);
		return;
	}
	struct str text = text_of(p, r);
	for (size_t at = 0; at == 0 || at < text.len; at += STRING_MAX) {
		if (at > 0)
			buf_byte(out, ' ');
		put_octets(out, str_sub(text, at, STRING_MAX));
	}
}

static json_t *change_json(const struct publication *p, const struct record_set *set)
{
	json_t *change = json_object();
	json_t *records = json_object();
	json_t *values = json_array();
	auto_buf struct buf b;
	buf_init(&b, 256 * 1024);
	dns_name_write_absolute(&b, &set->records[0]->name);
	add_text(records, "Name", &b);
	buf_clear(&b);
	put_type(&b, set->records[0]);
	add_text(records, "Type", &b);
	json_object_set_new(records, "TTL", json_integer(PUBLISH_TTL_S));
	for (size_t i = 0; i < set->count; i++) {
		json_t *value = json_object();
		buf_clear(&b);
		put_route53_value(&b, p, set->records[i]);
		add_text(value, "Value", &b);
		json_array_append_new(values, value);
	}
	json_object_set_new(records, "ResourceRecords", values);
	json_object_set_new(change, "Action", json_string("CREATE"));
	json_object_set_new(change, "ResourceRecordSet", records);
	return change;
}

static void write_route53(struct buf *out, const struct publication *p)
{
	struct record_set *sets;
	size_t count = sets_of(p, &sets);
	json_t *batch = json_object();
	json_t *changes = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(changes, change_json(p, &sets[i]));
	json_object_set_new(
		batch, "Comment",
		json_sprintf("records for sending as %.*s", STR_ARG(p->x->domain)));
	json_object_set_new(batch, "Changes", changes);
	auto_free char *text = json_dumps(batch, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	json_decref(batch);
	buf_text(out, text ? text : "null");
	buf_byte(out, '\n');
}

const struct publish_format format_route53 = {
	.name = "route53",
	.summary =
		LANG_MARK("a change batch for 'aws route53 change-resource-record-sets'"),
	.write = write_route53,
};
