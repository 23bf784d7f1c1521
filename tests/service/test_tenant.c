/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Credentials: their form, and that the database does not give them away. */
#include "bench.h"

static const uint8_t seal_key[CRYPTO_KEY_LEN] = { 7 };
static const uint8_t other_key[CRYPTO_KEY_LEN] = { 8 };

static struct service_tenant add(struct bench *b, const char *name)
{
	struct service_tenant tenant = { .name = str_from(name) };
	struct err e = { 0 };

	must_be_done(service_tenant_add(b->store, &b->arena, seal_key, &tenant, 1, &e));
	return tenant;
}

static struct tenant_row find(struct bench *b, const struct service_tenant *tenant)
{
	struct tenant_row row;
	struct err e = { 0 };

	must_be_done(store_tenant_by_access_key(b->store, &b->arena,
						tenant->access_key_id, &row, &e));
	return row;
}

static void credentials_have_their_form_and_differ(void **state)
{
	struct bench *b = *state;
	struct service_tenant first = add(b, "one"), second = add(b, "two");
	struct cursor c = cursor_over(first.access_key_id);

	assert_true(str_starts(first.access_key_id, STR("UNPD")));
	assert_int_equal(cursor_while(&c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567").len, 20);
	assert_true(cursor_at_end(&c));
	assert_int_equal(first.secret_access_key.len, 40);
	assert_true(str_starts(first.token, STR("unp_live_")));
	assert_true(first.token.len == 9 + 56); /* 256 bits */
	assert_false(str_equal(first.access_key_id, second.access_key_id));
	assert_false(str_equal(first.secret_access_key, second.secret_access_key));
	assert_false(str_equal(first.token, second.token));
}

static void credentials_find_their_tenant_again(void **state)
{
	struct bench *b = *state;
	struct service_tenant tenant = add(b, "one");
	struct tenant_row row = find(b, &tenant);
	uint8_t hash[CRYPTO_SHA256_LEN];
	struct err e = { 0 };
	struct str secret;

	must_be_done(service_tenant_secret(&b->arena, seal_key, &row, &secret, &e));
	assert_true(str_equal(secret, tenant.secret_access_key));
	service_token_hash(tenant.token, hash);
	struct api_token_row token;
	must_be_done(store_api_token_by_hash(b->store, &b->arena,
					     str_of(hash, sizeof(hash)), &token, &e));
	assert_int_equal(token.tenant_id, row.id);
	assert_int_equal(token.scopes, SCOPES_TENANT);
}

static void a_sealed_secret_opens_for_its_tenant_and_key_only(void **state)
{
	struct bench *b = *state;
	struct service_tenant one = add(b, "one"), two = add(b, "two");
	struct tenant_row row = find(b, &one), other = find(b, &two);
	struct str secret;
	struct err e = { 0 };

	must_fail(service_tenant_secret(&b->arena, other_key, &row, &secret, &e),
		  ERR_DENIED);
	/* Moved to another row of the database. */
	row.secret_sealed = other.secret_sealed;
	must_fail(service_tenant_secret(&b->arena, seal_key, &row, &secret, &e),
		  ERR_DENIED);
}

static void a_stolen_database_holds_no_credential_in_clear(void **state)
{
	static const char *const names[] = { "db", "db-wal" };
	struct bench *b = *state;
	struct service_tenant tenant = add(b, "one");

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		auto_buf struct buf bytes;
		struct err e = { 0 };
		const char *path = arena_printf(&b->arena, "%s/%s", b->folder, names[i]);
		buf_init(&bytes, 64 * 1024 * 1024);
		must_be_done(file_read(path, &bytes, &e));
		assert_null(memmem(bytes.data, bytes.len, tenant.token.data,
				   tenant.token.len));
		assert_null(memmem(bytes.data, bytes.len, tenant.secret_access_key.data,
				   tenant.secret_access_key.len));
	}
}

static void a_name_is_text_and_taken_once(void **state)
{
	static const char *const bad[] = { "",
					   " one",
					   "one ",
					   "a\nb",
					   "a\x1b[0m",
					   "\xff",
					   "a\\b",
					   ("0123456789012345678901234567890123456789"
					    "0123456789012345678901234") };
	struct bench *b = *state;
	struct err e = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct service_tenant tenant = { .name = str_from(bad[i]) };
		must_fail(
			service_tenant_add(b->store, &b->arena, seal_key, &tenant, 1, &e),
			ERR_USAGE);
	}
	add(b, "Caf\xc3\xa9 & Co.");
	struct service_tenant again = { .name = STR("acme") };
	must_fail(service_tenant_add(b->store, &b->arena, seal_key, &again, 1, &e),
		  ERR_EXISTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		at_bench(credentials_have_their_form_and_differ),
		at_bench(credentials_find_their_tenant_again),
		at_bench(a_sealed_secret_opens_for_its_tenant_and_key_only),
		at_bench(a_stolen_database_holds_no_credential_in_clear),
		at_bench(a_name_is_text_and_taken_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
