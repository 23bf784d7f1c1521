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

struct json_t;

/* A tag list of DKIM or DMARC (RFC 6376 section 3.2): name=value, in order. */
struct policy_tag {
	struct str name;
	struct str value;
};
bool policy_tags_parse(struct arena *a, struct str txt, struct policy_tag **tags_out,
		       size_t *count_out) must_check;

/* --- looking up --- */

enum policy_reply {
	POLICY_UNKNOWN, /* not asked yet */
	POLICY_FOUND,   /* records of the type at the end of the aliases */
	POLICY_VOID,    /* NXDOMAIN, or no record of the type */
	POLICY_FAILED,  /* no usable answer: SERVFAIL, timeout, bogus */
};
/* records_out: those of the type alone, owners as they come; lives as long as the
 * source. */
typedef enum policy_reply policy_find_fn(void *arg, const struct dns_name *name,
					 uint16_t type, struct dns_section *records_out);
struct policy_source {
	policy_find_fn *find;
	void *arg;
};

enum {
	POLICY_WANTED_MAX = 32
};
struct policy_wanted {
	struct question questions[POLICY_WANTED_MAX];
	size_t count; /* 0: the evaluation is finished */
};

/* --- DKIM keys --- */

/* A DKIM key record (RFC 6376 section 3.6.1). */
struct policy_dkim_key {
	struct str key_type;   /* "rsa" when absent */
	struct str public_key; /* decoded bytes; empty: revoked */
	bool testing;          /* t=y */
};
bool policy_dkim_key_parse(struct arena *a, struct str txt, struct policy_dkim_key *out,
			   struct err *e) must_check;
/* "v=DKIM1; k=rsa; p=..." from a DER SubjectPublicKeyInfo. */
void policy_dkim_key_write(struct buf *out, struct str public_der);

/* --- SPF --- */

/* v=spf1 record by its terms; enough to say whether a mechanism is there. Terms keep
 * qualifiers. */
struct policy_spf {
	struct str *terms;
	size_t count;
};
/* false: not an SPF record at all (RFC 7208 section 4.5). */
bool policy_spf_parse(struct arena *a, struct str txt, struct policy_spf *out) must_check;
/* Each term of `wanted` except "all" stands in `seen` too, whatever else does (case of
 * domains does not matter). */
bool policy_spf_covers(const struct policy_spf *seen, const struct policy_spf *wanted);

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

struct spf_query {
	struct address ip;    /* of the SMTP client; its port does not matter */
	struct str mail_from; /* as in MAIL FROM; empty: postmaster at helo */
	struct str helo;
	struct str receiver; /* %{r}; empty: "unknown" */
	int64_t now_s;       /* %{t} */
};
struct spf_outcome {
	enum spf_result result;
	struct str domain;     /* whose record decided; may be empty */
	struct str term;       /* that matched, as published; or that is wrong */
	struct str why;        /* one line, English, lower case; foreign parts escaped */
	unsigned lookups;      /* terms that asked the DNS: at most 10 (section 4.6.4) */
	unsigned void_lookups; /* at most 2 */
	struct policy_wanted wanted;
};
/* check_host() (RFC 7208 section 4), restartable. Texts into the arena. */
void spf_evaluate(struct arena *a, const struct policy_source *source,
		  const struct spf_query *query, struct spf_outcome *out);

/* --- DMARC --- */

enum dmarc_policy {
	DMARC_POLICY_NONE,
	DMARC_POLICY_QUARANTINE,
	DMARC_POLICY_REJECT,
};

/* What the evaluation of one message came to, handed in. */
struct dmarc_query {
	struct dns_name from;        /* domain of the From header field */
	struct dns_name spf;         /* domain that SPF passed for; unset: did not pass */
	const struct dns_name *dkim; /* d= of the signatures that verified */
	size_t dkim_count;
};
struct dmarc_outcome {
	bool has_record;
	bool is_temperror; /* a question failed: neither pass nor fail */
	bool passes;
	bool spf_aligned;
	bool dkim_aligned;
	enum dmarc_policy policy; /* that applies to this From domain: p, sp or np */
	struct dns_name found_at; /* without the _dmarc label; has_record */
	struct dns_name
		organisation; /* of From, by the tree walk (RFC 9989 section 4.10) */
	bool strict_spf;
	bool strict_dkim;
	bool testing;      /* t=y */
	struct str record; /* as published */
	struct str why;    /* one line, English; foreign parts escaped */
	struct policy_wanted wanted;
};
void dmarc_evaluate(struct arena *a, const struct policy_source *source,
		    const struct dmarc_query *query, struct dmarc_outcome *out);

#endif
