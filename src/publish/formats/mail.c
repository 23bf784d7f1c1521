/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text to send to whoever manages the DNS. */
#include "publish/formats.h"

enum {
	MAIL_WIDTH = 72
};

static void put_paragraph(struct buf *out, const char *text)
{
	page_wrap(out, str_from(text), 0, 0, MAIL_WIDTH);
	buf_text(out, "\n\n");
}

static void put_line(struct buf *out, const char *label, const struct buf *value)
{
	buf_printf(out, "   %s ", label);
	buf_str(out, buf_view(value));
	buf_byte(out, '\n');
}

static void put_record(struct buf *out, const struct publication *p, size_t index)
{
	const struct expected_record *r = &p->x->records[index];
	auto_buf struct buf b;
	buf_init(&b, 256 * 1024);
	put_title(&b, p, r);
	buf_printf(out, "%zu. %s\n", index + 1, buf_cstr(&b));
	buf_clear(&b);
	put_type(&b, r);
	put_line(out, lang_text(p->lang, "Type:"), &b);
	buf_clear(&b);
	dns_name_write(&b, &r->name);
	put_line(out, lang_text(p->lang, "Name:"), &b);
	buf_clear(&b);
	put_relative(&b, p, &r->name, "@");
	put_line(out, lang_text(p->lang, "Name without the domain:"), &b);
	buf_clear(&b);
	if (r->type == DNS_TYPE_MX) {
		buf_printf(&b, "%u", r->priority);
		put_line(out, lang_text(p->lang, "Priority:"), &b);
		buf_clear(&b);
	}
	if (r->value.len > 0)
		put_value(&b, r);
	else
		buf_text(&b, lang_text(p->lang, "(the public key: v=DKIM1; p=...)"));
	put_line(out, lang_text(p->lang, "Value:"), &b);
	buf_byte(out, '\n');
}

static bool has_spf(const struct publication *p)
{
	for (size_t i = 0; i < p->x->count; i++) {
		if (p->x->records[i].purpose == PURPOSE_SPF)
			return true;
	}
	return false;
}

static void write_mail(struct buf *out, const struct publication *p)
{
	const char *domain = arena_printf(p->a, "%.*s", STR_ARG(p->x->domain));
	auto_buf struct buf zone;
	buf_init(&zone, 2048);
	dns_name_write(&zone, &p->zone);
	buf_printf(out, lang_text(p->lang, "Subject: DNS records for sending mail as %s"),
		   domain);
	buf_text(out, "\n\n");
	put_paragraph(out, lang_text(p->lang, "Hello,"));
	put_paragraph(
		out,
		arena_printf(p->a,
			     lang_text(p->lang,
				       "so that mail can be sent as %s, please add these "
				       "records to the DNS of %s, and leave everything "
				       "else there as it is."),
			     domain, buf_cstr(&zone)));
	for (size_t i = 0; i < p->x->count; i++)
		put_record(out, p, i);
	put_paragraph(
		out,
		arena_printf(p->a,
			     lang_text(p->lang,
				       "Most panels add .%s to the name by themselves: "
				       "then type the name without the domain. A "
				       "CNAME must not be proxied (at Cloudflare: "
				       "\"DNS only\")."),
			     buf_cstr(&zone)));
	if (has_spf(p))
		put_paragraph(
			out,
			lang_text(p->lang,
				  "A name may have one SPF record (v=spf1) only. If "
				  "there is one already, add to it what is new in "
				  "ours, in front of its \"all\", instead of a second "
				  "record."));
	put_paragraph(out, arena_printf(p->a,
					lang_text(p->lang, "Whether all is right can be "
							   "seen with: unpend check %s"),
					domain));
	put_paragraph(out, lang_text(p->lang, "Thank you."));
	buf_cut(out, out->len - 1);
}

const struct publish_format format_mail = {
	.name = "mail",
	.summary = LANG_MARK("a text to send to whoever manages the DNS"),
	.for_people = true,
	.write = write_mail,
};
