/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPF records as they were seen. */
#include "diagnose/spf.h"

#include "diagnose/chain.h"

enum {
	SHOWN_MAX = 200,
	SENTENCE_MAX = 8 * 1024,
	VALUE_MAX = 64 * 1024,
};

/* Walks the one record; with nothing expected a name's record only has to be right in
 * itself, and while searching all that it leads to. */
static void walk(const struct diagnosis *d, struct arena *a,
		 const struct expected_record *r, struct str text, struct spf_walk *out)
{
	struct policy_source source = diagnosis_source(d);
	struct str wanted = r->value;
	if (wanted.len == 0 && !d->searching)
		wanted = STR("v=spf1");
	spf_walk(a, &source, dns_name_text(a, &r->name), text, wanted, out);
}

static unsigned reach_said(const struct diagnosis *d, enum spf_reach reach)
{
	switch (reach) {
	case SPF_REACHED:
		return SAID_RIGHT;
	case SPF_UNREACHED:
	case SPF_BEHIND_ALL:
	case SPF_NOT_PASS:
	case SPF_BROKEN:
		return SAID_OTHER;
	case SPF_OPEN:
		return d->searching ? SAID_RIGHT : SAID_ALIAS;
	}
	return SAID_OTHER;
}

unsigned spf_said(const struct diagnosis *d, struct arena *scratch,
		  const struct expected_record *r, const struct found_records *found)
{
	struct spf_walk w;
	struct str text = STR_EMPTY;
	size_t count = 0;
	for (size_t i = 0; i < found->count; i++) {
		struct str one;
		if (!dns_record_txt(scratch, found->records[i], &one) ||
		    !spf_is_record(one))
			continue;
		text = one;
		count++;
	}
	if (count == 0)
		return SAID_NO_TYPE;
	/* RFC 7208 section 4.5: more than one is an error for who receives. */
	if (count > 1)
		return SAID_OTHER;
	walk(d, scratch, r, text, &w);
	return reach_said(d, w.reach);
}

/* The first answer of a server that said one of the bits. */
static const struct answer *find_answer(const struct diagnosis *d,
					const struct record_case *r, unsigned bits,
					struct dns_name *at_out)
{
	struct chain chain;
	*at_out = r->expected->name;
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		size_t server = d->server_of[answer->view];
		if (server == SIZE_MAX || !(r->tally.said[server] & bits) ||
		    answer->question.type != DNS_TYPE_TXT ||
		    !dns_name_equal(&answer->question.name, &r->expected->name))
			continue;
		chain_follow(d, &r->expected->name, DNS_TYPE_TXT, &chain);
		*at_out = chain.names[chain.links];
		return chain.links > 0 && chain.end == CHAIN_FOUND ? chain.answer
								   : answer;
	}
	return NULL;
}

bool spf_look(const struct diagnosis *d, struct arena *a, const struct record_case *r,
	      struct spf_view *out)
{
	static const unsigned orders[] = { SAID_OTHER, SAID_ALIAS, SAID_RIGHT };
	struct dns_name at;
	size_t count = 0;
	if (r->expected->purpose != PURPOSE_SPF || r->expected->type != DNS_TYPE_TXT)
		return false;
	*out = (struct spf_view){ .text = STR_EMPTY, .domain = STR_EMPTY };
	for (size_t i = 0; i < ARRAY_LEN(orders) && !out->answer; i++)
		out->answer = find_answer(d, r, orders[i], &at);
	for (size_t i = 0; out->answer && i < out->answer->records.count; i++) {
		const struct dns_record *record = &out->answer->records.records[i];
		struct str text;
		if (!dns_name_equal(&record->owner, &at) ||
		    !dns_record_txt(a, record, &text) || !spf_is_record(text))
			continue;
		out->text = text;
		count++;
	}
	if (count != 1)
		return false;
	out->domain = dns_name_text(a, &r->expected->name);
	walk(d, a, r->expected, out->text, &out->walk);
	return true;
}

/* --- findings --- */

