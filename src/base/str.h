/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Borrowed bytes with a length; not NUL-terminated, may hold any byte. Locale-free. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attribute.h"

struct str {
	const char *data;
	size_t len;
};

#define STR(literal) ((struct str){ "" literal "", sizeof(literal) - 1 })
#define STR_EMPTY    ((struct str){ "", 0 })
/* For printf: `"%.*s", STR_ARG(s)`. */
#define STR_ARG(s) (int)(s).len, (s).data

/* Borrows c until its NUL; NULL gives the empty string. */
static inline struct str str_from(const char *c)
{
	return (struct str){ c ? c : "", c ? strlen(c) : 0 };
}

static inline struct str str_of(const void *data, size_t len)
{
	return (struct str){ (const char *)data, len };
}

bool str_equal(struct str a, struct str b);
/* ASCII letters without case; all other bytes as they are. */
bool str_equal_nocase(struct str a, struct str b);
bool str_is(struct str a, const char *literal);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Bytewise order, shorter first when one is a prefix: <0, 0, >0. */
int str_compare(struct str a, struct str b);
/* Position of the first byte c, or s.len. */
size_t str_find_byte(struct str s, char c);
/* Without blanks (space, tab, CR, LF) at both ends. */
struct str str_trim(struct str s);
/* From byte `from` (at most s.len) for `len` bytes (at most what is left). */
struct str str_sub(struct str s, size_t from, size_t len);
/* Cuts the part before the first `separator` off *rest into *part; false when *rest was
 * exhausted before. "a,,b" gives "a", "", "b"; the empty string gives one empty part. To
 * begin: rest = the whole; the end is marked by rest->data == NULL. */
bool str_split(struct str *rest, char separator, struct str *part_out);
/* Whole of s is an unsigned decimal number at most `max`, without sign or blanks. */
bool str_number(struct str s, uint64_t max, uint64_t *n_out) must_check;
/* How many letters must be changed, added or taken away to make b of a (Levenshtein),
 * without case; of each only the first STR_DISTANCE_MAX bytes count. */
enum {
	STR_DISTANCE_MAX = 96
};
unsigned str_distance(struct str a, struct str b);

static inline bool ascii_is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_is_alpha(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool ascii_is_alnum(unsigned char c)
{
	return ascii_is_digit(c) || ascii_is_alpha(c);
}

static inline bool ascii_is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline char ascii_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

#endif
