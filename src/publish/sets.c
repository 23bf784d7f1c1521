/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records and their parts, as the formats need them. */
#include "publish/sets.h"

size_t sets_of(const struct publication *p, struct record_set **out)
{
	struct record_set *sets = arena_array(p->a, p->x->count + 1, sizeof(*sets));
	size_t count = 0;
	for (size_t i = 0; i < p->x->count; i++) {
		const struct expected_record *r = &p->x->records[i];
		size_t at = 0;
		while (at < count &&
		       (sets[at].records[0]->type != r->type ||
			!dns_name_equal(&sets[at].records[0]->name, &r->name)))
			at++;
		if (at == count)
			count++;
		sets[at].records[sets[at].count++] = r;
	}
	*out = sets;
	return count;
}

void put_relative(struct buf *out, const struct publication *p,
		  const struct dns_name *name, const char *apex)
{
	if (p->zone.len == 0 || !dns_name_within(name, &p->zone)) {
		dns_name_write(out, name);
		return;
	}
	struct dns_name front = dns_name_relative(name, &p->zone);
	if (front.len < 2)
		buf_text(out, apex);
	else
		dns_name_write(out, &front);
}

void put_shown_name(struct buf *out, const struct publication *p,
		    const struct dns_name *name)
{
	const struct provider *panel = p->provider.provider;
	bool whole = p->names == PUBLISH_NAMES_WHOLE;
	if (p->names == PUBLISH_NAMES_AUTO)
		whole = panel && panel->name_box == NAME_BOX_WHOLE;
	if (whole)
		dns_name_write(out, name);
	else
		put_relative(out, p, name, "@");
}

void put_type(struct buf *out, const struct expected_record *r)
{
	dns_type_write(out, r->type);
}

void put_rdata(struct buf *out, const struct expected_record *r)
{
	dns_rdata_write(out, r->type, r->rdata);
}

void put_value(struct buf *out, const struct expected_record *r)
{
	escape_visible(out, r->value, 0);
}

struct str text_of(const struct publication *p, const struct expected_record *r)
{
	const struct dns_record record = { .type = r->type, .rdata = r->rdata };
	struct str text;
	return dns_record_txt(p->a, &record, &text) ? text : r->value;
}

void put_hcl(struct buf *out, struct str text)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		if (c == '"' || c == '\\')
			buf_byte(out, '\\');
		/* "${" and "%{" begin a template. */
		if ((c == '$' || c == '%') && i + 1 < text.len && text.data[i + 1] == '{')
			buf_byte(out, (uint8_t)c);
		buf_byte(out, (uint8_t)c);
	}
	buf_byte(out, '"');
}

void put_title(struct buf *out, const struct publication *p,
	       const struct expected_record *r)
{
	size_t number = 1;
	size_t same = 0;
	for (size_t i = 0; i < p->x->count; i++) {
		same += p->x->records[i].purpose == r->purpose;
		number += p->x->records[i].purpose == r->purpose && &p->x->records[i] < r;
	}
	buf_text(out, lang_text(p->lang, purpose_title(r->purpose)));
	if (same > 1)
		buf_printf(out, " %zu", number);
}
