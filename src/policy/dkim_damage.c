/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What happened to a DKIM key's text between the page it was copied from and the DNS. The
 * text is repaired as one would by hand (quotes taken away, odd letters made plain); what
 * then makes it readable is what was wrong with it.
 */
#include "policy/policy.h"

enum {
	TEXT_MAX = 64 * 1024,
	PIECES_MAX = 4, /* records that are tried as pieces of one key */
};

/* --- repairs --- */

static bool is_quote(char c)
{
	return c == '"' || c == '\\' || c == '\'';
}

/* Quotes and backslashes that belong to a zone file's way of writing, not to the value.
 */
static struct str without_quotes(struct arena *a, struct str s)
{
	auto_buf struct buf b;

	buf_init(&b, TEXT_MAX);
	for (size_t i = 0; i < s.len; i++)
		if (!is_quote(s.data[i]))
			buf_byte(&b, (uint8_t)s.data[i]);
	return arena_str(a, buf_view(&b));
}

/* Characters of UTF-8 that word processors and web pages put in; plain: what was meant,
 * 0 for nothing. */
static const struct odd {
	const char *bytes;
	char plain;
} odds[] = {
	{ "\xc2\xa0", 0 },     /* no-break space */
	{ "\xc2\xad", 0 },     /* soft hyphen */
	{ "\xe3\x80\x80", 0 }, /* ideographic space */
	{ "\xef\xbb\xbf", 0 }, /* byte order mark */
	{ "\xe2\x81\xa0", 0 }, /* word joiner */
	{ "\xc2\xab", 0 },     /* guillemets */
	{ "\xc2\xbb", 0 },
};

/* The length of an odd character at the beginning of s, 0 if there is none. */
static size_t odd_at(struct str s, char *plain_out)
{
	const unsigned char *u = (const unsigned char *)s.data;

	for (size_t i = 0; i < ARRAY_LEN(odds); i++) {
		if (str_starts(s, str_from(odds[i].bytes))) {
			*plain_out = odds[i].plain;
			return strlen(odds[i].bytes);
		}
	}
	if (s.len < 3)
		return 0;
	/* U+2000 to U+203F: blanks of all widths, dashes, quotation marks, marks that
	 * nobody sees. A dash is none of base64, so it is not repaired. */
	if (u[0] == 0xe2 && u[1] == 0x80 && (u[2] < 0x90 || u[2] > 0x95)) {
		*plain_out = 0;
		return 3;
	}
	/* U+FF01 to U+FF5E: full-width forms of ASCII. */
	unsigned code = (u[0] & 15u) << 12 | (u[1] & 63u) << 6 | (u[2] & 63u);
	if (u[0] == 0xef && code >= 0xff01 && code <= 0xff5e) {
		*plain_out = (char)(code - 0xff01 + '!');
		return 3;
	}
	return 0;
}

static struct str without_odds(struct arena *a, struct str s, size_t *first_out)
{
	auto_buf struct buf b;

	buf_init(&b, TEXT_MAX);
	*first_out = SIZE_MAX;
	for (size_t i = 0; i < s.len;) {
		char plain = s.data[i];
		size_t len = odd_at(str_sub(s, i, s.len), &plain);

		if (len > 0 && *first_out == SIZE_MAX)
			*first_out = i;
		if (len == 0 || plain)
			buf_byte(&b, (uint8_t)plain);
		i += len > 0 ? len : 1;
	}
	return arena_str(a, buf_view(&b));
}

/* --- comparing --- */

/* The base64 text of p= without blanks; false: there is none. */
static bool key_symbols(struct arena *a, struct str txt, struct str *out)
{
	struct policy_tag *tags;
	size_t count;
	auto_buf struct buf b;

	buf_init(&b, TEXT_MAX);
	if (!policy_tags_parse(a, txt, &tags, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!str_is(tags[i].name, "p"))
			continue;
		for (size_t j = 0; j < tags[i].value.len; j++)
			if (!ascii_is_blank((unsigned char)tags[i].value.data[j]))
				buf_byte(&b, (uint8_t)tags[i].value.data[j]);
		*out = arena_str(a, buf_view(&b));
		return true;
	}
	return false;
}

