/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Widths, wrapping and clipping of UTF-8 text. */
#include "diagnose/page.h"

enum {
	WIDE_FROM = 0x1100
};

/* Octets of the character at the front; broken ones count one each. */
static size_t character(struct str s, uint32_t *code_out)
{
	unsigned char first = (unsigned char)s.data[0];
	size_t len = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	if (len > s.len)
		len = 1;
	uint32_t code = len == 1 ? first : first & (0x7fU >> len);
	for (size_t i = 1; i < len; i++)
		code = code << 6 | ((unsigned char)s.data[i] & 0x3fU);
	*code_out = code;
	return len;
}

/* Roughly Unicode's East Asian Width: Hangul, CJK, kana, full-width forms, emoji. */
static size_t character_width(uint32_t code)
{
	if (code < WIDE_FROM)
		return 1;
	bool is_wide = code <= 0x115f || (code >= 0x2e80 && code <= 0xa4cf) ||
		       (code >= 0xac00 && code <= 0xd7a3) ||
		       (code >= 0xf900 && code <= 0xfaff) ||
		       (code >= 0xfe30 && code <= 0xfe6f) ||
		       (code >= 0xff00 && code <= 0xff60) ||
		       (code >= 0xffe0 && code <= 0xffe6) ||
		       (code >= 0x1f300 && code <= 0x1faff) ||
		       (code >= 0x20000 && code <= 0x3fffd);
	return is_wide ? 2 : 1;
}

size_t page_width(struct str text)
{
	size_t width = 0;
	while (text.len > 0) {
		uint32_t code;
		text = str_sub(text, character(text, &code), text.len);
		width += character_width(code);
	}
	return width;
}

size_t page_wrap(struct buf *out, struct str text, size_t at, size_t indent,
		 size_t columns)
{
	struct str rest = text;
	struct str word;
	bool is_first = true;
	while (str_split(&rest, ' ', &word)) {
		size_t width = page_width(word);
		if (word.len == 0)
			continue;
		if (!is_first && at + 1 + width > columns) {
			buf_byte(out, '\n');
			buf_fill(out, ' ', indent);
			at = indent;
		} else if (!is_first) {
			buf_byte(out, ' ');
			at++;
		}
		buf_str(out, word);
		at += width;
		is_first = false;
	}
	return at;
}

void page_clip(struct buf *out, struct str text, size_t columns)
{
	size_t at = 0;
	size_t width = 0;
	if (page_width(text) <= columns) {
		buf_str(out, text);
		return;
	}
	while (at < text.len) {
		uint32_t code;
		size_t len = character(str_sub(text, at, text.len), &code);
		if (width + character_width(code) + 3 > columns)
			break;
		width += character_width(code);
		at += len;
	}
	buf_str(out, str_sub(text, 0, at));
	buf_text(out, "...");
}
