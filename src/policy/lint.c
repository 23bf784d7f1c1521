/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lint: what is wrong with one record's text. Here: unquoting, guessing the kind. */
#include "policy/lint.h"

enum {
	TEXT_MAX = 64 * 1024,
	STRING_MAX = 255,
	SHOWN_MAX = 60,
};

const char *lint_kind_name(enum lint_kind k)
{
	static const char *const names[] = {
		[LINT_UNKNOWN] = "unknown", [LINT_SPF] = "spf", [LINT_DKIM] = "dkim",
		[LINT_DMARC] = "dmarc",     [LINT_MX] = "mx",
	};
	return names[k];
}

void lint_add(struct lint *l, enum lint_level level, struct str part, const char *what,
	      const char *instead)
{
	size_t at = (size_t)(part.data - l->text.data);

	if (level == LINT_ERROR)
		l->errors++;
	if (l->count == LINT_PROBLEMS_MAX)
		return;
	l->problems[l->count++] = (struct lint_problem){
		.level = level,
		.at = at,
		.len = part.len,
		.what = str_from(what),
		.instead = str_from(instead),
	};
}

const char *lint_shown(struct lint *l, struct str part)
{
	auto_buf struct buf b;

	buf_init(&b, TEXT_MAX);
	escape_visible(&b, part, SHOWN_MAX);
	return arena_text(l->a, buf_view(&b));
}

struct str lint_end(const struct lint *l)
{
	return str_sub(l->text, l->text.len, 0);
}

/* --- quoted strings, as in a zone file --- */

/* One string behind its opening quote (RFC 1035 section 5.1). */
static bool read_string(struct cursor *c, struct buf *out)
{
	struct err ignored = { 0 };

	while (cursor_left(c) > 0 && cursor_peek(c) != '"') {
		uint8_t octet = cursor_u8(c);

		if (octet == '\\' && !dns_escape_read(c, &octet, &ignored))
			return false;
		buf_byte(out, octet);
	}
	return cursor_accept(c, '"');
}

/* false: it is not a row of quoted strings, perhaps in parentheses. longest_out: octets
 * of the longest. */
static bool read_strings(struct str typed, struct buf *out, size_t *longest_out)
{
	struct cursor c = cursor_over(typed);
	bool is_open;

	*longest_out = 0;
	cursor_while(&c, " \t\r\n");
	is_open = cursor_accept(&c, '(');
	cursor_while(&c, " \t\r\n");
	while (cursor_accept(&c, '"')) {
		size_t before = out->len;

		if (!read_string(&c, out))
			return false;
		if (out->len - before > *longest_out)
			*longest_out = out->len - before;
		cursor_while(&c, " \t\r\n");
	}
	if (is_open && !cursor_accept(&c, ')'))
		return false;
	cursor_while(&c, " \t\r\n");
	return cursor_at_end(&c) && out->len > 0 && !out->failed;
}

static struct str without_line_end(struct str s)
{
	while (s.len > 0 && (s.data[s.len - 1] == '\n' || s.data[s.len - 1] == '\r'))
		s.len--;
	return s;
}

/* --- guessing --- */

static bool has_word(struct str text, const char *word)
{
	struct str wanted = str_from(word);

	for (size_t i = 0; i + wanted.len <= text.len; i++)
		if (str_equal_nocase(str_sub(text, i, wanted.len), wanted))
			return true;
	return false;
}

/* "10 host", or a host that mail goes to. */
static bool is_mx(struct str text)
{
	struct cursor c = cursor_over(str_trim(text));
	struct str number = cursor_while(&c, "0123456789");
	struct str blank = cursor_while(&c, " \t");

	return (number.len > 0 && blank.len > 0 && cursor_left(&c) > 0) ||
	       has_word(text, "feedback-smtp.") || has_word(text, "inbound-smtp.");
}

static enum lint_kind guess(struct str text)
{
	static const struct {
		const char *word;
		enum lint_kind kind;
	} words[] = {
		{ "v=spf", LINT_SPF },      { "spf2.0", LINT_SPF },
		{ "v=dmarc", LINT_DMARC },  { "v=dkim", LINT_DKIM },
		{ "p=none", LINT_DMARC },   { "p=quarantine", LINT_DMARC },
		{ "p=reject", LINT_DMARC }, { "k=rsa", LINT_DKIM },
		{ "k=ed25519", LINT_DKIM }, { "p=MI", LINT_DKIM },
		{ "include:", LINT_SPF },   { "ip4:", LINT_SPF },
		{ "ip6:", LINT_SPF },       { "-all", LINT_SPF },
		{ "~all", LINT_SPF },       { "rua=", LINT_DMARC },
	};

