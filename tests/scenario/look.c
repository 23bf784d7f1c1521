/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "look.h"

#include <assert.h>
#include <uv.h>

#include "memory.h"
#include "probe/glance.h"
#include "step.h"
#include "traffic.h"

enum {
	OBSERVATION_MAX = 64 << 20
};

struct looker {
	uv_loop_t loop;
	struct probe *probe;
};

/* One of the looks that are under way. */
struct one {
	struct looks *looks;
	size_t index;
	struct arena arena;
};

bool looker_new(const struct config *config, struct looker **out, struct err *e)
{
	struct looker *l = xalloc(1, sizeof(*l));

	uv_loop_init(&l->loop);
	if (!probe_new(&l->loop, config, &l->probe, e)) {
		uv_loop_close(&l->loop);
		xfree(l);
		return false;
	}
	*out = l;
	return true;
}

void looker_free(struct looker **l)
{
	if (!*l)
		return;
	probe_free(&(*l)->probe);
	uv_run(&(*l)->loop, UV_RUN_DEFAULT);
	int closed = uv_loop_close(&(*l)->loop);
	assert(closed == 0);
	xfree(*l);
	*l = NULL;
}

static void on_seen(void *arg, const struct observation *o)
{
	struct one *one = arg;
	struct looks *looks = one->looks;
	struct seen_report *seen = &looks->reports[one->index];

	seen->observation = *o;
	diagnose_judge(&one->arena, &looks->expectations[one->index], &seen->observation,
		       LANG_EN, &seen->report);
	looks->cost.time_us = step_now_us();
}

static void read_cost(struct cost *cost)
{
	const struct traffic *t = traffic_seen();

	cost->packets = t->packets;
	cost->connections = t->connections;
	cost->other_ports = t->other_ports;
	cost->bytes_out = t->bytes_out;
	cost->bytes_in = t->bytes_in;
	cost->destinations = t->destination_count;
	for (size_t i = 0; i < t->destination_count; i++)
		if (t->destinations[i].packets > cost->most)
			cost->most = t->destinations[i].packets;
}

struct glancing {
	struct glance glance;
	struct glance_run run;
	bool is_right;
};

static void on_glanced(void *arg, unused_arg const struct glance_run *run, bool is_right)
{
	struct glancing *g = arg;

	g->is_right = is_right;
}

bool looker_glance(struct looker *l, const struct expectation *x, struct cost *cost)
{
	struct glance_texts *texts = glance_texts_new();
	struct glancing *g = xalloc(1, sizeof(*g));
	int64_t began_us = step_now_us();

	*cost = (struct cost){ 0 };
	traffic_clear();
	if (glance_compile(texts, x, &g->glance)) {
		glance_start(&g->run, l->probe, &g->glance, on_glanced, g);
		uv_run(&l->loop, UV_RUN_DEFAULT);
		step_drain();
	}
	bool is_right = g->is_right;
	xfree(g);
	glance_texts_free(&texts);
	cost->time_us = step_now_us() - began_us;
	read_cost(cost);
	return is_right;
}

static void free_arenas(void *arg)
{
	struct one *one = arg;

	arena_done(&one->arena);
}

void looker_look(struct looker *l, struct looks *looks)
{
	int64_t began_us = step_now_us();
	struct one *all = arena_array(looks->arena, looks->count, sizeof(*all));

	looks->reports = arena_array(looks->arena, looks->count, sizeof(*looks->reports));
	looks->cost = (struct cost){ 0 };
	traffic_clear();
	memory_mark();
	size_t held = memory_held();
	for (size_t i = 0; i < looks->count; i++) {
		all[i] = (struct one){ .looks = looks, .index = i };
		arena_init(&all[i].arena, OBSERVATION_MAX);
		arena_on_done(looks->arena, free_arenas, &all[i]);
		probe_observe_start(l->probe, &all[i].arena, &looks->expectations[i],
				    on_seen, &all[i]);
	}
	uv_run(&l->loop, UV_RUN_DEFAULT);
	step_drain();
	looks->cost.memory = memory_peak() - held;
	looks->cost.time_us -= began_us;
	read_cost(&looks->cost);
}
