/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The row says status and times, the expectation what should be published, and the last
 * report (JSON as diagnose wrote it) what was seen of it. A record of the report counts
 * only while it is still the one expected.
 */
#include "api/identity_view.h"

#include "mail/mail.h"

enum {
	NAME_TEXT_MAX = 2048,
	VALUE_MAX = 64 * 1024,
	HEADLINE_MAX = 1024,
};

struct str identity_id_text(struct arena *a, int64_t id)
{
	return str_from(arena_printf(a, "idn_%lld", (long long)id));
}

bool identity_view_fill(struct call *c, struct arena *a, const struct identity_row *row,
			struct identity_view *out, struct err *e)
{
	struct str *senders;
	struct report_row report;
	struct identity_view v = { .row = row, .lang = c->lang };
	struct expectation *expected = arena_alloc(a, sizeof(*expected));
	if (!store_report_read(c->store, a, row->id, &report, e) ||
	    !store_sender_list(c->store, a, row->id, &senders, &v.sender_count, e) ||
	    !store_message_held(c->store, row->id, &v.held_count, e) ||
	    !service_identity_expect(a, c->api->options.config, row, expected, e))
		return false;
	v.report = report.body;
	v.senders = senders;
	v.expected = expected;
	v.policy = service_policy(c->api->options.config);
	v.offers_mail_from =
		!row->keys_elsewhere &&
		config_text(c->api->options.config, CONFIG_MAIL_FROM_MX).len > 0;
	*out = v;
	return true;
}

/* The report in the view's language; NULL before the first look. New reference. */
static json_t *report_read(const struct identity_view *v)
{
	auto_json json_t *all = json_loadb(v->report.data, v->report.len, 0, NULL);
	/* Written before there were languages: the report itself. */
	if (json_object_get(all, "verdict"))
		return json_incref(all);
	return json_incref(json_object_get(all, lang_name(v->lang)));
}

/* --- the headline --- */

struct tally {
	size_t problems; /* findings that want fixing */
	size_t affected; /* records that they name */
	size_t right;
	size_t required;
};

static bool finding_names(const json_t *finding, const json_t *id)
{
	const json_t *records = json_object_get(finding, "records");
	for (size_t i = 0; i < json_array_size(records); i++)
		if (json_equal(json_array_get(records, i), id))
			return true;
	return false;
}

static bool finding_is_error(const json_t *finding)
{
	return str_is(call_json_str(json_object_get(finding, "severity")), "error");
}

/* Also what only caches lack yet. */
static bool record_is_right(const json_t *record)
{
	struct str state = call_json_str(json_object_get(record, "state"));
	return str_is(state, "ok") || str_is(state, "waiting");
}

static struct tally tally_make(const json_t *report)
{
	struct tally t = { .problems = 0 };
	const json_t *findings = json_object_get(report, "findings");
	const json_t *records = json_object_get(report, "records");
	for (size_t i = 0; i < json_array_size(findings); i++)
		t.problems += finding_is_error(json_array_get(findings, i));
	for (size_t i = 0; i < json_array_size(records); i++) {
		const json_t *record = json_array_get(records, i);
		const json_t *id = json_object_get(record, "id");
		bool required = json_is_true(json_object_get(record, "required"));
		bool right = record_is_right(record);
		bool named = false;
		for (size_t k = 0; k < json_array_size(findings) && !named; k++) {
			const json_t *finding = json_array_get(findings, k);
			named = finding_is_error(finding) && finding_names(finding, id);
		}
		t.required += required;
		t.right += required && right;
		t.affected += named;
	}
	return t;
}

/* "1 problem, 2 records affected" */
static const char *problems_text(struct buf *out, const struct tally *t, enum lang lang)
{
	buf_init(out, HEADLINE_MAX);
	buf_printf(out,
		   t->problems == 1 ? lang_text(lang, "%zu problem")
				    : lang_text(lang, "%zu problems"),
		   t->problems);
	if (t->affected == 0)
		return buf_cstr(out);
	buf_text(out, lang_text(lang, ", "));
	buf_printf(out,
		   t->affected == 1 ? lang_text(lang, "%zu record affected")
				    : lang_text(lang, "%zu records affected"),
		   t->affected);
	return buf_cstr(out);
}

struct headline {
	enum lang lang;
	struct str domain;
	struct tally tally;
	struct buf *out;
};

