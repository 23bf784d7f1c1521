/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold of the latest look, and what of every look. */
#include <jansson.h>

#include "scene.h"
#include "traffic.h"
#include "words.h"

enum {
	PACKETS_MOST = 60,
	VICTIM_MOST = 10,
	/* 256 kB are read; what the kernel had taken of others comes on top. */
	BYTES_MOST = 512 * 1024,
	TIME_MOST_US = 8100000,
	MEMORY_MOST = 48 << 20,
	REPLAY_MAX = 64 << 20,
	GLANCE_MOST = 40,
	GLANCE_ONE_MOST = 15,
};

/* Figures */

static bool is_victim(const struct script *s, const struct address *a)
{
	for (size_t i = 0; i < s->victim_count; i++)
		if (network_holds(&s->victims[i], a))
			return true;
	return false;
}

static int64_t victim_figure(const struct script *s, bool is_most)
{
	const struct traffic *t = traffic_seen();
	int64_t sum = 0;
	int64_t most = 0;

	for (size_t i = 0; i < t->destination_count; i++) {
		if (!is_victim(s, &t->destinations[i].address))
			continue;
		sum += t->destinations[i].packets;
		if (t->destinations[i].packets > most)
			most = t->destinations[i].packets;
	}
	return is_most ? most : sum;
}

static int64_t victim_bytes(const struct script *s)
{
	const struct traffic *t = traffic_seen();
	int64_t sum = 0;

	for (size_t i = 0; i < t->destination_count; i++)
		if (is_victim(s, &t->destinations[i].address))
			sum += (int64_t)t->destinations[i].bytes;
	return sum;
}

static int64_t packets_to(struct str text)
{
	const struct traffic *t = traffic_seen();
	struct address a;

	if (!address_parse(text, 53, &a))
		return -1;
	for (size_t i = 0; i < t->destination_count; i++)
		if (address_equal(&t->destinations[i].address, &a))
			return t->destinations[i].packets;
	return 0;
}

/* By its name; -1: there is no such figure. */
static int64_t figure(const struct script *s, struct str name)
{
	const struct cost *c = &s->looks.cost;
	const struct {
		const char *name;
		int64_t value;
	} figures[] = {
		{ "packets", c->packets },
		{ "connections", c->connections },
		{ "most", c->most },
		{ "destinations", (int64_t)c->destinations },
		{ "bytes-out", (int64_t)c->bytes_out },
		{ "bytes-in", (int64_t)c->bytes_in },
		{ "ms", c->time_us / 1000 },
		{ "kB", (int64_t)c->memory / 1024 },
		{ "victims", victim_figure(s, false) },
		{ "victim-most", victim_figure(s, true) },
		{ "victim-bytes", victim_bytes(s) },
	};

	for (size_t i = 0; i < ARRAY_LEN(figures); i++)
		if (str_is(name, figures[i].name))
			return figures[i].value;
	return str_starts(name, STR("to:")) ? packets_to(str_sub(name, 3, SIZE_MAX)) : -1;
}

/* Reports */

static void write_codes(struct buf *out, const struct report *r)
{
	for (size_t i = 0; i < r->finding_count; i++)
		buf_printf(out, "%s%s%s", i ? " " : "", r->findings[i].code,
			   r->findings[i].severity == SEVERITY_NOTE ? "(note)" : "");
}

static void write_states(struct buf *out, const struct report *r)
{
	for (size_t i = 0; i < r->record_count; i++) {
		const struct record_report *record = &r->records[i];
		if (record->expected)
			buf_printf(out, "%s%.*s=%s", i ? " " : "",
				   STR_ARG(record->expected->id),
				   record_state_name(record->state));
	}
}

