/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The names of the C library's functions are given to ours by asm labels: the program's
 * own symbols go before those of every library that is loaded.
 */
#include "step.h"

#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
	EXIT_STUCK = 70,
	SETTLE_MS = 1,          /* real ones */
	MONO_BEGINS_S = 100000, /* the machine has been up for a while */
};

#define EXPORTED __attribute__((visibility("default"), used))

EXPORTED int step_clock_gettime(clockid_t id,
				struct timespec *out) __asm__("clock_gettime");
EXPORTED int step_gettimeofday(struct timeval *out, void *zone) __asm__("gettimeofday");
EXPORTED time_t step_time(time_t *out) __asm__("time");
EXPORTED int step_epoll_wait(int fd, struct epoll_event *events, int max,
			     int timeout_ms) __asm__("epoll_wait");
EXPORTED int step_epoll_pwait(int fd, struct epoll_event *events, int max, int timeout_ms,
			      const sigset_t *mask) __asm__("epoll_pwait");
EXPORTED ssize_t step_getrandom(void *out, size_t len,
				unsigned flags) __asm__("getrandom");
EXPORTED int step_getentropy(void *out, size_t len) __asm__("getentropy");

static struct {
	const struct step_world *world; /* NULL: time is the machine's */
	int64_t now_us;
	int64_t wall_minus_mono_us;
	uint64_t random;
	bool is_unsettled;
} state;

void step_begin(const struct step_world *world, int64_t wall_s, uint64_t seed)
{
	state.world = world;
	state.now_us = (int64_t)MONO_BEGINS_S * 1000000;
	state.wall_minus_mono_us = wall_s * 1000000 - state.now_us;
	state.random = seed;
}

int64_t step_now_us(void)
{
	return state.now_us;
}

void step_advance(int64_t us)
{
	state.now_us += us;
}

void step_drain(void)
{
	while (state.world && state.world->act(state.world->world, state.now_us))
		continue;
}

void step_unsettle(void)
{
	state.is_unsettled = true;
}

void step_settle(void)
{
	state.is_unsettled = false;
}

/* The time */

static bool is_wall(clockid_t id)
{
	return id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE || id == CLOCK_TAI;
}

int step_clock_gettime(clockid_t id, struct timespec *out)
{
	bool is_cpu = id == CLOCK_PROCESS_CPUTIME_ID || id == CLOCK_THREAD_CPUTIME_ID;
	int64_t us = state.now_us + (is_wall(id) ? state.wall_minus_mono_us : 0);

	if (!state.world || is_cpu)
		return (int)syscall(SYS_clock_gettime, id, out);
	*out = (struct timespec){ us / 1000000, us % 1000000 * 1000 };
	return 0;
}

int step_gettimeofday(struct timeval *out, unused_arg void *zone)
{
	struct timespec now;

	step_clock_gettime(CLOCK_REALTIME, &now);
	*out = (struct timeval){ now.tv_sec, now.tv_nsec / 1000 };
	return 0;
}

time_t step_time(time_t *out)
{
	struct timespec now;

	step_clock_gettime(CLOCK_REALTIME, &now);
	if (out)
		*out = now.tv_sec;
	return now.tv_sec;
}

/* Waiting */

static int real_wait(int fd, struct epoll_event *events, int max, int timeout_ms)
{
	return (int)syscall(SYS_epoll_pwait, fd, events, max, timeout_ms, NULL, 8);
}

/* Nothing can be done now. Whether the clock has jumped to the end of the wait. */
static bool jump(int64_t ends_us)
{
	int64_t next_us = state.world->next_us(state.world->world);
	bool is_end = ends_us <= next_us;

	if (is_end)
		next_us = ends_us;
	if (next_us == INT64_MAX) {
		fputs("scenario: somebody waits for what can never come\n", stderr);
		_exit(EXIT_STUCK);
	}
	if (next_us > state.now_us)
		state.now_us = next_us;
	return is_end;
}

int step_epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms)
{
	int64_t ends_us =
		timeout_ms < 0 ? INT64_MAX : state.now_us + (int64_t)timeout_ms * 1000;

	if (!state.world)
		return real_wait(fd, events, max, timeout_ms);
	for (;;) {
		bool has_acted = state.world->act(state.world->world, state.now_us);
		int count = real_wait(fd, events, max, 0);
		if (count == 0 && !has_acted && state.is_unsettled) {
			state.is_unsettled = false;
			count = real_wait(fd, events, max, SETTLE_MS);
			has_acted = true;
		}
		if (count != 0)
			state.is_unsettled = false;
		if (count != 0 || timeout_ms == 0)
			return count;
		if (!has_acted && jump(ends_us))
			return 0;
	}
}

int step_epoll_pwait(int fd, struct epoll_event *events, int max, int timeout_ms,
		     unused_arg const sigset_t *mask)
{
	return step_epoll_wait(fd, events, max, timeout_ms);
}

/* Random bytes: the same in each run (splitmix64). */

ssize_t step_getrandom(void *out, size_t len, unsigned flags)
{
	uint8_t *at = out;

	if (!state.world)
		return syscall(SYS_getrandom, out, len, flags);
	for (size_t i = 0; i < len; i++) {
		state.random += 0x9e3779b97f4a7c15;
		uint64_t z = state.random;
		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
		z = (z ^ z >> 27) * 0x94d049bb133111eb;
		at[i] = (uint8_t)(z ^ z >> 31);
	}
	return (ssize_t)len;
}

int step_getentropy(void *out, size_t len)
{
	return step_getrandom(out, len, 0) == (ssize_t)len ? 0 : -1;
}
