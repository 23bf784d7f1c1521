/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the consent to reports on another domain stands (RFC 9990 section 4). */
#include "policy/policy.h"

/* Steps 1 to 3; false: the name would be too long (step 4). */
bool dmarc_consent_name(const struct dns_name *domain, const struct dns_name *host,
			struct dns_name *out)
{
	static const struct dns_name middle = { 16, "\7_report\6_dmarc" };
	struct dns_name front;

	return dns_name_join(domain, &middle, &front) && dns_name_join(&front, host, out);
}
