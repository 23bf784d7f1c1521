/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "diagnose/lookalike.h"

enum {
	CHARACTERS_MAX = 512, /* of one text */
	BASE = 36,
	TMIN = 1,
	TMAX = 26,
	SKEW = 38,
	DAMP = 700,
	INITIAL_BIAS = 72,
	INITIAL_N = 128,
	WIDE_FIRST = 0xff01, /* full-width forms of '!' to '~' */
	WIDE_LAST = 0xff5e,
};

struct characters {
	uint32_t at[CHARACTERS_MAX];
	size_t count;
};

/* RFC 3629 section 3; what is no UTF-8 gives its first octet. */
static uint32_t read_character(struct str *rest)
{
	static const struct {
		uint8_t mask;
		uint8_t head;
		size_t len;
	} forms[] = { { 0xe0, 0xc0, 2 }, { 0xf0, 0xe0, 3 }, { 0xf8, 0xf0, 4 } };
	uint8_t first = (uint8_t)rest->data[0];
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		uint32_t c = (uint32_t)(first & (uint8_t)~forms[i].mask);
		size_t n = 1;
		if ((first & forms[i].mask) != forms[i].head || rest->len < forms[i].len)
			continue;
		for (; n < forms[i].len && (rest->data[n] & 0xc0) == 0x80; n++)
			c = c << 6 | (uint32_t)(rest->data[n] & 0x3f);
		if (n < forms[i].len)
			break;
		*rest = str_sub(*rest, n, rest->len);
		return c;
	}
	*rest = str_sub(*rest, 1, rest->len);
	return first;
}

static void read_characters(struct str text, struct characters *out)
{
	while (text.len > 0 && out->count < CHARACTERS_MAX)
		out->at[out->count++] = read_character(&text);
}

