/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mailboxes. Taken apart strictly, so that exactly one address can be meant:
 *
 *   mailbox   = [display] "<" addr-spec ">" / addr-spec      (RFC 5322 section 3.4)
 *   addr-spec = (dot-string / quoted-string) "@" domain      (RFC 5321 section 4.1.2)
 *
 * No comments, routes, groups or address literals. A display name may hold UTF-8.
 */
#include "mail/mail.h"
#include "mail/text.h"

enum {
	LOCAL_MAX = 64, /* RFC 5321 section 4.5.3.1.1 */
	ADDRESS_MAX = 254,
	MAILBOX_MAX = 2048,
	SHOWN_MAX = 100,
};

static bool refuse(struct str text, struct err *e, const char *why)
{
	return err_set(e, ERR_USAGE, LANG_MARK("'%.*s' is not an address: %s"),
		       STR_ARG(str_sub(text, 0, SHOWN_MAX)), lang_text(e->lang, why));
}

/* RFC 5322 section 3.2.3: atext. */
static bool is_atext(int c)
{
	return c > 0 && c < 128 &&
	       (ascii_is_alnum((unsigned char)c) || strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool skip_atom(struct cursor *c)
{
	const uint8_t *start = c->at;

	while (is_atext(cursor_peek(c)))
		cursor_u8(c);
	return c->at > start;
}

static bool read_dot_string(struct cursor *c, struct buf *local)
{
	const uint8_t *start = c->at;

	do {
		if (!skip_atom(c))
			return false;
	} while (cursor_accept(c, '.'));
	buf_add(local, start, (size_t)(c->at - start));
	return true;
}

static bool is_printable_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] < ' ' || s.data[i] > '~')
			return false;
	}
	return true;
}

static bool is_dot_string(struct str s)
{
	struct cursor c = cursor_over(s);
	auto_buf struct buf copy;

	buf_init(&copy, s.len);
	return read_dot_string(&c, &copy) && cursor_at_end(&c);
}

/* `local` holds what the quotes enclosed; puts them around again where they are
 * needed. */
static void requote(struct buf *local)
{
	auto_buf struct buf content;

	buf_init(&content, local->max);
	buf_str(&content, buf_view(local));
	struct str s = buf_view(&content);
	if (is_dot_string(s))
		return;
	buf_clear(local);
	buf_byte(local, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] == '"' || s.data[i] == '\\')
			buf_byte(local, '\\');
		buf_byte(local, (uint8_t)s.data[i]);
	}
	buf_byte(local, '"');
}

/* "x@y.example"@customer.example: valid, and some who read it stop at the first @ or the
 * first >, so that it seems to come from y.example. */
static bool holds_address(struct str local)
{
	return str_find_byte(local, '@') < local.len ||
	       str_find_byte(local, '<') < local.len ||
	       str_find_byte(local, '>') < local.len;
}

/* Reads up to the @. */
static const char *read_local(struct cursor *c, struct buf *local)
{
	bool is_quoted = cursor_peek(c) == '"';

	if (cursor_peek(c) == '@')
		return LANG_MARK("nothing stands before the @");
	if (is_quoted) {
		if (!text_read_quoted(c, local) || !is_printable_ascii(buf_view(local)))
			return LANG_MARK(
				"the quoted part before the @ is not well formed");
		if (holds_address(buf_view(local)))
			return LANG_MARK(
				"another address could be read out of the quoted part");
		requote(local);
	} else if (!read_dot_string(c, local)) {
		return LANG_MARK(
			"the part before the @ has a character that may not stand there");
	}
	if (cursor_left(c) == 0)
		return LANG_MARK("there is no @");
	if (!cursor_accept(c, '@'))
		return LANG_MARK(
			"the part before the @ has a character that may not stand there");
	return local->failed || local->len > LOCAL_MAX
		       ? LANG_MARK("the part before the @ has more than 64 characters")
		       : NULL;
}

bool mail_address_parse(struct arena *a, struct str text, struct mail_address *out,
			struct err *e)
{
	struct str typed = str_trim(text);
	struct cursor c = cursor_over(typed);
	struct mail_address address;
	auto_buf struct buf local;

