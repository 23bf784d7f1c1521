/* SPDX-License-Identifier: GPL-3.0-or-later */
/* octoDNS: the zone's YAML file. Keys stand in natural order, which octoDNS insists on;
 * semicolons in a TXT are escaped. */
#include <stdlib.h>

#include "publish/formats.h"

/* Records of one name. */
struct node {
	struct str name; /* in the zone; empty: the apex */
	const struct record_set *sets[EXPECT_RECORDS_MAX];
	size_t count;
};

static struct str digits_of(struct cursor *c)
{
	return cursor_while(c, "0123456789");
}

static int compare_numbers(struct str a, struct str b)
{
	struct cursor left = cursor_over(a);
	struct cursor right = cursor_over(b);
	cursor_while(&left, "0");
	cursor_while(&right, "0");
	size_t left_len = cursor_left(&left);
	size_t right_len = cursor_left(&right);
	if (left_len != right_len)
		return left_len < right_len ? -1 : 1;
	return str_compare(cursor_bytes(&left, left_len),
			   cursor_bytes(&right, right_len));
}

/* Runs of digits are compared as numbers. */
static int compare_names(struct str a, struct str b)
{
	struct cursor left = cursor_over(a);
	struct cursor right = cursor_over(b);
	while (!cursor_at_end(&left) && !cursor_at_end(&right)) {
		struct str text = cursor_until(&left, "0123456789");
		int order = str_compare(text, cursor_until(&right, "0123456789"));
		if (order == 0)
			order = compare_numbers(digits_of(&left), digits_of(&right));
		if (order != 0)
			return order;
	}
	return cursor_at_end(&right) - cursor_at_end(&left);
}

static int compare_nodes(const void *a, const void *b)
{
	const struct node *left = a;
	const struct node *right = b;
	return compare_names(left->name, right->name);
}

static struct str name_in_zone(const struct publication *p, const struct dns_name *name)
{
	auto_buf struct buf b;
	buf_init(&b, 2048);
	put_relative(&b, p, name, "");
	return arena_str(p->a, buf_view(&b));
}

/* 'text', with a quote in it doubled. */
static void put_yaml(struct buf *out, struct str text)
{
	buf_byte(out, '\'');
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '\'')
			buf_byte(out, '\'');
		buf_byte(out, (uint8_t)text.data[i]);
	}
	buf_byte(out, '\'');
}

static void put_octodns_value(struct buf *out, const struct publication *p,
			      const struct expected_record *r)
{
	auto_buf struct buf b;
	buf_init(&b, 256 * 1024);
	if (r->type == DNS_TYPE_MX) {
		put_value(&b, r);
		buf_byte(&b, '.');
		buf_text(out, "    - exchange: ");
		put_yaml(out, buf_view(&b));
		buf_printf(out, "\n      preference: %u\n", r->priority);
		return;
	}
	if (r->type == DNS_TYPE_TXT) {
		struct str text = text_of(p, r);
		for (size_t i = 0; i < text.len; i++) {
			if (text.data[i] == ';')
				buf_byte(&b, '\\');
			buf_byte(&b, (uint8_t)text.data[i]);
		}
	} else {
		put_rdata(&b, r);
	}
	if (r->type != DNS_TYPE_CNAME)
		buf_text(out, "    - ");
	put_yaml(out, buf_view(&b));
	buf_byte(out, '\n');
}

static void put_set(struct buf *out, const struct publication *p,
		    const struct record_set *set)
{
	buf_printf(out, "  - ttl: %d\n    type: ", PUBLISH_TTL_S);
	put_type(out, set->records[0]);
	buf_text(out, set->records[0]->type == DNS_TYPE_CNAME ? "\n    value: "
							      : "\n    values:\n");
	for (size_t i = 0; i < set->count; i++)
		put_octodns_value(out, p, set->records[i]);
}

static void write_octodns(struct buf *out, const struct publication *p)
{
	struct record_set *sets;
	size_t set_count = sets_of(p, &sets);
	struct node *nodes = arena_array(p->a, set_count + 1, sizeof(*nodes));
	size_t count = 0;
	for (size_t i = 0; i < set_count; i++) {
		struct str name = name_in_zone(p, &sets[i].records[0]->name);
		size_t at = 0;
		while (at < count && !str_equal(nodes[at].name, name))
			at++;
		nodes[at].name = name;
		nodes[at].sets[nodes[at].count++] = &sets[i];
		count += at == count;
	}
	qsort(nodes, count, sizeof(*nodes), compare_nodes);
	buf_text(out, "---\n");
	for (size_t i = 0; i < count; i++) {
		put_yaml(out, nodes[i].name);
		buf_text(out, ":\n");
		for (size_t j = 0; j < nodes[i].count; j++)
			put_set(out, p, nodes[i].sets[j]);
	}
}

const struct publish_format format_octodns = {
	.name = "octodns",
	.summary = LANG_MARK("octoDNS, for the zone's YAML file"),
	.wants_ascii = true,
	.write = write_octodns,
};
