/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Statuses and how they change (ses.md section 3, security.md section 4):
 *
 *   NOT_STARTED --start--> PENDING --all right--> SUCCESS
 *   PENDING --search time over--> FAILED --resubmit--> PENDING (same tokens)
 *   FAILED --right after all, within 30 days--> SUCCESS (not as strict as SES)
 *   SUCCESS --lost, confirmed--> TEMPORARY_FAILURE --right again--> SUCCESS
 *   TEMPORARY_FAILURE --grace over, and still wrong--> FAILED
 *
 * "Could not ask" never takes a status away: an unknown look changes times only. Time
 * counts while somebody looks: not while the service stood still, not what a clock
 * jumped.
 */
#ifndef IDENTITY_STEP_H
#define IDENTITY_STEP_H

#include "identity/expect.h"

enum status {
	STATUS_NOT_STARTED,
	STATUS_PENDING,
	STATUS_SUCCESS,
	STATUS_FAILED,
	STATUS_TEMPORARY_FAILURE,
};
const char *status_name(enum status s); /* SES v2's words: "TEMPORARY_FAILURE" */
bool status_parse(struct str text, enum status *out) must_check;

enum aspect {
	ASPECT_DKIM,
	ASPECT_MAIL_FROM,
	ASPECT_OWNERSHIP,
	ASPECT_COUNT,
};
const char *aspect_name(enum aspect a);

enum look_result {
	LOOK_NONE,    /* nothing is expected for this aspect */
	LOOK_RIGHT,   /* right at every authoritative server that answers */
	LOOK_WRONG,   /* positively absent or different */
	LOOK_UNKNOWN, /* could not be asked */
};

/* SES's VerificationInfo.ErrorType (ses.md section 3.5). */
enum look_error {
	LOOK_ERROR_NONE,
	LOOK_ERROR_SERVICE_ERROR,
	LOOK_ERROR_DNS_SERVER_ERROR,
	LOOK_ERROR_HOST_NOT_FOUND,
	LOOK_ERROR_TYPE_NOT_FOUND,
	LOOK_ERROR_INVALID_VALUE,
};
const char *look_error_name(enum look_error e); /* "" for none */

/* Why next_look_at is when it is. Stored by number: append only. */
enum look_reason {
	LOOK_REASON_NONE,        /* there is no next look */
	LOOK_REASON_NEW,         /* just made */
	LOOK_REASON_YOUNG,       /* the search began minutes ago */
	LOOK_REASON_SEARCH,      /* the search goes on */
	LOOK_REASON_STEADY,      /* verified: from time to time */
	LOOK_REASON_CONFIRM,     /* verified, and missed by the last look */
	LOOK_REASON_LOST,        /* TEMPORARY_FAILURE */
	LOOK_REASON_FAILED,      /* FAILED, and perhaps published late */
	LOOK_REASON_RETRY,       /* the last look could not ask */
	LOOK_REASON_TTL,         /* what a cache remembers runs out */
	LOOK_REASON_CHANGED,     /* the zone or its name servers changed */
	LOOK_REASON_ASKED,       /* somebody said check now */
	LOOK_REASON_RESUBMITTED, /* somebody had it searched again */
	LOOK_REASON_WATCHED,     /* its page is open */
	LOOK_REASON_CATCH_UP,    /* overdue, put off so that not all come at once */
};
const char *look_reason_name(enum look_reason r); /* "young"; "" for none */
/* A sentence for people, to be passed through lang_text; "" for none. */
const char *look_reason_text(enum look_reason r);

