/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our own JSON form, and telling it from SES's:
 *
 *   {"domain": "shop.example", "records": [
 *      {"purpose": "dkim", "type": "CNAME", "name": "k1._domainkey.shop.example",
 *       "value": "k1.keys.example", "priority": 10, "required": true}],
 *    "ses": {"status": "PENDING", "last_checked_at": 1767323045}}
 *
 * priority is for MX only; required is true unless said; ses is only ever written by us.
 */
#include <jansson.h>

#include "identity/expect.h"
#include "identity/record.h"

/* Of an attribute-cleaned reference. */
static void decref_at(json_t **json)
{
	json_decref(*json);
}
#define auto_json __attribute__((cleanup(decref_at)))

static struct str text_of(const json_t *json)
{
	return str_of(json_string_value(json), json_string_length(json));
}

static bool purpose_parse(struct str text, enum purpose *out)
{
	for (int i = PURPOSE_DKIM; i <= PURPOSE_OTHER; i++) {
		if (str_is(text, purpose_name((enum purpose)i))) {
			*out = (enum purpose)i;
			return true;
		}
	}
	return false;
}

/* The member's text; empty where it is missing and may be. */
static bool get_text(const json_t *object, const char *member, bool needed,
		     struct str *out, struct err *e)
{
	const json_t *json = json_object_get(object, member);
	if (!json && !needed) {
		*out = STR_EMPTY;
		return true;
	}
	if (!json)
		return err_set(e, ERR_USAGE, LANG_MARK("'%s' is missing"), member);
	if (!json_is_string(json))
		return err_set(e, ERR_USAGE, LANG_MARK("'%s' is not a string"), member);
	*out = text_of(json);
	return true;
}

static bool only_members(const json_t *object, const char *const *known, size_t count,
			 struct err *e)
{
	void *at = json_object_iter((json_t *)(uintptr_t)object);
	for (; at; at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
		const char *key = json_object_iter_key(at);
		bool found = false;
		for (size_t i = 0; i < count && !found; i++)
			found = strcmp(key, known[i]) == 0;
		if (!found)
			return err_set(e, ERR_USAGE,
				       LANG_MARK("'%.60s' is not a member that we know"),
				       key);
	}
	return true;
}

/* Puts an MX record's priority in front of its value, unless it stands there. */
static bool read_priority(struct arena *a, const json_t *json, struct record_draft *d,
			  struct err *e)
{
	const json_t *priority = json_object_get(json, "priority");
	if (!priority || json_is_null(priority))
		return true;
	json_int_t n = json_integer_value(priority);
	if (!json_is_integer(priority) || n < 0 || n > UINT16_MAX)
		return err_set(e, ERR_USAGE,
			       LANG_MARK("'priority' is not a number from 0 to 65535"));
	if (d->type != DNS_TYPE_MX)
		return err_set(e, ERR_USAGE,
			       LANG_MARK("'priority' is for MX records only"));
	struct str value = str_trim(d->value);
	if (value.len == 0 || str_find_byte(value, ' ') < value.len)
		return true;
	d->value = str_from(arena_printf(a, "%d %.*s", (int)n, STR_ARG(value)));
	return true;
}

static bool read_record(struct arena *a, const json_t *json, struct expectation *x,
			struct err *e)
{
	static const char *const known[] = { "id",    "purpose",  "type",    "name",
					     "value", "priority", "required" };
	struct record_draft d = { 0 };
	struct str purpose;
	struct str type;
	if (!json_is_object(json))
		return err_set(e, ERR_USAGE, LANG_MARK("is not an object"));
	if (!only_members(json, known, ARRAY_LEN(known), e) ||
	    !get_text(json, "purpose", true, &purpose, e) ||
	    !get_text(json, "type", true, &type, e) ||
	    !get_text(json, "name", true, &d.name, e) ||
	    !get_text(json, "value", false, &d.value, e))
		return false;
	if (!purpose_parse(purpose, &d.purpose))
		return err_set(
			e, ERR_USAGE,
			LANG_MARK("'purpose' is none of dkim, mail_from, spf, dmarc, "
				  "ownership, other"));
	if (!dns_type_parse(type, &d.type))
		return err_set(e, ERR_USAGE, LANG_MARK("'type' is no record type"));
	const json_t *required = json_object_get(json, "required");
	if (required && !json_is_boolean(required))
		return err_set(e, ERR_USAGE,
			       LANG_MARK("'required' is not true or false"));
	d.optional = required && json_is_false(required);
	return read_priority(a, json, &d, e) && expectation_add(a, x, &d, e);
}

