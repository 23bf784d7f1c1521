/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A domain name in wire form (RFC 1035 section 3.1), by value. Case is kept, never
 * compared. */
#ifndef DNS_NAME_H
#define DNS_NAME_H

#include "base/base.h"

enum {
	DNS_NAME_MAX = 255, /* octets of wire form, with the root's zero */
	DNS_LABEL_MAX = 63, /* octets */
};

struct dns_name {
	uint8_t len; /* octets used in wire; 0 only in an unset name, the root has 1 */
	uint8_t wire[DNS_NAME_MAX];
};

/* Text in presentation form: escapes \. and \DDD (RFC 1035 section 5.1), final dot
 * optional, "." is the root. Octets above 127 are refused: IDNs are A-labels here
 * (mail does that). ERR_USAGE with what is wrong. */
bool dns_name_parse(struct str text, struct dns_name *out, struct err *e) must_check;
/* Uncompressed wire form; reads from c and advances behind it. false if it is not a
 * name. */
bool dns_name_read(struct cursor *c, struct dns_name *out) must_check;
/* Presentation form without the final dot ("." for the root); special characters and
 * bytes that are not printable ASCII are escaped, so the result is safe to show. */
void dns_name_write(struct buf *out, const struct dns_name *n);
/* As dns_name_write, with the final dot. */
void dns_name_write_absolute(struct buf *out, const struct dns_name *n);
/* As dns_name_write, into the arena, in lower case. */
struct str dns_name_text(struct arena *a, const struct dns_name *n);

/* ASCII letters without case (RFC 4343). */
bool dns_name_equal(const struct dns_name *a, const struct dns_name *b);
/* n is zone or below it. */
bool dns_name_within(const struct dns_name *n, const struct dns_name *zone);
/* Labels without the root's: "a.b" has 2, the root 0. */
size_t dns_name_labels(const struct dns_name *n);
/* Without the first `count` labels; the root stays the root. */
struct dns_name dns_name_parent(const struct dns_name *n, size_t count);
/* The first label's octets, borrowed from n; empty for the root. */
struct str dns_name_first_label(const struct dns_name *n);
/* front + back ("a.b" + "c." = "a.b.c"); false if longer than 255 octets. */
bool dns_name_join(const struct dns_name *front, const struct dns_name *back,
		   struct dns_name *out) must_check;
/* The labels of n that stand before zone: n must be within zone. "a.b.c" less "b.c"
 * is "a". */
struct dns_name dns_name_relative(const struct dns_name *n, const struct dns_name *zone);
/* What stands behind the last label that begins with an underscore. Such labels hardly
 * ever begin a zone; where one does, a referral says so. */
struct dns_name dns_name_without_underscores(const struct dns_name *n);
/* Lower-cased copy: the key for maps (dns_name_key borrows it). */
struct dns_name dns_name_lower(const struct dns_name *n);
static inline struct str dns_name_key(const struct dns_name *lower)
{
	return str_of(lower->wire, lower->len);
}

#endif
