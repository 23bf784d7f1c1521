/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names: presentation form, wire form, comparison, surgery on labels. */
#include "dns/name.h"

#include <assert.h>

#include "dns/presentation.h"

enum {
	NAME_TEXT_MAX = 4 * DNS_NAME_MAX + 1
}; /* every octet as \DDD, and a NUL */

/* The name being parsed: labels so far, and where the length octet of the current
 * one is. */
struct builder {
	struct dns_name name;
	size_t label_at;
};

static size_t label_len(const struct builder *b)
{
	return b->name.len - b->label_at - 1;
}

static bool add_octet(struct builder *b, uint8_t octet, struct err *e)
{
	if (label_len(b) == DNS_LABEL_MAX)
		return err_set(e, ERR_USAGE,
			       LANG_MARK("a label is longer than 63 octets"));
	/* One octet stays for the root's zero. */
	if (b->name.len >= DNS_NAME_MAX - 1)
		return err_set(e, ERR_USAGE,
			       LANG_MARK("the name is longer than 255 octets"));
	b->name.wire[b->name.len++] = octet;
	return true;
}

static bool begin_label(struct builder *b, struct err *e)
{
	if (b->name.len >= DNS_NAME_MAX - 1)
		return err_set(e, ERR_USAGE,
			       LANG_MARK("the name is longer than 255 octets"));
	b->label_at = b->name.len;
	b->name.wire[b->name.len++] = 0;
	return true;
}

static bool end_label(struct builder *b, struct err *e)
{
	size_t len = label_len(b);

	if (len == 0)
		return err_set(e, ERR_USAGE, LANG_MARK("a label is empty"));
	b->name.wire[b->label_at] = (uint8_t)len;
	return true;
}

static bool read_octet(struct cursor *c, uint8_t *octet_out, struct err *e)
{
	uint8_t octet = cursor_u8(c);

	if (octet == '\\')
		return dns_escape_read(c, octet_out, e);
	if (octet > 127)
		return err_set(
			e, ERR_USAGE,
			LANG_MARK("octet %u is not ASCII: IDNs as A-labels (xn--)"),
			octet);
	if (octet <= ' ' || octet == 127)
		return err_set(e, ERR_USAGE,
			       LANG_MARK("the name has a blank or control character"));
	*octet_out = octet;
	return true;
}

static bool parse_labels(struct builder *b, struct cursor *c, struct err *e)
{
	if (!begin_label(b, e))
		return false;
	while (!cursor_at_end(c)) {
		uint8_t octet;

		if (cursor_accept(c, '.')) {
			if (!end_label(b, e))
				return false;
			if (cursor_at_end(c))
				return true;
			if (!begin_label(b, e))
				return false;
		} else if (!read_octet(c, &octet, e) || !add_octet(b, octet, e)) {
			return false;
		}
	}
	return end_label(b, e);
}

bool dns_name_parse(struct str text, struct dns_name *out, struct err *e)
{
	struct builder b = { 0 };
	struct cursor c = cursor_over(text);

	if (text.len == 0)
		return err_set(e, ERR_USAGE, LANG_MARK("the name is empty"));
	if (!str_is(text, ".") && !parse_labels(&b, &c, e))
		return err_in(e, LANG_MARK("name '%.*s'"),
			      text.len > 300 ? 300 : (int)text.len, text.data);
	b.name.wire[b.name.len++] = 0;
	*out = b.name;
	return true;
}

bool dns_name_read(struct cursor *c, struct dns_name *out)
{
	struct dns_name n = { 0 };

	for (;;) {
		uint8_t len = cursor_u8(c);
		/* RFC 1035 section 4.1.4: the two high bits would make it a pointer. */
		if (!cursor_ok(c) || len > DNS_LABEL_MAX ||
		    n.len + len + 1 > DNS_NAME_MAX)
			return cursor_fail(c);
		n.wire[n.len++] = len;
		if (len == 0)
			break;
		struct str label = cursor_bytes(c, len);
		if (!cursor_ok(c))
			return false;
		memcpy(n.wire + n.len, label.data, len);
		n.len = (uint8_t)(n.len + len);
	}
	*out = n;
	return true;
}

static void write_octet(struct buf *out, uint8_t octet)
{
	if (octet == ' ')
		buf_text(out, "\\032");
	else
		dns_octet_write(out, octet, ".\\\"();@$");
}

