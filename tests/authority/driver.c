/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For the tests of perspectives: an authority that looks at a domain for each octet on
 * standard input and prints what came of it as a line of JSON.
 *
 *   driver CONFIG DOMAIN EXPECT-JSON
 *
 *   L  a look that asks the perspectives too    O  one that does not
 *   X  the same as L, cancelled at once         P  a cheap look
 *
 * Perspectives and processes that come and go are told on standard error.
 */
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <uv.h>

#include "authority/authority.h"
#include "probe/probe.h"

struct run {
	uv_loop_t loop;
	uv_pipe_t input;
	struct config *config;
	struct authority *authority;
	struct expectation expectation;
	struct arena forever;
	size_t open; /* looks */
	bool is_ending;
	char room[64];
};

struct task {
	struct run *run;
	struct arena arena;
};

static void print_line(json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	puts(text);
	fflush(stdout);
	xfree(text);
	json_decref(json);
}

static void on_closed(void *arg)
{
	struct run *run = arg;

	authority_free(&run->authority);
}

static void end_if_idle(struct run *run)
{
	if (run->is_ending && run->open == 0)
		authority_close(run->authority, on_closed, run);
}

static struct task *task_new(struct run *run)
{
	struct task *t = xalloc(1, sizeof(*t));

	t->run = run;
	arena_init(&t->arena, 32 << 20);
	run->open++;
	return t;
}

static void task_end(struct task *t)
{
	struct run *run = t->run;

	arena_done(&t->arena);
	xfree(t);
	run->open--;
	end_if_idle(run);
}

static json_t *observation_json(const struct authority_observation *o)
{
	json_t *json = json_object();

	json_object_set_new(json, "name", json_stringn(o->name.data, o->name.len));
	if (o->observation)
		json_object_set_new(json, "observation",
				    observation_to_json(o->observation));
	else
		json_object_set_new(json, "why", json_stringn(o->why.data, o->why.len));
	return json;
}

static void on_looked(void *arg, const struct authority_result *result)
{
	json_t *all = json_array();

	for (size_t i = 0; i < result->observation_count; i++)
		json_array_append_new(all, observation_json(&result->observations[i]));
	print_line(all);
	task_end(arg);
}

static void on_peeked(void *arg, const struct zone_seen *z)
{
	print_line(zone_seen_to_json(z));
	task_end(arg);
}

static bool always(unused_arg void *arg, unused_arg const struct authority_result *own)
{
	return true;
}

static void begin(struct run *run, char what)
{
	struct task *t = task_new(run);
	struct authority_look *look;

	if (what == 'P') {
		authority_peek_start(run->authority, &t->arena, &run->expectation.name,
				     on_peeked, t);
		return;
	}
	look = authority_look_start(run->authority, &t->arena, &run->expectation,
				    on_looked, t);
	if (what != 'O')
		authority_look_corroborate(look, always);
	if (what != 'X')
		return;
	authority_look_cancel(&look);
	task_end(t);
}

static void on_room(uv_handle_t *handle, unused_arg size_t suggested, uv_buf_t *out)
{
	struct run *run = handle->data;

	*out = uv_buf_init(run->room, sizeof(run->room));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *b)
{
	struct run *run = stream->data;

	for (ssize_t i = 0; i < n; i++)
		if (b->base[i] != '\n')
			begin(run, b->base[i]);
	if (n >= 0)
		return;
	uv_close((uv_handle_t *)&run->input, NULL);
	run->is_ending = true;
	end_if_idle(run);
}

static void on_process(unused_arg void *arg, int pid, bool started,
		       unused_arg int exit_status)
{
	fprintf(stderr, "process %d %s\n", pid, started ? "started" : "ended");
}

static void on_remote(unused_arg void *arg, struct str name, bool is_up, struct str why)
{
	fprintf(stderr, "%.*s %s %.*s\n", STR_ARG(name), is_up ? "up" : "down",
		STR_ARG(why));
}

static bool start(struct run *run, char **words, struct err *e)
{
	const struct authority_options options = {
		.config = run->config,
		.on_process = on_process,
		.on_remote = on_remote,
	};

	return config_read_file(run->config, words[0], e) &&
	       expectation_parse(&run->forever, str_from(words[2]), str_from(words[1]),
				 STR("us-east-1"), &run->expectation, e) &&
	       authority_new(&run->loop, &options, &run->authority, e);
}

int main(int argc, char **argv)
{
	struct run run = { 0 };
	struct err e = { 0 };

	if (argc > 1 && strcmp(argv[1], "probe") == 0)
		return probe_process(3);
	if (argc != 4)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	uv_loop_init(&run.loop);
	run.config = config_new();
	arena_init(&run.forever, 1 << 22);
	bool started = start(&run, argv + 1, &e);
	if (started) {
		uv_pipe_init(&run.loop, &run.input, 0);
		run.input.data = &run;
		uv_pipe_open(&run.input, 0);
		uv_read_start((uv_stream_t *)&run.input, on_room, on_read);
	} else {
		fprintf(stderr, "driver: %s\n", e.text);
	}
	uv_run(&run.loop, UV_RUN_DEFAULT);
	arena_done(&run.forever);
	config_free(&run.config);
	if (uv_loop_close(&run.loop) != 0)
		return 3;
	return started ? 0 : 2;
}
