/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The zone that holds the domain, as far as was seen. */
#include "diagnose/zone.h"

/* Behind a forwarder the SOA of a negative answer, or of the SOA question, tells the
 * zone: the deepest at or above the domain. */
static bool zone_from_answers(const struct observation *o, struct dns_name *out)
{
	bool is_found = false;
	for (size_t i = 0; i < o->answer_count; i++) {
		const struct answer *answer = &o->answers[i];
		const struct dns_name *owner =
			answer->has_soa ? &answer->soa_owner : NULL;
		if (!owner && answer->question.type == DNS_TYPE_SOA &&
		    answer->records.count > 0 &&
		    answer->records.records[0].type == DNS_TYPE_SOA)
			owner = &answer->records.records[0].owner;
		if (!owner || owner->len < 2 || !dns_name_within(&o->domain, owner))
			continue;
		if (!is_found || dns_name_within(owner, out)) {
			*out = *owner;
			is_found = true;
		}
	}
	return is_found;
}

static bool is_forward(const struct observation *o)
{
	for (size_t i = 0; i < o->view_count; i++) {
		if (o->views[i].kind == VIEW_FORWARD)
			return true;
	}
	return o->walk == WALK_SKIPPED;
}

bool observed_zone(const struct observation *o, struct dns_name *out)
{
	if (o->walk == WALK_DONE && o->zone.len > 0) {
		*out = o->zone;
		return true;
	}
	return is_forward(o) && zone_from_answers(o, out);
}

bool report_zone(const struct report *r, struct dns_name *out)
{
	return observed_zone(r->observation, out);
}

const char *report_dnssec(const struct report *r)
{
	const struct observation *o = r->observation;
	bool secure = false;
	bool insecure = false;
	for (size_t i = 0; i < o->validation_count; i++) {
		if (o->validations[i].security == SECURITY_BOGUS)
			return LANG_MARK("bogus");
		secure |= o->validations[i].security == SECURITY_SECURE;
		insecure |= o->validations[i].security == SECURITY_INSECURE;
	}
	if (secure)
		return LANG_MARK("signed");
	bool has_cut = o->walk == WALK_DONE && o->delegation_count > 0;
	if (insecure || (has_cut && !o->delegations[o->delegation_count - 1].signed_here))
		return LANG_MARK("unsigned");
	return LANG_MARK("unknown");
}

void report_command_write(struct buf *out, const struct report *r)
{
	buf_printf(out, "unpend check %.*s%s", STR_ARG(r->expectation->domain),
		   r->expectation->count > 0 ? " --expect FILE" : "");
}
