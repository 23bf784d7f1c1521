/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One run on one loop:
 *
 *   input ──► pool of probe processes ──► [order] ──► output
 *     ▲                                                 │
 *     └──── held back while much is under way ──────────┘
 *
 * It ends when the input has and all is written, or at a signal: then what is under way
 * is dropped, and what is answered is written.
 */
#include <assert.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/bulk.h"

enum {
	WINDOW = 16384,         /* lines that --ordered looks ahead */
	CHUNK = 32,             /* lines that are begun together */
	PENDING_MOST = 1 << 20, /* octets of output: then nothing is begun */
	HELD_MOST = 6 << 20,    /* octets of answers that wait for their turn */
	ANSWER_MAX = 16 << 20,  /* a frame from a process holds no more */
	TICK_MS = 250,
	SIGNAL_BASE = 128, /* of exit codes */
};

struct bulk;

/* A line under way, or (--ordered) its answer that waits for those in front of it. */
struct turn {
	struct list hook;
	struct bulk *bulk;
	uint64_t number;
	size_t octets;
	struct probe_job *job; /* NULL: answered */
	struct buf answer;
};

struct bulk {
	const struct bulk_options *o;
	uv_loop_t loop;
	uv_timer_t tick;
	uv_signal_t interrupt;
	uv_signal_t terminate;
	struct probe_pool *pool;
	struct bulk_input input;
	struct bulk_output output;
	struct bulk_resume *resume; /* NULL: none */
	struct bulk_tally tally;
	struct bulk_progress progress;
	struct list turns; /* in the order of the lines */
	struct list idle;  /* to be used again */
	size_t turn_count;
	size_t under_way;
	size_t held;   /* octets of answers that wait */
	bool has_line; /* read, and no room for it yet */
	struct bulk_line line;
	bool is_fed_up;  /* nothing more is read */
	bool is_waiting; /* for input */
	bool is_ending;
	int signal;
	bool has_failed;
	struct err error;
};

static void on_pool_closed(void *arg)
{
	struct bulk *b = arg;

	probe_pool_free(&b->pool);
}

static void end(struct bulk *b);

static void fail(struct bulk *b, const struct err *e)
{
	b->has_failed = true;
	b->error = *e;
	end(b);
}

static void flush(struct bulk *b)
{
	struct err e = { .lang = b->o->lang };

	if (b->resume && bulk_output_left(&b->output) > 0 &&
	    !bulk_resume_begin(b->resume, &e)) {
		bulk_output_drop(&b->output);
		fail(b, &e);
	}
	bulk_output_flush(&b->output);
}

/* What is under way is dropped. */
static void end(struct bulk *b)
{
	if (b->is_ending)
		return;
	b->is_ending = true;
	b->is_fed_up = true;
	bulk_wait_stop(&b->input.wait);
	flush(b);
	if (b->pool)
		probe_pool_close(b->pool, on_pool_closed, b);
	uv_close((uv_handle_t *)&b->tick, NULL);
	/* A second signal is the end at once. */
	uv_close((uv_handle_t *)&b->interrupt, NULL);
	uv_close((uv_handle_t *)&b->terminate, NULL);
	bulk_input_close(&b->input);
}

static void end_if_done(struct bulk *b)
{
	if (b->output.has_failed && !b->has_failed)
		fail(b, &b->output.error);
	else if (b->output.is_closed ||
		 (b->is_fed_up && b->under_way == 0 && !b->has_line))
		end(b);
}

/* Answers */

static void release_turn(struct turn *t)
{
	t->bulk->turn_count--;
	list_remove(&t->hook);
	buf_done(&t->answer);
	list_add(t->bulk->idle.next, &t->hook);
}

static void write_answer(struct bulk *b, uint64_t number, struct str members)
{
	bulk_output_line(&b->output, number, members);
}

/* All that have their turn now. */
static void write_ordered(struct bulk *b)
{
	while (!list_is_empty(&b->turns)) {
		struct turn *t = LIST_THING(list_first(&b->turns), struct turn, hook);
		if (t->job)
			break;
		write_answer(b, t->number, buf_view(&t->answer));
		b->held -= t->answer.len;
		release_turn(t);
	}
}

static void take_answer(struct bulk *b, struct turn *t, enum probe_line_word word,
			struct str members)
{
	b->tally.words[word]++;
	b->progress.lines++;
	b->progress.done += t->octets;
	if (!b->o->is_ordered) {
		write_answer(b, t->number, members);
		release_turn(t);
		return;
	}
	buf_str(&t->answer, members);
	b->held += t->answer.len;
	write_ordered(b);
}

static struct str deadly_members(struct buf *out, const struct bulk *b)
{
	buf_text(out, "\"domain\":null,\"error\":");
	escape_json(out, str_from(lang_text(b->o->lang,
					    "probe processes ended while they looked at "
					    "it, three times")));
	buf_byte(out, '}');
	return buf_view(out);
}

