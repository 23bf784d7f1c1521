/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a struct config holds, and setting a value by its key. Inside config only. */
#ifndef CONFIG_VALUES_H
#define CONFIG_VALUES_H

#include "config/config.h"

struct config_value {
	struct str text; /* a NUL stands behind it */
	int64_t number;  /* numbers and flags */
	struct str *items;
	size_t count;
	const char *origin; /* NULL: the default */
};

struct config {
	struct arena arena;
	struct config_value values[CONFIG_KEY_COUNT];
};

/* Checks and copies; errors do not name the origin. */
bool values_set(struct config *c, enum config_key key, struct str text,
		const char *origin, struct err *e) must_check;
/* "section.name" to key; the error names the nearest. */
bool values_find(struct str name, enum config_key *key_out, struct err *e) must_check;

#endif
