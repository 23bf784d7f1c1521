/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The life of a line:
 *
 *   glance ──► right: the answer
 *     │
 *     └─ unclear ──► waits for a place ──► looked at in full ──► the judge's report
 *
 * Of glances so many are under way as keep us busy (pace.h). What takes long, silent
 * servers and full looks, does not count among them: it is held beside, so that many
 * domains that are dead do not keep the living ones waiting.
 *
 * Full looks are few at once while they get on, and many where they only wait: as many as
 * there is memory for, and a young one is counted with more than it has so far.
 *
 * Answers are gathered while the loop turns and sent as one frame when it is about to
 * wait.
 */
#include "probe/glance_work.h"

#include "probe/frame.h"
#include "probe/glance_frame.h"
#include "probe/glance_input.h"
#include "probe/glance_report.h"
#include "probe/job.h"
#include "probe/pace.h"

enum {
	LOOKS_MAX = 256,           /* full ones at once */
	LOOKS_PROMPT_MAX = 32,     /* of them, that are not late */
	LOOKS_ALWAYS = 16,         /* whatever glances hold */
	OCTETS_MAX = 11 << 20,     /* of glances and full looks */
	LOOK_ARENA_MAX = 64 << 20, /* octets, of the observation and the report */
	LOOK_ARENA_KEPT = 64 << 10,
	LOOK_LEAST = 112 << 10, /* octets that a look comes to */
	LOOK_YOUNG = 256 << 10, /* as long as it is not late */
	LOOK_ASKS = 48 << 10,   /* of them, the resolver's: questions under way */
	REPORT_MAX = 8 << 20,   /* octets, of one line */
	ANSWERS_MAX = 16 << 20, /* octets, of one frame */
	UNSENT_MAX = 1 << 20,   /* octets: then no look is begun */
	TEXT_USUAL = 2048,      /* octets: more is not kept to be used again */
	LATE_SHARE = 4,         /* a fourth more glances, late ones; */
	LATE_LEAST = 64,        /* or so many */
	LOOK_LATE_US = 500000,  /* then a server is silent, mostly */
};

/* A full look under way. */
struct line_look {
	int64_t began_us;
	bool is_late;       /* when it was last weighed, */
	size_t octets;      /* and what it was counted with */
	struct arena arena; /* of the expectation */
	struct expectation expectation;
	struct probe_job *job;
};

/* A glance under way: much more memory than a line, and used again at once. */
struct line_glance {
	struct list hook; /* while it is idle */
	int64_t began_us;
	bool is_late;
	struct glance glance;
	struct glance_run run;
};

struct line_work {
	struct list hook; /* in glances, late, waiting, looks or idle */
	struct line_works *all;
	uint32_t number;
	enum line_kind kind;
	struct buf text;
	uint32_t packets;
	struct line_glance *glance;
	struct line_look *look;
};

struct line_works {
	struct line_works_options options;
	struct glance_texts *texts;
	struct glance_clock clock;
	struct list glances; /* in the order in which they were begun */
	struct list late;    /* glances too: the room of these is given to others */
	struct list waiting;
	struct list looks;        /* in the order in which they were begun */
	struct list idle;         /* to be used again */
	struct list idle_glances; /* no more than may be under way */
	size_t idle_glance_count;
	size_t count;        /* of lines, but for the idle */
	size_t glance_count; /* of them */
	size_t prompt_count; /* of these those that are not late */
	size_t look_count;
	size_t looks_prompt; /* those that are not late */
	size_t looks_octets;
	int64_t weighed_us;     /* when they last were */
	struct arena judgement; /* of the look that ends */
	struct pace pace;
	int64_t came_us; /* the frame at hand */
	size_t room;     /* as was said last */
	struct buf answers;
	struct buf report; /* the one being written */
	uv_prepare_t prepare;
};

static void start_looks(struct line_works *all);

static void end_glance(struct line_work *w)
{
	struct line_works *all = w->all;
	struct line_glance *glance = w->glance;

	if (!glance)
		return;
	glance_cancel(&glance->run);
	w->glance = NULL;
	all->glance_count--;
	all->prompt_count -= !glance->is_late;
	if (all->idle_glance_count >= all->pace.window) {
		xfree(glance);
		return;
	}
	/* The one used last is still in the processor's cache. */
	list_add(all->idle_glances.next, &glance->hook);
	all->idle_glance_count++;
}

