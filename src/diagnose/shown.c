/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and values made texts that are safe to show. */
#include "diagnose/case.h"

enum {
	VALUES_SHOWN_MAX = 8,   /* of one answer */
	VALUE_SHOWN_MAX = 2048, /* characters of one value */
	NAME_TEXT_MAX = 4 * DNS_NAME_MAX + 8,
	LINKS_SHOWN_MAX = 16,
};

struct str shown_name(struct diagnosis *d, const struct dns_name *name)
{
	return dns_name_text(d->a, name);
}

struct str shown_relative(struct diagnosis *d, const struct record_case *r)
{
	const struct provider *p = d->provider.provider;
	bool wants_whole = p && p->name_box == NAME_BOX_WHOLE;
	if (wants_whole || r->zone.len == 0 ||
	    !dns_name_within(&r->expected->name, &r->zone))
		return dns_name_text(d->a, &r->expected->name);
	struct dns_name front = dns_name_relative(&r->expected->name, &r->zone);
	return front.len < 2 ? STR("@") : dns_name_text(d->a, &front);
}

struct str shown_type(struct arena *a, uint16_t type)
{
	auto_buf struct buf b;
	buf_init(&b, 32);
	dns_type_write(&b, type);
	return arena_str(a, buf_view(&b));
}

struct str shown_expected(struct arena *a, const struct expected_record *r)
{
	auto_buf struct buf b;
	buf_init(&b, 64 * 1024);
	if (r->type == DNS_TYPE_MX)
		buf_printf(&b, "%u ", r->priority);
	escape_visible(&b, r->value, 0);
	return arena_str(a, buf_view(&b));
}

struct str shown_server(struct arena *a, const struct observation *o, size_t view)
{
	const struct view *v = &o->views[view];
	auto_buf struct buf b;
	buf_init(&b, NAME_TEXT_MAX);
	if (v->server.len > 0)
		return dns_name_text(a, &v->server);
	if (v->address.family == 0)
		return STR("(unknown)");
	address_write(&b, &v->address);
	return arena_str(a, buf_view(&b));
}

static struct str shown_value(struct diagnosis *d, const struct dns_record *r)
{
	auto_arena struct arena scratch;
	auto_buf struct buf b;
	struct str text;
	arena_init(&scratch, 256 * 1024);
	buf_init(&b, 512 * 1024);
	if (r->type == DNS_TYPE_TXT && dns_record_txt(&scratch, r, &text)) {
		escape_visible(&b, text, VALUE_SHOWN_MAX);
	} else {
		auto_buf struct buf whole;
		buf_init(&whole, 512 * 1024);
		dns_rdata_write(&whole, r->type, r->rdata);
		buf_str(&b, str_sub(buf_view(&whole), 0, VALUE_SHOWN_MAX));
	}
	if (b.len > d->value_room)
		return STR("(left out)");
	d->value_room -= b.len;
	return arena_str(d->a, buf_view(&b));
}

void shown_values(struct diagnosis *d, const struct answer *answer,
		  const struct question *q, struct str **out, size_t *count_out)
{
	struct dns_name at = q->name;
	struct str *values = NULL;
	size_t count = 0;
	size_t links = 0;
	for (size_t i = 0; i < answer->records.count && count < VALUES_SHOWN_MAX; i++) {
		const struct dns_record *r = &answer->records.records[i];
		struct dns_name next;
		if (!dns_name_equal(&r->owner, &at))
			continue;
		bool is_link = r->type == DNS_TYPE_CNAME && q->type != DNS_TYPE_CNAME;
		if (r->type == q->type) {
			values = case_grow(d->a, values, count, sizeof(*values));
			values[count++] = shown_value(d, r);
		} else if (is_link && count == 0 && links++ < LINKS_SHOWN_MAX &&
			   dns_record_target(r, &next)) {
			at = next;
			i = SIZE_MAX; /* from the front: order in an answer is free */
		}
	}
	*out = values;
	*count_out = count;
}
