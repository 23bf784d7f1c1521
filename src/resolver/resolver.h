/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * resolver: asking. The only part that sends DNS packets. One resolver belongs to one
 * libuv loop and one thread; everything is asynchronous; callbacks never run inside the
 * call that started the work.
 *
 *   ask       one question to one address: UDP, TCP on truncation or after a near miss;
 *             retries, deadlines, unpredictable ids and ports, 0x20, cookies
 *   walk      from the root (or the deepest cached cut) to the zone that holds a name
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

/* security.md section 2.3, last column. */
enum {
	RESOLVER_QUERIES_MAX = 60,         /* packets out per check */
	RESOLVER_BYTES_MAX = 256 * 1024,   /* bytes in per check */
	RESOLVER_SERVERS_MAX = 13,         /* name servers considered per zone */
	RESOLVER_ADDRESS_FAILURES_MAX = 6, /* name server names without an address */
	RESOLVER_DEPTH_MAX = 16,           /* referrals */
	RESOLVER_CNAME_MAX = 8,
	/* Per server and check; then it is not asked again. */
	RESOLVER_TIMEOUTS_MAX = 3,
	RESOLVER_DESTINATION_MAX = 30, /* packets per address and check */
	RESOLVER_RRSET_MAX = 64,       /* records taken of one set */
};

/* Reads root hints and trust anchor; opens nothing later. config must outlive the
 * resolver. ERR_USAGE for a file that is not what it should be, ERR_UNAVAILABLE for one
 * that cannot be read. */
bool resolver_new(struct uv_loop_s *loop, const struct config *config,
		  struct resolver **out, struct err *e) must_check;
/* Cancels everything, closes all handles; the loop must run once more before it is
 * closed. */
void resolver_free(struct resolver **r);

/* What one check may cost, and what it has cost. Zeroed fields of `spent` only grow. */
struct budget {
	uint32_t queries_left;
	uint32_t bytes_left;
	uint32_t address_failures_left;
	int64_t deadline_us;      /* clock_mono_us */
	uint32_t queries;         /* packets sent */
	uint32_t round_trips;     /* deepest chain so far */
	struct map *destinations; /* address -> packets, timeouts; owned */
};
/* Starts the clock of the whole check (dns.check_timeout_ms). */
void resolver_budget_init(const struct resolver *r, struct budget *b);
void resolver_budget_done(struct budget *b);

struct resolver_reply {
	enum ask_outcome outcome;
	struct address address; /* that was asked */
	bool over_tcp;
	uint32_t rtt_us;
	uint32_t depth; /* round trips of the chain this was the end of */
	/* In the arena given; NULL unless ASK_ANSWERED. */
	const struct dns_message *message;
};
typedef void resolver_ask_fn(void *arg, const struct resolver_reply *reply);

/* What to ask, and whom. */
struct resolver_request {
	struct question question;
	struct address address;
	bool recursion; /* RD=1: a resolver */
	bool trusted;   /* configured by the operator: the guard does not apply */
	bool over_tcp;  /* at once, and not over UDP where that fails: ASK_NO_TCP */
	uint32_t depth; /* round trips that led here */
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

typedef void resolver_validate_fn(void *arg, enum security security, struct str why);
/* NULL (and no callback) when there is no trust anchor. */
struct resolver_validate *resolver_validate_start(struct resolver *r,
						  const struct question *q,
						  int64_t deadline_us,
						  resolver_validate_fn *done, void *arg);
/* No longer than until then: SECURITY_UNCHECKED. */
void resolver_validate_hurry(struct resolver_validate *v, int64_t deadline_us);
void resolver_validate_cancel(struct resolver_validate **v);

/* dns.forward, or an unset address. */
struct address resolver_forward(const struct resolver *r);
/* dns.resolvers; *count_out of them. */
const struct address *resolver_public(const struct resolver *r, size_t *count_out);

struct resolver_counters {
	uint64_t queries_udp;
	uint64_t queries_tcp;
	uint64_t answers;
	uint64_t timeouts;
	uint64_t mismatched;    /* packets that belonged to no question */
	uint64_t send_calls;    /* sendmmsg */
	uint64_t receive_calls; /* recvmmsg */
	uint64_t cached_cuts;
};
void resolver_counters_read(const struct resolver *r, struct resolver_counters *out);

#endif
