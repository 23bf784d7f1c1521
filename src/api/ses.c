/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SES v2: identities and the account. Members that have no value are absent, never
 * null. */
#include "api/handlers.h"
#include "api/listing.h"
#include "api/page.h"
#include "api/ses_error.h"
#include "api/ses_input.h"
#include "api/ses_mail_from.h"
#include "mail/mail.h"

enum {
	PAGE_MAX = 1000,
};

#define KEY_LENGTHS "[RSA_1024_BIT, RSA_2048_BIT]"
#define JSON_TYPE   "application/json"

/* SES writes seconds with a fraction of milliseconds; ours are whole seconds. */
static json_t *timestamp(int64_t at_s)
{
	return json_real((double)at_s);
}

static json_t *tokens_json(const struct identity_row *row)
{
	json_t *tokens = json_array();
	for (size_t i = 0; i < EXPECT_DKIM_TOKENS; i++)
		if (row->tokens[i].len > 0)
			json_array_append_new(tokens, call_json_text(row->tokens[i]));
	return tokens;
}

static json_t *dkim_json(const struct identity_row *row, enum status status)
{
	return json_pack("{s:b, s:s, s:o, s:o, s:s, s:s, s:s, s:o}", "SigningEnabled", 1,
			 "Status", status_name(status), "Tokens", tokens_json(row),
			 "SigningHostedZone", call_json_text(row->key_zone),
			 "SigningAttributesOrigin", "AWS_SES", "NextSigningKeyLength",
			 "RSA_2048_BIT", "CurrentSigningKeyLength", "RSA_2048_BIT",
			 "LastKeyGenerationTimestamp", timestamp(row->state.created_at));
}

static json_t *name_json(const struct dns_name *name)
{
	auto_buf struct buf text;
	buf_init(&text, 2048);
	dns_name_write(&text, name);
	return call_json_text(buf_view(&text));
}

/* Empty until the first check; the last error stays, also beside a success. */
static json_t *verification_json(const struct identity_state *s)
{
	json_t *info = json_object();
	if (s->last_looked_at)
		json_object_set_new(info, "LastCheckedTimestamp",
				    timestamp(s->last_looked_at));
	if (s->last_success_at)
		json_object_set_new(info, "LastSuccessTimestamp",
				    timestamp(s->last_success_at));
	if (s->error != LOOK_ERROR_NONE)
		json_object_set_new(info, "ErrorType",
				    json_string(look_error_name(s->error)));
	if (s->has_soa)
		json_object_set_new(info, "SOARecord",
				    json_pack("{s:o, s:o, s:I}", "PrimaryNameServer",
					      name_json(&s->soa_mname), "AdminEmail",
					      name_json(&s->soa_rname), "SerialNumber",
					      (json_int_t)s->soa_serial));
	return info;
}

/* --- finding --- */

static void refuse_missing(struct call *c, struct str name)
{
	ses_refuse_printf(c, "NotFoundException", "Email identity %.*s does not exist.",
			  STR_ARG(name));
}

/* The identity that the path names; refuses where there is none. */
static bool identity_find(struct call *c, struct identity_row *out)
{
	struct str domain;
	struct dns_name name;
	struct err e = { 0 };
	if (!mail_domain_parse(c->arena, c->parameters[0], false, &domain, &name, &e)) {
		refuse_missing(c, c->parameters[0]);
		return false;
	}
	if (store_identity_find(c->store, c->arena, c->tenant.id, domain, out, &e))
		return true;
	if (e.kind == ERR_NOT_FOUND)
		refuse_missing(c, c->parameters[0]);
	else
		ses_refuse_err(c, &e);
	return false;
}

/* --- CreateEmailIdentity --- */

struct creation {
	struct str name;
	struct str configuration_set;
	struct str selector;
	struct str private_key;
	struct str key_length;
	struct str origin;
	size_t tag_count;
};

static void tags_read(struct ses_input *in, struct creation *k)
{
	const json_t *tags = ses_input_list(in, in->root, "Tags");
	k->tag_count = json_array_size(tags);
	for (size_t i = 0; i < k->tag_count && !in->type_error; i++) {
		const json_t *tag = ses_input_item(in, tags, i);
		const char *path =
			arena_printf(in->call->arena, "tags.%zu.member", i + 1);
		ses_input_need(in, ses_input_text(in, tag, "Key").data,
			       arena_printf(in->call->arena, "%s.key", path));
		ses_input_need(in, ses_input_text(in, tag, "Value").data,
			       arena_printf(in->call->arena, "%s.value", path));
	}
}

