/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records that Amazon SES wants, from the JSON of `aws sesv2 get-email-identity`. */
#include <jansson.h>

#include "identity/record.h"

enum {
	TOKENS_MAX = 10,
	LABEL_TEXT_MAX = 63,
	DATE_LEN = 19, /* "2026-01-02T03:04:05" */
};

/* Regions whose DKIM zone is dkim.amazonses.com. */
static const char *const common_zone_regions[] = {
	"us-east-1",      "us-east-2",      "us-west-1",      "us-west-2",
	"ca-central-1",   "sa-east-1",      "eu-west-1",      "eu-west-2",
	"eu-west-3",      "eu-central-1",   "eu-north-1",     "ap-south-1",
	"me-south-1",     "ap-northeast-1", "ap-northeast-2", "ap-southeast-1",
	"ap-southeast-2", "us-gov-west-1",
};

/* Regions whose DKIM zone is dkim.REGION.amazonses.com. */
static const char *const own_zone_regions[] = {
	"af-south-1",     "ap-northeast-3", "ap-south-2",    "ap-southeast-3",
	"ap-southeast-5", "ca-west-1",      "eu-central-2",  "eu-south-1",
	"il-central-1",   "me-central-1",   "us-gov-east-1",
};

static bool is_in(struct str region, const char *const *regions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (str_is(region, regions[i]))
			return true;
	}
	return false;
}

static struct str text_of(const json_t *object, const char *member)
{
	const json_t *json = json_object_get(object, member);
	if (!json_is_string(json))
		return STR_EMPTY;
	return str_of(json_string_value(json), json_string_length(json));
}

static bool check_region(struct str region, struct err *e)
{
	if (region.len == 0)
		return err_set(e, ERR_USAGE,
			       LANG_MARK("the AWS region of the identity is needed "
					 "(--ses.region REGION)"));
	for (size_t i = 0; i < region.len; i++) {
		unsigned char c = (unsigned char)region.data[i];
		if (!ascii_is_alnum(c) && c != '-')
			return err_set(e, ERR_USAGE, LANG_MARK("'%.*s' is no AWS region"),
				       STR_ARG(region));
	}
	return true;
}

bool expectation_ses_zone(struct arena *a, struct str region, struct str *zone_out,
			  struct err *e)
{
	if (region.len > 0 && !check_region(region, e))
		return false;
	if (region.len == 0 ||
	    is_in(region, common_zone_regions, ARRAY_LEN(common_zone_regions))) {
		*zone_out = STR("dkim.amazonses.com");
		return true;
	}
	if (is_in(region, own_zone_regions, ARRAY_LEN(own_zone_regions))) {
		*zone_out = str_from(
			arena_printf(a, "dkim.%.*s.amazonses.com", STR_ARG(region)));
		return true;
	}
	return err_set(e, ERR_USAGE,
		       LANG_MARK("the DKIM zone of region '%.*s' is not known to us"),
		       STR_ARG(region));
}

static bool find_zone(struct arena *a, const json_t *dkim, struct str region,
		      struct str *zone_out, struct err *e)
{
	struct str said = text_of(dkim, "SigningHostedZone");
	if (said.len > 0) {
		*zone_out = said;
		return true;
	}
	if (!expectation_ses_zone(a, region, zone_out, e))
		return err_in(e, "DkimAttributes.SigningHostedZone is missing");
	return true;
}

static bool check_token(const json_t *json, struct str *out, struct err *e)
{
	if (!json_is_string(json))
		return err_set(e, ERR_USAGE, "is not a string");
	*out = str_of(json_string_value(json), json_string_length(json));
	if (out->len == 0 || out->len > LABEL_TEXT_MAX)
		return err_set(e, ERR_USAGE, "is not a DKIM token");
	for (size_t i = 0; i < out->len; i++) {
		unsigned char c = (unsigned char)out->data[i];
		if (!ascii_is_alnum(c) && c != '-' && c != '_')
			return err_set(e, ERR_USAGE, "is not a DKIM token");
	}
	return true;
}

/* A key of one's own (BYODKIM, zone empty): SES gives the selector at best, never the
 * key. So all that can be asked of the record is that it is there and holds a well-formed
 * key. */
static bool add_key(struct arena *a, struct str token, struct str zone,
		    struct expectation *x, struct err *e)
{
	const char *name = arena_printf(a, "%.*s._domainkey.%.*s", STR_ARG(token),
					STR_ARG(x->domain));
	struct record_draft d = {
		.purpose = PURPOSE_DKIM,
		.type = DNS_TYPE_TXT,
		.name = str_from(name),
		.value = STR_EMPTY,
	};
	if (zone.len > 0) {
		d.type = DNS_TYPE_CNAME;
		d.value = str_from(
			arena_printf(a, "%.*s.%.*s", STR_ARG(token), STR_ARG(zone)));
	}
	return expectation_add(a, x, &d, e);
}

