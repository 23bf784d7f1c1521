/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands in the rdata of the types that the other parts read. */
#include "dns/record.h"

bool dns_record_mx(const struct dns_record *r, uint16_t *preference_out,
		   struct dns_name *host_out)
{
	struct cursor c = cursor_over(r->rdata);
	struct dns_name host;

	uint16_t preference = cursor_u16(&c);
	if (r->type != DNS_TYPE_MX || !dns_name_read(&c, &host) || !cursor_at_end(&c))
		return false;
	*preference_out = preference;
	*host_out = host;
	return true;
}

bool dns_record_target(const struct dns_record *r, struct dns_name *out)
{
	struct cursor c = cursor_over(r->rdata);
	struct dns_name name;
	uint16_t preference;

	if (r->type == DNS_TYPE_MX)
		return dns_record_mx(r, &preference, out);
	if (r->type != DNS_TYPE_NS && r->type != DNS_TYPE_CNAME &&
	    r->type != DNS_TYPE_DNAME && r->type != DNS_TYPE_PTR)
		return false;
	if (!dns_name_read(&c, &name) || !cursor_at_end(&c))
		return false;
	*out = name;
	return true;
}

bool dns_record_soa(const struct dns_record *r, struct dns_soa *out)
{
	struct cursor c = cursor_over(r->rdata);
	struct dns_soa soa;

	if (r->type != DNS_TYPE_SOA || !dns_name_read(&c, &soa.mname) ||
	    !dns_name_read(&c, &soa.rname))
		return false;
	soa.serial = cursor_u32(&c);
	soa.refresh_s = cursor_u32(&c);
	soa.retry_s = cursor_u32(&c);
	soa.expire_s = cursor_u32(&c);
	soa.minimum_s = cursor_u32(&c);
	if (!cursor_at_end(&c))
		return false;
	*out = soa;
	return true;
}

bool dns_record_txt(struct arena *a, const struct dns_record *r, struct str *out)
{
	struct cursor c = cursor_over(r->rdata);
	size_t len = 0;

	if (r->type != DNS_TYPE_TXT || r->rdata.len == 0)
		return false;
	/* The strings without their length octets are no longer than the rdata. */
	char *joined = arena_try(a, r->rdata.len);
	if (!joined)
		return false;
	while (cursor_left(&c) > 0) {
		struct str part = cursor_bytes(&c, cursor_u8(&c));
		memcpy(joined + len, part.data, part.len);
		len += part.len;
	}
	if (!cursor_ok(&c))
		return false;
	*out = str_of(joined, len);
	return true;
}

static void write_lower_name(struct cursor *c, struct buf *out)
{
	struct dns_name name;

	if (!dns_name_read(c, &name))
		return;
	name = dns_name_lower(&name);
	buf_add(out, name.wire, name.len);
}

static struct str lower_rdata(struct arena *a, const struct dns_record *r)
{
	struct cursor c = cursor_over(r->rdata);
	auto_buf struct buf b;
	buf_init(&b, UINT16_MAX);

	if (r->type == DNS_TYPE_MX)
		buf_u16(&b, cursor_u16(&c));
	else if (r->type != DNS_TYPE_NS && r->type != DNS_TYPE_CNAME &&
		 r->type != DNS_TYPE_DNAME && r->type != DNS_TYPE_PTR &&
		 r->type != DNS_TYPE_SOA)
		return r->rdata;
	write_lower_name(&c, &b);
	if (r->type == DNS_TYPE_SOA)
		write_lower_name(&c, &b);
	buf_str(&b, cursor_bytes(&c, cursor_left(&c)));
	char *data = cursor_ok(&c) ? arena_try(a, b.len) : NULL;
	if (!data)
		return r->rdata;
	memcpy(data, b.data, b.len);
	return str_of(data, b.len);
}

struct dns_record dns_record_lower(struct arena *a, const struct dns_record *r)
{
	return (struct dns_record){ .owner = dns_name_lower(&r->owner),
				    .type = r->type,
				    .ttl_s = r->ttl_s,
				    .rdata = lower_rdata(a, r) };
}