static void release(struct line_work *w)
{
	struct line_works *all = w->all;

	end_glance(w);
	if (w->text.size > TEXT_USUAL)
		buf_done(&w->text);
	list_remove(&w->hook);
	list_add(all->idle.next, &w->hook);
	all->count--;
}

/* Those that take long are held beside. */
static size_t room_of(const struct line_works *all)
{
	size_t late = all->glance_count - all->prompt_count;
	size_t beyond = all->pace.most / LATE_SHARE;
	size_t most = all->pace.most + (beyond > LATE_LEAST ? beyond : LATE_LEAST);
	size_t more = late < most ? most - late : 0;
	size_t window = all->pace.window < more ? all->pace.window : more;
	size_t room = window + (all->count - all->prompt_count);

	return room < LINES_HELD_MAX ? room : LINES_HELD_MAX;
}

/* Who has sent as much as he was told to hears at once that there is room again. */
static void flush(struct line_works *all)
{
	size_t room = room_of(all);

	if (all->answers.len == 0 && (room <= all->room || all->count < all->room))
		return;
	if (all->answers.len == 0)
		line_answers_begin(&all->answers);
	all->room = room;
	line_answers_end(&all->answers, (uint32_t)room);
	frame_send_raw(all->options.stream, &all->answers);
}

/* The report, if there is one, is the text. Many long ones are more than a frame may
 * hold. */
static void answer(struct line_work *w, enum line_word word)
{
	struct line_works *all = w->all;
	const struct line_answer a = { w->number, word, w->packets,
				       buf_view(&all->report) };

	if (all->answers.len == 0)
		line_answers_begin(&all->answers);
	line_answer_write(&all->answers, &a);
	buf_clear(&all->report);
	release(w);
	if (all->answers.len >= LINES_FRAME_MAX)
		flush(all);
}

/* Those that were begun first come first. */
static void leave_late_behind(struct line_works *all, int64_t now_us)
{
	int64_t late_us = pace_late_us(&all->pace);

	while (!list_is_empty(&all->glances)) {
		struct list *first = list_first(&all->glances);
		struct line_glance *g = LIST_THING(first, struct line_work, hook)->glance;
		if (now_us - g->began_us < late_us)
			return;
		list_remove(first);
		list_add(&all->late, first);
		g->is_late = true;
		all->prompt_count--;
	}
}

static void keep_pace(struct line_works *all)
{
	leave_late_behind(all, (int64_t)uv_now(all->options.loop) * 1000);
	pace_turn(&all->pace, all->prompt_count);
}

static void on_prepare(uv_prepare_t *prepare)
{
	struct line_works *all = prepare->data;

	keep_pace(all);
	start_looks(all);
	flush(all);
}

/* The full look */

static enum line_word word_of(enum verdict verdict)
{
	static const enum line_word words[] = {
		[VERDICT_OK] = LINE_OK,
		[VERDICT_ACTION_REQUIRED] = LINE_ACTION_REQUIRED,
		[VERDICT_WAITING] = LINE_WAITING,
		[VERDICT_UNDETERMINED] = LINE_UNDETERMINED,
	};

	return words[verdict];
}

static void end_look(struct line_work *w)
{
	probe_cancel(&w->look->job);
	arena_done(&w->look->arena);
	w->all->look_count--;
	w->all->looks_prompt -= !w->look->is_late;
	w->all->looks_octets -= w->look->octets;
	xfree(w->look);
	w->look = NULL;
}

static void answer_bad(struct line_work *w, struct str domain, struct str why)
{
	glance_report_bad(&w->all->report, domain, why);
	answer(w, LINE_BAD);
}

static void on_observed(void *arg, const struct observation *o)
{
	struct line_work *w = arg;
	struct line_works *all = w->all;
	struct report r;

	w->look->job = NULL;
	w->packets += o->queries;
	diagnose_judge(&all->judgement, &w->look->expectation, o, all->options.lang, &r);
	glance_report_full(&all->report, &r, w->packets);
	if (all->report.failed) {
		struct str domain = w->look->expectation.domain;
		buf_clear(&all->report);
		answer_bad(
			w, domain,
			str_from(lang_text(all->options.lang,
					   "the report is longer than a line may be")));
	} else {
		answer(w, word_of(r.verdict));
	}
	arena_reset_to(&all->judgement, LOOK_ARENA_KEPT);
	end_look(w);
}

static bool read_again(struct line_work *w, struct expectation *out, struct str *domain,
		       struct err *e)
{
	return glance_input_read(&w->look->arena, buf_view(&w->text),
				 w->all->options.region, out, domain, e);
}

