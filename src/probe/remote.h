/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The perspectives of perspectives.ask, as their client: a connection to each, made again
 * whenever it breaks, ever later while that does not help. Each has resolvers and caches
 * of its own; between them and us there is TLS with a certificate of perspectives.ca that
 * names the host, or the perspective's name.
 */
#ifndef PROBE_REMOTE_H
#define PROBE_REMOTE_H

#include "base/base.h"
#include "config/config.h"
#include "identity/identity.h"
#include "observation/observation.h"

struct uv_loop_s;
struct probe_remotes;
struct probe_remote_job;

enum {
	REMOTES_MAX = 16,
	REMOTE_OBSERVATION_MAX = 8 << 20, /* memory of one observation */
};

struct probe_remotes_options {
	struct uv_loop_s *loop;
	const struct config *config; /* must outlive them */
	/* A connection came about, or broke: for the log; may be NULL. */
	void (*on_remote)(void *arg, struct str name, bool is_up, struct str why);
	void *arg;
};
/* *out NULL, and true, where none is configured. ERR_USAGE: an item, a file. */
bool probe_remotes_new(const struct probe_remotes_options *options,
		       struct probe_remotes **out, struct err *e) must_check;
/* NULL has none. */
size_t probe_remotes_count(const struct probe_remotes *r);
struct str probe_remotes_name(const struct probe_remotes *r, size_t index);
/* Whether there is a connection just now. */
bool probe_remotes_is_up(const struct probe_remotes *r, size_t index);

/* o is NULL where it is silent, and why says how; why is gone after the call. o lives in
 * the arena given to start, which may be small: what does not fit is silence. */
typedef void probe_remote_fn(void *arg, const struct observation *o, struct str why);
/* Asks one of them. Calls back exactly once, never inside this call, within
 * perspectives.timeout_ms (of one that cannot be reached within two seconds), unless
 * cancelled. Where the connection breaks meanwhile it is asked again over the next. What
 * it says is about this job only: what it said before is never used. */
struct probe_remote_job *probe_remote_start(struct probe_remotes *r, size_t index,
					    struct arena *a, const struct expectation *x,
					    probe_remote_fn *done, void *arg);
void probe_remote_cancel(struct probe_remote_job **job);

/* No job may be under way. The loop must run on until done(arg). */
void probe_remotes_close(struct probe_remotes *r, void (*done)(void *arg), void *arg);
void probe_remotes_free(struct probe_remotes **r);

#endif