static bool creation_read(struct call *c, struct creation *k)
{
	struct ses_input in;
	if (!ses_input_open(&in, c))
		return false;
	const json_t *dkim = ses_input_object(&in, in.root, "DkimSigningAttributes");
	k->name = ses_input_text(&in, in.root, "EmailIdentity");
	k->configuration_set = ses_input_text(&in, in.root, "ConfigurationSetName");
	k->selector = ses_input_text(&in, dkim, "DomainSigningSelector");
	k->private_key = ses_input_text(&in, dkim, "DomainSigningPrivateKey");
	k->key_length = ses_input_text(&in, dkim, "NextSigningKeyLength");
	k->origin = ses_input_text(&in, dkim, "DomainSigningAttributesOrigin");
	tags_read(&in, k);
	ses_input_need(&in, k->name.data, "emailIdentity");
	ses_input_length(&in, k->name, SIZE_MAX, "emailIdentity");
	ses_input_length(&in, k->selector, 63,
			 "dkimSigningAttributes.domainSigningSelector");
	ses_input_length(&in, k->private_key, 20480,
			 "dkimSigningAttributes.domainSigningPrivateKey");
	ses_input_enum(&in, k->key_length, KEY_LENGTHS,
		       "dkimSigningAttributes.nextSigningKeyLength");
	return ses_input_holds(&in);
}

/* What SES has and we do not is refused, never dropped in silence. */
static const char *creation_unsupported(const struct creation *k)
{
	if (str_find_byte(k->name, '@') < k->name.len)
		return "Only domains can be identities here: give the domain after the "
		       "@. An address of it can send as soon as the domain is verified.";
	if (k->selector.data || k->private_key.data || k->origin.data)
		return "Signing keys of your own (BYODKIM) and replicated keys are not "
		       "offered here: leave DkimSigningAttributes out.";
	if (str_is(k->key_length, "RSA_1024_BIT"))
		return "Keys of 1024 bits are not offered here: RSA_2048_BIT is the "
		       "length.";
	if (k->tag_count > 0)
		return "Tags are not kept here: leave Tags out.";
	return NULL;
}

void ses_identity_create(struct call *c)
{
	struct creation k = { .tag_count = 0 };
	struct identity_row row = { 0 };
	struct err e = { 0 };
	bool created = false;
	if (!creation_read(c, &k))
		return;
	const char *unsupported = creation_unsupported(&k);
	if (unsupported) {
		ses_refuse(c, "BadRequestException", str_from(unsupported));
		return;
	}
	if (k.configuration_set.len > 0) {
		ses_refuse_printf(c, "NotFoundException",
				  "Configuration set <%.*s> does not exist.",
				  STR_ARG(k.configuration_set));
		return;
	}
	struct service_caller caller = call_service_caller(c);
	bool ok = service_identity_create(&caller, c->arena, k.name, &row, &created, &e);
	if ((ok && !created) || (!ok && e.kind == ERR_EXISTS)) {
		ses_refuse_printf(c, "AlreadyExistsException",
				  "Email identity %.*s already exist.", STR_ARG(k.name));
		return;
	}
	if (!ok) {
		ses_refuse_err(c, &e);
		return;
	}
	/* SES says NOT_STARTED here and PENDING from the first read on. */
	call_answer_json(c, 200, JSON_TYPE,
			 json_pack("{s:s, s:b, s:o}", "IdentityType", "DOMAIN",
				   "VerifiedForSendingStatus", 0, "DkimAttributes",
				   dkim_json(&row, STATUS_NOT_STARTED)));
}

/* --- GetEmailIdentity, ListEmailIdentities, DeleteEmailIdentity --- */

void ses_identity_get(struct call *c)
{
	struct identity_row row;
	if (!identity_find(c, &row))
		return;
	const struct identity_state *s = &row.state;
	json_t *body = json_pack(
		"{s:s, s:b, s:b, s:o, s:o, s:{}, s:[], s:s, s:o}", "IdentityType",
		"DOMAIN", "FeedbackForwardingStatus", 1, "VerifiedForSendingStatus",
		identity_may_send(s), "DkimAttributes",
		dkim_json(&row, s->aspects[ASPECT_DKIM].status), "MailFromAttributes",
		ses_mail_from_json(&row), "Policies", "Tags", "VerificationStatus",
		status_name(identity_status(s)), "VerificationInfo",
		verification_json(s));
	call_answer_json(c, 200, JSON_TYPE, body);
}

static json_t *list_item_json(const struct identity_row *row)
{
	return json_pack("{s:s, s:o, s:b, s:s}", "IdentityType", "DOMAIN", "IdentityName",
			 call_json_text(row->domain), "SendingEnabled",
			 identity_may_send(&row->state), "VerificationStatus",
			 status_name(identity_status(&row->state)));
}

/* PageSize and NextToken; false: refused. */
static bool page_read(struct call *c, const struct page_seal *seal, struct listing *l)
{
	struct str text;
	struct err e = { 0 };
	uint64_t size = PAGE_MAX;
	if (http_query_find(c->request, "PageSize", &text) &&
	    !str_number(text, PAGE_MAX, &size)) {
		ses_refuse(c, "BadRequestException",
			   STR("PageSize must be a number from 0 to 1000."));
		return false;
	}
	l->limit = size ? (size_t)size : PAGE_MAX;
	l->after = STR_EMPTY;
	if (!http_query_find(c->request, "NextToken", &text) || text.len == 0)
		return true;
	if (page_token_parse(c->arena, seal, text, &l->after, &e))
		return true;
	ses_refuse(c, "BadRequestException", STR("The NextToken is not valid."));
	return false;
}

