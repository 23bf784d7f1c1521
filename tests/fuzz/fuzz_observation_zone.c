/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A zone's apex in JSON: what is read is written and read again to the same. */
#include <jansson.h>
#include <stdlib.h>

#include "observation/observation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *json = json_loadb((const char *)data, size, JSON_ALLOW_NUL, NULL);
	auto_arena struct arena a;
	struct zone_seen z;
	struct zone_seen back;
	struct err e = { 0 };

	arena_init(&a, 8 << 20);
	if (json && zone_seen_from_json(&a, json, &z, &e)) {
		json_t *again = zone_seen_to_json(&z);
		if (!zone_seen_from_json(&a, again, &back, &e))
			abort();
		json_t *third = zone_seen_to_json(&back);
		if (!json_equal(again, third))
			abort();
		json_decref(again);
		json_decref(third);
	}
	json_decref(json);
	return 0;
}
