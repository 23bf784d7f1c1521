/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as an expectation: what is taken is written and read again the same. */
#include <stdlib.h>

#include <jansson.h>

#include "identity/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(struct arena *a, const struct expectation *x)
{
	struct expectation y;
	struct err e = { 0 };
	json_t *json = expectation_to_json(x);
	if (!expectation_from_json(a, json, &y, &e) || x->count != y.count)
		abort();
	for (size_t i = 0; i < x->count; i++) {
		if (!str_equal(x->records[i].rdata, y.records[i].rdata) ||
		    !str_equal(x->records[i].id, y.records[i].id) ||
		    !dns_name_equal(&x->records[i].name, &y.records[i].name))
			abort();
	}
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	struct expectation x;
	struct err e = { 0 };
	arena_init(&a, 64 << 20);
	if (expectation_parse(&a, str_of(data, size), STR("shop.example.com"),
			      STR("eu-west-1"), &x, &e))
		check_round_trip(&a, &x);
	else if (e.kind == ERR_NONE || e.text[0] == '\0')
		abort();
	return 0;
}
