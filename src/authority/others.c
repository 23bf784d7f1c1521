/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "authority/others.h"

enum {
	WHY_MAX = 256,
};

struct other {
	struct others *all;
	struct probe_remote_job *job; /* NULL: over */
	struct arena *memory;
	struct authority_observation *out;
};

struct others {
	struct arena *arena;
	struct other each[REMOTES_MAX];
	size_t count;
	size_t open;
	struct authority_observation *observations; /* [0] is our own */
	void (*done)(void *arg);
	void *arg;
};

static void memory_release(void *thing)
{
	arena_done(thing);
	xfree(thing);
}

static struct arena *memory_new(struct arena *arena)
{
	struct arena *memory = xalloc(1, sizeof(*memory));

	arena_init(memory, REMOTE_OBSERVATION_MAX);
	arena_on_done(arena, memory_release, memory);
	return memory;
}

static void on_seen(void *arg, const struct observation *o, struct str why)
{
	struct other *one = arg;
	struct others *all = one->all;

	one->job = NULL;
	one->out->observation = o;
	if (!o)
		one->out->why = arena_str(all->arena, str_sub(why, 0, WHY_MAX));
	if (--all->open == 0)
		all->done(all->arg);
}

struct others *others_start(struct probe_remotes *remotes, struct arena *arena,
			    const struct expectation *x, void (*done)(void *arg),
			    void *arg)
{
	struct others *all = xalloc(1, sizeof(*all));

	all->arena = arena;
	all->done = done;
	all->arg = arg;
	all->count = all->open = probe_remotes_count(remotes);
	all->observations =
		arena_array(arena, all->count + 1, sizeof(*all->observations));
	for (size_t i = 0; i < all->count; i++) {
		struct other *one = &all->each[i];
		one->all = all;
		one->memory = memory_new(arena);
		one->out = &all->observations[i + 1];
		one->out->name = arena_str(arena, probe_remotes_name(remotes, i));
		one->job = probe_remote_start(remotes, i, one->memory, x, on_seen, one);
	}
	return all;
}

void others_fill(const struct others *o, const struct observation *own,
		 struct authority_result *result)
{
	o->observations[0] = result->observations[0];
	o->observations[0].observation = own;
	result->observations = o->observations;
	result->observation_count = o->count + 1;
}

void others_free(struct others **o)
{
	if (!*o)
		return;
	for (size_t i = 0; i < (*o)->count; i++)
		probe_remote_cancel(&(*o)->each[i].job);
	xfree(*o);
	*o = NULL;
}
