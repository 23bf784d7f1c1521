/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unpend check --watch, on one loop:
 *
 *   look ──► show what changed ──► verified, or over? ──► end: the report, the exit code
 *    ▲                                     │
 *    └────────── timer (watch_next) ◄──────┘          a signal ends it at any moment
 *
 * On a terminal the report is shown when its findings change, and below it one line that
 * is drawn again each second; elsewhere there is one line for each change.
 */
#include "cmd/watch.h"

#include <assert.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>
#include <uv.h>

#include "cmd/cmd.h"
#include "probe/probe.h"
#include "registry/registry.h"
#include "resolver/resolver.h"

enum {
	DELAY_LEAST_S = 5,
	DELAY_MOST_S = 300,
	DOUBLINGS_MAX = 6,
	ARENA_MAX = 512 << 20,
	LINE_MAX_BYTES = 64 * 1024,
	SIGNAL_BASE = 128, /* of exit codes */
};

struct watch {
	const struct watch_options *o;
	uv_loop_t loop;
	uv_timer_t timer; /* ticks each second: the countdown, and the next look */
	uv_signal_t interrupt;
	uv_signal_t terminate;
	struct probe *probe;
	struct probe_job *job;
	struct arena arenas[2]; /* of this look and of the one before */
	unsigned turn;
	struct observation seen;
	struct report report; /* of the last look that ended */
	bool has_report;
	unsigned looks; /* that have seen the same */
	int64_t since_s;
	int64_t next_s;
	bool has_registration; /* the registry was asked: once is enough */
	struct registration registration;
	struct arena registry_arena;
	bool is_terminal;
	bool is_over;
	int exit_code;
	int unwritten; /* the exit code, where the output cannot be written */
};

bool watch_until_parse(struct str text, int64_t now_s, int64_t *out)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	uint64_t n;
	for (size_t i = 0; text.len > 1 && i < ARRAY_LEN(units); i++) {
		if (text.data[text.len - 1] != units[i].unit ||
		    !str_number(str_sub(text, 0, text.len - 1), 1000000, &n) || n == 0)
			continue;
		*out = now_s + (int64_t)n * units[i].seconds;
		return true;
	}
	return clock_parse(text, out) && *out > now_s;
}

/* The first moment behind `now_s` when a cache forgets; 0: none. */
static int64_t first_forgotten(const struct report *r, int64_t now_s)
{
	int64_t first = 0;
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct finding *f = &r->findings[i];
		for (size_t j = 0; j < f->evidence_count; j++) {
			int64_t until = f->evidence[j].until_s;
			if (f->severity == SEVERITY_WAIT && until >= now_s &&
			    (first == 0 || until < first))
				first = until;
		}
	}
	return first;
}

int64_t watch_next(const struct report *r, int64_t now_s, unsigned looks)
{
	unsigned doublings = looks < DOUBLINGS_MAX ? looks : DOUBLINGS_MAX;
	int64_t delay_s = (int64_t)DELAY_LEAST_S << doublings;
	int64_t forgotten_s = first_forgotten(r, now_s);
	if (r->verdict == VERDICT_WAITING && forgotten_s > 0)
		delay_s = forgotten_s + 1 - now_s;
	else if (r->verdict == VERDICT_UNDETERMINED && r->next_at_s > now_s)
		delay_s = r->next_at_s - now_s;
	if (delay_s < DELAY_LEAST_S)
		delay_s = DELAY_LEAST_S;
	if (delay_s > DELAY_MOST_S)
		delay_s = DELAY_MOST_S;
	return now_s + delay_s;
}

/* Showing */

/* Nobody reads any more: then there is nothing to watch for. */
static void print(struct watch *w, struct buf *line)
{
	buf_byte(line, '\n');
	if (w->unwritten == EXIT_OK && !cmd_write(buf_view(line), &w->unwritten))
		w->is_over = true;
}