static void start_look(struct line_work *w)
{
	struct line_works *all = w->all;
	struct err e = { .lang = all->options.lang };
	struct str domain;

	list_remove(&w->hook);
	list_add(&all->looks, &w->hook);
	w->look = xalloc(1, sizeof(*w->look));
	w->look->began_us = (int64_t)uv_now(all->options.loop) * 1000;
	w->look->octets = LOOK_YOUNG;
	all->look_count++;
	all->looks_prompt++;
	all->looks_octets += LOOK_YOUNG;
	arena_init(&w->look->arena, LOOK_ARENA_MAX);
	if (!read_again(w, &w->look->expectation, &domain, &e)) {
		answer_bad(w, domain, str_from(e.text));
		end_look(w);
		return;
	}
	w->look->job = probe_observe_start(all->options.probe, &all->judgement,
					   &w->look->expectation, on_observed, w);
	probe_job_spent(w->look->job, w->packets);
}

static void weigh(struct line_look *look, int64_t now_us)
{
	size_t octets = LOOK_ASKS + sizeof(*look) + arena_held(&look->arena) +
			probe_job_octets(look->job);

	look->is_late = now_us - look->began_us >= LOOK_LATE_US;
	size_t least = look->is_late ? LOOK_LEAST : LOOK_YOUNG;
	look->octets = octets > least ? octets : least;
}

/* Once a millisecond. */
static void weigh_looks(struct line_works *all)
{
	int64_t now_us = (int64_t)uv_now(all->options.loop) * 1000;

	if (all->weighed_us == now_us)
		return;
	all->weighed_us = now_us;
	all->looks_prompt = 0;
	all->looks_octets = 0;
	list_each (at, &all->looks) {
		struct line_look *look = LIST_THING(at, struct line_work, hook)->look;
		weigh(look, now_us);
		all->looks_prompt += !look->is_late;
		all->looks_octets += look->octets;
	}
}

/* Beside the glances that take long. */
static bool has_memory(const struct line_works *all)
{
	size_t glances = all->glance_count + all->idle_glance_count;
	size_t octets = all->looks_octets + glances * sizeof(struct line_glance);

	return all->look_count < LOOKS_ALWAYS || octets + LOOK_YOUNG <= OCTETS_MAX;
}

/* And who is to hear of it reads what he is told. */
static bool has_place(const struct line_works *all)
{
	return all->look_count < LOOKS_MAX && all->looks_prompt < LOOKS_PROMPT_MAX &&
	       has_memory(all) &&
	       uv_stream_get_write_queue_size(all->options.stream) < UNSENT_MAX;
}

static void start_looks(struct line_works *all)
{
	weigh_looks(all);
	while (has_place(all) && !list_is_empty(&all->waiting))
		start_look(LIST_THING(list_first(&all->waiting), struct line_work, hook));
}

static void look_later(struct line_work *w)
{
	end_glance(w);
	list_remove(&w->hook);
	list_add(&w->all->waiting, &w->hook);
}

/* The glance */

static void on_glanced(void *arg, const struct glance_run *run, bool is_right)
{
	struct line_work *w = arg;
	struct line_works *all = w->all;
	int64_t elapsed_us = clock_mono_us() - w->glance->began_us;

	pace_end(&all->pace, elapsed_us, w->glance->is_late);
	w->packets = run->packets;
	if (w->kind == LINE_GLANCE) {
		answer(w, is_right ? LINE_RIGHT : LINE_UNCLEAR);
	} else if (is_right) {
		glance_report_write(&all->report, &all->clock, run,
				    (uint32_t)(elapsed_us / 1000));
		answer(w, LINE_OK);
	} else {
		look_later(w);
	}
}

/* What only the judge weighs goes to him. */
static bool has_more(const struct expectation *x)
{
	return x->held_elsewhere || x->registered_at > 0 || x->previous_count > 0;
}

/* By the full reader, where the line is not in our compact form. */
static bool compile_any(struct line_work *w)
{
	auto_arena struct arena a;
	struct expectation x;
	struct str domain;
	struct err ignored = { 0 };

	arena_init(&a, LOOK_ARENA_MAX);
	return glance_input_read(&a, buf_view(&w->text), w->all->options.region, &x,
				 &domain, &ignored) &&
	       !has_more(&x) && glance_compile(w->all->texts, &x, &w->glance->glance);
}

