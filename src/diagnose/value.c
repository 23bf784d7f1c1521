/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U302, U602, U703: the record is there and says something else. */
#include "diagnose/rules.h"

#include "diagnose/match.h"

/* Bits of servers that have something else than is expected. */
static bool is_other(const struct record_case *r)
{
	return r->report->state == RECORD_WRONG && (r->tally.all & SAID_OTHER);
}

/* How many records of the purpose the first server that differs has. */
static size_t count_there(struct diagnosis *d, const struct record_case *r)
{
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		size_t server = d->server_of[answer->view];
		size_t n = 0;
		if (server == SIZE_MAX || !(r->tally.said[server] & SAID_OTHER) ||
		    answer->question.type != r->expected->type ||
		    !dns_name_equal(&answer->question.name, &r->expected->name))
			continue;
		auto_arena struct arena scratch;
		arena_init(&scratch, 1 << 20);
		for (size_t j = 0; j < answer->records.count; j++) {
			const struct dns_record *record = &answer->records.records[j];
			if (record->type != r->expected->type)
				continue;
			n += match_concerns(&scratch, r->expected, record);
			arena_reset(&scratch);
		}
		return n;
	}
	return 0;
}

static void judge_two_spf(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (r->explained || r->expected->purpose != PURPOSE_SPF || !is_other(r) ||
		    count_there(d, r) < 2)
			continue;
		struct finding *f = finding_for(d, slots, r, "U602",
						"there is more than one SPF record");
		finding_evidence(d, f, &r->tally, SAID_OTHER);
		f->why = STR("receivers take two SPF records for an error and use "
			     "neither (RFC 7208 section 4.5)");
		finding_fix(
			d, f, "set_value",
			arena_printf(
				d->a,
				"keep one TXT record that begins with v=spf1 at %.*s, "
				"with the terms of all of them, and remove the others",
				STR_ARG(shown_relative(d, r))));
	}
}

static void judge_two_mx(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (r->explained || r->expected->purpose != PURPOSE_MAIL_FROM ||
		    r->expected->type != DNS_TYPE_MX || !is_other(r) ||
		    count_there(d, r) < 2)
			continue;
		struct finding *f =
			finding_for(d, slots, r, "U703",
				    "there is more than one MX at the MAIL FROM name");
		finding_evidence(d, f, &r->tally, SAID_OTHER);
		struct str value = shown_expected(d->a, r->expected);
		struct fix *fix = finding_fix(
			d, f, "remove",
			arena_printf(
				d->a,
				"at %.*s keep only the MX record with the value %.*s; if "
				"the others are needed, choose another MAIL FROM name",
				STR_ARG(shown_relative(d, r)), STR_ARG(value)));
		fix->to = value;
	}
}

static const char *other_title(const struct record_case *r)
{
	if (r->expected->type == DNS_TYPE_CNAME)
		return "the record points to a different target";
	if (r->expected->type == DNS_TYPE_MX)
		return "the MX record names a different host";
	if (r->expected->purpose == PURPOSE_DKIM)
		return "the record does not hold the expected key";
	return "the record has a different value";
}

static void explain_other(struct diagnosis *d, struct finding *f, struct record_case *r)
{
	struct evidence *ev = finding_evidence(d, f, &r->tally, SAID_OTHER);
	struct str value = shown_expected(d->a, r->expected);
	struct str name = shown_relative(d, r);
	struct str type = shown_type(d->a, r->expected->type);
	const char *sentence =
		value.len == 0 ? arena_printf(d->a,
					      "put the public key (v=DKIM1; p=...) into "
					      "the TXT record named %.*s",
					      STR_ARG(name))
		: r->expected->purpose == PURPOSE_SPF
			? arena_printf(d->a,
				       "in the TXT record named %.*s have what stands in "
				       "%.*s, beside whatever else is needed",
				       STR_ARG(name), STR_ARG(value))
			: arena_printf(
				  d->a,
				  "set the value of the %.*s record named %.*s to %.*s",
				  STR_ARG(type), STR_ARG(name), STR_ARG(value));
	struct fix *fix = finding_fix(d, f, "set_value", sentence);
	fix->field = STR("value");
	fix->name = name;
	fix->value = value;
	fix->from = ev && ev->value_count > 0 ? ev->values[0] : STR_EMPTY;
	fix->to = value;
	fix->exact = value.len > 0 && r->expected->purpose != PURPOSE_SPF;
}