static bool list_item_add(void *items, struct arena *a unused_arg,
			  const struct identity_row *row, struct err *e unused_arg)
{
	return json_array_append_new(items, list_item_json(row)) == 0;
}

void ses_identities_list(struct call *c)
{
	struct page_seal seal = { c->api->cursor_key, "ses", c->tenant.id };
	struct listing listing = { .each = list_item_add };
	struct str last;
	struct err e = { 0 };
	if (!page_read(c, &seal, &listing))
		return;
	auto_json json_t *items = json_array();
	listing.arg = items;
	if (!listing_walk(c, &listing, &last, &e)) {
		ses_refuse_err(c, &e);
		return;
	}
	json_t *body = json_pack("{s:O}", "EmailIdentities", items);
	if (last.data) {
		auto_buf struct buf token;
		buf_init(&token, 4096);
		page_token_write(&token, &seal, last);
		json_object_set_new(body, "NextToken", call_json_text(buf_view(&token)));
	}
	call_answer_json(c, 200, JSON_TYPE, body);
}

void ses_identity_delete(struct call *c)
{
	struct identity_row row;
	struct err e = { 0 };
	if (!identity_find(c, &row))
		return;
	struct service_caller caller = call_service_caller(c);
	if (service_identity_delete(&caller, c->arena, row.id, &e))
		call_answer_json(c, 200, JSON_TYPE, json_object());
	else if (e.kind == ERR_NOT_FOUND)
		refuse_missing(c, c->parameters[0]);
	else
		ses_refuse_err(c, &e);
}

/* --- PutEmailIdentityDkimSigningAttributes: search again --- */

static bool signing_read(struct call *c, struct str *origin, struct str *key_length)
{
	struct ses_input in;
	if (!ses_input_open(&in, c))
		return false;
	const json_t *attributes = ses_input_object(&in, in.root, "SigningAttributes");
	*origin = ses_input_text(&in, in.root, "SigningAttributesOrigin");
	*key_length = ses_input_text(&in, attributes, "NextSigningKeyLength");
	ses_input_need(&in, origin->data, "signingAttributesOrigin");
	ses_input_enum(&in, *origin, "[AWS_SES, EXTERNAL]", "signingAttributesOrigin");
	ses_input_enum(&in, *key_length, KEY_LENGTHS,
		       "signingAttributes.nextSigningKeyLength");
	return ses_input_holds(&in);
}

void ses_dkim_signing_put(struct call *c)
{
	struct str origin;
	struct str key_length;
	struct identity_row row;
	struct err e = { 0 };
	if (!signing_read(c, &origin, &key_length))
		return;
	if (!str_is(origin, "AWS_SES") || str_is(key_length, "RSA_1024_BIT")) {
		ses_refuse(c, "BadRequestException",
			   STR("Only keys that are made here, of 2048 bits, are offered: "
			       "SigningAttributesOrigin AWS_SES, RSA_2048_BIT."));
		return;
	}
	if (str_find_byte(c->parameters[0], '@') < c->parameters[0].len ||
	    str_trim(c->parameters[0]).len == 0) {
		ses_refuse(c, "BadRequestException",
			   STR("The EmailIdentity value must be a valid domain."));
		return;
	}
	if (!identity_find(c, &row))
		return;
	struct service_caller caller = call_service_caller(c);
	if (!service_identity_resubmit(&caller, c->arena, row.id, &row, &e)) {
		ses_refuse_err(c, &e);
		return;
	}
	call_answer_json(c, 200, JSON_TYPE,
			 json_pack("{s:s, s:o, s:o}", "DkimStatus",
				   status_name(row.state.aspects[ASPECT_DKIM].status),
				   "DkimTokens", tokens_json(&row), "SigningHostedZone",
				   call_json_text(row.key_zone)));
}

/* --- GetAccount --- */

/* No quota and no sandbox: -1 is SES's word for unlimited; MaxSendRate is there for
 * clients that divide by it. */
void ses_account_get(struct call *c)
{
	call_answer_json(c, 200, JSON_TYPE,
			 json_pack("{s:b, s:s, s:b, s:b, s:{s:f, s:f}, s:{s:[]}}",
				   "DedicatedIpAutoWarmupEnabled", 0, "EnforcementStatus",
				   "HEALTHY", "ProductionAccessEnabled", 1,
				   "SendingEnabled", 1, "SendQuota", "Max24HourSend",
				   -1.0, "MaxSendRate", 1000.0, "SuppressionAttributes",
				   "SuppressedReasons"));
}