void must_describe(struct buf *out, const struct script *s)
{
	static const char *const names[] = { "packets",  "most",        "bytes-out",
					     "bytes-in", "ms",          "kB",
					     "victims",  "victim-most", "victim-bytes" };
	const struct report *r = &s->looks.reports[0].report;
	const struct traffic *t = traffic_seen();

	buf_printf(out, "look %zux verdict=%s", s->looks.count, verdict_name(r->verdict));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		buf_printf(out, " %s=%lld", names[i],
			   (long long)figure(s, str_from(names[i])));
	buf_text(out, " codes=[");
	write_codes(out, r);
	buf_text(out, "] records=[");
	write_states(out, r);
	buf_text(out, "]\n  to");
	for (size_t i = 0; i < t->destination_count; i++) {
		buf_byte(out, ' ');
		address_write(out, &t->destinations[i].address);
		buf_printf(out, "=%u", t->destinations[i].packets);
	}
	buf_byte(out, '\n');
	if (r->finding_count > 0)
		buf_printf(out, "  %s: %.*s; %.*s\n", r->findings[0].code,
			   STR_ARG(r->findings[0].title), STR_ARG(r->findings[0].why));
}

static bool verdict_holds(const struct report *r, struct str wanted, struct err *e)
{
	if (str_is(wanted, verdict_name(r->verdict)))
		return true;
	return err_set(e, ERR_CONFLICT, "the verdict is %s, not %.*s",
		       verdict_name(r->verdict), STR_ARG(wanted));
}

static bool has_code(const struct report *r, struct str code, bool with_notes)
{
	for (size_t i = 0; i < r->finding_count; i++)
		if (str_is(code, r->findings[i].code) &&
		    (with_notes || r->findings[i].severity != SEVERITY_NOTE))
			return true;
	return false;
}

static bool unexpected(const struct report *r, const char *what, struct str code,
		       struct err *e)
{
	auto_buf struct buf codes;
	buf_init(&codes, 4096);

	write_codes(&codes, r);
	return err_set(e, ERR_CONFLICT, "%s %.*s: found are %s", what, STR_ARG(code),
		       buf_cstr(&codes));
}

/* "find U201 U303": the first is the one to act on, the others are there too; "find only
 * ...": and no further but notes; "find none". */
static bool find_holds(const struct report *r, struct str rest, struct err *e)
{
	bool is_only = words_starts(rest, "only");
	size_t wanted = 0;
	size_t there = 0;

	if (is_only)
		words_next(&rest);
	for (size_t i = 0; i < r->finding_count; i++)
		there += r->findings[i].severity != SEVERITY_NOTE;
	if (str_is(rest, "none"))
		return there == 0 || unexpected(r, "not", rest, e);
	while (rest.len > 0) {
		struct str code = words_next(&rest);
		if (!has_code(r, code, false))
			return unexpected(r, "no", code, e);
		if (wanted++ == 0 && !str_is(code, r->findings[0].code))
			return unexpected(r, "not first", code, e);
	}
	return !is_only || wanted == there || unexpected(r, "more than", STR("those"), e);
}

/* "note U805", "no U303" */
static bool code_holds(const struct report *r, struct str rest, bool is_wanted,
		       struct err *e)
{
	while (rest.len > 0) {
		struct str code = words_next(&rest);
		if (has_code(r, code, true) != is_wanted)
			return unexpected(r, is_wanted ? "no" : "there is", code, e);
	}
	return true;
}

/* "records ok", "records dkim-1=missing dkim-2=ok" */
static bool records_hold(const struct report *r, struct str rest, struct err *e)
{
	size_t fitting = 0;
	auto_buf struct buf states;
	buf_init(&states, 8192);

	write_states(&states, r);
	while (rest.len > 0) {
		struct str word = words_next(&rest);
		size_t equals = str_find_byte(word, '=');
		struct str state =
			equals < word.len ? str_sub(word, equals + 1, SIZE_MAX) : word;
		size_t before = fitting;
		for (size_t i = 0; i < r->record_count; i++) {
			const struct expected_record *x = r->records[i].expected;
			bool is_meant = x && (equals == word.len ||
					      str_equal(x->id, str_sub(word, 0, equals)));
			if (is_meant &&
			    !str_is(state, record_state_name(r->records[i].state)))
				return err_set(e, ERR_CONFLICT, "not %.*s: they are %s",
					       STR_ARG(word), buf_cstr(&states));
			fitting += is_meant;
		}
		if (fitting == before)
			return err_set(e, ERR_USAGE, "no record '%.*s'", STR_ARG(word));
	}
	return true;
}

