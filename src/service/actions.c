/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people and APIs may do to identities. */
#include "authority/authority.h"
#include "mail/mail.h"
#include "service/inside.h"

static bool mail_from_is_expected(const struct config *config,
				  const struct identity_row *row)
{
	/* The operator may have ceased to offer it. */
	return row->mail_from_domain.len && config_text(config, CONFIG_MAIL_FROM_MX).len;
}

/* What MAIL FROM needs: an MX for the bounces ... */
static bool mail_from_expect(struct arena *a, const struct config *config,
			     const struct identity_row *row, struct expectation *x,
			     struct err *e)
{
	const struct record_draft mx = {
		.purpose = PURPOSE_MAIL_FROM,
		.type = DNS_TYPE_MX,
		.name = row->mail_from_domain,
		.value = config_text(config, CONFIG_MAIL_FROM_MX),
	};

	return !mail_from_is_expected(config, row) || expectation_add(a, x, &mx, e);
}

/* ... and SPF for the envelope's domain. */
static bool mail_from_spf_expect(struct arena *a, const struct config *config,
				 const struct identity_row *row, struct expectation *x,
				 struct err *e)
{
	struct str spf = config_text(config, CONFIG_MAIL_FROM_SPF);
	/* SES does not look at it either (ses.md section 4.3): mail arrives without. */
	const struct record_draft text = {
		.purpose = PURPOSE_SPF,
		.type = DNS_TYPE_TXT,
		.name = row->mail_from_domain,
		.value = spf,
		.optional = true,
	};

	return !mail_from_is_expected(config, row) || !spf.len ||
	       expectation_add(a, x, &text, e);
}

static bool ownership_expect(struct arena *a, const struct identity_row *row,
			     struct expectation *x, struct err *e)
{
	const struct record_draft text = {
		.purpose = PURPOSE_OWNERSHIP,
		.type = DNS_TYPE_TXT,
		.name = str_from(
			arena_printf(a, "_unpend-challenge.%.*s", STR_ARG(row->domain))),
		.value = str_from(arena_printf(a, "unpend-challenge=%.*s",
					       STR_ARG(row->ownership_token))),
	};

	return !row->ownership_token.len || expectation_add(a, x, &text, e);
}

static bool dmarc_expect(struct arena *a, const struct identity_row *row,
			 struct expectation *x, struct err *e)
{
	const struct record_draft dmarc = {
		.purpose = PURPOSE_DMARC,
		.type = DNS_TYPE_TXT,
		.name = str_from(arena_printf(a, "_dmarc.%.*s", STR_ARG(row->domain))),
		.value = STR("v=DMARC1; p=none"),
		.optional = true,
	};

	/* Below the organisational domain, its DMARC record holds (RFC 9989
	 * section 4.10.2). */
	return !str_equal(mail_domain_organisational(row->domain), row->domain) ||
	       expectation_add(a, x, &dmarc, e);
}

bool service_identity_expect(struct arena *a, const struct config *config,
			     const struct identity_row *row, struct expectation *out,
			     struct err *e)
{
	struct dkim_tokens tokens = { row->tokens, EXPECT_DKIM_TOKENS, row->key_zone };
	struct expectation x;

	if (!expectation_from_tokens(a, row->domain, &tokens, &x, e) ||
	    !mail_from_expect(a, config, row, &x, e) ||
	    !mail_from_spf_expect(a, config, row, &x, e) ||
	    !ownership_expect(a, row, &x, e) || !dmarc_expect(a, row, &x, e))
		return false;
	*out = x;
	return true;
}

bool identity_expect_required(struct arena *a, const struct config *config,
			      const struct identity_row *row, struct expectation *out,
			      struct err *e)
{
	struct dkim_tokens tokens = { row->tokens, EXPECT_DKIM_TOKENS, row->key_zone };
	struct expectation x;

	if (!expectation_from_tokens(a, row->domain, &tokens, &x, e) ||
	    !mail_from_expect(a, config, row, &x, e) || !ownership_expect(a, row, &x, e))
		return false;
	*out = x;
	return true;
}

/* --- create --- */

static bool sender_parse(const struct service_caller *c, struct arena *a,
			 struct str typed, struct service_wish *out, struct err *e)
{
	struct mail_sender_rules rules;
	struct mail_sender sender;

	rules.allow = config_list(c->config, CONFIG_SENDERS_ALLOW, &rules.allow_count);
	rules.deny = config_list(c->config, CONFIG_SENDERS_DENY, &rules.deny_count);
	if (!mail_sender_parse(a, typed, &rules, &sender, e))
		return false;
	*out = (struct service_wish){ .domain = sender.domain,
				      .address = sender.address };
	return true;
}

