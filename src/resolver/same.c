/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolver/same.h"

static bool has_record(const struct dns_section *s, const struct dns_record *r)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->records[i].type == r->type &&
		    dns_name_equal(&s->records[i].owner, &r->owner) &&
		    dns_rdata_equal(r->type, s->records[i].rdata, r->rdata))
			return true;
	return false;
}

/* What the question is about in one is in the other. */
static bool is_part(const struct question *q, const struct dns_section *part,
		    const struct dns_section *whole)
{
	for (size_t i = 0; i < part->count; i++) {
		const struct dns_record *r = &part->records[i];
		bool is_meant = (r->type == q->type || r->type == DNS_TYPE_CNAME) &&
				dns_name_equal(&r->owner, &q->name);
		if (is_meant && !has_record(whole, r))
			return false;
	}
	return true;
}

bool same_answer(const struct question *q, const struct dns_message *a,
		 const struct dns_message *b)
{
	return is_part(q, &a->answer, &b->answer) && is_part(q, &b->answer, &a->answer);
}