static void print_report(struct watch *w)
{
	if (w->unwritten == EXIT_OK)
		w->unwritten = report_show(&w->report, false);
	if (w->unwritten != EXIT_OK)
		w->is_over = true;
}

static void print_json(struct watch *w, json_t *event)
{
	auto_free char *text = json_dumps(event, JSON_COMPACT | JSON_ENSURE_ASCII);
	auto_buf struct buf line;
	buf_init(&line, 64 << 20);
	buf_text(&line, text ? text : "{}");
	print(w, &line);
	json_decref(event);
}

static json_t *time_json(int64_t at_s)
{
	auto_buf struct buf b;
	buf_init(&b, 64);
	clock_write_rfc3339(&b, at_s);
	return json_string(buf_cstr(&b));
}

/* From one word to another, of a record or (id NULL) of the whole. from NULL: first. */
static void show_change(struct watch *w, const char *id, const char *from, const char *to)
{
	int64_t at_s = w->seen.at_s;
	if (w->o->ndjson) {
		json_t *event = json_object();
		json_object_set_new(event, "event",
				    json_string(id ? "state" : "verdict"));
		if (id)
			json_object_set_new(event, "record", json_string(id));
		json_object_set_new(event, "from",
				    from ? json_string(from) : json_null());
		json_object_set_new(event, "to", json_string(to));
		json_object_set_new(event, "at", time_json(at_s));
		print_json(w, event);
		return;
	}
	auto_buf struct buf line;
	buf_init(&line, LINE_MAX_BYTES);
	clock_write_rfc3339(&line, at_s);
	buf_byte(&line, ' ');
	buf_str(&line, id ? str_from(id) : w->o->x->domain);
	if (from)
		buf_printf(&line, " %s ->", from);
	buf_printf(&line, " %s", to);
	print(w, &line);
}

/* What is other than at the last look; gives whether anything is. */
static bool show_changes(struct watch *w, const struct report *now)
{
	bool is_changed = !w->has_report;
	for (size_t i = 0; i < now->record_count; i++) {
		const char *id =
			arena_text(&w->arenas[w->turn], now->records[i].expected->id);
		const char *from = w->has_report
					   ? record_state_name(w->report.records[i].state)
					   : NULL;
		const char *to = record_state_name(now->records[i].state);
		if (from && strcmp(from, to) == 0)
			continue;
		is_changed = true;
		if (!w->is_terminal)
			show_change(w, id, from, to);
	}
	if (!w->has_report || w->report.verdict != now->verdict) {
		is_changed = true;
		if (!w->is_terminal)
			show_change(w, NULL,
				    w->has_report ? verdict_name(w->report.verdict)
						  : NULL,
				    verdict_name(now->verdict));
	}
	return is_changed;
}

/* Other findings than before, in their codes. */
static bool has_other_findings(const struct watch *w, const struct report *now)
{
	if (!w->has_report || w->report.finding_count != now->finding_count)
		return true;
	for (size_t i = 0; i < now->finding_count; i++) {
		if (strcmp(w->report.findings[i].code, now->findings[i].code) != 0)
			return true;
	}
	return false;
}

static size_t count_right(const struct report *r)
{
	size_t right = 0;
	for (size_t i = 0; i < r->record_count; i++)
		right += r->records[i].state == RECORD_OK;
	return right;
}

/* Public resolvers that were asked, and those that remember otherwise. */
static size_t count_resolvers(const struct report *r, size_t *waiting_out)
{
	const struct observation *o = r->observation;
	bool waits[OBSERVATION_VIEWS_MAX] = { false };
	size_t count = 0;
	*waiting_out = 0;
	for (size_t i = 0; i < r->record_count; i++) {
		const struct record_report *record = &r->records[i];
		for (size_t j = 0; j < record->view_count; j++) {
			if (record->state == RECORD_WAITING && !record->views[j].matches)
				waits[record->views[j].view] = true;
		}
	}
	for (size_t i = 0; i < o->view_count; i++) {
		bool is_resolver = o->views[i].kind == VIEW_RESOLVER;
		count += is_resolver;
		*waiting_out += is_resolver && waits[i];
	}
	return count;
}

