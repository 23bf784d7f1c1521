/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages (RFC 1035 section 4, EDNS RFC 6891, cookies RFC 7873, extended errors RFC
 * 8914). dns_query_write makes a question, dns_message_parse reads an answer; whether
 * the answer belongs to the question is dns_message_matches, the caller's first call.
 */
#ifndef DNS_MESSAGE_H
#define DNS_MESSAGE_H

#include "dns/record.h"

enum {
	DNS_EDNS_PAYLOAD = 1232, /* octets we offer over UDP */
	DNS_MESSAGE_MAX = 65535, /* octets */
	DNS_MESSAGE_RECORDS_MAX =
		512,           /* per message, all sections; more is malformed to us */
	DNS_COOKIE_CLIENT = 8, /* octets */
	DNS_COOKIE_MAX = 40,   /* octets, client and server part */
	/* Bits of the header's third and fourth octet (RFC 1035 section 4.1.1, RFC 4035
	 * section 3.2). */
	DNS_FLAG_QR = 0x8000,
	DNS_FLAG_AA = 0x0400,
	DNS_FLAG_TC = 0x0200,
	DNS_FLAG_RD = 0x0100,
	DNS_FLAG_RA = 0x0080,
	DNS_FLAG_AD = 0x0020,
	DNS_FLAG_CD = 0x0010,
};

struct dns_query {
	uint16_t id;
	struct dns_name name; /* in the case to send: 0x20 is the caller's */
	uint16_t type;
	bool recursion;         /* RD */
	bool checking_disabled; /* CD */
	bool edns;              /* with DO and our payload size */
	uint8_t cookie_len;     /* 0: none; 8: client only; up to 40: with the server's */
	uint8_t cookie[DNS_COOKIE_MAX];
};

struct dns_section {
	const struct dns_record *records;
	size_t count;
};

struct dns_message {
	uint16_t id;
	uint16_t rcode; /* extended by EDNS */
	uint8_t opcode; /* 0: a standard query */
	bool is_response;
	bool authoritative;       /* AA */
	bool truncated;           /* TC */
	bool recursion_available; /* RA */
	bool authenticated;       /* AD */
	bool has_question;
	struct dns_name question_name; /* case as received */
	uint16_t question_type;
	bool has_edns;
	uint8_t cookie_len; /* of a COOKIE option, else 0 */
	uint8_t cookie[DNS_COOKIE_MAX];
	bool has_ede;
	uint16_t ede_code;
	struct str ede_text; /* foreign bytes */
	struct dns_section answer;
	struct dns_section authority;
	struct dns_section additional; /* without OPT */
};

/* Appends the wire form. */
void dns_query_write(struct buf *out, const struct dns_query *q);

/* Copies what it keeps into the arena. false if the bytes are not a whole
 * well-formed message of class IN records (records of another class are left out),
 * or pass the limits. A message with TC may be cut anywhere behind the question:
 * then the sections hold what was whole. Octets behind the last record are ignored,
 * as resolvers do. */
bool dns_message_parse(struct arena *a, struct str wire, struct dns_message *out)
	must_check;

/* The answer is to this question: id, QR, opcode, and the question's name byte for
 * byte (0x20) and type. An answer without a question section matches only when its
 * rcode is FORMERR, NOTIMP, SERVFAIL or REFUSED. */
bool dns_message_matches(const struct dns_message *m, const struct dns_query *q);
/* Same but for the case of letters in the name: a server that does not keep 0x20. */
bool dns_message_matches_nocase(const struct dns_message *m, const struct dns_query *q);

#endif
