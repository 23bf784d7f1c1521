/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An expectation as the questions of a glance and the answers that are right. */
#include "probe/glance.h"

#include "mail/mail.h"

static bool is_at(const struct glance_record *a, const struct glance_record *b)
{
	return a->type == b->type && a->name.len == b->name.len &&
	       memcmp(a->name.wire, b->name.wire, a->name.len) == 0;
}

struct glance_record *glance_add(struct glance *g, const struct glance_record *r,
				 struct str rdata)
{
	struct glance_record *out = &g->records[g->count];

	if (g->count == GLANCE_RECORDS_MAX || rdata.len > GLANCE_RDATA_MAX - g->rdata_len)
		return NULL;
	for (size_t i = 0; i < g->count; i++)
		if (is_at(&g->records[i], r))
			return NULL;
	*out = *r;
	out->number = 1;
	for (size_t i = 0; i < g->count; i++)
		out->number += g->records[i].purpose == r->purpose;
	out->rdata_at = g->rdata_len;
	out->rdata_len = rdata.len;
	memcpy(g->rdata + g->rdata_len, rdata.data, rdata.len);
	g->rdata_len += rdata.len;
	g->count++;
	return out;
}

static bool add_record(struct glance_texts *known, const struct expectation *x,
		       const struct expected_record *e, struct glance *out)
{
	struct glance_record r = { .name = e->name,
				   .purpose = e->purpose,
				   .type = e->type };

	if (e->value.len == 0)
		return false;
	if (e->type == DNS_TYPE_TXT &&
	    !glance_text_is_plain(known, e->purpose, e->value, x->domain))
		return false;
	if (e->type != DNS_TYPE_CNAME && e->type != DNS_TYPE_MX &&
	    e->type != DNS_TYPE_TXT)
		return false;
	return glance_add(out, &r, e->rdata);
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
