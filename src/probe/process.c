/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The child's side. It holds nothing that could be stolen, and may be killed at any
 * moment: the parent asks again. It ends when the other end of the socket is closed.
 */
#include <jansson.h>
#include <stdio.h>

#include "probe/frame.h"
#include "probe/gather.h"
#include "probe/glance_frame.h"
#include "probe/glance_work.h"
#include "probe/job.h"
#include "probe/sandbox.h"

enum {
	JOBS_MAX = 512,
	JOB_ARENA_MAX = 64 << 20,
	EXIT_BAD_CONFIG = 2,
	EXIT_BAD_FRAME = 70,
	READ_SIZE = 64 << 10,
};

struct process {
	uv_loop_t loop;
	uv_pipe_t pipe;
	struct buf in;
	struct config *config;
	struct probe *probe; /* NULL until configured */
	struct line_works *lines;
	struct list jobs;
	size_t job_count;
	int exit_code;
	bool is_ending;
};

struct child_job {
	struct list hook;
	struct process *process;
	struct arena arena;
	struct job_request request;
	struct probe_job *job;
};

static void release_job(struct child_job *j)
{
	list_remove(&j->hook);
	j->process->job_count--;
	arena_done(&j->arena);
	xfree(j);
}

static void end(struct process *p, int exit_code)
{
	if (p->is_ending)
		return;
	p->is_ending = true;
	p->exit_code = exit_code;
	uv_close((uv_handle_t *)&p->pipe, NULL);
}

/* seen is a new reference. */
static void reply(struct child_job *j, const char *what, json_t *seen)
{
	struct process *p = j->process;
	json_t *frame = json_object();

	json_object_set_new(frame, "job", json_integer(j->request.number));
	json_object_set_new(frame, what, seen);
	if (!p->is_ending)
		frame_send((uv_stream_t *)&p->pipe, frame);
	json_decref(frame);
	release_job(j);
}

static void on_observed(void *arg, const struct observation *o)
{
	struct child_job *j = arg;

	reply(j, "observation", observation_to_json(o));
}

static void on_peeked(void *arg, const struct zone_seen *z)
{
	struct child_job *j = arg;

	reply(j, "zone", zone_seen_to_json(z));
}

static bool start_job(struct process *p, const json_t *frame, struct err *e)
{
	if (p->job_count >= JOBS_MAX)
		return err_set(e, ERR_INTERNAL, "too many jobs");
	struct child_job *j = xalloc(1, sizeof(*j));
	j->process = p;
	arena_init(&j->arena, JOB_ARENA_MAX);
	list_init(&j->hook);
	list_add(&p->jobs, &j->hook);
	p->job_count++;
	if (!job_read(&j->arena, frame, &j->request, e)) {
		release_job(j);
		return false;
	}
	if (j->request.is_peek)
		j->job = probe_peek_start(p->probe, &j->arena, &j->request.domain,
					  on_peeked, j);
	else
		j->job = probe_observe_start(p->probe, &j->arena, &j->request.expectation,
					     on_observed, j);
	return true;
}

/* What the C library reads from files when it is first needed: the time zone. */
static void read_files_now(void)
{
	auto_buf struct buf text;

	buf_init(&text, 64);
	clock_write_rfc3339(&text, clock_now_s());
}

static bool configure(struct process *p, const json_t *frame, struct err *e)
{
	json_t *values = json_object_get(frame, "config");
	const char *name;
	json_t *value;

	if (!json_is_object(values))
		return err_set(e, ERR_INTERNAL, "the first frame is no configuration");
	json_object_foreach(values, name, value)
	{
		struct str text =
			str_of(json_string_value(value), json_string_length(value));
		if (!json_is_string(value) ||
		    !config_set(p->config, str_from(name), text, "parent", e))
			return false;
	}
	if (!probe_new(&p->loop, p->config, &p->probe, e))
		return false;
	resolver_validate_prepare(p->probe->resolver);
	read_files_now();
	return sandbox_enter(p->config, e);
}

