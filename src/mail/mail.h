/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mail: what the mail standards say of a message, as values. Addresses, domains in text
 * (IDNA, public suffixes), messages, DKIM signatures. Pure: no DNS, no clock. What a
 * domain publishes about its mail is policy's.
 */
#ifndef MAIL_MAIL_H
#define MAIL_MAIL_H

#include "base/base.h"
#include "crypto/crypto.h"
#include "dns/dns.h"
#include "mail/sender.h"

/* A domain as people type it, normalised: IDNs by UTS 46 to A-labels, lower case, no
 * final dot, full-width forms folded; at most 253 octets. Refuses, in words for the
 * person who typed it: empty and over-long labels, characters outside letters, digits,
 * hyphen and underscore, a single label, IP addresses, special-use names (RFC 6761,
 * 6762, 7686, 8375, 9476: .local, .onion, .internal, .arpa ... ; .test, .example,
 * .invalid and .localhost only when `strict`). text_out in the arena. ERR_USAGE. */
bool mail_domain_parse(struct arena *a, struct str text, bool strict,
		       struct str *text_out, struct dns_name *name_out, struct err *e)
	must_check;
/* The domain is itself a public suffix of the ICANN section ("co.uk"): nobody may
 * claim it. */
bool mail_domain_is_suffix(struct str domain);
/* "shop.example.co.uk" gives "example.co.uk"; a public suffix gives itself. Borrows
 * from domain. */
struct str mail_domain_organisational(struct str domain);

/* A domain and its place in the public suffix list, private section too; one label is
 * enough. A-labels in lower case. ERR_USAGE: it is no domain. */
struct mail_suffix {
	struct str domain;
	struct str suffix;
	struct str registrable; /* a label more; empty: the domain is itself a suffix */
};
bool mail_suffix_parse(struct arena *a, struct str text, struct mail_suffix *out,
		       struct err *e) must_check;
/* With its A-labels as people write them; foreign bytes. */
struct str mail_domain_unicode(struct arena *a, struct str domain);

struct mail_address {
	struct str local;  /* as typed, without quotes where they are not needed */
	struct str domain; /* normalised as mail_domain_parse does */
	struct dns_name domain_name;
};
/* An addr-spec (RFC 5321 section 4.1.2 Mailbox, no address literal):
 * "news@customer.example". */
bool mail_address_parse(struct arena *a, struct str text, struct mail_address *out,
			struct err *e) must_check;
/* One From header value or SES's FromEmailAddress: "Name <a@b>" or "a@b"; exactly one
 * mailbox, no group, no control characters. `display_out` is the display name's raw
 * text or empty. */
bool mail_mailbox_parse(struct arena *a, struct str text, struct str *display_out,
			struct mail_address *out, struct err *e) must_check;

/* A message as bytes: header fields and body. Lines end in CRLF; bare CR, bare LF and
 * NUL are refused at the door (RFC 5321 section 2.3.8). At most 10 MiB, 1000 header
 * fields. */
struct mail_header {
	struct str name;  /* as written */
	struct str field; /* the whole field with its final CRLF, folds kept */
	struct str value; /* behind the colon, without the final CRLF */
};
struct mail_message {
	struct mail_header *headers;
	size_t header_count;
	struct str body;
};
bool mail_message_parse(struct arena *a, struct str bytes, struct mail_message *out,
			struct err *e) must_check;
/* The nth (from 0) field of that name without case, or NULL. */
const struct mail_header *mail_message_find(const struct mail_message *m,
					    const char *name, size_t nth);

/* A header field to be: its name without colon, its text in UTF-8. */
struct mail_field {
	struct str name;
	struct str value;
};

/* What makes a Simple message: every text UTF-8. Empty members are left out. */
struct mail_draft {
	struct str from; /* mailbox as the user gave it, already parsed once */
	const struct str *to;
	size_t to_count;
	const struct str *cc;
	size_t cc_count;
	const struct str *reply_to;
	size_t reply_to_count;
	struct str subject;
	struct str text;
	struct str html;
	const struct mail_field *headers; /* further fields */
	size_t header_count;
	struct str message_id; /* without <> */
	int64_t date_s;        /* Unix time */
};
/* Builds the message with CRLF, encoded words (RFC 2047), base64 or quoted-printable
 * bodies. ERR_USAGE when a text could end a header field or a mailbox is malformed. */
bool mail_draft_write(struct buf *out, const struct mail_draft *d, struct err *e)
	must_check;

/* DKIM-Signature of a message: rsa-sha256, relaxed/relaxed, no l=; From, Sender,
 * Reply-To, Subject, Date, To, Cc, Message-ID, MIME-Version, Content-Type,
 * Content-Transfer-Encoding, List-Unsubscribe(-Post) signed where present, From
 * oversigned once (RFC 6376 section 8.15). Appends the whole field with final CRLF;
 * the caller puts it in front of the message. */
struct mail_dkim_signer {
	struct str domain;   /* d= */
	struct str selector; /* s= */
	const struct crypto_rsa *key;
	int64_t at_s; /* t=, Unix time */
};
void mail_dkim_sign(struct buf *out, const struct mail_message *m,
		    const struct mail_dkim_signer *signer);

#endif
