/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One diagnosis while it is made: who was asked, what each server said about each
 * expected record, and the findings so far. Private to diagnose.
 *
 *   server  a name server by its name, with all its addresses (or the one forwarder)
 *   said    what a server said about a question, as bits: its addresses may differ
 *   tally   how many servers said what about a question
 */
#ifndef DIAGNOSE_CASE_H
#define DIAGNOSE_CASE_H

#include "diagnose/diagnose.h"

enum said {
	SAID_RIGHT = 1 << 0,    /* what is expected */
	SAID_OTHER = 1 << 1,    /* records of the type, but not as expected */
	SAID_NO_TYPE = 1 << 2,  /* NOERROR without such records */
	SAID_NO_NAME = 1 << 3,  /* NXDOMAIN */
	SAID_ALIAS = 1 << 4,    /* a CNAME or SPF include whose target was not seen */
	SAID_REFERRAL = 1 << 5, /* asks to ask the servers of a deeper zone */
	SAID_ERROR = 1 << 6,    /* SERVFAIL, REFUSED, not authoritative ... */
	SAID_SILENT = 1 << 7,   /* could not be asked */
};
enum {
	SAID_ABSENT = SAID_NO_TYPE | SAID_NO_NAME,
	SAID_ANSWERED = SAID_RIGHT | SAID_OTHER | SAID_ABSENT | SAID_ALIAS,
};

/* What a server is worth, from all that it said. */
enum standing {
	STANDING_SILENT,  /* nothing came */
	STANDING_FAILING, /* SERVFAIL and the like only */
	STANDING_LAME,    /* it does not serve the zone it is named for */
	STANDING_GOOD,
};

struct server {
	struct dns_name name; /* unset: the forwarder */
	struct dns_name zone;
	struct str text; /* its name or address, to show */
	bool is_forward;
	enum standing standing;
	bool was_asked; /* false: our own limits were reached before */
	bool has_lame_answer;
	bool has_failed_answer;
	size_t lame_answer; /* index of an answer that shows it, where has_lame_answer */
	bool has_serial;
	uint32_t serial;
};

struct tally {
	struct question question;
	size_t asked; /* servers whose word counts: not those that only refer */
	size_t answered;
	size_t right; /* servers that said RIGHT and nothing else */
	unsigned all; /* bits said by any server */
	uint8_t said[OBSERVATION_VIEWS_MAX]; /* per server */
};

struct record_case {
	const struct expected_record *expected;
	struct record_report *report;
	struct tally tally;
	struct dns_name zone; /* that holds it, as far as known; unset: unknown */
	bool bogus;
	bool unvalidated;           /* the validator could not tell whether it holds */
	bool explained;             /* a finding covers what is not right with it */
	const struct key_view *key; /* of DKIM, once it was looked at */
};

struct diagnosis {
	struct arena *a;
	enum lang lang; /* of all texts */
	const struct expectation *x;
	const struct observation *o;
	bool searching; /* nothing is expected: find what there is */
	bool forward;   /* one cache was asked instead of the authorities */
	struct server *servers;
	size_t server_count;
	size_t server_of
		[OBSERVATION_VIEWS_MAX]; /* per view; SIZE_MAX: none of the domain's (a
					    public resolver, a server of another
					    domain) */
	bool has_zone;
	struct dns_name zone;           /* that holds the domain */
	struct provider_match provider; /* who runs that zone's name servers */
	struct record_case *records;
	size_t record_count;
	size_t value_room; /* octets of foreign values that may still be kept */
	struct finding **findings;
	size_t finding_count;
	bool closed; /* a cause was found that hides all others */
};

/* Servers, records and tallies; no findings yet. */
void diagnosis_init(struct diagnosis *d, struct arena *a, const struct expectation *x,
		    const struct observation *o);
/* What each record is, from what was said. */
void diagnosis_set_states(struct diagnosis *d);

/* What the servers said to the question of r's type at `name`, judged as if r were there.
 */
void tally_question(struct diagnosis *d, const struct expected_record *r,
		    const struct dns_name *name, struct tally *out);
/* What one answer says about r at `name`. */
unsigned answer_said(struct diagnosis *d, const struct expected_record *r,
		     const struct dns_name *name, const struct answer *answer);
/* Our own limits came before this question to the server. */
bool server_was_left_out(const struct diagnosis *d, const struct tally *t, size_t server);
/* Fewest servers whose word makes a record right: two, or half of them when that is less.
 */
size_t servers_needed(size_t asked);

/* Positively not there, at all servers that answered; something was expected. */
bool record_is_absent(const struct diagnosis *d, const struct record_case *r);
/* They say so; in a signed zone that is still to be proved. */
bool record_is_denied(const struct record_case *r);
/* At some server there are records of the type, and not as expected. */
bool record_is_other(const struct record_case *r);
/* How many records of the purpose the first server that differs has. */
size_t record_count_there(struct diagnosis *d, const struct record_case *r);
/* Wanted, not explained by any finding, and it could not be judged. */
bool record_is_open(const struct diagnosis *d, const struct record_case *r);

/* The record's name as a DNS panel wants it ("k1._domainkey", "@"), and in full. */
struct str shown_relative(struct diagnosis *d, const struct record_case *r);
struct str shown_name(struct diagnosis *d, const struct dns_name *name);
/* Text of the value to be typed: "10 mx.example", without final dot, as most panels want
 * it. */
struct str shown_expected(struct arena *a, const struct expected_record *r);
struct str shown_type(struct arena *a, uint16_t type);
struct str shown_server(struct arena *a, const struct observation *o, size_t view);
/* Presentation forms of the answer's records of that type at the name (or, behind
 * aliases, where it leads), made safe to show. */
void shown_values(struct diagnosis *d, const struct answer *answer,
		  const struct question *q, struct str **out, size_t *count_out);

/* Adds a finding; the title is in the language, and lives as long as the report. */
struct finding *finding_add(struct diagnosis *d, const char *code, enum severity severity,
			    const char *title);
/* The same for records one by one: those that share a code share a finding, in slots[0]
 * what is required, in slots[1] what is not, as a note. */
struct finding *finding_for(struct diagnosis *d, struct finding *slots[2],
			    struct record_case *r, const char *code, const char *title);
/* The record is explained by it. */
void finding_covers(struct diagnosis *d, struct finding *f, struct record_case *r);
bool finding_has(const struct finding *f, const struct record_case *r);
/* All records that are not right yet. */
void finding_covers_rest(struct diagnosis *d, struct finding *f);
struct fix *finding_fix(struct diagnosis *d, struct finding *f, const char *action,
			const char *sentence);
/* What is there instead, and that the value is to be set to the expected one. */
struct fix *finding_set_value(struct diagnosis *d, struct finding *f,
			      const struct record_case *r);
/* What the servers that said one of `bits` showed: one evidence for all of them, values
 * of the first. NULL if there were none. */
struct evidence *finding_evidence(struct diagnosis *d, struct finding *f,
				  const struct tally *t, unsigned bits);
/* Evidence of a question, to be filled: so far nobody has answered it. */
struct evidence *finding_question(struct diagnosis *d, struct finding *f,
				  const struct question *q);
/* Evidence from one answer. */
struct evidence *finding_answer(struct diagnosis *d, struct finding *f,
				const struct answer *answer);
/* Adds the server's name (with what stands behind it, if not empty). */
void evidence_server(struct diagnosis *d, struct evidence *ev, struct str server,
		     const char *behind);

/* Room for one more thing in an array that grows by doubling. */
void *case_grow(struct arena *a, void *things, size_t count, size_t size);

#endif
