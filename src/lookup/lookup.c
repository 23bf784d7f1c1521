/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A loop of its own; each call runs it until what it began has ended. */
#include "lookup/lookup.h"

#include <assert.h>

#include "lookup/errand.h"

bool lookup_new(const struct config *config, struct lookup **out, struct err *e)
{
	struct lookup *l = xalloc(1, sizeof(*l));

	l->config = config;
	if (!resolver_loop_open(&l->loop, e)) {
		xfree(l);
		return false;
	}
	if (!resolver_new(&l->loop, config, &l->resolver, e)) {
		uv_loop_close(&l->loop);
		xfree(l);
		return false;
	}
	*out = l;
	return true;
}

void lookup_free(struct lookup **l)
{
	if (!*l)
		return;
	resolver_free(&(*l)->resolver);
	uv_run(&(*l)->loop, UV_RUN_DEFAULT);
	int closed = uv_loop_close(&(*l)->loop);
	assert(closed == 0);
	xfree(*l);
	*l = NULL;
}

void lookup_budget_init(const struct lookup *l, struct budget *b)
{
	resolver_budget_init(l->resolver, b);
	if (l->deadline_us && l->deadline_us < b->deadline_us)
		b->deadline_us = l->deadline_us;
}

void lookup_limit(struct lookup *l)
{
	int64_t check_ms = config_number(l->config, CONFIG_DNS_CHECK_TIMEOUT_MS);

	l->deadline_us = clock_mono_us() + 2 * check_ms * 1000;
}

static void run(struct lookup *l)
{
	while (l->open > 0)
		uv_run(&l->loop, UV_RUN_ONCE);
}

void lookup_ask(struct lookup *l, struct arena *a, const struct question *questions,
		size_t count, bool validate, struct lookup_answer *out)
{
	struct errand **errands = arena_array(a, count, sizeof(struct errand *));

	for (size_t i = 0; i < count; i++)
		errands[i] = errand_new(l, &questions[i], validate);
	run(l);
	for (size_t i = 0; i < count; i++) {
		errand_answer(errands[i], a, &out[i]);
		errand_free(&errands[i]);
	}
	/* What was closed is let go of. */
	uv_run(&l->loop, UV_RUN_NOWAIT);
}

bool lookup_has_records(const struct lookup_answer *answer)
{
	return answer->outcome == ASK_ANSWERED &&
	       answer->records.count > answer->alias_count;
}

/* Single things */

struct waiting {
	struct lookup *l;
	struct arena *a;
	struct budget budget; /* of one question to one address */
	struct lookup_view *view;
	struct resolver_walk_result *walk;
	struct resolver_server *server;
	enum security security;
	struct str why;
};

static void on_reply(void *arg, const struct resolver_reply *reply)
{
	struct waiting *w = arg;

	w->view->reply = *reply;
	w->l->open--;
}

void lookup_ask_each(struct lookup *l, struct arena *a, struct lookup_view *views,
		     size_t count)
{
	struct waiting *waiting = arena_array(a, count, sizeof(*waiting));

	for (size_t i = 0; i < count; i++) {
		struct resolver_request request = { .question = views[i].question,
						    .address = views[i].address,
						    .recursion = views[i].recursion,
						    .trusted = views[i].recursion,
						    .over_tcp = views[i].over_tcp };
		waiting[i] = (struct waiting){ .l = l, .view = &views[i] };
		lookup_budget_init(l, &waiting[i].budget);
		l->open++;
		resolver_ask_start(l->resolver, &waiting[i].budget, a, &request, on_reply,
				   &waiting[i]);
	}
	run(l);
	for (size_t i = 0; i < count; i++)
		resolver_budget_done(&waiting[i].budget);
}

static void on_walked(void *arg, const struct resolver_walk_result *result)
{
	struct waiting *w = arg;

	*w->walk = *result;
	w->l->open--;
}

void lookup_walk(struct lookup *l, struct arena *a, const struct dns_name *name,
		 struct resolver_walk_result *out)
{
	struct waiting waiting = { .l = l, .walk = out };
	struct budget budget;

	lookup_budget_init(l, &budget);
	l->open++;
	resolver_walk_start(l->resolver, &budget, a, name, on_walked, &waiting);
	run(l);
	resolver_budget_done(&budget);
}

static void on_found(void *arg, const struct resolver_server *server,
		     unused_arg uint32_t depth)
{
	struct waiting *w = arg;

	*w->server = *server;
	w->l->open--;
}

void lookup_find_servers(struct lookup *l, struct arena *a, const struct dns_name *names,
			 size_t count, struct resolver_server *out)
{
	struct waiting *waiting = arena_array(a, count, sizeof(*waiting));
	struct budget budget;

	lookup_budget_init(l, &budget);
	for (size_t i = 0; i < count; i++) {
		waiting[i] = (struct waiting){ .l = l, .server = &out[i] };
		l->open++;
		resolver_lookup_start(l->resolver, &budget, a, &names[i], on_found,
				      &waiting[i]);
	}
	run(l);
	resolver_budget_done(&budget);
}

static void on_validated(void *arg, enum security security, struct str why)
{
	struct waiting *w = arg;

	w->security = security;
	w->why = arena_str(w->a, str_sub(why, 0, 512));
	w->l->open--;
}

enum security lookup_validate(struct lookup *l, struct arena *a, const struct question *q,
			      struct str *why_out)
{
	struct waiting waiting = { .l = l, .a = a, .why = STR_EMPTY };
	struct budget budget;

	lookup_budget_init(l, &budget);
	l->open++;
	if (!resolver_validate_start(l->resolver, &budget, a, q, on_validated, &waiting))
		l->open--;
	run(l);
	resolver_budget_done(&budget);
	*why_out = waiting.why;
	return waiting.security;
}