/* Targets, hosts, keys and texts each have a title of their own, so a finding of their
 * own. */
static void judge_other(struct diagnosis *d)
{
	for (size_t i = 0; i < d->record_count; i++) {
		struct finding *slots[2] = { NULL };
		if (d->records[i].explained || !is_other(&d->records[i]))
			continue;
		const char *title = other_title(&d->records[i]);
		for (size_t j = i; j < d->record_count; j++) {
			struct record_case *r = &d->records[j];
			if (r->explained || !is_other(r) ||
			    strcmp(other_title(r), title) != 0)
				continue;
			explain_other(d, finding_for(d, slots, r, "U302", title), r);
		}
	}
}

static const struct rule rules[] = {
	{
		.code = "U602",
		.title = "there is more than one SPF record",
		.remedy = "error, fix in the DNS panel",
		.judge = judge_two_spf,
		.meaning = "Two or more TXT records at the name begin with v=spf1. "
			   "Receivers must treat that as an error, and SPF passes for "
			   "nobody.",
		.why = "Each service that was set up asked for an SPF record, and each "
		       "was added as a record of its own.",
		.how = "We asked for TXT at the name and counted the records that begin "
		       "with v=spf1. Several strings inside one record count as one.",
		.fix = "Put all terms into one record: one v=spf1 in front, then every "
		       "include: and ip4: and the like, and one ~all or -all at the end. "
		       "Remove the others.",
		.check = "  kdig +noall +answer TXT customer.example",
		.see_also = "U302 different value",
	},
	{
		.code = "U703",
		.title = "there is more than one MX at the MAIL FROM name",
		.remedy = "error, fix in the DNS panel",
		.judge = judge_two_mx,
		.meaning = "The name that takes bounces may have exactly one MX record, "
			   "the platform's. With a second one bounces can go astray, and "
			   "Amazon SES refuses the set-up.",
		.why = "A name was chosen that receives mail already, or an old MX "
		       "stayed.",
		.how = "We asked for MX at the name and got more than one record.",
		.fix = "Remove the other MX records. If mail is received at this name, "
		       "choose another name for MAIL FROM, such as "
		       "bounce.customer.example.",
		.check = "  kdig +noall +answer MX bounce.customer.example",
		.see_also = "U302 different value",
	},
	{
		.code = "U302",
		.title = "the record has a different target or value",
		.remedy = "error, fix in the DNS panel",
		.judge = judge_other,
		.meaning = "There is a record of the right type at the right name, but "
			   "it says something else than it should.",
		.why = "It is left from an earlier set-up (another account, another "
		       "region, another platform); a character was lost in copying; or "
		       "two records changed places.",
		.how = "We compared by meaning: names without regard to capitals and the "
		       "final dot, keys by their bytes, texts joined as receivers join "
		       "them. What is shown was really different. Where an alias (CNAME) "
		       "stands in place of another type, receivers follow it; what it "
		       "leads to was not judged here.",
		.fix = "Set the value to the one that is given, by copying it whole. "
		       "Leave the name as it is.",
		.check = "  kdig +norec +short CNAME k1._domainkey.customer.example "
			 "@<name server>",
		.see_also = "U104 servers disagree, U304 TXT instead of CNAME",
	},
};

const struct rule *value_rules(size_t *count_out)
{
	*count_out = ARRAY_LEN(rules);
	return rules;
}
