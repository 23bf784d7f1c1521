/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an answer means for a delivery and its webhook. Pure.
 *
 *   2xx                    taken
 *   410                    the webhook is disabled
 *   429, 502, 503, 504     not taken; nothing else goes there for a while either
 *   anything else, none    not taken
 *
 * What was not taken is tried again along the ladder, about three days in all; then it is
 * given up. A webhook that took nothing for webhook.disable_after_s is disabled.
 */
#include "webhook/webhook.h"

enum {
	MINUTE_S = 60,
	HOUR_S = 3600,
	RETRY_AFTER_MAX_S = 24 * HOUR_S,
	HOLD_MAX_S = HOUR_S,
};

/* Between one try and the next. */
static const int32_t ladder[WEBHOOK_TRIES_MAX - 1] = {
	5,           5 * MINUTE_S, 30 * MINUTE_S, 2 * HOUR_S,  5 * HOUR_S,
	10 * HOUR_S, 14 * HOUR_S,  20 * HOUR_S,   24 * HOUR_S,
};

/* RFC 9110 section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT". */
static bool date_parse(struct str value, int64_t *at_out)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	auto_buf struct buf text = { 0 };
	size_t month = 0;

	if (value.len != 29 || !str_ends(value, STR(" GMT")))
		return false;
	while (month < 12 && memcmp(months + 3 * month, value.data + 8, 3) != 0)
		month++;
	if (month == 12)
		return false;
	buf_init(&text, 64);
	buf_printf(&text, "%.4s-%02zu-%.2sT%.8sZ", value.data + 12, month + 1,
		   value.data + 5, value.data + 17);
	return clock_parse(buf_view(&text), at_out);
}

int64_t webhook_retry_after_parse(struct str value, int64_t now_s)
{
	uint64_t seconds;
	int64_t at_s;

	if (str_number(value, INT32_MAX, &seconds))
		return (int64_t)seconds;
	if (!date_parse(value, &at_s))
		return -1;
	return at_s > now_s ? at_s - now_s : 0;
}

static bool is_taken(unsigned status)
{
	return status >= 200 && status <= 299;
}

static bool asks_to_slow_down(unsigned status)
{
	return status == 429 || status == 502 || status == 503 || status == 504;
}

/* Up to a fifth longer, so that what failed together does not return together; and not
 * before the endpoint wants it. */
static int64_t delay(uint32_t tries, const struct webhook_answer *answer, uint32_t jitter)
{
	int64_t step = ladder[tries - 1];
	int64_t wait = step + step * jitter / 5000;
	int64_t wanted = answer->retry_after_s;

	if (wanted > RETRY_AFTER_MAX_S)
		wanted = RETRY_AFTER_MAX_S;
	return wanted > wait ? wanted : wait;
}

static void taken(struct delivery_row *row, int64_t now_s)
{
	row->state = DELIVERY_DONE;
	row->done_at = now_s;
}

static void not_taken(struct delivery_row *row, const struct webhook_answer *answer,
		      int64_t now_s, uint32_t jitter)
{
	if (row->tries >= WEBHOOK_TRIES_MAX) {
		row->state = DELIVERY_GIVEN_UP;
		row->done_at = now_s;
		return;
	}
	row->state = DELIVERY_WAITING;
	row->next_try_at = now_s + delay(row->tries, answer, jitter);
}

static const char *why_disabled(const struct webhook_row *webhook, unsigned status,
				int64_t disable_after_s, int64_t now_s)
{
	if (status == 410)
		return "gone";
	if (webhook->failing_since && now_s - webhook->failing_since >= disable_after_s)
		return "failing";
	return NULL;
}

void webhook_step(struct delivery_row *row, const struct webhook_row *webhook,
		  const struct webhook_answer *answer, const struct webhook_moment *m,
		  struct delivery_outcome *out)
{
	int64_t now_s = m->now_s;
	int64_t hold_most = now_s + HOLD_MAX_S;

	*out = (struct delivery_outcome){ .row = row,
					  .at_s = now_s,
					  .is_taken = is_taken(answer->status) };
	row->tries++;
	row->last_status = answer->status;
	row->last_reply = answer->shown;
	if (out->is_taken) {
		taken(row, now_s);
		return;
	}
	not_taken(row, answer, now_s, m->jitter);
	out->disable_why =
		why_disabled(webhook, answer->status, m->disable_after_s, now_s);
	if (out->disable_why && row->state == DELIVERY_WAITING) {
		row->state = DELIVERY_GIVEN_UP;
		row->done_at = now_s;
	}
	if (asks_to_slow_down(answer->status) && row->state == DELIVERY_WAITING)
		out->hold_until =
			row->next_try_at < hold_most ? row->next_try_at : hold_most;
}
