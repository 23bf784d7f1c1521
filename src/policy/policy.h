/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * policy: what a domain publishes about its mail, parsed and evaluated. DKIM key records
 * (RFC 6376, 8301, 8463), SPF (RFC 7208), DMARC (RFC 9989), and `lint`, which judges the
 * text of one record. Pure: no DNS, no clock.
 *
 *   source   where an evaluator looks up what the DNS says; whoever evaluates hands it in
 *   wanted   questions that the source could not answer yet
 *
 * An evaluation that meets a question without an answer ends unfinished and says which
 * questions it wants. Ask them, put the answers into the source, evaluate again from the
 * start: the same answers lead to the same end.
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "base/base.h"
#include "crypto/crypto.h"
#include "dns/dns.h"
#include "policy/source.h"
#include "policy/spf.h"

struct json_t;

/* A tag list of DKIM or DMARC (RFC 6376 section 3.2): name=value, in order. */
struct policy_tag {
	struct str name;
	struct str value;
};
bool policy_tags_parse(struct arena *a, struct str txt, struct policy_tag **tags_out,
		       size_t *count_out) must_check;
/* wrong_out: the part of the text that is not as it should be; borrowed. */
bool policy_tags_read(struct arena *a, struct str txt, struct policy_tag **tags_out,
		      size_t *count_out, struct str *wrong_out) must_check;

/* --- DKIM keys --- */

enum dkim_kind {
	DKIM_RSA,
	DKIM_ED25519, /* RFC 8463 */
	DKIM_OTHER,   /* a k= that nobody knows */
};
/* How far receivers trust a key (RFC 8301 section 3.2). */
enum dkim_strength {
	DKIM_STRONG,
	DKIM_WEAK,     /* RSA below 2048 bits */
	DKIM_UNUSABLE, /* RSA below 1024 bits, or an exponent that cannot be */
};

/* A DKIM key record (RFC 6376 section 3.6.1). Lists are as published, empty when
 * absent. */
struct policy_dkim_key {
	struct str key_type;   /* k=; "rsa" when absent */
	struct str public_key; /* p= decoded; empty: revoked */
	enum dkim_kind kind;
	enum dkim_strength strength;
	unsigned bits;       /* RSA: of the modulus */
	struct str modulus;  /* RSA: without zeros in front */
	struct str exponent; /* the same; Ed25519: public_key is the key's 32 octets */
	struct str hashes;   /* h= */
	struct str services; /* s= */
	struct str flags;    /* t= */
	struct str notes;    /* n= */
	bool testing;        /* t=y */
	bool strict;         /* t=s: no subdomains in i= */
	bool has_breaks;     /* p= has line breaks that RFC 6376 does not allow */
};
enum dkim_fault {
	DKIM_FAULT_NONE,
	DKIM_FAULT_SYNTAX,  /* not tag=value; tag=value */
	DKIM_FAULT_NO_KEY,  /* there is no p= */
	DKIM_FAULT_VERSION, /* v= is not DKIM1, or not in front */
	DKIM_FAULT_USE,     /* k=, h= or s= exclude mail of today */
	DKIM_FAULT_BASE64,  /* p= is not base64 */
	DKIM_FAULT_SHORT,   /* the key in p= ends too early */
	DKIM_FAULT_KEY,     /* what p= holds is not a key */
};
struct dkim_problem {
	enum dkim_fault fault;
	size_t at;      /* octet of the text where it is, from 0 */
	size_t missing; /* DKIM_FAULT_SHORT: base64 characters, as far as can be told */
};
/* A well-formed record that mail can use, or a revoked one. ERR_USAGE: what is wrong and
 * at which character. problem_out may be NULL. RSA keys are taken as SubjectPublicKeyInfo
 * and as bare RSAPublicKey (RFC 6376 section 3.6.1, RFC 8017). */
bool policy_dkim_key_parse(struct arena *a, struct str txt, struct policy_dkim_key *out,
			   struct err *e) must_check;
bool policy_dkim_key_read(struct arena *a, struct str txt, struct policy_dkim_key *out,
			  struct dkim_problem *problem_out, struct err *e) must_check;
/* The same key, however it is written. */
bool policy_dkim_key_equal(const struct policy_dkim_key *a,
			   const struct policy_dkim_key *b);