/* Where the nth base64 character of p= stands in the text. */
static size_t symbol_position(struct arena *a, struct str txt, size_t nth)
{
	struct policy_tag *tags;
	size_t count;

	if (!policy_tags_parse(a, txt, &tags, &count))
		return 0;
	for (size_t i = 0; i < count; i++) {
		struct str p = tags[i].value;

		for (size_t j = 0; str_is(tags[i].name, "p") && j < p.len; j++) {
			if (!ascii_is_blank((unsigned char)p.data[j]) && nth-- == 0)
				return (size_t)(p.data - txt.data) + j;
		}
	}
	return txt.len;
}

static size_t common_front(struct str a, struct str b)
{
	size_t n = 0;

	while (n < a.len && n < b.len && a.data[n] == b.data[n])
		n++;
	return n;
}

static size_t common_end(struct str a, struct str b)
{
	size_t n = 0;

	while (n < a.len && n < b.len && a.data[a.len - 1 - n] == b.data[b.len - 1 - n])
		n++;
	return n;
}

/* The header that all RSA keys of a length begin with, and the end that all with the
 * usual exponent share, say nothing about whose key it is. */
enum {
	SAME_FRONT = 44,
	SAME_END = 8,
};

/* The texts differ in so little that one is the damaged other. */
static bool is_nearly(struct str seen, struct str wanted)
{
	if (str_equal_nocase(seen, wanted))
		return true;
	size_t front = common_front(seen, wanted);
	size_t end = common_end(seen, wanted);
	size_t longer = seen.len > wanted.len ? seen.len : wanted.len;

	if (front < SAME_FRONT + 8 && end < SAME_END + 8)
		return false;
	return (front + end) * 10 >= longer * 8;
}

/* With an expected key: cut, damaged, or another. */
static enum dkim_damage compare_symbols(struct arena *a, struct str seen,
					struct str wanted, struct dkim_seen *out)
{
	struct str have;
	struct str want;

	if (!key_symbols(a, seen, &have) || !key_symbols(a, wanted, &want))
		return DKIM_FOREIGN;
	if (have.len > 0 && have.len < want.len && str_starts(want, have)) {
		out->missing = want.len - have.len;
		return DKIM_TRUNCATED;
	}
	if (!is_nearly(have, want))
		return DKIM_DIFFERENT;
	out->is_case = str_equal_nocase(have, want);
	out->at = symbol_position(a, seen, common_front(have, want));
	return DKIM_GARBLED;
}

static enum dkim_damage damage_of(enum dkim_fault fault)
{
	switch (fault) {
	case DKIM_FAULT_NONE:
		return DKIM_INTACT;
	case DKIM_FAULT_SYNTAX:
	case DKIM_FAULT_NO_KEY:
		return DKIM_FOREIGN;
	case DKIM_FAULT_VERSION:
	case DKIM_FAULT_USE:
		return DKIM_MISUSED;
	case DKIM_FAULT_SHORT:
		return DKIM_TRUNCATED;
	case DKIM_FAULT_BASE64:
	case DKIM_FAULT_KEY:
		return DKIM_GARBLED;
	}
	return DKIM_FOREIGN;
}

/* It can be read: is it the one? */
static void judge_readable(struct arena *a, struct str seen, struct str expected,
			   struct dkim_seen *out)
{
	struct policy_dkim_key wanted;
	struct err ignored = { 0 };

	if (out->key.public_key.len == 0) {
		out->damage = DKIM_REVOKED;
		return;
	}
	out->damage = DKIM_INTACT;
	if (expected.len == 0 || !policy_dkim_key_parse(a, expected, &wanted, &ignored) ||
	    policy_dkim_key_equal(&out->key, &wanted))
		return;
	enum dkim_damage d = compare_symbols(a, seen, expected, out);
	out->damage = d == DKIM_GARBLED ? DKIM_GARBLED : DKIM_DIFFERENT;
}

