/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One check under way. It goes through phases; a phase ends when nothing of it is open:
 *
 *   WALK       to the zone of the domain                        (not with dns.forward)
 *   RECORDS    the plan, NS and SOA at every server; what the answers lead to: deeper
 *              zones, aliases into other zones, servers that only the child names
 *   PROOF      the validator's verdicts, when something is not right
 *   MORE       what diagnose wants to know besides, in rounds until it wants nothing
 *   RESOLVERS  what the public resolvers remember, when everything is right. Somebody who
 *              waits at a terminal has them asked beside the RECORDS, if there is room;
 *              what they said is only looked at here
 *   VALIDATION the last verdicts of the validator
 */
#ifndef PROBE_GATHER_H
#define PROBE_GATHER_H

#include "diagnose/diagnose.h"
#include "probe/job.h"
#include "resolver/resolver.h"

enum {
	GATHER_QUESTIONS_MAX = 256,
	GATHER_VALIDATIONS_MAX = EXPECT_RECORDS_MAX,
	GATHER_TRAILS_MAX = 32,
	GATHER_STRANGERS_MAX = 4, /* servers that only the child names */
	GATHER_FORMER_MAX = 2,    /* servers that the domain had before */
	GATHER_ARENA_MAX = 64 << 20,
	GATHER_ARENA_KEPT = 64 << 10, /* of one that is idle */
	GATHER_IDLE_MAX = 32,
};

struct probe {
	struct uv_loop_s *loop;
	const struct config *config;
	struct resolver *resolver;
	struct list gatherings; /* of both kinds of job */
	struct list idle;       /* gatherings, to be used again */
	size_t idle_count;
	uint64_t turns; /* of the servers at glances */
	bool is_hasty;  /* one domain, and somebody waits for it */
};

/* Groups of seats, in the order of the observation. */
enum {
	GROUP_ZONE,
	GROUP_STRANGERS,
	GROUP_BEYOND,
	GROUP_RESOLVERS,
	GROUP_FORMER, /* named by nobody any more: never asked for anything else */
};

enum phase {
	PHASE_WALK,
	PHASE_RECORDS,
	PHASE_PROOF,
	PHASE_MORE,
	PHASE_RESOLVERS,
	PHASE_VALIDATION,
};

/* Somebody who is or could be asked. */
struct seat {
	struct view view;
	enum ask_outcome outcome; /* not ASK_ANSWERED: why he is not asked */
	bool soa_only;            /* there is no room for more than its serial */
	unsigned group;           /* main zone, strangers, zones beyond, resolvers */
	size_t order;             /* in the observation */
	uint32_t depth;           /* round trips that led to him */
};

struct planned {
	struct question question;
	uint32_t rank;    /* order in the observation */
	unsigned links;   /* CNAMEs that led here */
	uint32_t depth;   /* round trips that led here */
	size_t origin;    /* the question whose aliases led here, or itself */
	size_t asked;     /* how often, with all that it led to: of an origin */
	bool is_expected; /* of diagnose_plan */
	bool is_once;     /* one server's word is enough */
	bool is_ahead;    /* of the alias that will lead here, if there is room */
	bool is_apex;     /* asked at one address of each server */
};

/* One question to one seat. */
struct asking {
	struct list hook;
	struct gathering *g;
	size_t question;
	size_t seat;
	struct resolver_ask *ask;
	bool is_early;  /* not counted among the open */
	uint32_t depth; /* round trips up to the answer */
	struct answer answer;
};

/* A walk to another zone, and the questions that wait for it. */
struct trail {
	struct gathering *g;
	struct dns_name to;
	struct resolver_walk *walk;
	bool is_done;
	struct dns_name zone; /* where it led; unset: nowhere */
	size_t questions[GATHER_QUESTIONS_MAX];
	size_t question_count;
};

struct stranger {
	struct gathering *g;
	struct dns_name name;
	struct resolver_lookup *lookup;
	bool is_former; /* the expectation names it */
};

struct checking {
	struct gathering *g;
	size_t question;
	bool is_started;
	struct resolver_validate *validate;
	struct validation result;
};

