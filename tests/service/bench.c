/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See bench.h. */
#include "bench.h"

#include <stdlib.h>
#include <unistd.h>

void bench_set(struct bench *b, const char *name, const char *value)
{
	struct err e = { 0 };

	must_be_done(config_set(b->config, str_from(name), str_from(value), "test", &e));
}

int bench_make(void **state)
{
	struct bench *b = xalloc(1, sizeof(*b));
	struct tenant_row tenant = { .name = STR("acme"), .access_key_id = STR("a") };
	struct err e = { 0 };

	/* In memory, if there is such a place: these tests pull no plug. */
	memcpy(b->folder, "/dev/shm/unpend-service-XXXXXX", 31);
	if (!mkdtemp(b->folder)) {
		memcpy(b->folder, "/tmp/unpend-service-XXXXXX", 27);
		assert_non_null(mkdtemp(b->folder));
	}
	arena_init(&b->arena, 256 * 1024 * 1024);
	b->config = config_new();
	bench_set(b, "keys.zone", "dkim.mailer.example");
	bench_set(b, "senders.allow", "example, test");
	bench_set(b, "store.url", arena_printf(&b->arena, "sqlite:%s/db", b->folder));
	must_be_done(store_open(config_text(b->config, CONFIG_STORE_URL), &b->store, &e));
	b->caller = (struct service_caller){ .store = b->store,
					     .config = b->config,
					     .now_s = 100000 };
	must_be_done(store_tenant_add(b->store, &tenant, &b->caller.tenant_id, &e));
	tenant = (struct tenant_row){ .name = STR("rival"), .access_key_id = STR("r") };
	must_be_done(store_tenant_add(b->store, &tenant, &b->other, &e));
	*state = b;
	return 0;
}

int bench_remove(void **state)
{
	static const char *const names[] = { "db", "db-wal", "db-shm" };
	struct bench *b = *state;

	store_close(&b->store);
	config_free(&b->config);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)unlink(arena_printf(&b->arena, "%s/%s", b->folder, names[i]));
	assert_int_equal(rmdir(b->folder), 0);
	arena_done(&b->arena);
	xfree(b);
	return 0;
}

struct identity_row bench_create(struct bench *b, const char *sender)
{
	struct identity_row row;
	struct err e = { 0 };
	bool created;

	must_be_done(service_identity_create(&b->caller, &b->arena, str_from(sender),
					     &row, &created, &e));
	assert_true(created);
	return row;
}

struct identity_row bench_see(struct bench *b, int64_t id)
{
	struct identity_row row = { 0 };
	struct err e = { 0 };

	must_be_done(store_identity_get(b->store, &b->arena, 0, id, &row, &e));
	return row;
}
