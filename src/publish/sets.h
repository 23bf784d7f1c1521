/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the formats share: records by name and type, and their parts as text. Private to
 * publish. */
#ifndef PUBLISH_SETS_H
#define PUBLISH_SETS_H

#include "publish/publish.h"

/* The records of one name and type. */
struct record_set {
	const struct expected_record *records[EXPECT_RECORDS_MAX];
	size_t count;
};
/* In the order of the expectation. Into the arena. */
size_t sets_of(const struct publication *p, struct record_set **out);

/* "k1._domainkey", the apex as `apex`; whole where it is outside the zone. */
void put_relative(struct buf *out, const struct publication *p,
		  const struct dns_name *name, const char *apex);
/* As people are to type it (publication.names); "@" is the apex. */
void put_shown_name(struct buf *out, const struct publication *p,
		    const struct dns_name *name);
void put_type(struct buf *out, const struct expected_record *r);
/* Presentation form of the whole value: final dots, quoted strings of 255 octets. */
void put_rdata(struct buf *out, const struct expected_record *r);
/* The target of a CNAME, the host of an MX, without the final dot; any other value as
 * people type it. */
void put_value(struct buf *out, const struct expected_record *r);
/* The text of a TXT, joined. Into the arena. */
struct str text_of(const struct publication *p, const struct expected_record *r);
/* "..." with what must be escaped in HCL (Terraform) escaped. */
void put_hcl(struct buf *out, struct str text);
/* "DKIM 1" */
void put_title(struct buf *out, const struct publication *p,
	       const struct expected_record *r);

#endif
