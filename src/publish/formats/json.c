/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records as data (schema records/v1). */
#include <jansson.h>

#include "publish/formats.h"

#define SCHEMA "https://unpend.example/schemas/records/v1"

static json_t *text_json(const struct buf *b)
{
	return json_string(buf_cstr(b));
}

static json_t *utf8_json(struct str text)
{
	auto_buf struct buf b;
	buf_init(&b, 4 * text.len + 16);
	escape_utf8(&b, text);
	return json_stringn(b.data ? b.data : "", b.len);
}

static json_t *name_json(const struct publication *p, const struct dns_name *name)
{
	json_t *json = json_object();
	auto_buf struct buf b;
	buf_init(&b, 4096);
	dns_name_write(&b, name);
	json_object_set_new(json, "fqdn", text_json(&b));
	buf_clear(&b);
	put_relative(&b, p, name, "@");
	json_object_set_new(json, "relative", text_json(&b));
	buf_clear(&b);
	dns_name_write(&b, &p->zone);
	json_object_set_new(json, "relative_to", text_json(&b));
	return json;
}

static json_t *record_json(const struct publication *p, const struct expected_record *r)
{
	json_t *json = json_object();
	auto_buf struct buf b;
	buf_init(&b, 256 * 1024);
	json_object_set_new(json, "id", utf8_json(r->id));
	json_object_set_new(json, "purpose", json_string(purpose_name(r->purpose)));
	put_type(&b, r);
	json_object_set_new(json, "type", text_json(&b));
	json_object_set_new(json, "name", name_json(p, &r->name));
	json_object_set_new(json, "ttl", json_integer(PUBLISH_TTL_S));
	json_object_set_new(json, "priority",
			    r->type == DNS_TYPE_MX ? json_integer(r->priority)
						   : json_null());
	json_object_set_new(json, "value",
			    r->value.len > 0 ? utf8_json(r->value) : json_null());
	buf_clear(&b);
	if (r->rdata.len > 0)
		put_rdata(&b, r);
	json_object_set_new(json, "rdata",
			    r->rdata.len > 0 ? text_json(&b) : json_null());
	json_object_set_new(json, "required", json_boolean(r->required));
	return json;
}

/* DEL, which JSON allows, is a control character all the same. */
static void put_safely(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '\x7f')
			buf_text(out, "\\u007f");
		else
			buf_byte(out, (uint8_t)text.data[i]);
	}
}

static void write_json(struct buf *out, const struct publication *p)
{
	json_t *json = json_object();
	json_t *records = json_array();
	auto_buf struct buf zone;
	buf_init(&zone, 2048);
	dns_name_write(&zone, &p->zone);
	for (size_t i = 0; i < p->x->count; i++)
		json_array_append_new(records, record_json(p, &p->x->records[i]));
	json_object_set_new(json, "schema", json_string(SCHEMA));
	json_object_set_new(json, "domain", utf8_json(p->x->domain));
	json_object_set_new(json, "zone", text_json(&zone));
	json_object_set_new(json, "provider",
			    p->provider.provider ? utf8_json(p->provider.provider->id)
						 : json_null());
	json_object_set_new(json, "records", records);
	auto_free char *text = json_dumps(json, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	json_decref(json);
	put_safely(out, str_from(text ? text : "null"));
	buf_byte(out, '\n');
}

const struct publish_format format_json = {
	.name = "json",
	.summary = LANG_MARK("the records as JSON (schema records/v1)"),
	.for_people = true,
	.write = write_json,
};
