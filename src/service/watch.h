/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loop thread's own: what is due is claimed (take.c) as schedule.h says, each claim
 * is a task that is looked at (task.c), its outcome is written (write.c); watch.c begins,
 * wakes and ends all that.
 */
#ifndef SERVICE_WATCH_H
#define SERVICE_WATCH_H

#include "service/inside.h"
#include "service/schedule.h"

/* How long to leave alone what does not answer: twice as long each time, never at the
 * same moment as the other nodes. */
struct backoff {
	int64_t pause_ms;
	int64_t until_ms; /* of clock_mono_us / 1000 */
};

struct glances;

struct watch {
	struct service *service;
	struct store *store;
	struct authority *authority;
	struct schedule *schedule;
	struct glances *glances; /* what needs no look */
	uv_loop_t loop;
	uv_timer_t taking;  /* when something may be due */
	uv_timer_t writing; /* outcomes wait */
	uv_timer_t ending;  /* how long the end may take */
	uv_async_t wake;
	bool closed;
	pthread_t thread;
	bool started;
	struct list looking; /* tasks under way */
	struct list ended;   /* tasks whose outcome is not written yet */
	size_t task_count;   /* of both */
	int64_t taken_ms;    /* the last time */
	struct backoff store_trouble;
	struct backoff look_trouble;
};

int64_t watch_now_ms(void);
bool backoff_is_over(const struct backoff *b);
int64_t backoff_left_ms(const struct backoff *b);
void backoff_grow(struct backoff *b);
void backoff_clear(struct backoff *b);
/* The next take, in so many ms at the latest. */
void watch_take_in(struct watch *w, int64_t ms);

/* The database is left alone for a while. */
void watch_store_failed(struct watch *w, const char *what, const struct err *e);

/* What is in w->ended is written. */
void watch_write_soon(struct watch *w);

/* --- take.c --- */

/* Claims what is due and begins the looks. False: something is in the way of all. */
bool watch_take(struct watch *w, struct err *e) must_check;

/* --- task.c --- */

/* One claimed identity. */
struct task {
	struct list hook;
	struct watch *watch;
	struct arena arena;
	struct lease lease;
	bool is_counted;         /* by the schedule */
	struct charge charged;   /* by it */
	struct identity_row row; /* as it was when it was claimed */
	bool is_held_elsewhere;
	struct expectation x;
	struct authority_look *look;
	struct authority_peek *peek;
	struct authority_result result; /* once it ended */
	const struct zone_seen *zone;   /* of a peek that ended; else NULL */
	int64_t cost;                   /* packets so far */
	struct looked looked;
	struct judged judged; /* .looked is NULL before */
};
struct task *task_new(struct watch *w, const struct lease *lease);
/* The row as it was claimed; reads what else it needs of the store, inside the claim's
 * transaction. *is_due_out false: it was looked at meanwhile. */
bool task_take(struct task *t, const struct identity_row *row, bool *is_due_out,
	       struct err *e) must_check;
/* Begins to look or to peek; it comes to w->ended by itself. */
bool task_begin(struct task *t, struct err *e) must_check;
/* The whole look. */
bool task_look(struct task *t, struct err *e) must_check;
/* Forgets it; the lease stays as it is. */
void task_free(struct task *t);
/* The same, and the lease is given back. */
void task_hand_back(struct task *t);

/* --- write.c --- */

/* Writes what ended. False: the database did not take it; try again. */
bool tasks_write(struct watch *w, struct err *e) must_check;

#endif