static bool sender_note(const struct service_caller *c, int64_t identity_id,
			struct str address, struct err *e)
{
	return !address.len ||
	       store_sender_add(c->store, identity_id, address, c->now_s, e);
}

/* Keys of the pool at once, so that they are published soon; who gets none waits. */
static bool keys_reserve(struct store *s, const struct identity_row *row, struct err *e)
{
	bool bound = !row->keys_elsewhere;

	for (size_t i = 0; i < EXPECT_DKIM_TOKENS && bound; i++)
		if (!store_key_bind(s, row->id, row->tokens[i], &bound, e))
			return false;
	return true;
}

static bool identity_insert(const struct service_caller *c, struct identity_row *row,
			    struct str address, struct err *e)
{
	struct store_scope o;

	return store_scope_open(c->store, &o, e) &&
	       store_scope_close(&o,
				 store_identity_add(c->store, row, e) &&
					 sender_note(c, row->id, address, e) &&
					 keys_reserve(c->store, row, e),
				 e);
}

static bool identity_make(const struct service_caller *c, struct arena *a,
			  const struct service_wish *wish, struct identity_row *out,
			  struct err *e)
{
	struct identity_row row = { .tenant_id = c->tenant_id, .domain = wish->domain };
	struct expectation x;

	for (size_t i = 0; i < EXPECT_DKIM_TOKENS; i++)
		row.tokens[i] = wish->grant.tokens[i];
	row.key_zone = wish->grant.key_zone;
	row.keys_elsewhere = !wish->grant.keys_are_ours;
	if (!service_identity_expect(a, c->config, &row, &x, e))
		return false;
	row.state = identity_begin(&x, c->now_s).state;
	*out = row;
	return true;
}

static bool identity_create_new(const struct service_caller *c, struct arena *a,
				const struct service_wish *wish, struct identity_row *out,
				struct err *e)
{
	struct err refused = { 0 };

	if (!wish->is_granted)
		return err_set(e, ERR_CONFLICT, LANG_MARK("try again"));
	if (!identity_make(c, a, wish, out, e))
		return false;
	if (identity_insert(c, out, wish->address, &refused)) {
		service_wake_all(c);
		return true;
	}
	*e = refused;
	/* SES gives the same tokens to everybody in one account: whoever came first has
	 * it. */
	if (refused.kind == ERR_CONFLICT)
		return err_set(e, ERR_DENIED,
			       LANG_MARK("'%.*s' belongs to another tenant here"),
			       STR_ARG(wish->domain));
	return false;
}

/* Whether the tenant has the domain. */
static bool identity_look_up(const struct service_caller *c, struct arena *a,
			     struct str domain, struct identity_row *out, bool *there_out,
			     struct err *e)
{
	struct err missing = { 0 };

	*there_out =
		store_identity_find(c->store, a, c->tenant_id, domain, out, &missing);
	if (*there_out || missing.kind == ERR_NOT_FOUND)
		return true;
	*e = missing;
	return false;
}

bool service_identity_create_ask(const struct service_caller *c, struct arena *a,
				 struct str sender, struct service_wish *out,
				 struct err *e)
{
	struct service_wish wish;
	struct identity_row row;
	bool there;

	if (!sender_parse(c, a, sender, &wish, e) ||
	    !identity_look_up(c, a, wish.domain, &row, &there, e) ||
	    (!there && !authority_grant(a, c->config, wish.domain, &wish.grant, e)))
		return false;
	*out = wish;
	out->is_granted = !there;
	return true;
}

bool service_identity_create_keep(const struct service_caller *c, struct arena *a,
				  const struct service_wish *wish,
				  struct identity_row *out, bool *created_out,
				  struct err *e)
{
	struct identity_row row;
	bool there;

	if (!identity_look_up(c, a, wish->domain, &row, &there, e) ||
	    !(there ? sender_note(c, row.id, wish->address, e)
		    : identity_create_new(c, a, wish, &row, e)))
		return false;
	*out = row;
	*created_out = !there;
	return true;
}

bool service_identity_create(const struct service_caller *c, struct arena *a,
			     struct str sender, struct identity_row *out,
			     bool *created_out, struct err *e)
{
	struct service_wish wish;

	return service_identity_create_ask(c, a, sender, &wish, e) &&
	       service_identity_create_keep(c, a, &wish, out, created_out, e);
}

bool service_identity_delete(const struct service_caller *c, struct arena *a, int64_t id,
			     struct err *e)
{
	struct identity_row row;

	if (!store_identity_get(c->store, a, c->tenant_id, id, &row, e) ||
	    !authority_revoke(c->config, row.domain, e) ||
	    !store_identity_delete(c->store, c->tenant_id, id, c->now_s, e))
		return false;
	service_wake_all(c);
	return true;
}
