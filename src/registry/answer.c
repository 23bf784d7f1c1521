/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An RDAP domain object (RFC 9083 section 5.3) read: statuses, events, the registrar. */
#include "registry/registry.h"

#include "registry/json.h"

enum {
	STATUSES_MAX = 32, /* as many as an observation keeps */
	STATUS_MAX = 64,   /* octets */
	REGISTRAR_MAX = 200,
	EVENTS_MAX = 64,
	ENTITIES_MAX = 64,
	PROPERTIES_MAX = 64,
	DAY_S = 86400,
};

static size_t size_of(const json_t *array, size_t max)
{
	size_t size = json_array_size(array);
	return size < max ? size : max;
}

/* "+09:00" or "Z": what to take away for UTC. */
static bool offset_read(struct cursor *c, int64_t *seconds_out)
{
	uint64_t hours;
	uint64_t minutes;
	*seconds_out = 0;
	if (cursor_accept(c, 'Z') || cursor_accept(c, 'z'))
		return cursor_at_end(c);
	bool is_east = cursor_accept(c, '+');
	if (!is_east && !cursor_accept(c, '-'))
		return false;
	if (!str_number(cursor_until(c, ":"), 23, &hours) || !cursor_accept(c, ':') ||
	    !str_number(cursor_bytes(c, cursor_left(c)), 59, &minutes))
		return false;
	*seconds_out = (int64_t)(hours * 3600 + minutes * 60) * (is_east ? 1 : -1);
	return true;
}

/* RFC 3339 section 5.6, with fraction and offset. 0: not such a time. */
static int64_t time_of(struct arena *a, struct str text)
{
	static const size_t seconds_end = sizeof("2019-04-02T00:00:00") - 1;
	int64_t at_s;
	int64_t offset_s;
	struct cursor c = cursor_over(str_sub(text, seconds_end, text.len));
	if (text.len < seconds_end || text.len > STATUS_MAX)
		return 0;
	if (cursor_accept(&c, '.'))
		(void)cursor_while(&c, "0123456789");
	const char *utc = arena_printf(a, "%.*sZ", (int)seconds_end, text.data);
	if (!offset_read(&c, &offset_s) || !clock_parse(str_from(utc), &at_s))
		return 0;
	return at_s - offset_s > DAY_S ? at_s - offset_s : 0;
}

static void statuses_read(struct arena *a, const json_t *list, struct registration *out)
{
	size_t count = size_of(list, STATUSES_MAX);
	out->statuses = arena_array(a, count + 1, sizeof(*out->statuses));
	for (size_t i = 0; i < count; i++) {
		struct str text = str_trim(json_text(json_array_get(list, i)));
		if (text.len == 0 || text.len > STATUS_MAX)
			continue;
		char *lower = arena_text(a, text);
		for (size_t j = 0; j < text.len; j++)
			lower[j] = ascii_lower(lower[j]);
		out->statuses[out->status_count++] = str_of(lower, text.len);
	}
}

static void events_read(struct arena *a, const json_t *list, struct registration *out)
{
	for (size_t i = 0; i < size_of(list, EVENTS_MAX); i++) {
		const json_t *event = json_array_get(list, i);
		struct str action = json_text(json_object_get(event, "eventAction"));
		int64_t at_s = time_of(a, json_text(json_object_get(event, "eventDate")));
		/* A registrar's own expiration is another event (RFC 9083 section
		 * 10.2.3). */
		if (str_is(action, "registration"))
			out->registered_at = at_s;
		else if (str_is(action, "expiration"))
			out->expires_at = at_s;
	}
}

static bool is_registrar(const json_t *entity)
{
	const json_t *roles = json_object_get(entity, "roles");
	for (size_t i = 0; i < size_of(roles, ENTITIES_MAX); i++) {
		if (str_is(json_text(json_array_get(roles, i)), "registrar"))
			return true;
	}
	return false;
}

/* jCard (RFC 7095): ["vcard", [["fn", {}, "text", "Example Registrar"], ...]] */
static struct str full_name(const json_t *entity)
{
	const json_t *card = json_object_get(entity, "vcardArray");
	const json_t *properties = json_array_get(card, 1);
	for (size_t i = 0; i < size_of(properties, PROPERTIES_MAX); i++) {
		const json_t *property = json_array_get(properties, i);
		if (str_is(json_text(json_array_get(property, 0)), "fn"))
			return json_text(json_array_get(property, 3));
	}
	return STR_EMPTY;
}

static void registrar_read(struct arena *a, const json_t *list, struct registration *out)
{
	for (size_t i = 0; i < size_of(list, ENTITIES_MAX); i++) {
		const json_t *entity = json_array_get(list, i);
		if (!is_registrar(entity))
			continue;
		struct str name = str_sub(str_trim(full_name(entity)), 0, REGISTRAR_MAX);
		if (name.len > 0) {
			out->registrar = arena_str(a, name);
			return;
		}
	}
}

static bool is_about(const json_t *root, const struct dns_name *domain)
{
	struct dns_name name;
	struct err ignored = { 0 };
	return str_is(json_text(json_object_get(root, "objectClassName")), "domain") &&
	       dns_name_parse(json_text(json_object_get(root, "ldhName")), &name,
			      &ignored) &&
	       dns_name_equal(&name, domain);
}

bool registry_answer_parse(struct arena *a, struct str json,
			   const struct dns_name *domain, struct registration *out,
			   struct err *e)
{
	auto_json json_t *root = json_loadb(json.data, json.len, 0, NULL);
	if (!json_is_object(root))
		return err_set(e, ERR_UNAVAILABLE, "the answer is not a JSON object");
	if (!is_about(root, domain))
		return err_set(e, ERR_UNAVAILABLE,
			       "the answer is not about the domain that was asked for");
	*out = (struct registration){ .outcome = REGISTRATION_FOUND,
				      .domain = *domain,
				      .registrar = STR_EMPTY,
				      .source = STR_EMPTY };
	statuses_read(a, json_object_get(root, "status"), out);
	events_read(a, json_object_get(root, "events"), out);
	registrar_read(a, json_object_get(root, "entities"), out);
	return true;
}
