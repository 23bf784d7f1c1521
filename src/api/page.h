/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a list goes on: opaque texts that nobody else can make, bound to tenant and
 * list. */
#ifndef API_PAGE_H
#define API_PAGE_H

#include "base/base.h"
#include "crypto/crypto.h"

struct page_seal {
	const uint8_t *key; /* CRYPTO_SHA256_LEN bytes */
	const char *list;   /* "ses", "native" */
	int64_t tenant_id;
};
/* Appends hex: the first 16 bytes of an HMAC, then `after`. */
void page_token_write(struct buf *out, const struct page_seal *s, struct str after);
/* ERR_USAGE if it was not made so. */
bool page_token_parse(struct arena *a, const struct page_seal *s, struct str token,
		      struct str *after_out, struct err *e) must_check;

#endif
