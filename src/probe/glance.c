/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An expectation as the questions of a glance and the answers that are right. */
#include "probe/glance.h"

#include "mail/mail.h"

static bool is_at(const struct glance_record *a, const struct glance_record *b)
{
	return a->name.len == b->name.len && a->type == b->type &&
	       memcmp(a->name.wire, b->name.wire, a->name.len) == 0;
}

bool glance_take(struct glance *g, size_t rdata_len)
{
	struct glance_record *r = &g->records[g->count];

	unsigned number = 1;

	for (const struct glance_record *other = g->records; other < r; other++) {
		if (is_at(other, r))
			return false;
		number += other->purpose == r->purpose;
	}
	r->number = number;
	r->rdata_at = g->rdata_len;
	r->rdata_len = rdata_len;
	g->rdata_len += rdata_len;
	g->count++;
	return true;
}

static bool add_record(struct glance_texts *known, const struct expectation *x,
		       const struct expected_record *e, struct glance *out)
{
	struct glance_record *r = &out->records[out->count];

	if (e->value.len == 0 || out->count == GLANCE_RECORDS_MAX ||
	    e->rdata.len > GLANCE_RDATA_MAX - out->rdata_len)
		return false;
	if (e->type == DNS_TYPE_TXT &&
	    !glance_text_is_plain(known, e->purpose, e->value, x->domain))
		return false;
	if (e->type != DNS_TYPE_CNAME && e->type != DNS_TYPE_MX &&
	    e->type != DNS_TYPE_TXT)
		return false;
	r->name = e->name;
	r->purpose = e->purpose;
	r->type = e->type;
	memcpy(out->rdata + out->rdata_len, e->rdata.data, e->rdata.len);
	return glance_take(out, e->rdata.len);
}

bool glance_compile(struct glance_texts *known, const struct expectation *x,
		    struct glance *out)
{
	if (x->count == 0 || mail_domain_is_suffix(x->domain))
		return false;
	out->domain = x->name;
	out->count = 0;
	out->rdata_len = 0;
	for (size_t i = 0; i < x->count; i++)
		if (!add_record(known, x, &x->records[i], out))
			return false;
	return true;
}
