/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * probe: plans the questions for an expectation, asks them through resolver, gathers one
 * observation. Three ways to use it, the same code inside:
 *
 *   probe_observe_start  on a loop of yours
 *   probe_observe        in one blocking call: `unpend check`
 *   probe_pool           processes of their own that hold no secrets: `unpend serve`
 *   probe_remotes        machines elsewhere, where probe_listen runs: perspectives
 *
 * Phase one asks everything independent at once: each record at every server, NS and
 * SOA of the zone. Phase two (diagnose_more) only when something is wrong; then the
 * public resolvers only when the authorities are right.
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include "base/base.h"
#include "config/config.h"
#include "identity/identity.h"
#include "observation/observation.h"
#include "probe/listen.h"
#include "probe/remote.h"

struct uv_loop_s;
struct probe;
struct probe_job;
struct probe_pool;

/* ERR as resolver_new. config must outlive the probe. */
bool probe_new(struct uv_loop_s *loop, const struct config *config, struct probe **out,
	       struct err *e) must_check;
void probe_free(struct probe **p);

/* o lives in the arena given to start, which needs room for 16 MB at worst. */
typedef void probe_done_fn(void *arg, const struct observation *o);
/* x must live until the callback. Calls back exactly once within dns.check_timeout_ms
 * (and a little), with whatever was seen, unless cancelled. */
struct probe_job *probe_observe_start(struct probe *p, struct arena *a,
				      const struct expectation *x, probe_done_fn *done,
				      void *arg);
/* The cheap look: SOA and NS of the zone that holds the domain, asked of one of its name
 * servers; of the next where that one does not answer. z as o above; seen or not, it is
 * there within dns.check_timeout_ms. Nothing is seen where a forwarder is asked. */
typedef void probe_peek_fn(void *arg, const struct zone_seen *z);
struct probe_job *probe_peek_start(struct probe *p, struct arena *a,
				   const struct dns_name *domain, probe_peek_fn *done,
				   void *arg);
/* Of both kinds. */
void probe_cancel(struct probe_job **job);

/* A loop of its own, one observation, for a process that is there for it: malloc is told
 * to keep what it has, and the time zone is read. Sockets and all else are closed when
 * the arena is done; the configuration must live as long. */
bool probe_observe(struct arena *a, const struct config *config,
		   const struct expectation *x, struct observation *out, struct err *e)
	must_check;

/*
 * The probe process: jobs in, observations out on the socket fd, until the other end
 * closes. Frames: 4 octets of length (network order), then JSON:
 *
 *   in   {"config": {"dns.root_hints": "...", ...}, "lang": "en", "lines": n}
 *                               first, and once; n: most lines glanced at together
 *        {"job": n, "expect": {...}}
 *        {"job": n, "peek": "domain"}
 *        lines in batches, no JSON: glance_frame.h
 *   out  {"job": n, "observation": {...}}
 *        {"job": n, "zone": {...}}
 *
 * Returns the exit code: 0 at the end, 2 for a configuration that cannot be used (its
 * error is on standard error), 70 for anything that is not such a frame. Behind the first
 * frame it is locked in (dns.sandbox): a call that it has no business with is its end by
 * SIGSYS.
 */
int probe_process(int fd);
/* Whether this kernel has all the walls of that; else landlock is missing, and the
 * others stand. */
bool probe_sandbox_is_whole(void);

/* Parent's side. Starts `count` processes of this same program (`unpend probe --fd N`)
 * with the configuration handed over in the environment-free way of a first frame;
 * starts a new one when one dies, and asks again what it held. The process must ignore
 * SIGPIPE. */
struct probe_pool_options {
	struct uv_loop_s *loop;
	const struct config *config;
	const char *program; /* path of the executable: /proc/self/exe */
	size_t count;        /* 0: one a core */
	size_t lines;        /* glanced at together, by all; 0: as many as they can */
	enum lang lang;      /* of reports */
	/* Every process start and death: for the log; may be NULL. */
	void (*on_process)(void *arg, int pid, bool started, int exit_status);
	void *arg;
};
bool probe_pool_new(const struct probe_pool_options *options, struct probe_pool **out,
		    struct err *e) must_check;
/* As probe_observe_start; the domain's hash picks the process. NULL when too much
 * waits. */
struct probe_job *probe_pool_observe_start(struct probe_pool *pool, struct arena *a,
					   const struct expectation *x,
					   probe_done_fn *done, void *arg);
struct probe_job *probe_pool_peek_start(struct probe_pool *pool, struct arena *a,
					const struct dns_name *domain,
					probe_peek_fn *done, void *arg);

/* A glance at the expected records: one question each, at one name server or other of
 * the zone. */
enum glance_word {
	GLANCE_UNCLEAR, /* no verdict whatever: look properly */
	GLANCE_RIGHT,   /* each was answered with exactly what is expected */
};
struct probe_glance {
	enum glance_word word;
	uint32_t packets; /* sent for it */
};
typedef void probe_glance_fn(void *arg, const struct probe_glance *g);
/* x is read during the call only. What is started in one turn of the loop travels
 * together. Calls back once, unless cancelled. NULL when too much waits. */
struct probe_job *probe_pool_glance_start(struct probe_pool *pool,
					  const struct expectation *x,
					  probe_glance_fn *done, void *arg);

/* A line of `unpend bulk` (doc/bulk.md). */
enum probe_line_word {
	PROBE_LINE_OK,
	PROBE_LINE_ACTION_REQUIRED,
	PROBE_LINE_WAITING,
	PROBE_LINE_UNDETERMINED,
	PROBE_LINE_BAD,    /* it is no expectation */
	PROBE_LINE_DEADLY, /* processes died of it: there is no report */
};
struct probe_line_report {
	enum probe_line_word word;
	uint32_t packets;
	struct str members; /* of the line's JSON object behind its number, and its
			       brace; borrowed */
};
typedef void probe_line_fn(void *arg, const struct probe_line_report *r);
/* Read, looked at and reported in whichever process has least to do; a glance first,
 * unless the look is to be thorough. text is copied. Otherwise as above. */
struct probe_job *probe_pool_line_start(struct probe_pool *pool, struct str text,
					bool is_thorough, probe_line_fn *done, void *arg);
/* How many more may be started now. The processes say how many keep them busy; beside
 * those they hold many that take long: silent servers, full looks. */
size_t probe_pool_line_room(const struct probe_pool *pool);
/* Of all kinds. */
void probe_pool_cancel(struct probe_job **job);
/* Ends the processes. The loop must run on until they are gone: then done(arg). */
void probe_pool_close(struct probe_pool *pool, void (*done)(void *arg), void *arg);
void probe_pool_free(struct probe_pool **pool);

#endif
