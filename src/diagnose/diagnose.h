/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * diagnose: observation -> report. One table of rules (code, texts, what to ask more, how
 * to judge), one small file a code. Pure; "could not ask" is never "absent".
 *
 *   report   verdict for the whole, a state per expected record, ranked findings
 *   finding  a stable code (U201), severity, confidence, evidence, fix, what it explains
 *   bundle   expectation + observation as one JSON file: support bundle, test case
 *
 * Order: diagnose_plan, probe asks; diagnose_more, probe asks those, and again until
 * nothing more is wanted; diagnose_judge.
 */
#ifndef DIAGNOSE_DIAGNOSE_H
#define DIAGNOSE_DIAGNOSE_H

#include "base/base.h"
#include "identity/identity.h"
#include "observation/observation.h"
#include "provider/provider.h"

struct json_t;

enum verdict {
	VERDICT_OK,
	VERDICT_ACTION_REQUIRED,
	VERDICT_WAITING,
	VERDICT_UNDETERMINED,
};
const char *verdict_name(enum verdict v); /* "action_required" */
/* 0, 1, 3, 4 (ux.md section 3.4). */
int verdict_exit_code(enum verdict v);

enum severity {
	SEVERITY_ERROR,  /* fix */
	SEVERITY_WAIT,   /* nothing to fix, only time */
	SEVERITY_UNSURE, /* could not tell */
	SEVERITY_NOTE,
};
const char *severity_name(enum severity s);

enum confidence {
	CONFIDENCE_CERTAIN,
	CONFIDENCE_LIKELY,
	CONFIDENCE_POSSIBLE,
};
const char *confidence_name(enum confidence c);

enum record_state {
	RECORD_OK,      /* right at every authoritative server that answered */
	RECORD_MISSING, /* positively absent */
	RECORD_WRONG,   /* something else is there, or servers differ */
	RECORD_WAITING, /* right at the authorities, caches remember otherwise */
	RECORD_UNKNOWN, /* could not be asked */
	RECORD_FOUND,   /* not expected, found and well-formed (check without --expect) */
	RECORD_ABSENT,  /* not expected, not there: a note */
};
const char *record_state_name(enum record_state s);

/* What one server said about one record, for display. */
struct record_view {
	size_t view; /* index into the observation's views */
	enum ask_outcome outcome;
	uint16_t rcode;
	bool matches;
	uint32_t ttl_s;
	struct str *values; /* presentation form, escaped */
	size_t value_count;
};

struct record_report {
	const struct expected_record *expected;
	enum record_state state;
	struct record_view *views;
	size_t view_count;
	size_t servers_right; /* of servers_asked */
	size_t servers_asked;
	size_t servers_lame;   /* of those that did not answer: they serve the zone not */
	size_t servers_silent; /* nothing came */
	/* By name: positively lack it or differ; could not be heard, or said nothing. */
	size_t servers_wrong;
	size_t servers_unheard;
	bool is_unproven;     /* bogus, or the validator could not tell */
	bool is_contradicted; /* nobody's wrong answer is proven, but another one is */
};

struct evidence {
	struct question question;
	uint16_t rcode;
	enum ask_outcome outcome;
	struct str *values; /* what was there */
	size_t value_count;
	size_t servers; /* how many said so */
	struct str *server_names;
	size_t server_name_count;
	int64_t until_s; /* they remember it until then; 0: not known, or no cache */
};

struct fix {
	/* "add", "rename", "set_value", "set_type", "remove": a record; "set": a switch
	 * of the panel; "delegate": name servers, at the registrar or the operator;
	 * "claim", "wait", "retry" */
	const char *action;
	struct str field; /* "name", "value", "type" or empty */
	struct str name;  /* of the record, as a DNS panel wants it; may be empty */
	struct str value; /* what the record has to say; empty: leave it, or unknown */
	struct str from;
	struct str to;
	struct str sentence; /* the same for people, whole */
	bool exact;          /* may be done as written; else it is the likely thing */
};

/* How the panel in use wants it, and what to expect of it. */
struct note {
	struct str text;
	bool unconfirmed; /* nobody has confirmed that the panel does so */
};

struct finding {
	const char *code; /* "U201" */
	enum severity severity;
	enum confidence confidence;
	const struct expected_record *
		*records; /* those it explains; empty: the whole domain */
	size_t record_count;
	struct str title; /* one line, lower case: what is wrong */
	struct str why;   /* may be empty */
	struct evidence *evidence;
	size_t evidence_count;
	struct fix *fixes;
	size_t fix_count;
	struct note *notes; /* on what is to be typed, by the panel in use */
	size_t note_count;
	int64_t until_s; /* WAIT: over then; Unix time, 0: unknown */
};

