/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A store with a tenant and a configuration, for tests of the service's parts. */
#ifndef TESTS_SERVICE_BENCH_H
#define TESTS_SERVICE_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service/service.h"

struct bench {
	char folder[64];
	struct arena arena;
	struct config *config;
	struct store *store;
	struct service_caller caller;
	int64_t other; /* another tenant */
};

/* For cmocka's setup and teardown; *state is the struct bench. */
int bench_make(void **state);
int bench_remove(void **state);
void bench_set(struct bench *b, const char *name, const char *value);
/* A new identity of the caller's. */
struct identity_row bench_create(struct bench *b, const char *sender);
struct identity_row bench_see(struct bench *b, int64_t id);

#define at_bench(test) cmocka_unit_test_setup_teardown(test, bench_make, bench_remove)
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