struct look {
	int64_t at_s; /* Unix time the look began */
	enum look_result results[ASPECT_COUNT];
	enum look_error error; /* the worst of the DKIM records */
	/* Servers that positively lack it or differ; whether these are all that the zone
	 * has; or all that answered, while others could not be heard. */
	uint32_t wrong_servers[ASPECT_COUNT];
	bool wrong_everywhere[ASPECT_COUNT];
	bool wrong_alone[ASPECT_COUNT];
	bool has_soa;
	struct dns_name soa_mname; /* of the zone that answered */
	struct dns_name soa_rname;
	uint32_t soa_serial;
	int64_t retry_at_s; /* a TTL or negative TTL seen runs out then; 0: unknown */
	/* Blank-separated, sorted, lower case, without dot; empty: not seen. Borrowed. */
	struct str name_servers;
};

struct aspect_state {
	enum status status;
	int64_t started_at; /* search began; Unix time */
	int64_t lost_at;    /* TEMPORARY_FAILURE since; 0 else */
	int64_t missed_at;  /* first of the looks in a row that missed it; 0: none */
	uint32_t misses;    /* how many of them */
	int64_t failed_at;  /* FAILED since; 0 else */
};

struct identity_state {
	struct aspect_state aspects[ASPECT_COUNT];
	int64_t created_at;
	int64_t last_looked_at;  /* 0: never */
	int64_t last_success_at; /* DKIM right; 0: never */
	int64_t next_look_at;    /* 0: no more looks until resubmitted */
	enum look_reason why;    /* of next_look_at */
	int64_t full_look_at;    /* a look before it is a glance, or may be a peek */
	bool glance;             /* next_look_at is a glance's: the service's business */
	uint32_t unclear;        /* glances in a row in vain */
	uint32_t failures;       /* searches that failed since the last success */
	uint32_t unknowns;       /* looks in a row that could not ask */
	int64_t watched_until;   /* its page is open; 0: it was never */
	uint32_t looks;          /* since the search (re)started */
	enum look_error error;   /* the last one; not cleared by success, as SES does */
	bool has_soa;
	struct dns_name soa_mname;
	struct dns_name soa_rname;
	uint32_t soa_serial;
	/* As in struct look. Borrowed from whoever read or saw them. */
	struct str name_servers;
	struct str previous_name_servers; /* before they changed */
};

struct policy {
	int64_t search_s;       /* PENDING at most so long */
	int64_t grace_s;        /* TEMPORARY_FAILURE at most so long */
	uint32_t loss_looks;    /* looks in a row needed to lose SUCCESS */
	int64_t loss_spread_s;  /* first to last of them at least so far apart */
	uint32_t loss_servers;  /* wrong_servers needed for a look to count in full, or
				  wrong_everywhere; wrong_alone counts and takes longer */
	int64_t suspend_s;      /* first miss to FAILED at least, whatever the grace; and
				  what wrong_alone takes longer */
	int64_t after_failed_s; /* FAILED is looked at so long, ever more rarely */
	bool strict_ses;        /* as SES: FAILED is looked at no more */
	bool glances;           /* what is verified is glanced at */
};
/* 72 h, 72 h, 3 looks over 1 h, 2 servers, 24 h, 30 days; with glances. */
struct policy policy_default(void);

enum identity_event_kind {
	EVENT_CREATED,
	EVENT_STATUS_CHANGED, /* of one aspect: from, to */
	EVENT_RESUBMITTED,
	EVENT_DELETED,
};
const char *identity_event_name(
	enum identity_event_kind k); /* "identity.status_changed" */

struct identity_event {
	enum identity_event_kind kind;
	enum aspect aspect;
	enum status from;
	enum status to;
	int64_t at_s;
	/* JSON: who saw what from where; empty: nobody did. The step leaves it empty. */
	struct str detail;
};

enum {
	IDENTITY_EVENTS_MAX = 8
};

struct step_result {
	struct identity_state state;
	struct identity_event events[IDENTITY_EVENTS_MAX];
	size_t event_count;
};

enum {
	IDENTITY_LOOK_MAX_S = 25 * 3600,     /* no look is planned further ahead */
	IDENTITY_FULL_MAX_S = 7 * 24 * 3600, /* nor a whole one that glances precede */
	IDENTITY_WATCHED_S = 60,             /* an open page counts so long */
};

