/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which addresses may be talked to at all, by DNS and by HTTP: the IANA special-purpose
 * registries. */
#ifndef DNS_GUARD_H
#define DNS_GUARD_H

#include "base/base.h"
#include "dns/address.h"

enum {
	GUARD_ALLOWED_MAX = 64,
	GUARD_OWN_MAX = 64
};

struct network {
	uint8_t family; /* 4, 6 */
	uint8_t prefix; /* bits */
	uint8_t bytes[16];
};

struct guard {
	struct network allowed[GUARD_ALLOWED_MAX]; /* the operator's exceptions */
	size_t allowed_count;
	struct address own[GUARD_OWN_MAX]; /* of this machine's interfaces */
	size_t own_count;
};

/* "192.0.2.0/24", "2001:db8::/32", or a single address. Bits behind the prefix must be
 * 0. */
bool network_parse(struct str text, struct network *out) must_check;
void network_write(struct buf *out, const struct network *n);
bool network_holds(const struct network *n, const struct address *a);

/* items as in dns.allow_addresses; ERR_USAGE with the one that is wrong and the option
 * that it stands in. */
bool guard_init(struct guard *g, const char *option, const struct str *items,
		size_t count, struct err *e) must_check;
/* Adds the addresses of this machine's interfaces to what is refused. */
void guard_add_interfaces(struct guard *g);
bool guard_allows(const struct guard *g, const struct address *a);

/* Every network that is refused, the allowed ones cut out, as few as possible: for a
 * library that only knows what to refuse. */
typedef void guard_network_fn(void *arg, const struct network *n);
void guard_each_refused(const struct guard *g, guard_network_fn *f, void *arg);

#endif
