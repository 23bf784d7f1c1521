/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A connection between two of the operator's own machines: TCP, mutual TLS 1.3, JSON in
 * frames. It says "ping" when nothing else is said, and ends when nothing is heard. Who
 * holds it hears, in this order: opened once, any number of frames, closed once; then the
 * link is gone.
 */
#ifndef PROBE_LINK_H
#define PROBE_LINK_H

#include <uv.h>

#include "base/base.h"
#include "crypto/crypto.h"

struct json_t;
struct link;

enum {
	LINK_HANDSHAKE_MS = 10000,
	LINK_PING_MS = 15000,
	LINK_SILENCE_MS = 45000,
};

struct link_options {
	uv_loop_t *loop;
	struct crypto_tls_context *tls; /* must outlive it, as names must */
	const struct str *names;        /* the other end has one of these */
	size_t name_count;
	size_t frame_max;  /* octets of a text that may come */
	size_t unsent_max; /* that may wait for a slow other end */
	void (*on_open)(void *arg);
	void (*on_frame)(void *arg, const struct json_t *frame);
	/* e->kind ERR_DENIED: it is not who is wanted, or does not want us. */
	void (*on_closed)(void *arg, const struct err *e);
	void *arg;
};

/* Takes the next connection of the listening socket. */
struct link *link_accept(const struct link_options *options, uv_stream_t *listening);
struct link *link_connect(const struct link_options *options,
			  const struct sockaddr *address);
/* Nothing more is heard but closed, with this text, soon. */
void link_close(struct link *l, const char *why);
/* When it is open; else it is not sent. */
void link_send(struct link *l, const struct json_t *frame);
/* The other end's name, escaped; empty before it is open. And its address. */
struct str link_peer(const struct link *l);
void link_write_address(const struct link *l, struct buf *out);

#endif
