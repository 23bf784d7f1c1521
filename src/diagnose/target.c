/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U304 and U301: a record of another type in its place, or nothing at all. */
#include "diagnose/rules.h"

#include "policy/policy.h"

enum {
	TEXT_SCRATCH = 1 << 20
};

/* "TYPE  NAME" of a record in words, as one types it. */
static const char *record_words(struct diagnosis *d, const struct record_case *r)
{
	return arena_printf(d->a, "%s %.*s record named %.*s",
			    shown_article(r->expected->type),
			    STR_ARG(shown_type(d->a, r->expected->type)),
			    STR_ARG(shown_relative(d, r)));
}

/* U304 */

static bool ask_text(const struct diagnosis *d unused_arg, const struct record_case *r,
		     struct question *out)
{
	/* NXDOMAIN: nothing of any type is there (RFC 8020). */
	if (r->expected->type != DNS_TYPE_CNAME || !(r->tally.all & SAID_NO_TYPE))
		return false;
	*out = (struct question){ r->expected->name, DNS_TYPE_TXT };
	return true;
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
			     "remove the TXT record named %.*s and add a CNAME record of "
			     "the same name with the value %.*s",
			     STR_ARG(shown_relative(d, r)), STR_ARG(value)));
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
		struct finding *f =
			finding_for(d, slots, r, "U304",
				    "a TXT record stands where a CNAME is expected");
		explain_text(d, f, r, answer);
	}
}

/* U301 */

/* When the negative answer that a cache gave runs out: 0 if that is not known. */
static int64_t negative_until(const struct diagnosis *d, const struct record_case *r)
{
	int64_t until = 0;
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		if (d->o->views[answer->view].kind != VIEW_FORWARD || !answer->has_soa ||
		    answer->question.type != r->expected->type ||
		    !dns_name_equal(&answer->question.name, &r->expected->name))
			continue;
		/* RFC 2308 section 5. */
		uint32_t ttl = answer->soa_ttl_s < answer->soa.minimum_s
				       ? answer->soa_ttl_s
				       : answer->soa.minimum_s;
		until = d->o->at_s + ttl;
	}
	return until;
}

static void explain_missing(struct diagnosis *d, struct finding *f, struct record_case *r)
{
	const struct expected_record *x = r->expected;
	const char *where = "";
	finding_evidence(d, f, &r->tally, SAID_ABSENT);
	if (r->zone.len > 1)
		where = arena_printf(d->a, "in the zone %.*s ",
				     STR_ARG(shown_name(d, &r->zone)));
	struct str value = shown_expected(d->a, x);
	const char *with =
		value.len > 0 ? arena_printf(d->a, "with the value %.*s", STR_ARG(value))
			      : "with the public key (v=DKIM1; p=...)";
	struct fix *fix = finding_fix(
		d, f, "add",
		arena_printf(d->a, "%sadd %s %s", where, record_words(d, r), with));
	fix->name = shown_relative(d, r);
	fix->value = value;
	fix->to = value;
	fix->exact = value.len > 0;
	int64_t until = negative_until(d, r);
	if (until > f->until_s)
		f->until_s = until;
}

static void add_cache_note(struct diagnosis *d, struct finding *f)
{
	auto_buf struct buf b;
	buf_init(&b, 512);
	buf_text(&b, "only one cache was asked (dns.forward): a record published a "
		     "moment ago may be there already");
	if (f->until_s > 0) {
		buf_text(&b, "; the cache remembers its absence until ");
		clock_write_rfc3339(&b, f->until_s);
	}
	f->why = arena_str(d->a, buf_view(&b));
}

static void judge_missing(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (r->explained || r->report->state != RECORD_MISSING)
			continue;
		struct finding *f =
			finding_for(d, slots, r, "U301", "the record is missing");
		explain_missing(d, f, r);
	}
	for (size_t i = 0; i < ARRAY_LEN(slots); i++) {
		if (!slots[i])
			continue;
		if (slots[i]->record_count > 1)
			slots[i]->title = str_from(arena_printf(
				d->a, "%zu records are missing", slots[i]->record_count));
		if (d->forward)
			add_cache_note(d, slots[i]);
	}
}

static const struct rule rules[] = {
	{
		.code = "U304",
		.title = "a TXT record stands where a CNAME is expected",
		.remedy = "error, fix in the DNS panel",
		.judge = judge_text,
		.more = ask_text,
		.meaning = "There is a record at the right name, but of the type TXT. "
			   "What is expected there is a CNAME: an alias to a name where "
			   "the platform keeps the key and changes it when needed.",
		.why = "The type box of the DNS panel was left at TXT, or the key's text "
		       "was published by hand because other platforms ask for that.",
		.how = "The authoritative servers answered that the name has no CNAME. "
		       "Asked for TXT, they gave the text that is shown.",
		.fix = "Remove the TXT record, then add a record of the type CNAME with "
		       "the same name and the value that is given. A name with a CNAME "
		       "can hold nothing else (RFC 1034 section 3.6.2), so the TXT "
		       "record has to go first.",
		.check = "  kdig +noall +answer CNAME k1._domainkey.customer.example\n"
			 "  kdig +noall +answer TXT k1._domainkey.customer.example",
		.see_also = "U301 record missing, U302 different value",
	},
	{
		.code = "U301",
		.title = "the record is missing",
		.remedy = "error, fix in the DNS panel",
		.judge = judge_missing,
		.meaning = "The name servers of the domain say that there is no such "
			   "record. Other usual misplacements were looked for and not "
			   "found.",
		.why = "It has not been published yet; it was typed into the panel of a "
		       "DNS operator that the domain does not use; it was saved under "
		       "another name; or the panel publishes changes only now and then.",
		.how = "All authoritative servers that answered said NXDOMAIN (no such "
		       "name) or gave an empty answer (the name is there, the type is "
		       "not). Servers that could not be asked were not counted.",
		.fix = "Add the record in the panel of the operator whose name servers "
		       "are shown. The name is given as most panels want it, without the "
		       "zone; if the panel wants the whole name, give it with the zone "
		       "once. Then save, and look that the panel lists the record.",
		.check = "  kdig +norec +short CNAME k1._domainkey.customer.example "
			 "@<name server>",
		.see_also = "U101 domain does not exist, U201 zone name doubled, U304 "
			    "TXT instead of CNAME",
	},
};

const struct rule *target_rules(size_t *count_out)
{
	*count_out = ARRAY_LEN(rules);
	return rules;
}