struct gathering {
	struct probe_job job;
	struct probe *probe;
	struct arena arena; /* of the work; the observation goes into the job's */
	struct budget budget;
	int64_t began_us;
	int64_t at_s;
	enum phase phase;
	uint32_t more_rounds;
	size_t once_count; /* questions to one server: they take turns */
	size_t open;       /* things of this phase that have not ended */
	struct resolver_walk *walk;
	enum walk_outcome walk_outcome;
	struct dns_name stopped_at;
	struct dns_name zone; /* unset until reached */
	struct delegation *delegations;
	size_t delegation_count;
	struct seat *seats[OBSERVATION_VIEWS_MAX];
	size_t seat_count;
	struct planned *planned[GATHER_QUESTIONS_MAX];
	size_t planned_count;
	struct list askings;
	size_t asking_count;
	struct trail *trails[GATHER_TRAILS_MAX];
	size_t trail_count;
	struct stranger strangers[GATHER_STRANGERS_MAX];
	size_t stranger_count;
	bool is_former_asked;
	bool is_crowded; /* some servers are only asked for the SOA */
	bool are_resolvers_asked;
	bool are_resolvers_shown;
	struct checking *checkings[GATHER_VALIDATIONS_MAX];
	size_t checking_count;
	size_t checkings_open;
	bool is_validated; /* the verdicts were waited for */
};

/* plan.c: what is asked, and whom. */

/* Index of the question, added if it is new; SIZE_MAX if there is no room. */
size_t plan_add_question(struct gathering *g, const struct question *q, uint32_t rank);
/* The expected records' questions, then NS and SOA of the apex. */
void plan_expected(struct gathering *g);
/* What one server is asked beside them. */
void plan_once(struct gathering *g);
void plan_apex(struct gathering *g, const struct dns_name *zone);
/* Seats for all servers of the zone; if they are more than the budget allows, some are
 * only asked for the SOA. */
void plan_seats(struct gathering *g, const struct resolver_walk_result *w);
/* Seats for the servers of a zone beyond, at one address each: all of them where the zone
 * lies inside the domain's own, else two. */
void plan_seats_beyond(struct gathering *g, const struct resolver_walk_result *w);
/* The domain's zone, as the one above it says. */
bool plan_is_signed(const struct gathering *g);
/* How many public resolvers may be asked, if so many questions are kept. */
size_t plan_room_for_resolvers(const struct gathering *g, size_t kept);
/* Whether anybody may register below the zone: then it is not the domain's. */
bool plan_is_registry(const struct dns_name *zone);
/* Index of the new seat, or of the same one; SIZE_MAX if there is no room. */
size_t plan_add_seat(struct gathering *g, const struct seat *seat);

/* assemble.c: the observation of what was seen so far. Into the arena; everything that it
 * points at too if `copy`, else it borrows from the gathering. */
void gather_assemble(struct gathering *g, struct arena *a, bool copy,
		     struct observation *out);

/* gather.c: asks, or notes why not; then counts it among the open. */
void gather_ask(struct gathering *g, size_t question, size_t seat);
/* Of anybody. */
bool gather_was_asked(const struct gathering *g, size_t question);
/* At one server, of the zone nearest to the name, that serves it: each in turn, so that
 * none is asked everything. What lies in no zone that is known is walked to. */
void gather_ask_once(struct gathering *g, size_t question);
/* An answer that says something of the records. */
bool gather_is_good(const struct answer *a);
/* A verdict of the validator is there. */
void gather_proved(struct gathering *g);
/* Ends it, without calling back. */
void gather_release(struct gathering *g);
/* Those that are idle are gone. */
void gather_forget(struct probe *p);

/* prove.c: what the validator says of it. */

/* Once the expected questions are planned. */
void prove_plan(struct gathering *g);
/* Asks for the keys beside the records, so that nobody waits for them. */
void prove_fetch(struct gathering *g);
/* What the servers of the zones say is what is validated; it begins with the first of
 * them. */
void prove_show(struct asking *asking, const struct resolver_reply *reply);
/* The validator has had all the time so far: what is open has little more. */
void prove_hurry(struct gathering *g);

/* follow.c: what an answer leads to. */
void follow_answer(struct asking *asking, const struct dns_message *m);
/* Asks the question wherever this name or zone is served. */
void follow_to(struct gathering *g, const struct dns_name *to, size_t question);
/* Asks the question in a zone that nobody has been to yet. */
void follow_elsewhere(struct gathering *g, size_t question);
/* Asks what the expected aliases lead to, while the domain's own zone is walked to. */
void follow_targets(struct gathering *g);
/* Asks the expected questions at the servers that the domain had before. */
void follow_former(struct gathering *g);
void follow_cancel(struct gathering *g);
/* Something that was counted among the open has ended. */
void gather_closed(struct gathering *g);

#endif
