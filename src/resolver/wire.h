/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A question written, and an answer held against it, byte for byte: for questions by the
 * hundred thousand, where a message need not be parsed into anything. What ask.c does
 * with dns_query and dns_message, without the names and records as values.
 */
#ifndef RESOLVER_WIRE_H
#define RESOLVER_WIRE_H

#include "dns/dns.h"

enum {
	WIRE_HEADER = 12, /* octets */
	/* Header, type and class, OPT with the longest cookie; and room to mix letters
	 * sixteen at a time. */
	WIRE_AROUND_NAME = WIRE_HEADER + 4 + 11 + 4 + DNS_COOKIE_MAX + 16,
	WIRE_COINS =
		32, /* octets of randomness for the longest name's letters: a bit each */
	/* Of the flags (RFC 1035 section 4.1.1): */
	WIRE_AA = 0x0400,
	WIRE_RCODE = 0x000f,
};

/* A question as it was sent. */
struct wire_query {
	uint16_t id;
	uint16_t type;
	uint8_t *bytes; /* the caller's: room for the name and WIRE_AROUND_NAME */
	uint16_t len;
	uint16_t question_len; /* behind the header: name, type, class */
	bool has_edns;
};

/* Writes to q->bytes what dns_query_write would write about q->type with q->id: with EDNS
 * and its cookie, unless `cookie` has no data. Letters in random case (0x20), by one of
 * the coins each. */
void wire_query_write(struct wire_query *q, const struct dns_name *name,
		      struct str cookie, const uint8_t coins[WIRE_COINS]);

enum wire_fit {
	WIRE_FITS,
	WIRE_CAME_CLOSE, /* broken, or of another question: somebody may be guessing */
	WIRE_OF_NO_USE,  /* truncated, or an error without a question */
};
/* Whether a packet that has the query's id answers it: QR, opcode, the question with its
 * letters (any letters, where ignores_case), and every record of it whole.
 * *cookie_out: of its COOKIE option, borrowed from the packet; else empty. */
enum wire_fit wire_answer_fit(struct str packet, const struct wire_query *q,
			      bool ignores_case, struct str *cookie_out);

/* Of a packet that fits. */
unsigned wire_flags(struct str packet);

/* Advances over a name, compressed or not. What a pointer points at is not looked at. */
void wire_name_skip(struct cursor *c);

#endif
