/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A look: our own observation always, and beside it, where Amazon SES decides, its
 * answer. Both run at once; then, if it matters, the perspectives are asked, all at once.
 * The callback comes when all are there. The call to SES
 * blocks, so it runs on libuv's worker threads, with memory of its own.
 */
#include <unistd.h>
#include <uv.h>

#include "authority/others.h"
#include "authority/ses.h"
#include "probe/probe.h"

enum {
	CALL_BYTES = 8 * 1024 * 1024,
};

struct authority {
	uv_loop_t *loop;
	const struct config *config;
	struct probe_pool *pool;
	struct probe_remotes *remotes; /* NULL: none */
	bool is_ses;
	void (*closed)(void *arg);
	void *closed_arg;
};

struct authority_look {
	struct authority *authority;
	struct arena *arena; /* the caller's; for this thread */
	const struct expectation *x;
	authority_matters_fn *matters; /* NULL: only we look, or it was asked already */
	authority_look_fn *done;       /* NULL: cancelled */
	void *arg;
	struct probe_job *job; /* NULL: over */
	const struct observation *observation;
	struct others *others; /* NULL: not asked */
	bool are_others_there;
	uv_work_t work;
	bool at_work; /* SES is being asked; what follows is the worker's meanwhile */
	struct arena call_arena;
	struct str domain;
	struct ses_identity identity;
	bool answered;
	struct err refused;
};

static bool remotes_begin(struct authority *a, const struct authority_options *options,
			  struct err *e)
{
	return probe_remotes_new(
		&(struct probe_remotes_options){
			.loop = a->loop,
			.config = a->config,
			.on_remote = options->on_remote,
			.arg = options->arg,
		},
		&a->remotes, e);
}

/* Of the remotes alone: nothing else has begun. */
static void on_abandoned(void *arg)
{
	struct authority *a = arg;

	probe_remotes_free(&a->remotes);
	xfree(a);
}

bool authority_new(struct uv_loop_s *loop, const struct authority_options *options,
		   struct authority **out, struct err *e)
{
	const struct config *config = options->config;
	size_t count = (size_t)config_number(config, CONFIG_DNS_PROBES);
	struct authority *a = xalloc(1, sizeof(*a));
	struct probe_pool_options pool = {
		.loop = loop,
		.config = config,
		.program = "/proc/self/exe",
		.count = count,
		.on_process = options->on_process,
		.arg = options->arg,
	};

	if (!count)
		pool.count = uv_available_parallelism();
	a->loop = loop;
	a->config = config;
	a->is_ses = str_is(config_text(config, CONFIG_AUTHORITY_KIND), "ses");
	if (!remotes_begin(a, options, e)) {
		xfree(a);
		return false;
	}
	if (!probe_pool_new(&pool, &a->pool, e)) {
		if (a->remotes)
			probe_remotes_close(a->remotes, on_abandoned, a);
		else
			xfree(a);
		return false;
	}
	*out = a;
	return true;
}

static void on_remotes_closed(void *arg)
{
	struct authority *a = arg;

	probe_pool_close(a->pool, a->closed, a->closed_arg);
}

void authority_close(struct authority *a, void (*done)(void *arg), void *arg)
{
	a->closed = done;
	a->closed_arg = arg;
	if (a->remotes)
		probe_remotes_close(a->remotes, on_remotes_closed, a);
	else
		on_remotes_closed(a);
}

void authority_free(struct authority **a)
{
	if (!*a)
		return;
	probe_pool_free(&(*a)->pool);
	probe_remotes_free(&(*a)->remotes);
	xfree(*a);
	*a = NULL;
}

/* --- one look --- */

static void look_free(struct authority_look *look)
{
	others_free(&look->others);
	arena_done(&look->call_arena);
	xfree(look);
}

static void result_add_ses(struct authority_look *look, struct authority_result *result)
{
	if (!look->answered) {
		result->ses_error = arena_str(look->arena, str_from(look->refused.text));
		return;
	}
	result->has_ses = true;
	result->ses_status = look->identity.status;
	result->ses_status_text = arena_str(look->arena, look->identity.status_text);
	result->ses_checked_at = look->identity.checked_at;
	result->ses_succeeded_at = look->identity.succeeded_at;
}

static void look_advance(struct authority_look *look);

static void look_on_others(void *arg)
{
	struct authority_look *look = arg;

	look->are_others_there = true;
	look_advance(look);
}

/* The others' word is asked for where it can make a difference, and but once. */
static bool look_asks_others(struct authority_look *look,
			     const struct authority_result *own)
{
	authority_matters_fn *matters = look->matters;
	struct probe_remotes *remotes = look->authority->remotes;

	look->matters = NULL;
	if (!matters || probe_remotes_count(remotes) == 0 || !matters(look->arg, own))
		return false;
	look->others = others_start(remotes, look->arena, look->x, look_on_others, look);
	return true;
}

