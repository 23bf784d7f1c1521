/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions beside the plan on whose answer a verdict of "right" hangs: one server's word
 * is not enough for them. */
#include "diagnose/chain.h"
#include "diagnose/places.h"
#include "policy/policy.h"

enum {
	SCRATCH_MAX = 1 << 20
};

static bool is_owned(const struct observation *o, const struct answer *answer)
{
	const struct view *v = &o->views[answer->view];
	return v->kind == VIEW_AUTHORITY && (v->in_parent || v->in_child) &&
	       answer->outcome == ASK_ANSWERED && answer->authoritative;
}

/* "include:NAME" or "redirect=NAME" */
static bool term_leads_to(struct str term, const struct dns_name *name)
{
	static const char *const fronts[] = { "include:", "redirect=" };
	struct err ignored = { 0 };
	struct dns_name target;
	if (str_starts(term, STR("+")))
		term = str_sub(term, 1, term.len);
	for (size_t i = 0; i < ARRAY_LEN(fronts); i++) {
		struct str front = str_from(fronts[i]);
		if (str_equal_nocase(str_sub(term, 0, front.len), front) &&
		    dns_name_parse(str_sub(term, front.len, term.len), &target,
				   &ignored) &&
		    dns_name_equal(&target, name))
			return true;
	}
	return false;
}

static bool spf_leads_to(const struct answer *answer, const struct dns_name *name)
{
	for (size_t i = 0; i < answer->records.count; i++) {
		auto_arena struct arena scratch;
		struct str text;
		struct str term;
		arena_init(&scratch, SCRATCH_MAX);
		if (!dns_record_txt(&scratch, &answer->records.records[i], &text) ||
		    !spf_is_record(text))
			continue;
		while (str_split(&text, ' ', &term)) {
			if (term_leads_to(term, name))
				return true;
		}
	}
	return false;
}

static bool has_text_at(const struct answer *answer, const struct dns_name *name)
{
	for (size_t i = 0; i < answer->records.count; i++) {
		const struct dns_record *r = &answer->records.records[i];
		if (r->type == DNS_TYPE_TXT && dns_name_equal(&r->owner, name))
			return true;
	}
	return false;
}

/* Its aliases end at the name, and it says no more. */
static bool alias_leads_to(const struct answer *answer, const struct question *q)
{
	struct dns_name last = chain_last_name(answer);
	return answer->question.type == q->type && dns_name_equal(&last, &q->name) &&
	       !dns_name_equal(&answer->question.name, &q->name) &&
	       answer->records.count > 0 &&
	       answer->records.records[answer->records.count - 1].type == DNS_TYPE_CNAME;
}

static bool is_alias_expected(const struct expectation *x, const struct dns_name *name)
{
	for (size_t i = 0; i < x->count; i++) {
		if (x->records[i].type == DNS_TYPE_CNAME &&
		    dns_name_equal(&x->records[i].name, name))
			return true;
	}
	return false;
}

/* The name that nobody has made, beside a record that is there by an alias: a wildcard's
 * may lead to anybody. */
static bool is_beside_alias(const struct expectation *x, const struct answer *answer,
			    const struct question *q)
{
	if (answer->question.type != q->type || q->type == DNS_TYPE_CNAME ||
	    answer->records.count == 0 ||
	    answer->records.records[0].type != DNS_TYPE_CNAME)
		return false;
	for (size_t i = 0; i < x->count; i++) {
		const struct expected_record *r = &x->records[i];
		struct dns_name beside;
		if (r->type == q->type && wildcard_counts(r, &x->name) &&
		    dns_name_equal(&r->name, &answer->question.name) &&
		    wildcard_name(&r->name, &beside) && dns_name_equal(&beside, &q->name))
			return true;
	}
	return false;
}

bool diagnose_asks_all(const struct expectation *x, const struct observation *o,
		       const struct question *q)
{
	bool is_text = q->type == DNS_TYPE_TXT;
	bool is_in_place = is_text && is_alias_expected(x, &q->name);
	for (size_t i = 0; i < o->answer_count; i++) {
		const struct answer *answer = &o->answers[i];
		if (!is_owned(o, answer))
			continue;
		if ((is_in_place && has_text_at(answer, &q->name)) ||
		    (is_text && spf_leads_to(answer, &q->name)) ||
		    alias_leads_to(answer, q) || is_beside_alias(x, answer, q))
			return true;
	}
	return false;
}
