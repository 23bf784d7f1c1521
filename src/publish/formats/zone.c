/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines for a zone file (RFC 1035 section 5.1), to be put into the zone that is there. */
#include "publish/formats.h"

static void write_zone(struct buf *out, const struct publication *p)
{
	buf_text(out, "$ORIGIN ");
	dns_name_write_absolute(out, &p->zone);
	buf_byte(out, '\n');
	for (size_t i = 0; i < p->x->count; i++) {
		const struct expected_record *r = &p->x->records[i];
		put_relative(out, p, &r->name, "@");
		buf_printf(out, "\t%d\tIN\t", PUBLISH_TTL_S);
		put_type(out, r);
		buf_byte(out, '\t');
		put_rdata(out, r);
		buf_byte(out, '\n');
	}
}

const struct publish_format format_zone = {
	.name = "zone",
	.summary = LANG_MARK("lines for a zone file (BIND, Knot, NSD)"),
	.write = write_zone,
};