static void on_reported(void *arg, const struct probe_line_report *r)
{
	struct turn *t = arg;
	struct bulk *b = t->bulk;
	auto_buf struct buf deadly;

	buf_init(&deadly, 1024);
	t->job = NULL;
	b->under_way--;
	take_answer(b, t, r->word,
		    r->word == PROBE_LINE_DEADLY ? deadly_members(&deadly, b)
						 : r->members);
}

/* Lines */

static struct turn *new_turn(struct bulk *b, const struct bulk_line *line)
{
	struct list *first = list_first(&b->idle);
	struct turn *t;

	if (first) {
		list_remove(first);
		t = LIST_THING(first, struct turn, hook);
	} else {
		t = xalloc(1, sizeof(*t));
		t->bulk = b;
		list_init(&t->hook);
	}
	t->job = NULL;
	t->number = line->number;
	t->octets = line->octets;
	buf_init(&t->answer, ANSWER_MAX);
	list_add(&b->turns, &t->hook);
	b->turn_count++;
	return t;
}

static void answer_too_long(struct bulk *b, const struct bulk_line *line)
{
	auto_buf struct buf members;
	auto_buf struct buf why;

	buf_init(&members, 1024);
	buf_init(&why, 512);
	buf_printf(&why, lang_text(b->o->lang, "the line is longer than %d octets"),
		   BULK_LINE_MAX);
	buf_text(&members, "\"domain\":null,\"error\":");
	escape_json(&members, buf_view(&why));
	buf_byte(&members, '}');
	take_answer(b, new_turn(b, line), PROBE_LINE_BAD, buf_view(&members));
}

/* false: there is no room for it now. */
static bool begin_line(struct bulk *b, const struct bulk_line *line)
{
	if (line->is_too_long) {
		answer_too_long(b, line);
		return true;
	}
	struct turn *t = new_turn(b, line);
	t->job = probe_pool_line_start(b->pool, line->text, b->o->is_thorough,
				       on_reported, t);
	if (t->job) {
		b->under_way++;
		return true;
	}
	release_turn(t);
	return false;
}

/* false: skip it. e is set where that is so since it cannot go on. */
static bool is_to_be_begun(struct bulk *b, const struct bulk_line *line, struct err *e)
{
	bool is_empty = !line->is_too_long && str_trim(line->text).len == 0;
	bool has_answer = false;

	if (b->resume && !bulk_resume_has(b->resume, line, &has_answer, e)) {
		bulk_output_drop(&b->output);
		bulk_resume_undo(b->resume);
		return false;
	}
	if (is_empty || has_answer)
		b->progress.skipped += line->octets;
	return !is_empty && !has_answer;
}

static bool has_room(const struct bulk *b)
{
	return b->turn_count < WINDOW && bulk_output_left(&b->output) < PENDING_MOST &&
	       b->held < HELD_MOST;
}

static void on_input(void *arg)
{
	struct bulk *b = arg;

	b->is_waiting = false;
}

/* The next line that is to be begun; false: none is there now. */
static bool read_line(struct bulk *b)
{
	struct err e = { .lang = b->o->lang };

	while (!b->has_line && !b->is_fed_up && !b->is_waiting) {
		switch (bulk_input_next(&b->input, &b->line, &e)) {
		case BULK_INPUT_LINE:
			b->has_line = is_to_be_begun(b, &b->line, &e);
			break;
		case BULK_INPUT_LATER:
			b->is_waiting = true;
			bulk_wait_start(&b->input.wait, on_input, b);
			break;
		case BULK_INPUT_END:
		case BULK_INPUT_BROKEN:
			b->is_fed_up = true;
			break;
		}
		if (e.kind != ERR_NONE) {
			fail(b, &e);
			return false;
		}
	}
	return b->has_line;
}

/* Lines are begun some at a time, so that they travel together. */
static void feed(struct bulk *b)
{
	size_t some = b->o->in_flight < CHUNK ? b->o->in_flight : CHUNK;
	bool is_due = b->under_way == 0 || probe_pool_line_room(b->pool) >= some;

	while (!b->is_ending && is_due && has_room(b) && read_line(b)) {
		if (!begin_line(b, &b->line))
			break;
		b->has_line = false;
	}
}

/* Before the loop waits. */
static void turn_over(struct bulk *b)
{
	if (b->is_ending)
		return;
	feed(b);
	flush(b);
	end_if_done(b);
}

static void on_signal(uv_signal_t *handle, int signal)
{
	struct bulk *b = handle->data;

	b->signal = signal;
	end(b);
}

