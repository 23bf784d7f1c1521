/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The world of the engine's benchmark. Nothing of it is stored: what a name server of it
 * says follows from the question and from the address that was asked.
 *
 *   192.0.2.1            the root
 *   192.0.2.11, .12      the TLDs com, net, org, dev
 *   198.51.100.1 to .32  sixteen hosters, each ns1 and ns2.host07.dev or the like
 *   203.0.113.1 to .3    public resolvers
 *
 * Ten million zones, d0000000.com to d9999999.dev, lie at the hosters; of four, three
 * have name servers under another TLD, so that their referral brings no addresses. Each
 * holds what SES asks for, all of it right: three DKIM CNAMEs, MX and TXT of the MAIL
 * FROM domain, DMARC.
 */
#ifndef BENCH_ZONES_H
#define BENCH_ZONES_H

#include <netinet/in.h>

#include "base/base.h"

enum {
	ZONES_MAX = 10000000,
	ZONES_DIGITS = 7,
	ZONES_TLDS = 4,
	ZONES_HOSTERS = 16,
	ZONES_ADDRESSES = 2 * ZONES_HOSTERS,
	ZONES_RESOLVERS = 3,
	ZONES_RECORDS = 6,
	ZONES_TOKEN = 32,
	ZONES_DKIM = 3,
	ZONES_QUESTION_MAX = 160,
	ZONES_MX_PRIORITY = 10,
	ZONES_ANSWER_MAX = 768,
};

/* "com" and the others. */
extern const char zones_tlds[ZONES_TLDS][4];

#define ZONES_HOSTER_ADDRESS 0xC6336401u /* 198.51.100.1, in host order */
#define ZONES_DKIM_ZONE      "dkim.amazonses.com"
#define ZONES_FEEDBACK       "feedback-smtp.us-east-1.amazonses.com"
#define ZONES_MAIL_FROM      "v=spf1 include:amazonses.com ~all"
#define ZONES_POLICY         "v=DMARC1; p=none;"

/* What was asked, for the counts. */
enum zones_kind {
	ZONES_ROOT,      /* anything at the root */
	ZONES_TLD,       /* anything at a TLD */
	ZONES_DKIM_NAME, /* the six records of an identity, at a hoster */
	ZONES_MAIL_FROM_MX,
	ZONES_MAIL_FROM_TXT,
	ZONES_DMARC,
	ZONES_APEX,     /* the zone's own name, whatever the type */
	ZONES_SERVER,   /* addresses of name servers */
	ZONES_OTHER,    /* at a hoster */
	ZONES_RESOLVER, /* anything at a public resolver */
	ZONES_BAD,      /* no question, or at no server's address: no answer */
	ZONES_KINDS,
};
const char *zones_kind_name(enum zones_kind kind);

/* The answer of the server at `to` (host order) into at least ZONES_ANSWER_MAX bytes; its
 * length, 0 for what deserves none. */
size_t zones_answer(uint32_t to, struct str question, uint8_t *answer,
		    enum zones_kind *kind_out);

/* The record with this number of zone `zone`. */
struct zones_record {
	const char *purpose; /* as in an expectation */
	const char *type;
	uint16_t type_number;
	char name[80]; /* text */
	char value[80];
};
void zones_record_get(unsigned zone, unsigned number, struct zones_record *out);
/* "d0000001.net" */
void zones_domain_write(struct buf *out, unsigned zone);
/* A question for the name with id 0 and the options that a careful client sends (EDNS
 * with a cookie): at most ZONES_QUESTION_MAX bytes. */
void zones_question_write(struct buf *out, const char *name, uint16_t type);
/* Number `n` (less than ZONES_ADDRESSES) of the hosters' addresses. */
struct sockaddr_in zones_hoster(unsigned n);

#endif
