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
};

struct once {
	struct observation *out;
	bool is_done;
};

static void keep(void *arg, const struct observation *o)
{
	struct once *once = arg;

	*once->out = *o;
	once->is_done = true;
}

/* A record at each name server of the domain and at each public resolver. */
static void expect_questions(struct resolver *r, const struct expectation *x)
{
	size_t resolvers;

	resolver_public(r, &resolvers);
	resolver_expect(r, x->count * (NAME_SERVERS_USUAL + resolvers));
}

bool probe_observe(struct arena *a, const struct config *config,
		   const struct expectation *x, struct observation *out, struct err *e)
{
	struct once once = { .out = out };
	uv_loop_t loop;
	struct probe *p;

	uv_loop_init(&loop);
	if (!probe_new(&loop, config, &p, e)) {
		uv_loop_close(&loop);
		return false;
	}
	p->is_hasty = true;
	probe_observe_start(p, a, x, keep, &once);
	expect_questions(p->resolver, x);
	/* Nobody waits for what the loop would still wait for. */
	while (!once.is_done)
		uv_run(&loop, UV_RUN_ONCE);
	probe_free(&p);
	uv_run(&loop, UV_RUN_DEFAULT);
	int closed = uv_loop_close(&loop);
	assert(closed == 0);
	return true;
}
