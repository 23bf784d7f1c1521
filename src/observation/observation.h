/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * observation: everything that was seen and nothing that was concluded. A value, filled
 * by probe, judged by diagnose, kept as JSON (schema 1, doc/observation.md).
 *
 *   question  a name and a type            view    somebody who was asked
 *   answer    what one view said to one question, or why it could not be asked
 *   delegation  a zone cut as the parent and as the child give it
 *   registration  what the registry says of the registered domain, where it was asked
 *
 * An observation is built into an arena and lives as long as it. Order of all lists is
 * the order of the plan, not of arrival, so that the same seen gives the same bytes.
 */
#ifndef OBSERVATION_OBSERVATION_H
#define OBSERVATION_OBSERVATION_H

#include "base/base.h"
#include "dns/dns.h"
#include "observation/zone.h"

struct json_t;

enum {
	OBSERVATION_VERSION = 1,
	OBSERVATION_VIEWS_MAX = 64,
	OBSERVATION_ANSWERS_MAX = 2048,
};

enum view_kind {
	VIEW_AUTHORITY, /* a name server of the zone, asked with RD=0 */
	VIEW_RESOLVER,  /* a public one, asked with RD=1: says who remembers what */
	VIEW_FORWARD,   /* dns.forward: one cache, asked instead of the authorities */
};

struct view {
	enum view_kind kind;
	struct dns_name server; /* its name; unset for resolvers and forward */
	struct address address; /* unset when the server's name has no usable address */
	struct dns_name zone;   /* the zone it was asked about (authorities) */
	bool in_parent;         /* authorities: the parent's NS set names it */
	bool in_child;          /* authorities: the zone's own NS set names it */
};

/* How an attempt to ask ended. Only ASK_ANSWERED has a response code. */
enum ask_outcome {
	ASK_ANSWERED,
	ASK_TIMEOUT,     /* no (believable) answer in time, all tries */
	ASK_UNREACHABLE, /* the network said so (ICMP, no route, TCP refused) */
	ASK_MALFORMED,   /* only answers that are not DNS messages */
	ASK_FORBIDDEN,   /* the address guard refuses this address */
	ASK_NO_ADDRESS,  /* the server's name has no address */
	ASK_NO_TCP,      /* truncated over UDP, and TCP did not work */
	ASK_LIMIT,       /* the budget of this check was used up */
};

struct answer {
	struct question question;
	uint16_t view; /* index into observation.views */
	enum ask_outcome outcome;
	uint16_t rcode;
	bool authoritative;
	bool authenticated; /* AD: meaningful from a resolver only */
	bool proven;        /* the validator found an answer like it secure */
	bool over_tcp;
	bool is_referral; /* NOERROR, no AA, NS of a deeper zone in authority */
	bool has_ede;
	uint16_t ede_code;
	uint32_t rtt_us;
	struct dns_section
		records; /* answer section in bailiwick: of the question's name, or of its
				       CNAME chain, without RRSIG */
	bool has_soa;    /* of a negative answer */
	struct dns_name soa_owner;
	uint32_t soa_ttl_s; /* remaining, as seen: a cache counts down */
	struct dns_soa soa;
};

/* One cut on the way from the root to the zone that holds the domain. */
struct delegation {
	struct dns_name zone;
	struct dns_name parent;     /* zone above */
	struct dns_name *parent_ns; /* as the parent refers */
	size_t parent_ns_count;
	struct dns_name
		*child_ns; /* as the zone itself says at its apex; empty if not asked or
				      no answer */
	size_t child_ns_count;
	bool signed_here; /* the parent has DS for it */
};

enum walk_outcome {
	WALK_DONE,      /* reached the zone that holds the domain */
	WALK_NXDOMAIN,  /* a parent says that the name (stopped_at) does not exist */
	WALK_NO_ANSWER, /* no server of stopped_at's zone answered */
	WALK_SERVFAIL,  /* they answered, with errors only (SERVFAIL, REFUSED) */
	WALK_LIMIT,     /* budget or depth */
	WALK_SKIPPED,   /* dns.forward: not walked */
};

enum security {
	SECURITY_UNCHECKED, /* no validator, or it could not tell */
	SECURITY_SECURE,
	SECURITY_INSECURE, /* proved unsigned */
	SECURITY_BOGUS,
};

/* The validator's verdict on one question. */
struct validation {
	struct question question;
	enum security security;
	struct str why; /* of bogus: libunbound's words, foreign bytes possible */
};

enum registration_outcome {
	REGISTRATION_UNKNOWN, /* nobody to ask, or no usable answer */
	REGISTRATION_NONE,    /* the registry has no such domain */
	REGISTRATION_FOUND,
};

/* What the registry says (RDAP, RFC 9083). Texts are foreign bytes. */
struct registration {
	enum registration_outcome outcome;
	struct dns_name domain; /* that was asked about */
	struct str *statuses;   /* "client hold" (RFC 8056), lower case, as they come */
	size_t status_count;
	int64_t registered_at; /* Unix time, 0: not told */
	int64_t expires_at;    /* the same */
	struct str registrar;  /* its name; may be empty */
	struct str source;     /* URL that was asked; empty: none */
};

struct observation {
	struct dns_name domain; /* what was looked at */
	int64_t at_s;           /* Unix time of the beginning */
	uint32_t elapsed_ms;
	enum walk_outcome walk;
	struct dns_name stopped_at; /* walk != DONE: the zone or name where it ended */
	struct dns_name zone; /* walk == DONE: apex of the zone that holds the domain */
	struct delegation *delegations; /* root first; only cuts below the root */
	size_t delegation_count;
	struct view *views;
	size_t view_count;
	struct answer *answers;
	size_t answer_count;
	struct validation *validations;
	size_t validation_count;
	uint32_t queries;      /* packets sent that were questions, retries included */
	uint32_t round_trips;  /* longest chain of questions that waited for each other */
	bool has_registration; /* the registry was asked */
	struct registration registration;
};

/* The answer of a view to a question; NULL if it was not asked. */
const struct answer *observation_find(const struct observation *o,
				      const struct dns_name *name, uint16_t type,
				      size_t view);
/* Whether anybody was asked this. */
bool observation_asked(const struct observation *o, const struct dns_name *name,
		       uint16_t type);

/* A new JSON reference with keys in a fixed order: the caller decrefs it. */
struct json_t *observation_to_json(const struct observation *o);
/* Everything into the arena. ERR_USAGE with the path of what is wrong
 * ("answers[3].rcode"). */
bool observation_from_json(struct arena *a, const struct json_t *json,
			   struct observation *out, struct err *e) must_check;

#endif
