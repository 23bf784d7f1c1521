/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A perspective: a machine elsewhere that looks at domains for services of the same
 * operator. Frames as of a probe process, over mutual TLS, with these differences:
 *
 *   out  {"perspective": NAME}             once, first
 *   in   {"job": n, "expect": {...}}, {"job": n, "peek": "domain"}
 *        {"cancel": n}
 *   out  {"job": n, "observation": {...}}, {"job": n, "zone": {...}}
 *        {"job": n, "refused": "why"}      too much is under way
 *   both {"ping": true}, {"pong": true}
 *
 * A client sets nothing here: whom to ask and how is this machine's own configuration. It
 * can only name a domain and what it expects there. Whoever sends anything else is cut
 * off.
 */
#ifndef PROBE_LISTEN_H
#define PROBE_LISTEN_H

#include "base/base.h"
#include "config/config.h"
#include "crypto/crypto.h"

enum {
	LISTEN_CLIENTS_MAX = 16,   /* whose certificate was seen */
	LISTEN_STRANGERS_MAX = 64, /* who are still shaking hands */
	LISTEN_CLIENT_JOBS_MAX = 64,
	LISTEN_JOBS_MAX = 128,
};

struct probe_listen_options {
	const struct config *config;
	struct str address; /* "192.0.2.1:8953", "[::1]:8953" */
	int fd;             /* >= 0: listens already (socket activation) */
	struct crypto_tls_files files;
	const struct str *allow; /* names of clients; none: all of the CA */
	size_t allow_count;
	struct str name;     /* what it calls itself */
	const char *program; /* as in probe_pool_options */
	size_t processes;    /* 0: one a core */
	/* What happens, for the log; all texts are escaped. client: address and name. */
	void (*on_event)(void *arg, const char *event, struct str client, struct str why);
	void *arg;
};
/* Blocks until SIGTERM or SIGINT; then takes no more, ends what is under way within the
 * time of a check, and returns true. ERR_USAGE, ERR_UNAVAILABLE: it could not begin. */
bool probe_listen(const struct probe_listen_options *options, struct err *e) must_check;

#endif
