/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hosted keys against a real store: the pool, the zone file, the reload, the signer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "keys/keys.h"
#include "policy/policy.h"

struct bench {
	char folder[64];
	struct arena arena;
	struct config *config;
	struct store *store;
	struct identity_row identity;
};

static const uint8_t seal_key[CRYPTO_KEY_LEN] = { 1, 2, 3 };
static const uint8_t other_key[CRYPTO_KEY_LEN] = { 3, 2, 1 };

#define must_be_done(call)                                 \
	do {                                               \
		if (!(call))                               \
			fail_msg("%s: %s", #call, e.text); \
	} while (0)

static void set(struct bench *b, const char *name, const char *value)
{
	struct err e = { 0 };

	must_be_done(config_set(b->config, str_from(name), str_from(value), "test", &e));
}

static const char *path(struct bench *b, const char *name)
{
	return arena_printf(&b->arena, "%s/%s", b->folder, name);
}

static int bench_make(void **state)
{
	struct bench *b = xalloc(1, sizeof(*b));
	struct tenant_row tenant = { .name = STR("acme") };
	struct err e = { 0 };

	memcpy(b->folder, "/tmp/unpend-keys-XXXXXX", 24);
	assert_non_null(mkdtemp(b->folder));
	arena_init(&b->arena, 64 * 1024 * 1024);
	b->config = config_new();
	set(b, "keys.zone", "dkim.mailer.example");
	set(b, "keys.name_servers", "ns1.mailer.example ns2.mailer.example");
	set(b, "keys.zone_file", path(b, "zone"));
	set(b, "keys.pool", "0");
	const char *url = arena_printf(&b->arena, "sqlite:%s", path(b, "db"));
	must_be_done(store_open(str_from(url), &b->store, &e));
	must_be_done(store_tenant_add(b->store, &tenant, &b->identity.tenant_id, &e));
	b->identity.domain = STR("acme.example");
	b->identity.key_zone = STR("dkim.mailer.example");
	for (size_t i = 0; i < EXPECT_DKIM_TOKENS; i++) {
		b->identity.tokens[i] = str_from(arena_printf(&b->arena, "token%zu", i));
	}
	must_be_done(store_identity_add(b->store, &b->identity, &e));
	*state = b;
	return 0;
}

static int bench_remove(void **state)
{
	static const char *const names[] = { "db",   "db-wal", "db-shm",
					     "zone", "seen",   "secret" };
	struct bench *b = *state;

	store_close(&b->store);
	config_free(&b->config);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)unlink(path(b, names[i]));
	assert_int_equal(rmdir(b->folder), 0);
	arena_done(&b->arena);
	xfree(b);
	return 0;
}

static void fill(struct bench *b)
{
	struct err e = { 0 };
	bool more = true;

	while (more)
		must_be_done(keys_fill(b->store, b->config, seal_key, &more, &e));
}

static struct str zone_read(struct bench *b)
{
	auto_buf struct buf text;
	struct err e = { 0 };

	buf_init(&text, 1024 * 1024);
	must_be_done(file_read(path(b, "zone"), &text, &e));
	return arena_str(&b->arena, buf_view(&text));
}

/* The serial of the zone's SOA. */
static uint64_t zone_serial(struct bench *b)
{
	struct str text = zone_read(b);
	const char *mark = " hostmaster ";
	const char *at = memmem(text.data, text.len, mark, strlen(mark));
	uint64_t serial = 0;

	assert_non_null(at);
	at += strlen(mark);
	assert_true(str_number(str_of(at, str_find_byte(str_from(at), ' ')), UINT32_MAX,
			       &serial));
	return serial;
}

static bool zone_has(struct bench *b, const char *text)
{
	struct str zone = zone_read(b);

	return memmem(zone.data, zone.len, text, strlen(text)) != NULL;
}

static const struct keys_turn at_5000 = { .now_s = 5000 };

static bool publish(struct bench *b, int64_t now)
{
	const struct keys_turn turn = { .now_s = now };
	struct err e = { 0 };
	bool changed = false;

	must_be_done(keys_publish(b->store, b->config, &turn, &changed, &e));
	return changed;
}

static void every_selector_gets_a_key_and_the_pool_is_kept_full(void **state)
{
	struct bench *b = *state;
	struct err e = { 0 };
	struct key_row *rows;
	size_t count;

	set(b, "keys.pool", "1");
	fill(b);
	must_be_done(store_key_missing(b->store, &b->arena, 10, &rows, &count, &e));
	assert_int_equal(count, 0);
	must_be_done(store_key_pool_size(b->store, &count, &e));
	assert_int_equal(count, 1);
}

