/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/glance_input.h"

#include <jansson.h>

/* The identity's name: AWS's JSON does not say it, so whoever writes the line adds it. */
static struct str domain_of(struct arena *a, const json_t *json)
{
	static const char *const names[] = { "domain", "EmailIdentity", "IdentityName" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const json_t *name = json_object_get(json, names[i]);
		if (json_is_string(name))
			return arena_str(a, str_of(json_string_value(name),
						   json_string_length(name)));
	}
	return STR_EMPTY;
}

/* {"domain": ...} and nothing else. */
static bool is_domain_only(const json_t *json)
{
	return json_object_size(json) == 1 && json_object_get(json, "domain");
}

/* Whether the line tells its domain; *beside: what expectation_parse has to be told. */
static bool is_complete(const json_t *json, struct str domain, struct str *beside,
			struct err *e)
{
	bool is_own = json_object_get(json, "records") != NULL;

	*beside = is_own ? STR_EMPTY : domain;
	if (!is_own && domain.len == 0)
		return err_set(e, ERR_USAGE,
			       LANG_MARK("the line does not say its domain: put it in as "
					 "\"domain\" or \"EmailIdentity\""));
	return true;
}

bool glance_input_read(struct arena *a, struct str line, struct str region,
		       struct expectation *out, struct str *domain_out, struct err *e)
{
	struct str text = str_trim(line);
	struct str beside = STR_EMPTY;
	bool is_bare = !str_starts(text, STR("{"));

	*domain_out = is_bare ? str_sub(text, 0, DNS_NAME_MAX) : STR_EMPTY;
	if (is_bare)
		return expectation_empty(a, text, out, e);
	json_t *json = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
	*domain_out = domain_of(a, json);
	is_bare = is_domain_only(json);
	bool ok = !json || is_bare || is_complete(json, *domain_out, &beside, e);
	json_decref(json);
	if (!ok)
		return false;
	return is_bare ? expectation_empty(a, *domain_out, out, e)
		       : expectation_parse(a, text, beside, region, out, e);
}