enum next_kind {
	NEXT_NONE,
	NEXT_AFTER_FIX,
	NEXT_WAIT,
	NEXT_RETRY,
};

struct report {
	enum lang lang;
	const struct expectation *expectation;
	const struct observation *observation;
	enum verdict verdict;
	struct record_report *records;
	size_t record_count;
	struct finding *findings; /* the first is the one to act on */
	size_t finding_count;
	enum next_kind next;
	int64_t next_at_s; /* look again then; 0: at will */
	struct str next_basis;
	bool one_cache;                 /* dns.forward: this is one cache's view */
	struct provider_match provider; /* who runs the zone's name servers */
	/* When everybody will see what the authorities have now; 0: not known. */
	int64_t agree_earliest_s;
	int64_t agree_latest_s;
	int64_t right_since_s;   /* the authorities have it right since then; 0: now */
	uint32_t negative_ttl_s; /* the zone's, min(SOA TTL, SOA MINIMUM); 0: not known */
	/* After a change: how long its publishing takes, and how long caches may remember
	 * what is there today. */
	uint32_t publish_s;
	uint32_t memory_s;
};

/* The questions of the first phase: the expected records' names and types (or, with
 * nothing expected, what mail records there may be), each once. Into the arena. */
size_t diagnose_plan(struct arena *a, const struct expectation *x, struct question **out);
/* What is asked beside the plan, at one server only, and once. Into the arena. */
size_t diagnose_plan_once(struct arena *a, const struct expectation *x,
			  struct question **out);
/* The few further questions that would prove a cause, 0 if nothing is wanted. At most 8 a
 * record, those that are likeliest to tell first; none that was asked. All are asked at
 * once; then again, with what was answered, until nothing more is wanted: whoever asks
 * ends it when his budget does, and what was not asked is not said to be absent. */
size_t diagnose_more(struct arena *a, const struct expectation *x,
		     const struct observation *o, struct question **out);
/* Whether each server of the domain's zone is to be asked that question, not one of them:
 * an SPF record or an alias leads there, or it is the key in the place of an alias. */
bool diagnose_asks_all(const struct expectation *x, const struct observation *o,
		       const struct question *q);
/* Whether the registry's word would help (the domain is not delegated, its name servers
 * are of no use, or the expectation knows when it was registered), and about which
 * domain. */
bool diagnose_registry(struct arena *a, const struct expectation *x,
		       const struct observation *o, struct dns_name *domain_out)
	must_check;
/* Everything in the report lives in the arena or borrows from x and o. Texts for people
 * are in the language; codes, JSON's keys and its words stay as they are. */
void diagnose_judge(struct arena *a, const struct expectation *x,
		    const struct observation *o, enum lang lang, struct report *out);

/* Since when the authorities are known to have everything right, from earlier looks: the
 * worst case is counted from then. */
void report_set_since(struct report *r, int64_t since_s);

/* The same expectation judged by what was seen from several places (at least one), each
 * with the name of who looked: the worst of the reports, or, where one place sees right
 * what another sees is not, one that cannot tell (U909). */
void diagnose_compare(struct arena *a, const struct report *reports,
		      const struct str *names, size_t count, struct report *out);

/* The report where too few of the other places answered, those that did not by name: it
 * cannot tell (U909 too), whatever it said. Why they did not is for their operator. */
void diagnose_unheard(struct arena *a, const struct str *names, size_t count,
		      struct report *r);

/* What the step needs of a report. */
void diagnose_look(const struct report *r, struct look *out);

/* schema check/v1 (ux.md section 3.6), keys in a fixed order. New reference. */
struct json_t *report_to_json(const struct report *r);

struct report_style {
	unsigned columns; /* width of the terminal; 0: 80 */
	bool colour;
	bool local_time; /* of the machine's time zone; else UTC. The zone is named */
};
/* For people (ux.md section 3.6). */
void report_write_text(struct buf *out, const struct report *r,
		       const struct report_style *s);

/* The long explanation of a code (ux.md section 3.6 f); false if there is no such code.
 */
bool diagnose_explain(struct buf *out, struct str code, enum lang lang) must_check;
/* Same as data: {"code", "title", "remedy", "meaning", "why", "how_we_know", "fix",
 * "check_yourself", "see_also"}. NULL if there is no such code. New reference. */
struct json_t *diagnose_explain_json(struct str code, enum lang lang);
/* All codes in order; NULL behind the last. */
const char *diagnose_code_at(size_t index);

/* {"schema":"https://unpend.example/schemas/observation/v1","expect":{},"observation":{}}
 */
struct json_t *bundle_to_json(const struct expectation *x, const struct observation *o);
bool bundle_parse(struct arena *a, struct str json, struct expectation *x_out,
		  struct observation *o_out, struct err *e) must_check;

#endif
