/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Widths, wrapping and clipping of UTF-8 text. */
#include "base/page.h"

#include "base/base.h"

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

/* Characters of Japanese text, which has no blanks: a line may end behind each. */
static bool is_japanese(uint32_t code)
{
	return (code >= 0x2e80 && code <= 0x9fff) || (code >= 0xf900 && code <= 0xfaff) ||
	       (code >= 0xff00 && code <= 0xff60) || (code >= 0x20000 && code <= 0x3fffd);
}

static bool is_one_of(uint32_t code, const char *set)
{
	struct str rest = str_from(set);
	while (rest.len > 0) {
		uint32_t member;
		rest = str_sub(rest, character(rest, &member), rest.len);
		if (member == code)
			return true;
	}
	return false;
}

/* JIS X 4051: what may not begin a line, and what may not end one. */
static bool may_break(uint32_t before, uint32_t behind)
{
	static const char no_begin[] =
		"、。，．・：；！？）］｝」』】〉》〕〜ー々ゝゞヽヾ"
		"ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
		",.:;!?)]}%\u2026";
	static const char no_end[] = "（［｛「『【〈《〔([{";
	return (is_japanese(before) || is_japanese(behind)) &&
	       !is_one_of(behind, no_begin) && !is_one_of(before, no_end);
}

/* Takes what may not be parted off the front; *blank_out: blanks stood before it. */
static struct str piece_next(struct str *rest, bool *blank_out)
{
	size_t blanks = 0;
	while (blanks < rest->len && rest->data[blanks] == ' ')
		blanks++;
	*blank_out = blanks > 0;
	*rest = str_sub(*rest, blanks, rest->len);
	uint32_t before = 0;
	size_t len = 0;
	while (len < rest->len && rest->data[len] != ' ') {
		uint32_t code;
		size_t step = character(str_sub(*rest, len, rest->len), &code);
		if (len > 0 && may_break(before, code))
			break;
		len += step;
		before = code;
	}
	struct str piece = str_sub(*rest, 0, len);
	*rest = str_sub(*rest, len, rest->len);
	return piece;
}

size_t page_wrap(struct buf *out, struct str text, size_t at, size_t indent,
		 size_t columns)
{
	bool is_first = true;
	bool is_closed = false; /* by a full stop that is as wide as a blank behind it */
	while (text.len > 0) {
		bool blank;
		struct str piece = piece_next(&text, &blank);
		size_t width = page_width(piece);
		if (piece.len == 0)
			break;
		blank = blank && !is_first && !is_closed;
		is_closed = str_ends(piece, STR("。"));
		if (!is_first && at + blank + width > columns) {
			buf_byte(out, '\n');
			buf_fill(out, ' ', indent);
			at = indent;
		} else if (blank) {
			buf_byte(out, ' ');
			at++;
		}
		buf_str(out, piece);
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
