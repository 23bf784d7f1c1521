/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A binary heap, the earliest on top; places count from 1, so n's children are 2n,
 * 2n+1. */
#include "resolver/deadline.h"

#include <assert.h>

enum {
	LATE_US = 2000
};

struct deadlines {
	uv_timer_t timer;
	struct deadline **heap; /* heap[0] is not used */
	size_t count;
	size_t size;
	bool has_read;    /* the sockets, since the timer was late */
	int64_t armed_us; /* when the timer fires, or sooner; INT64_MAX: it rests */
};

static void put(struct deadlines *all, size_t place, struct deadline *d)
{
	all->heap[place] = d;
	d->place = place;
}

static void sift_up(struct deadlines *all, struct deadline *d)
{
	size_t place = d->place;

	while (place > 1 && all->heap[place / 2]->at_us > d->at_us) {
		put(all, place, all->heap[place / 2]);
		place /= 2;
	}
	put(all, place, d);
}

static void sift_down(struct deadlines *all, struct deadline *d)
{
	size_t place = d->place;

	for (;;) {
		size_t child = 2 * place;
		if (child > all->count)
			break;
		if (child < all->count &&
		    all->heap[child + 1]->at_us < all->heap[child]->at_us)
			child++;
		if (all->heap[child]->at_us >= d->at_us)
			break;
		put(all, place, all->heap[child]);
		place = child;
	}
	put(all, place, d);
}

static void take_out(struct deadlines *all, struct deadline *d)
{
	struct deadline *last = all->heap[all->count];
	size_t place = d->place;

	assert(all->heap[place] == d);
	all->count--;
	d->place = 0;
	if (last == d)
		return;
	put(all, place, last);
	sift_up(all, last);
	sift_down(all, last);
}

static void on_timer(uv_timer_t *timer);

/* For the earliest. A timer that is to fire sooner than that stays: that costs one turn
 * of the loop for nothing, where setting it anew would cost one for each deadline that
 * was cleared. */
static void arm(struct deadlines *all)
{
	if (all->count == 0) {
		uv_timer_stop(&all->timer);
		all->armed_us = INT64_MAX;
		return;
	}
	if (all->armed_us <= all->heap[1]->at_us)
		return;
	int64_t left_us = all->heap[1]->at_us - clock_mono_us();
	uint64_t left_ms = left_us > 0 ? (uint64_t)(left_us + 999) / 1000 : 0;
	uv_update_time(all->timer.loop);
	uv_timer_start(&all->timer, on_timer, left_ms, 0);
	all->armed_us = all->heap[1]->at_us;
}

static void run_due(struct deadlines *all, int64_t until_us)
{
	while (all->count > 0 && all->heap[1]->at_us <= until_us) {
		struct deadline *d = all->heap[1];
		take_out(all, d);
		d->due(d);
	}
}

/* libuv comes to its timers before it reads its sockets. Where this process was held up,
 * what it waits for may lie there already: so the sockets are read once before anybody
 * hears that he waited in vain. */
static bool must_read_first(struct deadlines *all, int64_t now_us)
{
	bool is_late = all->count > 0 && all->heap[1]->at_us < now_us - LATE_US;

	all->has_read = is_late && !all->has_read;
	return all->has_read;
}

static void on_timer(uv_timer_t *timer)
{
	struct deadlines *all = (struct deadlines *)timer->data;

	all->armed_us = INT64_MAX;
	run_due(all, 0);
	int64_t now_us = clock_mono_us();
	if (must_read_first(all, now_us)) {
		uv_update_time(timer->loop);
		uv_timer_start(timer, on_timer, 1, 0);
		all->armed_us = now_us + 1000;
		return;
	}
	run_due(all, now_us);
	arm(all);
}

struct deadlines *deadlines_new(uv_loop_t *loop)
{
	struct deadlines *all = xalloc(1, sizeof(*all));

	all->armed_us = INT64_MAX;
	uv_timer_init(loop, &all->timer);
	all->timer.data = all;
	return all;
}

static void on_closed(uv_handle_t *handle)
{
	struct deadlines *all = handle->data;

	xfree(all->heap);
	xfree(all);
}

void deadlines_free(struct deadlines **all)
{
	if (!*all)
		return;
	assert((*all)->count == 0);
	uv_close((uv_handle_t *)&(*all)->timer, on_closed);
	*all = NULL;
}

void deadline_set(struct deadlines *all, struct deadline *d, int64_t at_us)
{
	if (d->place)
		take_out(all, d);
	if (all->count + 1 >= all->size) {
		all->size = all->size ? 2 * all->size : 64;
		all->heap = xrealloc(all->heap, all->size, sizeof(*all->heap));
	}
	d->at_us = at_us;
	all->count++;
	put(all, all->count, d);
	sift_up(all, d);
	arm(all);
}

void deadline_clear(struct deadlines *all, struct deadline *d)
{
	if (!d->place)
		return;
	take_out(all, d);
	if (all->count == 0)
		arm(all);
}