/* A new identity: DKIM (and what else is expected) PENDING with the search begun, looked
 * at once at once. One EVENT_CREATED. */
struct step_result identity_begin(const struct expectation *x, int64_t now_s);
/* Applies what a whole look found. jitter in [0, 1000) spreads the next look: it is
 * handed in because the step has no randomness. */
struct step_result identity_step(const struct identity_state *s, const struct look *look,
				 const struct policy *p, int64_t now_s, uint32_t jitter);
/* SES said so (authority ses): takes its status as it is, and of our own look only what
 * explains it. */
struct step_result identity_adopt(const struct identity_state *s, const struct look *look,
				  enum status dkim, int64_t now_s, uint32_t jitter);
/* SES could not be asked: nothing but the time of the next look. */
struct step_result identity_tick(const struct identity_state *s, int64_t now_s,
				 uint32_t jitter);

/* --- peeks: SOA and name servers only --- */

/* Whether a look that is due now may be a peek. */
bool identity_wants_peek(const struct identity_state *s, int64_t now_s);
/* Whether the zone is another than at the last whole look: only that makes a whole look
 * of a peek at once. Of `seen`, SOA and name servers count. */
bool identity_is_changed(const struct identity_state *s, const struct look *seen);
/* A peek that saw no change, or (has_soa false) nothing at all; one that saw a change
 * makes a whole look due now. Never changes a status. */
struct step_result identity_peek(const struct identity_state *s, const struct look *seen,
				 const struct policy *p, int64_t now_s, uint32_t jitter);

/* --- glances: are the records there, byte for byte, as they were? --- */

/* After a glance that saw them so: when the next one is; false: when a whole look is. It
 * says nothing of statuses, which stay. */
bool identity_glance_next(int64_t full_look_at, int64_t now_s, uint32_t jitter,
			  int64_t *at_out);
/* As identity_catch_up, for a glance that was due at `due_at`, by that reason. */
bool identity_glance_catch_up(int64_t due_at, enum look_reason why, int64_t now_s,
			      uint32_t jitter, int64_t *at_out);

/* --- what people do --- */

/* Search again: FAILED (and PENDING) aspects start anew; SUCCESS stays. Looked at at
 * once. */
struct step_result identity_resubmit(const struct identity_state *s, int64_t now_s);
/* Looked at at once. */
struct step_result identity_ask(const struct identity_state *s, int64_t now_s);
/* Its page is open: looks come close while something is searched for. */
struct step_result identity_watch(const struct identity_state *s, const struct policy *p,
				  int64_t now_s);
/* Something else is expected for MAIL FROM or ownership than before: its search begins;
 * or nothing any more: NOT_STARTED. */
struct step_result identity_want(const struct identity_state *s, enum aspect aspect,
				 bool wanted, int64_t now_s);

/* --- many at once --- */

/* Puts off what is overdue and in no hurry, once, by as long as it is late: after a
 * standstill the looks come at twice the usual rate, not all at once. False: look now. */
bool identity_catch_up(const struct identity_state *s, const struct policy *p,
		       int64_t now_s, uint32_t jitter, struct step_result *out);

/* --- what follows --- */

/* SES's VerifiedForSendingStatus: DKIM SUCCESS, or TEMPORARY_FAILURE within its grace. */
bool identity_may_send(const struct identity_state *s);
/* SES's VerificationStatus of the whole. */
enum status identity_status(const struct identity_state *s);

enum envelope {
	ENVELOPE_OURS,    /* as the message has it */
	ENVELOPE_CUSTOM,  /* the identity's MAIL FROM domain */
	ENVELOPE_REFUSED, /* neither: the message is not taken */
};
/* Which envelope sender its mail gets (ses.md section 3.2). `rejects`: SES's
 * BehaviorOnMxFailure REJECT_MESSAGE. */
enum envelope identity_envelope(const struct identity_state *s, bool rejects);

#endif
