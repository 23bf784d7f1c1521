/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The gate (ses.md 5.3): shape, From, recipients, then the identity check on every
 * address that the message claims to come from, then held or queued, in one transaction:
 * what is verified meanwhile cannot slip between the check and the write.
 */
#include "send/compose.h"

enum {
	WORK_BYTES = 64 * 1024 * 1024, /* a message of 10 MiB in its forms */
};

struct gate {
	struct store *store;
	struct arena *arena;
	const struct config *config;
	const struct send_request *request;
	struct identity_row identity; /* that covers the header From */
	bool must_wait;               /* it is not verified yet */
	struct buf refused;
};

/* Another tenant proved the sender's domain, or one between it and the identity that
 * would cover it: the parent's holder may not speak for it. */
static bool gate_is_taken(struct gate *g, struct str domain, struct str covering,
			  bool *taken_out, struct err *e)
{
	bool taken = false;

	while (!taken && domain.len > covering.len) {
		if (!store_identity_has_rival(g->store, g->request->tenant_id, domain,
					      &taken, e))
			return false;
		domain = str_sub(domain, str_find_byte(domain, '.') + 1, domain.len);
	}
	*taken_out = taken;
	return true;
}

/* The identity that lets a domain send: the nearest one that may; if none may, the
 * nearest. *found_out false: there is none at all, or it is not for this tenant to say.
 */
static bool gate_find_cover(struct gate *g, struct str domain, struct identity_row *out,
			    bool *found_out, struct err *e)
{
	struct identity_row row, nearest;
	struct str rest = domain;
	bool found = false, taken;

	while (rest.len) {
		struct err none = { 0 };
		if (!store_identity_cover(g->store, g->arena, g->request->tenant_id, rest,
					  &row, &none)) {
			if (none.kind == ERR_NOT_FOUND)
				break;
			*e = none;
			return false;
		}
		if (!found)
			nearest = row;
		found = true;
		if (identity_may_send(&row.state)) {
			nearest = row;
			break;
		}
		rest = str_sub(row.domain, str_find_byte(row.domain, '.') + 1,
			       row.domain.len);
	}
	if (found && !gate_is_taken(g, domain, nearest.domain, &taken, e))
		return false;
	*found_out = found && !taken;
	if (*found_out)
		*out = nearest;
	return true;
}

/* FAILED is not waited for: the search was given up, and may never be taken up again. */
static bool identity_may_hold(const struct gate *g, const struct identity_row *row)
{
	enum status status = row->state.aspects[ASPECT_DKIM].status;

	return str_is(config_text(g->config, CONFIG_SEND_UNTIL_VERIFIED), "hold") &&
	       (status == STATUS_NOT_STARTED || status == STATUS_PENDING);
}

/* One claim; what does not pass is listed in g->refused. */
static bool gate_check_claim(struct gate *g, const struct claim *claim, bool is_first,
			     struct err *e)
{
	struct identity_row row;
	bool found;

	if (!gate_find_cover(g, claim->domain, &row, &found, e))
		return false;
	bool passes = found && identity_may_send(&row.state);
	bool waits = found && !passes && identity_may_hold(g, &row) &&
		     (is_first || row.id == g->identity.id);
	if (found && is_first)
		g->identity = row;
	g->must_wait = g->must_wait || waits;
	if (passes || waits)
		return true;
	buf_text(&g->refused, g->refused.len ? ", " : "");
	buf_str(&g->refused, claim->address);
	return true;
}

static bool gate_check(struct gate *g, const struct composed *c, struct err *e)
{
	for (size_t i = 0; i < c->claim_count; i++)
		if (!gate_check_claim(g, &c->claims[i], i == 0, e))
			return false;
	return true;
}

/* Bounces go to the identity's MAIL FROM domain, where it has one that is verified; the
 * message's own id tells them apart. False: it wants no other (ses.md section 3.2). */
static bool gate_envelope(struct gate *g, const struct composed *c, struct str message_id,
			  struct str *sender_out)
{
	const struct identity_row *row = &g->identity;

