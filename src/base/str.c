/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparing, searching and cutting borrowed bytes. */
#include "base/str.h"

bool str_equal(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool str_equal_nocase(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
			return false;
	}
	return true;
}

bool str_is(struct str a, const char *literal)
{
	return str_equal(a, str_from(literal));
}

bool str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_equal(str_sub(s, 0, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len &&
	       str_equal(str_sub(s, s.len - suffix.len, suffix.len), suffix);
}

int str_compare(struct str a, struct str b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common ? memcmp(a.data, b.data, common) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

size_t str_find_byte(struct str s, char c)
{
	const char *at = s.len ? memchr(s.data, c, s.len) : NULL;

	return at ? (size_t)(at - s.data) : s.len;
}

struct str str_trim(struct str s)
{
	while (s.len && ascii_is_blank((unsigned char)s.data[s.len - 1]))
		s.len--;
	while (s.len && ascii_is_blank((unsigned char)s.data[0])) {
		s.data++;
		s.len--;
	}
	return s;
}

struct str str_sub(struct str s, size_t from, size_t len)
{
	if (from > s.len)
		from = s.len;
	if (len > s.len - from)
		len = s.len - from;
	return (struct str){ from ? s.data + from : s.data, len };
}

bool str_split(struct str *rest, char separator, struct str *part_out)
{
	if (!rest->data)
		return false;
	size_t at = str_find_byte(*rest, separator);
	*part_out = str_sub(*rest, 0, at);
	if (at == rest->len)
		*rest = (struct str){ NULL, 0 };
	else
		*rest = str_sub(*rest, at + 1, rest->len);
	return true;
}

bool str_number(struct str s, uint64_t max, uint64_t *n_out)
{
	uint64_t n = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_is_digit((unsigned char)s.data[i]))
			return false;
		uint64_t digit = (uint64_t)(s.data[i] - '0');
		if (digit > max || n > (max - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*n_out = n;
	return true;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* A row of Levenshtein's table at a time. */
unsigned str_distance(struct str a, struct str b)
{
	unsigned row[STR_DISTANCE_MAX + 1];

	a = str_sub(a, 0, STR_DISTANCE_MAX);
	b = str_sub(b, 0, STR_DISTANCE_MAX);
	for (unsigned j = 0; j <= b.len; j++)
		row[j] = j;
	for (unsigned i = 0; i < a.len; i++) {
		unsigned diagonal = row[0];

		row[0] = i + 1;
		for (unsigned j = 0; j < b.len; j++) {
			bool same = ascii_lower(a.data[i]) == ascii_lower(b.data[j]);
			unsigned replaced = diagonal + (same ? 0 : 1);

			diagonal = row[j + 1];
			row[j + 1] = least(replaced, least(row[j], row[j + 1]) + 1);
		}
	}
	return row[b.len];
}