/* What the last look means while it is verified. */
static void verified_write(const struct headline *h, struct str verdict)
{
	auto_buf struct buf problems = { 0 };
	if (str_is(verdict, "action_required"))
		buf_printf(h->out,
			   lang_text(h->lang,
				     "%.*s is verified, but not as it should be: %s"),
			   STR_ARG(h->domain),
			   problems_text(&problems, &h->tally, h->lang));
	else if (str_is(verdict, "undetermined"))
		buf_printf(h->out,
			   lang_text(h->lang,
				     "%.*s is verified; the last look could not tell"),
			   STR_ARG(h->domain));
	else
		buf_printf(
			h->out,
			lang_text(h->lang, "%.*s is verified: %zu of %zu records match"),
			STR_ARG(h->domain), h->tally.right, h->tally.required);
}

/* What the last look means while nobody has given up. */
static void pending_write(const struct headline *h, struct str verdict)
{
	enum lang lang = h->lang;
	auto_buf struct buf problems = { 0 };
	if (str_is(verdict, "action_required")) {
		buf_printf(h->out, lang_text(lang, "%.*s is not verified: %s"),
			   STR_ARG(h->domain), problems_text(&problems, &h->tally, lang));
		return;
	}
	buf_printf(h->out,
		   str_is(verdict, "undetermined")
			   ? lang_text(lang, "%.*s is not verified yet: the last look "
					     "could not tell")
		   : str_is(verdict, "waiting")
			   ? lang_text(lang, "%.*s is published correctly, not visible "
					     "everywhere yet: nothing to fix")
			   : lang_text(lang, "%.*s is published correctly and waits to "
					     "be verified"),
		   STR_ARG(h->domain));
}

/* It was given up, or is about to be. */
static void lost_write(const struct headline *h, enum status status)
{
	auto_buf struct buf problems = { 0 };
	const char *text = problems_text(&problems, &h->tally, h->lang);
	if (status == STATUS_TEMPORARY_FAILURE)
		buf_printf(h->out,
			   lang_text(h->lang,
				     "%.*s was verified and has lost its records: %s"),
			   STR_ARG(h->domain), text);
	else if (h->tally.problems > 0)
		buf_printf(h->out,
			   lang_text(h->lang, "%.*s was not verified in time: %s"),
			   STR_ARG(h->domain), text);
	else
		buf_printf(h->out, lang_text(h->lang, "%.*s was not verified in time"),
			   STR_ARG(h->domain));
}

static json_t *headline_json(struct arena *a, const struct identity_view *v,
			     const json_t *report)
{
	enum status status = identity_status(&v->row->state);
	struct str verdict = call_json_str(json_object_get(report, "verdict"));
	auto_buf struct buf text;
	buf_init(&text, HEADLINE_MAX);
	const struct headline h = { v->lang, mail_domain_unicode(a, v->row->domain),
				    tally_make(report), &text };
	if (status == STATUS_FAILED || status == STATUS_TEMPORARY_FAILURE)
		lost_write(&h, status);
	else if (verdict.len == 0 && status == STATUS_SUCCESS)
		buf_printf(&text, lang_text(v->lang, "%.*s is verified"),
			   STR_ARG(h.domain));
	else if (verdict.len == 0)
		buf_printf(&text,
			   lang_text(v->lang,
				     "%.*s was added, the first look is on its way"),
			   STR_ARG(h.domain));
	else if (status == STATUS_SUCCESS)
		verified_write(&h, verdict);
	else
		pending_write(&h, verdict);
	return call_json_text(buf_view(&text));
}

/* --- the summary --- */

static json_t *senders_json(const struct identity_view *v)
{
	json_t *list = json_array();
	for (size_t i = 0; i < v->sender_count; i++)
		json_array_append_new(list, call_json_text(v->senders[i]));
	return list;
}

static json_t *aspects_json(const struct identity_state *s)
{
	json_t *aspects = json_object();
	for (size_t i = 0; i < ASPECT_COUNT; i++)
		if (i == ASPECT_DKIM || s->aspects[i].status != STATUS_NOT_STARTED)
			json_object_set_new(
				aspects, aspect_name((enum aspect)i),
				json_string(status_name(s->aspects[i].status)));
	return aspects;
}

static int64_t search_ends_at(const struct identity_view *v)
{
	const struct aspect_state *dkim = &v->row->state.aspects[ASPECT_DKIM];
	bool searching = dkim->status == STATUS_PENDING && dkim->started_at > 0;
	return searching ? dkim->started_at + v->policy.search_s : 0;
}

