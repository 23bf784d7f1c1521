/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rdata in presentation form and back, and equality by meaning: one row of fields a
 * type, one case a field. A type without a row, and rdata that does not fit its row,
 * has the form of RFC 3597 section 5: \# LENGTH HEX.
 */
#include <arpa/inet.h>

#include "dns/presentation.h"
#include "dns/record.h"

enum {
	RDATA_MAX = 65535,
	RDATA_TEXT_MAX = 4 * RDATA_MAX + 64 * 1024,
	STRING_MAX = 255,
	UNKNOWN_NAME = 300, /* characters of foreign text in an error */
};

enum field {
	FIELD_END,
	FIELD_NAME,
	FIELD_U8,
	FIELD_U16,
	FIELD_U32,
	FIELD_IPV4,
	FIELD_IPV6,
	/* Up to the end of the rdata: */
	FIELD_STRINGS,
	FIELD_HEX,
	FIELD_BASE64,
};

struct layout {
	uint16_t type;
	enum field fields[8];
};

static const struct layout layouts[] = {
	{ DNS_TYPE_A, { FIELD_IPV4 } },
	{ DNS_TYPE_AAAA, { FIELD_IPV6 } },
	{ DNS_TYPE_NS, { FIELD_NAME } },
	{ DNS_TYPE_PTR, { FIELD_NAME } },
	{ DNS_TYPE_CNAME, { FIELD_NAME } },
	{ DNS_TYPE_DNAME, { FIELD_NAME } },
	{ DNS_TYPE_MX, { FIELD_U16, FIELD_NAME } },
	{ DNS_TYPE_TXT, { FIELD_STRINGS } },
	{ DNS_TYPE_SOA,
	  { FIELD_NAME, FIELD_NAME, FIELD_U32, FIELD_U32, FIELD_U32, FIELD_U32,
	    FIELD_U32 } },
	/* RFC 4034 sections 5.3 and 2.2 */
	{ DNS_TYPE_DS, { FIELD_U16, FIELD_U8, FIELD_U8, FIELD_HEX } },
	{ DNS_TYPE_DNSKEY, { FIELD_U16, FIELD_U8, FIELD_U8, FIELD_BASE64 } },
};

static const struct layout *layout_find(uint16_t type)
{
	for (size_t i = 0; i < ARRAY_LEN(layouts); i++)
		if (layouts[i].type == type)
			return &layouts[i];
	return NULL;
}

static size_t field_width(enum field field)
{
	switch (field) {
	case FIELD_U8:
		return 1;
	case FIELD_U16:
		return 2;
	case FIELD_U32:
	case FIELD_IPV4:
		return 4;
	case FIELD_IPV6:
		return 16;
	case FIELD_END:
	case FIELD_NAME:
	case FIELD_STRINGS:
	case FIELD_HEX:
	case FIELD_BASE64:
		break;
	}
	return 0;
}

static bool strings_are_whole(struct str strings)
{
	struct cursor c = cursor_over(strings);

	while (cursor_left(&c) > 0)
		(void)cursor_bytes(&c, cursor_u8(&c));
	return cursor_ok(&c);
}

/* A name goes to name_out, everything else to bytes_out. */
static bool field_read(struct cursor *c, enum field field, struct dns_name *name_out,
		       struct str *bytes_out)
{
	size_t width = field_width(field);

	if (field == FIELD_NAME)
		return dns_name_read(c, name_out);
	*bytes_out = cursor_bytes(c, width > 0 ? width : cursor_left(c));
	if (!cursor_ok(c) || bytes_out->len == 0)
		return false;
	return field != FIELD_STRINGS || strings_are_whole(*bytes_out);
}

static void write_strings(struct buf *out, struct str strings)
{
	struct cursor c = cursor_over(strings);

	for (bool first = true; cursor_left(&c) > 0; first = false) {
		struct str string = cursor_bytes(&c, cursor_u8(&c));
		buf_text(out, first ? "\"" : " \"");
		for (size_t i = 0; i < string.len; i++)
			dns_octet_write(out, (uint8_t)string.data[i], "\"\\");
		buf_byte(out, '"');
	}
}

static void write_address(struct buf *out, int family, struct str bytes)
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(family, bytes.data, text, sizeof(text)))
		buf_text(out, text);
}

static void field_write(struct buf *out, enum field field, const struct dns_name *name,
			struct str bytes)
{
	struct cursor c = cursor_over(bytes);

	switch (field) {
	case FIELD_END:
		return;
	case FIELD_NAME:
		dns_name_write_absolute(out, name);
		return;
	case FIELD_U8:
		buf_printf(out, "%u", cursor_u8(&c));
		return;
	case FIELD_U16:
		buf_printf(out, "%u", cursor_u16(&c));
		return;
	case FIELD_U32:
		buf_printf(out, "%u", cursor_u32(&c));
		return;
	case FIELD_IPV4:
		write_address(out, AF_INET, bytes);
		return;
	case FIELD_IPV6:
		write_address(out, AF_INET6, bytes);
		return;
	case FIELD_STRINGS:
		write_strings(out, bytes);
		return;
	case FIELD_HEX:
		hex_write(out, bytes);
		return;
	case FIELD_BASE64:
		base64_write(out, bytes);
		return;
	}
}

