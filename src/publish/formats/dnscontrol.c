/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DNSControl: D_EXTEND adds to a domain that dnsconfig.js has already; D alone would take
 * away everything else in the zone. Targets end with a dot there. */
#include "publish/formats.h"

static void put_text(struct buf *out, const struct buf *text)
{
	escape_json(out, buf_view(text));
}

static void put_record(struct buf *out, const struct publication *p,
		       const struct expected_record *r)
{
	auto_buf struct buf b;
	buf_init(&b, 256 * 1024);
	buf_text(out, "  ");
	put_type(out, r);
	buf_byte(out, '(');
	put_relative(&b, p, &r->name, "@");
	put_text(out, &b);
	buf_text(out, ", ");
	buf_clear(&b);
	if (r->type == DNS_TYPE_MX)
		buf_printf(out, "%u, ", r->priority);
	if (r->type == DNS_TYPE_TXT) {
		buf_str(&b, text_of(p, r));
	} else if (r->type == DNS_TYPE_MX || r->type == DNS_TYPE_CNAME ||
		   r->type == DNS_TYPE_NS) {
		put_value(&b, r);
		buf_byte(&b, '.');
	} else {
		put_rdata(&b, r);
	}
	put_text(out, &b);
	buf_printf(out, ", TTL(%d)),\n", PUBLISH_TTL_S);
}

static void write_dnscontrol(struct buf *out, const struct publication *p)
{
	auto_buf struct buf zone;
	buf_init(&zone, 4096);
	dns_name_write(&zone, &p->zone);
	buf_text(out, "// ");
	buf_text(out, lang_text(p->lang, "To be put behind the D(...) of the domain in "
					 "dnsconfig.js."));
	buf_text(out, "\nD_EXTEND(");
	put_text(out, &zone);
	buf_text(out, ",\n");
	for (size_t i = 0; i < p->x->count; i++)
		put_record(out, p, &p->x->records[i]);
	buf_text(out, "{});\n");
}

const struct publish_format format_dnscontrol = {
	.name = "dnscontrol",
	.summary = LANG_MARK("DNSControl, for dnsconfig.js"),
	.wants_ascii = true,
	.write = write_dnscontrol,
};
