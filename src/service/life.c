/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people do to the life of an identity: search again, look now, watch, and what is
 * expected beside DKIM. Each is read, changed and written in one transaction. */
#include "authority/authority.h"
#include "mail/mail.h"
#include "service/service.h"

enum {
	CHECK_PAUSE_S = 5,
	WATCH_PAUSE_S = 20, /* an open page writes this often at most */
	TRIES = 3,          /* somebody else may write at the same time */
};

/* One change of a row that was just read, and of its state. */
typedef bool life_fn(const struct service_caller *c, struct arena *a, const void *arg,
		     struct identity_row *row, struct step_result *r, struct err *e);

struct life {
	life_fn *change;
	const void *arg;
	int64_t id;
};

/* Inside a transaction. */
static bool life_apply(const struct service_caller *c, struct arena *a,
		       const struct life *life, struct identity_row *out, struct err *e)
{
	struct step_result r = { 0 };

	if (!store_identity_get(c->store, a, c->tenant_id, life->id, out, e) ||
	    !life->change(c, a, life->arg, out, &r, e))
		return false;
	out->state = r.state;
	return store_identity_save(c->store, out, r.events, r.event_count, e);
}

static bool life_change(const struct service_caller *c, struct arena *a,
			const struct life *life, struct identity_row *out, struct err *e)
{
	for (int i = 0; i < TRIES; i++) {
		struct err failed = { .lang = e->lang };
		struct identity_row row;
		struct store_scope o;
		if (!store_scope_open(c->store, &o, e))
			return false;
		if (store_scope_close(&o, life_apply(c, a, life, &row, &failed),
				      &failed)) {
			*out = row;
			service_wake_all(c);
			return true;
		}
		*e = failed;
		if (failed.kind != ERR_CONFLICT)
			return false;
	}
	return false;
}

/* --- search again, look now, watch --- */

/* Each makes an event and a look at once: a loop of them would be a flood, at the
 * domain's name servers too. */
static bool resubmit_is_early(const struct service_caller *c,
			      const struct identity_state *s, struct err *e)
{
	const struct aspect_state *dkim = &s->aspects[ASPECT_DKIM];
	int64_t age_s = c->now_s - dkim->started_at;

	if (dkim->status != STATUS_PENDING || dkim->started_at <= s->created_at ||
	    age_s < 0 || age_s >= CHECK_PAUSE_S)
		return false;
	(void)!err_set(e, ERR_LIMIT, LANG_MARK("it was resubmitted %lld s ago"),
		       (long long)age_s);
	return true;
}

static bool resubmitted(const struct service_caller *c, struct arena *a, const void *arg,
			struct identity_row *row, struct step_result *r, struct err *e)
{
	(void)a, (void)arg;
	if (resubmit_is_early(c, &row->state, e))
		return false;
	*r = identity_resubmit(&row->state, c->now_s);
	return true;
}

bool service_identity_resubmit_ask(const struct service_caller *c, struct arena *a,
				   int64_t id, struct err *e)
{
	struct identity_row row;

	return store_identity_get(c->store, a, c->tenant_id, id, &row, e) &&
	       !resubmit_is_early(c, &row.state, e) &&
	       authority_resubmit(c->config, row.domain, e);
}

bool service_identity_resubmit_keep(const struct service_caller *c, struct arena *a,
				    int64_t id, struct identity_row *out, struct err *e)
{
	const struct life life = { resubmitted, NULL, id };

	return life_change(c, a, &life, out, e);
}

bool service_identity_resubmit(const struct service_caller *c, struct arena *a,
			       int64_t id, struct identity_row *out, struct err *e)
{
	return service_identity_resubmit_ask(c, a, id, e) &&
	       service_identity_resubmit_keep(c, a, id, out, e);
}

static bool asked(const struct service_caller *c, struct arena *a, const void *arg,
		  struct identity_row *row, struct step_result *r, struct err *e)
{
	int64_t age_s = c->now_s - row->state.last_looked_at;

	(void)a, (void)arg;
	if (age_s >= 0 && age_s < CHECK_PAUSE_S)
		return err_set(e, ERR_LIMIT, LANG_MARK("it was looked at %lld s ago"),
			       (long long)age_s);
	*r = identity_ask(&row->state, c->now_s);
	return true;
}

bool service_identity_check(const struct service_caller *c, struct arena *a, int64_t id,
			    struct err *e)
{
	const struct life life = { asked, NULL, id };
	struct identity_row row;

	return life_change(c, a, &life, &row, e);
}

static bool watched(const struct service_caller *c, struct arena *a, const void *arg,
		    struct identity_row *row, struct step_result *r, struct err *e)
{
	struct policy policy = service_policy(c->config);

	(void)a, (void)arg, (void)e;
	*r = identity_watch(&row->state, &policy, c->now_s);
	return true;
}

bool service_identity_watch(const struct service_caller *c, struct arena *a, int64_t id,
			    struct err *e)
{
	const struct life life = { watched, NULL, id };
	struct policy policy = service_policy(c->config);
	struct identity_row row;