static bool write_fields(struct buf *out, const struct layout *layout, struct str rdata)
{
	struct cursor c = cursor_over(rdata);

	for (const enum field *f = layout->fields; *f != FIELD_END; f++) {
		struct dns_name name = { 0 };
		struct str bytes = STR_EMPTY;
		if (!field_read(&c, *f, &name, &bytes))
			return false;
		if (f != layout->fields)
			buf_byte(out, ' ');
		field_write(out, *f, &name, bytes);
	}
	return cursor_at_end(&c);
}

static void write_unknown(struct buf *out, struct str rdata)
{
	buf_printf(out, "\\# %zu", rdata.len);
	if (rdata.len > 0)
		buf_byte(out, ' ');
	hex_write(out, rdata);
}

void dns_rdata_write(struct buf *out, uint16_t type, struct str rdata)
{
	const struct layout *layout = layout_find(type);
	size_t start = out->len;

	if (layout && write_fields(out, layout, rdata))
		return;
	buf_cut(out, start);
	write_unknown(out, rdata);
}

/* The form in which equal by meaning is equal by bytes; false if the rdata is not of
 * its type. */
static bool write_canonical(struct buf *out, const struct layout *layout,
			    struct str rdata)
{
	struct cursor c = cursor_over(rdata);

	for (const enum field *f = layout->fields; *f != FIELD_END; f++) {
		struct dns_name name = { 0 };
		struct str bytes = STR_EMPTY;
		if (!field_read(&c, *f, &name, &bytes))
			return false;
		name = dns_name_lower(&name);
		buf_add(out, name.wire, name.len);
		struct cursor strings = cursor_over(bytes);
		while (*f == FIELD_STRINGS && cursor_left(&strings) > 0)
			buf_str(out, cursor_bytes(&strings, cursor_u8(&strings)));
		if (*f != FIELD_STRINGS)
			buf_str(out, bytes);
	}
	return cursor_at_end(&c);
}

bool dns_rdata_equal(uint16_t type, struct str a, struct str b)
{
	const struct layout *layout = layout_find(type);
	auto_buf struct buf x;
	auto_buf struct buf y;

	buf_init(&x, RDATA_MAX);
	buf_init(&y, RDATA_MAX);
	if (!layout || !write_canonical(&x, layout, a) || !write_canonical(&y, layout, b))
		return str_equal(a, b);
	return str_equal(buf_view(&x), buf_view(&y));
}

/* From here on: presentation form to wire. */

static struct str next_token(struct cursor *c)
{
	(void)cursor_while(c, " \t\r\n");
	return cursor_until(c, " \t\r\n");
}

static bool parse_number(struct buf *out, struct str token, size_t width, struct err *e)
{
	uint64_t n;

	if (!str_number(token, (1ull << 8 * width) - 1, &n))
		return err_set(e, ERR_USAGE, "'%.*s' is not a number of %zu bits",
			       STR_ARG(str_sub(token, 0, UNKNOWN_NAME)), 8 * width);
	for (size_t i = width; i > 0; i--)
		buf_byte(out, (uint8_t)(n >> 8 * (i - 1)));
	return true;
}

static bool parse_address(struct buf *out, struct str token, int family, struct err *e)
{
	char text[INET6_ADDRSTRLEN] = "";
	uint8_t bytes[16];

	if (token.len < sizeof(text) && str_find_byte(token, '\0') == token.len)
		memcpy(text, token.data, token.len);
	if (inet_pton(family, text, bytes) != 1)
		return err_set(e, ERR_USAGE, "'%.*s' is not an %s address",
			       STR_ARG(str_sub(token, 0, UNKNOWN_NAME)),
			       family == AF_INET ? "IPv4" : "IPv6");
	buf_add(out, bytes, family == AF_INET ? 4 : 16);
	return true;
}

static bool parse_name(struct buf *out, struct str token, struct err *e)
{
	struct dns_name name;

	if (!dns_name_parse(token, &name, e))
		return false;
	buf_add(out, name.wire, name.len);
	return true;
}

/* One text as character-strings of at most 255 octets. */
static void add_strings(struct buf *out, struct str text)
{
	do {
		struct str part = str_sub(text, 0, STRING_MAX);
		buf_byte(out, (uint8_t)part.len);
		buf_str(out, part);
		text = str_sub(text, part.len, text.len);
	} while (text.len > 0);
}