	buf_init(&local, 2 * ADDRESS_MAX);
	if (typed.len == 0 || typed.len > MAILBOX_MAX)
		return refuse(typed, e,
			      typed.len ? LANG_MARK("it is too long")
					: LANG_MARK("it is empty"));
	const char *why = text_has_hidden(typed)
				  ? LANG_MARK("it has a control character in it")
				  : read_local(&c, &local);
	if (why)
		return refuse(typed, e, why);
	struct str domain = cursor_bytes(&c, cursor_left(&c));
	if (str_find_byte(domain, '@') < domain.len ||
	    str_find_byte(domain, ',') < domain.len ||
	    str_find_byte(domain, ';') < domain.len)
		return refuse(typed, e, LANG_MARK("give exactly one address"));
	if (domain.len > 0 && domain.data[0] == '[')
		return refuse(typed, e,
			      LANG_MARK("an IP address cannot stand for a domain"));
	if (!str_equal(domain, str_trim(domain)))
		return refuse(typed, e, LANG_MARK("there is a blank behind the @"));
	if (!mail_domain_parse(a, domain, false, &address.domain, &address.domain_name,
			       e))
		return false;
	if (local.len + 1 + address.domain.len > ADDRESS_MAX)
		return refuse(typed, e, LANG_MARK("it has more than 254 characters"));
	address.local = arena_str(a, buf_view(&local));
	*out = address;
	return true;
}

/* The display name and what stands between < and >; no <: all of it is the address. */
struct mailbox_parts {
	struct str display;
	struct str address;
};

/* RFC 5322 section 3.2.5: words, quoted or not; dots (section 4.1) and UTF-8 (RFC
 * 6532) too. */
static const char *read_display(struct cursor *c, struct buf *content)
{
	for (;;) {
		int next = cursor_peek(c);

		if (next == '<' || next < 0)
			return NULL;
		if (next == '"' && !text_read_quoted(c, content))
			return LANG_MARK("a quotation mark is missing");
		if (next == '"')
			continue;
		if (next == ':' || next == ';')
			return LANG_MARK("groups are not allowed, and a name with ':' or "
					 "';' needs "
					 "quotes");
		if (next == ',')
			return LANG_MARK(
				"give exactly one address, and put a name with ',' in "
				"quotes");
		if (next == '(' || next == ')')
			return LANG_MARK("comments are not allowed");
		if (next != ' ' && next != '.' && next < 128 && !is_atext(next))
			return LANG_MARK("the name has a character that needs quotes");
		cursor_u8(c);
	}
}

static const char *read_angle(struct cursor *c, struct str *address)
{
	auto_buf struct buf content;

	buf_init(&content, MAILBOX_MAX);
	if (!cursor_accept(c, '<'))
		return LANG_MARK("there is no @");
	const uint8_t *start = c->at;
	/* A quoted local part may hold a >. */
	if (cursor_peek(c) == '"' && !text_read_quoted(c, &content))
		return LANG_MARK("a quotation mark is missing");
	cursor_until(c, ">");
	*address = str_of(start, (size_t)(c->at - start));
	if (!cursor_accept(c, '>'))
		return LANG_MARK("the > is missing");
	cursor_while(c, " ");
	return cursor_at_end(c) ? NULL : LANG_MARK("something stands behind the >");
}

/* There is a < outside quotation marks. */
static bool has_angle(struct str text)
{
	struct cursor c = cursor_over(text);
	auto_buf struct buf content;

	buf_init(&content, MAILBOX_MAX);
	while (cursor_left(&c) > 0) {
		if (cursor_peek(&c) == '<')
			return true;
		if (cursor_peek(&c) != '"')
			cursor_u8(&c);
		else if (!text_read_quoted(&c, &content))
			return false;
	}
	return false;
}

static const char *split_mailbox(struct str text, struct mailbox_parts *out)
{
	struct cursor c = cursor_over(text);
	auto_buf struct buf content;

	buf_init(&content, MAILBOX_MAX);
	if (!has_angle(text)) {
		*out = (struct mailbox_parts){ STR_EMPTY, text };
		return NULL;
	}
	const char *why = read_display(&c, &content);
	if (why)
		return why;
	size_t display_len = text.len - cursor_left(&c);
	why = read_angle(&c, &out->address);
	out->display = str_trim(str_sub(text, 0, display_len));
	return why;
}

bool mail_mailbox_parse(struct arena *a, struct str text, struct str *display_out,
			struct mail_address *out, struct err *e)
{
	struct mailbox_parts parts = { STR_EMPTY, STR_EMPTY };
	auto_buf struct buf unfolded;

	buf_init(&unfolded, MAILBOX_MAX);
	if (text.len > MAILBOX_MAX)
		return refuse(text, e, LANG_MARK("it is too long"));
	text_unfold(&unfolded, text);
	struct str whole = arena_str(a, str_trim(buf_view(&unfolded)));
	const char *why = text_has_hidden(whole)
				  ? LANG_MARK("it has a control character in it")
				  : split_mailbox(whole, &parts);
	if (why)
		return refuse(whole, e, why);
	if (text_hides_encoded(parts.display))
		return refuse(
			whole, e,
			LANG_MARK("an encoded word stands for a control character"));
	if (!mail_address_parse(a, parts.address, out, e))
		return false;
	*display_out = parts.display;
	return true;
}
