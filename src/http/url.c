/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RFC 3986 without what a webhook never needs:
 *
 *   scheme "://" host [ ":" port ] [ "/" path ] [ "?" query ]
 *
 * What is called is made again from the parts, so that libcurl reads what was checked.
 */
#include "http/url.h"

#include "mail/mail.h"

static bool refuse(struct err *e, const char *why)
{
	return err_set(e, ERR_USAGE, LANG_MARK("the URL cannot be called: %s"),
		       lang_text(e->lang, why));
}

static bool scheme_read(struct cursor *c, bool *is_https_out, struct err *e)
{
	struct str scheme = cursor_until(c, ":/?#");

	*is_https_out = str_equal_nocase(scheme, STR("https"));
	if ((!*is_https_out && !str_equal_nocase(scheme, STR("http"))) ||
	    !cursor_accept(c, ':') || !cursor_accept(c, '/') || !cursor_accept(c, '/'))
		return refuse(e, LANG_MARK("it must begin with https://"));
	return true;
}

/* RFC 3986 section 3.2.3, without the empty port and leading zeros. */
static bool port_read(struct str text, uint16_t *out, struct err *e)
{
	uint64_t port;

	if (!str_number(text, UINT16_MAX, &port) || port == 0 || text.data[0] == '0')
		return refuse(e, LANG_MARK("the port must be a number from 1 to 65535"));
	*out = (uint16_t)port;
	return true;
}

static bool is_hex_number(struct str label)
{
	struct cursor c = cursor_over(label);

	if (!cursor_accept(&c, '0') ||
	    (!cursor_accept(&c, 'x') && !cursor_accept(&c, 'X')))
		return false;
	cursor_while(&c, "0123456789abcdefABCDEF");
	return cursor_at_end(&c);
}

/* Whatever some library takes for an IPv4 address: "127.1", "0177.0.0.1", "0x7f.1". */
static bool ends_in_number(struct str host)
{
	struct str rest = host;
	struct str label = STR_EMPTY;

	while (str_split(&rest, '.', &label))
		;
	struct cursor c = cursor_over(label);
	cursor_while(&c, "0123456789");
	return cursor_at_end(&c) || is_hex_number(label);
}

/* Its one form, the same that inet_ntop gives; other spellings are refused where they
 * are not IPv6. */
static bool host_address(struct arena *a, struct str text, struct http_url *u)
{
	auto_buf struct buf shown;

	buf_init(&shown, 256);
	if (str_find_byte(text, '@') < text.len || !address_parse(text, 53, &u->address))
		return false;
	address_write(&shown, &u->address);
	if (u->address.family == 4 && !str_equal(buf_view(&shown), text))
		return false;
	u->has_address = true;
	u->host = arena_str(a, buf_view(&shown));
	return true;
}

static bool host_read(struct arena *a, struct str text, struct http_url *u, struct err *e)
{
	struct dns_name ignored;
	struct err why = { .lang = e->lang };

	if (!text.len)
		return refuse(e, LANG_MARK("it names no host"));
	if (text.data[0] == '[') {
		struct str inside = str_sub(text, 1, text.len - 2);
		if (text.len > 4 && text.data[text.len - 1] == ']' &&
		    host_address(a, inside, u) && u->address.family == 6)
			return true;
		return refuse(e, LANG_MARK("what stands in brackets is no IPv6 address"));
	}
	if (str_find_byte(text, '%') < text.len)
		return refuse(
			e, LANG_MARK("there is a percent sign in the name of the host"));
	if (host_address(a, text, u) && u->address.family == 4)
		return true;
	u->has_address = false;
	if (!mail_domain_parse(a, text, false, &u->host, &ignored, &why))
		return refuse(e, LANG_MARK("the name of the host is none that is known "
					   "everywhere"));
	return !ends_in_number(u->host) ||
	       refuse(e, LANG_MARK("an address must be four decimal numbers"));
}

/* "host", "host:port", "[address]:port". */
static bool authority_read(struct arena *a, struct str text, struct http_url *u,
			   struct err *e)
{
	size_t colon = str_find_byte(text, ']') < text.len ? str_find_byte(text, ']') + 1
							   : str_find_byte(text, ':');

	if (str_find_byte(text, '@') < text.len)
		return refuse(e, LANG_MARK("it must not hold a user or password"));
	u->port = u->is_https ? 443 : 80;
	if (colon < text.len && text.data[colon] != ':')
		return refuse(e, LANG_MARK("there is something behind the address"));
	if (colon < text.len &&
	    !port_read(str_sub(text, colon + 1, text.len), &u->port, e))
		return false;
	return host_read(a, str_sub(text, 0, colon), u, e);
}

/* RFC 3986 section 3.3 and 3.4: pchar, '/' and '?'; every '%' begins an escape. */
static bool target_check(struct str target, struct err *e)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789-._~!$&'()*+,;=:@/?%";
	struct cursor c = cursor_over(target);
	auto_buf struct buf ignored;

	buf_init(&ignored, HTTP_URL_MAX);
	cursor_while(&c, allowed);
	if (cursor_peek(&c) == '#')
		return refuse(e, LANG_MARK("it must not hold a fragment ('#')"));
	if (!cursor_at_end(&c))
		return refuse(e, LANG_MARK("path and query must be percent-encoded"));
	return percent_parse(&ignored, target) ||
	       refuse(e, LANG_MARK("a percent sign must be followed by two hexadecimal "
				   "digits"));
}

static void url_write(struct arena *a, struct http_url *u)
{
	bool is_six = u->has_address && u->address.family == 6;
	auto_buf struct buf text;

	buf_init(&text, 2 * HTTP_URL_MAX);
	buf_printf(&text, "%s://%s%.*s%s", u->is_https ? "https" : "http",
		   is_six ? "[" : "", STR_ARG(u->host), is_six ? "]" : "");
	if (u->port != (u->is_https ? 443 : 80))
		buf_printf(&text, ":%u", u->port);
	buf_str(&text, u->target);
	u->text = arena_str(a, buf_view(&text));
}

/* Tabs and line ends are refused, not taken away as browsers do. */
static bool has_control(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];
		if (c <= ' ' || c == 0x7f || c == '\\')
			return true;
	}
	return false;
}

bool http_url_parse(struct arena *a, struct str text, struct http_url *out, struct err *e)
{
	struct http_url u = { .host = STR_EMPTY };
	struct cursor c = cursor_over(text);

	if (text.len > HTTP_URL_MAX)
		return refuse(e, LANG_MARK("it is longer than 2048 characters"));
	if (has_control(text))
		return refuse(e, LANG_MARK("there is a blank, a control character or a "
					   "backslash in it"));
	if (!scheme_read(&c, &u.is_https, e) ||
	    !authority_read(a, cursor_until(&c, "/?#"), &u, e))
		return false;
	struct str rest = cursor_bytes(&c, cursor_left(&c));
	if (!target_check(rest, e))
		return false;
	bool has_path = rest.len && rest.data[0] == '/';
	u.address.port = u.port;
	u.target =
		str_from(arena_printf(a, "%s%.*s", has_path ? "" : "/", STR_ARG(rest)));
	url_write(a, &u);
	*out = u;
	return true;
}
