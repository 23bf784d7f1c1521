/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hosted keys: a pool made ahead, then bound to (identity, selector). */
#ifndef STORE_KEY_H
#define STORE_KEY_H

#include "base/base.h"

struct store;

struct key_row {
	int64_t id;
	int64_t identity_id; /* 0: in the pool */
	struct str selector;
	struct str private_sealed; /* crypto_seal of PKCS#8 bound to "key:" and hex
				      SHA-256 of public */
	struct str public_der;
	int64_t published_at; /* in the key zone since; 0 not yet */
	int64_t revoked_at;   /* answers p= (empty) since; 0 not */
};
bool store_key_add(struct store *s, const struct key_row *row, struct err *e) must_check;
bool store_key_pool_size(struct store *s, size_t *count_out, struct err *e) must_check;
/* Binds a key of the pool; false in *bound_out when the pool is empty. */
bool store_key_bind(struct store *s, int64_t identity_id, struct str selector,
		    bool *bound_out, struct err *e) must_check;
/* Identities' selectors that have no key yet. */
bool store_key_missing(struct store *s, struct arena *a, size_t limit,
		       struct key_row **rows_out, size_t *count_out, struct err *e)
	must_check;
bool store_key_find(struct store *s, struct arena *a, int64_t identity_id,
		    struct str selector, struct key_row *out, struct err *e) must_check;
/* All that stand in the zone: bound ones and revoked ones. each() borrows the row. */
bool store_key_each(struct store *s, void (*each)(void *arg, const struct key_row *row),
		    void *arg, struct err *e) must_check;
/* A number that grows with every change of what store_key_each gives, and what it was
 * when the zone was published last (-1: never). */
bool store_key_generation(struct store *s, int64_t *generation_out,
			  int64_t *published_out, struct err *e) must_check;
/* The next zone's serial: max(now_s, last + 1), never the same twice. */
bool store_key_serial_take(struct store *s, int64_t now_s, uint32_t *serial_out,
			   struct err *e) must_check;
/* The zone that `generation` gave is served: its keys may sign. */
bool store_key_published(struct store *s, int64_t generation, int64_t now_s,
			 struct err *e) must_check;

#endif
