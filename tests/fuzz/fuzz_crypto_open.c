/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealed secrets and private keys of any bytes: refused, since nobody here has the
 * key. */
#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t key[CRYPTO_KEY_LEN];
	struct str bytes = str_of(data, size);
	struct crypto_rsa *rsa = NULL;
	struct err e = { 0 };
	auto_buf struct buf out;

	buf_init(&out, 65536);
	if (crypto_open(&out, key, STR("place"), bytes, &e))
		__builtin_trap();
	if (crypto_rsa_read(bytes, &rsa, &e))
		crypto_rsa_write_public(rsa, &out);
	crypto_rsa_free(&rsa);
	return 0;
}
