/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U805: reports to a domain that has not agreed. */
#include "diagnose/chain.h"
#include "diagnose/dmarc.h"

enum {
	ADDRESSES_MAX = 4
};

/* The hosts of other people that reports would go to. */
static size_t foreign_hosts(const struct diagnosis *d, const struct dmarc_view *v,
			    struct dns_name out[ADDRESSES_MAX])
{
	struct str rest = v->record.rua;
	struct str item;
	size_t count = 0;
	while (count < ADDRESSES_MAX && str_split(&rest, ',', &item)) {
		struct dmarc_address address;
		struct err ignored = { 0 };
		if (dmarc_address_parse(item, &address, &ignored) &&
		    !dmarc_same_owner(d, &address.host, &v->domain))
			out[count++] = address.host;
	}
	return count;
}

static bool is_there(const struct record_case *r)
{
	return r->report->state == RECORD_OK || r->report->state == RECORD_FOUND;
}

static size_t ask(const struct diagnosis *d, const struct record_case *r,
		  struct question out[MORE_MAX])
{
	struct dns_name hosts[ADDRESSES_MAX];
	struct dmarc_view v;
	size_t count = 0;
	if (!is_there(r) || !dmarc_look(d, r, &v) || v.count != 1)
		return 0;
	size_t found = foreign_hosts(d, &v, hosts);
	for (size_t i = 0; i < found; i++) {
		out[count].type = DNS_TYPE_TXT;
		count += dmarc_consent_name(&v.domain, &hosts[i], &out[count].name);
	}
	return count;
}

/* Positively not there: silence is no refusal. */
static bool has_refused(const struct diagnosis *d, const struct dns_name *name)
{
	struct chain chain;
	chain_follow(d, name, DNS_TYPE_TXT, &chain);
	if (chain.end == CHAIN_NO_NAME || chain.end == CHAIN_NO_TYPE)
		return true;
	if (chain.end != CHAIN_FOUND)
		return false;
	for (size_t i = 0; i < chain.answer->records.count; i++) {
		const struct dns_record *record = &chain.answer->records.records[i];
		struct dmarc_record ignored;
		struct str text;
		if (record->type == DNS_TYPE_TXT && dns_record_txt(d->a, record, &text) &&
		    dmarc_record_parse(d->a, text, &ignored))
			return false;
	}
	return true;
}

static void judge_one(struct diagnosis *d, const struct record_case *r,
		      const struct dmarc_view *v, const struct dns_name *host)
{
	struct dns_name name;
	if (!dmarc_consent_name(&v->domain, host, &name) || !has_refused(d, &name))
		return;
	struct fix *fix = dmarc_add_note(
		d, r, "U805", lang_text(d->lang, "the domain for reports has not agreed"),
		arena_printf(
			d->a,
			lang_text(d->lang,
				  "ask whoever runs %s to publish a TXT record named "
				  "%s with the value v=DMARC1, or have the reports "
				  "sent to an address at your own domain"),
			shown_name(d, host).data, shown_name(d, &name).data));
	fix->field = STR_EMPTY;
}

static void judge(struct diagnosis *d)
{
	for (size_t i = 0; i < d->record_count; i++) {
		const struct record_case *r = &d->records[i];
		struct dns_name hosts[ADDRESSES_MAX];
		struct dmarc_view v;
		if (!is_there(r) || !dmarc_look(d, r, &v) || v.count != 1)
			continue;
		size_t count = foreign_hosts(d, &v, hosts);
		for (size_t j = 0; j < count; j++)
			judge_one(d, r, &v, &hosts[j]);
	}
}

const struct rule rule_u805 = {
	.code = "U805",
	.title = LANG_MARK("the domain for reports has not agreed"),
	.remedy = LANG_MARK("note, change when you like"),
	.judge = judge,
	.more = ask,
	.meaning = LANG_MARK("The DMARC record asks that reports (rua) be sent to an "
			     "address at another domain. That domain has to agree to it "
			     "in its own DNS, and has not, so the reports are not sent."),
	.why = LANG_MARK("The service for reports was not told of this domain, or "
			 "its address was misspelt."),
	.how = LANG_MARK("We asked for a TXT record at "
			 "<domain>._report._dmarc.<their domain>, where the consent "
			 "has to stand (RFC 9990 section 4)."),
	.fix = LANG_MARK("Ask whoever runs the address to publish that record, or "
			 "have the reports sent to an address at your own domain."),
	.check = "  kdig +noall +answer TXT "
		 "customer.example._report._dmarc.reports.example",
	.see_also = "U803 U807",
};
