/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What both readers of JSON share. Private to registry. */
#ifndef REGISTRY_JSON_H
#define REGISTRY_JSON_H

#include <jansson.h>

#include "base/base.h"

static inline void json_done_at(json_t **json)
{
	json_decref(*json);
}
#define auto_json __attribute__((cleanup(json_done_at)))

/* A string's bytes; empty for anything else. */
static inline struct str json_text(const json_t *json)
{
	return json_is_string(json)
		       ? str_of(json_string_value(json), json_string_length(json))
		       : STR_EMPTY;
}

#endif
