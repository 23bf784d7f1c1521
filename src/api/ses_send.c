/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SES v2 SendEmail: Simple and Raw. The gate itself is send's. */
#include "api/handlers.h"
#include "api/ses_error.h"
#include "api/ses_input.h"
#include "send/send.h"

enum {
	HEADERS_MAX = 15,
	HEADER_NAME_MAX = 126,
	HEADER_VALUE_MAX = 995,
	RECIPIENTS_MAX = 50,
};

struct email {
	struct send_request request;
	struct mail_draft draft;
	bool has_simple;
	bool has_raw;
	bool has_template;
	bool has_attachments;
	struct str configuration_set;
	const char *unsupported; /* a member that we would have to drop */
};

/* --- reading --- */

static void destination_read(struct ses_input *in, struct email *m)
{
	static const char *const members[] = { "ToAddresses", "CcAddresses",
					       "BccAddresses" };
	const json_t *destination = ses_input_object(in, in->root, "Destination");
	struct str *lists[3];
	size_t counts[3];
	size_t count = 0;
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		lists[i] = ses_input_texts(in, destination, members[i], &counts[i]);
		count += counts[i];
	}
	struct str *all = arena_array(in->call->arena, count + 1, sizeof(*all));
	for (size_t i = 0, at = 0; i < ARRAY_LEN(members); i++)
		for (size_t k = 0; k < counts[i]; k++)
			all[at++] = lists[i][k];
	m->draft.to = lists[0];
	m->draft.to_count = counts[0];
	m->draft.cc = lists[1];
	m->draft.cc_count = counts[1];
	m->request.recipients = all;
	m->request.recipient_count = count;
}

/* {"Data": ..., "Charset": ...}: Data is UTF-8 whatever the charset, and is sent as
 * such. */
static struct str content_read(struct ses_input *in, const json_t *object,
			       const char *member, const char *path, bool needed)
{
	const json_t *content = ses_input_object(in, object, member);
	struct str data = ses_input_text(in, content, "Data");
	(void)ses_input_text(in, content, "Charset");
	if (needed)
		ses_input_need(in, content, path);
	if (content)
		ses_input_need(in, data.data,
			       arena_printf(in->call->arena, "%s.data", path));
	return data.data ? data : STR_EMPTY;
}

static bool header_name_is_clean(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.data[i] <= ' ' || name.data[i] > '~' || name.data[i] == ':')
			return false;
	return true;
}

static bool header_value_is_clean(struct str value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.data[i] < ' ' || value.data[i] > '~')
			return false;
	return true;
}

static void header_check(struct ses_input *in, const struct mail_field *header,
			 size_t index)
{
	struct arena *a = in->call->arena;
	const char *path =
		arena_printf(a, "content.simple.headers.%zu.member", index + 1);
	const char *name = arena_printf(a, "%s.name", path);
	const char *value = arena_printf(a, "%s.value", path);
	ses_input_need(in, header->name.data, name);
	ses_input_need(in, header->value.data, value);
	ses_input_length(in, header->name, HEADER_NAME_MAX, name);
	ses_input_length(in, header->value, HEADER_VALUE_MAX, value);
	if (!header_name_is_clean(header->name))
		ses_input_violate(in, name,
				  "Member must satisfy regular expression pattern: "
				  "^[!-9;-@A-~]+$");
	if (!header_value_is_clean(header->value))
		ses_input_violate(
			in, value,
			"Member must satisfy regular expression pattern: [ -~]*");
}

static void headers_read(struct ses_input *in, const json_t *simple, struct email *m)
{
	const json_t *list = ses_input_list(in, simple, "Headers");
	size_t count = json_array_size(list);
	if (count > HEADERS_MAX) {
		ses_input_violate(in, "content.simple.headers",
				  "Member must have length less than or equal to 15");
		return;
	}
	struct mail_field *headers =
		arena_array(in->call->arena, count + 1, sizeof(*headers));
	for (size_t i = 0; i < count; i++) {
		const json_t *item = ses_input_item(in, list, i);
		headers[i].name = ses_input_text(in, item, "Name");
		headers[i].value = ses_input_text(in, item, "Value");
		header_check(in, &headers[i], i);
	}
	m->draft.headers = headers;
	m->draft.header_count = count;
}

static void simple_read(struct ses_input *in, const json_t *simple, struct email *m)
{
	const json_t *body = ses_input_object(in, simple, "Body");
	m->draft.subject =
		content_read(in, simple, "Subject", "content.simple.subject", true);
	ses_input_need(in, body, "content.simple.body");
	m->draft.text = content_read(in, body, "Text", "content.simple.body.text", false);
	m->draft.html = content_read(in, body, "Html", "content.simple.body.html", false);
	headers_read(in, simple, m);
	m->has_attachments =
		json_array_size(ses_input_list(in, simple, "Attachments")) > 0;
}

static void content_choose(struct ses_input *in, struct email *m)
{
	const json_t *content = ses_input_object(in, in->root, "Content");
	const json_t *simple = ses_input_object(in, content, "Simple");
	const json_t *raw = ses_input_object(in, content, "Raw");
	m->has_simple = simple != NULL;
	m->has_raw = raw != NULL;
	m->has_template = ses_input_object(in, content, "Template") != NULL;
	ses_input_need(in, content, "content");
	if (simple)
		simple_read(in, simple, m);
	if (raw) {
		m->request.raw = ses_input_blob(in, raw, "Data");
		ses_input_need(in, m->request.raw.data, "content.raw.data");
	}
}

