/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The MX records at a MAIL FROM name. */
#include "diagnose/mx.h"

#include "diagnose/chain.h"

enum {
	RECORDS_MAX = 64
};

static const struct answer *find_other(const struct diagnosis *d,
				       const struct record_case *r)
{
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		size_t server = d->server_of[answer->view];
		if (server != SIZE_MAX && (r->tally.said[server] & SAID_OTHER) &&
		    answer->question.type == DNS_TYPE_MX &&
		    dns_name_equal(&answer->question.name, &r->expected->name))
			return answer;
	}
	return NULL;
}

bool mx_look(const struct diagnosis *d, const struct record_case *r, struct mx_view *out)
{
	const struct dns_record wanted = { .type = DNS_TYPE_MX,
					   .rdata = r->expected->rdata };
	struct dns_record found[RECORDS_MAX] __attribute__((uninitialized));
	struct dns_name expected;
	struct chain chain;
	uint16_t preference;
	size_t count = 0;
	*out = (struct mx_view){ .has_null = false };
	if (r->expected->purpose != PURPOSE_MAIL_FROM ||
	    r->expected->type != DNS_TYPE_MX || !record_is_other(r) ||
	    !dns_record_mx(&wanted, &preference, &expected))
		return false;
	const struct answer *answer = find_other(d, r);
	for (size_t i = 0; answer && i < answer->records.count && count < RECORDS_MAX;
	     i++) {
		const struct dns_record *record = &answer->records.records[i];
		struct dns_name host;
		if (record->type != DNS_TYPE_MX)
			continue;
		found[count++] = *record;
		out->has_null |=
			dns_record_mx(record, &preference, &host) && host.len == 1;
	}
	if (count == 0)
		return false;
	policy_mx_judge(d->a, found, count, &expected, &out->seen);
	if (out->seen.host.len > 1) {
		chain_follow(d, &out->seen.host, DNS_TYPE_CNAME, &chain);
		if (chain.links > 0)
			out->alias_to = chain.names[chain.links];
	}
	return true;
}