/* When sending stops at the earliest, if what was lost does not come back. */
static int64_t grace_ends_at(const struct identity_view *v)
{
	const struct aspect_state *dkim = &v->row->state.aspects[ASPECT_DKIM];
	if (dkim->status != STATUS_TEMPORARY_FAILURE)
		return 0;
	int64_t grace = dkim->lost_at + v->policy.grace_s;
	int64_t suspend = dkim->missed_at ? dkim->missed_at + v->policy.suspend_s : 0;
	return grace > suspend ? grace : suspend;
}

/* What failed is looked at so long; 0: no more. */
static int64_t looks_end_at(const struct identity_view *v)
{
	const struct aspect_state *dkim = &v->row->state.aspects[ASPECT_DKIM];
	bool looked_at = dkim->status == STATUS_FAILED && !v->policy.strict_ses;
	return looked_at ? dkim->failed_at + v->policy.after_failed_s : 0;
}

static json_t *text_or_null(struct str text)
{
	return text.len > 0 ? call_json_text(text) : json_null();
}

static void set(json_t *object, const char *member, json_t *value)
{
	json_object_set_new(object, member, value);
}

/* What bounces go to, where it is a domain of the customer's own. */
static json_t *mail_from_json(const struct identity_row *row)
{
	if (row->mail_from_domain.len == 0)
		return json_null();
	return json_pack("{s:o, s:b}", "domain", call_json_text(row->mail_from_domain),
			 "reject", row->mail_from_reject);
}

/* As people write it, whose it is, and what it could be taken for. */
static void domain_set(json_t *json, struct arena *a, const struct identity_view *v)
{
	struct str domain = v->row->domain;
	set(json, "domain", call_json_text(domain));
	set(json, "domain_display", call_json_text(mail_domain_unicode(a, domain)));
	set(json, "organisational_domain",
	    call_json_text(mail_domain_organisational(domain)));
	set(json, "caution", text_or_null(mail_domain_caution(a, domain, v->lang)));
}

static json_t *summary_json(const struct identity_view *v, const json_t *report)
{
	const struct identity_state *s = &v->row->state;
	auto_arena struct arena a;
	arena_init(&a, 64 * 1024);
	json_t *json = json_object();
	set(json, "id", call_json_text(identity_id_text(&a, v->row->id)));
	domain_set(json, &a, v);
	set(json, "senders", senders_json(v));
	set(json, "status", json_string(status_name(identity_status(s))));
	set(json, "may_send", json_boolean(identity_may_send(s)));
	set(json, "held_messages", json_integer((json_int_t)v->held_count));
	set(json, "aspects", aspects_json(s));
	set(json, "created_at", call_json_time(s->created_at));
	set(json, "last_checked_at", call_json_time(s->last_looked_at));
	set(json, "last_success_at", call_json_time(s->last_success_at));
	set(json, "next_check_at", call_json_time(s->next_look_at));
	set(json, "next_check_reason", text_or_null(str_from(look_reason_name(s->why))));
	set(json, "next_check_why",
	    text_or_null(str_from(lang_text(v->lang, look_reason_text(s->why)))));
	set(json, "mail_from", mail_from_json(v->row));
	set(json, "search_ends_at", call_json_time(search_ends_at(v)));
	set(json, "grace_ends_at", call_json_time(grace_ends_at(v)));
	set(json, "looks_end_at", call_json_time(looks_end_at(v)));
	set(json, "ses_status", text_or_null(v->row->ses_status));
	set(json, "verdict",
	    text_or_null(call_json_str(json_object_get(report, "verdict"))));
	set(json, "headline", headline_json(&a, v, report));
	return json;
}

json_t *identity_summary_json(const struct identity_view *v)
{
	auto_json json_t *report = report_read(v);
	return summary_json(v, report);
}

/* --- the whole --- */

/* A member of the report, copied, or what stands for it where there is none. */
static json_t *take(const json_t *from, const char *member, json_t *otherwise)
{
	json_t *value = json_object_get(from, member);
	if (!value || json_is_null(value))
		return otherwise;
	json_decref(otherwise);
	return json_deep_copy(value);
}

static const json_t *report_record_find(const json_t *report,
					const struct expected_record *x, struct str fqdn)
{
	const json_t *records = json_object_get(report, "records");
	for (size_t i = 0; i < json_array_size(records); i++) {
		const json_t *record = json_array_get(records, i);
		const json_t *name = json_object_get(record, "name");
		if (str_equal(call_json_str(json_object_get(record, "id")), x->id) &&
		    str_equal_nocase(call_json_str(json_object_get(name, "fqdn")), fqdn))
			return record;
	}
	return NULL;
}

