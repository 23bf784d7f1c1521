/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See schedule.h. */
#include "service/schedule.h"

enum {
	BATCH_MAX = 1000,      /* taken oldest first at once */
	TENANTS_MAX = 65536,   /* remembered */
	TENANTS_BATCH = 10000, /* asked about at once */
	TURNS_MAX = 256,       /* tenants, taken from at once */
	SCAN_PART = 20,        /* asking who is due takes at most this part of the time */
	SCAN_MIN_MS = 20,
	SCAN_MAX_MS = 5000,
	TOKEN = 1000, /* one start; the bucket counts thousandths */
};

struct schedule {
	struct schedule_limits limits;
	struct turns *turns;
	size_t running;
	int64_t tokens;    /* thousandths of a start */
	int64_t filled_ms; /* when tokens were added last */
	bool taken_all;    /* nothing more is due now */
	bool backlog;
	int64_t scan_ms;    /* not before: the next question who is due */
	int64_t scan_after; /* the last tenant asked about */
	struct turn dealt[TURNS_MAX];
};

struct schedule *schedule_new(const struct schedule_limits *limits)
{
	struct schedule *s = xalloc(1, sizeof(*s));
	s->limits = *limits;
	s->turns = turns_new(&(struct turns_limits){
		.tenants = TENANTS_MAX,
		.room = limits->running,
		.packets_s = limits->tenant_packets_s,
	});
	s->tokens = (int64_t)limits->starts_per_s * TOKEN;
	s->filled_ms = INT64_MIN;
	s->scan_ms = INT64_MIN;
	return s;
}

void schedule_free(struct schedule **s)
{
	if (!*s)
		return;
	turns_free(&(*s)->turns);
	xfree(*s);
	*s = NULL;
}

static void bucket_fill(struct schedule *s, int64_t now_ms)
{
	int64_t most = (int64_t)s->limits.starts_per_s * TOKEN;
	int64_t passed_ms = s->filled_ms == INT64_MIN ? 0 : now_ms - s->filled_ms;

	/* Full again after a second: more cannot be needed, nor overflow. */
	if (passed_ms > TOKEN)
		passed_ms = TOKEN;
	if (passed_ms > 0)
		s->tokens += passed_ms * (int64_t)s->limits.starts_per_s;
	if (s->tokens > most)
		s->tokens = most;
	s->filled_ms = now_ms;
}

/* Where only a crowd waits it leaves most of the bucket to whoever comes next. */
static int64_t tokens_free(const struct schedule *s)
{
	int64_t most = (int64_t)s->limits.starts_per_s * TOKEN;
	int64_t kept = turns_is_crowd(s->turns) ? most - most / 8 : 0;

	return s->tokens - (kept <= most - TOKEN ? kept : most - TOKEN);
}

static size_t room_of(const struct schedule *s)
{
	size_t slots =
		s->running < s->limits.running ? s->limits.running - s->running : 0;
	int64_t tokens = tokens_free(s);
	size_t starts = tokens > 0 ? (size_t)(tokens / TOKEN) : 0;

	return slots < starts ? slots : starts;
}

/* Oldest first a fourth of the places is left, for the turns that follow if there is more
 * due than that. */
static size_t batch_of(const struct schedule *s, size_t room)
{
	size_t kept = s->limits.running / 4;
	size_t left = s->limits.running - s->running;
	size_t batch = left > kept ? left - kept : 1;

	if (batch > BATCH_MAX)
		batch = BATCH_MAX;
	return batch < room ? batch : room;
}

static bool ask_turns(struct schedule *s, size_t room, struct ask *out)
{
	size_t count = turns_deal(s->turns, room, s->dealt, TURNS_MAX);

	*out = (struct ask){ .kind = ASK_TURNS, .turns = s->dealt, .turn_count = count };
	for (size_t i = 0; i < count; i++)
		out->count += s->dealt[i].count;
	return count > 0;
}

bool schedule_next(struct schedule *s, int64_t now_ms, struct ask *out)
{
	bucket_fill(s, now_ms);
	turns_tick(s->turns, now_ms);
	if (s->backlog && now_ms >= s->scan_ms) {
		*out = (struct ask){ .kind = ASK_TENANTS,
				     .after_id = s->scan_after,
				     .count = TENANTS_BATCH };
		return true;
	}
	size_t room = room_of(s);
	if (!room)
		return false;
	if (turns_count(s->turns))
		return ask_turns(s, room, out);
	if (s->taken_all) {
		s->taken_all = false;
		return false;
	}
	*out = (struct ask){ .kind = ASK_OLDEST, .count = batch_of(s, room) };
	return true;
}

void schedule_tenant(struct schedule *s, int64_t tenant_id)
{
	turns_join(s->turns, tenant_id);
}

int64_t schedule_put_off_ms(struct schedule *s, int64_t tenant_id)
{
	return turns_put_off_ms(s->turns, tenant_id);
}

struct charge schedule_started(struct schedule *s, int64_t tenant_id)
{
	s->running++;
	s->tokens -= TOKEN;
	return turns_started(s->turns, tenant_id);
}

void schedule_ended(struct schedule *s, int64_t tenant_id, struct charge charged,
		    int64_t cost)
{
	s->running--;
	turns_ended(s->turns, tenant_id, charged, cost);
}

static void tenants_answered(struct schedule *s, const struct ask_answer *a)
{
	int64_t pause_ms = a->took_us * SCAN_PART / 1000;

	if (pause_ms < SCAN_MIN_MS)
		pause_ms = SCAN_MIN_MS;
	if (pause_ms > SCAN_MAX_MS)
		pause_ms = SCAN_MAX_MS;
	s->scan_after = a->last_id;
	s->scan_ms = a->now_ms + pause_ms;
}

void schedule_answered(struct schedule *s, const struct ask *ask,
		       const struct ask_answer *a)
{
	bool had_less = a->got < ask->count;

	switch (ask->kind) {
	case ASK_OLDEST:
		s->backlog = !had_less;
		s->taken_all = had_less;
		return;
	case ASK_TURNS:
		turns_dealt(s->turns, ask->turns, ask->turn_count);
		return;
	case ASK_TENANTS:
		tenants_answered(s, a);
		return;
	}
}

int64_t schedule_wait_ms(const struct schedule *s, int64_t now_ms)
{
	int64_t rate = (int64_t)s->limits.starts_per_s;
	int64_t wait_ms = s->scan_ms > now_ms ? s->scan_ms - now_ms : 0;
	int64_t barred_ms = turns_wait_ms(s->turns);

	if (s->running >= s->limits.running)
		return -1;
	if (s->tokens < TOKEN)
		return (TOKEN - s->tokens + rate - 1) / rate;
	/* Not for each packet that a tenant may send again. */
	if (barred_ms >= 0 && barred_ms < SCAN_MIN_MS)
		barred_ms = SCAN_MIN_MS;
	if (barred_ms >= 0 && barred_ms < wait_ms)
		wait_ms = barred_ms;
	return s->backlog ? wait_ms : -1;
}