static bool read_records(struct arena *a, const json_t *json, struct expectation *x,
			 struct err *e)
{
	if (!json_is_array(json))
		return err_set(e, ERR_USAGE,
			       json ? "'records' is not an array"
				    : "'records' is missing");
	for (size_t i = 0; i < json_array_size(json); i++) {
		if (!read_record(a, json_array_get(json, i), x, e))
			return err_in(e, "records[%zu]", i);
	}
	return true;
}

static bool read_ses(struct arena *a, const json_t *json, struct expectation *x,
		     struct err *e)
{
	static const char *const known[] = { "status", "last_checked_at" };
	struct str status;
	if (!json)
		return true;
	if (!json_is_object(json))
		return err_set(e, ERR_USAGE, LANG_MARK("'ses' is not an object"));
	if (!only_members(json, known, ARRAY_LEN(known), e) ||
	    !get_text(json, "status", true, &status, e))
		return err_in(e, "ses");
	const json_t *checked = json_object_get(json, "last_checked_at");
	if (checked && !json_is_integer(checked))
		return err_set(e, ERR_USAGE,
			       LANG_MARK("'ses.last_checked_at' is not a whole number"));
	x->ses_status = arena_str(a, str_sub(status, 0, 64));
	x->ses_last_checked_at = json_integer_value(checked);
	return true;
}

static bool read_previous(struct arena *a, const json_t *json, struct expectation *x,
			  struct err *e)
{
	if (!json)
		return true;
	if (!json_is_array(json) || json_array_size(json) > EXPECT_PREVIOUS_MAX)
		return err_set(
			e, ERR_USAGE,
			LANG_MARK("'previous_name_servers' is not an array of at most %d "
				  "names"),
			EXPECT_PREVIOUS_MAX);
	x->previous_servers =
		arena_array(a, EXPECT_PREVIOUS_MAX, sizeof(*x->previous_servers));
	for (size_t i = 0; i < json_array_size(json); i++) {
		const json_t *name = json_array_get(json, i);
		struct dns_name *out = &x->previous_servers[x->previous_count];
		if (!json_is_string(name))
			return err_set(
				e, ERR_USAGE,
				LANG_MARK("previous_name_servers[%zu] is not a string"),
				i);
		if (!dns_name_parse(text_of(name), out, e))
			return err_in(e, "previous_name_servers[%zu]", i);
		x->previous_count++;
	}
	return true;
}

/* What a service knows of the domain besides its records. */
static bool read_known(struct arena *a, const json_t *json, struct expectation *x,
		       struct err *e)
{
	const json_t *held = json_object_get(json, "held_elsewhere");
	const json_t *registered = json_object_get(json, "registered_at");
	if (held && !json_is_boolean(held))
		return err_set(e, ERR_USAGE,
			       LANG_MARK("'held_elsewhere' is not true or false"));
	if (registered &&
	    (!json_is_integer(registered) || json_integer_value(registered) < 0))
		return err_set(e, ERR_USAGE,
			       LANG_MARK("'registered_at' is not a whole number"));
	x->held_elsewhere = json_is_true(held);
	x->registered_at = json_integer_value(registered);
	return read_previous(a, json_object_get(json, "previous_name_servers"), x, e);
}

/* domain empty: the document's own. */
static bool read_own(struct arena *a, const json_t *json, struct str domain,
		     struct expectation *out, struct err *e)
{
	static const char *const known[] = {
		"$schema", "schema",         "domain",        "records",
		"ses",     "held_elsewhere", "registered_at", "previous_name_servers",
	};
	struct expectation x;
	struct str said;
	if (!only_members(json, known, ARRAY_LEN(known), e) ||
	    !get_text(json, "domain", domain.len == 0, &said, e))
		return false;
	if (!expectation_empty(a, said.len > 0 ? said : domain, &x, e))
		return err_in(e, "domain");
	if (domain.len > 0) {
		struct expectation typed;
		if (!expectation_empty(a, domain, &typed, e))
			return false;
		if (!dns_name_equal(&typed.name, &x.name))
			return err_set(
				e, ERR_USAGE,
				LANG_MARK(
					"the expectation is for '%.*s', not for '%.*s'"),
				STR_ARG(x.domain), STR_ARG(typed.domain));
	}
	if (!read_records(a, json_object_get(json, "records"), &x, e) ||
	    !read_ses(a, json_object_get(json, "ses"), &x, e) ||
	    !read_known(a, json, &x, e))
		return false;
	*out = x;
	return true;
}

