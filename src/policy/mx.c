/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The MX of a MAIL FROM domain: exactly one, the platform's. */
#include "policy/policy.h"

/* The one label that stands between `front` and `back` in a name's text. */
static bool has_region(struct str text, const char *front, const char *back,
		       struct str *region_out)
{
	size_t around = strlen(front) + strlen(back);

	if (text.len <= around || !str_starts(text, str_from(front)) ||
	    !str_ends(text, str_from(back)))
		return false;
	struct str region = str_sub(text, strlen(front), text.len - around);
	if (str_find_byte(region, '.') < region.len)
		return false;
	*region_out = region;
	return true;
}

static bool takes_bounces(struct str host, struct str *region_out)
{
	return has_region(host, "feedback-smtp.", ".amazonses.com", region_out);
}

static enum mx_fault compare(struct arena *a, const struct dns_name *host,
			     const struct dns_name *expected, struct str *region_out)
{
	struct str region = STR_EMPTY;
	struct str ignored;
	struct str text = dns_name_text(a, host);

	if (dns_name_equal(host, expected))
		return MX_RIGHT;
	/* RFC 7505 section 3: the root as host says that no mail is taken. */
	if (host->len == 1)
		return MX_NULL;
	if (!takes_bounces(dns_name_text(a, expected), &ignored))
		return MX_OTHER_HOST;
	if (takes_bounces(text, &region)) {
		*region_out = region;
		return MX_OTHER_REGION;
	}
	return has_region(text, "inbound-smtp.", ".amazonaws.com", &ignored)
		       ? MX_RECEIVING
		       : MX_OTHER_HOST;
}

void policy_mx_judge(struct arena *a, const struct dns_record *records, size_t count,
		     const struct dns_name *expected, struct mx_seen *out)
{
	bool is_there = false;
	size_t others = 0;

	*out = (struct mx_seen){ .region = STR_EMPTY };
	for (size_t i = 0; i < count; i++) {
		struct dns_name host;
		struct str region = STR_EMPTY;
		uint16_t preference;

		if (!dns_record_mx(&records[i], &preference, &host)) {
			out->fault = MX_MALFORMED;
			return;
		}
		enum mx_fault fault = compare(a, &host, expected, &region);
		if (fault == MX_RIGHT) {
			is_there = true;
			continue;
		}
		if (others++ == 0) {
			out->fault = fault;
			out->host = host;
			out->region = region;
		}
	}
	if (is_there && others > 0)
		out->fault = MX_SEVERAL;
}