	switch (identity_envelope(&row->state, row->mail_from_reject)) {
	case ENVELOPE_OURS:
		*sender_out = c->sender;
		return true;
	case ENVELOPE_CUSTOM:
		*sender_out =
			str_from(arena_printf(g->arena, "%.*s@%.*s", STR_ARG(message_id),
					      STR_ARG(row->mail_from_domain)));
		return true;
	case ENVELOPE_REFUSED:
		buf_str(&g->refused, row->mail_from_domain);
		return false;
	}
	return false;
}

static bool gate_accept(struct gate *g, struct str sender, const struct composed *c,
			struct str message_id, struct err *e)
{
	struct message_row row = {
		.message_id = message_id,
		.tenant_id = g->request->tenant_id,
		.identity_id = g->identity.id,
		.state = g->must_wait ? MESSAGE_HELD : MESSAGE_QUEUED,
		.sender = sender,
		.recipients = c->recipients,
		.recipient_count = c->recipient_count,
		.content = c->content,
		.created_at = g->request->now_ms / 1000,
		.next_try_at = g->request->now_ms / 1000,
	};

	return store_message_add(g->store, &row,
				 (size_t)config_number(g->config, CONFIG_SEND_HOLD_MAX),
				 e);
}

/* Inside the transaction. */
static enum send_refusal gate_pass(struct gate *g, const struct composed *c,
				   struct str message_id, struct err *e)
{
	struct str sender;

	if (!gate_check(g, c, e))
		return SEND_FAILED;
	if (g->refused.len)
		return SEND_NOT_VERIFIED;
	if (!gate_envelope(g, c, message_id, &sender))
		return SEND_MAIL_FROM_NOT_VERIFIED;
	if (!gate_accept(g, sender, c, message_id, e))
		return e->kind == ERR_LIMIT ? SEND_TOO_MANY_HELD : SEND_FAILED;
	return store_commit(g->store, e) ? SEND_ACCEPTED : SEND_FAILED;
}

static enum send_refusal message_submit(struct gate *g, struct str message_id,
					struct err *e)
{
	struct composed composed;

	if (!compose(g->arena, g->request, message_id, &composed, e))
		return SEND_BAD_REQUEST;
	if (!store_begin(g->store, e))
		return SEND_FAILED;
	enum send_refusal refusal = gate_pass(g, &composed, message_id, e);
	if (refusal != SEND_ACCEPTED)
		store_rollback(g->store);
	return refusal;
}

enum send_refusal send_submit(struct store *s, struct arena *a,
			      const struct config *config,
			      const struct send_request *request, struct send_result *out,
			      struct err *e)
{
	auto_arena struct arena work;
	auto_buf struct buf id;
	struct gate g = {
		.store = s, .arena = &work, .config = config, .request = request
	};

	arena_init(&work, WORK_BYTES);
	buf_init(&id, 64);
	buf_init(&g.refused, 4096);
	message_id_write(&id, config_text(config, CONFIG_SES_REGION), request->now_ms);
	enum send_refusal refusal = message_submit(&g, buf_view(&id), e);
	*out = (struct send_result){
		.message_id = arena_str(a, buf_view(&id)),
		.refused = arena_str(a, buf_view(&g.refused)),
		.held = g.must_wait,
	};
	buf_done(&g.refused);
	return refusal;
}

bool send_may_go(struct store *s, struct arena *a, const struct config *config,
		 const struct message_row *m, bool *may_out, struct err *e)
{
	const struct send_request request = { .tenant_id = m->tenant_id };
	struct gate g = { .store = s, .arena = a, .config = config, .request = &request };
	struct identity_row row;
	struct composed c;
	bool found = true;

	if (!compose_claims(a, m->content, m->sender, &c, e))
		return false;
	for (size_t i = 0; i < c.claim_count && found; i++)
		if (!gate_find_cover(&g, c.claims[i].domain, &row, &found, e))
			return false;
	*may_out = found;
	return true;
}