	if (!store_identity_get(c->store, a, c->tenant_id, id, &row, e))
		return false;
	int64_t until = identity_watch(&row.state, &policy, c->now_s).state.watched_until;
	if (until < row.state.watched_until + WATCH_PAUSE_S)
		return true;
	return life_change(c, a, &life, &row, e);
}

/* --- MAIL FROM --- */

/* A strict subdomain of the identity itself, not of its parent (ses.md section 0.1). */
static bool mail_from_parse(const struct service_caller *c, struct arena *a,
			    const struct identity_row *row, struct str typed,
			    struct str *domain_out, struct err *e)
{
	struct dns_name name, own;

	if (row->keys_elsewhere)
		return err_set(e, ERR_DENIED,
			       LANG_MARK("SES decides about '%.*s': set its MAIL FROM "
					 "domain there"),
			       STR_ARG(row->domain));
	if (!config_text(c->config, CONFIG_MAIL_FROM_MX).len)
		return err_set(e, ERR_DENIED,
			       LANG_MARK("the operator offers no MAIL FROM domains "
					 "(mail_from.mx is not set)"));
	if (!mail_domain_parse(a, str_trim(typed), false, domain_out, &name, e) ||
	    !dns_name_parse(row->domain, &own, e))
		return false;
	if (dns_name_equal(&name, &own) || !dns_name_within(&name, &own))
		return err_set(e, ERR_USAGE,
			       LANG_MARK("the MAIL FROM domain must be a subdomain of "
					 "'%.*s', such as 'bounce.%.*s'"),
			       STR_ARG(row->domain), STR_ARG(row->domain));
	return true;
}

/* Mail sent as that name would have its bounces, and replies, at the wrong place. */
static bool mail_from_is_free(const struct service_caller *c, struct arena *a,
			      struct str domain, struct err *e)
{
	struct err missing = { 0 };
	struct identity_row row;

	if (store_identity_find(c->store, a, c->tenant_id, domain, &row, &missing))
		return err_set(e, ERR_USAGE,
			       LANG_MARK("'%.*s' is an identity: mail is sent as it, so "
					 "it cannot take the bounces"),
			       STR_ARG(domain));
	if (missing.kind == ERR_NOT_FOUND)
		return true;
	*e = missing;
	return false;
}

/* The same again: as resubmitting it (ses.md section 3.4). */
static struct step_result mail_from_again(const struct identity_row *row, int64_t now_s)
{
	enum status s = row->state.aspects[ASPECT_MAIL_FROM].status;

	if (s == STATUS_SUCCESS || s == STATUS_TEMPORARY_FAILURE)
		return identity_ask(&row->state, now_s);
	return identity_want(&row->state, ASPECT_MAIL_FROM, true, now_s);
}

static bool mail_from_set(const struct service_caller *c, struct arena *a,
			  const void *arg, struct identity_row *row,
			  struct step_result *r, struct err *e)
{
	const struct service_mail_from *wanted = arg;
	struct str domain = STR_EMPTY;

	if (wanted->domain.len &&
	    (!mail_from_parse(c, a, row, wanted->domain, &domain, e) ||
	     !mail_from_is_free(c, a, domain, e)))
		return false;
	if (domain.len && str_equal(domain, row->mail_from_domain))
		*r = mail_from_again(row, c->now_s);
	else
		*r = identity_want(&row->state, ASPECT_MAIL_FROM, domain.len > 0,
				   c->now_s);
	row->mail_from_domain = domain;
	/* Without a domain its behaviour is the default again (ses.md section 1.3). */
	row->mail_from_reject = domain.len && wanted->rejects;
	return true;
}

bool service_identity_mail_from(const struct service_caller *c, struct arena *a,
				int64_t id, const struct service_mail_from *wanted,
				struct identity_row *out, struct err *e)
{
	const struct life life = { mail_from_set, wanted, id };

	return life_change(c, a, &life, out, e);
}

/* --- ownership --- */

static bool ownership_set(const struct service_caller *c, struct arena *a,
			  const void *arg, struct identity_row *row,
			  struct step_result *r, struct err *e)
{
	const bool *wanted = arg;

	if (*wanted && row->keys_elsewhere)
		return err_set(
			e, ERR_DENIED,
			LANG_MARK("SES decides about '%.*s', and looks for no "
				  "other proof of ownership than its DKIM records"),
			STR_ARG(row->domain));
	if (*wanted && row->ownership_token.len) {
		*r = identity_ask(&row->state, c->now_s);
		return true;
	}
	*r = identity_want(&row->state, ASPECT_OWNERSHIP, *wanted, c->now_s);
	row->ownership_token = *wanted ? authority_token_make(a) : STR_EMPTY;
	return true;
}

bool service_identity_ownership(const struct service_caller *c, struct arena *a,
				int64_t id, bool wanted, struct identity_row *out,
				struct err *e)
{
	const struct life life = { ownership_set, &wanted, id };

	return life_change(c, a, &life, out, e);
}