static void two_name_server_programs_accept_the_zone(void **state)
{
	static const char *const checks[] = {
		"/usr/bin/named-checkzone -q -k fail -n fail -r fail dkim.mailer.example "
		"%s",
		"/usr/sbin/nsd-checkzone dkim.mailer.example %s",
	};
	struct bench *b = *state;
	struct err e = { 0 };
	bool changed;

	fill(b);
	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		struct buf line;
		buf_init(&line, 400);
		const char *mark = strstr(checks[i], "%s");
		buf_add(&line, checks[i], (size_t)(mark - checks[i]));
		buf_text(&line, path(b, "zone"));
		set(b, "keys.reload", buf_cstr(&line));
		buf_done(&line);
		(void)unlink(path(b, "zone"));
		must_be_done(keys_publish(b->store, b->config, &at_5000, &changed, &e));
		assert_true(changed);
	}
}

/* What stands in the zone for a selector, its strings joined. */
static struct str zone_txt(struct bench *b, struct str selector)
{
	struct str rest = zone_read(b), line;
	auto_buf struct buf text;

	buf_init(&text, 4096);
	while (str_split(&rest, '\n', &line)) {
		struct str part;
		if (!str_starts(line, selector))
			continue;
		for (unsigned i = 0; str_split(&line, '"', &part); i++)
			if (i % 2) {
				assert_true(part.len <= 255);
				buf_str(&text, part);
			}
	}
	return arena_str(&b->arena, buf_view(&text));
}

static void the_zone_holds_the_public_half_of_the_signing_key(void **state)
{
	struct bench *b = *state;
	struct err e = { 0 };
	struct keys_signer signer;
	struct policy_dkim_key key;
	auto_buf struct buf public;

	fill(b);
	assert_true(publish(b, 5000));
	must_be_done(keys_signer_find(b->store, &b->arena, seal_key, &b->identity,
				      &signer, &e));
	assert_true(str_equal(signer.selector, b->identity.tokens[0]));
	must_be_done(
		policy_dkim_key_parse(&b->arena, zone_txt(b, signer.selector), &key, &e));
	buf_init(&public, 4096);
	crypto_rsa_write_public(signer.key, &public);
	assert_true(str_equal(key.public_key, buf_view(&public)));
	assert_false(zone_has(b, " A ") || zone_has(b, " AAAA "));
	assert_true(zone_has(b, "@ NS ns1.mailer.example.\n"));
}

static void a_deleted_identity_answers_with_an_empty_key(void **state)
{
	struct bench *b = *state;
	struct err e = { 0 };
	struct keys_signer signer;

	fill(b);
	assert_true(publish(b, 5000));
	must_be_done(store_identity_delete(b->store, b->identity.tenant_id,
					   b->identity.id, 5001, &e));
	assert_true(publish(b, 5001));
	for (size_t i = 0; i < EXPECT_DKIM_TOKENS; i++)
		assert_true(str_is(zone_txt(b, b->identity.tokens[i]), "v=DKIM1; p="));
	assert_false(keys_signer_find(b->store, &b->arena, seal_key, &b->identity,
				      &signer, &e));
	assert_int_equal(e.kind, ERR_NOT_FOUND);
}

static void the_zone_is_written_when_something_changed_or_it_is_gone(void **state)
{
	struct bench *b = *state;

	fill(b);
	assert_true(publish(b, 5000));
	assert_int_equal(zone_serial(b), 5000);
	assert_false(publish(b, 6000));
	assert_int_equal(zone_serial(b), 5000);
	assert_int_equal(unlink(path(b, "zone")), 0);
	/* The clock went back; the serial does not. */
	assert_true(publish(b, 4000));
	assert_int_equal(zone_serial(b), 5001);
}

static void nothing_signs_before_the_reload_succeeded(void **state)
{
	struct bench *b = *state;
	struct err e = { 0 };
	struct keys_signer signer;
	bool changed;

	fill(b);
	set(b, "keys.reload", "/bin/false");
	assert_false(keys_publish(b->store, b->config, &at_5000, &changed, &e));
	assert_int_equal(e.kind, ERR_UNAVAILABLE);
	assert_false(keys_signer_find(b->store, &b->arena, seal_key, &b->identity,
				      &signer, &e));
	uint64_t serial = zone_serial(b);
	set(b, "keys.reload", "/bin/true");
	assert_true(publish(b, 5000));
	assert_true(zone_serial(b) > serial);
	must_be_done(keys_signer_find(b->store, &b->arena, seal_key, &b->identity,
				      &signer, &e));
}

