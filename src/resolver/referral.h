/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The usual answer of a parent, read from its bytes: for routes by the ten thousand. What
 * is in any way unusual is left to cut_read; what this reads, cut_read reads alike.
 */
#ifndef RESOLVER_REFERRAL_H
#define RESOLVER_REFERRAL_H

#include "resolver/cut.h"

enum way {
	WAY_DOWN,    /* *out: the cut on the way to the name */
	WAY_INSIDE,  /* no zone begins at the name: it lies in the zone asked */
	WAY_UNUSUAL, /* anything else */
};
/* packet: an answer that fits (wire_answer_fit) the question for NS of `name`, by a
 * server of `zone`; both in lower case. *out is filled with WAY_DOWN only: zone, parent,
 * signed_here, ttl_s and servers; of each name and addresses, the rest as it was. */
enum way referral_read(struct str packet, const struct dns_name *zone,
		       const struct dns_name *name, struct cut *out);

#endif
