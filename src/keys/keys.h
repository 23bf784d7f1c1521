/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * keys: hosted DKIM keys and how they get into the DNS. RSA-2048, made ahead into a pool,
 * sealed at rest; published as a zone file that is replaced whole and reloaded by a
 * command.
 */
#ifndef KEYS_KEYS_H
#define KEYS_KEYS_H

#include "base/base.h"
#include "config/config.h"
#include "crypto/crypto.h"
#include "store/store.h"

/* Blocking work for a worker thread with its own store: makes at most one key when the
 * pool is below keys.pool or an identity lacks one, binds keys to selectors that lack
 * them. *more_out: call again. */
bool keys_fill(struct store *s, const struct config *config,
	       const uint8_t seal_key[CRYPTO_KEY_LEN], bool *more_out, struct err *e)
	must_check;

/* Whose turn it is to publish: who has the role of the keys, until when, and when this
 * is. Without a fence nobody else is there. */
struct keys_turn {
	struct lease lease;
	int64_t until_s;
	int64_t now_s;
};
/* Writes the zone file if the store's key generation is newer than what was published,
 * runs keys.reload (no shell, 30 s at most) and marks the keys as published when that
 * succeeded. Does nothing without keys.zone_file. Serial grows always. ERR_CONFLICT:
 * somebody else has the role by now; nothing is marked. */
bool keys_publish(struct store *s, const struct config *config,
		  const struct keys_turn *turn, bool *changed_out, struct err *e)
	must_check;
/* The same, whatever was published before: by another machine, into another file. */
bool keys_publish_again(struct store *s, const struct config *config,
			const struct keys_turn *turn, bool *changed_out, struct err *e)
	must_check;

/* The signing key of an identity: its first selector that has a published key.
 * ERR_NOT_FOUND. */
struct keys_signer {
	struct str selector;
	struct crypto_rsa *key; /* freed with the arena */
};
bool keys_signer_find(struct store *s, struct arena *a,
		      const uint8_t seal_key[CRYPTO_KEY_LEN],
		      const struct identity_row *identity, struct keys_signer *out,
		      struct err *e) must_check;

/* CREDENTIALS/unpend.secret where that file exists (credentials is $CREDENTIALS_DIRECTORY
 * or NULL), else keys.secret_file (made when missing and `create`). */
bool keys_secret_load(const struct config *config, const char *credentials, bool create,
		      uint8_t out[CRYPTO_KEY_LEN], struct err *e) must_check;

#endif
