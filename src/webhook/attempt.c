/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One delivery sent once. */
#include "webhook/seal.h"
#include "webhook/webhook.h"

static void shown_write(struct arena *a, struct str foreign, struct str *out)
{
	auto_buf struct buf text;

	buf_init(&text, 16 * WEBHOOK_REPLY_SHOWN);
	escape_visible(&text, str_sub(foreign, 0, WEBHOOK_REPLY_SHOWN), 0);
	*out = arena_str(a, buf_view(&text));
}

static bool post(const struct webhook_sender *sender, struct arena *a,
		 const struct http_call *call, struct webhook_answer *out, struct err *e)
{
	struct http_reply reply;
	struct err why = { 0 };

	if (http_call(a, call, &reply, &why)) {
		out->status = reply.status;
		out->retry_after_s =
			webhook_retry_after_parse(reply.retry_after, sender->now_s);
		shown_write(a, reply.body, &out->shown);
		return true;
	}
	/* It may have been taken or not; it is tried again when its lease is over. */
	if (sender->stop && *sender->stop)
		return err_set(e, ERR_UNAVAILABLE, "interrupted");
	*out = (struct webhook_answer){ .retry_after_s = -1 };
	shown_write(a, str_from(why.text), &out->shown);
	return true;
}

static bool signature_write(struct buf *out, const struct webhook_sender *sender,
			    const struct webhook_row *webhook, struct str id,
			    struct str body, struct err *e)
{
	struct webhook_keys keys;

	if (!webhook_keys_open(&keys, sender->seal_key, webhook, sender->now_s, e))
		return false;
	webhook_sign(out, &keys.signers, id, sender->now_s, body);
	webhook_keys_wipe(&keys);
	return true;
}

bool webhook_attempt(const struct webhook_sender *sender, struct arena *a,
		     const struct webhook_row *webhook, const struct delivery_row *row,
		     struct webhook_answer *out, struct err *e)
{
	auto_buf struct buf body;
	auto_buf struct buf signature;
	struct http_egress *egress = arena_alloc(a, sizeof(*egress));
	const struct http_header headers[] = {
		{ STR("webhook-id"), row->event.uid },
		{ STR("webhook-timestamp"),
		  str_from(arena_printf(a, "%lld", (long long)sender->now_s)) },
		{ STR("webhook-signature"), STR_EMPTY },
		{ STR("User-Agent"), STR("unpend") },
	};
	struct http_header *sent = arena_array(a, ARRAY_LEN(headers), sizeof(*sent));

	buf_init(&body, WEBHOOK_PAYLOAD_MAX);
	buf_init(&signature, 4096);
	webhook_payload_write(&body, &row->event);
	if (!webhook_egress(sender->config, egress, e) ||
	    !signature_write(&signature, sender, webhook, row->event.uid, buf_view(&body),
			     e))
		return false;
	memcpy(sent, headers, sizeof(headers));
	sent[2].value = buf_view(&signature);
	const struct http_call call = {
		.method = "POST",
		.url = webhook->url,
		.body = buf_view(&body),
		.timeout_s =
			(unsigned)config_number(sender->config, CONFIG_WEBHOOK_TIMEOUT_S),
		.headers = sent,
		.header_count = ARRAY_LEN(headers),
		.egress = egress,
		.stop = sender->stop,
	};
	return post(sender, a, &call, out, e);
}
