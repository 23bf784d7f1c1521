/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Foreign bytes read as UTF-8, one character or one broken byte at a time; what may not
 * be shown stands in one table of ranges. */
#include "base/escape.h"

#include "base/base.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define ELLIPSIS    "\xe2\x80\xa6" /* U+2026 */

/* One character of the text, or one byte that is none. */
struct unit {
	struct str bytes;
	uint32_t character;
	bool valid;
};

struct range {
	uint32_t first;
	uint32_t last;
};

/* Characters that move, hide, break or reorder text. Ascending. */
static const struct range refused[] = {
	{ 0x0000, 0x001f },   /* C0 controls */
	{ 0x007f, 0x009f },   /* DEL, C1 controls */
	{ 0x00ad, 0x00ad },   /* soft hyphen */
	{ 0x034f, 0x034f },   /* combining grapheme joiner */
	{ 0x061c, 0x061c },   /* Arabic letter mark */
	{ 0x115f, 0x1160 },   /* Hangul fillers: blank */
	{ 0x17b4, 0x17b5 },   /* Khmer inherent vowels: invisible */
	{ 0x180b, 0x180f },   /* Mongolian selectors and vowel separator */
	{ 0x200b, 0x200f },   /* zero width, left-to-right and right-to-left marks */
	{ 0x2028, 0x202e },   /* line and paragraph separators, bidirectional controls */
	{ 0x2060, 0x206f },   /* word joiner, invisible operators, isolates */
	{ 0x3164, 0x3164 },   /* Hangul filler */
	{ 0xfdd0, 0xfdef },   /* noncharacters */
	{ 0xfe00, 0xfe0f },   /* variation selectors */
	{ 0xfeff, 0xfeff },   /* zero width no-break space, byte order mark */
	{ 0xffa0, 0xffa0 },   /* half width Hangul filler */
	{ 0xfff0, 0xfffb },   /* unassigned, interlinear annotation */
	{ 0xfffe, 0xffff },   /* noncharacters */
	{ 0x1bca0, 0x1bca3 }, /* shorthand format controls */
	{ 0x1d173, 0x1d17a }, /* musical format controls */
	{ 0xe0000, 0xe0fff }, /* tags, more variation selectors */
};

static bool is_refused(uint32_t character)
{
	/* The last two of each plane are noncharacters. */
	if ((character & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(refused) && refused[i].first <= character; i++) {
		if (character <= refused[i].last)
			return true;
	}
	return false;
}

/* RFC 3629 section 3: how many bytes a character has by its first; 0 for none. */
static size_t utf8_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/* RFC 3629 section 4: the character at the front of s, without overlong forms or
 * surrogates. */
static bool utf8_decode(struct str s, size_t len, uint32_t *character_out)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t character = (unsigned char)s.data[0];

	if (len == 0 || len > s.len)
		return false;
	if (len > 1)
		character &= 0x7fU >> len;
	for (size_t i = 1; i < len; i++) {
		unsigned char byte = (unsigned char)s.data[i];
		if ((byte & 0xc0) != 0x80)
			return false;
		character = character << 6 | (byte & 0x3f);
	}
	if (character < least[len] || character > 0x10ffff)
		return false;
	if (character >= 0xd800 && character <= 0xdfff)
		return false;
	*character_out = character;
	return true;
}

/* Takes the next unit off the front of *rest; false at the end. */
static bool unit_next(struct str *rest, struct unit *u_out)
{
	if (rest->len == 0)
		return false;
	struct unit u = { .character = (unsigned char)rest->data[0] };
	size_t len = utf8_length((unsigned char)rest->data[0]);
	u.valid = utf8_decode(*rest, len, &u.character);
	u.bytes = str_sub(*rest, 0, u.valid ? len : 1);
	*rest = str_sub(*rest, u.bytes.len, rest->len);
	*u_out = u;
	return true;
}

/* Takes off the front of *rest what is printable ASCII, and itself however it is written:
 * nearly all that is ever shown. No more than out has room for. */
static struct str plain_take(struct str *rest, const struct buf *out, size_t most)
{
	size_t room = out->max - out->len;
	size_t n = 0;

	most = most < room ? most : room;
	while (n < rest->len && n < most && rest->data[n] >= 0x20 &&
	       rest->data[n] < 0x7f && rest->data[n] != '\\')
		n++;
	struct str plain = str_sub(*rest, 0, n);
	*rest = str_sub(*rest, n, rest->len);
	return plain;
}

static void write_visible(struct buf *out, struct unit u)
{
	if (u.valid && !is_refused(u.character))
		buf_str(out, u.bytes);
	else if (u.bytes.len == 1)
		buf_printf(out, "\\x%02x", (unsigned)(unsigned char)u.bytes.data[0]);
	else
		buf_printf(out, "\\u{%04x}", (unsigned)u.character);
}

void escape_visible(struct buf *out, struct str foreign, size_t max)
{
	struct str plain = plain_take(&foreign, out, max ? max : SIZE_MAX);
	size_t written = plain.len;
	size_t more = 0;
	struct unit u;

	buf_str(out, plain);
	while (unit_next(&foreign, &u)) {
		if (max && written == max) {
			more++;
			continue;
		}
		written++;
		if (u.character == '\\')
			buf_text(out, "\\\\");
		else
			write_visible(out, u);
	}
	if (more)
		buf_printf(out, ELLIPSIS " (%zu more)", more);
}

void escape_controls(struct buf *out, struct str text)
{
	struct unit u;

	while (unit_next(&text, &u))
		write_visible(out, u);
}

static void write_json(struct buf *out, struct unit u)
{
	uint32_t c = u.valid ? u.character : 0xfffd;

	if (c == '"' || c == '\\') {
		buf_byte(out, '\\');
		buf_byte(out, (uint8_t)c);
	} else if (c >= 0x20 && c < 0x7f) {
		buf_byte(out, (uint8_t)c);
	} else if (c > 0xffff) {
		/* RFC 8259 section 7: a UTF-16 surrogate pair. */
		buf_printf(out, "\\u%04x\\u%04x",
			   (unsigned)(0xd800 + ((c - 0x10000) >> 10)),
			   (unsigned)(0xdc00 + ((c - 0x10000) & 0x3ff)));
	} else {
		buf_printf(out, "\\u%04x", (unsigned)c);
	}
}

void escape_json(struct buf *out, struct str foreign)
{
	struct unit u;

	buf_byte(out, '"');
	while (unit_next(&foreign, &u))
		write_json(out, u);
	buf_byte(out, '"');
}

void escape_utf8(struct buf *out, struct str foreign)
{
	struct unit u;

	buf_str(out, plain_take(&foreign, out, SIZE_MAX));
	while (unit_next(&foreign, &u)) {
		if (u.valid)
			buf_str(out, u.bytes);
		else
			buf_text(out, REPLACEMENT);
	}
}

static bool is_formula(struct str text)
{
	return text.len > 0 && memchr("=+-@", text.data[0], 4);
}

void escape_csv(struct buf *out, struct str foreign)
{
	struct unit u;

	buf_byte(out, '"');
	if (is_formula(foreign))
		buf_byte(out, '\'');
	while (unit_next(&foreign, &u)) {
		if (u.character == '"')
			buf_text(out, "\"\"");
		else
			write_visible(out, u);
	}
	buf_byte(out, '"');
}