/* RFC 3492 section 6.1. */
static uint32_t adapt(uint32_t delta, uint32_t count, bool is_first)
{
	uint32_t k = 0;
	delta = is_first ? delta / DAMP : delta / 2;
	delta += delta / count;
	for (; delta > ((BASE - TMIN) * TMAX) / 2; k += BASE)
		delta /= BASE - TMIN;
	return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

static uint32_t digit_of(char c)
{
	if (ascii_is_digit((unsigned char)c))
		return (uint32_t)(c - '0') + 26;
	return ascii_is_alpha((unsigned char)c) ? (uint32_t)(ascii_lower(c) - 'a') : BASE;
}

/* One number of variable length; false: none, or too large. */
static bool read_delta(struct cursor *c, uint32_t bias, uint32_t *i)
{
	uint64_t sum = *i;
	uint64_t weight = 1;
	for (uint32_t k = BASE;; k += BASE) {
		uint32_t t = k <= bias ? TMIN : k >= bias + TMAX ? TMAX : k - bias;
		uint8_t byte = 0;
		if (cursor_left(c) == 0)
			return false;
		byte = cursor_u8(c);
		uint32_t digit = digit_of((char)byte);
		sum += digit * weight;
		if (digit >= BASE || sum > UINT32_MAX)
			return false;
		if (digit < t) {
			*i = (uint32_t)sum;
			return true;
		}
		weight *= BASE - t;
		if (weight > UINT32_MAX)
			return false;
	}
}

static bool insert(struct characters *out, size_t from, uint32_t at, uint32_t c)
{
	if (out->count == CHARACTERS_MAX || c > 0x10ffff)
		return false;
	for (size_t i = out->count; i > from + at; i--)
		out->at[i] = out->at[i - 1];
	out->at[from + at] = c;
	out->count++;
	return true;
}

/* RFC 3492 section 6.2; false: it is none. */
static bool decode_label(struct str label, struct characters *out)
{
	const char *dash = memrchr(label.data, '-', label.len);
	size_t basic = dash ? (size_t)(dash - label.data) : 0;
	size_t from = out->count;
	uint32_t n = INITIAL_N;
	uint32_t bias = INITIAL_BIAS;
	uint32_t i = 0;
	read_characters(str_sub(label, 0, basic), out);
	struct cursor c = cursor_over(str_sub(label, dash ? basic + 1 : 0, label.len));
	while (cursor_left(&c) > 0) {
		uint32_t before = i;
		uint32_t count = (uint32_t)(out->count - from) + 1;
		if (!read_delta(&c, bias, &i))
			return false;
		bias = adapt(i - before, count, before == 0);
		n += i / count;
		i %= count;
		if (!insert(out, from, i, n))
			return false;
		i++;
	}
	return true;
}

static uint32_t look_of(uint32_t c)
{
	static const struct {
		uint32_t from;
		char to;
	} looks[] = {
		{ 0x430, 'a' },  { 0x435, 'e' },  { 0x43e, 'o' },  { 0x440, 'p' },
		{ 0x441, 'c' },  { 0x443, 'y' },  { 0x445, 'x' },  { 0x456, 'i' },
		{ 0x455, 's' },  { 0x458, 'j' },  { 0x4bb, 'h' },  { 0x501, 'd' },
		{ 0x51b, 'q' },  { 0x51d, 'w' },  { 0x43a, 'k' },  { 0x43c, 'm' },
		{ 0x442, 't' },  { 0x432, 'b' },  { 0x43d, 'h' },  { 0x4cf, 'l' },
		{ 0x410, 'a' },  { 0x412, 'b' },  { 0x415, 'e' },  { 0x41a, 'k' },
		{ 0x41c, 'm' },  { 0x41d, 'h' },  { 0x41e, 'o' },  { 0x420, 'p' },
		{ 0x421, 'c' },  { 0x422, 't' },  { 0x425, 'x' },  { 0x406, 'i' },
		{ 0x3b1, 'a' },  { 0x3bf, 'o' },  { 0x3bd, 'v' },  { 0x3c1, 'p' },
		{ 0x3ba, 'k' },  { 0x3b9, 'i' },  { 0x39f, 'o' },  { 0x391, 'a' },
		{ 0x131, 'i' },  { 0x261, 'g' },  { 0x3002, '.' }, { 0xff61, '.' },
		{ 0x2010, '-' }, { 0x2011, '-' }, { 0x2012, '-' }, { 0x2013, '-' },
		{ 0x2014, '-' }, { 0x2015, '-' }, { 0x2212, '-' }, { 0x30fc, '-' },
	};
	for (size_t i = 0; i < ARRAY_LEN(looks); i++) {
		if (looks[i].from == c)
			c = (uint8_t)looks[i].to;
	}
	if (c >= WIDE_FIRST && c <= WIDE_LAST)
		c = c - WIDE_FIRST + '!';
	if (c < 128)
		c = (uint8_t)ascii_lower((char)c);
	return c == '0' ? 'o' : c == '1' || c == 'i' ? 'l' : c;
}

static void put_character(struct buf *out, uint32_t c)
{
	if (c < 128) {
		buf_byte(out, (uint8_t)c);
		return;
	}
	buf_printf(out, "{%x}", c);
}

/* Whole names, labels that begin with xn-- decoded. */
static void read_name(struct str text, struct characters *out)
{
	struct characters all = { .count = 0 };
	struct str label;
	bool is_first = true;
	while (str_split(&text, '.', &label)) {
		struct characters decoded = all;
		if (!is_first && all.count < CHARACTERS_MAX) {
			all.at[all.count++] = '.';
			decoded = all;
		}
		is_first = false;
		bool is_encoded = label.len > 4 &&
				  str_equal_nocase(str_sub(label, 0, 4), STR("xn--"));
		if (is_encoded && decode_label(str_sub(label, 4, label.len), &decoded))
			all = decoded;
		else
			read_characters(label, &all);
	}
	*out = all;
}

struct str lookalike_skeleton(struct arena *a, struct str text)
{
	struct characters all;
	auto_buf struct buf b;
	read_name(text, &all);
	buf_init(&b, 16 * 1024);
	for (size_t i = 0; i < all.count; i++)
		put_character(&b, look_of(all.at[i]));
	return arena_str(a, buf_view(&b));
}

static uint32_t small_of(uint32_t c)
{
	return c < 128 ? (uint8_t)ascii_lower((char)c) : c;
}

/* RFC 3629 section 3; what may not be shown is refused by escape_visible. */
static struct str shown_character(struct arena *a, uint32_t c)
{
	auto_buf struct buf bytes;
	auto_buf struct buf shown;
	buf_init(&bytes, 8);
	buf_init(&shown, 32);
	if (c >= 0x10000)
		buf_byte(&bytes, (uint8_t)(0xf0 | c >> 18));
	if (c >= 0x10000)
		buf_byte(&bytes, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
	else if (c >= 0x800)
		buf_byte(&bytes, (uint8_t)(0xe0 | c >> 12));
	if (c >= 0x800)
		buf_byte(&bytes, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
	else if (c >= 0x80)
		buf_byte(&bytes, (uint8_t)(0xc0 | c >> 6));
	buf_byte(&bytes, (uint8_t)(c >= 0x80 ? 0x80 | (c & 0x3f) : c));
	escape_visible(&shown, buf_view(&bytes), 0);
	return arena_str(a, buf_view(&shown));
}

bool lookalike_find(struct arena *a, struct str seen, struct str wanted,
		    struct lookalike *out)
{
	struct characters one;
	struct characters two;
	read_name(seen, &one);
	read_name(wanted, &two);
	for (size_t i = 0; i < one.count && i < two.count; i++) {
		if (small_of(one.at[i]) == small_of(two.at[i]))
			continue;
		*out = (struct lookalike){ i + 1, one.at[i], two.at[i],
					   shown_character(a, one.at[i]),
					   shown_character(a, two.at[i]) };
		return true;
	}
	return false;
}
