/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256 against FIPS 180-4's examples, HMAC against RFC 4231, comparing and
 * randomness. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/crypto.h"

static void assert_digest(const char *name, const uint8_t *digest, const char *want_hex)
{
	auto_buf struct buf hex;

	buf_init(&hex, 65);
	hex_write(&hex, str_of(digest, CRYPTO_SHA256_LEN));
	if (!str_is(buf_view(&hex), want_hex))
		fail_msg("%s: %s, not %s", name, buf_cstr(&hex), want_hex);
}

static void sha256_gives_the_standards_examples(void **state unused_arg)
{
	static const struct {
		const char *text;
		const char *want;
	} cases[] = {
		{ "",
		  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc",
		  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t digest[CRYPTO_SHA256_LEN];

		crypto_sha256(str_from(cases[i].text), digest);
		assert_digest(cases[i].text, digest, cases[i].want);
	}
}

static void sha256_in_pieces_is_the_same(void **state unused_arg)
{
	struct str text = STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq");

	for (size_t cut = 0; cut <= text.len; cut++) {
		struct crypto_hash *h = crypto_hash_new();
		uint8_t digest[CRYPTO_SHA256_LEN];

		crypto_hash_add(h, str_sub(text, 0, cut));
		crypto_hash_add(h, str_sub(text, cut, text.len));
		crypto_hash_finish(h, digest);
		crypto_hash_free(&h);
		assert_null(h);
		assert_digest("pieces", digest,
			      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419"
			      "db06c1");
	}
}

/* RFC 4231 section 4. */
static void hmac_gives_the_standards_examples(void **state unused_arg)
{
	static const struct {
		const char *name;
		const char *key_hex;
		const char *data_hex;
		const char *want;
	} cases[] = {
		{ "case 1", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
		  "4869205468657265",
		  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
		{ "case 2", "4a656665",
		  "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
		  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ "case 4", "0102030405060708090a0b0c0d0e0f10111213141516171819",
		  "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
		  "cdcdcdcdcd"
		  "cdcdcdcdcdcdcdcdcdcd",
		  "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
		{ "empty key and text", "", "",
		  "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t digest[CRYPTO_SHA256_LEN];
		auto_buf struct buf key;
		buf_init(&key, 256);
		auto_buf struct buf data;
		buf_init(&data, 256);

		assert_true(hex_parse(&key, str_from(cases[i].key_hex)));
		assert_true(hex_parse(&data, str_from(cases[i].data_hex)));
		crypto_hmac_sha256(buf_view(&key), buf_view(&data), digest);
		assert_digest(cases[i].name, digest, cases[i].want);
	}
}

/* RFC 4231 section 4.7: a key longer than a block. */
static void hmac_takes_a_key_longer_than_a_block(void **state unused_arg)
{
	uint8_t key[131];
	uint8_t digest[CRYPTO_SHA256_LEN];

	memset(key, 0xaa, sizeof(key));
	crypto_hmac_sha256(str_of(key, sizeof(key)),
			   STR("Test Using Larger Than Block-Size Key - Hash Key First"),
			   digest);
	assert_digest("case 6", digest,
		      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void equal_compares_length_and_bytes(void **state unused_arg)
{
	assert_true(crypto_equal(STR(""), STR("")));
	assert_true(crypto_equal(STR("a\0b"), STR("a\0b")));
	assert_false(crypto_equal(STR("a\0b"), STR("a\0c")));
	assert_false(crypto_equal(STR("a"), STR("ab")));
}

static void wiped_bytes_are_zero(void **state unused_arg)
{
	char secret[] = "secret";

	crypto_wipe(secret, sizeof(secret));
	for (size_t i = 0; i < sizeof(secret); i++)
		assert_int_equal(secret[i], 0);
}

static void random_numbers_stay_below_and_reach_all(void **state unused_arg)
{
	unsigned seen[7] = { 0 };

	for (size_t i = 0; i < 7000; i++) {
		uint32_t n = crypto_random_below(7);

		assert_true(n < 7);
		seen[n]++;
	}
	/* 1000 each on average; 700 is ten standard deviations away. */
	for (size_t i = 0; i < 7; i++)
		assert_true(seen[i] > 700);
	assert_int_equal(crypto_random_below(1), 0);
}

static void random_bytes_differ(void **state unused_arg)
{
	uint8_t a[16];
	uint8_t b[16];

	crypto_random(a, sizeof(a));
	crypto_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_gives_the_standards_examples),
		cmocka_unit_test(sha256_in_pieces_is_the_same),
		cmocka_unit_test(hmac_gives_the_standards_examples),
		cmocka_unit_test(hmac_takes_a_key_longer_than_a_block),
		cmocka_unit_test(equal_compares_length_and_bytes),
		cmocka_unit_test(wiped_bytes_are_zero),
		cmocka_unit_test(random_numbers_stay_below_and_reach_all),
		cmocka_unit_test(random_bytes_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
