/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "seen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum {
	ANSWERS_ROOM = 256,
	RECORDS_ROOM = 64,
	TTL = 300,
};

struct reader {
	struct arena *a;
	struct observation *o;
	struct str line;
	struct str rest;
};

static struct dns_name name_of(struct str text)
{
	struct dns_name name;
	struct err e = { 0 };
	if (!dns_name_parse(text, &name, &e))
		fail_msg("name '%.*s': %s", STR_ARG(text), e.text);
	return name;
}

static struct str word(struct str *rest)
{
	struct str s = str_trim(*rest);
	size_t end = str_find_byte(s, ' ');
	*rest = str_sub(s, end, s.len);
	return str_sub(s, 0, end);
}

static uint16_t type_of(struct str text)
{
	uint16_t type = 0;
	if (!dns_type_parse(text, &type))
		fail_msg("type '%.*s'", STR_ARG(text));
	return type;
}

static struct str rdata_of(struct arena *a, uint16_t type, struct str text)
{
	struct str rdata = STR_EMPTY;
	struct err e = { 0 };
	if (!dns_rdata_parse(a, type, str_trim(text), &rdata, &e))
		fail_msg("value '%.*s': %s", STR_ARG(text), e.text);
	return rdata;
}

static void add_view(struct reader *r, enum view_kind kind, struct str name,
		     struct str address)
{
	struct view *v = &r->o->views[r->o->view_count++];
	*v = (struct view){
		.kind = kind, .zone = r->o->zone, .in_parent = true, .in_child = true
	};
	if (name.len > 0)
		v->server = name_of(name);
	if (!address_parse(address, 53, &v->address))
		fail_msg("address '%.*s'", STR_ARG(address));
}

static void add_record(struct answer *answer, struct dns_name owner, uint16_t type,
		       struct str rdata, struct dns_record *records)
{
	assert_true(answer->records.count < RECORDS_ROOM);
	records[answer->records.count++] = (struct dns_record){
		.owner = owner,
		.type = type,
		.ttl_s = TTL,
		.rdata = rdata,
	};
}

/* "A ;; B": each a record. */
static void add_values(struct reader *r, struct answer *answer, struct dns_name owner,
		       struct str values, struct dns_record *records)
{
	uint16_t type = answer->question.type;
	for (;;) {
		const char *next = memmem(values.data, values.len, ";;", 2);
		size_t len = next ? (size_t)(next - values.data) : values.len;
		add_record(answer, owner, type,
			   rdata_of(r->a, type, str_sub(values, 0, len)), records);
		if (!next)
			return;
		values = str_sub(values, len + 2, values.len);
	}
}

static void add_soa(struct reader *r, struct answer *answer, struct str ttl)
{
	uint64_t n = TTL;
	const struct dns_name owner = r->o->zone;
	if (ttl.len > 0 && !str_number(ttl, UINT32_MAX, &n))
		fail_msg("TTL '%.*s'", STR_ARG(ttl));
	answer->has_soa = owner.len > 0;
	answer->soa_owner = owner;
	answer->soa_ttl_s = (uint32_t)n;
	answer->soa.mname = name_of(STR("ns1.operator.example"));
	answer->soa.rname = name_of(STR("dns.operator.example"));
	answer->soa.serial = 1;
	answer->soa.minimum_s = 3600;
}

