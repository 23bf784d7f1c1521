/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A zone cut as a parent refers to it: what a walk goes along, and what is cached. */
#ifndef RESOLVER_CUT_H
#define RESOLVER_CUT_H

#include "dns/dns.h"
#include "observation/observation.h"
#include "resolver/resolver.h"

struct cut_server {
	struct dns_name name;
	struct address v4; /* family 0: not known */
	struct address v6;
	bool failed; /* was looked up in vain, and why: */
	enum ask_outcome outcome;
};

struct cut {
	struct dns_name zone;
	struct dns_name parent;
	bool signed_here;
	bool from_cache;
	struct resolver_teller teller;
	uint32_t ttl_s;
	size_t server_count;
	struct cut_server servers[RESOLVER_SERVERS_MAX];
};

enum referral {
	REFERRAL_CUT,  /* *out: a cut below `zone` on the way to `name` */
	REFERRAL_NONE, /* nothing of the kind */
};

/*
 * Reads the cut from an answer that a server of `zone` gave about `name`. Bailiwick:
 * only a cut below `zone` and at or above `name`; an address only of a name within
 * `zone`, which this server may speak about. Takes NS from the authority section, or,
 * where the server has the child too, from an authoritative answer.
 */
enum referral cut_read(struct arena *a, const struct dns_message *m,
		       const struct dns_name *zone, const struct dns_name *name,
		       struct cut **out);

/* Whether `m`, in which `other` was read, says the same as `c`: of the two sets of
 * servers one may be larger, but no address differs. */
bool cut_agrees(const struct cut *c, const struct cut *other,
		const struct dns_message *m);

struct cut_server *cut_server_find(struct cut *c, const struct dns_name *name);
bool cut_server_has_address(const struct cut_server *s);
/* Of any server. */
bool cut_has_address(const struct cut *c);
/* Takes the first A or AAAA of `owner` in a section; false if there is none. */
bool cut_address_take(const struct dns_section *section, const struct dns_name *owner,
		      struct cut_server *s);

#endif
