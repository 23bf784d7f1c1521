/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Macro-strings of SPF. The grammar (RFC 7208 section 7.1):
 *
 *   domain-spec  = macro-string domain-end
 *   domain-end   = ( "." toplabel [ "." ] ) / macro-expand
 *   macro-string = *( macro-expand / macro-literal )
 *   macro-expand = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" / "%_" / "%-"
 *   transformers = *DIGIT [ "r" ]
 */
#include "policy/spf_macro.h"

enum {
	EXPANDED_MAX = 8192,
	PARTS_MAX = 256,
	NAME_TEXT_MAX = 253,
};

struct macro {
	struct str literal; /* not empty: no macro, these octets */
	char letter;
	bool escape;   /* the letter was upper case */
	uint64_t keep; /* right-hand parts; 0: all */
	bool reverse;
	struct str delimiters; /* empty: "." */
};

static bool is_literal(int c, enum macro_place place)
{
	if (c == ' ')
		return place == MACRO_EXPLAIN;
	return c > ' ' && c < 127 && c != '%';
}

static bool read_letter(struct cursor *c, enum macro_place place, struct macro *out)
{
	const char *allowed = place == MACRO_DOMAIN ? "slodipvh" : "slodipvhcrt";
	char letter = (char)cursor_u8(c);

	out->letter = ascii_lower(letter);
	out->escape = out->letter != letter;
	return cursor_ok(c) && out->letter != '\0' && strchr(allowed, out->letter);
}

/* Behind "%{". */
static bool read_braced(struct cursor *c, enum macro_place place, struct macro *out)
{
	if (!read_letter(c, place, out))
		return false;
	struct str digits = cursor_while(c, "0123456789");
	/* RFC 7208 section 7.3: the number must not be zero. */
	if (digits.len > 0 && !str_number(digits, UINT32_MAX, &out->keep))
		out->keep = UINT32_MAX;
	if (digits.len > 0 && out->keep == 0)
		return false;
	out->reverse = cursor_accept(c, 'r') || cursor_accept(c, 'R');
	out->delimiters = cursor_while(c, ".-+,/_=");
	return cursor_accept(c, '}');
}

/* The next macro, or octets that mean themselves. false: at the end, or malformed. */
static bool next(struct cursor *c, enum macro_place place, struct macro *out)
{
	static const char *const quoted[] = { "%", " ", "%20" };
	const char *at = (const char *)c->at;
	size_t len = 0;

	*out = (struct macro){ .literal = STR_EMPTY };
	while (is_literal(cursor_peek(c), place)) {
		(void)cursor_u8(c);
		len++;
	}
	if (len > 0) {
		out->literal = str_of(at, len);
		return true;
	}
	if (cursor_peek(c) < 0)
		return false;
	if (!cursor_accept(c, '%'))
		return cursor_fail(c);
	for (size_t i = 0; i < ARRAY_LEN(quoted); i++) {
		if (cursor_accept(c, "%_-"[i])) {
			out->literal = str_from(quoted[i]);
			return true;
		}
	}
	return (cursor_accept(c, '{') && read_braced(c, place, out)) || cursor_fail(c);
}

bool macro_is_valid(struct str spec, enum macro_place place)
{
	struct cursor c = cursor_over(spec);
	struct macro m;

	while (next(&c, place, &m))
		;
	return cursor_at_end(&c);
}

bool macro_needs_name(struct str spec)
{
	struct cursor c = cursor_over(spec);
	struct macro m;

	while (next(&c, MACRO_EXPLAIN, &m)) {
		if (m.letter == 'p')
			return true;
	}
	return false;
}

bool macro_needs_client(struct str spec)
{
	struct cursor c = cursor_over(spec);
	struct macro m;

	while (next(&c, MACRO_EXPLAIN, &m)) {
		if (m.literal.len == 0 && m.letter != 'd')
			return true;
	}
	return false;
}

/* toplabel: letters, digits, hyphens inside, not digits alone. */
static bool is_toplabel(struct str s)
{
	bool has_other = false;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (!ascii_is_alnum(c) && c != '-')
			return false;
		has_other |= !ascii_is_digit(c);
	}
	return s.len > 0 && has_other && s.data[0] != '-' && s.data[s.len - 1] != '-';
}

bool macro_is_domain(struct str spec, enum spf_fault *fault_out)
{
	struct cursor c = cursor_over(spec);
	struct macro m;
	const uint8_t *literal_end = NULL;

	*fault_out = SPF_FAULT_MACRO;
	while (next(&c, MACRO_DOMAIN, &m)) {
		const char *end = m.literal.data + m.literal.len;

		if (m.literal.len > 0 && end == (const char *)c.at)
			literal_end = c.at;
	}
	if (!cursor_at_end(&c))
		return false;
	*fault_out = SPF_FAULT_DOMAIN;
	if (spec.len > 0 && literal_end != c.end) /* it ends in a macro */
		return true;
	if (str_ends(spec, STR(".")))
		spec.len--;
	for (size_t at = spec.len; at > 0; at--) {
		if (spec.data[at - 1] == '.')
			return is_toplabel(str_sub(spec, at, spec.len));
	}
	return false;
}

/* Values */

