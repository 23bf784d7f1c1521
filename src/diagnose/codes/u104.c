/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U104: the name servers disagree. */
#include "diagnose/rules.h"

static bool is_divided(const struct record_case *r)
{
	const struct tally *t = &r->tally;
	/* Who gave an alias that could not be followed may have it right too. */
	return (t->all & SAID_RIGHT) && (t->all & (SAID_OTHER | SAID_ABSENT));
}

/* "ns1.operator.example (serial 10): 6 of 6 right", with what it means. */
static struct str divided_words(struct diagnosis *d, const struct finding *f)
{
	auto_buf struct buf b;
	buf_init(&b, 64 * 1024);
	for (size_t i = 0; i < d->server_count; i++) {
		const struct server *s = &d->servers[i];
		size_t right = 0;
		size_t answered = 0;
		size_t both = 0;
		for (size_t j = 0; j < d->record_count; j++) {
			const struct record_case *r = &d->records[j];
			unsigned said = r->tally.said[i] & SAID_ANSWERED;
			if (!finding_has(f, r) || said == 0)
				continue;
			right += said == SAID_RIGHT;
			both += (said & SAID_RIGHT) && said != SAID_RIGHT;
			answered++;
		}
		if (answered == 0)
			continue;
		buf_text(&b, b.len > 0 ? lang_text(d->lang, ", ") : "");
		if (both > 0)
			buf_printf(&b,
				   lang_text(d->lang,
					     "%s says different things at its addresses"),
				   s->text.data);
		else if (s->has_serial)
			buf_printf(
				&b,
				lang_text(d->lang, "%s (serial %u) has %zu of %zu right"),
				s->text.data, s->serial, right, answered);
		else
			buf_printf(&b, lang_text(d->lang, "%s has %zu of %zu right"),
				   s->text.data, right, answered);
	}
	return str_from(arena_printf(
		d->a, lang_text(d->lang, "%s; which one a receiver asks is chance"),
		buf_cstr(&b)));
}

static void judge_divided(struct diagnosis *d)
{
	const unsigned behind = SAID_OTHER | SAID_ABSENT | SAID_ALIAS;
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (r->explained || !is_divided(r))
			continue;
		struct finding *f =
			finding_for(d, slots, r, "U104",
				    lang_text(d->lang, "the name servers disagree"));
		finding_evidence(d, f, &r->tally, SAID_RIGHT);
		finding_evidence(d, f, &r->tally, behind);
	}
	for (size_t i = 0; i < ARRAY_LEN(slots); i++) {
		if (!slots[i])
			continue;
		slots[i]->why = divided_words(d, slots[i]);
		finding_fix(d, slots[i], "retry",
			    lang_text(d->lang,
				      "if the change was made in the last minutes, "
				      "give the servers that lag time to copy the "
				      "zone; if they still differ after an hour, "
				      "tell the DNS operator which servers lag"));
	}
}

const struct rule rule_u104 = {
	.code = "U104",
	.title = LANG_MARK("the name servers disagree"),
	.remedy = LANG_MARK("error, or only a moment's delay"),
	.judge = judge_divided,
	.meaning =
		LANG_MARK("Some of the domain's name servers have the record as it "
			  "should be, others do not. Receivers see the one or the other "
			  "by chance."),
	.why = LANG_MARK(
		"A change travels from the first server to the others; usually "
		"that takes seconds, sometimes as long as the SOA's refresh time. "
		"If it lasts, copying the zone fails, or two operators each have "
		"a zone of their own."),
	.how = LANG_MARK("Each server was asked directly, without any cache. The serial "
			 "number in brackets is the version of the zone that the server "
			 "has."),
	.fix = LANG_MARK(
		"Wait some minutes after a change. If the servers that lag keep "
		"their serial number, the DNS operator has to repair the copying. "
		"If the domain uses two operators, publish the record at both."),
	.check = LANG_MARK("  kdig +norec +short CNAME k1._domainkey.customer.example "
			   "@<each server>\n"
			   "  kdig +norec +short SOA customer.example @<each server>"),
	.see_also = "U103 U301",
};
