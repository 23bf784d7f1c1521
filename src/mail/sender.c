/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was typed is first made plain, then read strictly, then held against the rules. */
#include "mail/sender.h"

#include <libpsl.h>
#include <unistr.h>

#include "mail/freemail.h"
#include "mail/mail.h"

enum {
	TYPED_MAX = 2048,
	SHOWN_MAX = 100,
	WIDE_FIRST = 0xff01, /* full-width forms of '!' to '~' */
	WIDE_LAST = 0xff5e,
	WIDE_OFFSET = WIDE_FIRST - '!',
};

static struct str shown(struct str text)
{
	return str_sub(text, 0, SHOWN_MAX);
}

/* --- making it plain --- */

/* What clipboards and input methods leave at the ends: marks that nobody sees. */
static bool is_invisible(ucs4_t c)
{
	return c == 0xfeff || c == 0xad || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069);
}

static ucs4_t plain_character(ucs4_t c)
{
	if (c >= WIDE_FIRST && c <= WIDE_LAST)
		return c - WIDE_OFFSET;
	if (c == 0x3000 || c == 0xa0 || c == 0x2003 || c == 0x2002 || c == 0x202f)
		return ' ';
	if (c == 0x3002 || c == 0xff61 || c == 0xff0e)
		return '.';
	if (c == 0xfe6b)
		return '@';
	return c;
}

struct typed {
	ucs4_t at[TYPED_MAX];
	size_t count;
};

/* False: no UTF-8, or too long. */
static bool typed_read(struct str text, struct typed *t)
{
	const uint8_t *at = (const uint8_t *)text.data;
	size_t left = text.len;

	t->count = 0;
	while (left > 0) {
		ucs4_t c = 0;
		int n = u8_mbtoucr(&c, at, left);

		if (n <= 0 || t->count == TYPED_MAX)
			return false;
		t->at[t->count++] = plain_character(c);
		at += n;
		left -= (size_t)n;
	}
	return true;
}

static bool is_edge(ucs4_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || is_invisible(c);
}

/* Marks that stand around all of it, or 0. */
static ucs4_t closing_mark(ucs4_t opening)
{
	static const struct {
		ucs4_t opening;
		ucs4_t closing;
	} marks[] = {
		{ '"', '"' },       { '\'', '\'' },     { '`', '`' },
		{ '<', '>' },       { '(', ')' },       { '[', ']' },
		{ 0x201c, 0x201d }, { 0x2018, 0x2019 }, { 0xab, 0xbb },
		{ 0x3008, 0x3009 }, { 0x300a, 0x300b }, { 0x300c, 0x300d },
		{ 0x300e, 0x300f }, { 0x3010, 0x3011 },
	};

	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (marks[i].opening == opening)
			return marks[i].closing;
	return 0;
}

static bool holds_again(const struct typed *t, size_t from, size_t to, ucs4_t c)
{
	for (size_t i = from; i < to; i++)
		if (t->at[i] == c)
			return true;
	return false;
}

/* Without blanks, marks that enclose it and separators behind it. */
static struct str typed_trim(struct arena *a, const struct typed *t)
{
	size_t from = 0;
	size_t to = t->count;
	auto_buf struct buf out;

	buf_init(&out, 4 * TYPED_MAX);
	for (bool again = true; again && from < to;) {
		ucs4_t closing = closing_mark(t->at[from]);
		ucs4_t last = t->at[to - 1];

		again = true;
		if (is_edge(t->at[from]))
			from++;
		else if (is_edge(last) || last == ',' || last == ';' || last == 0x3001)
			to--;
		else if (closing && to - from > 2 && last == closing &&
			 !holds_again(t, from + 1, to - 1, closing))
			from++, to--;
		else
			again = false;
	}
	for (; from < to; from++) {
		uint8_t bytes[6];
		int n = u8_uctomb(bytes, t->at[from], sizeof(bytes));

		buf_add(&out, bytes, n > 0 ? (size_t)n : 0);
	}
	return arena_str(a, buf_view(&out));
}

/* RFC 6068: "mailto:news@shop.example?subject=x". */
static struct str mailto_drop(struct str text)
{
	struct str scheme = STR("mailto:");

	if (!str_equal_nocase(str_sub(text, 0, scheme.len), scheme))
		return text;
	struct str rest = str_sub(text, scheme.len, text.len);
	return str_sub(rest, 0, str_find_byte(rest, '?'));
}

static bool holds(struct str text, const char *part)
{
	return memmem(text.data, text.len, part, strlen(part)) != NULL;
}

/* Mistakes that deserve a sentence of their own. */
static bool mistake_find(struct str text, struct err *e)
{
	struct str behind = str_sub(text, str_find_byte(text, ':') + 3, text.len);

	if (!text.len)
		return err_set(e, ERR_USAGE,
			       LANG_MARK("nothing was given: type an address such as "
					 "news@shop.example")) ||
		       err_code(e, "bad_sender");
	if (holds(text, "://"))
		return err_set(e, ERR_USAGE,
			       LANG_MARK("that is the address of a web page: give a mail "
					 "address, or only the domain, '%.*s'"),
			       STR_ARG(shown(str_sub(behind, 0,
						     strcspn(behind.data, "/?#:"))))) ||
		       err_code(e, "bad_sender");
	if (holds(text, "(at)") || holds(text, "[at]") || holds(text, "(dot)"))
		return err_set(e, ERR_USAGE,
			       LANG_MARK("'%.*s' is not an address: write '@' and '.' as "
					 "they are"),
			       STR_ARG(shown(text))) ||
		       err_code(e, "bad_sender");
	if (text.data[0] == '@')
		return err_set(e, ERR_USAGE,
			       LANG_MARK(
				       "'%.*s' is not an address: nothing stands before "
				       "the @; for the whole domain, leave out the @"),
			       STR_ARG(shown(text))) ||
		       err_code(e, "bad_sender");
	return true;
}

