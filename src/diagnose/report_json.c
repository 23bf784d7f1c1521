/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A report as JSON, schema check/v1 (ux.md section 3.6). Keys stay in this order. */
#include <jansson.h>

#include "diagnose/elsewhere.h"
#include "diagnose/zone.h"

#define SCHEMA "https://unpend.example/schemas/check/v1"
#define DOCS   "https://unpend.example/e/"

static json_t *text_json(struct str s)
{
	auto_buf struct buf b;
	buf_init(&b, 4 * s.len + 16);
	escape_utf8(&b, s);
	return json_stringn(b.data ? b.data : "", b.len);
}

static json_t *texts_json(const struct str *texts, size_t count)
{
	json_t *array = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, text_json(texts[i]));
	return array;
}

static json_t *name_json(const struct dns_name *name)
{
	auto_buf struct buf b;
	buf_init(&b, 4 * DNS_NAME_MAX + 8);
	if (name->len == 0)
		return json_null();
	struct dns_name lower = dns_name_lower(name);
	dns_name_write(&b, &lower);
	return json_stringn(b.data, b.len);
}

static json_t *type_json(uint16_t type)
{
	auto_buf struct buf b;
	buf_init(&b, 32);
	dns_type_write(&b, type);
	return json_stringn(b.data, b.len);
}

/* null where nobody answered. */
static json_t *rcode_json(enum ask_outcome outcome, uint16_t rcode)
{
	auto_buf struct buf b;
	buf_init(&b, 32);
	if (outcome != ASK_ANSWERED)
		return json_null();
	dns_rcode_write(&b, rcode);
	return json_stringn(b.data, b.len);
}

/* null for 0: unknown. */
static json_t *time_json(int64_t at_s)
{
	auto_buf struct buf b;
	buf_init(&b, 64);
	if (at_s == 0)
		return json_null();
	clock_write_rfc3339(&b, at_s);
	return json_stringn(b.data, b.len);
}

static json_t *address_json(const struct address *a)
{
	auto_buf struct buf b;
	buf_init(&b, 96);
	if (a->family == 0)
		return json_null();
	address_write(&b, a);
	return json_stringn(b.data, b.len);
}

static const char *outcome_name(enum ask_outcome outcome)
{
	static const char *const names[] = {
		[ASK_ANSWERED] = "answered",       [ASK_TIMEOUT] = "timeout",
		[ASK_UNREACHABLE] = "unreachable", [ASK_MALFORMED] = "malformed",
		[ASK_FORBIDDEN] = "forbidden",     [ASK_NO_ADDRESS] = "no_address",
		[ASK_NO_TCP] = "no_tcp",           [ASK_LIMIT] = "limit",
	};
	return names[outcome];
}

static json_t *provider_json(const struct provider_match *m)
{
	json_t *json = json_object();
	if (!m->provider) {
		json_decref(json);
		return json_null();
	}
	const char *evidence = m->confidence == PROVIDER_LIKELY ? "soa" : "ns-pattern";
	json_object_set_new(json, "id", text_json(m->provider->id));
	json_object_set_new(json, "name", text_json(m->provider->name_en));
	json_object_set_new(json, "confidence",
			    json_string(provider_confidence_name(m->confidence)));
	json_object_set_new(json, "evidence", json_pack("[s]", evidence));
	if (m->other)
		json_object_set_new(json, "other", text_json(m->other->id));
	return json;
}

static json_t *zone_json(const struct report *r)
{
	struct dns_name apex;
	json_t *zone = json_object();
	json_t *servers = json_array();
	bool has_zone = report_zone(r, &apex);
	for (size_t i = 0; i < r->observation->view_count; i++) {
		const struct view *v = &r->observation->views[i];
		bool is_seen = false;
		if (v->kind != VIEW_AUTHORITY || v->server.len == 0 ||
		    view_is_elsewhere(v) ||
		    (has_zone && !dns_name_equal(&v->zone, &apex)))
			continue;
		for (size_t j = 0; j < i; j++)
			is_seen |= dns_name_equal(&r->observation->views[j].server,
						  &v->server);
		if (!is_seen)
			json_array_append_new(servers, name_json(&v->server));
	}
	json_object_set_new(zone, "apex", has_zone ? name_json(&apex) : json_null());
	json_object_set_new(zone, "nameservers", servers);
	json_object_set_new(zone, "provider", provider_json(&r->provider));
	json_object_set_new(zone, "dnssec", json_string(report_dnssec(r)));
	return zone;
}

