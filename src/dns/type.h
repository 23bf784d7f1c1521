/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Record types, response codes and extended errors, and their texts. */
#ifndef DNS_TYPE_H
#define DNS_TYPE_H

#include "base/base.h"

/* IANA registry values; any other 16-bit value may occur in answers. */
enum {
	DNS_TYPE_A = 1,
	DNS_TYPE_NS = 2,
	DNS_TYPE_CNAME = 5,
	DNS_TYPE_SOA = 6,
	DNS_TYPE_PTR = 12,
	DNS_TYPE_MX = 15,
	DNS_TYPE_TXT = 16,
	DNS_TYPE_AAAA = 28,
	DNS_TYPE_DNAME = 39,
	DNS_TYPE_OPT = 41,
	DNS_TYPE_DS = 43,
	DNS_TYPE_RRSIG = 46,
	DNS_TYPE_NSEC = 47,
	DNS_TYPE_DNSKEY = 48,
	DNS_TYPE_NSEC3 = 50,
};

enum {
	DNS_RCODE_NOERROR = 0,
	DNS_RCODE_FORMERR = 1,
	DNS_RCODE_SERVFAIL = 2,
	DNS_RCODE_NXDOMAIN = 3,
	DNS_RCODE_NOTIMP = 4,
	DNS_RCODE_REFUSED = 5,
	DNS_RCODE_BADVERS = 16,
	DNS_RCODE_BADCOOKIE = 23,
};

/* "CNAME", or "TYPE65280" (RFC 3597 section 5). */
void dns_type_write(struct buf *out, uint16_t type);
/* The same forms, without case. */
bool dns_type_parse(struct str text, uint16_t *type_out) must_check;
/* "NXDOMAIN", or "RCODE9". */
void dns_rcode_write(struct buf *out, uint16_t rcode);
bool dns_rcode_parse(struct str text, uint16_t *rcode_out) must_check;

#endif
