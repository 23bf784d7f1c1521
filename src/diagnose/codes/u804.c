/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U804: nothing can be aligned. */
#include "diagnose/dmarc.h"

/* The domain that signatures with the key of this record are for: behind _domainkey. */
static bool signed_domain(const struct expected_record *x, struct dns_name *out)
{
	size_t labels = dns_name_labels(&x->name);
	for (size_t i = 0; i + 1 < labels; i++) {
		struct dns_name at = dns_name_parent(&x->name, i);
		if (str_equal_nocase(dns_name_first_label(&at), STR("_domainkey"))) {
			*out = dns_name_parent(&at, 1);
			return true;
		}
	}
	return false;
}

static bool is_aligned(const struct diagnosis *d, const struct dns_name *name,
		       bool is_strict)
{
	return dns_name_equal(name, &d->x->name) ||
	       (!is_strict && dmarc_same_owner(d, name, &d->x->name));
}

/* What the expected records will let pass. */
struct identifiers {
	size_t count;
	bool can_align;
	struct dns_name apart; /* one that cannot */
};

static void add_identifier(const struct diagnosis *d, struct identifiers *ids,
			   const struct dns_name *name, bool is_strict)
{
	ids->count++;
	if (is_aligned(d, name, is_strict))
		ids->can_align = true;
	else
		ids->apart = *name;
}

static struct identifiers collect(const struct diagnosis *d,
				  const struct dmarc_record *record)
{
	struct identifiers ids = { .count = 0 };
	for (size_t i = 0; i < d->record_count; i++) {
		const struct expected_record *x = d->records[i].expected;
		struct dns_name signer;
		if (x->purpose == PURPOSE_DKIM && signed_domain(x, &signer))
			add_identifier(d, &ids, &signer, record->strict_dkim);
		else if (x->purpose == PURPOSE_MAIL_FROM || x->purpose == PURPOSE_SPF)
			add_identifier(d, &ids, &x->name, record->strict_spf);
	}
	return ids;
}

static void report(struct diagnosis *d, struct record_case *r, const struct dmarc_view *v,
		   const struct identifiers *ids)
{
	bool is_harmless =
		v->record.testing || !v->record.has_p || v->record.p == DMARC_POLICY_NONE;
	struct finding *f =
		finding_add(d, "U804", is_harmless ? SEVERITY_NOTE : SEVERITY_ERROR,
			    lang_text(d->lang, "DMARC can never pass"));
	finding_covers(d, f, r);
	finding_evidence(d, f, &r->tally, SAID_RIGHT | SAID_OTHER);
	f->why = str_from(arena_printf(
		d->a,
		lang_text(d->lang,
			  "SPF passes for %s, which the DMARC record does not take "
			  "for %s, and no DKIM key of that domain is set up"),
		shown_name(d, &ids->apart).data, shown_name(d, &d->x->name).data));
	finding_fix(d, f, "set_value",
		    arena_printf(
			    d->a,
			    lang_text(d->lang,
				      "set up DKIM for %s, or take aspf=s out of the TXT "
				      "record named %s"),
			    shown_name(d, &d->x->name).data, shown_relative(d, r).data));
}

static void judge(struct diagnosis *d)
{
	for (size_t i = 0; i < d->record_count && !d->searching; i++) {
		struct record_case *r = &d->records[i];
		struct dmarc_view v;
		if (r->explained || !dmarc_look(d, r, &v) || v.count != 1 ||
		    !dns_name_equal(&v.domain, &d->x->name))
			continue;
		struct identifiers ids = collect(d, &v.record);
		if (ids.count > 0 && !ids.can_align)
			report(d, r, &v, &ids);
	}
}

const struct rule rule_u804 = {
	.code = "U804",
	.title = LANG_MARK("DMARC can never pass"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge,
	.meaning = LANG_MARK("DMARC passes when SPF or DKIM passes for the domain in the "
			     "From line (they are aligned). With this DMARC record "
			     "neither can: mail would be refused or put aside although "
			     "SPF passes."),
	.why = LANG_MARK("The record asks for strict alignment (aspf=s), and MAIL "
			 "FROM is a subdomain; or MAIL FROM is another domain and no "
			 "DKIM signature of your own domain is set up."),
	.how = LANG_MARK("We compared the domain with what the expected records "
			 "stand for: DKIM signatures of their domain (d=), and the "
			 "MAIL FROM domain; strictly or by organisation, as adkim "
			 "and aspf say."),
	.fix = LANG_MARK("Set up DKIM for the domain itself: its signature is "
			 "aligned under any DMARC record. Or take aspf=s out of the "
			 "DMARC record."),
	.check = "  kdig +noall +answer TXT _dmarc.customer.example",
	.see_also = "U801 U807",
};
