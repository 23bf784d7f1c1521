/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Header text: unfolding, folding, encoded words. */
#include "mail/text.h"

enum {
	LINE_WIDTH = 78,    /* RFC 5322 section 2.1.1 */
	ENCODED_WIDTH = 75, /* RFC 2047 section 2 */
	ENCODED_FRAME = 12, /* "=?utf-8?B?" and "?=" */
};

void text_unfold(struct buf *out, struct str field)
{
	struct cursor c = cursor_over(field);

	while (cursor_left(&c) > 0) {
		struct str left = str_of(c.at, cursor_left(&c));

		if (str_starts(left, STR("\r\n ")) || str_starts(left, STR("\r\n\t"))) {
			cursor_bytes(&c, 2);
			continue;
		}
		uint8_t byte = cursor_u8(&c);
		buf_byte(out, byte == '\t' ? ' ' : byte);
	}
}

bool text_has_hidden(struct str s)
{
	struct str rest = s;
	struct str part;
	auto_buf struct buf shown;

	/* escape_visible doubles the backslash; anything else that it changes is
	 * hidden. */
	buf_init(&shown, s.len);
	while (str_split(&rest, '\\', &part)) {
		buf_clear(&shown);
		escape_visible(&shown, part, 0);
		if (!str_equal(buf_view(&shown), part))
			return true;
	}
	return false;
}

bool text_read_quoted(struct cursor *c, struct buf *content)
{
	if (!cursor_accept(c, '"'))
		return false;
	while (!cursor_accept(c, '"')) {
		cursor_accept(c, '\\');
		if (cursor_left(c) == 0)
			return false;
		buf_byte(content, cursor_u8(c));
	}
	return true;
}

bool text_is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.data[i] > 127)
			return false;
	}
	return true;
}

static bool is_continuation(struct str s, size_t at)
{
	return at < s.len && ((unsigned char)s.data[at] & 0xc0) == 0x80;
}

/* How many bytes of s go into an encoded word that may be `width` wide: whole characters
 * (RFC 2047 section 5), 0 when not one fits. */
static size_t fitting_bytes(struct str s, size_t width)
{
	size_t len = width > ENCODED_FRAME ? (width - ENCODED_FRAME) / 4 * 3 : 0;

	if (len > s.len)
		len = s.len;
	/* A character has three continuation bytes at most. */
	for (int i = 0; i < 3 && len > 0 && is_continuation(s, len); i++)
		len--;
	return len;
}

void text_write_encoded(struct buf *out, struct str s, size_t *column)
{
	while (s.len > 0) {
		size_t left = *column < LINE_WIDTH ? LINE_WIDTH - *column : 0;
		size_t len =
			fitting_bytes(s, left < ENCODED_WIDTH ? left : ENCODED_WIDTH);

		if (len == 0) {
			buf_text(out, "\r\n ");
			*column = 1;
			continue;
		}
		size_t start = out->len;
		buf_text(out, "=?utf-8?B?");
		base64_write(out, str_sub(s, 0, len));
		buf_text(out, "?=");
		*column += out->len - start;
		s = str_sub(s, len, s.len);
		/* Two encoded words need a blank between them. */
		if (s.len > 0)
			*column = LINE_WIDTH;
	}
}

void text_write_words(struct buf *out, struct str s, size_t *column)
{
	struct cursor c = cursor_over(s);

	while (cursor_left(&c) > 0) {
		struct str blanks = cursor_while(&c, " ");
		struct str word = cursor_until(&c, " ");

		if (blanks.len > 0 && *column + blanks.len + word.len > LINE_WIDTH) {
			buf_text(out, "\r\n");
			*column = 0;
		}
		buf_str(out, blanks);
		buf_str(out, word);
		*column += blanks.len + word.len;
	}
}
