/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SES's JSON read: tokens, zone, status, times. */
#include <jansson.h>

#include "authority/ses.h"

enum {
	TOKEN_MAX = 63, /* it becomes a label */
};

static struct str member_text(struct arena *a, const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (!json_is_string(value))
		return STR_EMPTY;
	return arena_str(a, str_of(json_string_value(value), json_string_length(value)));
}

/* Seconds since the epoch, with a fraction perhaps. */
static int64_t member_time(const json_t *object, const char *name)
{
	double value = json_number_value(json_object_get(object, name));

	return value > 0 && value < 1e12 ? (int64_t)value : 0;
}

static bool token_is_label(struct str token)
{
	struct cursor c = cursor_over(token);
	struct str label = cursor_while(&c, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return label.len == token.len && label.len > 0 && label.len <= TOKEN_MAX;
}

static bool tokens_read(struct arena *a, const json_t *dkim, struct ses_identity *out,
			struct err *e)
{
	const json_t *tokens = json_object_get(dkim, "Tokens");

	if (json_array_size(tokens) != EXPECT_DKIM_TOKENS)
		return err_set(e, ERR_UNAVAILABLE, "SES gave no three DKIM tokens");
	for (size_t i = 0; i < EXPECT_DKIM_TOKENS; i++) {
		const json_t *token = json_array_get(tokens, i);
		out->tokens[i] = arena_str(
			a, str_of(json_string_value(token), json_string_length(token)));
		if (!token_is_label(out->tokens[i]))
			return err_set(e, ERR_UNAVAILABLE,
				       "SES gave a DKIM token that is no label");
	}
	return true;
}

/* Where SES names no zone, identity knows it by the region: out of the records that it
 * makes of the same JSON. */
static bool zone_read(struct arena *a, struct str json, struct str region,
		      struct ses_identity *out, struct err *e)
{
	struct expectation x;

	/* For which domain makes no difference to the zone. */
	if (!expectation_parse(a, json, STR("example.com"), region, &x, e))
		return false;
	for (size_t i = 0; i < x.count; i++) {
		struct str value = x.records[i].value;
		size_t dot = str_find_byte(value, '.');
		if (x.records[i].purpose == PURPOSE_DKIM && dot < value.len) {
			out->zone = str_sub(value, dot + 1, value.len);
			return true;
		}
	}
	return err_set(e, ERR_UNAVAILABLE, "SES named no zone for its DKIM keys");
}

static bool identity_read(struct arena *a, const json_t *root, struct ses_identity *out,
			  struct err *e)
{
	const json_t *dkim = json_object_get(root, "DkimAttributes");
	const json_t *info = json_object_get(root, "VerificationInfo");

	if (!tokens_read(a, dkim, out, e))
		return false;
	out->zone = member_text(a, dkim, "SigningHostedZone");
	out->status_text = member_text(a, dkim, "Status");
	if (!status_parse(out->status_text, &out->status))
		return err_set(e, ERR_UNAVAILABLE, "SES gave no DKIM status");
	out->checked_at = member_time(info, "LastCheckedTimestamp");
	out->succeeded_at = member_time(info, "LastSuccessTimestamp");
	return true;
}

bool ses_identity_parse(struct arena *a, struct str json, struct str region,
			struct ses_identity *out, struct err *e)
{
	struct ses_identity identity = { 0 };
	json_t *root = json_loadb(json.data, json.len, JSON_REJECT_DUPLICATES, NULL);
	bool read;

	if (!json_is_object(root)) {
		json_decref(root);
		return err_set(e, ERR_UNAVAILABLE,
			       "SES did not answer with a JSON object");
	}
	read = identity_read(a, root, &identity, e);
	json_decref(root);
	if (!read)
		return false;
	if (!identity.zone.len && !zone_read(a, json, region, &identity, e))
		return err_in(e, "SES's answer");
	*out = identity;
	return true;
}
