/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For the tests of asking: observes a domain as often as told, one after the other, in
 * this process or in a pool of them, and prints each observation as a line of JSON.
 *
 *   driver [--pool COUNT] [--peek] CONFIG DOMAIN [TIMES [EXPECT-JSON]]
 *
 * --peek takes the cheap look instead. Of a pool, each start and end of a process is told
 * on standard error: "+PID", "-PID".
 */
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <uv.h>

#include "probe/probe.h"

struct run {
	uv_loop_t loop;
	struct config *config;
	struct probe *probe;
	struct probe_pool *pool;
	struct expectation expectation;
	struct arena forever;
	struct arena arena;
	uint64_t left;
	bool is_peek;
};

static void observe(struct run *run);

/* json is a new reference. */
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

	probe_pool_free(&run->pool);
}

static void finish(struct run *run, json_t *json)
{
	print_line(json);
	arena_reset(&run->arena);
	if (--run->left > 0)
		observe(run);
	else if (run->pool)
		probe_pool_close(run->pool, on_closed, run);
}

static void on_done(void *arg, const struct observation *o)
{
	finish(arg, observation_to_json(o));
}

static void on_peeked(void *arg, const struct zone_seen *z)
{
	finish(arg, zone_seen_to_json(z));
}

static void observe(struct run *run)
{
	const struct dns_name *domain = &run->expectation.name;

	if (run->is_peek && run->pool)
		probe_pool_peek_start(run->pool, &run->arena, domain, on_peeked, run);
	else if (run->is_peek)
		probe_peek_start(run->probe, &run->arena, domain, on_peeked, run);
	else if (run->pool)
		probe_pool_observe_start(run->pool, &run->arena, &run->expectation,
					 on_done, run);
	else
		probe_observe_start(run->probe, &run->arena, &run->expectation, on_done,
				    run);
}

static void on_process(unused_arg void *arg, int pid, bool started,
		       unused_arg int exit_status)
{
	fprintf(stderr, "%c%d\n", started ? '+' : '-', pid);
}

static bool start(struct run *run, uint64_t processes, struct err *e)
{
	struct probe_pool_options options = {
		.loop = &run->loop,
		.config = run->config,
		.program = "/proc/self/exe",
		.count = processes,
		.on_process = on_process,
	};

	if (processes > 0)
		return probe_pool_new(&options, &run->pool, e);
	return probe_new(&run->loop, run->config, &run->probe, e);
}

/* words: CONFIG DOMAIN [TIMES [EXPECT-JSON]] */
static bool read_words(struct run *run, int count, char **words, struct err *e)
{
	struct str domain = str_from(words[1]);

	run->left = 1;
	if (count > 2 && !str_number(str_from(words[2]), 1000, &run->left))
		return err_set(e, ERR_USAGE, "how often?");
	if (!config_read_file(run->config, words[0], e))
		return false;
	if (count > 3)
		return expectation_parse(&run->forever, str_from(words[3]), domain,
					 STR("us-east-1"), &run->expectation, e);
	return expectation_empty(&run->forever, domain, &run->expectation, e);
}

static int run_all(struct run *run, uint64_t processes, int count, char **words)
{
	struct err e = { 0 };

	if (!read_words(run, count, words, &e) || !start(run, processes, &e)) {
		fprintf(stderr, "driver: %s\n", e.text);
		return 2;
	}
	observe(run);
	uv_run(&run->loop, UV_RUN_DEFAULT);
	probe_free(&run->probe);
	uv_run(&run->loop, UV_RUN_DEFAULT);
	return uv_loop_close(&run->loop) == 0 ? 0 : 3;
}

int main(int argc, char **argv)
{
	struct run run = { 0 };
	uint64_t processes = 0;
	int at = 1;

	if (argc > 1 && strcmp(argv[1], "probe") == 0)
		return probe_process(3);
	if (argc > 2 && strcmp(argv[1], "--pool") == 0) {
		if (!str_number(str_from(argv[2]), 64, &processes))
			return 2;
		at = 3;
	}
	if (argc > at && strcmp(argv[at], "--peek") == 0) {
		run.is_peek = true;
		at++;
	}
	if (argc - at < 2)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	uv_loop_init(&run.loop);
	run.config = config_new();
	arena_init(&run.forever, 1 << 22);
	arena_init(&run.arena, 64 << 20);
	int exit_code = run_all(&run, processes, argc - at, argv + at);
	arena_done(&run.arena);
	arena_done(&run.forever);
	config_free(&run.config);
	return exit_code;
}
