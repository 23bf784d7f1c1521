/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expectation and observation in one file. */
#include <jansson.h>

#include "diagnose/diagnose.h"

#define SCHEMA "https://unpend.example/schemas/observation/v1"

struct json_t *bundle_to_json(const struct expectation *x, const struct observation *o)
{
	json_t *json = json_object();
	json_object_set_new(json, "schema", json_string(SCHEMA));
	json_object_set_new(json, "expect", expectation_to_json(x));
	json_object_set_new(json, "observation", observation_to_json(o));
	return json;
}

static bool read_bundle(struct arena *a, const json_t *root, struct expectation *x_out,
			struct observation *o_out, struct err *e)
{
	const char *schema = json_string_value(json_object_get(root, "schema"));
	struct expectation x;
	struct observation o;
	if (!schema || strcmp(schema, SCHEMA) != 0)
		return err_set(
			e, ERR_USAGE,
			LANG_MARK("not an observation of ours: 'schema' is not '%s'"),
			SCHEMA);
	if (!expectation_from_json(a, json_object_get(root, "expect"), &x, e))
		return err_in(e, "expect");
	if (!observation_from_json(a, json_object_get(root, "observation"), &o, e))
		return false;
	if (!dns_name_equal(&x.name, &o.domain))
		return err_set(e, ERR_USAGE,
			       "expectation and observation are of two domains");
	*x_out = x;
	*o_out = o;
	return true;
}

bool bundle_parse(struct arena *a, struct str json, struct expectation *x_out,
		  struct observation *o_out, struct err *e)
{
	json_error_t bad;
	json_t *root = json_loadb(json.data, json.len, JSON_REJECT_DUPLICATES, &bad);
	if (!root)
		return err_set(e, ERR_USAGE,
			       LANG_MARK("not JSON: line %d, column %d: %.100s"),
			       bad.line, bad.column, bad.text);
	bool ok = read_bundle(a, root, x_out, o_out, e);
	json_decref(root);
	return ok;
}
