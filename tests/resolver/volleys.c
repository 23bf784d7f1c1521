/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For the tests of volleys: puts questions, looks routes up, and prints what comes back.
 *
 *   volleys CONFIG ask TIMES QUESTIONS   "NAME TYPE ADDRESS, NAME TYPE ADDRESS, ..."
 *   volleys CONFIG pairs TIMES QUESTIONS as ask, but each two of them are a volley;
 *                                        all start in one turn of the loop
 *   volleys CONFIG route TIMES NAMES     "NAME, NAME, ...": all of them at once
 *   volleys CONFIG burst TIMES QUESTIONS as ask, BURST volleys under way at a time, and
 *                                        nothing but a last line: {"empty": n, ...}
 *
 * With WITHOUT_SEGMENTS in the environment a message of several packets is refused, as
 * some routes do.
 *
 * TIMES one after the other. A line of JSON for each: {"answers": ["hex", ...]} in the
 * order of the questions, {"routes": [{...}, ...]} in the order of the names; with the
 * packets that it took and the calls of the kernel so far.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uv.h>

#include "config/config.h"
#include "resolver/state.h"

enum {
	NAMES_MAX = 4096,
	BURST = 32,
};

struct run {
	uv_loop_t loop;
	struct config *config;
	struct resolver *resolver;
	uv_idle_t again; /* starts the next */
	bool is_route;
	bool is_burst;
	bool is_pairs;
	uint64_t empty;
	uint64_t left;
	struct dns_name names[NAMES_MAX];
	struct volley_ask asks[NAMES_MAX];
	size_t count;
	json_t *items[NAMES_MAX];
	size_t open;
};

__attribute__((visibility("default"))) int send_or_refuse(int fd,
							  struct mmsghdr *messages,
							  unsigned count,
							  int flags) __asm__("sendmmsg");

int send_or_refuse(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	if (messages[0].msg_hdr.msg_iovlen > 1 && getenv("WITHOUT_SEGMENTS")) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_sendmmsg, fd, messages, count, flags);
}

static void start(struct run *run);

/* Item by item into an array. */
static json_t *gather(struct run *run)
{
	json_t *all = json_array();

	for (size_t i = 0; i < run->count; i++)
		json_array_append_new(all, run->items[i]);
	return all;
}

static json_t *result_of(struct run *run)
{
	if (run->is_burst)
		return json_pack("{s:I}", "empty", (json_int_t)run->empty);
	return json_pack("{s:o}", run->is_route ? "routes" : "answers", gather(run));
}

static void print(struct run *run)
{
	const struct resolver_counters *c = &run->resolver->counters;
	json_t *line = result_of(run);

	json_object_update_new(
		line,
		json_pack("{s:I, s:I, s:I, s:I}", "queries", (json_int_t)c->queries_udp,
			  "send_calls", (json_int_t)c->send_calls, "receive_calls",
			  (json_int_t)c->receive_calls, "cuts",
			  (json_int_t)cache_cut_count(run->resolver->cache)));
	char *text = json_dumps(line, JSON_COMPACT);

	puts(text);
	fflush(stdout);
	free(text);
	json_decref(line);
}

static void close_one(struct run *run)
{
	if (--run->open > 0)
		return;
	print(run);
	if (--run->left > 0)
		start(run);
	else
		uv_close((uv_handle_t *)&run->again, NULL);
}

static void take_answer(struct run *run, size_t index, struct str packet)
{
	auto_buf struct buf hex;

	buf_init(&hex, 16384);
	hex_write(&hex, packet);
	run->items[index] = json_string(buf_cstr(&hex));
	close_one(run);
}

static void on_answered(void *arg, size_t index, struct str packet)
{
	take_answer(arg, index, packet);
}

static json_t *route_to_json(const struct resolver_route *route)
{
	auto_buf struct buf zone;
	json_t *addresses = json_array();

	buf_init(&zone, 2048);
	if (route->zone.len > 0)
		dns_name_write(&zone, &route->zone);
	for (size_t i = 0; i < route->address_count; i++) {
		auto_buf struct buf text;
		buf_init(&text, 64);
		address_write(&text, &route->addresses[i]);
		json_array_append_new(addresses, json_string(buf_cstr(&text)));
	}
	return json_pack("{s:s, s:o, s:b, s:i}", "zone", zone.len ? buf_cstr(&zone) : "",
			 "addresses", addresses, "needs_validation",
			 route->needs_validation, "queries", (int)route->queries);
}

struct search {
	struct run *run;
	size_t index;
};
static struct search searches[NAMES_MAX];

