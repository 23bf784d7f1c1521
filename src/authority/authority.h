/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * authority: who decides whether an identity is verified: our own DNS check, or Amazon
 * SES (then our look stands beside its status and says why). [authority] kind chooses.
 */
#ifndef AUTHORITY_AUTHORITY_H
#define AUTHORITY_AUTHORITY_H

#include "config/config.h"
#include "identity/identity.h"
#include "observation/observation.h"

struct uv_loop_s;
struct authority;
struct authority_look;

/* What an identity is to carry: tokens and the zone that holds their keys. */
struct authority_grant {
	struct str tokens[EXPECT_DKIM_TOKENS];
	struct str key_zone;
	bool keys_are_ours; /* dns: we make and publish the keys; ses: SES does */
};
/* Blocking, any thread. dns: fresh random tokens. ses: CreateEmailIdentity there, or the
 * tokens of the identity that exists there already. ERR_UNAVAILABLE, ERR_DENIED with
 * SES's words. */
bool authority_grant(struct arena *a, const struct config *config, struct str domain,
		     struct authority_grant *out, struct err *e) must_check;
/* Blocking, any thread. dns: nothing. ses: starts its search again with the same tokens.
 */
bool authority_resubmit(const struct config *config, struct str domain, struct err *e)
	must_check;
/* Blocking, any thread. dns: nothing. ses: DeleteEmailIdentity; not found is fine. */
bool authority_revoke(const struct config *config, struct str domain, struct err *e)
	must_check;

/* 160 random bits as 32 characters of base32: nobody guesses it. */
struct str authority_token_make(struct arena *a);

struct authority_options {
	const struct config *config; /* borrowed */
	/* As in probe_pool_options. */
	void (*on_process)(void *arg, int pid, bool started, int exit_status);
	/* A perspective came or went, and why; as in probe_remotes_options. */
	void (*on_remote)(void *arg, struct str name, bool is_up, struct str why);
	void *arg;
};
/* Owns the probe processes, and the connections to perspectives. */
bool authority_new(struct uv_loop_s *loop, const struct authority_options *options,
		   struct authority **out, struct err *e) must_check;
/* Ends the processes; no look may be under way (cancel them). The loop must run on until
 * done. */
void authority_close(struct authority *a, void (*done)(void *arg), void *arg);
void authority_free(struct authority **a);

/* What was seen from one place. */
struct authority_observation {
	struct str name;                       /* "here", or as perspectives.ask has it */
	const struct observation *observation; /* NULL: silent */
	struct str why;                        /* it is silent, for operators */
};
struct authority_result {
	const struct observation *observation; /* our own look; always there */
	/* All of this attempt, our own first; the perspectives' only if they were asked.
	 */
	const struct authority_observation *observations;
	size_t observation_count;
	bool has_ses; /* kind ses and it answered: its word decides */
	enum status ses_status;
	struct str ses_status_text;
	int64_t ses_checked_at;   /* LastCheckedTimestamp, 0 unknown */
	int64_t ses_succeeded_at; /* LastSuccessTimestamp, 0 never */
	struct str ses_error;     /* why SES could not be asked; empty else */
};
typedef void authority_look_fn(void *arg, const struct authority_result *result);
/* Result into the arena; x must live until the callback. NULL when too much waits. */
struct authority_look *authority_look_start(struct authority *a, struct arena *arena,
					    const struct expectation *x,
					    authority_look_fn *done, void *arg);
/* Whether it matters what the perspectives see: asked once, when our own look and SES's
 * word are there; arg is the look's. */
typedef bool authority_matters_fn(void *arg, const struct authority_result *own);
/* Right after the start: have the perspectives asked too, if it matters. Without this
 * they are not. What they saw in earlier attempts never counts. */
void authority_look_corroborate(struct authority_look *look,
				authority_matters_fn *matters);
/* The callback never comes; the arena and x may go. Sets *look to NULL. The loop must run
 * on for a moment (a call to SES ends by its own deadline). */
void authority_look_cancel(struct authority_look **look);
/* How many perspectives are configured, and are connected just now. */
size_t authority_perspective_count(const struct authority *a);
size_t authority_perspectives_up(const struct authority *a);

/* The cheap look: SOA and NS of the domain's zone, from here only. z into the arena; it
 * is there within dns.check_timeout_ms, seen or not. NULL when too much waits. */
struct authority_peek;
typedef void authority_peek_fn(void *arg, const struct zone_seen *z);
struct authority_peek *authority_peek_start(struct authority *a, struct arena *arena,
					    const struct dns_name *domain,
					    authority_peek_fn *done, void *arg);
void authority_peek_cancel(struct authority_peek **peek);

/* Whether each record is there byte for byte, at one of the zone's servers each, from
 * here only. Anything else is no finding: it says that a whole look is called for. Many
 * at once go to the probes together. x is read during the call only. NULL when too much
 * waits. */
struct authority_glance;
struct authority_glanced {
	bool is_right;
	uint32_t queries;
};
typedef void authority_glance_fn(void *arg, const struct authority_glanced *seen);
struct authority_glance *authority_glance_start(struct authority *a,
						const struct expectation *x,
						authority_glance_fn *done, void *arg);
void authority_glance_cancel(struct authority_glance **glance);

#endif
