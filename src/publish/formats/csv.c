/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comma-separated values (RFC 4180) for spreadsheets, where a cell must not become a
 * formula. */
#include "publish/formats.h"

static void put_cell(struct buf *out, struct str text, bool is_last)
{
	escape_csv(out, text);
	buf_text(out, is_last ? "\r\n" : ",");
}

static void put_row(struct buf *out, const struct publication *p,
		    const struct expected_record *r)
{
	auto_buf struct buf b;
	buf_init(&b, 256 * 1024);
	put_cell(out, str_from(purpose_name(r->purpose)), false);
	put_type(&b, r);
	put_cell(out, buf_view(&b), false);
	buf_clear(&b);
	dns_name_write(&b, &r->name);
	put_cell(out, buf_view(&b), false);
	buf_clear(&b);
	put_relative(&b, p, &r->name, "");
	put_cell(out, buf_view(&b), false);
	buf_clear(&b);
	buf_printf(&b, "%d", PUBLISH_TTL_S);
	put_cell(out, buf_view(&b), false);
	buf_clear(&b);
	if (r->type == DNS_TYPE_MX)
		buf_printf(&b, "%u", r->priority);
	put_cell(out, buf_view(&b), false);
	buf_clear(&b);
	if (r->type == DNS_TYPE_TXT)
		buf_str(&b, text_of(p, r));
	else
		put_value(&b, r);
	put_cell(out, buf_view(&b), true);
}

static void write_csv(struct buf *out, const struct publication *p)
{
	buf_text(out, "purpose,type,name,name_in_zone,ttl,priority,value\r\n");
	for (size_t i = 0; i < p->x->count; i++)
		put_row(out, p, &p->x->records[i]);
}

const struct publish_format format_csv = {
	.name = "csv",
	.summary = LANG_MARK("comma-separated values, for a spreadsheet"),
	.wants_ascii = true,
	.write = write_csv,
};