static void on_route(void *arg, const struct resolver_route *route)
{
	struct search *s = arg;

	s->run->items[s->index] = route_to_json(route);
	close_one(s->run);
}

static void start_route(struct run *run, size_t i)
{
	struct resolver_route route;

	searches[i] = (struct search){ run, i };
	if (resolver_route_find(run->resolver, &run->names[i], &route))
		on_route(&searches[i], &route);
	else
		resolver_route_start(run->resolver, &run->names[i], on_route,
				     &searches[i]);
}

static void on_pair(void *arg, size_t index, struct str packet)
{
	struct search *s = arg;

	take_answer(s->run, s->index + index, packet);
}

static void start_pairs(struct run *run)
{
	for (size_t i = 0; i < run->count; i += 2) {
		searches[i] = (struct search){ run, i };
		volley_start(run->resolver, run->asks + i, 2, on_pair, &searches[i]);
	}
}

/* One of the volleys of a burst. */
struct burst {
	struct run *run;
	size_t open;
};
static struct burst bursts[BURST];

static void on_burst(void *arg, unused_arg size_t index, struct str packet)
{
	struct burst *b = arg;
	struct run *run = b->run;

	run->empty += packet.len == 0;
	if (--b->open > 0)
		return;
	if (run->left > 0) {
		run->left--;
		b->open = run->count;
		volley_start(run->resolver, run->asks, run->count, on_burst, b);
	} else if (--run->open == 0) {
		print(run);
		uv_close((uv_handle_t *)&run->again, NULL);
	}
}

static void start_bursts(struct run *run)
{
	for (size_t i = 0; i < BURST && run->left > 0; i++, run->left--) {
		bursts[i] = (struct burst){ run, run->count };
		run->open++;
		volley_start(run->resolver, run->asks, run->count, on_burst, &bursts[i]);
	}
}

static void on_again(uv_idle_t *again)
{
	struct run *run = again->data;

	uv_idle_stop(again);
	if (run->is_burst) {
		start_bursts(run);
		return;
	}
	run->open = run->count;
	if (run->is_pairs)
		start_pairs(run);
	else if (!run->is_route)
		volley_start(run->resolver, run->asks, run->count, on_answered, run);
	for (size_t i = 0; i < run->count && run->is_route; i++)
		start_route(run, i);
}

static void start(struct run *run)
{
	uv_idle_start(&run->again, on_again);
}

static bool read_one(struct run *run, struct str words, struct err *e)
{
	struct str rest = str_trim(words);
	struct str name = STR_EMPTY, type = STR_EMPTY, address = STR_EMPTY;
	struct volley_ask *ask = &run->asks[run->count];

	str_split(&rest, ' ', &name);
	if (!run->is_route &&
	    (!str_split(&rest, ' ', &type) || !str_split(&rest, ' ', &address) ||
	     !dns_type_parse(type, &ask->type) ||
	     !address_parse(address, 53, &ask->address)))
		return err_set(e, ERR_USAGE, "NAME TYPE ADDRESS");
	ask->name = &run->names[run->count];
	return dns_name_parse(name, &run->names[run->count++], e);
}

static bool read_all(struct run *run, char **words, struct err *e)
{
	struct str rest = str_from(words[3]);
	struct str one;

	run->is_route = str_is(str_from(words[1]), "route");
	run->is_burst = str_is(str_from(words[1]), "burst");
	run->is_pairs = str_is(str_from(words[1]), "pairs");
	if (!str_number(str_from(words[2]), 1000000, &run->left))
		return err_set(e, ERR_USAGE, "how often?");
	while (run->count < NAMES_MAX && str_split(&rest, ',', &one))
		if (!read_one(run, one, e))
			return false;
	return config_read_file(run->config, words[0], e) &&
	       resolver_new(&run->loop, run->config, &run->resolver, e);
}

int main(int argc, char **argv)
{
	static struct run run;
	struct err e = { 0 };

	if (argc != 5)
		return 2;
	uv_loop_init(&run.loop);
	run.config = config_new();
	if (!read_all(&run, argv + 1, &e)) {
		fprintf(stderr, "volleys: %s\n", e.text);
		return 2;
	}
	uv_idle_init(&run.loop, &run.again);
	run.again.data = &run;
	start(&run);
	uv_run(&run.loop, UV_RUN_DEFAULT);
	resolver_free(&run.resolver);
	uv_run(&run.loop, UV_RUN_DEFAULT);
	config_free(&run.config);
	return uv_loop_close(&run.loop) == 0 ? 0 : 3;
}