/* Members that would change what happens, and that we could only ignore. */
static void unsupported_read(struct ses_input *in, struct email *m)
{
	static const char *const members[] = {
		"FromEmailAddressIdentityArn", "FeedbackForwardingEmailAddress",
		"FeedbackForwardingEmailAddressIdentityArn", "EndpointId", "TenantName"
	};
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (ses_input_text(in, in->root, members[i]).len > 0)
			m->unsupported = members[i];
	if (ses_input_object(in, in->root, "ListManagementOptions"))
		m->unsupported = "ListManagementOptions";
}

static bool email_read(struct call *c, struct email *m)
{
	struct ses_input in;
	size_t count;
	if (!ses_input_open(&in, c))
		return false;
	m->request.from = ses_input_text(&in, in.root, "FromEmailAddress");
	m->configuration_set = ses_input_text(&in, in.root, "ConfigurationSetName");
	m->draft.reply_to = ses_input_texts(&in, in.root, "ReplyToAddresses", &count);
	m->draft.reply_to_count = count;
	destination_read(&in, m);
	unsupported_read(&in, m);
	content_choose(&in, m);
	/* EmailTags serve statistics that we do not have; they change nothing. */
	(void)ses_input_list(&in, in.root, "EmailTags");
	return ses_input_holds(&in);
}

/* --- judging --- */

static bool refuse_bad(struct call *c, const char *text)
{
	ses_refuse(c, "BadRequestException",
		   (struct str){ text, text ? strlen(text) : 0 });
	return false;
}

static bool email_is_whole(struct call *c, const struct email *m)
{
	size_t kinds = (size_t)m->has_simple + m->has_raw + m->has_template;
	if (kinds != 1)
		return refuse_bad(c, "Content must have exactly one of Simple, Raw and "
				     "Template.");
	if (m->has_template)
		return refuse_bad(c, "Templates are not offered here: send Simple or Raw "
				     "content.");
	if (m->has_attachments)
		return refuse_bad(c,
				  "Attachments of Simple content are not offered here: "
				  "send Raw content.");
	if (m->unsupported) {
		ses_refuse_printf(c, "BadRequestException",
				  "%s is not offered here: leave it out.",
				  m->unsupported);
		return false;
	}
	if (m->configuration_set.len > 0) {
		ses_refuse_printf(c, "NotFoundException",
				  "Configuration set <%.*s> does not exist.",
				  STR_ARG(m->configuration_set));
		return false;
	}
	if (m->has_simple && m->request.from.len == 0)
		return refuse_bad(c, NULL); /* SES says no more than null here */
	if (m->request.recipient_count > RECIPIENTS_MAX)
		return refuse_bad(c, "Recipient count exceeds 50.");
	return true;
}

static void refuse_unverified(struct call *c, struct str who)
{
	struct str region = config_text(c->api->options.config, CONFIG_SES_REGION);
	char *upper = arena_text(c->arena, region);
	for (size_t i = 0; i < region.len; i++)
		upper[i] = ascii_upper(upper[i]);
	ses_refuse_printf(
		c, "MessageRejected",
		"Email address is not verified. The following identities failed "
		"the check in region %s: %.*s",
		upper, STR_ARG(who));
}

static void answer(struct call *c, enum send_refusal refusal,
		   const struct send_result *result, const struct err *e)
{
	switch (refusal) {
	case SEND_ACCEPTED:
		if (c->api->options.service)
			service_wake(c->api->options.service);
		call_answer_json(c, 200, "application/json",
				 json_pack("{s:o}", "MessageId",
					   call_json_text(result->message_id)));
		return;
	case SEND_NOT_VERIFIED:
		refuse_unverified(c, result->refused);
		return;
	case SEND_MAIL_FROM_NOT_VERIFIED:
		ses_refuse_printf(c, "MailFromDomainNotVerifiedException",
				  "The MAIL FROM domain %.*s is not verified.",
				  STR_ARG(result->refused));
		return;
	case SEND_BAD_REQUEST:
		ses_refuse(c, "BadRequestException", str_from(e->text));
		return;
	case SEND_TOO_MANY_HELD:
		ses_refuse(c, "LimitExceededException",
			   STR("Too many messages wait for their sender to be verified "
			       "already."));
		return;
	case SEND_FAILED:
		ses_refuse_err(c, e);
		return;
	}
}

void ses_email_send(struct call *c)
{
	struct email m = { .request = { .tenant_id = c->tenant.id,
					.now_ms = c->now_ms } };
	struct send_result result = { .held = false };
	struct err e = { 0 };
	if (!email_read(c, &m) || !email_is_whole(c, &m))
		return;
	if (!m.request.from.data)
		m.request.from = STR_EMPTY;
	if (m.has_simple)
		m.request.draft = &m.draft;
	enum send_refusal refusal = send_submit(
		c->store, c->arena, c->api->options.config, &m.request, &result, &e);
	answer(c, refusal, &result, &e);
}
