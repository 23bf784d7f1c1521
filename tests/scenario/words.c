/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "words.h"

enum {
	TIMES_MAX = 1 << 17, /* for hex, and for lines */
};

struct str words_next(struct str *rest)
{
	struct cursor c = cursor_over(str_trim(*rest));
	struct str word = cursor_until(&c, " \t");

	cursor_while(&c, " \t");
	*rest = cursor_bytes(&c, cursor_left(&c));
	return word;
}

bool words_starts(struct str text, const char *words)
{
	struct str wanted = str_from(words);

	return str_starts(text, wanted) &&
	       (text.len == wanted.len ||
		ascii_is_blank((unsigned char)text.data[wanted.len]));
}

bool words_duration(struct str text, int64_t *us_out)
{
	static const struct {
		const char *unit;
		int64_t us;
	} units[] = { { "us", 1 },       { "ms", 1000 },      { "s", 1000000 },
		      { "m", 60000000 }, { "h", 3600000000 }, { "d", 86400000000 } };
	struct cursor c = cursor_over(text);
	struct str digits = cursor_while(&c, "0123456789");
	struct str unit = cursor_bytes(&c, cursor_left(&c));
	uint64_t n;

	if (!str_number(digits, 1000000000, &n))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (!str_is(unit, units[i].unit))
			continue;
		*us_out = (int64_t)n * units[i].us;
		return true;
	}
	return false;
}

static int digit_of(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool take_octets(struct cursor *c, struct buf *out)
{
	struct str digits = cursor_while(c, "0123456789abcdefABCDEF");

	for (size_t i = 0; i + 1 < digits.len; i += 2)
		buf_byte(out, (uint8_t)(digit_of(digits.data[i]) << 4 |
					digit_of(digits.data[i + 1])));
	return digits.len % 2 == 0 && digits.len > 0;
}

/* How far it is to the ')' that belongs to the '(' before. */
static size_t find_end(const struct cursor *c)
{
	size_t depth = 1;
	size_t at = 0;

	for (; at < cursor_left(c); at++) {
		depth += c->at[at] == '(';
		depth -= c->at[at] == ')';
		if (depth == 0)
			break;
	}
	return at;
}

/* "N*(HEX)", behind N */
static bool take_times(struct cursor *c, struct str count, struct buf *out)
{
	uint64_t times;
	auto_buf struct buf one;
	buf_init(&one, UINT16_MAX);

	if (!str_number(count, TIMES_MAX, &times) || !cursor_accept(c, '*') ||
	    !cursor_accept(c, '('))
		return false;
	struct str inner = cursor_bytes(c, find_end(c));
	if (!cursor_accept(c, ')') || !words_hex(inner, &one))
		return false;
	for (uint64_t i = 0; i < times; i++)
		buf_str(out, buf_view(&one));
	return true;
}

bool words_hex(struct str text, struct buf *out)
{
	struct cursor c = cursor_over(text);

	for (;;) {
		cursor_while(&c, " \t");
		if (cursor_left(&c) == 0)
			return !out->failed;
		struct cursor ahead = c;
		struct str count = cursor_while(&ahead, "0123456789");
		if (cursor_accept(&c, '"')) {
			buf_str(out, cursor_until(&c, "\""));
			if (!cursor_accept(&c, '"'))
				return false;
		} else if (cursor_peek(&ahead) == '*') {
			c = ahead;
			if (!take_times(&c, count, out))
				return false;
		} else if (!take_octets(&c, out)) {
			return false;
		}
	}
}

/* Lines */

bool words_is_indented(struct str line)
{
	return line.len > 0 && ascii_is_blank((unsigned char)line.data[0]);
}

bool words_is_nothing(struct str line)
{
	struct str text = str_trim(line);

	return text.len == 0 || text.data[0] == '#';
}

bool words_line(struct str *rest, struct str *out)
{
	struct str line;

	while (str_split(rest, '\n', &line)) {
		if (words_is_nothing(line))
			continue;
		*out = line;
		return true;
	}
	return false;
}

struct str words_times(struct str text, uint64_t *times)
{
	struct str rest = text;
	struct str word = words_next(&rest);

	*times = 1;
	if (!words_starts(rest, "x") || !str_number(word, TIMES_MAX, times))
		return text;
	words_next(&rest);
	return rest;
}

void words_number(struct buf *out, struct str text, uint64_t i)
{
	struct str mark = STR("{i}");

	for (size_t at = 0; at < text.len; at++) {
		if (!str_starts(str_sub(text, at, SIZE_MAX), mark)) {
			buf_byte(out, (uint8_t)text.data[at]);
			continue;
		}
		buf_printf(out, "%llu", (unsigned long long)i);
		at += mark.len - 1;
	}
}
