/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U304: a TXT record in place of the CNAME. */
#include "diagnose/rules.h"

#include "policy/policy.h"

enum {
	TEXT_SCRATCH = 1 << 20
};

static size_t ask_text(const struct diagnosis *d, const struct record_case *r,
		       struct question out[MORE_MAX])
{
	/* NXDOMAIN: nothing of any type is there (RFC 8020). */
	if (!record_is_absent(d, r) || r->expected->type != DNS_TYPE_CNAME ||
	    !(r->tally.all & SAID_NO_TYPE))
		return 0;
	out[0] = (struct question){ r->expected->name, DNS_TYPE_TXT };
	return 1;
}

/* The first TXT record that an authority (or the forwarder) has at the record's name. */
static const struct answer *find_text(const struct diagnosis *d,
				      const struct record_case *r)
{
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		if (d->server_of[answer->view] == SIZE_MAX ||
		    answer->outcome != ASK_ANSWERED ||
		    answer->rcode != DNS_RCODE_NOERROR ||
		    answer->question.type != DNS_TYPE_TXT ||
		    !dns_name_equal(&answer->question.name, &r->expected->name) ||
		    !(answer->authoritative || d->forward))
			continue;
		for (size_t j = 0; j < answer->records.count; j++) {
			const struct dns_record *record = &answer->records.records[j];
			if (record->type == DNS_TYPE_TXT &&
			    dns_name_equal(&record->owner, &r->expected->name))
				return answer;
		}
	}
	return NULL;
}

/* The text is the target itself, or a DKIM key: it was certainly meant to be this record.
 */
static bool is_meant(const struct record_case *r, const struct dns_record *record)
{
	auto_arena struct arena scratch;
	arena_init(&scratch, TEXT_SCRATCH);
	struct cursor wire = cursor_over(r->expected->rdata);
	struct err ignored = { 0 };
	struct policy_dkim_key key;
	struct dns_name target;
	struct dns_name name;
	struct str text;
	if (record->type != DNS_TYPE_TXT || !dns_record_txt(&scratch, record, &text))
		return false;
	if (dns_name_read(&wire, &target) &&
	    dns_name_parse(str_trim(text), &name, &ignored) &&
	    dns_name_equal(&name, &target))
		return true;
	return policy_dkim_key_parse(&scratch, text, &key, &ignored);
}

static void explain_text(struct diagnosis *d, struct finding *f, struct record_case *r,
			 const struct answer *answer)
{
	bool meant = false;
	struct evidence *ev = finding_answer(d, f, answer);
	for (size_t i = 0; i < d->server_count; i++) {
		if (r->tally.said[i] & SAID_NO_TYPE)
			evidence_server(d, ev, d->servers[i].text, "");
	}
	for (size_t i = 0; i < answer->records.count; i++)
		meant |= is_meant(r, &answer->records.records[i]);
	if (!meant)
		f->confidence = CONFIDENCE_LIKELY;
	r->report->state = RECORD_WRONG;
	struct str value = shown_expected(d->a, r->expected);
	struct fix *fix = finding_fix(
		d, f, "set_type",
		arena_printf(d->a,
			     lang_text(d->lang,
				       "remove the TXT record named %s and add a CNAME "
				       "record of the same name with the value %s"),
			     shown_relative(d, r).data, value.data));
	fix->field = STR("type");
	fix->name = shown_relative(d, r);
	fix->value = value;
	fix->from = STR("TXT");
	fix->to = STR("CNAME");
	fix->exact = meant;
}

static void judge_text(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		const struct answer *answer;
		if (r->explained || r->report->state != RECORD_MISSING ||
		    r->expected->type != DNS_TYPE_CNAME ||
		    (answer = find_text(d, r)) == NULL)
			continue;
		struct finding *f = finding_for(
			d, slots, r, "U304",
			lang_text(d->lang,
				  "a TXT record stands where a CNAME is expected"));
		explain_text(d, f, r, answer);
	}
}

const struct rule rule_u304 = {
	.code = "U304",
	.title = LANG_MARK("a TXT record stands where a CNAME is expected"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_text,
	.more = ask_text,
	.meaning =
		LANG_MARK("There is a record at the right name, but of the type TXT. "
			  "What is expected there is a CNAME: an alias to a name where "
			  "the platform keeps the key and changes it when needed."),
	.why = LANG_MARK(
		"The type box of the DNS panel was left at TXT, or the key's text "
		"was published by hand because other platforms ask for that."),
	.how = LANG_MARK("The authoritative servers answered that the name has no CNAME. "
			 "Asked for TXT, they gave the text that is shown."),
	.fix = LANG_MARK(
		"Remove the TXT record, then add a record of the type CNAME with "
		"the same name and the value that is given. A name with a CNAME "
		"can hold nothing else (RFC 1034 section 3.6.2), so the TXT "
		"record has to go first."),
	.check = "  kdig +noall +answer CNAME k1._domainkey.customer.example\n"
		 "  kdig +noall +answer TXT k1._domainkey.customer.example",
	.see_also = "U301 U302",
};
