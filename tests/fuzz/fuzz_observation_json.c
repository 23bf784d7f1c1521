/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any JSON as an observation: what is accepted is written to bytes that give the
 * same bytes. */
#include <jansson.h>
#include <stdlib.h>

#include "observation/observation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *rewrite(const char *text, size_t len)
{
	auto_arena struct arena a;
	struct observation o;
	struct err e = { 0 };
	json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	char *out = NULL;

	arena_init(&a, 16 * 1024 * 1024);
	if (observation_from_json(&a, json, &o, &e)) {
		json_t *again = observation_to_json(&o);
		out = json_dumps(again, JSON_COMPACT);
		json_decref(again);
	}
	json_decref(json);
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *first = rewrite((const char *)data, size);
	auto_free char *second = first ? rewrite(first, strlen(first)) : NULL;

	if (first && (!second || strcmp(first, second) != 0))
		abort();
	return 0;
}