/* --- reading it --- */

static bool typed_parse(struct arena *a, struct str text, struct mail_sender *out,
			struct err *e)
{
	struct mail_address address;
	struct dns_name name;
	struct str display;
	bool has_at = str_find_byte(text, '@') < text.len;
	bool has_name = str_find_byte(text, '<') < text.len;

	if (!has_at && !has_name)
		return mail_domain_parse(a, text, false, &out->domain, &name, e);
	if (!(has_name ? mail_mailbox_parse(a, text, &display, &address, e)
		       : mail_address_parse(a, text, &address, e)))
		return false;
	out->domain = address.domain;
	out->address = str_from(arena_printf(a, "%.*s@%.*s", STR_ARG(address.local),
					     STR_ARG(address.domain)));
	return true;
}

/* --- what nobody can verify --- */

static bool is_within(struct str domain, struct str zone)
{
	return str_ends(domain, zone) &&
	       (domain.len == zone.len || domain.data[domain.len - zone.len - 1] == '.');
}

static bool is_listed(struct str domain, const struct str *zones, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct str zone = zones[i];

		if (str_ends(zone, STR(".")))
			zone.len--;
		/* A configuration is typed in any case. */
		struct str tail =
			domain.len >= zone.len
				? str_sub(domain, domain.len - zone.len, zone.len)
				: STR_EMPTY;
		if (zone.len && str_equal_nocase(tail, zone) && is_within(domain, tail))
			return true;
	}
	return false;
}

static const struct freemail *freemail_find(struct str domain)
{
	size_t low = 0;
	size_t high = freemail_row_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_compare(str_from(freemail_rows[middle].domain), domain);

		if (order == 0)
			return &freemail_rows[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const char *mail_domain_freemail(struct str domain)
{
	const struct freemail *row = NULL;

	while (domain.len > 0 && !row) {
		row = freemail_find(domain);
		domain = str_sub(domain, str_find_byte(domain, '.') + 1, domain.len);
	}
	return row ? row->operator_name : NULL;
}

const char *mail_freemail_version(void)
{
	return freemail_version;
}

static bool is_private_suffix(struct arena *a, struct str domain)
{
	return psl_is_public_suffix2(psl_builtin(), arena_text(a, domain),
				     PSL_TYPE_PRIVATE | PSL_TYPE_NO_STAR_RULE) == 1;
}

static bool suffix_refuse(struct arena *a, struct str domain, bool allowed, struct err *e)
{
	if (mail_domain_is_suffix(domain))
		return err_set(e, ERR_USAGE,
			       LANG_MARK("'%.*s' is a public suffix: many register below "
					 "it, nobody can send as it; give a domain below "
					 "it "
					 "that is yours"),
			       STR_ARG(shown(domain))) ||
		       err_code(e, "public_suffix");
	if (!allowed && is_private_suffix(a, domain))
		return err_set(e, ERR_USAGE,
			       LANG_MARK(
				       "'%.*s' is a suffix below which its owner lets "
				       "others have names (public suffix list, PRIVATE "
				       "section): give a domain of your own; if you own "
				       "the suffix, ask the operator of this service to "
				       "allow it"),
			       STR_ARG(shown(domain))) ||
		       err_code(e, "private_suffix");
	return true;
}

static bool rules_hold(struct arena *a, const struct mail_sender_rules *rules,
		       struct str domain, struct err *e)
{
	bool allowed = is_listed(domain, rules->allow, rules->allow_count);
	struct dns_name name;
	struct str same;

	if (is_listed(domain, rules->deny, rules->deny_count))
		return err_set(e, ERR_USAGE,
			       LANG_MARK("'%.*s' is not accepted by the operator of this "
					 "service: ask him"),
			       STR_ARG(shown(domain))) ||
		       err_code(e, "denied_domain");
	if (!allowed && !mail_domain_parse(a, domain, true, &same, &name, e))
		return false;
	const char *operator_name = allowed ? NULL : mail_domain_freemail(domain);
	if (!operator_name)
		return suffix_refuse(a, domain, allowed, e);
	err_set(e, ERR_USAGE,
		LANG_MARK("'%.*s' belongs to %s, which gives addresses to the public: "
			  "nobody else can add records there; use an address of a domain "
			  "of your own"),
		STR_ARG(str_sub(domain, 0, SHOWN_MAX)), operator_name);
	return err_code(e, "free_mail_domain");
}

bool mail_sender_parse(struct arena *a, struct str typed,
		       const struct mail_sender_rules *rules, struct mail_sender *out,
		       struct err *e)
{
	struct mail_sender sender = { .address = STR_EMPTY };
	struct typed *plain = arena_array(a, 1, sizeof(*plain));

	if (!typed_read(typed, plain))
		return err_set(e, ERR_USAGE,
			       LANG_MARK(
				       "'%.*s' is not an address: it is too long, or no "
				       "text in UTF-8"),
			       STR_ARG(shown(typed))) ||
		       err_code(e, "bad_sender");
	struct str text = mailto_drop(typed_trim(a, plain));
	if (!mistake_find(text, e))
		return false;
	if (!typed_parse(a, text, &sender, e))
		return e->code ? false : err_code(e, "bad_sender");
	if (!rules_hold(a, rules, sender.domain, e))
		return false;
	sender.organisational = mail_domain_organisational(sender.domain);
	*out = sender;
	return true;
}
