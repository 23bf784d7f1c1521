/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What should be published for a domain, and the two JSON forms it is read from. */
#ifndef IDENTITY_EXPECT_H
#define IDENTITY_EXPECT_H

#include "base/base.h"
#include "dns/dns.h"

struct json_t;

enum purpose {
	PURPOSE_DKIM,
	PURPOSE_MAIL_FROM,
	PURPOSE_SPF,
	PURPOSE_DMARC,
	PURPOSE_OWNERSHIP,
	PURPOSE_OTHER, /* found without being expected: MX and such */
};
const char *purpose_name(enum purpose p);  /* "dkim", "mail_from" ... as in JSON */
const char *purpose_title(enum purpose p); /* "DKIM", "MAIL FROM" ... for people */

enum {
	EXPECT_RECORDS_MAX = 64,
	EXPECT_DKIM_TOKENS = 3,
	EXPECT_PREVIOUS_MAX = 8,
};

struct expected_record {
	struct str id; /* "dkim-1": unique in its expectation, stable */
	enum purpose purpose;
	uint16_t type; /* CNAME, TXT, MX ... */
	struct dns_name name;
	/* As published, in presentation form without final dot: target, joined TXT text,
	 * MX host. Empty (DKIM TXT only): any well-formed key will do, as for BYODKIM,
	 * whose key SES does not tell. */
	struct str value;
	struct str
		rdata; /* the same in wire form (MX with priority); empty as value is */
	uint16_t priority; /* MX */
	bool required;     /* else its absence is a note, not a fault */
};

struct expectation {
	struct str domain; /* normalised text */
	struct dns_name name;
	struct expected_record *records; /* empty: find and judge what there is */
	size_t count;
	/* What SES itself said, when the expectation came from its JSON; status empty: it
	 * did not. */
	struct str ses_status;
	int64_t ses_last_checked_at; /* Unix time, 0: unknown */
	/* What a service knows besides; a person seldom says it. */
	bool held_elsewhere;   /* another customer of the service has verified it */
	int64_t registered_at; /* when it was registered, as seen at verification; 0:
				  unknown */
	struct dns_name *previous_servers; /* name servers that it had before */
	size_t previous_count;
};

/* Our own form (members: domain, records[] of purpose, type, name, value, priority,
 * required; ses) or what the AWS CLI prints for `sesv2 get-email-identity`, told apart by
 * their members (ses.md section 4). `domain` is what the user typed; in our own form it
 * must agree with the document's. `region` serves the AWS form where SigningHostedZone is
 * missing. ERR_USAGE says which member is wrong. */
bool expectation_parse(struct arena *a, struct str json, struct str domain,
		       struct str region, struct expectation *out, struct err *e)
	must_check;
/* The zone that SES's DKIM targets lie in, by region; of no region: where those of most
 * lie. ERR_USAGE for a region whose zone is not known. Into the arena. */
bool expectation_ses_zone(struct arena *a, struct str region, struct str *zone_out,
			  struct err *e) must_check;
/* DKIM tokens and the zone that their targets lie in. */
struct dkim_tokens {
	const struct str *tokens; /* each "TOKEN", or "SELECTOR=TARGET" */
	size_t count;
	struct str zone; /* may be empty where each token says its target */
};
/* CNAMEs TOKEN._domainkey.DOMAIN -> TOKEN.ZONE. */
bool expectation_from_tokens(struct arena *a, struct str domain,
			     const struct dkim_tokens *tokens, struct expectation *out,
			     struct err *e) must_check;
/* Nothing expected. */
bool expectation_empty(struct arena *a, struct str domain, struct expectation *out,
		       struct err *e) must_check;

struct record_draft {
	enum purpose purpose;
	uint16_t type;
	struct str name; /* whole, in text */
	struct str
		value; /* presentation form: target, "10 host" or "host" (then 10) for MX,
			     text with or without quotes for TXT */
	bool optional;
};
/* Checks a record, gives it an id and appends it: at most EXPECT_RECORDS_MAX, to an
 * expectation that one of the functions here has made. ERR_USAGE, ERR_LIMIT. */
bool expectation_add(struct arena *a, struct expectation *x, const struct record_draft *d,
		     struct err *e) must_check;

/* Our own form; expectation_parse reads it back to the same value. New reference. */
struct json_t *expectation_to_json(const struct expectation *x);
bool expectation_from_json(struct arena *a, const struct json_t *json,
			   struct expectation *out, struct err *e) must_check;

#endif
