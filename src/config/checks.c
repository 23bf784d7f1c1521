/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The forms of addresses, networks, domains and URLs in the configuration. */
#include "config/checks.h"

#include <arpa/inet.h>

#include "base/base.h"

#define DIGITS "0123456789"
#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* 4 or 16: octets of the address; 0 when it is none. */
static int address_octets(struct str text)
{
	char copy[INET6_ADDRSTRLEN] = "";
	uint8_t octets[16];

	if (text.len >= sizeof(copy))
		return 0;
	memcpy(copy, text.data, text.len);
	if (inet_pton(AF_INET, copy, octets) == 1)
		return 4;
	return inet_pton(AF_INET6, copy, octets) == 1 ? 16 : 0;
}

static bool is_port(struct str text)
{
	uint64_t port;

	return str_number(text, 65535, &port) && port > 0;
}

bool check_address(const char *text)
{
	return address_octets(str_from(text)) != 0;
}

bool check_server(const char *text)
{
	struct str rest = str_from(text);
	size_t at = str_find_byte(rest, '@');

	if (at < rest.len && !is_port(str_sub(rest, at + 1, rest.len)))
		return false;
	return address_octets(str_sub(rest, 0, at)) != 0;
}

bool check_network(const char *text)
{
	struct str rest = str_from(text);
	size_t at = str_find_byte(rest, '/');
	int octets = address_octets(str_sub(rest, 0, at));
	uint64_t bits;

	if (octets == 0)
		return false;
	return at == rest.len ||
	       str_number(str_sub(rest, at + 1, rest.len), (uint64_t)octets * 8, &bits);
}

bool check_listen(const char *text)
{
	struct cursor c = cursor_over(str_from(text));
	bool six = cursor_accept(&c, '[');
	struct str address = cursor_until(&c, six ? "]" : ":");

	if (six && !cursor_accept(&c, ']'))
		return false;
	if (address_octets(address) != (six ? 16 : 4) || !cursor_accept(&c, ':'))
		return false;
	return is_port(cursor_bytes(&c, cursor_left(&c)));
}

bool check_domain(const char *text)
{
	struct str rest = str_from(text);
	struct str label;

	if (rest.len > 254)
		return false;
	if (rest.len > 1 && rest.data[rest.len - 1] == '.')
		rest.len--;
	while (str_split(&rest, '.', &label)) {
		struct cursor c = cursor_over(label);

		cursor_while(&c, LOWER UPPER DIGITS "-_");
		if (!cursor_at_end(&c) || label.len < 1 || label.len > 63)
			return false;
	}
	return true;
}

/* Printable ASCII without quotes: what a URL is made of, and nothing that needs care. */
static bool is_url_text(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] <= ' ' || text.data[i] > '~' || text.data[i] == '"')
			return false;
	}
	return text.len > 0;
}

/* The text has one of two beginnings; *rest_out is what follows. */
static bool has_scheme(struct str text, struct str one, struct str two,
		       struct str *rest_out)
{
	if (!str_starts(text, one) && !str_starts(text, two))
		return false;
	*rest_out = str_sub(text, str_starts(text, one) ? one.len : two.len, text.len);
	return is_url_text(*rest_out);
}

bool check_http_url(const char *text)
{
	struct str rest;

	return has_scheme(str_from(text), STR("http://"), STR("https://"), &rest) &&
	       rest.data[0] != '/';
}

bool check_http_url_or_none(const char *text)
{
	return text[0] == '\0' || check_http_url(text);
}

bool check_relay_url(const char *text)
{
	struct str rest;

	if (!has_scheme(str_from(text), STR("smtp://"), STR("smtps://"), &rest))
		return false;
	struct cursor c = cursor_over(rest);
	bool six = cursor_accept(&c, '[');
	struct str host = cursor_until(&c, six ? "]" : ":/");

	if (six && (!cursor_accept(&c, ']') || address_octets(host) != 16))
		return false;
	if (host.len == 0)
		return false;
	return cursor_at_end(&c) ||
	       (cursor_accept(&c, ':') && is_port(cursor_bytes(&c, cursor_left(&c))));
}

bool check_store_url(const char *text)
{
	struct str url = str_from(text);

	return (str_starts(url, STR("sqlite:")) && url.len > STR("sqlite:").len) ||
	       str_starts(url, STR("postgresql://")) ||
	       str_starts(url, STR("postgres://"));
}

bool check_perspective(const char *text)
{
	struct str rest = str_from(text);
	size_t equals = str_find_byte(rest, '=');
	struct str name = str_sub(rest, 0, equals);
	struct str at = str_sub(rest, equals + 1, rest.len);
	struct cursor c = cursor_over(name);
	size_t colon = at.len;

	while (colon > 0 && at.data[colon - 1] != ':')
		colon--;
	return name.len > 0 && name.len <= 63 &&
	       cursor_while(&c, DIGITS LOWER "-").len == name.len && colon > 1 &&
	       is_port(str_sub(at, colon, at.len));
}

bool check_port(const char *text)
{
	return is_port(str_from(text));
}

bool check_region(const char *text)
{
	struct cursor c = cursor_over(str_from(text));

	return cursor_while(&c, LOWER DIGITS "-").len > 0 && cursor_at_end(&c);
}
