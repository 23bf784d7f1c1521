/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crypto: the only user of OpenSSL (EVP, and TLS between our own programs). Random bytes,
 * hashes, sealing at rest, RSA keys, mutual TLS. Randomness is getrandom(2); if that
 * fails the process ends. Failures inside OpenSSL that cannot come from input end the
 * process too.
 */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H

#include "base/base.h"
#include "crypto/ed25519.h"
#include "crypto/tls.h"

enum {
	CRYPTO_SHA256_LEN = 32,
	CRYPTO_KEY_LEN = 32, /* of a sealing key */
};

void crypto_random(void *out, size_t len);
/* Uniform in [0, below), below > 0. */
uint32_t crypto_random_below(uint32_t below);

void crypto_sha256(struct str data, uint8_t out[CRYPTO_SHA256_LEN]);
void crypto_hmac_sha256(struct str key, struct str data, uint8_t out[CRYPTO_SHA256_LEN]);
/* For data that comes in pieces. */
struct crypto_hash;
struct crypto_hash *crypto_hash_new(void);
void crypto_hash_add(struct crypto_hash *h, struct str data);
void crypto_hash_finish(struct crypto_hash *h, uint8_t out[CRYPTO_SHA256_LEN]);
void crypto_hash_free(struct crypto_hash **h);

/* Constant time for equal lengths. */
bool crypto_equal(struct str a, struct str b);
void crypto_wipe(void *p, size_t len);

/* AES-256-GCM: output is one version byte, 12 bytes nonce, ciphertext, 16 bytes tag.
 * `bound` is authenticated, not stored: it says where the secret belongs (table, row). */
void crypto_seal(struct buf *out, const uint8_t key[CRYPTO_KEY_LEN], struct str bound,
		 struct str secret);
/* ERR_DENIED if it was not sealed with this key for this place. */
bool crypto_open(struct buf *out, const uint8_t key[CRYPTO_KEY_LEN], struct str bound,
		 struct str sealed, struct err *e) must_check;
/* Reads the sealing key (64 hex digits) from a file; makes the file (mode 0600) when
 * it is missing and `create`. Refuses a file that others can use; one that is not ours
 * may be readable by its group, as systemd hands out credentials. */
bool crypto_key_load(const char *path, bool create, uint8_t out[CRYPTO_KEY_LEN],
		     struct err *e) must_check;

/* An RSA private key. */
struct crypto_rsa;
/* bits 2048 to 4096, e = 65537. Takes some hundred milliseconds of CPU. */
struct crypto_rsa *crypto_rsa_new(unsigned bits);
/* PKCS#8 DER. */
bool crypto_rsa_read(struct str der, struct crypto_rsa **out, struct err *e) must_check;
void crypto_rsa_write(const struct crypto_rsa *k, struct buf *out);
/* DER SubjectPublicKeyInfo, what DKIM's p= holds in base64 (RFC 6376 section 3.6.1). */
void crypto_rsa_write_public(const struct crypto_rsa *k, struct buf *out);
/* PKCS#1 v1.5 with SHA-256 over a digest already made; appends the signature. */
void crypto_rsa_sign_sha256(const struct crypto_rsa *k,
			    const uint8_t digest[CRYPTO_SHA256_LEN], struct buf *out);
void crypto_rsa_free(struct crypto_rsa **k);

#endif
