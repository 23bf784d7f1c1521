/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What answers in place of a CNAME that is not there although its name is: a proxy, the
 * target's own addresses (flattening), nothing, or the key itself. The decision table of
 * U401, U402 and U403. Private to diagnose.
 */
#ifndef DIAGNOSE_INSTEAD_H
#define DIAGNOSE_INSTEAD_H

#include "diagnose/rules.h"

enum instead_kind {
	INSTEAD_NOTHING,   /* none of these can be said */
	INSTEAD_PROXIED,   /* addresses of Cloudflare: U401 */
	INSTEAD_FLATTENED, /* the addresses of the target: U402 */
	INSTEAD_EMPTY, /* no address and no text, where flattening is possible: U402 */
	INSTEAD_KEY,   /* the target's key itself: U402, and it works */
	INSTEAD_PROXY, /* addresses of another proxy: U403 */
};

struct instead {
	enum instead_kind kind;
	enum confidence confidence;
	struct str proxy; /* its name */
};

void instead_find(const struct diagnosis *d, const struct record_case *r,
		  struct instead *out);
/* The text of a key stands at the name itself: nothing was misplaced. */
bool instead_has_key(const struct diagnosis *d, const struct record_case *r);
/* rule.more: addresses and texts at the name and at its target. */
size_t instead_more(const struct diagnosis *d, const struct record_case *r,
		    struct question out[MORE_MAX]);
/* Adds what was answered at the name: that there is no CNAME, and addresses or text. */
void instead_add_evidence(struct diagnosis *d, struct finding *f, struct record_case *r);

/* The next record from the *at-th on that nothing explains yet, and in whose place this
 * kind of thing stands; NULL: there is none. */
struct record_case *instead_next(struct diagnosis *d, enum instead_kind kind, size_t *at,
				 struct instead *out);

#endif