/* Begins as a DKIM key record is meant to, right or wrong ("v=DKIM1 ..."). */
bool policy_dkim_is_meant(struct str txt);
/* Verifiers would take it for a key, whatever is in it (RFC 6376 section 3.6.1). */
bool policy_dkim_is_taken(struct arena *a, struct str txt);
/* "v=DKIM1; k=rsa; p=..." from a DER SubjectPublicKeyInfo. */
void policy_dkim_key_write(struct buf *out, struct str public_der);

enum dkim_damage {
	DKIM_INTACT,    /* usable, and the expected key where one is */
	DKIM_TRUNCATED, /* it ends too early */
	DKIM_SPLIT,     /* its pieces are records of their own */
	DKIM_QUOTED,    /* quotes or backslashes are part of the value */
	DKIM_SPACED,    /* smart quotes, full-width letters, odd blanks */
	DKIM_REVOKED,   /* p= is empty */
	DKIM_DIFFERENT, /* a usable key, another one */
	DKIM_GARBLED,   /* p= was damaged */
	DKIM_MISUSED,   /* v=, k=, h= or s= are wrong */
	DKIM_FOREIGN,   /* it is not a DKIM key text */
};
struct dkim_seen {
	enum dkim_damage damage;
	size_t at;      /* octet of the text where it begins, as far as known */
	size_t missing; /* TRUNCATED: characters, as far as known */
	bool is_case;   /* GARBLED: only capitals and small letters differ */
	struct str why; /* English, one line, foreign parts escaped; may be empty */
	struct policy_dkim_key key; /* INTACT, DIFFERENT, REVOKED */
};
/* What happened to the text of a key on its way into the DNS. expected: the text as it
 * should be; empty: any usable key. */
void policy_dkim_damage(struct arena *a, struct str seen, struct str expected,
			struct dkim_seen *out);
/* Several records at one name are the pieces of one key. */
bool policy_dkim_is_split(struct arena *a, const struct str *texts, size_t count,
			  struct str expected);

/* --- DMARC (RFC 9989) --- */

enum dmarc_policy {
	DMARC_POLICY_NONE,
	DMARC_POLICY_QUARANTINE,
	DMARC_POLICY_REJECT,
};
const char *dmarc_policy_name(enum dmarc_policy p);

/* A DMARC policy record (section 4.7). What is wrong behind v= counts as not there. */
struct dmarc_record {
	bool has_p; /* and it is valid */
	bool has_sp;
	bool has_np;
	bool has_bad_policy; /* p, sp or np has another value than the three */
	enum dmarc_policy p;
	enum dmarc_policy sp;
	enum dmarc_policy np;
	bool strict_dkim; /* adkim=s */
	bool strict_spf;  /* aspf=s */
	bool testing;     /* t=y */
	bool has_psd;     /* psd=y or psd=n */
	bool psd;         /* psd=y */
	struct str fo;
	struct str rua; /* comma list of URIs, as published */
	struct str ruf;
	struct str removed;      /* the first tag that RFC 9989 took away, or empty */
	bool has_report_address; /* rua holds a URI that is well formed */
};
/* false: not a DMARC record at all: v=DMARC1 does not stand in front. */
bool dmarc_record_parse(struct arena *a, struct str txt, struct dmarc_record *out)
	must_check;
/* Section 4.10.1: neither a valid p nor an address to report to: DMARC is not applied. */
bool dmarc_record_applies(const struct dmarc_record *r);
/* Begins as a DMARC record is meant to, right or wrong ("v=dmarc1", " V = DMARC1;"). */
bool dmarc_record_is_meant(struct str txt);

struct dmarc_address {
	struct str uri;       /* without the old size limit */
	struct str mailbox;   /* of mailto: local@domain */
	struct dns_name host; /* that reports go to */
	bool has_size;        /* "!10m", which RFC 9989 took away */
};
/* One address of rua or ruf. ERR_USAGE. */
bool dmarc_address_parse(struct str item, struct dmarc_address *out, struct err *e)
	must_check;

