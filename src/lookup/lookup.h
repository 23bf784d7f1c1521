/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lookup: a name and a type in, what the DNS says of it out: our own walk, the
 * authorities, aliases followed, and the validator's word. For the commands that evaluate
 * (`spf`, `dmarc`) or show how a name is served (`resolve`, `trace`, `propagation`). With
 * dns.forward the one cache is asked instead. All calls block, none longer than
 * dns.check_timeout_ms and a little.
 */
#ifndef LOOKUP_LOOKUP_H
#define LOOKUP_LOOKUP_H

#include "base/base.h"
#include "config/config.h"
#include "observation/observation.h"
#include "resolver/resolver.h"

struct lookup;

/* A server asked on the way, in order; or a cut that the walk went through: is_referral
 * without an address, for who told it is not kept. */
struct lookup_step {
	struct dns_name zone;   /* that it serves; unset: a forwarder */
	struct dns_name server; /* unset: a forwarder, or a cut */
	struct address address;
	struct question question;
	enum ask_outcome outcome;
	uint16_t rcode;
	bool is_lame; /* it answered, but not as one who serves the zone */
	bool is_referral;
	struct dns_name to; /* referral, alias: where it leads; unset: nowhere */
	bool over_tcp;
	uint32_t rtt_us;
};

struct lookup_answer {
	struct question question;
	enum ask_outcome outcome; /* ASK_ANSWERED, or why nothing could be found out */
	/* Of the last link of the aliases. Neither NOERROR nor NXDOMAIN: what a server
	 * said where none had a usable answer. */
	uint16_t rcode;
	bool too_many_aliases;      /* or a loop; outcome is ASK_LIMIT then */
	struct dns_section records; /* aliases first, then those of the type */
	size_t alias_count;         /* of records: CNAME and DNAME that were followed */
	bool has_soa;               /* of a negative answer */
	struct dns_name soa_owner;
	uint32_t soa_ttl_s;
	struct dns_soa soa;
	enum security security;
	struct str why; /* of bogus: foreign bytes */
	struct lookup_step *steps;
	size_t step_count;
};

/* ERR as resolver_new. config must outlive the lookup. */
bool lookup_new(const struct config *config, struct lookup **out, struct err *e)
	must_check;
void lookup_free(struct lookup **l);
/* All at once, each with a budget of its own; blocks until all have ended, at most
 * dns.check_timeout_ms. validate: ask the validator too. Answers into the arena. */
void lookup_ask(struct lookup *l, struct arena *a, const struct question *questions,
		size_t count, bool validate, struct lookup_answer *out);
/* There are records of the type asked at the end of the aliases. */
bool lookup_has_records(const struct lookup_answer *answer);

/* One question to one address, as it stands: no walk, no alias followed. */
struct lookup_view {
	struct question question;
	struct address address;
	bool recursion; /* RD=1; a resolver that the operator named: no guard */
	bool over_tcp;  /* at once, not only after truncation */
	struct resolver_reply reply; /* filled; message in the arena */
};
/* All at once, the packets out of one budget. */
void lookup_ask_each(struct lookup *l, struct arena *a, struct lookup_view *views,
		     size_t count);
/* As resolver_walk_start. */
void lookup_walk(struct lookup *l, struct arena *a, const struct dns_name *name,
		 struct resolver_walk_result *out);
/* The addresses of name servers that no referral named, all at once. */
void lookup_find_servers(struct lookup *l, struct arena *a, const struct dns_name *names,
			 size_t count, struct resolver_server *out);
/* One verdict, without asking anybody ourselves. */
enum security lookup_validate(struct lookup *l, struct arena *a, const struct question *q,
			      struct str *why_out);

#endif