static void begin_glance(struct line_work *w)
{
	struct line_works *all = w->all;
	struct list *first = list_first(&all->idle_glances);

	if (first) {
		list_remove(first);
		all->idle_glance_count--;
		w->glance = LIST_THING(first, struct line_glance, hook);
	} else {
		w->glance = xalloc(1, sizeof(*w->glance));
		list_init(&w->glance->hook);
	}
	w->glance->began_us = all->came_us;
	w->glance->is_late = false;
	all->glance_count++;
	all->prompt_count++;
}

/* false: it cannot be seen at a glance. */
static bool start_glance(struct line_work *w)
{
	struct line_works *all = w->all;

	begin_glance(w);
	struct line_glance *g = w->glance;
	if (!glance_read(all->texts, buf_view(&w->text), &g->glance) && !compile_any(w)) {
		end_glance(w);
		return false;
	}
	glance_start(&g->run, all->options.probe, &g->glance, on_glanced, w);
	return true;
}

static void start(struct line_work *w)
{
	struct line_works *all = w->all;

	if (w->kind != LINE_THOROUGH && glance_may_ask(all->options.probe) &&
	    start_glance(w))
		return;
	if (w->kind == LINE_GLANCE)
		answer(w, LINE_UNCLEAR);
	else
		look_later(w);
}

static struct line_work *take_idle(struct line_works *all)
{
	struct list *first = list_first(&all->idle);

	if (first)
		return LIST_THING(first, struct line_work, hook);
	struct line_work *w = xalloc(1, sizeof(*w));
	w->all = all;
	list_init(&w->hook);
	buf_init(&w->text, LINE_TEXT_MAX);
	return w;
}

static void take_line(struct line_works *all, const struct line_asked *asked)
{
	struct line_work *w = take_idle(all);

	list_remove(&w->hook);
	list_add(&all->glances, &w->hook);
	all->count++;
	w->number = asked->number;
	w->kind = asked->kind;
	w->packets = 0;
	buf_clear(&w->text);
	buf_str(&w->text, asked->text);
	start(w);
}

bool line_works_take(struct line_works *all, struct str frame)
{
	struct cursor c = cursor_over(frame);

	if (cursor_u8(&c) != LINES_ASKED)
		return false;
	all->came_us = clock_mono_us();
	while (cursor_left(&c) > 0) {
		struct line_asked asked;
		if (!line_asked_read(&c, &asked) || all->count == LINES_HELD_MAX)
			return false;
		take_line(all, &asked);
	}
	return cursor_ok(&c);
}

struct line_works *line_works_new(const struct line_works_options *options)
{
	struct line_works *all = xalloc(1, sizeof(*all));

	all->options = *options;
	all->texts = glance_texts_new();
	list_init(&all->glances);
	list_init(&all->late);
	list_init(&all->waiting);
	list_init(&all->looks);
	list_init(&all->idle);
	list_init(&all->idle_glances);
	arena_init(&all->judgement, LOOK_ARENA_MAX);
	pace_init(&all->pace, options->most);
	all->room = all->pace.window;
	buf_init(&all->answers, ANSWERS_MAX);
	buf_init(&all->report, REPORT_MAX);
	buf_init(&all->clock.text, 64);
	uv_prepare_init(options->loop, &all->prepare);
	all->prepare.data = all;
	uv_prepare_start(&all->prepare, on_prepare);
	uv_unref((uv_handle_t *)&all->prepare);
	return all;
}

static void free_all(struct list *works)
{
	list_each_safe (at, works) {
		struct line_work *w = LIST_THING(at, struct line_work, hook);
		end_glance(w);
		if (w->look)
			end_look(w);
		list_remove(&w->hook);
		buf_done(&w->text);
		xfree(w);
	}
}

static void on_closed(uv_handle_t *handle)
{
	xfree(handle->data);
}

void line_works_free(struct line_works **all)
{
	struct line_works *a = *all;

	if (!a)
		return;
	free_all(&a->glances);
	free_all(&a->late);
	free_all(&a->waiting);
	free_all(&a->looks);
	free_all(&a->idle);
	list_each_safe (at, &a->idle_glances) {
		list_remove(at);
		xfree(LIST_THING(at, struct line_glance, hook));
	}
	glance_texts_free(&a->texts);
	arena_done(&a->judgement);
	buf_done(&a->answers);
	buf_done(&a->report);
	buf_done(&a->clock.text);
	uv_close((uv_handle_t *)&a->prepare, on_closed);
	*all = NULL;
}
