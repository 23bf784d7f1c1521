/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RSA keys: written and read again they sign alike, and OpenSSL itself accepts the
 * signature. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "crypto/crypto.h"

static struct crypto_rsa *key;

static int make_key(void **state unused_arg)
{
	key = crypto_rsa_new(2048);
	return 0;
}

static int drop_key(void **state unused_arg)
{
	crypto_rsa_free(&key);
	return key != NULL;
}

static bool verify(struct str public_der, struct str text, struct str signature)
{
	const uint8_t *at = (const uint8_t *)public_der.data;
	EVP_PKEY *public_key = d2i_PUBKEY(NULL, &at, (long)public_der.len);
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	assert_non_null(public_key);
	assert_int_equal(EVP_PKEY_get_bits(public_key), 2048);
	assert_int_equal(EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, public_key),
			 1);
	bool right = EVP_DigestVerify(c, (const uint8_t *)signature.data, signature.len,
				      (const uint8_t *)text.data, text.len) == 1;
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(public_key);
	return right;
}

static void a_signature_verifies_with_the_public_key(void **state unused_arg)
{
	uint8_t digest[CRYPTO_SHA256_LEN];
	auto_buf struct buf signature;
	buf_init(&signature, 1024);
	auto_buf struct buf public_der;
	buf_init(&public_der, 1024);

	crypto_sha256(STR("what is signed"), digest);
	crypto_rsa_sign_sha256(key, digest, &signature);
	crypto_rsa_write_public(key, &public_der);
	assert_int_equal(signature.len, 256);
	assert_true(verify(buf_view(&public_der), STR("what is signed"),
			   buf_view(&signature)));
	assert_false(
		verify(buf_view(&public_der), STR("what is not"), buf_view(&signature)));
}

static void a_key_written_and_read_again_signs_alike(void **state unused_arg)
{
	static const uint8_t digest[CRYPTO_SHA256_LEN] = { 42 };
	struct crypto_rsa *again = NULL;
	struct err e = { 0 };
	auto_buf struct buf der;
	buf_init(&der, 8192);
	auto_buf struct buf one;
	buf_init(&one, 1024);
	auto_buf struct buf two;
	buf_init(&two, 1024);

	crypto_rsa_write(key, &der);
	assert_true(crypto_rsa_read(buf_view(&der), &again, &e));
	crypto_rsa_sign_sha256(key, digest, &one);
	crypto_rsa_sign_sha256(again, digest, &two);
	assert_true(str_equal(buf_view(&one), buf_view(&two)));
	crypto_rsa_free(&again);
}

static void what_is_no_rsa_key_is_refused(void **state unused_arg)
{
	struct crypto_rsa *none = NULL;
	struct err e = { 0 };
	auto_buf struct buf der;
	buf_init(&der, 8192);

	crypto_rsa_write(key, &der);
	for (size_t len = 0; len < der.len; len += 7)
		assert_false(crypto_rsa_read(str_sub(buf_view(&der), 0, len), &none, &e));
	buf_byte(&der, 0);
	assert_false(crypto_rsa_read(buf_view(&der), &none, &e));
	assert_int_equal(e.kind, ERR_USAGE);

	EVP_PKEY *elliptic = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	uint8_t *bytes = NULL;
	int len = i2d_PrivateKey(elliptic, &bytes);
	assert_true(len > 0);
	assert_false(crypto_rsa_read(str_of(bytes, (size_t)len), &none, &e));
	OPENSSL_free(bytes);
	EVP_PKEY_free(elliptic);
	assert_null(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signature_verifies_with_the_public_key),
		cmocka_unit_test(a_key_written_and_read_again_signs_alike),
		cmocka_unit_test(what_is_no_rsa_key_is_refused),
	};

	return cmocka_run_group_tests(tests, make_key, drop_key);
}