/* It becomes a key when repaired so, and the expected one where one is. */
static bool is_cured(struct arena *a, struct str repaired, struct str expected)
{
	struct policy_dkim_key key;
	struct policy_dkim_key wanted;
	struct err ignored = { 0 };

	if (!policy_dkim_key_parse(a, repaired, &key, &ignored))
		return false;
	return expected.len == 0 ||
	       !policy_dkim_key_parse(a, expected, &wanted, &ignored) ||
	       policy_dkim_key_equal(&key, &wanted);
}

static size_t first_quote(struct str s)
{
	size_t at = 0;

	while (at < s.len && !is_quote(s.data[at]))
		at++;
	return at;
}

static void judge_unreadable(struct arena *a, struct str seen, struct str expected,
			     const struct dkim_problem *problem, struct dkim_seen *out)
{
	size_t odd;
	struct str plain = without_odds(a, seen, &odd);
	struct str bare = without_quotes(a, plain);

	out->damage = damage_of(problem->fault);
	out->at = problem->at;
	out->missing = problem->missing;
	if (first_quote(seen) < seen.len &&
	    is_cured(a, without_quotes(a, seen), expected)) {
		out->damage = DKIM_QUOTED;
		out->at = first_quote(seen);
		return;
	}
	if (odd != SIZE_MAX && is_cured(a, bare, expected)) {
		out->damage = DKIM_SPACED;
		out->at = odd;
		return;
	}
	if (out->damage == DKIM_MISUSED || out->damage == DKIM_FOREIGN ||
	    expected.len == 0)
		return;
	/* With the expected key at hand a length that was damaged is told from an end
	 * that is missing. */
	enum dkim_damage d = compare_symbols(a, seen, expected, out);
	if (d == DKIM_TRUNCATED || d == DKIM_GARBLED)
		out->damage = d;
}

void policy_dkim_damage(struct arena *a, struct str seen, struct str expected,
			struct dkim_seen *out)
{
	struct dkim_problem problem;
	struct err e = { 0 };

	*out = (struct dkim_seen){ .why = STR_EMPTY };
	if (policy_dkim_key_read(a, seen, &out->key, &problem, &e)) {
		judge_readable(a, seen, expected, out);
		return;
	}
	out->why = arena_str(a, str_from(e.text));
	judge_unreadable(a, seen, expected, &problem, out);
}

/* --- pieces --- */

/* Tries the pieces that are left behind those that are there, in every order. */
static bool try_orders(struct arena *a, struct buf *b, const struct str *texts,
		       size_t count, unsigned left, struct str expected)
{
	size_t len = b->len;

	if (left == 0)
		return is_cured(a, buf_view(b), expected);
	for (size_t i = 0; i < count; i++) {
		if (!(left & 1u << i))
			continue;
		buf_str(b, texts[i]);
		if (try_orders(a, b, texts, count, left & ~(1u << i), expected))
			return true;
		buf_cut(b, len);
	}
	return false;
}

bool policy_dkim_is_split(struct arena *a, const struct str *texts, size_t count,
			  struct str expected)
{
	auto_buf struct buf b;

	buf_init(&b, TEXT_MAX);
	if (count < 2 || count > PIECES_MAX)
		return false;
	/* One that is whole by itself is a piece only where the tags stand in another. */
	size_t meant = 0;
	size_t whole = 0;
	for (size_t i = 0; i < count; i++) {
		bool is_whole = is_cured(a, texts[i], STR_EMPTY);

		whole += is_whole;
		meant += !is_whole && policy_dkim_is_meant(texts[i]);
	}
	if (whole > 0 && meant == 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		buf_clear(&b);
		buf_str(&b, texts[i]);
		if (try_orders(a, &b, texts, count, ((1u << count) - 1) & ~(1u << i),
			       expected))
			return true;
	}
	return false;
}