static void write_dotted(struct buf *out, const struct address *ip)
{
	size_t len = ip->family == 6 ? 16 : 4;

	for (size_t i = 0; i < len; i++) {
		if (ip->family == 6)
			buf_printf(out, "%s%X.%X", i ? "." : "", ip->bytes[i] >> 4,
				   ip->bytes[i] & 15);
		else
			buf_printf(out, "%s%u", i ? "." : "", ip->bytes[i]);
	}
}

static void write_value(struct buf *out, char letter, const struct macro_values *v)
{
	switch (letter) {
	case 's':
		buf_str(out, v->local);
		buf_byte(out, '@');
		buf_str(out, v->sender_domain);
		return;
	case 'l':
		buf_str(out, v->local);
		return;
	case 'o':
		buf_str(out, v->sender_domain);
		return;
	case 'd':
		buf_str(out, v->domain);
		return;
	case 'i':
		write_dotted(out, v->ip);
		return;
	case 'p':
		buf_str(out, v->validated);
		return;
	case 'v':
		buf_text(out, v->ip->family == 6 ? "ip6" : "in-addr");
		return;
	case 'h':
		buf_str(out, v->helo);
		return;
	case 'c':
		address_write(out, v->ip);
		return;
	case 'r':
		buf_str(out, v->receiver);
		return;
	case 't':
		buf_printf(out, "%lld", (long long)v->now_s);
		return;
	}
}

/* RFC 7208 section 7.3: all but RFC 3986's unreserved characters. */
static void write_escaped(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (ascii_is_alnum(c) || (c && strchr("-._~", c)))
			buf_byte(out, c);
		else
			buf_printf(out, "%%%02X", c);
	}
}

static bool is_in(char c, struct str set)
{
	return str_find_byte(set, c) < set.len;
}

/* Cuts at the delimiters; the last `max` parts. */
static size_t split(struct str s, struct str delimiters, struct str *parts, size_t max)
{
	size_t from = 0;
	size_t count = 0;

	for (size_t at = 0; at <= s.len; at++) {
		if (at < s.len && !is_in(s.data[at], delimiters))
			continue;
		if (count == max) {
			memmove(parts, parts + 1, (max - 1) * sizeof(*parts));
			count--;
		}
		parts[count++] = str_sub(s, from, at - from);
		from = at + 1;
	}
	return count;
}

/* RFC 7208 section 7.3: split, reverse, keep the right-hand parts, join with dots. */
static void write_transformed(struct buf *out, struct str value, const struct macro *m)
{
	struct str parts[PARTS_MAX];
	size_t count = split(value, m->delimiters.len ? m->delimiters : STR("."), parts,
			     PARTS_MAX);
	size_t first = m->keep && m->keep < count ? count - (size_t)m->keep : 0;

	for (size_t i = first; i < count; i++) {
		if (i > first)
			buf_byte(out, '.');
		buf_str(out, parts[m->reverse ? count - 1 - i : i]);
	}
}

static void write_macro(struct buf *out, const struct macro *m,
			const struct macro_values *v)
{
	auto_buf struct buf value;
	buf_init(&value, EXPANDED_MAX);
	auto_buf struct buf transformed;
	buf_init(&transformed, EXPANDED_MAX);

	write_value(&value, m->letter, v);
	if (m->keep || m->reverse || m->delimiters.len > 0)
		write_transformed(&transformed, buf_view(&value), m);
	else
		buf_str(&transformed, buf_view(&value));
	if (m->escape)
		write_escaped(out, buf_view(&transformed));
	else
		buf_str(out, buf_view(&transformed));
}

struct str macro_expand(struct arena *a, struct str spec, const struct macro_values *v)
{
	struct cursor c = cursor_over(spec);
	struct macro m;
	auto_buf struct buf out;

	buf_init(&out, EXPANDED_MAX);
	while (next(&c, MACRO_EXPLAIN, &m)) {
		if (m.literal.len > 0)
			buf_str(&out, m.literal);
		else
			write_macro(&out, &m, v);
	}
	return out.failed ? STR_EMPTY : arena_str(a, buf_view(&out));
}

bool macro_name(struct str expanded, struct dns_name *out)
{
	struct dns_name name = { 0 };
	struct str rest = expanded;
	struct str label;

	if (str_ends(rest, STR(".")))
		rest.len--;
	while (rest.len > NAME_TEXT_MAX && str_find_byte(rest, '.') < rest.len)
		rest = str_sub(rest, str_find_byte(rest, '.') + 1, rest.len);
	if (rest.len == 0 || rest.len > NAME_TEXT_MAX)
		return false;
	while (str_split(&rest, '.', &label)) {
		if (label.len == 0 || label.len > DNS_LABEL_MAX)
			return false;
		name.wire[name.len++] = (uint8_t)label.len;
		memcpy(name.wire + name.len, label.data, label.len);
		name.len = (uint8_t)(name.len + label.len);
	}
	name.wire[name.len++] = 0;
	*out = name;
	return true;
}

bool macro_reverse_name(struct arena *a, const struct address *ip, struct dns_name *out)
{
	const struct macro_values v = { .ip = ip };

	return macro_name(macro_expand(a, STR("%{ir}.%{v}.arpa"), &v), out);
}
