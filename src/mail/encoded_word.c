/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encoded words (RFC 2047) that somebody else wrote: looked into, never rewritten. */
#include "mail/text.h"

/* RFC 2047 section 4.2: a blank is an underscore, any byte may be =XX. */
static bool decode_q(struct buf *out, struct str text)
{
	struct cursor c = cursor_over(text);

	while (cursor_left(&c) > 0) {
		uint8_t byte = cursor_u8(&c);

		if (byte == '=') {
			if (!hex_parse(out, cursor_bytes(&c, 2)) || !cursor_ok(&c))
				return false;
		} else {
			buf_byte(out, byte == '_' ? ' ' : byte);
		}
	}
	return true;
}

static bool decode(struct buf *out, struct str encoding, struct str text)
{
	if (str_equal_nocase(encoding, STR("B")))
		return base64_parse(out, text);
	return str_equal_nocase(encoding, STR("Q")) && decode_q(out, text);
}

static bool is_utf8_name(struct str charset)
{
	/* RFC 2231 section 5: a language may stand behind an asterisk. */
	struct str name = str_sub(charset, 0, str_find_byte(charset, '*'));

	return str_equal_nocase(name, STR("utf-8")) ||
	       str_equal_nocase(name, STR("us-ascii"));
}

static bool has_line_break(struct str s)
{
	return str_find_byte(s, '\r') < s.len || str_find_byte(s, '\n') < s.len ||
	       str_find_byte(s, '\0') < s.len;
}

/* Reads behind "=?". Bytes of UTF-8 go to `utf8`, of other character sets to `other`. */
static void read_word(struct cursor *c, struct buf *utf8, struct buf *other)
{
	struct cursor start = *c;
	struct str charset = cursor_until(c, "? ");
	bool formed = cursor_accept(c, '?');
	struct str encoding = cursor_until(c, "? ");
	formed = cursor_accept(c, '?') && formed;
	struct str text = cursor_until(c, "? ");
	struct buf *out = is_utf8_name(charset) ? utf8 : other;
	size_t before = out->len;

	/* What is not well formed is text, and another word may begin in it. */
	if (!formed || !cursor_accept(c, '?') || !cursor_accept(c, '=') ||
	    !decode(out, encoding, text)) {
		buf_cut(out, before);
		*c = start;
	}
}

bool text_hides_encoded(struct str s)
{
	struct cursor c = cursor_over(s);
	auto_buf struct buf utf8;
	buf_init(&utf8, s.len + 16);
	auto_buf struct buf other;
	buf_init(&other, s.len + 16);

	while (cursor_left(&c) > 0) {
		if (cursor_accept(&c, '=') && cursor_accept(&c, '?'))
			read_word(&c, &utf8, &other);
		else
			cursor_until(&c, "=");
	}
	return text_has_hidden(buf_view(&utf8)) || has_line_break(buf_view(&other));
}
