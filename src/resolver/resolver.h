/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * resolver: asking. The only part that sends DNS packets. One resolver belongs to one
 * libuv loop and one thread; everything is asynchronous; callbacks never run inside the
 * call that started the work.
 *
 *   ask       one question to one address: UDP, TCP on truncation or after a near miss;
 *             retries, deadlines, unpredictable ids and ports, 0x20, cookies
 *   walk      from the root (or the deepest cached cut) to the zone that holds a name
 *   volley    many questions at once, answers handed over as bytes; route: where to
 *   validate  libunbound's verdict on a question: secure, insecure, bogus
 *   budget    what one check may cost, shared by all its asks and walks
 *   guard     which addresses may be talked to at all (security.md section 5)
 *
 * Delegations and server addresses are cached; answers about records never are. Order:
 * new, any number of starts, free; never free from inside a callback.
 */
#ifndef RESOLVER_RESOLVER_H
#define RESOLVER_RESOLVER_H

#include "base/base.h"
#include "config/config.h"
#include "dns/dns.h"
#include "observation/observation.h"

struct uv_loop_s;
struct resolver;
struct resolver_ask;
struct resolver_walk;
struct resolver_lookup;
struct resolver_validate;
struct proof;

/* security.md section 2.3, last column. */
enum {
	RESOLVER_QUERIES_MAX = 60,         /* packets out per check */
	RESOLVER_RECORD_MAX = 24,          /* questions asked because of one */
	RESOLVER_BYTES_MAX = 256 * 1024,   /* bytes in per check */
	RESOLVER_SERVERS_MAX = 13,         /* name servers considered per zone */
	RESOLVER_ADDRESS_FAILURES_MAX = 6, /* name server names without an address */
	RESOLVER_DEPTH_MAX = 16,           /* referrals */
	RESOLVER_CNAME_MAX = 8,
	/* Per server and check; then it is not asked again. */
	RESOLVER_TIMEOUTS_MAX = 3,
	RESOLVER_DESTINATION_MAX = 30, /* packets per address and check */
	/* Per address and check, of whom is not seen to serve the zone that the
	 * check is about: it may be anybody's. */
	RESOLVER_BYSTANDER_MAX = 10,
	RESOLVER_NETWORK_MAX = 40, /* the same, per /24 or /48 */
	RESOLVER_RRSET_MAX = 64,   /* records taken of one set */
};

/* Makes the loop that a resolver is to belong to. ERR_UNAVAILABLE where the process may
 * not open as many files; then there is nothing to close. */
bool resolver_loop_open(struct uv_loop_s *loop, struct err *e) must_check;
/* Reads root hints and trust anchor; opens nothing later. config must outlive the
 * resolver. ERR_USAGE for a file that is not what it should be, ERR_UNAVAILABLE for one
 * that cannot be read. */
bool resolver_new(struct uv_loop_s *loop, const struct config *config,
		  struct resolver **out, struct err *e) must_check;
/* Cancels everything, closes all handles; the loop must run once more before it is
 * closed. */
void resolver_free(struct resolver **r);

/* About so many questions will be asked soon. What they need is made ready while the
 * answers to those that are asked now are awaited: for a process that does one check. */
void resolver_expect(struct resolver *r, size_t questions);

/* What one check may cost, and what it has cost. Zeroed fields of `spent` only grow. */
struct budget {
	uint32_t queries_left;
	uint32_t reserved; /* beside those, for the validator */
	uint32_t bytes_left;
	uint32_t address_failures_left;
	int64_t deadline_us;      /* clock_mono_us */
	uint32_t queries;         /* packets sent */
	uint32_t round_trips;     /* deepest chain so far */
	struct map *destinations; /* address -> packets, timeouts; owned */
	struct dns_name blamed;   /* across checks the packets are put down to it */
	struct proof *proof;      /* of its validations; owned */
};
/* Starts the clock of the whole check (dns.check_timeout_ms). */
void resolver_budget_init(const struct resolver *r, struct budget *b);
void resolver_budget_done(struct budget *b);
/* So many packets were sent for the check before: they are gone. */
void resolver_budget_spent(struct budget *b, uint32_t queries);
/* Keeps so many packets for what the validator wants to know. */
void resolver_budget_reserve(struct budget *b, uint32_t queries);
/* Whose contents decide where the packets go: the domain that somebody registered, in
 * which this name is. Without it only the limits per check and per destination hold. */