/* "wait 1/5 resolvers, next look in 0:47, all clear by 14:05:12 JST" */
static void write_progress(const struct watch *w, int64_t now_s, struct buf *out)
{
	const struct report *r = &w->report;
	int64_t left_s = w->next_s > now_s ? w->next_s - now_s : 0;
	int minutes = (int)(left_s / 60);
	int seconds = (int)(left_s % 60);
	size_t waiting;
	size_t resolvers = count_resolvers(r, &waiting);
	auto_buf struct buf clear;
	buf_init(&clear, 128);
	if (r->verdict == VERDICT_WAITING && r->agree_earliest_s > 0) {
		clock_write_local(&clear, r->agree_earliest_s, now_s, false);
		buf_printf(out,
			   lang_text(w->o->lang, "wait %zu/%zu resolvers, next look in "
						 "%d:%02d, all clear by %s"),
			   waiting, resolvers, minutes, seconds, buf_cstr(&clear));
		return;
	}
	buf_printf(out,
		   lang_text(w->o->lang, "%s: %zu/%zu records right, next look in "
					 "%d:%02d"),
		   r->finding_count > 0 ? r->findings[0].code : "-", count_right(r),
		   r->record_count, minutes, seconds);
}

static void show_progress(const struct watch *w, int64_t now_s)
{
	auto_buf struct buf line;
	buf_init(&line, LINE_MAX_BYTES);
	if (!w->is_terminal || !w->has_report)
		return;
	if (w->job)
		buf_text(&line, lang_text(w->o->lang, "looking ..."));
	else
		write_progress(w, now_s, &line);
	status_show(buf_cstr(&line));
}

/* The end */

static void show_end(struct watch *w, const char *reason)
{
	status_show("");
	if (!w->o->ndjson) {
		if (w->has_report && !w->is_terminal)
			print_report(w);
		return;
	}
	json_t *event = json_object();
	json_object_set_new(event, "event", json_string("end"));
	json_object_set_new(event, "reason", json_string(reason));
	json_object_set_new(event, "exit_code", json_integer(w->exit_code));
	json_object_set_new(event, "at", time_json(clock_now_s()));
	json_object_set_new(event, "report",
			    w->has_report ? report_to_json(&w->report) : json_null());
	print_json(w, event);
}

static void end(struct watch *w, const char *reason, int exit_code)
{
	w->is_over = true;
	w->exit_code = exit_code;
	show_end(w, reason);
	probe_cancel(&w->job);
	uv_timer_stop(&w->timer);
	uv_signal_stop(&w->interrupt);
	uv_signal_stop(&w->terminate);
	uv_stop(&w->loop);
}

static void on_signal(uv_signal_t *signal, int number)
{
	struct watch *w = signal->data;
	if (!w->is_over)
		end(w, "interrupted", SIGNAL_BASE + number);
}

/* Looking */

static void ask_registry(struct watch *w)
{
	struct dns_name domain;
	struct arena *a = &w->arenas[w->turn];
	if (!w->has_registration && w->o->with_registry &&
	    diagnose_registry(a, w->o->x, &w->seen, &domain)) {
		registry_ask(&w->registry_arena, w->o->config, &domain, &w->registration);
		w->has_registration = true;
	}
	w->seen.has_registration = w->has_registration;
	w->seen.registration = w->registration;
}

static void note_since(struct watch *w, struct report *r)
{
	if (r->verdict != VERDICT_OK && r->verdict != VERDICT_WAITING)
		w->since_s = 0;
	else if (w->since_s == 0)
		w->since_s = w->seen.at_s;
	if (w->since_s > 0)
		report_set_since(r, w->since_s);
}