static void start_lines(struct process *p, const json_t *frame)
{
	const json_t *lang = json_object_get(frame, "lang");
	json_int_t lines = json_integer_value(json_object_get(frame, "lines"));
	struct line_works_options options = {
		.loop = &p->loop,
		.stream = (uv_stream_t *)&p->pipe,
		.probe = p->probe,
		.region = config_is_set(p->config, CONFIG_SES_REGION)
				  ? config_text(p->config, CONFIG_SES_REGION)
				  : STR_EMPTY,
		.lang = LANG_EN,
		.most = LINES_GLANCED_MAX,
	};

	(void)!lang_parse(str_from(json_string_value(lang)), &options.lang);
	if (lines > 0 && lines < LINES_GLANCED_MAX)
		options.most = (size_t)lines;
	p->lines = line_works_new(&options);
}

static void take_frame(struct process *p, const json_t *frame)
{
	struct err e = { 0 };

	if (p->probe) {
		if (!start_job(p, frame, &e))
			end(p, EXIT_BAD_FRAME);
	} else if (!configure(p, frame, &e)) {
		fprintf(stderr, "unpend probe: %s\n", e.text);
		end(p, EXIT_BAD_CONFIG);
	} else {
		start_lines(p, frame);
	}
}

static void take_text(struct process *p, struct str text)
{
	if (p->lines && text.len > 0 && text.data[0] == LINES_ASKED) {
		if (!line_works_take(p->lines, text))
			end(p, EXIT_BAD_FRAME);
		return;
	}
	json_t *frame = frame_json(text);
	if (frame)
		take_frame(p, frame);
	else
		end(p, EXIT_BAD_FRAME);
	json_decref(frame);
}

static void on_room(uv_handle_t *handle, unused_arg size_t suggested, uv_buf_t *out)
{
	struct process *p = handle->data;
	char *at = buf_room(&p->in, READ_SIZE);

	*out = uv_buf_init(at, at ? READ_SIZE : 0);
}

static void on_read(uv_stream_t *stream, ssize_t n, unused_arg const uv_buf_t *b)
{
	struct process *p = stream->data;
	enum frame_state state = FRAME_PARTIAL;

	if (n < 0) {
		end(p, n == UV_EOF || n == UV_ECONNRESET ? 0 : EXIT_BAD_FRAME);
		return;
	}
	buf_wrote(&p->in, (size_t)n);
	do {
		struct str text;
		state = frame_peek(&p->in, FRAME_MAX, &text);
		if (state == FRAME_WHOLE) {
			take_text(p, text);
			frame_drop(&p->in, text);
		}
	} while (state == FRAME_WHOLE && !p->is_ending);
	if (state == FRAME_BROKEN)
		end(p, EXIT_BAD_FRAME);
}

int probe_process(int fd)
{
	struct process p = { 0 };

	sandbox_begin(fd);
	uv_loop_init(&p.loop);
	uv_pipe_init(&p.loop, &p.pipe, 0);
	p.pipe.data = &p;
	p.config = config_new();
	buf_init(&p.in, FRAME_MAX + READ_SIZE + 4);
	list_init(&p.jobs);
	if (uv_pipe_open(&p.pipe, fd) != 0 ||
	    uv_read_start((uv_stream_t *)&p.pipe, on_room, on_read) != 0)
		end(&p, EXIT_BAD_FRAME);
	while (!p.is_ending && uv_run(&p.loop, UV_RUN_ONCE))
		;
	list_each_safe (at, &p.jobs) {
		struct child_job *j = LIST_THING(at, struct child_job, hook);
		probe_cancel(&j->job);
		release_job(j);
	}
	line_works_free(&p.lines);
	probe_free(&p.probe);
	uv_run(&p.loop, UV_RUN_DEFAULT);
	uv_loop_close(&p.loop);
	buf_done(&p.in);
	config_free(&p.config);
	return p.exit_code;
}
