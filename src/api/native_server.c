/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this server is, and what its findings' codes mean. */
#include "api/native.h"
#include "diagnose/diagnose.h"

json_t *native_scopes_json(int64_t scopes)
{
	json_t *list = json_array();
	for (size_t i = 0; scope_at(i); i++)
		if (scopes & scope_at(i))
			json_array_append_new(list, json_string(scope_name(scope_at(i))));
	return list;
}

void native_me(struct call *c)
{
	const struct config *config = c->api->options.config;
	json_t *tenant = c->tenant.id ? call_json_text(c->tenant.name) : json_null();
	native_answer(
		c, 200,
		json_pack(
			"{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "tenant", tenant, "scopes",
			native_scopes_json(c->token.scopes), "token_expires_at",
			call_json_time(c->token.expires_at), "region",
			call_json_text(config_text(config, CONFIG_SES_REGION)),
			"authority",
			call_json_text(config_text(config, CONFIG_AUTHORITY_KIND)),
			"key_zone", call_json_text(config_text(config, CONFIG_KEYS_ZONE)),
			"until_verified",
			call_json_text(config_text(config, CONFIG_SEND_UNTIL_VERIFIED))));
}

void native_code_get(struct call *c)
{
	json_t *code = diagnose_explain_json(c->parameters[0], c->lang);
	if (code)
		native_answer(c, 200, code);
	else
		native_refuse(c, ERR_NOT_FOUND, LANG_MARK("there is no such code"));
}
