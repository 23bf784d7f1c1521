/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay thread's step: the next message that is due is signed and handed over. */
#include "keys/keys.h"
#include "send/send.h"
#include "service/inside.h"

enum {
	MESSAGE_BYTES = 64 * 1024 * 1024,
	RETRY_MS = 5000,
	WAIT_MAX_MS = 5000,  /* what another node gives up comes without a wake */
	OTHERS_MS = 100,     /* another node was quicker */
	LEASE_S = 300,       /* much longer than the relay may take */
	KEY_WAIT_S = 5,      /* until a key may be published */
	TROUBLE_WAIT_S = 60, /* until what is wrong with a message here may be mended */
};

/* When there is something to do again; also after what just failed. */
static int64_t relay_wait(struct store *s)
{
	struct err e = { 0 };
	int64_t due;

	if (!store_message_next_due(s, clock_now_s(), &due, &e))
		return RETRY_MS;
	int64_t wait_ms = due ? due * 1000 - clock_now_ms() : WAIT_MAX_MS;
	if (wait_ms > WAIT_MAX_MS)
		return WAIT_MAX_MS;
	return wait_ms > 0 ? wait_ms : 1;
}

static void relay_note(struct service *v, const struct message_row *m)
{
	switch (m->state) {
	case MESSAGE_SENT:
		v->counters.messages_sent++;
		log_info("message sent", LOG_STR("message", m->message_id));
		return;
	case MESSAGE_FAILED:
		v->counters.messages_failed++;
		log_warn("message failed", LOG_STR("message", m->message_id));
		return;
	case MESSAGE_HELD:
	case MESSAGE_QUEUED:
		log_info("message put off", LOG_STR("message", m->message_id),
			 LOG_INT("tries", m->tries));
		return;
	}
}

/* Not a try: the relay was not asked. */
static bool message_put_off(struct store *s, struct message_row *m, int64_t until_s,
			    const char *why, struct err *e)
{
	m->next_try_at = until_s;
	m->last_reply = str_from(why);
	return store_message_save(s, m, e);
}

static bool message_give_up(struct store *s, struct message_row *m, const char *why,
			    struct err *e)
{
	m->state = MESSAGE_FAILED;
	m->last_reply = str_from(why);
	return store_message_save(s, m, e);
}

/* Its own trouble (a key that cannot be opened) holds nobody else's mail. */
static int64_t message_set_aside(struct store *s, struct message_row *m,
				 const struct err *trouble)
{
	struct err e = { 0 };

	/* Another node has it by now, or its identity was deleted. */
	if (trouble->kind == ERR_CONFLICT) {
		log_info("message left to others", LOG_STR("message", m->message_id),
			 LOG_TEXT("why", trouble->text));
		return 0;
	}
	log_error("message not relayed", LOG_STR("message", m->message_id),
		  LOG_TEXT("error", trouble->text));
	return message_put_off(s, m, clock_now_s() + TROUBLE_WAIT_S, trouble->text, &e)
		       ? 0
		       : RETRY_MS;
}

static bool relay_hand_over(struct service *v, struct store *s, struct message_row *m,
			    const struct mail_dkim_signer *signer, struct err *e)
{
	const struct send_relay_options options = {
		.config = v->config,
		.signer = signer,
		.now_s = clock_now_s(),
		.stop = worker_stopping(v->relay),
	};

	return send_relay(s, m, &options, e);
}

static bool message_relay(struct service *v, struct store *s, struct arena *a,
			  struct message_row *m, struct err *e)
{
	int64_t now_s = clock_now_s();
	struct identity_row identity;
	struct keys_signer found;
	struct err missing = { 0 };
	bool may_go = false;

	if (!store_identity_get(s, a, m->tenant_id, m->identity_id, &identity, e) ||
	    !send_may_go(s, a, v->config, m, &may_go, e))
		return false;
	if (!may_go)
		return message_give_up(
			s, m, "another tenant has proved the sender's domain meanwhile",
			e);
	/* Authority ses: SES signs what is handed to it. */
	if (identity.keys_elsewhere)
		return relay_hand_over(v, s, m, NULL, e);
	if (!keys_signer_find(s, a, v->seal_key, &identity, &found, &missing)) {
		if (missing.kind == ERR_NOT_FOUND)
			return message_put_off(s, m, now_s + KEY_WAIT_S,
					       "no key is published yet", e);
		*e = missing;
		return false;
	}
	struct mail_dkim_signer signer = { identity.domain, found.selector, found.key,
					   now_s };
	return relay_hand_over(v, s, m, &signer, e);
}

int64_t relay_step(struct service *v, struct store *s)
{
	auto_arena struct arena a;
	struct message_row message;
	struct err e = { 0 };
	bool found = false;
	int64_t now_s = clock_now_s();
	const struct lease_term term = { v->node, now_s, now_s + LEASE_S };

	arena_init(&a, MESSAGE_BYTES);
	if (!config_text(v->config, CONFIG_RELAY_URL).len)
		return -1;
	/* Asking writes nothing, claiming does. */
	int64_t wait_ms = relay_wait(s);
	if (wait_ms > 1)
		return wait_ms;
	if (!store_message_next(s, &a, &term, &message, &found, &e)) {
		log_error("no message could be taken", LOG_TEXT("error", e.text));
		return RETRY_MS;
	}
	if (!found)
		return OTHERS_MS;
	if (!message_relay(v, s, &a, &message, &e))
		return message_set_aside(s, &message, &e);
	relay_note(v, &message);
	return 0;
}