static json_t *record_name_json(const struct report *r, const struct dns_name *name)
{
	json_t *json = json_object();
	struct dns_name zone;
	json_object_set_new(json, "fqdn", name_json(name));
	if (report_zone(r, &zone) && dns_name_within(name, &zone)) {
		struct dns_name front = dns_name_relative(name, &zone);
		json_object_set_new(json, "relative",
				    front.len < 2 ? json_string("@") : name_json(&front));
		json_object_set_new(json, "relative_to", name_json(&zone));
	} else {
		json_object_set_new(json, "relative", json_null());
		json_object_set_new(json, "relative_to", json_null());
	}
	return json;
}

static bool is_authoritative(const struct report *r, const struct record_report *record,
			     const struct record_view *v)
{
	const struct answer *answer = observation_find(
		r->observation, &record->expected->name, record->expected->type, v->view);
	return answer && answer->outcome == ASK_ANSWERED && answer->authoritative;
}

static json_t *view_json(const struct report *r, const struct record_report *record,
			 const struct record_view *v)
{
	const struct view *view = &r->observation->views[v->view];
	static const char *const kinds[] = {
		[VIEW_AUTHORITY] = "authority",
		[VIEW_RESOLVER] = "resolver",
		[VIEW_FORWARD] = "forward",
	};
	json_t *json = json_object();
	json_object_set_new(json, "server", name_json(&view->server));
	json_object_set_new(json, "address", address_json(&view->address));
	json_object_set_new(json, "kind", json_string(kinds[view->kind]));
	json_object_set_new(json, "outcome", json_string(outcome_name(v->outcome)));
	json_object_set_new(json, "rcode", rcode_json(v->outcome, v->rcode));
	json_object_set_new(json, "aa", json_boolean(is_authoritative(r, record, v)));
	json_object_set_new(json, "ttl",
			    v->value_count > 0 ? json_integer(v->ttl_s) : json_null());
	json_object_set_new(json, "matches", json_boolean(v->matches));
	json_object_set_new(json, "values", texts_json(v->values, v->value_count));
	return json;
}

static json_t *expected_json(const struct expected_record *x)
{
	json_t *array = json_array();
	auto_buf struct buf b;
	buf_init(&b, 64 * 1024);
	if (x->value.len == 0)
		return array;
	if (x->type == DNS_TYPE_TXT)
		escape_visible(&b, x->value, 0);
	else
		dns_rdata_write(&b, x->type, x->rdata);
	json_array_append_new(array, text_json(buf_view(&b)));
	return array;
}

static json_t *record_json(const struct report *r, const struct record_report *record)
{
	const struct expected_record *x = record->expected;
	json_t *json = json_object();
	json_t *observed = json_array();
	for (size_t i = 0; i < record->view_count; i++)
		json_array_append_new(observed, view_json(r, record, &record->views[i]));
	json_object_set_new(json, "id", text_json(x->id));
	json_object_set_new(json, "purpose", json_string(purpose_name(x->purpose)));
	json_object_set_new(json, "type", type_json(x->type));
	json_object_set_new(json, "name", record_name_json(r, &x->name));
	json_object_set_new(json, "expected", expected_json(x));
	json_object_set_new(json, "state", json_string(record_state_name(record->state)));
	json_object_set_new(json, "required", json_boolean(x->required));
	json_object_set_new(json, "servers_right",
			    json_integer((json_int_t)record->servers_right));
	json_object_set_new(json, "servers_asked",
			    json_integer((json_int_t)record->servers_asked));
	json_object_set_new(json, "observed", observed);
	return json;
}