	if (policy_dkim_is_meant(text))
		return LINT_DKIM;
	if (dmarc_record_is_meant(text))
		return LINT_DMARC;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (has_word(text, words[i].word))
			return words[i].kind;
	if (is_mx(text))
		return LINT_MX;
	return has_word(text, "p=") ? LINT_DKIM : LINT_UNKNOWN;
}

/* --- what all kinds of text share --- */

static void check_octets(struct lint *l)
{
	for (size_t i = 0; i < l->text.len; i++) {
		unsigned char octet = (unsigned char)l->text.data[i];
		size_t len = 1;

		if (octet >= ' ' && octet < 127)
			continue;
		while (octet > 127 && i + len < l->text.len &&
		       (l->text.data[i + len] & 0xc0) == 0x80 && len < 4)
			len++;
		struct str part = str_sub(l->text, i, len);
		lint_add(l, LINT_ERROR, part,
			 arena_printf(l->a,
				      lang_text(l->lang,
						"'%s' is not a plain (ASCII) character; "
						"such quotes and blanks come from word "
						"processors and web pages"),
				      lint_shown(l, part)),
			 NULL);
		return;
	}
}

static void check_ends(struct lint *l)
{
	struct str trimmed = str_trim(l->text);

	if (trimmed.len > 0 && trimmed.data != l->text.data)
		lint_add(l, LINT_NOTE,
			 str_sub(l->text, 0, (size_t)(trimmed.data - l->text.data)),
			 lang_text(l->lang, "there is a blank in front"), NULL);
	if (l->text.len > 0 && (l->text.data[0] == '"' || l->text.data[0] == '\''))
		lint_add(l, LINT_ERROR, str_sub(l->text, 0, 1),
			 lang_text(l->lang,
				   "the quote is not closed, or is not alone around the "
				   "text: quotes belong to zone files, not to values"),
			 NULL);
}

static void lint_kind(struct lint *l)
{
	switch (l->kind) {
	case LINT_SPF:
		lint_spf(l);
		return;
	case LINT_DKIM:
		lint_dkim(l);
		return;
	case LINT_DMARC:
		lint_dmarc(l);
		return;
	case LINT_MX:
		lint_mx(l);
		return;
	case LINT_UNKNOWN:
		lint_add(l, LINT_ERROR, str_sub(l->text, 0, l->text.len),
			 lang_text(l->lang,
				   "this is none of SPF (v=spf1), DKIM "
				   "(v=DKIM1), DMARC (v=DMARC1) and MX (10 host)"),
			 NULL);
		return;
	}
}

/* Stable: problems in the order of the text. */
static void sort_problems(struct lint *l)
{
	for (size_t i = 1; i < l->count; i++) {
		struct lint_problem one = l->problems[i];
		size_t at = i;

		for (; at > 0 && l->problems[at - 1].at > one.at; at--)
			l->problems[at] = l->problems[at - 1];
		l->problems[at] = one;
	}
}

void policy_lint(struct arena *a, struct str typed, enum lint_kind kind, enum lang lang,
		 struct lint *out)
{
	auto_buf struct buf joined;
	size_t longest;

	buf_init(&joined, TEXT_MAX);
	*out = (struct lint){ .a = a, .lang = lang };
	bool is_quoted = read_strings(typed, &joined, &longest);
	out->text =
		arena_str(a, is_quoted ? buf_view(&joined)
				       : str_sub(without_line_end(typed), 0, TEXT_MAX));
	out->kind = kind == LINT_UNKNOWN ? guess(out->text) : kind;
	if (is_quoted && longest > STRING_MAX)
		lint_add(out, LINT_ERROR, str_sub(out->text, STRING_MAX, 0),
			 lang_text(lang,
				   "a quoted string has at most 255 characters; part "
				   "it in two, each in quotes"),
			 "\" \"");
	check_octets(out);
	check_ends(out);
	lint_kind(out);
	sort_problems(out);
}
