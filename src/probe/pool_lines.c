/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines of the pool. What is started in one turn of the loop goes to a process as one
 * frame. A process that dies leaves suspects, one of which it may have died of:
 *
 *   fresh ──► sent ──► answered
 *               │ death
 *               ▼
 *            suspects ──► sent, a few at a time; after another death one by one;
 *                         after the third given up
 */
#include "probe/pool.h"

#include "probe/frame.h"
#include "probe/glance.h"
#include "probe/pace.h"

enum {
	TRIES_MAX = 3,
	SUSPECTS_AT_ONCE = 16,
	/* That callers may use: half of the slots, so that one is found. */
	LINES_ROOM = LINES_HELD_MAX,
	TEXT_USUAL = 2048, /* octets: with no more room lines are kept for others */
	TEXT_STEP = 256,
	/* Of the texts that a worker holds, for each glance that it may have under way;
	 * and for how many at least. */
	TEXT_EACH = 2048,
	TEXTS_LEAST = 256,
	QUIET_TICKS_MORE = 6, /* behind the longest that a look may take */
	TICK_US = 1000000,
};

struct pooled_line {
	struct probe_job job; /* its hook is in the worker's list */
	struct worker *worker;
	uint32_t number;
	unsigned tries;
	bool is_sent;
	enum line_kind kind;
	size_t room; /* octets */
	size_t len;
	char text[];
};

static size_t room_at_first(size_t most)
{
	return most < PACE_LEAST ? most : PACE_LEAST;
}

void pool_lines_init(struct pool_lines *l, size_t most)
{
	l->room = room_at_first(most);
	list_init(&l->fresh);
	list_init(&l->sent);
	list_init(&l->suspects);
	list_init(&l->idle);
}

static struct pooled_line *line_of(struct list *hook)
{
	return LIST_THING(LIST_THING(hook, struct probe_job, hook), struct pooled_line,
			  job);
}

static void release(struct pooled_line *line)
{
	struct pool_lines *l = &line->worker->lines;

	l->sent_count -= line->is_sent;
	l->count--;
	l->octets -= line->len;
	l->slots[line->number % LINES_MAX] = NULL;
	list_remove(&line->job.hook);
	if (line->room <= TEXT_USUAL)
		list_add(l->idle.next, &line->job.hook);
	else
		xfree(line);
}

static void finish(struct pooled_line *line, const struct line_answer *a)
{
	const struct probe_job job = line->job;

	release(line);
	if (job.glanced) {
		const struct probe_glance g = { a->word == LINE_RIGHT ? GLANCE_RIGHT
								      : GLANCE_UNCLEAR,
						a->packets };
		job.glanced(job.arg, &g);
		return;
	}
	static const enum probe_line_word words[] = {
		[LINE_UNCLEAR] = PROBE_LINE_DEADLY,
		[LINE_RIGHT] = PROBE_LINE_DEADLY,
		[LINE_OK] = PROBE_LINE_OK,
		[LINE_ACTION_REQUIRED] = PROBE_LINE_ACTION_REQUIRED,
		[LINE_WAITING] = PROBE_LINE_WAITING,
		[LINE_UNDETERMINED] = PROBE_LINE_UNDETERMINED,
		[LINE_BAD] = PROBE_LINE_BAD,
	};
	const struct probe_line_report r = { words[a->word], a->packets, a->text };
	job.reported(job.arg, &r);
}

/* What processes died of again and again. */
static void give_up(struct pooled_line *line)
{
	finish(line, &(struct line_answer){ .word = LINE_UNCLEAR, .text = STR_EMPTY });
}

bool pool_lines_take(struct worker *w, struct str frame)
{
	struct cursor c = cursor_over(frame);
	struct line_answer a;

	w->lines.quiet_ticks = 0;
	if (cursor_u8(&c) != LINES_ANSWERED)
		return false;
	uint32_t room = cursor_u32(&c);
	w->lines.room = room < LINES_ROOM ? room : LINES_ROOM;
	while (cursor_left(&c) > 0) {
		if (!line_answer_read(&c, &a))
			return false;
		struct pooled_line *line = w->lines.slots[a.number % LINES_MAX];
		/* Else it was cancelled meanwhile. */
		if (line && line->number == a.number && line->is_sent)
			finish(line, &a);
	}
	return cursor_ok(&c);
}

/* Sending */

static void add_line(struct buf *frame, struct pooled_line *line)
{
	struct pool_lines *l = &line->worker->lines;
	const struct line_asked asked = { line->number, line->kind,
					  str_of(line->text, line->len) };

	if (frame->len == 0)
		line_frame_begin(frame, LINES_ASKED);
	line_asked_write(frame, &asked);
	list_remove(&line->job.hook);
	list_add(&l->sent, &line->job.hook);
	line->is_sent = true;
	line->tries++;
	l->sent_count++;
}

/* Beside nothing else: those that were there at one death a few together, those of two
 * alone. */
static void add_suspects(struct pool_lines *l, struct buf *frame)
{
	unsigned tries = line_of(list_first(&l->suspects))->tries;
	size_t most = tries + 1 < TRIES_MAX ? SUSPECTS_AT_ONCE : 1;

	for (size_t i = 0; i < most && !list_is_empty(&l->suspects); i++) {
		struct pooled_line *line = line_of(list_first(&l->suspects));
		if (line->tries != tries)
			break;
		add_line(frame, line);
	}
}

static void send_frame(struct worker *w, struct buf *frame)
{
	if (frame->len == 0)
		return;
	line_frame_end(frame);
	frame_send_raw((uv_stream_t *)&w->child->pipe, frame);
}

