/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A probe on somebody's loop, and one check on a loop of its own. */
#include "probe/probe.h"

#include <assert.h>
#include <uv.h>

#include "probe/gather.h"

bool probe_new(struct uv_loop_s *loop, const struct config *config, struct probe **out,
	       struct err *e)
{
	struct resolver *r;

	if (!resolver_new(loop, config, &r, e))
		return false;
	struct probe *p = xalloc(1, sizeof(*p));
	p->loop = loop;
	p->config = config;
	p->resolver = r;
	list_init(&p->gatherings);
	list_init(&p->idle);
	*out = p;
	return true;
}

void probe_free(struct probe **p)
{
	if (!*p)
		return;
	while (!list_is_empty(&(*p)->gatherings)) {
		struct probe_job *job =
			LIST_THING(list_first(&(*p)->gatherings), struct probe_job, hook);
		probe_cancel(&job);
	}
	gather_forget(*p);
	resolver_free(&(*p)->resolver);
	xfree(*p);
	*p = NULL;
}

enum {
	NAME_SERVERS_USUAL = 2,
	READY_BYTES = 448 << 10, /* what a check takes after its first packet */
};

struct once {
	uv_loop_t loop;
	uv_prepare_t ready;
	struct probe *probe;
	struct observation *out;
	bool is_done;
};

static void keep(void *arg, const struct observation *o)
{
	struct once *once = arg;

	*once->out = *o;
	once->is_done = true;
}

/* A record at each name server of the domain and at each public resolver, or what lies
 * behind it; NS and SOA of the zone. */
static void expect_questions(struct resolver *r, const struct expectation *x)
{
	size_t resolvers;

	resolver_public(r, &resolvers);
	resolver_expect(r, x->count * (NAME_SERVERS_USUAL + resolvers + 1) +
				   2 * NAME_SERVERS_USUAL);
}

/* The resolver has sent the first packet, and its answer is awaited. */
static void on_sent(uv_prepare_t *ready)
{
	uv_close((uv_handle_t *)ready, NULL);
	memory_make_ready(READY_BYTES);
	clock_make_ready();
}

static void once_close(void *thing)
{
	struct once *once = thing;

	if (!uv_is_closing((uv_handle_t *)&once->ready))
		uv_close((uv_handle_t *)&once->ready, NULL);
	probe_free(&once->probe);
	uv_run(&once->loop, UV_RUN_DEFAULT);
	int closed = uv_loop_close(&once->loop);
	assert(closed == 0);
}

bool probe_observe(struct arena *a, const struct config *config,
		   const struct expectation *x, struct observation *out, struct err *e)
{
	struct once *once = arena_alloc(a, sizeof(*once));

	once->out = out;
	if (!resolver_loop_open(&once->loop, e))
		return false;
	/* Who begins last is called first. */
	uv_prepare_init(&once->loop, &once->ready);
	uv_prepare_start(&once->ready, on_sent);
	arena_on_done(a, once_close, once);
	if (!probe_new(&once->loop, config, &once->probe, e))
		return false;
	once->probe->is_hasty = true;
	probe_observe_start(once->probe, a, x, keep, once);
	expect_questions(once->probe->resolver, x);
	/* Nobody waits for what the loop would still wait for. */
	while (!once->is_done)
		uv_run(&once->loop, UV_RUN_ONCE);
	return true;
}
