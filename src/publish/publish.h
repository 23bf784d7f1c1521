/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * publish: what is expected, in the form that people or a tool put into the DNS. One
 * small file a format (formats/), one table of them. Pure.
 *
 *   struct publication p = { .a = &a, .x = &x, .zone = apex };
 *   if (!publish_write(&out, &p, STR("zone"), &e)) ...
 *
 * No format overwrites what is there already where the tool lets us choose.
 */
#ifndef PUBLISH_PUBLISH_H
#define PUBLISH_PUBLISH_H

#include "base/base.h"
#include "dns/dns.h"
#include "identity/identity.h"
#include "provider/provider.h"

enum {
	PUBLISH_TTL_S = 3600
};

/* How names are shown to people; tools have their own way. */
enum publish_names {
	PUBLISH_NAMES_AUTO, /* as the panel of the operator in use wants them */
	PUBLISH_NAMES_RELATIVE,
	PUBLISH_NAMES_WHOLE,
};
bool publish_names_parse(struct str text, enum publish_names *out) must_check;

struct publication {
	struct arena *a; /* for what is needed while writing */
	enum lang lang;
	const struct expectation *x;
	struct dns_name zone;           /* apex of the zone that holds the domain */
	struct provider_match provider; /* who runs it, as far as known */
	enum publish_names names;
};

struct publish_format {
	const char *name; /* "terraform-route53" */
	const char *summary;
	/* For people: a record that has no value yet can be shown all the same. */
	bool for_people;
	/* It holds text, not bytes: values have to be printable ASCII. */
	bool wants_ascii;
	void (*write)(struct buf *out, const struct publication *p);
};

/* The table; NULL behind the last. The first is the default. */
const struct publish_format *publish_format_at(size_t index);
/* ERR_USAGE: no such format (and which there are), or a record that it cannot hold: one
 * without a value, outside the zone, or not text. */
bool publish_write(struct buf *out, const struct publication *p, struct str format,
		   struct err *e) must_check;

#endif