static json_t *evidence_json(const struct evidence *ev)
{
	json_t *json = json_object();
	json_t *query = json_object();
	json_object_set_new(query, "name", name_json(&ev->question.name));
	json_object_set_new(query, "type", type_json(ev->question.type));
	json_object_set_new(json, "query", query);
	json_object_set_new(json, "outcome", json_string(outcome_name(ev->outcome)));
	json_object_set_new(json, "rcode", rcode_json(ev->outcome, ev->rcode));
	json_object_set_new(json, "values", texts_json(ev->values, ev->value_count));
	json_object_set_new(json, "servers", json_integer((json_int_t)ev->servers));
	json_object_set_new(json, "server_names",
			    texts_json(ev->server_names, ev->server_name_count));
	if (ev->until_s > 0)
		json_object_set_new(json, "until", time_json(ev->until_s));
	return json;
}

static json_t *fix_json(const struct fix *fix)
{
	json_t *json = json_object();
	json_object_set_new(json, "action", json_string(fix->action));
	json_object_set_new(json, "field",
			    fix->field.len > 0 ? text_json(fix->field) : json_null());
	json_object_set_new(json, "name",
			    fix->name.len > 0 ? text_json(fix->name) : json_null());
	json_object_set_new(json, "value",
			    fix->value.len > 0 ? text_json(fix->value) : json_null());
	json_object_set_new(json, "from",
			    fix->from.len > 0 ? text_json(fix->from) : json_null());
	json_object_set_new(json, "to",
			    fix->to.len > 0 ? text_json(fix->to) : json_null());
	json_object_set_new(json, "applicability",
			    json_string(fix->exact ? "exact" : "likely"));
	json_object_set_new(json, "sentence", text_json(fix->sentence));
	return json;
}

static json_t *notes_json(const struct finding *f)
{
	json_t *array = json_array();
	for (size_t i = 0; i < f->note_count; i++) {
		json_t *json = json_object();
		json_object_set_new(json, "text", text_json(f->notes[i].text));
		json_object_set_new(json, "confirmed",
				    json_boolean(!f->notes[i].unconfirmed));
		json_array_append_new(array, json);
	}
	return array;
}

static json_t *finding_json(const struct finding *f)
{
	json_t *json = json_object();
	json_t *records = json_array();
	json_t *evidence = json_array();
	json_t *fixes = json_array();
	auto_buf struct buf docs;
	buf_init(&docs, 256);
	buf_printf(&docs, DOCS "%s", f->code);
	for (size_t i = 0; i < f->record_count; i++)
		json_array_append_new(records, text_json(f->records[i]->id));
	for (size_t i = 0; i < f->evidence_count; i++)
		json_array_append_new(evidence, evidence_json(&f->evidence[i]));
	for (size_t i = 0; i < f->fix_count; i++)
		json_array_append_new(fixes, fix_json(&f->fixes[i]));
	json_object_set_new(json, "code", json_string(f->code));
	json_object_set_new(json, "severity", json_string(severity_name(f->severity)));
	json_object_set_new(json, "confidence",
			    json_string(confidence_name(f->confidence)));
	json_object_set_new(json, "records", records);
	json_object_set_new(json, "title", text_json(f->title));
	json_object_set_new(json, "why", text_json(f->why));
	json_object_set_new(json, "evidence", evidence);
	json_object_set_new(json, "fix", fixes);
	json_object_set_new(json, "notes", notes_json(f));
	json_object_set_new(json, "until", time_json(f->until_s));
	json_object_set_new(json, "docs", json_string(buf_cstr(&docs)));
	return json;
}

static json_t *next_json(const struct report *r)
{
	static const char *const kinds[] = {
		[NEXT_NONE] = "none",
		[NEXT_AFTER_FIX] = "after_fix",
		[NEXT_WAIT] = "wait",
		[NEXT_RETRY] = "retry",
	};
	json_t *json = json_object();
	json_object_set_new(json, "kind", json_string(kinds[r->next]));
	json_object_set_new(json, "check_after", time_json(r->next_at_s));
	json_object_set_new(json, "basis",
			    r->next_basis.len > 0 ? text_json(r->next_basis)
						  : json_null());
	json_object_set_new(json, "right_since", time_json(r->right_since_s));
	json_object_set_new(json, "eta_earliest", time_json(r->agree_earliest_s));
	json_object_set_new(json, "eta_latest", time_json(r->agree_latest_s));
	json_object_set_new(json, "publish_s", json_integer(r->publish_s));
	json_object_set_new(json, "memory_s", json_integer(r->memory_s));
	return json;
}

