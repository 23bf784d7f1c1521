/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One resource record as a value. rdata is in uncompressed wire form with names as
 * received (case kept), borrowed from the arena of the message it came from.
 */
#ifndef DNS_RECORD_H
#define DNS_RECORD_H

#include "dns/name.h"
#include "dns/type.h"

struct dns_record {
	struct dns_name owner;
	uint16_t type;
	uint32_t ttl_s;
	struct str rdata;
};

/* An SOA's rdata (RFC 1035 section 3.3.13). */
struct dns_soa {
	struct dns_name mname;
	struct dns_name rname;
	uint32_t serial;
	uint32_t refresh_s;
	uint32_t retry_s;
	uint32_t expire_s;
	uint32_t minimum_s;
};

/* The name in NS, CNAME, DNAME, PTR or MX rdata; false if the rdata is not that. */
bool dns_record_target(const struct dns_record *r, struct dns_name *out) must_check;
bool dns_record_mx(const struct dns_record *r, uint16_t *preference_out,
		   struct dns_name *host_out) must_check;
bool dns_record_soa(const struct dns_record *r, struct dns_soa *out) must_check;
/* All character-strings of one TXT record joined without anything between (RFC 7208
 * section 3.3, RFC 6376 section 3.6.2.2), in the arena: any bytes. */
bool dns_record_txt(struct arena *a, const struct dns_record *r, struct str *out)
	must_check;

/* The same with owner and the names in NS, CNAME, DNAME, MX and SOA rdata in lower case:
 * servers compress them into our question, whose letters are random (0x20). Rdata in the
 * arena, as it was where there is no room. */
struct dns_record dns_record_lower(struct arena *a, const struct dns_record *r);

/* Rdata in presentation form, final dots on names, TXT strings quoted; printable
 * ASCII only. Unknown types as \# LENGTH HEX (RFC 3597). */
void dns_rdata_write(struct buf *out, uint16_t type, struct str rdata);
/* The same form back to wire, in the arena. For A, AAAA, NS, PTR, CNAME, DNAME, MX, TXT,
 * SOA, DS, DNSKEY, and \# for every type. TXT text without quotes is one string, split at
 * 255 octets. ERR_USAGE; ERR_LIMIT when the arena is full. */
bool dns_rdata_parse(struct arena *a, uint16_t type, struct str text,
		     struct str *rdata_out, struct err *e) must_check;
/* Equal by meaning: names without case, TXT by their joined strings, other types
 * bytewise. */
bool dns_rdata_equal(uint16_t type, struct str a, struct str b);

#endif