/* What the evaluation of one message came to, handed in. */
struct dmarc_query {
	struct dns_name from;        /* domain of the From header field */
	struct dns_name spf;         /* domain that SPF passed for; unset: did not pass */
	const struct dns_name *dkim; /* d= of the signatures that verified */
	size_t dkim_count;
};
enum {
	DMARC_DKIM_MAX = 16 /* signatures that are looked at, the first ones */
};
struct dmarc_outcome {
	bool has_record;   /* and it is to be applied */
	bool is_temperror; /* a question failed: neither pass nor fail */
	bool passes;
	bool spf_aligned;
	bool dkim_aligned;
	bool dkim_each[DMARC_DKIM_MAX]; /* as in the query */
	size_t dkim_index;              /* of the first aligned; where dkim_aligned */
	enum dmarc_policy policy;     /* that applies to this From domain: p, sp or np */
	const char *policy_tag;       /* "p", "sp" or "np" */
	struct dns_name found_at;     /* without the _dmarc label; has_record */
	struct dns_name organisation; /* of From, by the tree walk (section 4.10) */
	struct dns_name spf_organisation; /* unset: not needed, or unknown */
	bool strict_spf;
	bool strict_dkim;
	bool testing;      /* t=y */
	struct str record; /* as published */
	struct str why;    /* one line, English; foreign parts escaped */
	struct policy_wanted wanted;
};
void dmarc_evaluate(struct arena *a, const struct policy_source *source,
		    const struct dmarc_query *query, struct dmarc_outcome *out);

/* The walk by itself: up to eight names from `start` upwards, and which of them have one
 * DMARC record. */
enum {
	DMARC_WALK_MAX = 8
};
struct dmarc_step {
	struct dns_name domain; /* without the _dmarc label */
	enum policy_reply reply;
	bool has_record;
	bool is_ambiguous; /* several DMARC records: as none */
	struct str text;
	struct dmarc_record record;
};
struct dmarc_walk {
	struct dmarc_step steps[DMARC_WALK_MAX];
	size_t count;   /* those that count: the walk ends at psd=y and psd=n */
	bool is_failed; /* a question of it got no usable answer */
	struct dns_name
		organisation; /* known when nothing is wanted and nothing failed */
	const struct dmarc_step *policy; /* the record that applies to start, or NULL */
};
/* All names are asked at once; what is unknown is added to wanted. */
void dmarc_walk(struct arena *a, const struct policy_source *source,
		const struct dns_name *start, struct dmarc_walk *out,
		struct policy_wanted *wanted);

/* Where the consent has to stand that reports on the domain go to that host (RFC 9990
 * section 4): DOMAIN._report._dmarc.HOST; false: too long. */
bool dmarc_consent_name(const struct dns_name *domain, const struct dns_name *host,
			struct dns_name *out) must_check;

/* --- MX of a MAIL FROM domain --- */

enum mx_fault {
	MX_RIGHT,
	MX_NULL,         /* "0 .": takes no mail (RFC 7505) */
	MX_SEVERAL,      /* the right one among others */
	MX_OTHER_REGION, /* of Amazon SES, of another region */
	MX_RECEIVING,    /* what receives mail for SES, not what takes bounces */
	MX_OTHER_HOST,
	MX_MALFORMED,
};
struct mx_seen {
	enum mx_fault fault;
	struct dns_name host; /* the first that is not expected */
	struct str region;    /* OTHER_REGION: that it is of */
};
/* What is wrong with MX records, of which there is at least one, where `expected` alone
 * should stand. */
void policy_mx_judge(struct arena *a, const struct dns_record *records, size_t count,
		     const struct dns_name *expected, struct mx_seen *out);

/* --- lint: one record's text --- */

enum lint_kind {
	LINT_UNKNOWN,
	LINT_SPF,
	LINT_DKIM,
	LINT_DMARC,
	LINT_MX,
};
const char *lint_kind_name(enum lint_kind k); /* "spf" */
enum lint_level {
	LINT_ERROR, /* it will not work */
	LINT_NOTE,  /* it works, and should be otherwise */
};
struct lint_problem {
	enum lint_level level;
	size_t at;          /* octet of the text, from 0 */
	size_t len;         /* 0: something is missing there */
	struct str what;    /* one line; foreign parts escaped */
	struct str instead; /* what to write there, or in its place; may be empty */
};
enum {
	LINT_PROBLEMS_MAX = 64
};
struct lint {
	struct arena *a;
	enum lang lang;
	enum lint_kind kind;
	struct str text; /* as receivers join it */
	struct lint_problem problems[LINT_PROBLEMS_MAX];
	size_t count;
	size_t errors;
};
/* kind LINT_UNKNOWN: guessed from the text. `typed` may be quoted strings as in a zone
 * file. */
void policy_lint(struct arena *a, struct str typed, enum lint_kind kind, enum lang lang,
		 struct lint *out);

#endif