static void add_fresh(struct worker *w, struct buf *frame)
{
	struct pool_lines *l = &w->lines;

	while (!list_is_empty(&l->fresh) && l->sent_count < l->room) {
		add_line(frame, line_of(list_first(&l->fresh)));
		if (frame->len >= LINES_FRAME_MAX)
			send_frame(w, frame);
	}
}

void pool_lines_send(struct worker *w)
{
	struct pool_lines *l = &w->lines;
	struct buf *frame = &w->pool->frame;

	if (!w->child || (l->is_suspecting && l->sent_count > 0))
		return;
	l->is_suspecting = !list_is_empty(&l->suspects);
	if (l->sent_count == 0)
		l->quiet_ticks = 0;
	if (l->is_suspecting)
		add_suspects(l, frame);
	else
		add_fresh(w, frame);
	send_frame(w, frame);
}

/* Deaths and silence */

static void drop_list(struct list *lines)
{
	while (!list_is_empty(lines))
		release(line_of(list_first(lines)));
}

void pool_lines_return(struct worker *w)
{
	struct pool_lines *l = &w->lines;
	struct list hopeless;

	list_init(&hopeless);
	l->room = room_at_first(w->pool->lines_each);
	while (!list_is_empty(&l->sent)) {
		struct pooled_line *line = line_of(list_first(&l->sent));
		list_remove(&line->job.hook);
		list_add(line->tries < TRIES_MAX ? &l->suspects : &hopeless,
			 &line->job.hook);
		l->sent_count -= line->is_sent;
		line->is_sent = false;
	}
	/* Whoever hears of it may cancel others, or close the pool. */
	while (!list_is_empty(&hopeless) && !w->pool->is_closing)
		give_up(line_of(list_first(&hopeless)));
	drop_list(&hopeless);
}

bool pool_lines_are_stuck(struct worker *w)
{
	int64_t patience_us = w->pool->job_patience_us + QUIET_TICKS_MORE * TICK_US;

	if (!w->child || w->lines.sent_count == 0)
		return false;
	return ++w->lines.quiet_ticks * (int64_t)TICK_US > patience_us;
}

void pool_lines_drop(struct worker *w)
{
	drop_list(&w->lines.fresh);
	drop_list(&w->lines.sent);
	drop_list(&w->lines.suspects);
	list_each_safe (at, &w->lines.idle) {
		list_remove(at);
		xfree(line_of(at));
	}
}

void pool_line_cancel(struct probe_job *job)
{
	release(LIST_THING(job, struct pooled_line, job));
}

/* Starting */

/* With room for the text, and nothing under way. */
static struct pooled_line *take_line(struct pool_lines *l, size_t len)
{
	size_t room = (len + TEXT_STEP - 1) / TEXT_STEP * TEXT_STEP;
	struct list *first = room <= TEXT_USUAL ? list_first(&l->idle) : NULL;

	if (first) {
		struct pooled_line *line = line_of(first);
		list_remove(first);
		if (line->room < room) {
			line = xrealloc(line, 1, sizeof(*line) + room);
			line->room = room;
			list_init(&line->job.hook);
		}
		line->job.glanced = NULL;
		line->job.reported = NULL;
		line->tries = 0;
		line->is_sent = false;
		return line;
	}
	struct pooled_line *line = xalloc(1, sizeof(*line) + room);
	line->room = room;
	list_init(&line->job.hook);
	return line;
}

static struct pooled_line *new_line(struct worker *w, enum line_kind kind,
				    struct str text)
{
	struct pool_lines *l = &w->lines;
	struct pooled_line *line = take_line(l, text.len);

	/* Half of the slots are free at least. */
	do
		line->number = ++l->last_number;
	while (l->slots[line->number % LINES_MAX]);
	l->slots[line->number % LINES_MAX] = line;
	line->worker = w;
	line->kind = kind;
	line->len = text.len;
	memcpy(line->text, text.data, text.len);
	list_add(&l->fresh, &line->job.hook);
	l->count++;
	l->octets += line->len;
	return line;
}

struct probe_job *probe_pool_glance_start(struct probe_pool *pool,
					  const struct expectation *x,
					  probe_glance_fn *done, void *arg)
{
	struct worker *w = pool_worker_of(pool, &x->name);
	auto_buf struct buf text;

	buf_init(&text, LINE_TEXT_MAX);
	if (pool->is_closing || w->lines.count >= LINES_ROOM)
		return NULL;
	glance_write(&text, x);
	if (text.failed)
		buf_clear(&text); /* no line: unclear */
	struct pooled_line *line = new_line(w, LINE_GLANCE, buf_view(&text));
	line->job.glanced = done;
	line->job.arg = arg;
	return &line->job;
}

static size_t room_of(const struct worker *w)
{
	const struct pool_lines *l = &w->lines;
	size_t each = w->pool->lines_each;

	if (l->octets >= TEXT_EACH * (each > TEXTS_LEAST ? each : TEXTS_LEAST))
		return 0;
	return l->count < l->room ? l->room - l->count : 0;
}

size_t probe_pool_line_room(const struct probe_pool *pool)
{
	size_t room = 0;

	for (size_t i = 0; i < pool->count; i++)
		room += room_of(&pool->workers[i]);
	return room;
}

struct probe_job *probe_pool_line_start(struct probe_pool *pool, struct str text,
					bool is_thorough, probe_line_fn *done, void *arg)
{
	struct worker *idlest = &pool->workers[0];

	for (size_t i = 1; i < pool->count; i++)
		if (room_of(&pool->workers[i]) > room_of(idlest))
			idlest = &pool->workers[i];
	if (pool->is_closing || room_of(idlest) == 0 || text.len > LINE_TEXT_MAX)
		return NULL;
	struct pooled_line *line =
		new_line(idlest, is_thorough ? LINE_THOROUGH : LINE_LOOK, text);
	line->job.reported = done;
	line->job.arg = arg;
	return &line->job;
}