static void write_labels(struct buf *out, const struct dns_name *n)
{
	for (size_t at = 0; at < n->len && n->wire[at] != 0; at += 1 + n->wire[at]) {
		if (at > 0)
			buf_byte(out, '.');
		for (size_t i = 1; i <= n->wire[at]; i++)
			write_octet(out, n->wire[at + i]);
	}
}

void dns_name_write(struct buf *out, const struct dns_name *n)
{
	if (n->len == 1)
		buf_byte(out, '.');
	else
		write_labels(out, n);
}

void dns_name_write_absolute(struct buf *out, const struct dns_name *n)
{
	write_labels(out, n);
	buf_byte(out, '.');
}

struct str dns_name_text(struct arena *a, const struct dns_name *n)
{
	struct dns_name lower = dns_name_lower(n);
	auto_buf struct buf text;

	buf_init(&text, NAME_TEXT_MAX);
	dns_name_write(&text, &lower);
	return arena_str(a, buf_view(&text));
}

/* Length octets are below 'A', so the wire form can be lowered and compared as a
 * whole. */
static bool wire_equal_nocase(const uint8_t *a, const uint8_t *b, size_t len)
{
	if (memcmp(a, b, len) == 0)
		return true;
	for (size_t i = 0; i < len; i++)
		if (ascii_lower((char)a[i]) != ascii_lower((char)b[i]))
			return false;
	return true;
}

bool dns_name_equal(const struct dns_name *a, const struct dns_name *b)
{
	return a->len == b->len && wire_equal_nocase(a->wire, b->wire, a->len);
}

bool dns_name_within(const struct dns_name *n, const struct dns_name *zone)
{
	size_t at = 0;

	if (zone->len == 0)
		return false;
	while (n->len - at > zone->len)
		at += 1 + n->wire[at];
	return n->len - at == zone->len &&
	       wire_equal_nocase(n->wire + at, zone->wire, zone->len);
}

size_t dns_name_labels(const struct dns_name *n)
{
	size_t count = 0;

	for (size_t at = 0; at < n->len && n->wire[at] != 0; at += 1 + n->wire[at])
		count++;
	return count;
}

struct dns_name dns_name_parent(const struct dns_name *n, size_t count)
{
	struct dns_name parent = { 0 };
	size_t at = 0;

	while (count > 0 && at < n->len && n->wire[at] != 0) {
		at += 1 + n->wire[at];
		count--;
	}
	parent.len = (uint8_t)(n->len - at);
	memcpy(parent.wire, n->wire + at, parent.len);
	return parent;
}

struct dns_name dns_name_without_underscores(const struct dns_name *n)
{
	size_t labels = dns_name_labels(n);
	size_t strip = 0;

	for (size_t i = 0; i < labels; i++) {
		struct dns_name rest = dns_name_parent(n, i);
		if (str_starts(dns_name_first_label(&rest), STR("_")))
			strip = i + 1;
	}
	return dns_name_parent(n, strip);
}

struct str dns_name_first_label(const struct dns_name *n)
{
	return n->len == 0 ? STR_EMPTY : str_of(n->wire + 1, n->wire[0]);
}

bool dns_name_join(const struct dns_name *front, const struct dns_name *back,
		   struct dns_name *out)
{
	struct dns_name joined = *front;
	size_t labels_len = front->len > 0 ? front->len - 1u : 0;

	if (labels_len + back->len > DNS_NAME_MAX)
		return false;
	memcpy(joined.wire + labels_len, back->wire, back->len);
	joined.len = (uint8_t)(labels_len + back->len);
	*out = joined;
	return true;
}

struct dns_name dns_name_relative(const struct dns_name *n, const struct dns_name *zone)
{
	struct dns_name front = { 0 };

	assert(dns_name_within(n, zone));
	front.len = (uint8_t)(n->len - zone->len);
	memcpy(front.wire, n->wire, front.len);
	front.wire[front.len++] = 0;
	return front;
}

struct dns_name dns_name_lower(const struct dns_name *n)
{
	const size_t step = sizeof(octets16);
	struct dns_name lower __attribute__((uninitialized));

	lower.len = n->len;
	/* The last sixteen may be some of those before them, and what is behind len. */
	for (size_t i = 0; i < n->len; i += step) {
		size_t at = i + step <= DNS_NAME_MAX ? i : DNS_NAME_MAX - step;
		octets16 text = octets16_load(n->wire + at);
		text |= octets16_between(text, 'A', 'Z') & 0x20;
		memcpy(lower.wire + at, &text, step);
	}
	return lower;
}
