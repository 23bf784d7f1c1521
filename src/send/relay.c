/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Handing a message to the relay. At least once: if the process ends between the relay's
 * "250" and the note of it, the message goes again, with the same Message-ID.
 */
#include "http/http.h"
#include "send/send.h"

enum {
	RELAY_TIMEOUT_S = 60,
	WORK_BYTES = 64 * 1024 * 1024,
	SIGNATURE_BYTES = 16 * 1024,
	CONTENT_MAX = 11 * 1024 * 1024,
	DELAY_MAX_MIN = 60,
	/* 1 + 2 + 4 + 8 + 16 + 32 minutes, then hours: 5 days (RFC 5321 section 4.5.4.1).
	 */
	TRIES_MAX = 125,
};

/* 1, 2, 4 ... 60 minutes after the tries so far (at least one). */
static int64_t delay_s(uint32_t tries)
{
	int64_t minutes = tries > 6 ? DELAY_MAX_MIN : (int64_t)1 << (tries - 1);

	return minutes * 60;
}

static void result_note(struct message_row *m, enum smtp_result result, int64_t now_s)
{
	m->tries++;
	m->next_try_at = now_s + delay_s(m->tries);
	switch (result) {
	case SMTP_SENT:
		m->state = MESSAGE_SENT;
		break;
	case SMTP_REJECTED:
		m->state = MESSAGE_FAILED;
		break;
	case SMTP_RETRY:
		m->state = m->tries >= TRIES_MAX ? MESSAGE_FAILED : MESSAGE_QUEUED;
		break;
	}
}

/* The signature in front of the message. */
static bool message_sign(struct arena *a, struct buf *out, const struct message_row *m,
			 const struct mail_dkim_signer *signer, struct err *e)
{
	struct mail_message message;

	if (!mail_message_parse(a, m->content, &message, e))
		return false;
	mail_dkim_sign(out, &message, signer);
	return true;
}

static enum smtp_result message_hand_over(struct arena *a,
					  const struct send_relay_options *options,
					  struct message_row *m, struct str content)
{
	struct smtp_job job = {
		.url = config_text(options->config, CONFIG_RELAY_URL),
		.sender = m->sender,
		.recipients = m->recipients,
		.recipient_count = m->recipient_count,
		.content = content,
		.timeout_s = RELAY_TIMEOUT_S,
		.stop = options->stop,
	};

	if (!job.url.len) {
		m->last_reply = STR("no relay is configured");
		return SMTP_RETRY;
	}
	return smtp_send(a, &job, &m->last_reply);
}

bool send_relay(struct store *s, struct message_row *message,
		const struct send_relay_options *options, struct err *e)
{
	struct message_row m = *message;
	struct err broken = { 0 };
	auto_arena struct arena a;
	auto_buf struct buf content;

	arena_init(&a, WORK_BYTES);
	buf_init(&content, CONTENT_MAX + SIGNATURE_BYTES);
	if (options->signer &&
	    !message_sign(&a, &content, &m, options->signer, &broken)) {
		/* It was parsed when it was accepted. */
		m.last_reply = str_from(broken.text);
		result_note(&m, SMTP_REJECTED, options->now_s);
	} else {
		buf_str(&content, m.content);
		result_note(&m, message_hand_over(&a, options, &m, buf_view(&content)),
			    options->now_s);
	}
	if (!store_message_save(s, &m, e))
		return false;
	m.last_reply = STR_EMPTY;      /* lived in this function's memory */
	m.lease = (struct lease){ 0 }; /* ended with the save */
	*message = m;
	return true;
}