static void add_error(struct diagnosis *d, struct finding *slots[2],
		      const struct spf_rule *rule, struct record_case *r,
		      const struct spf_view *v)
{
	struct finding *f = finding_for(d, slots, r, rule->row->code,
					lang_text(d->lang, rule->row->title));
	finding_evidence(d, f, &r->tally, SAID_OTHER);
	f->why = str_from(rule->why(d, v));
	struct fix *fix = finding_fix(d, f, "set_value", "");
	fix->field = STR("value");
	fix->name = shown_relative(d, r);
	fix->from = str_from(spf_shown(d, v->text));
	fix->sentence = str_from(rule->fix(d, r, v, fix));
}

/* The hosts that are wanted pass; what stands behind them does not work for others. Only
 * what is known already: nothing is asked for it. */
static void add_note(struct diagnosis *d, const struct spf_rule *rule,
		     const struct record_case *r, struct spf_view *v)
{
	struct policy_source source = diagnosis_source(d);
	if (!rule->note_title || v->walk.reach != SPF_REACHED)
		return;
	spf_walk(d->a, &source, v->domain, v->text, STR_EMPTY, &v->walk);
	if (!rule->fits(&v->walk))
		return;
	struct finding *f = finding_add(d, rule->row->code, SEVERITY_NOTE,
					lang_text(d->lang, rule->note_title));
	f->records = case_grow(d->a, f->records, f->record_count, sizeof(*f->records));
	f->records[f->record_count++] = r->expected;
	finding_evidence(d, f, &r->tally, SAID_RIGHT);
	f->why = str_from(rule->why(d, v));
}

void spf_judge(struct diagnosis *d, const struct spf_rule *rule)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		struct spf_view v __attribute__((uninitialized)); /* it is large */
		if (r->explained || !spf_look(d, d->a, r, &v))
			continue;
		if (record_is_other(r) && rule->fits(&v.walk))
			add_error(d, slots, rule, r, &v);
		else if (r->report->state == RECORD_OK)
			add_note(d, rule, r, &v);
	}
}

const char *spf_shown(struct diagnosis *d, struct str foreign)
{
	auto_buf struct buf b;
	buf_init(&b, SENTENCE_MAX);
	escape_visible(&b, foreign, SHOWN_MAX);
	return arena_text(d->a, buf_view(&b));
}

const char *spf_error_text(struct diagnosis *d, const struct spf_view *v)
{
	auto_buf struct buf b;
	buf_init(&b, SENTENCE_MAX);
	spf_cause_write(&b, &v->walk.error, d->lang);
	return arena_text(d->a, buf_view(&b));
}

bool spf_error_is_inside(const struct spf_view *v)
{
	return !str_equal_nocase(v->walk.error.domain, v->domain);
}

const char *spf_fix_inside(struct diagnosis *d, const struct spf_view *v,
			   const struct fix *fix)
{
	return arena_printf(
		d->a,
		lang_text(d->lang, "remove the term of the TXT record %s that leads to "
				   "the record of %s, or have that one corrected"),
		fix->name.data, spf_shown(d, v->walk.error.domain));
}

/* Cuts the next term off; false at the end. */
static bool next_term(struct str *rest, struct str *term)
{
	while (str_split(rest, ' ', term)) {
		if (term->len > 0)
			return true;
	}
	return false;
}

static bool has_term(struct str txt, struct str wanted)
{
	struct str term;
	while (next_term(&txt, &term)) {
		if (str_starts(term, STR("+")))
			term = str_sub(term, 1, term.len);
		if (str_equal_nocase(term, wanted))
			return true;
	}
	return false;
}

static bool is_all(struct str term)
{
	if (term.len == 4 && strchr("+-~?", term.data[0]))
		term = str_sub(term, 1, term.len);
	return str_equal_nocase(term, STR("all"));
}

/* A term of this record that leads nowhere is of no use to anybody. */
static bool is_dangling(const struct spf_view *v, struct str term)
{
	const struct spf_outcome *error = &v->walk.error;
	return error->result == SPF_PERMERROR && error->cause == SPF_CAUSE_TARGET_NONE &&
	       !spf_error_is_inside(v) && str_equal(error->term, term);
}

