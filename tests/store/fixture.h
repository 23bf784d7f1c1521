/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A store in a directory of its own, and rows to put into it. With UNPEND_TEST_POSTGRES
 * (tests/world/postgres.py sets it) the store is a schema of its own in that database.
 */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/store.h"

struct place {
	char folder[64];
	char url[256];
	struct store *store;
	struct arena arena;
	int64_t tenant; /* "acme" */
	int64_t other;  /* "rival" */
};

/* For cmocka's setup and teardown; *state is the struct place. */
int place_make(void **state);
int place_remove(void **state);
bool place_is_postgres(void);
/* A statement on the place's tables, past the store. */
void place_sql(struct place *p, const char *sql);
/* On PostgreSQL: an end to the connections of that application_name. */
void place_cut(const char *application);
/* The URL of one more store; made for nobody yet. */
const char *place_url(struct place *p, const char *name);
/* The store of a URL of place_url, which nobody has open.
 * Of connections that are closed at once none may be the
 * last to SQLite, and then its log stays. */
void store_remove(struct place *p, const char *url);
/* A second connection. */
struct store *place_connect(const struct place *p);

int64_t tenant_make(struct store *s, const char *name);
/* PENDING since 1000, due at 1000, tokens made of `seed`. */
struct identity_row identity_make(struct place *p, int64_t tenant, const char *domain,
				  const char *seed);
int64_t identity_put(struct place *p, int64_t tenant, const char *domain,
		     const char *seed);
struct identity_row identity_see(struct place *p, int64_t id);
struct message_row message_make(struct place *p, int64_t identity,
				enum message_state state, const char *id);
int64_t message_put(struct place *p, int64_t identity, enum message_state state,
		    const char *id);
/* Makes `count` keys for the pool, told apart by `seed`. */
void keys_put(struct store *s, const char *seed, size_t count);

#define must_be_done(call)                                 \
	do {                                               \
		if (!(call))                               \
			fail_msg("%s: %s", #call, e.text); \
	} while (0)
#define must_fail(call, expected)                                                    \
	do {                                                                         \
		e = (struct err){ 0 };                                               \
		assert_false(call);                                                  \
		assert_string_equal(err_kind_name(e.kind), err_kind_name(expected)); \
	} while (0)

#endif
