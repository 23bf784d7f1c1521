/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lookup: a name and a type in, what the DNS says of it out: our own walk, the
 * authorities, aliases followed, and the validator's word. For the commands that evaluate
 * (`spf`, `dmarc`) or show how a name is served (`resolve`, `trace`, `propagation`). With
 * dns.forward the one cache is asked instead. All calls block, none longer than
 * dns.check_timeout_ms and a little; lookup_propagation and lookup_trace, which ask in
 * turns, twice that.
 */
#ifndef LOOKUP_LOOKUP_H
#define LOOKUP_LOOKUP_H

#include "base/base.h"
#include "config/config.h"
#include "observation/observation.h"
#include "resolver/resolver.h"

struct lookup;

/* A server asked on the way, in order; is_referral without an address: a cut that was in
 * the cache. */
struct lookup_step {
	struct dns_name zone;   /* that it serves; unset: a forwarder */
	struct dns_name server; /* unset: a forwarder, or the cache */
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
/* All at once. The caller bounds how many. */
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

/* --- public resolvers --- */

/* A resolver that everybody may ask, from data/resolvers. */
struct lookup_public {
	const char *id;       /* "quad9-unfiltered" */
	const char *operator; /* "Quad9" */
	const char *region;   /* "global", "Japan" */
	const char *addresses[4];
	size_t address_count; /* 0: it speaks only DNS over HTTPS or TLS */
	unsigned languages;   /* 1u << LANG_JA ...: asked by default in these */
};
const struct lookup_public *lookup_public_at(size_t index); /* NULL behind the last */

/* What one of them remembers, held against what the authorities have. */
enum memory {
	MEMORY_AGREES,
	MEMORY_OLD,      /* other records */
	MEMORY_NEGATIVE, /* that there were none */
	MEMORY_ERROR,    /* SERVFAIL, REFUSED ...: says nothing about its memory */
	MEMORY_UNKNOWN,  /* could not be asked */
};
struct propagation_view {
	const struct lookup_public *who; /* NULL: not a known one */
	struct address address;          /* family 0: has none that can be asked */
	enum memory memory;
	enum ask_outcome outcome;
	uint16_t rcode;
	bool authenticated;         /* AD */
	struct dns_section records; /* of the type asked, behind the aliases */
	uint32_t ttl_s;             /* that is left of it; of an error 0 */
	int64_t until_s;            /* OLD, NEGATIVE: forgotten then; else 0 */
	uint32_t rtt_us;
};
/* One of the zone's own servers. */
struct propagation_server {
	struct dns_name name;
	struct address address;
	enum ask_outcome outcome;
	uint16_t rcode;
	bool is_lame;
	bool agrees;                /* with the first that answered */
	struct dns_section records; /* of the type asked, and aliases */
};
struct propagation {
	struct lookup_answer truth; /* what the authorities have */
	bool is_known;              /* truth is one, and all servers agree on it */
	struct propagation_server *servers;
	size_t server_count;
	struct propagation_view *views;
	size_t view_count;
	size_t counts[MEMORY_UNKNOWN + 1]; /* of views */
	int64_t agree_s; /* everybody asked agrees from then on; 0: not known */
};
/* One question to the authorities, then one to each resolver (dns.resolvers where set,
 * else the known ones of the language; none where the authorities have not one word).
 * With dns.forward that one is taken for the authority. */
void lookup_propagation(struct lookup *l, struct arena *a, const struct question *q,
			enum lang lang, int64_t now_s, struct propagation *out);

/* --- the delegation --- */

enum {
	TRACE_ZONES_MAX = RESOLVER_DEPTH_MAX,
	TRACE_SERVERS_MAX = 2 * RESOLVER_SERVERS_MAX, /* addresses are told apart */
};

/* One address of a name server of a zone. */
struct trace_server {
	struct dns_name name;
	struct address address; /* unset: has none, see outcome */
	bool in_parent;
	bool in_child;
	enum ask_outcome outcome; /* over UDP */
	uint16_t rcode;
	bool authoritative;
	bool is_lame; /* answers, but does not serve the zone */
	bool has_soa;
	uint32_t serial;
	uint32_t rtt_us;
	bool tcp_asked;
	enum ask_outcome tcp;
};
struct trace_zone {
	struct dns_name zone;
	struct dns_name parent;     /* unset: the root */
	bool is_registry;           /* root, or where anybody may register below */
	bool signed_here;           /* the parent has DS for it */
	struct dns_name *parent_ns; /* of the root: from the hints */
	size_t parent_ns_count;
	struct dns_name *child_ns; /* all that its servers name; empty: not known */
	size_t child_ns_count;
	struct trace_server *servers; /* of a registry only a few are asked */
	size_t server_count;
};
struct trace {
	struct dns_name domain;
	enum walk_outcome walk;
	struct dns_name stopped_at;
	struct trace_zone *zones; /* root first */
	size_t zone_count;
	enum security security; /* of the last zone */
	struct str why;         /* foreign bytes */
};
/* dns.forward must not be set. */
void lookup_trace(struct lookup *l, struct arena *a, const struct dns_name *domain,
		  struct trace *out);

#endif