struct str spf_value_with_wanted(struct diagnosis *d, const struct record_case *r,
				 const struct spf_view *v)
{
	struct str rest = r->expected->value;
	struct str term;
	auto_buf struct buf b;
	auto_buf struct buf shown;
	buf_init(&b, VALUE_MAX);
	buf_init(&shown, VALUE_MAX);
	buf_text(&b, "v=spf1");
	(void)next_term(&rest, &term); /* the version */
	while (next_term(&rest, &term)) {
		if (is_all(term))
			continue;
		buf_byte(&b, ' ');
		buf_str(&b, term);
	}
	rest = v->text;
	(void)next_term(&rest, &term);
	while (next_term(&rest, &term)) {
		if (has_term(r->expected->value, term) && !is_all(term))
			continue;
		if (is_dangling(v, term))
			continue;
		buf_byte(&b, ' ');
		buf_str(&b, term);
	}
	escape_visible(&shown, buf_view(&b), 0);
	return arena_str(d->a, buf_view(&shown));
}

/* The softest: whoever was only suspect with one of them is not refused. Not "+all". */
static struct str softer_all(struct str a, struct str b)
{
	static const char order[] = "?~-";
	const char *rank_a = a.len > 0 ? strchr(order, a.data[0]) : NULL;
	const char *rank_b = strchr(order, b.data[0]);
	if (!rank_b || (rank_a && rank_a < rank_b))
		return a;
	return b;
}

/* Adds the terms that are not there yet, without `all`; false: there is a redirect. */
static bool merge_terms(struct buf *out, struct str txt, struct str *all)
{
	struct str term;
	(void)next_term(&txt, &term); /* the version */
	while (next_term(&txt, &term)) {
		if (str_equal_nocase(str_sub(term, 0, 9), STR("redirect=")))
			return false;
		if (is_all(term)) {
			*all = softer_all(*all, term);
		} else if (!has_term(buf_view(out), term)) {
			buf_byte(out, ' ');
			buf_str(out, term);
		}
	}
	return true;
}

struct str spf_value_merged(struct diagnosis *d, const struct record_case *r)
{
	struct dns_name at;
	struct str all = STR_EMPTY;
	struct str unused_all = STR_EMPTY;
	const struct answer *answer = find_answer(d, r, SAID_OTHER, &at);
	auto_buf struct buf b;
	auto_buf struct buf shown;
	buf_init(&b, VALUE_MAX);
	buf_init(&shown, VALUE_MAX);
	buf_text(&b, "v=spf1");
	if (r->expected->value.len > 0 &&
	    !merge_terms(&b, r->expected->value, &unused_all))
		return STR_EMPTY;
	for (size_t i = 0; answer && i < answer->records.count; i++) {
		const struct dns_record *record = &answer->records.records[i];
		struct str text;
		if (!dns_name_equal(&record->owner, &at) ||
		    !dns_record_txt(d->a, record, &text) || !spf_is_record(text))
			continue;
		if (!merge_terms(&b, text, &all))
			return STR_EMPTY;
	}
	buf_printf(&b, " %.*s", STR_ARG(all.len > 0 ? all : STR("~all")));
	escape_visible(&shown, buf_view(&b), 0);
	return arena_str(d->a, buf_view(&shown));
}

struct str spf_value_with_meant(struct diagnosis *d, const struct spf_view *v,
				struct str meant)
{
	struct str rest = v->text;
	struct str term;
	auto_buf struct buf b;
	auto_buf struct buf shown;
	buf_init(&b, VALUE_MAX);
	buf_init(&shown, VALUE_MAX);
	while (next_term(&rest, &term)) {
		buf_text(&b, b.len > 0 ? " " : "");
		buf_str(&b, str_equal(term, v->walk.error.term) ? meant : term);
	}
	escape_visible(&shown, buf_view(&b), 0);
	return arena_str(d->a, buf_view(&shown));
}