/* Up to the closing quote, which is consumed, or without quotes up to the end. */
static bool parse_string(struct buf *out, struct cursor *c, bool quoted, struct err *e)
{
	auto_buf struct buf text;

	buf_init(&text, RDATA_MAX);
	for (;;) {
		if (quoted ? cursor_accept(c, '"') : cursor_at_end(c))
			break;
		if (cursor_at_end(c))
			return err_set(e, ERR_USAGE, "a quote is not closed");
		uint8_t octet = cursor_u8(c);
		if (octet == '\\' && !dns_escape_read(c, &octet, e))
			return false;
		buf_byte(&text, octet);
	}
	if (text.failed)
		return err_set(e, ERR_USAGE, "the text is longer than 65535 octets");
	add_strings(out, buf_view(&text));
	return true;
}

static bool parse_strings(struct buf *out, struct cursor *c, struct err *e)
{
	struct str rest = str_trim(str_of(c->at, cursor_left(c)));

	*c = cursor_over(rest);
	if (rest.len == 0)
		return err_set(e, ERR_USAGE, "the text is empty");
	if (cursor_peek(c) != '"')
		return parse_string(out, c, false, e);
	while (cursor_left(c) > 0) {
		if (!cursor_accept(c, '"'))
			return err_set(e, ERR_USAGE,
				       "something stands outside the quotes");
		if (!parse_string(out, c, true, e))
			return false;
		(void)cursor_while(c, " \t\r\n");
	}
	return true;
}

static bool parse_hex(struct buf *out, struct cursor *c, struct err *e)
{
	for (;;) {
		struct str token = next_token(c);
		if (token.len == 0)
			return true;
		if (!hex_parse(out, token))
			return err_set(e, ERR_USAGE, "'%.*s' is not hexadecimal",
				       STR_ARG(str_sub(token, 0, UNKNOWN_NAME)));
	}
}

static bool parse_base64(struct buf *out, struct cursor *c, struct err *e)
{
	if (!base64_parse(out, cursor_bytes(c, cursor_left(c))))
		return err_set(e, ERR_USAGE, "the key is not base64");
	return true;
}

static bool field_parse(struct buf *out, struct cursor *c, enum field field,
			struct err *e)
{
	switch (field) {
	case FIELD_END:
		break;
	case FIELD_NAME:
		return parse_name(out, next_token(c), e);
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
		return parse_number(out, next_token(c), field_width(field), e);
	case FIELD_IPV4:
		return parse_address(out, next_token(c), AF_INET, e);
	case FIELD_IPV6:
		return parse_address(out, next_token(c), AF_INET6, e);
	case FIELD_STRINGS:
		return parse_strings(out, c, e);
	case FIELD_HEX:
		return parse_hex(out, c, e);
	case FIELD_BASE64:
		return parse_base64(out, c, e);
	}
	return true;
}

static bool parse_fields(struct buf *out, struct cursor *c, const struct layout *layout,
			 struct err *e)
{
	for (const enum field *f = layout->fields; *f != FIELD_END; f++)
		if (!field_parse(out, c, *f, e))
			return false;
	struct str rest = next_token(c);
	if (rest.len > 0)
		return err_set(e, ERR_USAGE, "'%.*s' is too much",
			       STR_ARG(str_sub(rest, 0, UNKNOWN_NAME)));
	return true;
}

static bool parse_unknown(struct buf *out, struct cursor *c, struct err *e)
{
	struct str token = next_token(c);
	uint64_t len;

	if (!str_number(token, RDATA_MAX, &len))
		return err_set(e, ERR_USAGE, "'%.*s' is not the length of rdata",
			       STR_ARG(str_sub(token, 0, UNKNOWN_NAME)));
	if (!parse_hex(out, c, e))
		return false;
	if (!out->failed && out->len != len)
		return err_set(e, ERR_USAGE, "rdata has %zu octets, not %zu", out->len,
			       (size_t)len);
	return true;
}

static bool parse_any(struct buf *out, uint16_t type, struct str text, struct err *e)
{
	const struct layout *layout = layout_find(type);
	struct cursor c = cursor_over(str_trim(text));

	if (str_starts(str_trim(text), STR("\\#"))) {
		(void)cursor_bytes(&c, 2);
		return parse_unknown(out, &c, e);
	}
	if (!layout)
		return err_set(e, ERR_USAGE, "this type is read as \\# LENGTH HEX only");
	return parse_fields(out, &c, layout, e);
}

bool dns_rdata_parse(struct arena *a, uint16_t type, struct str text,
		     struct str *rdata_out, struct err *e)
{
	auto_buf struct buf wire;

	buf_init(&wire, RDATA_MAX);
	if (text.len > RDATA_TEXT_MAX)
		return err_set(e, ERR_USAGE, "the rdata is too long");
	if (!parse_any(&wire, type, text, e))
		return false;
	if (wire.failed)
		return err_set(e, ERR_USAGE, "the rdata is longer than 65535 octets");
	char *rdata = arena_try(a, wire.len + 1);
	if (!rdata)
		return err_set(e, ERR_LIMIT, "no room for the rdata");
	if (wire.len > 0)
		memcpy(rdata, wire.data, wire.len);
	*rdata_out = str_of(rdata, wire.len);
	return true;
}