void resolver_budget_blame(struct budget *b, const struct dns_name *name);

struct resolver_reply {
	enum ask_outcome outcome;
	struct address address; /* that was asked */
	bool over_tcp;
	uint32_t rtt_us;
	uint32_t depth; /* round trips of the chain this was the end of */
	/* In the arena given; NULL unless ASK_ANSWERED. */
	const struct dns_message *message;
	struct str packet; /* the same as it came; borrowed for the call */
};
typedef void resolver_ask_fn(void *arg, const struct resolver_reply *reply);

/* What to ask, and whom. */
struct resolver_request {
	struct question question;
	struct address address;
	bool recursion;         /* RD=1: a resolver */
	bool checking_disabled; /* CD=1: what is bogus is not kept from us */
	bool trusted;           /* configured by the operator: the guard does not apply */
	bool over_tcp;        /* at once, and not over UDP where that fails: ASK_NO_TCP */
	uint32_t depth;       /* round trips that led here */
	struct dns_name zone; /* that it shall serve; unset: not known */
	bool is_own;          /* ... which is the zone that the check is about */
};
/* Always calls back exactly once, unless cancelled. */
struct resolver_ask *resolver_ask_start(struct resolver *r, struct budget *b,
					struct arena *a,
					const struct resolver_request *request,
					resolver_ask_fn *done, void *arg);
void resolver_ask_cancel(struct resolver_ask **ask);

/* A server of the zone reached: its name and the addresses that may be asked. */
struct resolver_server {
	struct dns_name name;
	struct address *addresses; /* at most one IPv4 and one IPv6 */
	size_t address_count;      /* 0: none found, see outcome */
	/* ASK_ANSWERED if there are addresses; else why not: ASK_NO_ADDRESS,
	 * ASK_FORBIDDEN, ASK_UNREACHABLE (no route), ASK_TIMEOUT, ASK_LIMIT. */
	enum ask_outcome outcome;
	struct address refused; /* without addresses: one that may not be asked */
};
/* Who referred to a zone. */
struct resolver_teller {
	struct dns_name server; /* unset: nobody was asked, it was in the cache */
	struct address address;
	uint32_t rtt_us;
};
struct resolver_walk_result {
	enum walk_outcome outcome;
	struct dns_name stopped_at;
	struct dns_name zone;
	struct delegation *delegations; /* child_ns empty: the walk does not ask for it */
	struct resolver_teller *tellers; /* of each delegation */
	size_t delegation_count;
	struct resolver_server *servers; /* of zone, as the parent names them, by name */
	size_t server_count;
	uint32_t depth;
};
typedef void resolver_walk_fn(void *arg, const struct resolver_walk_result *result);

/* To the deepest zone at or above `name` that the parents' referrals lead to.
 * WALK_NXDOMAIN: `zone` (with its servers) is who denies stopped_at, the topmost name
 * that does not exist. Walks and lookups count their round trips on top of those that
 * the budget has seen. Result into the arena. Calls back exactly once, unless
 * cancelled. */
struct resolver_walk *resolver_walk_start(struct resolver *r, struct budget *b,
					  struct arena *a, const struct dns_name *name,
					  resolver_walk_fn *done, void *arg);
void resolver_walk_cancel(struct resolver_walk **walk);
/* Forgets cached cuts at and below `zone`: a delegation was seen to have changed. */
void resolver_forget(struct resolver *r, const struct dns_name *zone);

/* The addresses of a name server that no referral names. Result into the arena. */
typedef void resolver_lookup_fn(void *arg, const struct resolver_server *server,
				uint32_t depth);
struct resolver_lookup *resolver_lookup_start(struct resolver *r, struct budget *b,
					      struct arena *a,
					      const struct dns_name *name,
					      resolver_lookup_fn *done, void *arg);
