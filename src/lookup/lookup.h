/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lookup: a name and a type in, what the DNS says of it out: our own walk, the
 * authorities, aliases followed, and the validator's word. For the commands that evaluate
 * (`spf`, `dmarc`) or show one question (`resolve`, `trace`). With dns.forward the one
 * cache is asked instead.
 */
#ifndef LOOKUP_LOOKUP_H
#define LOOKUP_LOOKUP_H

#include "base/base.h"
#include "config/config.h"
#include "observation/observation.h"
#include "resolver/resolver.h"

struct lookup;

/* A server asked on the way, in order. */
struct lookup_step {
	struct dns_name zone; /* that it serves; unset: a forwarder */
	struct dns_name server;
	struct address address;
	struct question question;
	enum ask_outcome outcome;
	uint16_t rcode;
	bool is_referral;
	struct dns_name to; /* referral, alias: where it leads */
	uint32_t rtt_us;
};

struct lookup_answer {
	struct question question;
	enum ask_outcome outcome;   /* ASK_ANSWERED, or why nothing could be found out */
	uint16_t rcode;             /* of the last link of the aliases */
	struct dns_section records; /* aliases first, then those of the type */
	bool has_soa;               /* of a negative answer */
	struct dns_name soa_owner;
	uint32_t soa_ttl_s;
	struct dns_soa soa;
	enum security security;
	struct str why; /* of bogus */
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

#endif
