/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks at one domain from several places, judged together (U909). */
#include "diagnose/diagnose.h"

enum {
	WORDS_MAX = 64 * 1024
};

struct comparison {
	struct arena *a;
	const struct report *reports;
	const struct str *names;
	size_t count;
};

static bool is_right(enum record_state state)
{
	return state == RECORD_OK || state == RECORD_WAITING || state == RECORD_FOUND;
}

static bool is_fault(enum record_state state)
{
	return state == RECORD_MISSING || state == RECORD_WRONG;
}

/* One sees it right, and another positively does not. */
static bool is_disputed(const struct comparison *c, size_t record)
{
	bool has_right = false;
	bool has_fault = false;
	for (size_t i = 0; i < c->count; i++) {
		if (record >= c->reports[i].record_count)
			continue;
		enum record_state state = c->reports[i].records[record].state;
		has_right |= is_right(state);
		has_fault |= is_fault(state);
	}
	return has_right && has_fault;
}

static const struct report *find_worst(const struct comparison *c)
{
	/* The order of exit codes (ux.md section 3.4): 1, 4, 3, 0. */
	static const int ranks[] = {
		[VERDICT_OK] = 0,
		[VERDICT_WAITING] = 1,
		[VERDICT_UNDETERMINED] = 2,
		[VERDICT_ACTION_REQUIRED] = 3,
	};
	const struct report *worst = &c->reports[0];
	for (size_t i = 1; i < c->count; i++) {
		if (ranks[c->reports[i].verdict] > ranks[worst->verdict])
			worst = &c->reports[i];
	}
	return worst;
}

/* "here.json (2026-01-02T03:04:05Z) sees dkim-1 as ok" for each, of the first that is
 * disputed. */
static struct str dispute_words(const struct comparison *c, size_t record)
{
	auto_buf struct buf b;
	buf_init(&b, WORDS_MAX);
	for (size_t i = 0; i < c->count; i++) {
		const struct report *r = &c->reports[i];
		auto_buf struct buf name = { 0 };
		auto_buf struct buf when = { 0 };
		if (record >= r->record_count)
			continue;
		buf_init(&name, 4096);
		buf_init(&when, 64);
		escape_visible(&name, c->names[i], 200);
		clock_write_rfc3339(&when, r->observation->at_s);
		buf_text(&b, b.len > 0 ? "; " : "");
		buf_printf(&b, lang_text(r->lang, "%s (%s) sees %.*s as %s"),
			   buf_cstr(&name), buf_cstr(&when),
			   STR_ARG(r->records[record].expected->id),
			   record_state_name(r->records[record].state));
	}
	return arena_str(c->a, buf_view(&b));
}

static struct finding dispute_finding(const struct comparison *c, enum lang lang,
				      const size_t *disputed, size_t count)
{
	const struct report *first = &c->reports[0];
	struct fix *fix = arena_alloc(c->a, sizeof(*fix));
	struct finding f = {
		.code = "U909",
		.severity = SEVERITY_UNSURE,
		.confidence = CONFIDENCE_CERTAIN,
		.title = str_from(lang_text(lang, "our vantage points disagree")),
		.why = dispute_words(c, disputed[0]),
		.fixes = fix,
		.fix_count = 1,
	};
	*fix = (struct fix){
		.action = "retry",
		.field = STR_EMPTY,
		.name = STR_EMPTY,
		.value = STR_EMPTY,
		.from = STR_EMPTY,
		.to = STR_EMPTY,
		.sentence = str_from(lang_text(
			lang, "look again from all places at the same time; if they "
			      "still differ, ask the DNS operator why its servers "
			      "answer differently by place")),
	};
	f.records = arena_array(c->a, count, sizeof(*f.records));
	for (size_t i = 0; i < count; i++)
		f.records[f.record_count++] = first->records[disputed[i]].expected;
	return f;
}

/* In front of all others; until it is settled, nobody is sure of anything. */
static void set_unsure(struct arena *a, const struct finding *first, struct report *out)
{
	const struct finding *before = out->findings;
	out->findings = arena_array(a, out->finding_count + 1, sizeof(*out->findings));
	out->findings[0] = *first;
	for (size_t i = 0; i < out->finding_count; i++) {
		struct finding *f = &out->findings[i + 1];
		*f = before[i];
		if (f->severity == SEVERITY_ERROR)
			f->severity = SEVERITY_UNSURE;
	}
	out->finding_count++;
	out->verdict = VERDICT_UNDETERMINED;
	out->next = NEXT_RETRY;
	out->next_at_s = 0;
	out->publish_s = 0;
	out->memory_s = 0;
}

/* What one place alone sees is not to be acted on. */
static void set_disputed(const struct comparison *c, const size_t *disputed, size_t count,
			 struct report *out)
{
	struct finding f = dispute_finding(c, out->lang, disputed, count);
	set_unsure(c->a, &f, out);
	out->next_basis = STR("vantage_points_disagree");
}

void diagnose_unheard(struct arena *a, const struct str *names, size_t count,
		      struct report *r)
{
	struct fix *fix = arena_alloc(a, sizeof(*fix));
	auto_buf struct buf list;

	buf_init(&list, WORDS_MAX);
	for (size_t i = 0; i < count; i++) {
		buf_text(&list, i > 0 ? ", " : "");
		escape_visible(&list, names[i], 200);
	}
	*fix = (struct fix){
		.action = "retry",
		.field = STR_EMPTY,
		.name = STR_EMPTY,
		.value = STR_EMPTY,
		.from = STR_EMPTY,
		.to = STR_EMPTY,
		.sentence = str_from(lang_text(
			r->lang, "nothing is wrong with the domain by this; it is looked "
				 "at again from all places")),
	};
	struct finding f = {
		.code = "U909",
		.severity = SEVERITY_UNSURE,
		.confidence = CONFIDENCE_CERTAIN,
		.title = str_from(
			lang_text(r->lang, "too few of our vantage points could look")),
		.why = str_from(
			arena_printf(a, lang_text(r->lang, "no answer came from: %s"),
				     buf_cstr(&list))),
		.fixes = fix,
		.fix_count = 1,
	};
	set_unsure(a, &f, r);
	r->next_basis = STR("vantage_points_silent");
}

void diagnose_compare(struct arena *a, const struct report *reports,
		      const struct str *names, size_t count, struct report *out)
{
	const struct comparison c = { a, reports, names, count };
	size_t *disputed = arena_array(a, reports[0].record_count + 1, sizeof(*disputed));
	size_t disputed_count = 0;
	for (size_t i = 0; i < reports[0].record_count; i++) {
		if (is_disputed(&c, i))
			disputed[disputed_count++] = i;
	}
	*out = *find_worst(&c);
	if (disputed_count > 0)
		set_disputed(&c, disputed, disputed_count, out);
}
