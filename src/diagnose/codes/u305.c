/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U305: something else stands beside an alias, or an alias in place of something else. */
#include "diagnose/rules.h"
#include "diagnose/target.h"

/* An answer of the domain's servers that has an alias, or something else, at the name
 * itself. */
static const struct answer *find_beside(const struct diagnosis *d,
					const struct dns_name *name, bool is_alias)
{
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		if (d->server_of[answer->view] == SIZE_MAX || d->forward ||
		    answer->outcome != ASK_ANSWERED || !answer->authoritative ||
		    !dns_name_equal(&answer->question.name, name))
			continue;
		for (size_t j = 0; j < answer->records.count; j++) {
			const struct dns_record *r = &answer->records.records[j];
			if (dns_name_equal(&r->owner, name) &&
			    (r->type == DNS_TYPE_CNAME) == is_alias)
				return answer;
		}
	}
	return NULL;
}

static bool has_alias_here(const struct diagnosis *d, const struct dns_name *name,
			   uint16_t view)
{
	const struct answer *answer = observation_find(d->o, name, DNS_TYPE_CNAME, view);
	for (size_t i = 0; answer && i < answer->records.count; i++) {
		const struct dns_record *r = &answer->records.records[i];
		if (r->type == DNS_TYPE_CNAME && dns_name_equal(&r->owner, name))
			return true;
	}
	return false;
}

/* RFC 1034 section 4.3.2, step 3a: a server that has an alias gives it to every
 * question. One that gives it to some only has something else there, and says nothing of
 * the key. */
static const struct answer *find_silence(const struct diagnosis *d,
					 const struct dns_name *name)
{
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		if (d->server_of[answer->view] == SIZE_MAX || d->forward ||
		    answer->outcome != ASK_ANSWERED || !answer->authoritative ||
		    answer->is_referral || answer->rcode != DNS_RCODE_NOERROR ||
		    !answer->has_soa || answer->records.count > 0 ||
		    answer->question.type != DNS_TYPE_TXT ||
		    !dns_name_equal(&answer->question.name, name))
			continue;
		if (has_alias_here(d, name, answer->view))
			return answer;
	}
	return NULL;
}

static void explain_beside(struct diagnosis *d, struct finding *f, struct record_case *r,
			   const struct answer *beside)
{
	struct str value = shown_expected(d->a, r->expected);
	const char *name = shown_relative(d, r).data;
	finding_evidence(d, f, &r->tally, SAID_RIGHT | SAID_OTHER);
	struct evidence *ev = finding_answer(d, f, beside);
	evidence_server(d, ev, shown_server(d->a, d->o, beside->view), "");
	r->report->state = RECORD_WRONG;
	struct fix *fix = finding_fix(
		d, f, "remove",
		beside->records.count > 0
			? arena_printf(
				  d->a,
				  lang_text(d->lang,
					    "remove the %s record named %s, and keep "
					    "only the CNAME with the value %s"),
				  shown_type(d->a, beside->question.type).data, name,
				  value.data)
			: arena_printf(d->a,
				       lang_text(d->lang,
						 "remove whatever else stands at %s, and "
						 "keep only the CNAME with the value %s"),
				       name, value.data));
	fix->name = shown_relative(d, r);
	fix->to = value;
}

/* Beside the alias that is expected. */
static void judge_beside(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (r->explained || d->searching || r->expected->type != DNS_TYPE_CNAME ||
		    !(r->tally.all & (SAID_RIGHT | SAID_OTHER)))
			continue;
		const struct answer *beside = find_beside(d, &r->expected->name, false);
		if (!beside)
			beside = find_silence(d, &r->expected->name);
		if (!beside)
			continue;
		struct finding *f = finding_for(
			d, slots, r, "U305",
			lang_text(d->lang, "another record stands beside the CNAME"));
		explain_beside(d, f, r, beside);
		if (f->why.len == 0)
			f->why = str_from(lang_text(
				d->lang, "a name with a CNAME can hold nothing else (RFC "
					 "1034 section 3.6.2): who asks for the key gets "
					 "the one or the other"));
	}
}

static void judge_several(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		struct target t;
		if (r->explained || r->expected->type != DNS_TYPE_CNAME ||
		    !target_find(d, r, &t) || t.count < 2)
			continue;
		struct finding *f = finding_for(
			d, slots, r, "U305",
			lang_text(d->lang, "there is more than one CNAME at the name"));
		struct fix *fix = finding_set_value(d, f, r);
		fix->sentence = str_from(arena_printf(
			d->a,
			lang_text(d->lang,
				  "at %s keep one CNAME record, with the value %s, and "
				  "remove the others"),
			shown_relative(d, r).data,
			shown_expected(d->a, r->expected).data));
	}
}

/* An alias where another type is expected, and what is expected is not behind it. */
static void judge_in_place(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		enum record_state s = r->report->state;
		if (r->explained || d->searching || r->expected->type == DNS_TYPE_CNAME ||
		    (s != RECORD_MISSING && s != RECORD_WRONG))
			continue;
		const struct answer *alias = find_beside(d, &r->expected->name, true);
		if (!alias)
			continue;
		const char *type = shown_type(d->a, r->expected->type).data;
		struct str value = shown_expected(d->a, r->expected);
		struct finding *f = finding_for(
			d, slots, r, "U305",
			lang_text(d->lang, "a CNAME stands where another record is "
					   "expected"));
		struct evidence *ev = finding_answer(d, f, alias);
		evidence_server(d, ev, shown_server(d->a, d->o, alias->view), "");
		r->report->state = RECORD_WRONG;
		if (f->why.len == 0)
			f->why = str_from(lang_text(
				d->lang, "a name with a CNAME can hold nothing else, and "
					 "what it leads to is not what is expected"));
		struct fix *fix = finding_fix(
			d, f, "set_type",
			arena_printf(d->a,
				     lang_text(d->lang,
					       "remove the CNAME record named %s "
					       "and add a %s record of the same "
					       "name with the value %s"),
				     shown_relative(d, r).data, type, value.data));
		fix->field = STR("type");
		fix->name = shown_relative(d, r);
		fix->value = value;
		fix->from = STR("CNAME");
		fix->to = shown_type(d->a, r->expected->type);
	}
}

static void judge_others(struct diagnosis *d)
{
	judge_beside(d);
	judge_several(d);
	judge_in_place(d);
}

const struct rule rule_u305 = {
	.code = "U305",
	.title = LANG_MARK("other records stand beside a CNAME, or one in their place"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_others,
	.meaning =
		LANG_MARK("A CNAME says: look at that other name for everything. So "
			  "nothing else may stand at its name, and no second CNAME. "
			  "Here something does, or a CNAME stands where another record "
			  "is expected."),
	.why = LANG_MARK(
		"A record of another type, from a test or another service, was left "
		"at the name. Good DNS panels refuse that; this one did not. Or "
		"a subdomain that is pointed to some service by a CNAME was "
		"chosen for mail too."),
	.how = LANG_MARK(
		"The name servers gave a CNAME to one question and something else "
		"to another one about the same name, or several CNAMEs at once."),
	.fix = LANG_MARK("Keep what is expected at the name and remove everything else "
			 "there. Where a CNAME is needed for another service, choose "
			 "another name for the mail records."),
	.check = "  kdig +noall +answer CNAME k1._domainkey.customer.example\n"
		 "  kdig +noall +answer TXT k1._domainkey.customer.example",
	.see_also = "U302 U304 U306",
};
