/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A glance: one question for each expected record, each at one server of the zone, all at
 * once. Every answer exactly as it is expected, byte for byte but for the case of names:
 * RIGHT. Anything else whatever: UNCLEAR, which is no verdict; the domain is looked at
 * properly then. A glance never makes anything verified and never takes anything away.
 *
 *   glance_compile   an expectation as questions and the answers that are right
 *   glance_read      the same, from a line in the form that we print ourselves
 *   glance_is_right  an answer's packet against one of them
 *   glance_start     asks (glance_ask.c)
 */
#ifndef PROBE_GLANCE_H
#define PROBE_GLANCE_H

#include "identity/identity.h"
#include "probe/probe.h"

enum {
	GLANCE_RECORDS_MAX = 12,
	GLANCE_RDATA_MAX = 2048, /* octets, of all records */
};

struct glance_record {
	struct dns_name name; /* in lower case; wire behind len is not set */
	enum purpose purpose;
	unsigned number; /* which of its purpose, from 1: "dkim-2" */
	uint16_t type;   /* CNAME, MX or TXT */
	size_t rdata_at;
	size_t rdata_len;
};

/* Small enough to be kept and used again; no pointers into what it was made from. */
struct glance {
	struct dns_name domain;
	size_t count;
	struct glance_record records[GLANCE_RECORDS_MAX];
	size_t rdata_len;
	uint8_t rdata[GLANCE_RDATA_MAX];
};

/* Texts that were seen to be right by meaning when they are published as expected: judged
 * once, remembered while there is room. */
struct glance_texts;
struct glance_texts *glance_texts_new(void);
void glance_texts_free(struct glance_texts **t);
/* A domain that has exactly this text at that place, and all else right, is verified. */
bool glance_text_is_plain(struct glance_texts *known, enum purpose purpose,
			  struct str text, struct str domain);

/* false: it cannot be seen at a glance (nothing is expected, a value that is told by
 * meaning only, two records at one place, a public suffix, too much). */
bool glance_compile(struct glance_texts *known, const struct expectation *x,
		    struct glance *out);
/* false: the line is not in exactly our compact form, or its expectation not for a
 * glance: expectation_parse and glance_compile tell more. Else out is what these make of
 * it. Foreign bytes. */
bool glance_read(struct glance_texts *known, struct str line, struct glance *out);
/* Domain and records of the expectation as such a line, without its end. */
void glance_write(struct buf *out, const struct expectation *x);

/* The packet answers the record's question with exactly the expected record. Foreign
 * bytes; at false nothing is known. */
bool glance_is_right(const struct glance *g, const struct glance_record *r,
		     struct str packet);

static inline struct str glance_rdata(const struct glance *g,
				      const struct glance_record *r)
{
	return str_of(g->rdata + r->rdata_at, r->rdata_len);
}

/* Asking under way; lives inside its owner, who may use it again. */
struct glance_run;
struct resolver_route_search;
struct volley;
typedef void glance_done_fn(void *arg, const struct glance_run *run, bool is_right);
struct glance_run {
	struct probe *probe;
	const struct glance *glance;
	glance_done_fn *done;
	void *arg;
	uint32_t packets;                           /* sent for it, so far as is known */
	size_t right;                               /* answers that were */
	struct address servers[GLANCE_RECORDS_MAX]; /* that were asked, by record */
	uint8_t order[GLANCE_RECORDS_MAX];          /* in which records are asked for */
	struct resolver_route_search *search;
	struct volley *volley;
};
/* Not where a resolver is asked instead of the name servers. */
bool glance_may_ask(const struct probe *p);
/* g must live until the callback, which comes once and never inside the call, unless
 * cancelled. */
void glance_start(struct glance_run *run, struct probe *p, const struct glance *g,
		  glance_done_fn *done, void *arg);
void glance_cancel(struct glance_run *run);

/* Takes in the record behind the last, whose name, purpose and type are set, and whose
 * rdata stand behind all others. false: one of its type is at that name. There must be
 * room. */
bool glance_take(struct glance *g, size_t rdata_len) must_check;

#endif