/* "packets<=20", "to:192.0.2.1=0", "ms>=100" */
static bool figure_holds(const struct script *s, struct str word, struct err *e)
{
	struct cursor c = cursor_over(word);
	struct str name = cursor_until(&c, "<>=");
	struct str sign = cursor_while(&c, "<>=");
	uint64_t limit;
	int64_t is = figure(s, name);

	if (is < 0 || !str_number(cursor_bytes(&c, cursor_left(&c)), INT64_MAX, &limit))
		return err_set(e, ERR_USAGE, "'%.*s' cannot be read", STR_ARG(word));
	bool holds = str_is(sign, "<=")   ? is <= (int64_t)limit
		     : str_is(sign, ">=") ? is >= (int64_t)limit
					  : is == (int64_t)limit;
	return holds || err_set(e, ERR_CONFLICT, "'%.*s' does not hold: %lld",
				STR_ARG(word), (long long)is);
}

/* "look dkim=unknown": what the step is told. */
static bool look_holds(const struct report *r, struct str rest, struct err *e)
{
	static const char *const results[] = {
		[LOOK_NONE] = "none",
		[LOOK_RIGHT] = "right",
		[LOOK_WRONG] = "wrong",
		[LOOK_UNKNOWN] = "unknown",
	};
	struct look look;

	diagnose_look(r, &look);
	while (rest.len > 0) {
		struct str word = words_next(&rest);
		size_t equals = str_find_byte(word, '=');
		struct str wanted = str_sub(word, equals + 1, SIZE_MAX);
		size_t i = 0;
		while (i < ASPECT_COUNT &&
		       !str_is(str_sub(word, 0, equals), aspect_name((enum aspect)i)))
			i++;
		if (i == ASPECT_COUNT)
			return err_set(e, ERR_USAGE, "no aspect '%.*s'", STR_ARG(word));
		if (!str_is(wanted, results[look.results[i]]))
			return err_set(e, ERR_CONFLICT, "not %.*s: it is %s",
				       STR_ARG(word), results[look.results[i]]);
	}
	return true;
}

static bool report_holds(const struct report *r, struct str word, struct str rest,
			 struct err *e)
{
	if (str_is(word, "verdict"))
		return verdict_holds(r, rest, e);
	if (str_is(word, "find"))
		return find_holds(r, rest, e);
	if (str_is(word, "note"))
		return code_holds(r, rest, true, e);
	if (str_is(word, "no"))
		return code_holds(r, rest, false, e);
	if (str_is(word, "records"))
		return records_hold(r, rest, e);
	if (str_is(word, "look"))
		return look_holds(r, rest, e);
	return err_set(e, ERR_USAGE, "must '%.*s'?", STR_ARG(word));
}

bool must_hold(struct script *s, struct str text, struct err *e)
{
	struct str rest = text;
	struct str word = words_next(&rest);

	if (s->looks.count == 0)
		return err_set(e, ERR_USAGE, "nothing was looked at");
	if (str_is(word, "cost")) {
		while (rest.len > 0)
			if (!figure_holds(s, words_next(&rest), e))
				return false;
		s->has_budget = true;
		return true;
	}
	if (str_is(word, "glance") && str_is(rest, "fooled")) {
		s->is_glance_fooled = true;
		return true;
	}
	s->has_verdict = s->has_verdict || str_is(word, "verdict");
	for (size_t i = 0; i < s->looks.count; i++)
		if (!report_holds(&s->looks.reports[i].report, word, rest, e))
			return false;
	return true;
}

/* At a glance */

static bool at_most(const char *name, int64_t is, int64_t most, struct err *e)
{
	return is <= most || err_set(e, ERR_CONFLICT, "%s: %lld, more than %lld", name,
				     (long long)is, (long long)most);
}

static bool are_right(const struct report *r)
{
	for (size_t i = 0; i < r->record_count; i++)
		if (r->records[i].expected && r->records[i].expected->required &&
		    r->records[i].state != RECORD_OK &&
		    r->records[i].state != RECORD_WAITING)
			return false;
	return true;
}