static bool add_dkim(struct arena *a, const json_t *dkim, struct str region,
		     struct expectation *x, struct err *e)
{
	const json_t *tokens = json_object_get(dkim, "Tokens");
	bool is_own_key = str_is(text_of(dkim, "SigningAttributesOrigin"), "EXTERNAL");
	struct str zone = STR_EMPTY;
	if (json_array_size(tokens) == 0)
		return err_set(
			e, ERR_USAGE,
			is_own_key
				? LANG_MARK("DkimAttributes.Tokens is empty: the key is "
					    "your own "
					    "(BYODKIM), and SES does not say its "
					    "selector; give "
					    "the records in our own form (--expect)")
				: LANG_MARK("DkimAttributes.Tokens is missing or empty"));
	if (json_array_size(tokens) > TOKENS_MAX)
		return err_set(e, ERR_USAGE,
			       "DkimAttributes.Tokens has more than %d members",
			       TOKENS_MAX);
	if (!is_own_key && !find_zone(a, dkim, region, &zone, e))
		return false;
	for (size_t i = 0; i < json_array_size(tokens); i++) {
		struct str token = STR_EMPTY;
		if (!check_token(json_array_get(tokens, i), &token, e) ||
		    !add_key(a, token, zone, x, e))
			return err_in(e, "DkimAttributes.Tokens[%zu]", i);
	}
	return true;
}

/* The MX decides about MAIL FROM; SES does not look at the SPF record, receivers do. */
static bool add_mail_from(struct arena *a, const json_t *attributes, struct str region,
			  struct expectation *x, struct err *e)
{
	struct str host = text_of(attributes, "MailFromDomain");
	if (host.len == 0)
		return true;
	if (!check_region(region, e))
		return err_in(e, "MailFromAttributes.MailFromDomain");
	const struct record_draft mx = {
		.purpose = PURPOSE_MAIL_FROM,
		.type = DNS_TYPE_MX,
		.name = host,
		.value = str_from(arena_printf(a, "10 feedback-smtp.%.*s.amazonses.com",
					       STR_ARG(region))),
	};
	const struct record_draft spf = {
		.purpose = PURPOSE_SPF,
		.type = DNS_TYPE_TXT,
		.name = host,
		.value = STR("v=spf1 include:amazonses.com ~all"),
		.optional = true,
	};
	if (!expectation_add(a, x, &mx, e) || !expectation_add(a, x, &spf, e))
		return err_in(e, "MailFromAttributes.MailFromDomain");
	return true;
}

/* "+09:00" in seconds; false if it is not that. */
static bool parse_offset(struct str text, int64_t *out)
{
	uint64_t hours;
	uint64_t minutes;
	if (text.len == 0 || str_is(text, "Z")) {
		*out = 0;
		return true;
	}
	if (text.len != 6 || (text.data[0] != '+' && text.data[0] != '-') ||
	    text.data[3] != ':' || !str_number(str_sub(text, 1, 2), 23, &hours) ||
	    !str_number(str_sub(text, 4, 2), 59, &minutes))
		return false;
	int64_t s = (int64_t)(hours * 3600 + minutes * 60);
	*out = text.data[0] == '-' ? -s : s;
	return true;
}

/* The CLI prints "2026-01-02T03:04:05.123000+09:00", or a number if it is told to. 0:
 * unknown. */
static int64_t time_of(struct arena *a, const json_t *json)
{
	if (json_is_number(json)) {
		double at = json_number_value(json);
		return at > 0 && at < 1e11 ? (int64_t)at : 0;
	}
	if (!json_is_string(json))
		return 0;
	struct str text = str_of(json_string_value(json), json_string_length(json));
	if (text.len < DATE_LEN)
		return 0;
	struct str date = str_sub(text, 0, DATE_LEN);
	struct cursor c = cursor_over(str_sub(text, DATE_LEN, text.len));
	if (cursor_accept(&c, '.'))
		cursor_while(&c, "0123456789");
	int64_t offset;
	int64_t at;
	if (!parse_offset(cursor_bytes(&c, cursor_left(&c)), &offset) ||
	    !clock_parse(str_from(arena_printf(a, "%.*sZ", STR_ARG(date))), &at))
		return 0;
	return at - offset;
}

bool expect_from_ses(struct arena *a, const struct json_t *json, struct str region,
		     struct expectation *x, struct err *e)
{
	const json_t *dkim = json_object_get(json, "DkimAttributes");
	if (str_is(text_of(json, "IdentityType"), "EMAIL_ADDRESS"))
		return err_set(
			e, ERR_USAGE,
			LANG_MARK("the identity is an address: it is confirmed by a "
				  "link in a message, not by DNS records"));
	if (!json_is_object(dkim))
		return err_set(e, ERR_USAGE, LANG_MARK("DkimAttributes is missing"));
	struct str status = text_of(json, "VerificationStatus");
	if (status.len == 0)
		status = text_of(dkim, "Status");
	x->ses_status = arena_str(a, str_sub(status, 0, LABEL_TEXT_MAX));
	const json_t *info = json_object_get(json, "VerificationInfo");
	x->ses_last_checked_at =
		time_of(a, json_object_get(info, "LastCheckedTimestamp"));
	return add_dkim(a, dkim, region, x, e) &&
	       add_mail_from(a, json_object_get(json, "MailFromAttributes"), region, x,
			     e);
}
