/* SPDX-License-Identifier: GPL-3.0-or-later */
/* URLs that strangers give us to call: a strict part of RFC 3986, taken apart. */
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include "base/base.h"
#include "dns/dns.h"

enum {
	HTTP_URL_MAX = 2048,
};

struct http_url {
	bool is_https;
	bool has_address;       /* the host is an address, not a name */
	struct address address; /* then; port as below */
	struct str host;        /* A-labels in lower case; an address in its one form */
	uint16_t port;
	struct str target; /* path and query as given, from '/' on */
	struct str text;   /* the whole in its one form; what is called */
};

/* Absolute http or https URL: no user, no fragment, no blanks, nothing that two parsers
 * could read differently. A name of two labels at least (IDNA by UTS 46), or an address:
 * four decimal numbers, or IPv6 in brackets without a zone. Texts in the arena.
 * ERR_USAGE with what is wrong. */
bool http_url_parse(struct arena *a, struct str text, struct http_url *out, struct err *e)
	must_check;

#endif