void resolver_lookup_cancel(struct resolver_lookup **lookup);

/*
 * What the validator wants to know besides the question it asks through us, in the
 * name of the check, inside its budget. To spare it that: show it the answers that the
 * check has, and fetch the keys on the way beside other questions. b and a must
 * outlive all of it.
 */
typedef void resolver_validate_fn(void *arg, enum security security, struct str why);
/* There is a trust anchor. */
bool resolver_validates(const struct resolver *r);
/* NULL (and no callback) when there is no trust anchor. Ends with the budget's time. */
struct resolver_validate *resolver_validate_start(struct resolver *r, struct budget *b,
						  struct arena *a,
						  const struct question *q,
						  resolver_validate_fn *done, void *arg);
/* The reply to q, still to be validated. *proven is set once the validator has found an
 * answer that says the same secure; until the budget is done. */
void resolver_validate_show(struct resolver *r, struct budget *b, struct arena *a,
			    const struct question *q, const struct resolver_reply *reply,
			    bool *proven);
/* Keys and DS of these zones and the root, as far as it does not have them. */
void resolver_validate_fetch(struct resolver *r, struct budget *b, struct arena *a,
			     const struct delegation *way, size_t count);
/* Does now what would be done at the first question: loads, opens. For a process
 * that can do so no later. Nothing, when there is no trust anchor. */
void resolver_validate_prepare(struct resolver *r);
/* No longer than until then: SECURITY_UNCHECKED. */
void resolver_validate_hurry(struct resolver_validate *v, int64_t deadline_us);
void resolver_validate_cancel(struct resolver_validate **v);

/* Volleys: the questions of one domain put at once, for glances. No budget, no TCP, no
 * evidence of failures; the answers are handed over as they came. */
enum {
	VOLLEY_ASKS_MAX = 16
};
struct volley;
struct volley_ask {
	const struct dns_name *name; /* borrowed for the call */
	uint16_t type;
	struct address address;
};
/* Once per question, in any order, never inside volley_start. packet: an answer whose
 * address, id, question (its letters too) and cookie were seen to fit, and all of whose
 * records are whole; its flags and what its records say are the caller's to judge.
 * Borrowed for the call. Empty: nothing of use (silence, a near miss, truncation, an
 * address that may not be asked); a proper look is due. */
typedef void volley_fn(void *arg, size_t index, struct str packet);
/* count: 1 to VOLLEY_ASKS_MAX. The volley is gone when the call about its last question
 * returns. volley_fn may start others, and cancel this one. */
struct volley *volley_start(struct resolver *r, const struct volley_ask *asks,
			    size_t count, volley_fn *answered, void *arg);
void volley_cancel(struct volley **v);
/* Packets sent so far. */
uint32_t volley_queries(const struct volley *v);

/* Routes: the way to the zone that holds a name, for volleys. */
struct resolver_route {
	struct dns_name zone;  /* unset: not found; a proper look is due */
	bool needs_validation; /* signed, or that is not known; and there is an anchor */
	uint32_t queries;      /* packets that this took */
	size_t address_count;  /* at least one where a zone is found */
	/* One of each name server, that may be asked. */
	struct address addresses[RESOLVER_SERVERS_MAX];
};
/* From what is cached, at once and without a packet; false: not known. */
bool resolver_route_find(struct resolver *r, const struct dns_name *name,
			 struct resolver_route *out) must_check;
/* Asks for what is not cached; searches for many names share what they ask. Calls back
 * exactly once, unless cancelled; the route is borrowed for the call. Without a zone
 * where anything is unusual. */
struct resolver_route_search;
typedef void resolver_route_fn(void *arg, const struct resolver_route *route);
struct resolver_route_search *resolver_route_start(struct resolver *r,
						   const struct dns_name *name,
						   resolver_route_fn *done, void *arg);
void resolver_route_cancel(struct resolver_route_search **s);

/* dns.forward, or an unset address. */
struct address resolver_forward(const struct resolver *r);
/* dns.resolvers; *count_out of them. */
const struct address *resolver_public(const struct resolver *r, size_t *count_out);

#endif