bool expectation_from_json(struct arena *a, const struct json_t *json,
			   struct expectation *out, struct err *e)
{
	if (!json_is_object(json))
		return err_set(e, ERR_USAGE,
			       LANG_MARK("the expectation is not a JSON object"));
	return read_own(a, json, STR_EMPTY, out, e);
}

static bool is_from_ses(const json_t *json)
{
	return json_object_get(json, "DkimAttributes") ||
	       json_object_get(json, "IdentityType") ||
	       json_object_get(json, "MailFromAttributes");
}

static bool is_own(const json_t *json)
{
	return json_object_get(json, "domain") || json_object_get(json, "records");
}

bool expectation_parse(struct arena *a, struct str json, struct str domain,
		       struct str region, struct expectation *out, struct err *e)
{
	json_error_t bad;
	auto_json json_t *root =
		json_loadb(json.data, json.len, JSON_REJECT_DUPLICATES, &bad);
	if (!root)
		return err_set(e, ERR_USAGE,
			       LANG_MARK("not JSON: line %d, column %d: %.100s"),
			       bad.line, bad.column, bad.text);
	if (!is_from_ses(root) && !is_own(root))
		return err_set(e, ERR_USAGE,
			       LANG_MARK("JSON of an unknown shape: neither our own form "
					 "({\"domain\": ..., \"records\": [...]}) nor "
					 "what 'aws sesv2 "
					 "get-email-identity' prints (doc/expect.md)"));
	if (!is_from_ses(root))
		return read_own(a, root, domain, out, e);
	struct expectation x;
	if (!expectation_empty(a, domain, &x, e) ||
	    !expect_from_ses(a, root, region, &x, e))
		return false;
	*out = x;
	return true;
}

static json_t *text_json(struct str s)
{
	struct buf b;
	buf_init(&b, 8 * s.len + 16);
	escape_utf8(&b, s);
	json_t *json = json_stringn(b.data ? b.data : "", b.len);
	buf_done(&b);
	return json;
}

static json_t *type_json(uint16_t type)
{
	struct buf b;
	buf_init(&b, 32);
	dns_type_write(&b, type);
	json_t *json = json_stringn(b.data, b.len);
	buf_done(&b);
	return json;
}

static json_t *name_json(const struct dns_name *name)
{
	struct buf b;
	buf_init(&b, 4 * DNS_NAME_MAX + 8);
	dns_name_write(&b, name);
	json_t *json = json_stringn(b.data, b.len);
	buf_done(&b);
	return json;
}

static json_t *record_json(const struct expected_record *r)
{
	json_t *json = json_object();
	json_object_set_new(json, "purpose", json_string(purpose_name(r->purpose)));
	json_object_set_new(json, "type", type_json(r->type));
	json_object_set_new(json, "name", name_json(&r->name));
	json_object_set_new(json, "value", text_json(r->value));
	if (r->type == DNS_TYPE_MX)
		json_object_set_new(json, "priority", json_integer(r->priority));
	json_object_set_new(json, "required", json_boolean(r->required));
	return json;
}

static void write_known(json_t *json, const struct expectation *x)
{
	if (x->held_elsewhere)
		json_object_set_new(json, "held_elsewhere", json_true());
	if (x->registered_at > 0)
		json_object_set_new(json, "registered_at",
				    json_integer(x->registered_at));
	if (x->previous_count == 0)
		return;
	json_t *previous = json_array();
	for (size_t i = 0; i < x->previous_count; i++)
		json_array_append_new(previous, name_json(&x->previous_servers[i]));
	json_object_set_new(json, "previous_name_servers", previous);
}

struct json_t *expectation_to_json(const struct expectation *x)
{
	json_t *json = json_object();
	json_t *records = json_array();
	for (size_t i = 0; i < x->count; i++)
		json_array_append_new(records, record_json(&x->records[i]));
	json_object_set_new(json, "domain", text_json(x->domain));
	json_object_set_new(json, "records", records);
	if (x->ses_status.len > 0) {
		json_t *ses = json_object();
		json_object_set_new(ses, "status", text_json(x->ses_status));
		json_object_set_new(ses, "last_checked_at",
				    json_integer(x->ses_last_checked_at));
		json_object_set_new(json, "ses", ses);
	}
	write_known(json, x);
	return json;
}
