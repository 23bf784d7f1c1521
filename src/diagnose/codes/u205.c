/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U205: a wildcard, or a server that answers to every name, stands in for the record. */
#include "diagnose/places.h"

/* What is at N itself may look so as well, where a wildcard stands above it. */
static bool has_something(const struct record_case *r)
{
	return r->report->state != RECORD_OK && r->report->state != RECORD_FOUND &&
	       r->report->view_count > 0;
}

static const struct answer *next_answer(const struct diagnosis *d,
					const struct dns_name *name, uint16_t type,
					const struct answer *before)
{
	size_t i = before ? (size_t)(before - d->o->answers) + 1 : 0;
	for (; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		if (d->server_of[answer->view] == SIZE_MAX ||
		    answer->outcome != ASK_ANSWERED ||
		    answer->rcode != DNS_RCODE_NOERROR || answer->records.count == 0 ||
		    answer->question.type != type ||
		    !dns_name_equal(&answer->question.name, name))
			continue;
		return answer;
	}
	return NULL;
}

static const struct answer *find_answer(const struct diagnosis *d,
					const struct dns_name *name, uint16_t type)
{
	return next_answer(d, name, type, NULL);
}

/* RFC 6672: a DNAME above answers for every name below it, each in its own way. */
static const struct dns_record *find_subtree(const struct answer *answer)
{
	for (size_t i = 0; i < answer->records.count; i++) {
		const struct dns_record *r = &answer->records.records[i];
		if (r->type == DNS_TYPE_DNAME &&
		    dns_name_within(&answer->question.name, &r->owner))
			return r;
	}
	return NULL;
}

/* Of those at the question's name: each of one is among the other's. */
static bool covers(const struct answer *a, const struct answer *b)
{
	size_t compared = 0;
	if (find_subtree(a) && find_subtree(b))
		return true;
	for (size_t i = 0; i < a->records.count; i++) {
		const struct dns_record *x = &a->records.records[i];
		bool is_there = false;
		if (!dns_name_equal(&x->owner, &a->question.name))
			continue;
		for (size_t j = 0; j < b->records.count; j++) {
			const struct dns_record *y = &b->records.records[j];
			is_there |= x->type == y->type &&
				    dns_name_equal(&y->owner, &b->question.name) &&
				    str_equal_nocase(x->rdata, y->rdata);
		}
		if (!is_there)
			return false;
		compared++;
	}
	return compared > 0;
}

static size_t ask_sibling(const struct diagnosis *d, const struct record_case *r,
			  struct question out[MORE_MAX])
{
	if (d->searching || !has_something(r) ||
	    !find_answer(d, &r->expected->name, r->expected->type) ||
	    dns_name_equal(&r->expected->name, &d->x->name) ||
	    !wildcard_name(&r->expected->name, &out[0].name))
		return 0;
	out[0].type = r->expected->type;
	return 1;
}

/* The sibling that nobody has made has the same, at any server. */
static const struct answer *find_sibling(const struct diagnosis *d,
					 const struct record_case *r)
{
	struct dns_name sibling;
	const struct dns_name *name = &r->expected->name;
	uint16_t type = r->expected->type;
	const struct answer *there = NULL;
	if (dns_name_equal(name, &d->x->name) || !wildcard_name(name, &sibling))
		return NULL;
	while ((there = next_answer(d, &sibling, type, there)) != NULL) {
		const struct answer *here = NULL;
		while ((here = next_answer(d, name, type, here)) != NULL) {
			if (covers(here, there) && covers(there, here))
				return there;
		}
	}
	return NULL;
}

static bool is_concerned(const struct diagnosis *d, const struct record_case *r)
{
	enum record_state s = r->report->state;
	if (r->explained || d->searching)
		return false;
	if (s == RECORD_OK)
		return wildcard_counts(r->expected, &d->x->name);
	return s == RECORD_MISSING || s == RECORD_WRONG;
}

static void explain_wildcard(struct diagnosis *d, struct finding *f,
			     struct record_case *r, const struct answer *there)
{
	const char *name = shown_relative(d, r).data;
	const char *type = shown_type(d->a, r->expected->type).data;
	struct str value = shown_expected(d->a, r->expected);
	struct dns_name above = dns_name_parent(&r->expected->name, 1);
	finding_evidence(d, f, &r->tally, SAID_ANSWERED);
	struct evidence *ev = finding_answer(d, f, there);
	evidence_server(d, ev, shown_server(d->a, d->o, there->view), "");
	const struct dns_record *subtree = find_subtree(there);
	if (f->why.len == 0 && subtree)
		f->why = str_from(arena_printf(
			d->a,
			lang_text(d->lang, "the DNAME at %s answers for every name below "
					   "it, whoever asked for it; that does not show "
					   "that this record was published"),
			shown_name(d, &subtree->owner).data));
	if (f->why.len == 0)
		f->why = str_from(arena_printf(
			d->a,
			lang_text(d->lang, "a made-up name below %s gives the same "
					   "answer, so a wildcard (*) answers, and the "
					   "record itself was not published"),
			shown_name(d, &above).data));
	struct fix *fix = finding_fix(
		d, f, "add",
		value.len > 0
			? arena_printf(d->a,
				       lang_text(d->lang,
						 "add a %s record of its own, named %s, "
						 "with the value %s; it wins over the "
						 "wildcard, which may stay"),
				       type, name, value.data)
			: arena_printf(d->a,
				       lang_text(d->lang,
						 "add a %s record of its own, named %s; "
						 "it wins over the wildcard, which may "
						 "stay"),
				       type, name));
	fix->name = shown_relative(d, r);
	fix->value = value;
	fix->to = value;
	fix->exact = value.len > 0;
	r->report->state = RECORD_WRONG;
}

static void judge_wildcard(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		const struct answer *there =
			is_concerned(d, r) ? find_sibling(d, r) : NULL;
		if (!there)
			continue;
		struct finding *f = finding_for(
			d, slots, r, "U205",
			lang_text(d->lang, "a wildcard answers in place of the record"));
		explain_wildcard(d, f, r, there);
	}
}

const struct rule rule_u205 = {
	.code = "U205",
	.title = LANG_MARK("a wildcard answers in place of the record"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_wildcard,
	.more = ask_sibling,
	.meaning = LANG_MARK(
		"There is an answer at the record's name, but every other name beside it "
		"gives the same one: it comes from a wildcard record (*), or from a name "
		"server that answers to everything. The record itself was not "
		"published."),
	.why = LANG_MARK(
		"A wildcard was set up for websites or mail, and it answers for all "
		"names that have no record of their own. Name servers of parked domains "
		"do the same."),
	.how = LANG_MARK(
		"We asked for a name beside the record's that nobody can have made, and "
		"got the same answer."),
	.fix = LANG_MARK(
		"Publish the record under its own name. A record of its own wins over "
		"the wildcard (RFC 4592), which may stay for other names."),
	.check = "  kdig +noall +answer CNAME no-such-name._domainkey.customer.example",
	.see_also = "U301 U302",
};