/* What Amazon SES itself said; null where it did not. */
static json_t *ses_json(const struct report *r)
{
	const struct expectation *x = r->expectation;
	if (x->ses_status.len == 0)
		return json_null();
	json_t *json = json_object();
	json_object_set_new(json, "status", text_json(x->ses_status));
	json_object_set_new(json, "last_checked_at", time_json(x->ses_last_checked_at));
	return json;
}

/* What the registry said; null where it was not asked. */
static json_t *registration_json(const struct report *r)
{
	static const char *const outcomes[] = {
		[REGISTRATION_UNKNOWN] = "unknown",
		[REGISTRATION_NONE] = "none",
		[REGISTRATION_FOUND] = "found",
	};
	const struct registration *g = &r->observation->registration;
	if (!r->observation->has_registration)
		return json_null();
	json_t *json = json_object();
	json_object_set_new(json, "domain", name_json(&g->domain));
	json_object_set_new(json, "outcome", json_string(outcomes[g->outcome]));
	json_object_set_new(json, "statuses", texts_json(g->statuses, g->status_count));
	json_object_set_new(json, "registered_at", time_json(g->registered_at));
	json_object_set_new(json, "expires_at", time_json(g->expires_at));
	json_object_set_new(json, "registrar", text_json(g->registrar));
	json_object_set_new(json, "source", text_json(g->source));
	return json;
}

static void add_command(json_t *array, const struct buf *command, const char *when)
{
	json_t *json = json_object();
	json_object_set_new(json, "command", json_string(buf_cstr(command)));
	json_object_set_new(json, "when", json_string(when));
	json_array_append_new(array, json);
}

static json_t *commands_json(const struct report *r)
{
	json_t *array = json_array();
	auto_buf struct buf b;
	buf_init(&b, 1024);
	if (r->finding_count > 0) {
		buf_printf(&b, "unpend explain %s", r->findings[0].code);
		add_command(array, &b, "to read the full explanation");
	}
	if (r->verdict == VERDICT_OK)
		return array;
	buf_clear(&b);
	report_command_write(&b, r);
	add_command(array, &b,
		    r->verdict == VERDICT_ACTION_REQUIRED ? "after saving the change"
							  : "to look again");
	return array;
}

struct json_t *report_to_json(const struct report *r)
{
	json_t *json = json_object();
	json_t *records = json_array();
	json_t *findings = json_array();
	for (size_t i = 0; i < r->record_count; i++)
		json_array_append_new(records, record_json(r, &r->records[i]));
	for (size_t i = 0; i < r->finding_count; i++)
		json_array_append_new(findings, finding_json(&r->findings[i]));
	json_object_set_new(json, "schema", json_string(SCHEMA));
	json_object_set_new(json, "domain", text_json(r->expectation->domain));
	json_object_set_new(json, "verdict", json_string(verdict_name(r->verdict)));
	json_object_set_new(json, "exit_code",
			    json_integer(verdict_exit_code(r->verdict)));
	json_object_set_new(json, "checked_at", time_json(r->observation->at_s));
	json_object_set_new(json, "elapsed_ms", json_integer(r->observation->elapsed_ms));
	json_object_set_new(json, "one_cache", json_boolean(r->one_cache));
	json_object_set_new(json, "zone", zone_json(r));
	json_object_set_new(json, "records", records);
	json_object_set_new(json, "findings", findings);
	json_object_set_new(json, "ses", ses_json(r));
	json_object_set_new(json, "registration", registration_json(r));
	json_object_set_new(json, "next", next_json(r));
	json_object_set_new(json, "commands", commands_json(r));
	return json;
}
