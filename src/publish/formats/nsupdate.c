/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A script for nsupdate (RFC 2136). Each set is added only where none of its name
 * and type is there; for a CNAME nothing at all may be at the name. */
#include "publish/formats.h"

static void put_update(struct buf *out, const struct record_set *set)
{
	const struct expected_record *first = set->records[0];
	buf_text(out,
		 first->type == DNS_TYPE_CNAME ? "prereq nxdomain " : "prereq nxrrset ");
	dns_name_write_absolute(out, &first->name);
	if (first->type != DNS_TYPE_CNAME) {
		buf_byte(out, ' ');
		put_type(out, first);
	}
	buf_byte(out, '\n');
	for (size_t i = 0; i < set->count; i++) {
		buf_text(out, "update add ");
		dns_name_write_absolute(out, &first->name);
		buf_printf(out, " %d ", PUBLISH_TTL_S);
		put_type(out, first);
		buf_byte(out, ' ');
		put_rdata(out, set->records[i]);
		buf_byte(out, '\n');
	}
	buf_text(out, "send\n");
}

static void write_nsupdate(struct buf *out, const struct publication *p)
{
	struct record_set *sets;
	size_t count = sets_of(p, &sets);
	for (size_t i = 0; i < count; i++) {
		buf_text(out, "zone ");
		dns_name_write_absolute(out, &p->zone);
		buf_byte(out, '\n');
		put_update(out, &sets[i]);
	}
}

const struct publish_format format_nsupdate = {
	.name = "nsupdate",
	.summary = LANG_MARK("a script for nsupdate (dynamic update)"),
	.write = write_nsupdate,
};
