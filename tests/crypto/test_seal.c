/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealing: what went in comes out, and nothing else ever does. And the file of the
 * key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/crypto.h"

static const uint8_t key[CRYPTO_KEY_LEN] = { 1, 2, 3 };
static const uint8_t other_key[CRYPTO_KEY_LEN] = { 1, 2, 4 };

static void what_was_sealed_can_be_opened(void **state unused_arg)
{
	const struct str secrets[] = { STR(""), STR("x"), STR("a\0b"),
				       STR("sixteen bytes ok"),
				       STR("longer than one block of the cipher") };

	for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
		struct err e = { 0 };
		auto_buf struct buf sealed;
		buf_init(&sealed, 1024);
		auto_buf struct buf opened;
		buf_init(&opened, secrets[i].len);

		crypto_seal(&sealed, key, STR("keys:1"), secrets[i]);
		assert_int_equal(sealed.len, 29 + secrets[i].len);
		if (!crypto_open(&opened, key, STR("keys:1"), buf_view(&sealed), &e))
			fail_msg("%s", e.text);
		assert_true(str_equal(buf_view(&opened), secrets[i]));
	}
}

static void an_empty_place_is_a_place(void **state unused_arg)
{
	struct err e = { 0 };
	auto_buf struct buf sealed;
	buf_init(&sealed, 1024);
	auto_buf struct buf opened;
	buf_init(&opened, 1024);

	crypto_seal(&sealed, key, STR(""), STR("secret"));
	assert_true(crypto_open(&opened, key, STR(""), buf_view(&sealed), &e));
	assert_false(crypto_open(&opened, key, STR("x"), buf_view(&sealed), &e));
}

static void another_key_or_place_is_refused(void **state unused_arg)
{
	struct err e = { 0 };
	auto_buf struct buf sealed;
	buf_init(&sealed, 1024);
	auto_buf struct buf opened;
	buf_init(&opened, 1024);

	crypto_seal(&sealed, key, STR("keys:1"), STR("secret"));
	assert_false(
		crypto_open(&opened, other_key, STR("keys:1"), buf_view(&sealed), &e));
	assert_int_equal(e.kind, ERR_DENIED);
	assert_false(crypto_open(&opened, key, STR("keys:2"), buf_view(&sealed), &e));
	assert_int_equal(e.kind, ERR_DENIED);
	assert_int_equal(opened.len, 0);
}

static void no_altered_bit_and_no_shorter_text_is_accepted(void **state unused_arg)
{
	struct err e = { 0 };
	auto_buf struct buf sealed;
	buf_init(&sealed, 1024);
	auto_buf struct buf opened;
	buf_init(&opened, 1024);

	crypto_seal(&sealed, key, STR("keys:1"), STR("secret"));
	for (size_t bit = 0; bit < sealed.len * 8; bit++) {
		sealed.data[bit / 8] ^= (char)(1 << bit % 8);
		assert_false(
			crypto_open(&opened, key, STR("keys:1"), buf_view(&sealed), &e));
		assert_int_equal(e.kind, ERR_DENIED);
		sealed.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t len = 0; len < sealed.len; len++) {
		assert_false(crypto_open(&opened, key, STR("keys:1"),
					 str_sub(buf_view(&sealed), 0, len), &e));
		assert_int_equal(e.kind, ERR_DENIED);
	}
	assert_int_equal(opened.len, 0);
	assert_true(crypto_open(&opened, key, STR("keys:1"), buf_view(&sealed), &e));
}

static void sealing_twice_gives_different_bytes(void **state unused_arg)
{
	auto_buf struct buf one;
	buf_init(&one, 1024);
	auto_buf struct buf two;
	buf_init(&two, 1024);

	crypto_seal(&one, key, STR("p"), STR("secret"));
	crypto_seal(&two, key, STR("p"), STR("secret"));
	assert_false(str_equal(buf_view(&one), buf_view(&two)));
}

static void the_key_file_is_made_once_and_kept(void **state unused_arg)
{
	char directory[] = "/tmp/unpend-seal-XXXXXX";
	uint8_t first[CRYPTO_KEY_LEN];
	uint8_t second[CRYPTO_KEY_LEN];
	struct err e = { 0 };
	struct stat st;

	assert_non_null(mkdtemp(directory));
	assert_int_equal(chdir(directory), 0);
	assert_false(crypto_key_load("secret.key", false, first, &e));
	assert_true(crypto_key_load("secret.key", true, first, &e));
	assert_true(crypto_key_load("secret.key", true, second, &e));
	assert_memory_equal(first, second, sizeof(first));
	assert_int_equal(stat("secret.key", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 65);

	assert_int_equal(chmod("secret.key", 0640), 0);
	assert_false(crypto_key_load("secret.key", true, second, &e));
	assert_non_null(strstr(e.text, "can be used by others"));
	/* Only root can give a file away; what it gives to our group is meant for us. */
	if (geteuid() == 0) {
		assert_int_equal(chown("secret.key", 1, 0), 0);
		assert_true(crypto_key_load("secret.key", true, second, &e));
		assert_int_equal(chmod("secret.key", 0644), 0);
		assert_false(crypto_key_load("secret.key", true, second, &e));
	}
	assert_int_equal(unlink("secret.key"), 0);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(directory), 0);
}

static void a_key_file_of_something_else_is_refused(void **state unused_arg)
{
	static const char *const contents[] = {
		"",
		"00",
		"not hex",
		"0102030405060708091011121314151617181920212223242526272829303132ff",
		"010203040506070809101112131415161718192021222324252627282930313",
	};
	char directory[] = "/tmp/unpend-seal-XXXXXX";

	assert_non_null(mkdtemp(directory));
	assert_int_equal(chdir(directory), 0);
	for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
		uint8_t loaded[CRYPTO_KEY_LEN];
		struct err e = { 0 };

		assert_true(file_create("k", str_from(contents[i]), 0600, &e));
		assert_false(crypto_key_load("k", true, loaded, &e));
		assert_string_equal(e.text, "'k' does not hold 64 hex digits");
		assert_int_equal(unlink("k"), 0);
	}
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(directory), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sealed_can_be_opened),
		cmocka_unit_test(an_empty_place_is_a_place),
		cmocka_unit_test(another_key_or_place_is_refused),
		cmocka_unit_test(no_altered_bit_and_no_shorter_text_is_accepted),
		cmocka_unit_test(sealing_twice_gives_different_bytes),
		cmocka_unit_test(the_key_file_is_made_once_and_kept),
		cmocka_unit_test(a_key_file_of_something_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
