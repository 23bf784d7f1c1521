/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PutEmailIdentityMailFromAttributes, and the attributes as GetEmailIdentity has them. */
#include "api/ses_mail_from.h"

#include "api/handlers.h"
#include "api/ses_error.h"
#include "api/ses_input.h"
#include "mail/mail.h"

#define BEHAVIORS "[USE_DEFAULT_VALUE, REJECT_MESSAGE]"

/* Without a domain the two other members are left out, though the model wants them. */
json_t *ses_mail_from_json(const struct identity_row *row)
{
	const char *behavior =
		row->mail_from_reject ? "REJECT_MESSAGE" : "USE_DEFAULT_VALUE";
	enum status status = row->state.aspects[ASPECT_MAIL_FROM].status;
	if (row->mail_from_domain.len == 0)
		return json_pack("{s:s}", "BehaviorOnMxFailure", behavior);
	return json_pack("{s:o, s:s, s:s}", "MailFromDomain",
			 call_json_text(row->mail_from_domain), "MailFromDomainStatus",
			 status_name(status), "BehaviorOnMxFailure", behavior);
}

static bool attributes_read(struct call *c, struct service_mail_from *out)
{
	struct ses_input in;
	if (!ses_input_open(&in, c))
		return false;
	struct str domain = ses_input_text(&in, in.root, "MailFromDomain");
	struct str behavior = ses_input_text(&in, in.root, "BehaviorOnMxFailure");
	ses_input_enum(&in, behavior, BEHAVIORS, "behaviorOnMxFailure");
	*out = (struct service_mail_from){
		.domain = domain.data ? arena_str(c->arena, str_trim(domain)) : STR_EMPTY,
		.rejects = behavior.data && str_is(behavior, "REJECT_MESSAGE"),
	};
	return ses_input_holds(&in);
}

/* Unlike the other calls this one answers 400 for an identity that is not there. */
static bool row_find(struct call *c, struct identity_row *out)
{
	struct str domain;
	struct dns_name name;
	struct err e = { 0 };
	bool parsed =
		mail_domain_parse(c->arena, c->parameters[0], false, &domain, &name, &e);
	if (parsed &&
	    store_identity_find(c->store, c->arena, c->tenant.id, domain, out, &e))
		return true;
	if (parsed && e.kind != ERR_NOT_FOUND)
		ses_refuse_err(c, &e);
	else
		ses_refuse_printf(c, "BadRequestException",
				  "Identity <%.*s> does not exist.",
				  STR_ARG(c->parameters[0]));
	return false;
}

static bool is_below(struct str domain, const struct identity_row *row)
{
	struct dns_name inner;
	struct dns_name outer;
	struct err e = { 0 };
	return dns_name_parse(domain, &inner, &e) &&
	       dns_name_parse(row->domain, &outer, &e) &&
	       dns_name_within(&inner, &outer) && !dns_name_equal(&inner, &outer);
}

void ses_mail_from_put(struct call *c)
{
	struct service_mail_from wanted;
	struct identity_row row;
	struct err e = { 0 };
	if (!attributes_read(c, &wanted) || !row_find(c, &row))
		return;
	if (wanted.domain.len > 0 && !is_below(wanted.domain, &row)) {
		ses_refuse_printf(c, "BadRequestException",
				  "Provided MAIL-FROM domain <%.*s> is not subdomain of "
				  "the domain of the identity <%.*s>.",
				  STR_ARG(wanted.domain), STR_ARG(row.domain));
		return;
	}
	struct service_caller caller = call_service_caller(c);
	if (service_identity_mail_from(&caller, c->arena, row.id, &wanted, &row, &e))
		call_answer_json(c, 200, "application/json", json_object());
	else
		ses_refuse_err(c, &e);
}
