/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cloudflare's import of a BIND zone file; a comment behind a record says that it is not
 * to be proxied. */
#include "publish/formats.h"

static bool can_be_proxied(const struct expected_record *r)
{
	return r->type == DNS_TYPE_CNAME || r->type == DNS_TYPE_A ||
	       r->type == DNS_TYPE_AAAA;
}

static void write_cloudflare(struct buf *out, const struct publication *p)
{
	for (size_t i = 0; i < p->x->count; i++) {
		const struct expected_record *r = &p->x->records[i];
		dns_name_write_absolute(out, &r->name);
		buf_printf(out, "\t%d\tIN\t", PUBLISH_TTL_S);
		put_type(out, r);
		buf_byte(out, '\t');
		put_rdata(out, r);
		buf_text(out, can_be_proxied(r) ? " ; cf_tags=cf-proxied:false\n" : "\n");
	}
}

const struct publish_format format_cloudflare = {
	.name = "cloudflare",
	.summary = LANG_MARK("a file for Cloudflare's DNS > Records > Import and Export"),
	.write = write_cloudflare,
};
