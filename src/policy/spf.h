/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SPF (RFC 7208): records by their terms, check_host() over a source, and what a record
 * authorizes whoever the client is. Part of the door policy.h.
 */
#ifndef POLICY_SPF_H
#define POLICY_SPF_H

#include "policy/source.h"

enum spf_result {
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR,
};
const char *spf_result_name(enum spf_result r); /* "pass" */

/* --- records --- */

enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT,
	SPF_EXP,
	SPF_MODIFIER, /* one that nobody knows: of no effect */
};
struct spf_term {
	enum spf_kind kind;
	enum spf_result qualifier; /* of a mechanism: pass, fail, softfail, neutral */
	struct str text;           /* as published */
	struct str domain;   /* domain-spec, macros unexpanded; empty: the record's */
	uint8_t network[16]; /* ip4: the first four octets; ip6 */
	uint8_t prefix4;     /* ip4, a, mx */
	uint8_t prefix6;     /* ip6, a, mx */
};
struct spf_record {
	struct spf_term *terms;
	size_t count;
};
enum spf_fault {
	SPF_FAULT_NONE,
	SPF_FAULT_MECHANISM, /* there is no such mechanism */
	SPF_FAULT_EMPTY,     /* a value is missing */
	SPF_FAULT_VALUE,     /* takes no value */
	SPF_FAULT_DOMAIN,
	SPF_FAULT_MACRO,
	SPF_FAULT_NETWORK,
	SPF_FAULT_PREFIX,
	SPF_FAULT_TWICE,    /* redirect= or exp= a second time */
	SPF_FAULT_BYTES,    /* not printable ASCII */
	SPF_FAULT_TOO_MANY, /* terms */
};
/* What is wrong with a term, a whole sentence for people; LANG_MARK'ed. */
const char *spf_fault_text(enum spf_fault fault);
/* RFC 7208 section 4.5: an SPF record at all, right or wrong. */
bool spf_is_record(struct str txt);
/* The grammar of section 12, whole. Borrows from txt. On false the first fault and its
 * term are set. txt must be an SPF record. */
bool spf_record_parse(struct arena *a, struct str txt, struct spf_record *out,
		      enum spf_fault *fault_out, struct str *term_out) must_check;
/* A wrong term as it was probably meant ("ip4:192.0.2.1" for "ipv4:192.0.2.1"), in the
 * arena; empty: no idea. It is well-formed. */
struct str spf_term_meant(struct arena *a, struct str term);
const struct spf_term *spf_term_find(const struct spf_record *r, enum spf_kind kind);

/* --- check_host() --- */

enum {
	SPF_LOOKUPS_MAX = 10, /* section 4.6.4 */
	SPF_VOIDS_MAX = 2,
};

struct spf_query {
	struct address ip;    /* of the SMTP client; its port does not matter */
	struct str mail_from; /* as in MAIL FROM; empty: postmaster at helo */
	struct str helo;
	struct str receiver; /* %{r}; empty: "unknown" */
	int64_t now_s;       /* %{t} */
	bool explain;        /* a fail: ask for the text that exp= names */
};

/* Why the result is what it is. */
enum spf_cause {
	SPF_CAUSE_MATCH,        /* `term` matched */
	SPF_CAUSE_NO_MATCH,     /* no term did: neutral */
	SPF_CAUSE_NO_DOMAIN,    /* there is no name that could be looked up */
	SPF_CAUSE_NO_RECORD,    /* `domain` has no SPF record */
	SPF_CAUSE_TWO_RECORDS,  /* `domain` has several */
	SPF_CAUSE_SYNTAX,       /* `term` is wrong: `fault` */
	SPF_CAUSE_TARGET_NONE,  /* include or redirect `term`: `target` has no record */
	SPF_CAUSE_LOOKUPS,      /* `term` would be the eleventh */
	SPF_CAUSE_VOID_LOOKUPS, /* `term` was the third */
	SPF_CAUSE_MX_HOSTS,     /* more than ten MX */
	SPF_CAUSE_DNS,          /* `target` could not be looked up */
};
struct spf_outcome {
	enum spf_result result;
	enum spf_cause cause;
	enum spf_fault fault;
	struct str domain;       /* whose record decided; may be empty; foreign */
	struct str term;         /* of it, as published; may be empty; foreign */
	struct str inner_domain; /* MATCH of include: the record inside ... */
	struct str inner_term;   /* ... and its term that matched */
	struct str target;       /* the name that was looked up in vain; foreign */
	struct str explanation;  /* RFC 7208 section 6.2; printable ASCII; may be empty */
	unsigned lookups;        /* terms that asked the DNS */
	unsigned void_lookups;   /* of them, those that found nothing */
	struct policy_wanted wanted;
};
/* check_host() (section 4), restartable. Texts in the arena or borrowed from the source;
 * of the arena it takes at most a few megabytes. */
void spf_evaluate(struct arena *a, const struct policy_source *source,
		  const struct spf_query *query, struct spf_outcome *out);
/* The cause as a sentence, foreign parts escaped. */
void spf_cause_write(struct buf *out, const struct spf_outcome *o, enum lang lang);

/* --- a record whoever the client is --- */

/* Walks the terms as an evaluation would for hosts of the wanted record: in order,
 * through includes and redirect, up to the term that lets them pass. */
enum spf_reach {
	SPF_REACHED,
	SPF_UNREACHED,  /* there is no such term */
	SPF_BEHIND_ALL, /* it stands behind `all`, where nobody looks */
	SPF_NOT_PASS,   /* it is there, to say something else than pass */
	SPF_BROKEN,     /* an error comes first: `error` */
	SPF_OPEN,       /* not known: something is wanted, or could not be asked */
};
struct spf_walk {
	enum spf_reach reach;
	/* BROKEN: cause, fault, domain, term, target; UNREACHED: an include that leads
	 * nowhere, if there is one (result is permerror then). */
	struct spf_outcome error;
	struct str missing; /* the wanted term that is not reached */
	struct str term;    /* NOT_PASS, BEHIND_ALL: the term that is there instead */
	bool all_pass;      /* "all" or "+all": anybody passes */
	unsigned lookups;   /* up to there */
	bool has_networks;  /* terms that let addresses pass were met */
	bool needs_client;  /* ... and terms whose macros depend on the client */
	struct str failed;  /* OPEN: the name that could not be asked; or empty */
	struct policy_wanted wanted;
};
/* Whether every host that `wanted_txt` lets pass does pass with `txt`, the one SPF record
 * of the domain. wanted_txt empty: the whole record is walked for errors. A record that
 * has the wanted terms in front of all that asks the DNS is right without a question. */
void spf_walk(struct arena *a, const struct policy_source *source, struct str domain,
	      struct str txt, struct str wanted_txt, struct spf_walk *out);

#endif