static bool may_be_right(const struct report *r)
{
	return are_right(r) || has_code(r, STR("U103"), true) ||
	       has_code(r, STR("U104"), true) || has_code(r, STR("U905"), true) ||
	       has_code(r, STR("U906"), true);
}

static bool glance_holds(struct script *s, struct looker *l, struct err *e)
{
	const struct report *r = &s->looks.reports[0].report;
	struct cost cost;
	bool is_right = looker_glance(l, r->expectation, &cost);

	buf_printf(s->out, "  glance %s packets=%u most=%u\n",
		   is_right ? "right" : "unclear", cost.packets, cost.most);
	if (s->is_glance_fooled && !is_right)
		return err_set(e, ERR_CONFLICT, "a glance is not fooled");
	if (is_right && !may_be_right(r) && !s->is_glance_fooled)
		return err_set(e, ERR_CONFLICT, "a glance says right, the look %s",
			       verdict_name(r->verdict));
	return at_most("packets of a glance", cost.packets, GLANCE_MOST, e) &&
	       at_most("packets of a glance to one address", cost.most, GLANCE_ONE_MOST,
		       e);
}

bool must_glance(struct script *s, struct err *e)
{
	struct looker *cold;

	if (s->looks.count != 1 || s->looks.expectations[0].count == 0)
		return true;
	if (!glance_holds(s, s->looker, e) || !looker_new(s->config, &cold, e))
		return false;
	bool ok = glance_holds(s, cold, e);
	looker_free(&cold);
	return ok;
}

/* In every scenario */

/* Nobody is asked whom the guard refuses, and never at another port. */
static bool addresses_hold(struct script *s, struct err *e)
{
	const struct traffic *t = traffic_seen();
	struct guard guard;
	size_t count;
	const struct str *allowed =
		config_list(s->config, CONFIG_DNS_ALLOW_ADDRESSES, &count);

	if (!guard_init(&guard, "dns.allow_addresses", allowed, count, e))
		return false;
	for (size_t i = 0; i < t->destination_count; i++) {
		auto_buf struct buf text;
		buf_init(&text, 128);
		address_write(&text, &t->destinations[i].address);
		if (!guard_allows(&guard, &t->destinations[i].address))
			return err_set(e, ERR_CONFLICT, "%s was sent to",
				       buf_cstr(&text));
	}
	return at_most("packets to other ports", t->other_ports, 0, e);
}

static char *report_text(const struct report *r)
{
	json_t *json = report_to_json(r);
	char *text = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	return text;
}

/* The saved observation gives the same report, byte for byte. */
static bool replay_holds(const struct seen_report *seen, struct err *e)
{
	auto_arena struct arena a;
	arena_init(&a, REPLAY_MAX);
	struct observation again;
	struct report report;
	json_t *saved = observation_to_json(&seen->observation);
	bool is_read = observation_from_json(&a, saved, &again, e);

	json_decref(saved);
	if (!is_read)
		return err_in(e, "the observation's JSON");
	diagnose_judge(&a, seen->report.expectation, &again, LANG_EN, &report);
	auto_free char *before = report_text(&seen->report);
	auto_free char *after = report_text(&report);
	return strcmp(before, after) == 0 ||
	       err_set(e, ERR_CONFLICT, "the saved observation gives another report");
}

bool must_always(struct script *s, struct err *e)
{
	const struct cost *c = &s->looks.cost;
	int64_t looks = (int64_t)s->looks.count;

	if (!at_most("packets", c->packets, PACKETS_MOST * looks, e) ||
	    !at_most("bytes in", (int64_t)c->bytes_in, BYTES_MOST * looks, e) ||
	    !at_most("time", c->time_us, TIME_MOST_US, e) ||
	    !at_most("memory", (int64_t)c->memory, MEMORY_MOST * looks, e) ||
	    !at_most("packets to one victim", victim_figure(s, true), VICTIM_MOST * looks,
		     e) ||
	    !addresses_hold(s, e))
		return false;
	for (size_t i = 0; i < s->looks.count; i++)
		if (!replay_holds(&s->looks.reports[i], e))
			return false;
	return true;
}
