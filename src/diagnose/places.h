/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a record often ends up that is not where it should be: names that the record's
 * own name turns into by the usual slips. Private to diagnose.
 */
#ifndef DIAGNOSE_PLACES_H
#define DIAGNOSE_PLACES_H

#include "diagnose/rules.h"

enum place_kind {
	PLACE_DOUBLED,    /* the zone, or its first label, once more: U201 */
	PLACE_UNLABELLED, /* without (some of) the subdomain's labels: U202 */
	PLACE_REPEATED,   /* with the subdomain's labels twice: U202 */
	PLACE_UNDERSCORE, /* an underscore, or the label behind it, lost: U203 */
	PLACE_APEX,       /* at the domain itself, or the zone: U204 */
	PLACE_WWW,        /* below www: U204 */
	PLACE_LOOKALIKE,  /* a letter that looks like the right one: U206 */
	PLACE_SELECTOR,   /* under another selector, or none: U207 */
};

struct place {
	enum place_kind kind;
	struct dns_name name;
};

enum {
	PLACES_MAX = 24
};
/* rule.more: the places to look at for a record that is not there, of all kinds. One rule
 * has it for all, so that they are asked in their order. */
size_t places_more(const struct diagnosis *d, const struct record_case *r,
		   struct question out[MORE_MAX]);
/* How many of the places were asked and have it not. */
size_t places_searched(struct diagnosis *d, const struct record_case *r);
/* A place that nobody else has a use for, where something else stands than the record:
 * SAID_OTHER, or SAID_NO_TYPE (perhaps a record of another type), in *bit_out. Never the
 * answer of a wildcard, as far as the other places tell. */
bool places_find_other(struct diagnosis *d, const struct record_case *r,
		       struct tally *found_out, unsigned *bit_out);

/* What a rule says of a record that was found in such a place. */
struct place_rule {
	const char *code;
	unsigned kinds;    /* bits 1 << kind */
	const char *title; /* English, LANG_MARK */
	/* In the language: why it is there. May be NULL. */
	const char *(*why)(struct diagnosis *d, const struct record_case *r,
			   const struct place *place);
};
/* Explains each missing record that was found in a place of those kinds. */
void places_judge(struct diagnosis *d, const struct place_rule *rule);
/* A name beside `name` that nobody has thought of, always the same for it: whoever
 * answers there as at `name` answers everything. False: too long. */
bool wildcard_name(const struct dns_name *name, struct dns_name *out);

/* The record is right only if somebody has made it: a wildcard's word is not enough. */
bool wildcard_counts(const struct expected_record *r, const struct dns_name *domain);

#endif