static void whoever_lost_the_role_marks_nothing_as_published(void **state)
{
	struct bench *b = *state;
	struct err e = { 0 };
	struct keys_signer signer;
	struct keys_turn mine = { { LEASE_ROLE, LEASE_ROLE_KEYS, 0 }, 5060, 5000 };
	struct keys_turn theirs = { { LEASE_ROLE, LEASE_ROLE_KEYS, 0 }, 5120, 5060 };
	const struct lease_term first = { 11, 5000, 5060 }, second = { 22, 5060, 5120 };
	bool taken, changed;

	fill(b);
	must_be_done(store_lease_take(b->store, &mine.lease, &first, &taken, &e));
	must_be_done(store_lease_take(b->store, &theirs.lease, &second, &taken, &e));
	assert_true(taken);
	assert_false(keys_publish(b->store, b->config, &mine, &changed, &e));
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_false(keys_signer_find(b->store, &b->arena, seal_key, &b->identity,
				      &signer, &e));
	must_be_done(keys_publish(b->store, b->config, &theirs, &changed, &e));
	must_be_done(keys_signer_find(b->store, &b->arena, seal_key, &b->identity,
				      &signer, &e));
}

static void the_reload_gets_words_and_no_shell(void **state)
{
	struct bench *b = *state;
	struct err e = { 0 };
	struct stat st;
	bool changed;

	fill(b);
	set(b, "keys.reload",
	    arena_printf(&b->arena, "/bin/cp   %s\t%s", path(b, "zone"),
			 path(b, "seen")));
	assert_true(publish(b, 5000));
	assert_int_equal(stat(path(b, "seen"), &st), 0);
	(void)unlink(path(b, "seen"));
	(void)unlink(path(b, "zone"));
	set(b, "keys.reload",
	    arena_printf(&b->arena, "/bin/true; /bin/cp %s %s", path(b, "zone"),
			 path(b, "seen")));
	assert_false(keys_publish(b->store, b->config, &at_5000, &changed, &e));
	assert_int_not_equal(stat(path(b, "seen"), &st), 0);
}

static void without_a_zone_file_keys_may_sign_at_once(void **state)
{
	struct bench *b = *state;
	struct err e = { 0 };
	struct keys_signer signer;

	set(b, "keys.zone_file", "");
	fill(b);
	assert_true(publish(b, 5000));
	assert_false(publish(b, 5000));
	must_be_done(keys_signer_find(b->store, &b->arena, seal_key, &b->identity,
				      &signer, &e));
}

static void another_sealing_key_opens_nothing(void **state)
{
	struct bench *b = *state;
	struct err e = { 0 };
	struct keys_signer signer;

	fill(b);
	assert_true(publish(b, 5000));
	assert_false(keys_signer_find(b->store, &b->arena, other_key, &b->identity,
				      &signer, &e));
	assert_int_equal(e.kind, ERR_DENIED);
}

static void the_systemd_credential_wins_over_the_file(void **state)
{
	struct bench *b = *state;
	struct err e = { 0 };
	uint8_t made[CRYPTO_KEY_LEN], again[CRYPTO_KEY_LEN], given[CRYPTO_KEY_LEN];
	const char *credential = path(b, "unpend.secret");

	set(b, "keys.secret_file", path(b, "secret"));
	assert_false(keys_secret_load(b->config, NULL, false, made, &e));
	must_be_done(keys_secret_load(b->config, NULL, true, made, &e));
	/* No such credential: the file. */
	must_be_done(keys_secret_load(b->config, b->folder, true, again, &e));
	assert_memory_equal(made, again, sizeof(made));
	must_be_done(crypto_key_load(credential, true, given, &e));
	must_be_done(keys_secret_load(b->config, b->folder, true, again, &e));
	assert_memory_equal(given, again, sizeof(given));
	assert_memory_not_equal(made, again, sizeof(made));
	assert_int_equal(unlink(credential), 0);
}

#define at_bench(test) cmocka_unit_test_setup_teardown(test, bench_make, bench_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		at_bench(every_selector_gets_a_key_and_the_pool_is_kept_full),
		at_bench(two_name_server_programs_accept_the_zone),
		at_bench(the_zone_holds_the_public_half_of_the_signing_key),
		at_bench(a_deleted_identity_answers_with_an_empty_key),
		at_bench(the_zone_is_written_when_something_changed_or_it_is_gone),
		at_bench(nothing_signs_before_the_reload_succeeded),
		at_bench(whoever_lost_the_role_marks_nothing_as_published),
		at_bench(the_reload_gets_words_and_no_shell),
		at_bench(without_a_zone_file_keys_may_sign_at_once),
		at_bench(another_sealing_key_opens_nothing),
		at_bench(the_systemd_credential_wins_over_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