static bool set_failure(struct answer *answer, struct str said)
{
	static const struct {
		const char *word;
		enum ask_outcome outcome;
		uint16_t rcode;
		bool authoritative;
		bool is_referral;
	} failures[] = {
		{ "servfail", ASK_ANSWERED, DNS_RCODE_SERVFAIL, false, false },
		{ "refused", ASK_ANSWERED, DNS_RCODE_REFUSED, false, false },
		{ "noaa", ASK_ANSWERED, DNS_RCODE_NOERROR, false, false },
		{ "referral", ASK_ANSWERED, DNS_RCODE_NOERROR, false, true },
		{ "timeout", ASK_TIMEOUT, 0, false, false },
		{ "unreachable", ASK_UNREACHABLE, 0, false, false },
		{ "limit", ASK_LIMIT, 0, false, false },
		{ "notcp", ASK_NO_TCP, 0, false, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
		if (!str_is(said, failures[i].word))
			continue;
		answer->outcome = failures[i].outcome;
		answer->rcode = failures[i].rcode;
		answer->authoritative = failures[i].authoritative;
		answer->is_referral = failures[i].is_referral;
		return true;
	}
	return false;
}

static void set_said(struct reader *r, struct answer *answer, struct str rest)
{
	struct dns_record *records = arena_array(r->a, RECORDS_ROOM, sizeof(*records));
	struct str said = word(&rest);
	answer->records.records = records;
	answer->authoritative = r->o->views[answer->view].kind == VIEW_AUTHORITY;
	if (set_failure(answer, said))
		return;
	if (str_is(said, "nx") || str_is(said, "nodata")) {
		answer->rcode =
			str_is(said, "nx") ? DNS_RCODE_NXDOMAIN : DNS_RCODE_NOERROR;
		add_soa(r, answer, word(&rest));
	} else if (str_is(said, "=")) {
		add_values(r, answer, answer->question.name, rest, records);
	} else if (str_is(said, "alias")) {
		struct str target = word(&rest);
		add_record(answer, answer->question.name, DNS_TYPE_CNAME,
			   rdata_of(r->a, DNS_TYPE_CNAME, target), records);
		if (str_is(word(&rest), "="))
			add_values(r, answer, name_of(target), rest, records);
	} else {
		fail_msg("said what: '%.*s'", STR_ARG(r->line));
	}
}

static bool is_who(const struct view *v, struct str who)
{
	auto_buf struct buf address;
	buf_init(&address, 96);
	address_write(&address, &v->address);
	if (str_is(who, "all"))
		return v->kind != VIEW_RESOLVER;
	if (v->server.len > 0 && str_equal_nocase(dns_name_first_label(&v->server), who))
		return true;
	return str_equal(buf_view(&address), who);
}

static void add_answers(struct reader *r, struct str who, uint16_t type,
			struct dns_name name, struct str said)
{
	bool is_known = false;
	for (size_t i = 0; i < r->o->view_count; i++) {
		if (!is_who(&r->o->views[i], who))
			continue;
		assert_true(r->o->answer_count < ANSWERS_ROOM);
		struct answer *answer = &r->o->answers[r->o->answer_count++];
		*answer = (struct answer){ .question = { name, type },
					   .view = (uint16_t)i };
		set_said(r, answer, said);
		is_known = true;
	}
	if (!is_known)
		fail_msg("nobody is '%.*s'", STR_ARG(who));
}

static void set_walk(struct reader *r)
{
	static const struct {
		const char *word;
		enum walk_outcome walk;
	} walks[] = {
		{ "nxdomain", WALK_NXDOMAIN }, { "silent", WALK_NO_ANSWER },
		{ "servfail", WALK_SERVFAIL }, { "limit", WALK_LIMIT },
		{ "skipped", WALK_SKIPPED },
	};
	struct str how = word(&r->rest);
	for (size_t i = 0; i < ARRAY_LEN(walks); i++) {
		if (!str_is(how, walks[i].word))
			continue;
		r->o->walk = walks[i].walk;
		struct str name = word(&r->rest);
		if (name.len > 0)
			r->o->stopped_at = name_of(name);
		return;
	}
	fail_msg("walk '%.*s'", STR_ARG(how));
}

/* The zone is signed, by a DS record in the zone above. */
static void add_signed(struct reader *r)
{
	struct delegation *cut = arena_alloc(r->a, sizeof(*cut));
	cut->zone = r->o->zone;
	cut->parent = dns_name_parent(&cut->zone, 1);
	cut->signed_here = true;
	r->o->delegations = cut;
	r->o->delegation_count = 1;
}

static struct dns_name *names_of(struct reader *r, size_t *count_out)
{
	struct dns_name *names = arena_array(r->a, 8, sizeof(*names));
	struct str text;
	*count_out = 0;
	while ((text = word(&r->rest)).len > 0 && !str_is(text, "/"))
		names[(*count_out)++] = name_of(text);
	return names;
}

/* What the zone above and the zone itself name. */
static void add_cut(struct reader *r)
{
	struct delegation *cut = arena_alloc(r->a, sizeof(*cut));
	cut->zone = r->o->zone;
	cut->parent = dns_name_parent(&cut->zone, 1);
	cut->parent_ns = names_of(r, &cut->parent_ns_count);
	cut->child_ns = names_of(r, &cut->child_ns_count);
	r->o->delegations = cut;
	r->o->delegation_count = 1;
}

/* Named by the zone itself alone, or by nobody any more. */
static void add_outsider(struct reader *r, bool in_child)
{
	struct str name = word(&r->rest);
	add_view(r, VIEW_AUTHORITY, name, word(&r->rest));
	r->o->views[r->o->view_count - 1].in_parent = false;
	r->o->views[r->o->view_count - 1].in_child = in_child;
}

static void set_registration(struct reader *r)
{
	struct registration *out = &r->o->registration;
	struct str how = word(&r->rest);
	struct str rest = str_trim(r->rest);
	struct str status;
	uint64_t at;
	r->o->has_registration = true;
	if (str_is(how, "registered") && str_number(rest, INT32_MAX, &at)) {
		out->registered_at = (int64_t)at;
		return;
	}
	if (str_is(how, "expires") && str_number(rest, INT32_MAX, &at)) {
		out->expires_at = (int64_t)at;
		return;
	}
	out->outcome = str_is(how, "found")  ? REGISTRATION_FOUND
		       : str_is(how, "none") ? REGISTRATION_NONE
					     : REGISTRATION_UNKNOWN;
	out->domain = name_of(STR("example.com"));
	out->registrar = STR("Good Names");
	out->source = STR("https://rdap.example/domain/example.com");
	out->statuses = arena_array(r->a, 8, sizeof(*out->statuses));
	while (rest.len > 0 && str_split(&rest, ';', &status))
		out->statuses[out->status_count++] = str_trim(status);
}

static void add_validation(struct reader *r, enum security security)
{
	struct validation *v = &r->o->validations[r->o->validation_count++];
	v->question.type = type_of(word(&r->rest));
	v->question.name = name_of(word(&r->rest));
	v->security = security;
	v->why = str_trim(r->rest);
	if (security == SECURITY_BOGUS && v->why.len == 0)
		v->why = STR("signature expired\x1b[2J");
}

static void add_serial(struct reader *r)
{
	struct str who = word(&r->rest);
	const char *said = arena_printf(
		r->a,
		"= ns1.operator.example. dns.operator.example. %.*s 3600 600 86400 300",
		STR_ARG(str_trim(r->rest)));
	add_answers(r, who, DNS_TYPE_SOA, r->o->zone, str_from(said));
}

static void read_line(struct reader *r)
{
	struct str first = word(&r->rest);
	if (first.len == 0)
		return;
	if (str_is(first, "domain")) {
		r->o->domain = name_of(word(&r->rest));
	} else if (str_is(first, "zone")) {
		r->o->zone = name_of(word(&r->rest));
	} else if (str_is(first, "walk")) {
		set_walk(r);
	} else if (str_is(first, "server")) {
		struct str name = word(&r->rest);
		add_view(r, VIEW_AUTHORITY, name, word(&r->rest));
	} else if (str_is(first, "forward")) {
		r->o->walk = WALK_SKIPPED;
		add_view(r, VIEW_FORWARD, STR_EMPTY, word(&r->rest));
	} else if (str_is(first, "resolver")) {
		add_view(r, VIEW_RESOLVER, STR_EMPTY, word(&r->rest));
	} else if (str_is(first, "bogus")) {
		add_validation(r, SECURITY_BOGUS);
	} else if (str_is(first, "unchecked")) {
		add_validation(r, SECURITY_UNCHECKED);
	} else if (str_is(first, "insecure")) {
		add_validation(r, SECURITY_INSECURE);
	} else if (str_is(first, "secure")) {
		add_validation(r, SECURITY_SECURE);
	} else if (str_is(first, "stranger") || str_is(first, "former")) {
		add_outsider(r, str_is(first, "stranger"));
	} else if (str_is(first, "cut")) {
		add_cut(r);
	} else if (str_is(first, "registry")) {
		set_registration(r);
	} else if (str_is(first, "signed")) {
		add_signed(r);
	} else if (str_is(first, "serial")) {
		add_serial(r);
	} else {
		uint16_t type = type_of(word(&r->rest));
		struct dns_name name = name_of(word(&r->rest));
		add_answers(r, first, type, name, r->rest);
	}
}

static enum purpose purpose_of(struct str text)
{
	for (int i = PURPOSE_DKIM; i <= PURPOSE_OTHER; i++) {
		if (str_is(text, purpose_name((enum purpose)i)))
			return (enum purpose)i;
	}
	fail_msg("purpose '%.*s'", STR_ARG(text));
	return PURPOSE_OTHER;
}

/* What a service knows besides the records. */
static bool read_known(struct expectation *x, struct str first, struct str rest)
{
	uint64_t at = 0;
	if (str_is(first, "held"))
		x->held_elsewhere = true;
	else if (str_is(first, "registered") &&
		 str_number(str_trim(rest), INT32_MAX, &at))
		x->registered_at = (int64_t)at;
	else
		return false;
	return true;
}

static void read_expected(struct arena *a, struct expectation *x, struct str line)
{
	struct err e = { 0 };
	struct str first = word(&line);
	struct record_draft d = { .optional = str_starts(first, STR("?")) };
	if (first.len == 0 || read_known(x, first, line))
		return;
	d.purpose = purpose_of(d.optional ? str_sub(first, 1, first.len) : first);
	d.type = type_of(word(&line));
	d.name = word(&line);
	d.value = str_trim(line);
	if (!expectation_add(a, x, &d, &e))
		fail_msg("'%.*s': %s", STR_ARG(line), e.text);
}

struct seen seen_make(struct arena *a, const char *expected, const char *text)
{
	struct seen s = { 0 };
	struct err e = { 0 };
	struct str lines = str_from(text);
	struct str domain;
	struct reader r = { .a = a, .o = &s.o };
	s.o.domain = name_of(STR("shop.example.com"));
	s.o.zone = name_of(STR("example.com"));
	s.o.at_s = SEEN_AT;
	s.o.elapsed_ms = 912;
	s.o.views = arena_array(a, OBSERVATION_VIEWS_MAX, sizeof(*s.o.views));
	s.o.answers = arena_array(a, ANSWERS_ROOM, sizeof(*s.o.answers));
	s.o.validations = arena_array(a, 16, sizeof(*s.o.validations));
	while (str_split(&lines, '\n', &r.line)) {
		r.rest = r.line;
		read_line(&r);
	}
	if (s.o.walk == WALK_SKIPPED)
		s.o.zone = (struct dns_name){ 0 };
	domain = dns_name_text(a, &s.o.domain);
	if (!expectation_empty(a, domain, &s.x, &e))
		fail_msg("%s", e.text);
	lines = str_from(expected);
	while (str_split(&lines, '\n', &r.line))
		read_expected(a, &s.x, r.line);
	return s;
}

const char *findings_text(struct arena *a, const struct report *r)
{
	auto_buf struct buf b;
	buf_init(&b, 4096);
	for (size_t i = 0; i < r->finding_count; i++)
		buf_printf(&b, "%s%s:%s", i > 0 ? " " : "", r->findings[i].code,
			   severity_name(r->findings[i].severity));
	return arena_text(a, buf_view(&b));
}

const char *states_text(struct arena *a, const struct report *r)
{
	auto_buf struct buf b;
	buf_init(&b, 4096);
	for (size_t i = 0; i < r->record_count; i++)
		buf_printf(&b, "%s%.*s=%s", i > 0 ? " " : "",
			   STR_ARG(r->records[i].expected->id),
			   record_state_name(r->records[i].state));
	return arena_text(a, buf_view(&b));
}

void check_rows(const struct case_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		auto_arena struct arena a;
		arena_init(&a, 16 << 20);
		struct report r;
		struct seen s = seen_make(&a, rows[i].expected, rows[i].seen);
		diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
		const char *findings = findings_text(&a, &r);
		const char *states = states_text(&a, &r);
		if (r.verdict != rows[i].verdict ||
		    strcmp(findings, rows[i].findings) != 0 ||
		    (rows[i].states && strcmp(states, rows[i].states) != 0))
			fail_msg("%s: %s [%s] [%s]", rows[i].name,
				 verdict_name(r.verdict), findings, states);
	}
}
