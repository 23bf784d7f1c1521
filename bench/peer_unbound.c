/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A peer of the engine's benchmark: the same questions through libunbound on libevent,
 * forwarded to one server, not validated; nothing done with the answers.
 *
 *   peer_unbound FILE ADDRESS WINDOW
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <unbound-event.h>
#include <unbound.h>

#include "measure.h"

enum {
	CLASS_IN = 1,
};

struct peer {
	struct ub_ctx *ctx;
	struct event_base *base;
	struct event *again; /* asks more when the callback has been left */
	struct question_rows rows;
	size_t asked, answered, lost;
	uint64_t window;
};

/* lint: parameters - a callback of libunbound */
static void on_answer(void *arg, int rcode, unused_arg void *packet,
		      unused_arg int packet_len, unused_arg int security,
		      unused_arg char *why, unused_arg int was_limited)
{
	struct peer *p = arg;
	p->answered += rcode == 0;
	p->lost += rcode != 0;
	event_active(p->again, EV_TIMEOUT, 0);
}

static void ask_more(unused_arg evutil_socket_t fd, unused_arg short what, void *arg)
{
	struct peer *p = arg;
	while (p->asked < p->rows.count && p->asked - p->answered - p->lost < p->window) {
		const struct question_row *row = &p->rows.rows[p->asked++];
		if (ub_resolve_event(p->ctx, row->name, row->type, CLASS_IN, p, on_answer,
				     NULL) != 0)
			p->lost++;
	}
	if (p->answered + p->lost == p->rows.count)
		event_base_loopbreak(p->base);
}

static bool context_open(struct peer *p, const char *address)
{
	static const char *const options[][2] = {
		{ "module-config:", "iterator" },
		{ "do-not-query-localhost:", "no" },
		{ "num-queries-per-thread:", "4096" },
		{ "outgoing-range:", "8192" },
		{ "so-rcvbuf:", "1m" },
		{ "unwanted-reply-threshold:", "0" },
	};
	p->base = event_base_new();
	p->ctx = p->base ? ub_ctx_create_event(p->base) : NULL;
	if (!p->ctx || ub_ctx_set_fwd(p->ctx, address) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (ub_ctx_set_option(p->ctx, options[i][0], options[i][1]) != 0)
			return false;
	p->again = event_new(p->base, -1, 0, ask_more, p);
	return p->again != NULL;
}

int main(int argc, char **argv)
{
	struct peer p = { 0 };
	struct measure m;
	struct err e = { 0 };
	if (argc != 4 || !str_number(str_from(argv[3]), 65000, &p.window)) {
		fprintf(stderr, "usage: peer_unbound FILE ADDRESS WINDOW\n");
		return EXIT_FAILURE;
	}
	if (!questions_read(argv[1], &p.rows, &e)) {
		fprintf(stderr, "peer_unbound: %s\n", e.text);
		return EXIT_FAILURE;
	}
	measure_begin(&m);
	if (!context_open(&p, argv[2])) {
		fprintf(stderr, "peer_unbound: libunbound does not want to begin\n");
		return EXIT_FAILURE;
	}
	event_active(p.again, EV_TIMEOUT, 0);
	event_base_loop(p.base, EVLOOP_NO_EXIT_ON_EMPTY);
	measure_print(&m, p.answered, p.lost);
	return EXIT_SUCCESS;
}