static void on_seen(void *arg, const struct observation *o)
{
	struct watch *w = arg;
	struct report now;
	int64_t now_s = clock_now_s();
	w->job = NULL;
	w->seen = *o;
	ask_registry(w);
	diagnose_judge(&w->arenas[w->turn], w->o->x, &w->seen, w->o->lang, &now);
	note_since(w, &now);
	bool is_changed = show_changes(w, &now);
	bool is_other = has_other_findings(w, &now);
	w->looks = is_changed || is_other ? 0 : w->looks + 1;
	w->report = now;
	w->has_report = true;
	w->next_s = watch_next(&w->report, now_s, w->looks);
	if (w->is_terminal && (is_other || now.verdict == VERDICT_OK)) {
		status_show("");
		print_report(w);
	}
	if (w->is_over) {
		w->exit_code = verdict_exit_code(now.verdict);
		uv_stop(&w->loop);
	} else if (now.verdict == VERDICT_OK) {
		end(w, "verified", EXIT_OK);
	} else if (w->o->until_s > 0 && now_s >= w->o->until_s) {
		end(w, "until", verdict_exit_code(now.verdict));
	} else if (w->o->until_s > 0 && w->next_s > w->o->until_s) {
		w->next_s = w->o->until_s;
	}
	if (!w->is_over)
		show_progress(w, now_s);
}

static void look(struct watch *w)
{
	/* What the last look saw is compared with what this one sees. */
	w->turn = 1 - w->turn;
	arena_reset(&w->arenas[w->turn]);
	w->job = probe_observe_start(w->probe, &w->arenas[w->turn], w->o->x, on_seen, w);
}

/* The other end of the pipe was closed. */
static bool is_unread(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO };
	return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP));
}

static void on_tick(uv_timer_t *timer)
{
	struct watch *w = timer->data;
	int64_t now_s = clock_now_s();
	if (w->job || w->is_over)
		return;
	if (w->has_report && is_unread()) {
		end(w, "unread", verdict_exit_code(w->report.verdict));
		return;
	}
	if (now_s >= w->next_s)
		look(w);
	show_progress(w, now_s);
}

static void start(struct watch *w)
{
	uv_timer_init(&w->loop, &w->timer);
	uv_signal_init(&w->loop, &w->interrupt);
	uv_signal_init(&w->loop, &w->terminate);
	w->timer.data = w;
	w->interrupt.data = w;
	w->terminate.data = w;
	uv_signal_start(&w->interrupt, on_signal, SIGINT);
	uv_signal_start(&w->terminate, on_signal, SIGTERM);
	uv_timer_start(&w->timer, on_tick, 0, 1000);
}

static void stop(struct watch *w)
{
	uv_close((uv_handle_t *)&w->timer, NULL);
	uv_close((uv_handle_t *)&w->interrupt, NULL);
	uv_close((uv_handle_t *)&w->terminate, NULL);
	probe_free(&w->probe);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	int closed = uv_loop_close(&w->loop);
	assert(closed == 0);
}

int watch_run(const struct watch_options *options)
{
	struct err e = { .lang = options->lang };
	struct watch *w = xalloc(1, sizeof(*w));
	w->o = options;
	w->since_s = options->since_s;
	w->is_terminal = !options->ndjson && report_is_terminal();
	if (!resolver_loop_open(&w->loop, &e)) {
		xfree(w);
		return cmd_fail(&e);
	}
	if (!probe_new(&w->loop, options->config, &w->probe, &e)) {
		uv_loop_close(&w->loop);
		xfree(w);
		return cmd_fail(&e);
	}
	arena_init(&w->arenas[0], ARENA_MAX);
	arena_init(&w->arenas[1], ARENA_MAX);
	arena_init(&w->registry_arena, 16 << 20);
	start(w);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	stop(w);
	int code = w->unwritten != EXIT_OK ? w->unwritten : w->exit_code;
	arena_done(&w->arenas[0]);
	arena_done(&w->arenas[1]);
	arena_done(&w->registry_arena);
	xfree(w);
	return code;
}
