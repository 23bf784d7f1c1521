/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a token may do: bits, as the store keeps them, and their words. */
#ifndef SERVICE_SCOPE_H
#define SERVICE_SCOPE_H

#include "base/base.h"

/* The numbers are in databases: none is ever given a new meaning. */
enum scope {
	SCOPE_IDENTITIES_READ = 1 << 0,
	SCOPE_IDENTITIES_WRITE = 1 << 1,
	SCOPE_EVENTS_READ = 1 << 2,
	SCOPE_WEBHOOKS_READ = 1 << 3,
	SCOPE_WEBHOOKS_WRITE = 1 << 4,
	SCOPE_TOKENS_READ = 1 << 5,
	SCOPE_TOKENS_WRITE = 1 << 6,
	SCOPE_SHARES_WRITE = 1 << 7,
	SCOPE_TENANTS_READ = 1 << 8,
	SCOPE_TENANTS_WRITE = 1 << 9,
};
enum {
	/* All that a tenant's token may have, and an operator's. */
	SCOPES_TENANT = (1 << 8) - 1,
	SCOPES_OPERATOR = SCOPE_TENANTS_READ | SCOPE_TENANTS_WRITE | SCOPE_TOKENS_READ |
			  SCOPE_TOKENS_WRITE,
};

/* "identities:read", the one of the lowest bit; NULL for none of ours. */
const char *scope_name(int64_t scopes);
/* The nth scope, 0 behind the last. */
enum scope scope_at(size_t index);
/* "identities:read events:read", blank-separated. */
void scopes_write(struct buf *out, int64_t scopes);
/* Blanks or commas between; "all" is `all`. ERR_USAGE for an unknown word, for one
 * outside `all`, and for none. */
bool scopes_parse(struct str text, int64_t all, int64_t *out, struct err *e) must_check;

#endif