static void on_tick(uv_timer_t *timer)
{
	struct bulk *b = timer->data;
	struct err e = { .lang = b->o->lang };

	b->progress.failing = bulk_tally_failing(&b->tally);
	bulk_progress_show(&b->progress, clock_mono_us());
	if (b->resume && !bulk_resume_check(b->resume, b->output.all_written, &e))
		fail(b, &e);
}

/* Beginning and end */

static bool start_pool(struct bulk *b, struct err *e)
{
	const struct probe_pool_options options = {
		.loop = &b->loop,
		.config = b->o->config,
		.program = "/proc/self/exe",
		.count = (size_t)config_number(b->o->config, CONFIG_DNS_PROBES),
		.lines = b->o->in_flight,
		.lang = b->o->lang,
	};

	return probe_pool_new(&options, &b->pool, e);
}

/* What is written would be read again, without an end. */
static bool are_one_file(int a, int b)
{
	struct stat one;
	struct stat two;

	return fstat(a, &one) == 0 && fstat(b, &two) == 0 && S_ISREG(one.st_mode) &&
	       one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

static bool open_output(struct bulk *b, struct err *e)
{
	int fd = STDOUT_FILENO;

	if (b->o->resume) {
		if (!bulk_resume_open(b->o->resume, &b->tally, &b->resume, e))
			return false;
		fd = bulk_resume_fd(b->resume);
	}
	if (are_one_file(b->input.fd, fd))
		return err_set(e, ERR_USAGE,
			       lang_text(e->lang, "the output is the input file"));
	if (b->resume && b->input.is_file &&
	    !bulk_resume_compare(b->resume, &b->input, e))
		return false;
	bulk_output_init(&b->output, &b->loop, fd, b->o->lang);
	b->progress.earlier = bulk_tally_all(&b->tally);
	return true;
}

static void start(struct bulk *b)
{
	/* A file that may not grow is an error, not the end. */
	signal(SIGXFSZ, SIG_IGN);
	uv_timer_init(&b->loop, &b->tick);
	uv_signal_init(&b->loop, &b->interrupt);
	uv_signal_init(&b->loop, &b->terminate);
	b->tick.data = b;
	b->interrupt.data = b;
	b->terminate.data = b;
	uv_signal_start(&b->interrupt, on_signal, SIGINT);
	uv_signal_start(&b->terminate, on_signal, SIGTERM);
	if (b->progress.is_shown || b->resume)
		uv_timer_start(&b->tick, on_tick, TICK_MS, TICK_MS);
}

/* Until nothing is left to do; what was answered is written whatever happened. */
static void run(struct bulk *b)
{
	do
		turn_over(b);
	while (uv_run(&b->loop, UV_RUN_ONCE));
	while (bulk_output_left(&b->output) > 0) {
		flush(b);
		uv_run(&b->loop, UV_RUN_ONCE);
	}
}

static int finish(struct bulk *b)
{
	b->progress.failing = bulk_tally_failing(&b->tally);
	bulk_progress_end(&b->progress, clock_mono_us());
	if (b->output.has_failed && !b->has_failed) {
		b->has_failed = true;
		b->error = b->output.error;
	}
	if (b->resume && !b->has_failed)
		b->has_failed =
			!bulk_resume_check(b->resume, b->output.all_written, &b->error);
	if (b->has_failed)
		return cmd_fail(&b->error);
	return b->signal ? SIGNAL_BASE + b->signal : bulk_tally_exit_code(&b->tally);
}

static void release(struct bulk *b)
{
	while (!list_is_empty(&b->turns))
		release_turn(LIST_THING(list_first(&b->turns), struct turn, hook));
	list_each_safe (at, &b->idle) {
		list_remove(at);
		xfree(LIST_THING(at, struct turn, hook));
	}
	bulk_resume_free(&b->resume);
	xfree(b);
}

static bool open_all(struct bulk *b, struct err *e)
{
	if (!bulk_input_open(&b->input, &b->loop, b->o->input, e))
		return false;
	if (open_output(b, e)) {
		if (start_pool(b, e))
			return true;
		bulk_output_done(&b->output);
	}
	bulk_input_close(&b->input);
	return false;
}

int bulk_run(const struct bulk_options *options)
{
	struct bulk *b = xalloc(1, sizeof(*b));
	struct err e = { .lang = options->lang };
	int code;

	b->o = options;
	list_init(&b->turns);
	list_init(&b->idle);
	b->error.lang = options->lang;
	uv_loop_init(&b->loop);
	bulk_progress_init(&b->progress, options->lang, clock_mono_us());
	if (open_all(b, &e)) {
		b->progress.size = b->input.size;
		start(b);
		run(b);
		bulk_output_done(&b->output);
		code = finish(b);
	} else {
		code = cmd_fail(&e);
	}
	uv_run(&b->loop, UV_RUN_DEFAULT);
	int closed = uv_loop_close(&b->loop);
	assert(closed == 0);
	release(b);
	return code;
}
