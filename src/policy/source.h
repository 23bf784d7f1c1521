/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where an evaluator looks up what the DNS says, and what it would have to know. Part of
 * the door policy.h.
 */
#ifndef POLICY_SOURCE_H
#define POLICY_SOURCE_H

#include "base/base.h"
#include "dns/dns.h"

enum policy_reply {
	POLICY_UNKNOWN, /* not asked yet */
	POLICY_FOUND,   /* records of the type at the end of the aliases */
	POLICY_VOID,    /* NXDOMAIN, or no record of the type */
	POLICY_FAILED,  /* no usable answer: SERVFAIL, timeout, bogus */
};
/* records_out: those of the type alone, owners as they come; lives as long as the
 * source. */
typedef enum policy_reply policy_find_fn(void *arg, const struct dns_name *name,
					 uint16_t type, struct dns_section *records_out);
/* Whether the name exists: POLICY_VOID only for NXDOMAIN (RFC 8020). It is wanted as a
 * question for A. */
typedef enum policy_reply policy_exists_fn(void *arg, const struct dns_name *name);
struct policy_source {
	policy_find_fn *find;
	void *arg;
	policy_exists_fn *exists; /* NULL: every name is taken to exist */
};

enum {
	POLICY_WANTED_MAX = 32
};
struct policy_wanted {
	struct question questions[POLICY_WANTED_MAX];
	size_t count; /* 0: the evaluation is finished */
};
#endif
