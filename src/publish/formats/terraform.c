/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Terraform and OpenTofu: resources of the providers aws and cloudflare. */
#include "publish/formats.h"

/* "dkim-1" -> "dkim_1": an identifier. */
static void put_label(struct buf *out, struct str id)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < id.len; i++) {
		char c = id.data[i];
		buf_byte(out, (uint8_t)(ascii_is_alnum((unsigned char)c) ? c : '_'));
	}
	buf_byte(out, '"');
}

static void put_line(struct buf *out, const char *key, const struct buf *value)
{
	buf_printf(out, "  %-7s = ", key);
	put_hcl(out, buf_view(value));
	buf_byte(out, '\n');
}

/* The provider puts a value between quotes itself; ours are those between the strings of
 * a long text. */
static void put_inner_text(struct buf *out, const struct expected_record *r)
{
	auto_buf struct buf whole;
	buf_init(&whole, 256 * 1024);
	put_rdata(&whole, r);
	struct str rest = buf_view(&whole);
	if (rest.len >= 2)
		rest = str_sub(rest, 1, rest.len - 2);
	bool escaped = false;
	bool outside = false;
	for (size_t i = 0; i < rest.len; i++) {
		char c = rest.data[i];
		if (c == '"' && !escaped)
			outside = !outside;
		escaped = c == '\\' && !escaped;
		if (!(outside && c == ' '))
			buf_byte(out, (uint8_t)c);
	}
}

static void put_records(struct buf *out, const struct record_set *set)
{
	buf_text(out, "  records = [");
	for (size_t i = 0; i < set->count; i++) {
		auto_buf struct buf value;
		buf_init(&value, 256 * 1024);
		if (set->records[i]->type == DNS_TYPE_TXT)
			put_inner_text(&value, set->records[i]);
		else
			put_rdata(&value, set->records[i]);
		buf_text(out, i > 0 ? ", " : "");
		put_hcl(out, buf_view(&value));
	}
	buf_text(out, "]\n");
}

static void write_terraform_route53(struct buf *out, const struct publication *p)
{
	struct record_set *sets;
	size_t count = sets_of(p, &sets);
	buf_text(out, "variable \"route53_zone_id\" {\n  type = string\n}\n");
	for (size_t i = 0; i < count; i++) {
		const struct expected_record *r = sets[i].records[0];
		auto_buf struct buf b;
		buf_init(&b, 4096);
		buf_text(out, "\nresource \"aws_route53_record\" ");
		put_label(out, r->id);
		buf_text(out, " {\n  zone_id = var.route53_zone_id\n");
		dns_name_write(&b, &r->name);
		put_line(out, "name", &b);
		buf_clear(&b);
		put_type(&b, r);
		put_line(out, "type", &b);
		buf_printf(out, "  %-7s = %d\n", "ttl", PUBLISH_TTL_S);
		put_records(out, &sets[i]);
		buf_text(out, "}\n");
	}
}

static void put_cloudflare_content(struct buf *out, const struct expected_record *r)
{
	if (r->type == DNS_TYPE_CNAME || r->type == DNS_TYPE_MX)
		put_value(out, r);
	else
		put_rdata(out, r);
}

static void write_terraform_cloudflare(struct buf *out, const struct publication *p)
{
	buf_text(out, "variable \"cloudflare_zone_id\" {\n  type = string\n}\n");
	for (size_t i = 0; i < p->x->count; i++) {
		const struct expected_record *r = &p->x->records[i];
		auto_buf struct buf b;
		buf_init(&b, 256 * 1024);
		buf_text(out, "\nresource \"cloudflare_dns_record\" ");
		put_label(out, r->id);
		buf_text(out, " {\n  zone_id = var.cloudflare_zone_id\n");
		dns_name_write(&b, &r->name);
		put_line(out, "name", &b);
		buf_clear(&b);
		put_type(&b, r);
		put_line(out, "type", &b);
		buf_clear(&b);
		put_cloudflare_content(&b, r);
		put_line(out, "content", &b);
		buf_printf(out, "  %-7s = %d\n", "ttl", PUBLISH_TTL_S);
		if (r->type == DNS_TYPE_MX)
			buf_printf(out, "  priority = %u\n", r->priority);
		buf_printf(out, "  %-7s = false\n}\n", "proxied");
	}
}

const struct publish_format format_terraform_route53 = {
	.name = "terraform-route53",
	.summary = LANG_MARK("Terraform or OpenTofu, aws_route53_record"),
	.write = write_terraform_route53,
};

const struct publish_format format_terraform_cloudflare = {
	.name = "terraform-cloudflare",
	.summary = LANG_MARK("Terraform or OpenTofu, cloudflare_dns_record"),
	.write = write_terraform_cloudflare,
};
