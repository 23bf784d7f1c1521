/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether reports on one domain may go to another (RFC 9990 section 4). */
#include "policy/wanted.h"

static bool has_consent(struct arena *a, const struct dns_section *records)
{
	for (size_t i = 0; i < records->count; i++) {
		struct dmarc_record record;
		struct str text;

		if (records->records[i].type == DNS_TYPE_TXT &&
		    dns_record_txt(a, &records->records[i], &text) &&
		    dmarc_record_parse(a, text, &record))
			return true;
	}
	return false;
}

/* Steps 1 to 3; false: the name would be too long (step 4). */
bool dmarc_consent_name(const struct dns_name *domain, const struct dns_name *host,
			struct dns_name *out)
{
	static const struct dns_name middle = { 16, "\7_report\6_dmarc" };
	struct dns_name front;

	return dns_name_join(domain, &middle, &front) && dns_name_join(&front, host, out);
}

static enum dmarc_consent compare(struct arena *a, const struct policy_source *source,
				  const struct dns_name *domain,
				  const struct dns_name *host,
				  struct policy_wanted *wanted)
{
	struct dmarc_walk *of_domain = arena_alloc(a, sizeof(*of_domain));
	struct dmarc_walk *of_host = arena_alloc(a, sizeof(*of_host));

	dmarc_walk(a, source, domain, of_domain, wanted);
	dmarc_walk(a, source, host, of_host, wanted);
	if (of_domain->organisation.len == 0 || of_host->organisation.len == 0)
		return DMARC_CONSENT_UNKNOWN;
	return dns_name_equal(&of_domain->organisation, &of_host->organisation)
		       ? DMARC_CONSENT_NOT_NEEDED
		       : DMARC_CONSENT_MISSING;
}

enum dmarc_consent dmarc_check_consent(struct arena *a,
				       const struct policy_source *source,
				       const struct dns_name *domain,
				       const struct dns_name *host,
				       struct dns_name *name_out,
				       struct policy_wanted *wanted)
{
	struct dns_section records = { 0 };

	*name_out = (struct dns_name){ 0 };
	if (dns_name_equal(domain, host))
		return DMARC_CONSENT_NOT_NEEDED;
	if (!dmarc_consent_name(domain, host, name_out))
		return compare(a, source, domain, host, wanted);
	switch (source->find(source->arg, name_out, DNS_TYPE_TXT, &records)) {
	case POLICY_UNKNOWN:
		wanted_add(wanted, name_out, DNS_TYPE_TXT);
		return DMARC_CONSENT_UNKNOWN;
	case POLICY_FAILED:
		return DMARC_CONSENT_UNKNOWN;
	case POLICY_FOUND:
		/* Step 8: one record that parses is enough. */
		if (has_consent(a, &records))
			return DMARC_CONSENT_GIVEN;
		return compare(a, source, domain, host, wanted);
	case POLICY_VOID:
		return compare(a, source, domain, host, wanted);
	}
	return DMARC_CONSENT_UNKNOWN;
}
