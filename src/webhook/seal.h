/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A webhook's keys at rest, bound to its row. Private to webhook. */
#ifndef WEBHOOK_SEAL_H
#define WEBHOOK_SEAL_H

#include "webhook/webhook.h"

/* In clear, for a moment. */
struct webhook_keys {
	struct buf bytes[3];
	struct webhook_signers signers; /* borrow from bytes */
};

/* Sealed for the webhook of this public key. */
void webhook_key_seal(struct buf *out, const uint8_t seal_key[CRYPTO_KEY_LEN],
		      struct str public_key, struct str secret);
/* The old secret only until old_until. ERR_DENIED. Then webhook_keys_wipe. */
bool webhook_keys_open(struct webhook_keys *k, const uint8_t seal_key[CRYPTO_KEY_LEN],
		       const struct webhook_row *row, int64_t now_s, struct err *e)
	must_check;
void webhook_keys_wipe(struct webhook_keys *k);

#endif