/* When nothing is under way any more. */
static void look_advance(struct authority_look *look)
{
	struct authority_observation own = { .name = STR("here"),
					     .observation = look->observation };
	struct authority_result result = { .observation = look->observation,
					   .observations = &own,
					   .observation_count = 1 };

	if (look->job || look->at_work || (look->others && !look->are_others_there))
		return;
	if (look->done) {
		if (look->authority->is_ses)
			result_add_ses(look, &result);
		if (look_asks_others(look, &result))
			return;
		if (look->others)
			others_fill(look->others, look->observation, &result);
		look->done(look->arg, &result);
	}
	look_free(look);
}

static void look_on_observation(void *arg, const struct observation *o)
{
	struct authority_look *look = arg;

	look->job = NULL;
	look->observation = o;
	look_advance(look);
}

/* On a worker thread. */
static void ses_ask(uv_work_t *work)
{
	struct authority_look *look = work->data;

	look->answered = ses_get(&look->call_arena, look->authority->config, look->domain,
				 &look->identity, &look->refused);
}

static void ses_asked(uv_work_t *work, int status)
{
	struct authority_look *look = work->data;

	look->at_work = false;
	if (status)
		err_set(&look->refused, ERR_UNAVAILABLE, "SES was not asked");
	look_advance(look);
}

static void ses_ask_start(struct authority_look *look)
{
	look->domain = arena_str(&look->call_arena, look->x->domain);
	look->work.data = look;
	look->at_work = uv_queue_work(look->authority->loop, &look->work, ses_ask,
				      ses_asked) == 0;
	if (!look->at_work)
		err_set(&look->refused, ERR_UNAVAILABLE, "SES could not be asked");
}

struct authority_look *authority_look_start(struct authority *a, struct arena *arena,
					    const struct expectation *x,
					    authority_look_fn *done, void *arg)
{
	struct authority_look *look = xalloc(1, sizeof(*look));

	*look = (struct authority_look){
		.authority = a, .arena = arena, .x = x, .done = done, .arg = arg
	};
	arena_init(&look->call_arena, CALL_BYTES);
	look->job =
		probe_pool_observe_start(a->pool, arena, x, look_on_observation, look);
	if (!look->job) {
		look_free(look);
		return NULL;
	}
	if (a->is_ses)
		ses_ask_start(look);
	return look;
}

void authority_look_corroborate(struct authority_look *look,
				authority_matters_fn *matters)
{
	look->matters = matters;
}

size_t authority_perspective_count(const struct authority *a)
{
	return probe_remotes_count(a->remotes);
}

size_t authority_perspectives_up(const struct authority *a)
{
	size_t up = 0;

	for (size_t i = 0; i < probe_remotes_count(a->remotes); i++)
		up += probe_remotes_is_up(a->remotes, i);
	return up;
}

void authority_look_cancel(struct authority_look **look)
{
	struct authority_look *l = *look;

	*look = NULL;
	if (!l)
		return;
	l->done = NULL;
	if (l->job)
		probe_pool_cancel(&l->job);
	/* A call that runs already ends by its own deadline, and then frees the look. */
	if (l->at_work)
		uv_cancel((uv_req_t *)&l->work);
	else
		look_free(l);
}

/* --- a cheap look --- */

struct authority_peek {
	struct probe_job *job;
	authority_peek_fn *done;
	void *arg;
};

static void peek_on_seen(void *arg, const struct zone_seen *z)
{
	struct authority_peek kept = *(struct authority_peek *)arg;

	xfree(arg);
	kept.done(kept.arg, z);
}

struct authority_peek *authority_peek_start(struct authority *a, struct arena *arena,
					    const struct dns_name *domain,
					    authority_peek_fn *done, void *arg)
{
	struct authority_peek *peek = xalloc(1, sizeof(*peek));

	*peek = (struct authority_peek){ .done = done, .arg = arg };
	peek->job = probe_pool_peek_start(a->pool, arena, domain, peek_on_seen, peek);
	if (peek->job)
		return peek;
	xfree(peek);
	return NULL;
}

void authority_peek_cancel(struct authority_peek **peek)
{
	if (!*peek)
		return;
	probe_pool_cancel(&(*peek)->job);
	xfree(*peek);
	*peek = NULL;
}

/* --- a glance --- */

struct authority_glance {
	struct probe_job *job;
	authority_glance_fn *done;
	void *arg;
};

static void glance_on_word(void *arg, const struct probe_glance *seen)
{
	struct authority_glance kept = *(struct authority_glance *)arg;

	xfree(arg);
	kept.done(kept.arg,
		  &(struct authority_glanced){ .is_right = seen->word == GLANCE_RIGHT,
					       .queries = seen->packets });
}

struct authority_glance *authority_glance_start(struct authority *a,
						const struct expectation *x,
						authority_glance_fn *done, void *arg)
{
	struct authority_glance *glance = xalloc(1, sizeof(*glance));

	*glance = (struct authority_glance){ .done = done, .arg = arg };
	glance->job = probe_pool_glance_start(a->pool, x, glance_on_word, glance);
	if (glance->job)
		return glance;
	xfree(glance);
	return NULL;
}

void authority_glance_cancel(struct authority_glance **glance)
{
	if (!*glance)
		return;
	probe_pool_cancel(&(*glance)->job);
	xfree(*glance);
	*glance = NULL;
}