/* What to type into a provider's name box: without the zone. Before the first look
 * the zone is taken to be the organisation's domain. */
static json_t *name_json(struct str domain, struct str fqdn, const json_t *seen)
{
	struct str zone = mail_domain_organisational(domain);
	json_t *name = json_object();
	bool inside = str_ends(fqdn, zone) && fqdn.len > zone.len;
	struct str front = inside ? str_sub(fqdn, 0, fqdn.len - zone.len - 1) : STR("@");
	const json_t *known = json_object_get(seen, "name");
	set(name, "fqdn", call_json_text(fqdn));
	set(name, "relative", take(known, "relative", call_json_text(front)));
	set(name, "relative_to", take(known, "relative_to", call_json_text(zone)));
	return name;
}

static json_t *type_json(uint16_t type)
{
	auto_buf struct buf text;
	buf_init(&text, 64);
	dns_type_write(&text, type);
	return call_json_text(buf_view(&text));
}

static json_t *record_json(struct arena *a, const struct identity_view *v,
			   const struct expected_record *x, const json_t *report)
{
	struct str fqdn = dns_name_text(a, &x->name);
	const json_t *seen = report_record_find(report, x, fqdn);
	json_t *json = json_object();
	set(json, "id", call_json_text(x->id));
	set(json, "purpose", json_string(purpose_name(x->purpose)));
	set(json, "type", type_json(x->type));
	set(json, "required", json_boolean(x->required));
	set(json, "name", name_json(v->row->domain, fqdn, seen));
	set(json, "value", call_json_text(x->value));
	set(json, "priority",
	    x->type == DNS_TYPE_MX ? json_integer(x->priority) : json_null());
	set(json, "state", take(seen, "state", json_string("unchecked")));
	set(json, "servers_right", take(seen, "servers_right", json_integer(0)));
	set(json, "servers_asked", take(seen, "servers_asked", json_integer(0)));
	set(json, "observed", take(seen, "observed", json_array()));
	return json;
}

/* The members of a fix are texts here, empty where the report has null. */
static json_t *findings_json(const json_t *report)
{
	static const char *const texts[] = { "field", "from", "to" };
	json_t *findings = take(report, "findings", json_array());
	for (size_t i = 0; i < json_array_size(findings); i++) {
		json_t *fixes = json_object_get(json_array_get(findings, i), "fix");
		for (size_t k = 0; k < json_array_size(fixes); k++) {
			json_t *fix = json_array_get(fixes, k);
			for (size_t t = 0; t < ARRAY_LEN(texts); t++)
				if (!json_is_string(json_object_get(fix, texts[t])))
					set(fix, texts[t], json_string(""));
		}
	}
	return findings;
}

json_t *identity_whole_json(struct arena *a, const struct identity_view *v)
{
	auto_json json_t *report = report_read(v);
	json_t *records = json_array();
	json_t *json = summary_json(v, report);
	for (size_t i = 0; i < v->expected->count; i++)
		json_array_append_new(
			records, record_json(a, v, &v->expected->records[i], report));
	set(json, "mail_from_offered", json_boolean(v->offers_mail_from));
	set(json, "one_cache", take(report, "one_cache", json_false()));
	set(json, "zone", take(report, "zone", json_null()));
	set(json, "records", records);
	set(json, "findings", findings_json(report));
	set(json, "next", take(report, "next", json_null()));
	return json;
}

/* What nobody but the tenant is to know. */
static const char *const private_members[] = {
	"id",         "senders",    "may_send",          "held_messages",
	"ses_status", "created_at", "mail_from_offered",
};

json_t *identity_shared_json(struct arena *a, const struct identity_view *v)
{
	json_t *json = identity_whole_json(a, v);
	for (size_t i = 0; i < ARRAY_LEN(private_members); i++)
		json_object_del(json, private_members[i]);
	return json;
}

json_t *identity_part_json(struct arena *a, const struct identity_view *v,
			   const char *part)
{
	static const char *const around[] = { "last_checked_at", "verdict" };
	auto_json json_t *whole = identity_whole_json(a, v);
	json_t *json = json_object();
	for (size_t i = 0; i < ARRAY_LEN(around); i++)
		json_object_set(json, around[i], json_object_get(whole, around[i]));
	json_object_set(json, part, json_object_get(whole, part));
	return json;
}

struct str identity_zone_text(struct arena *a, const struct identity_view *v)
{
	auto_json json_t *report = report_read(v);
	const json_t *zone = json_object_get(report, "zone");
	return arena_str(a, call_json_str(json_object_get(zone, "apex")));
}
