/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A peer of the engine's benchmark: the same questions through c-ares, nothing done with
 * the answers.
 *
 *   peer_cares FILE ADDRESS WINDOW
 */
#include <ares.h>
#include <arpa/nameser.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "measure.h"

struct peer {
	ares_channel channel;
	struct question_rows rows;
	size_t asked, answered, lost;
	uint64_t window;
};

static void on_answer(void *arg, int status, unused_arg int timeouts,
		      unused_arg unsigned char *packet, unused_arg int len)
{
	struct peer *p = arg;
	p->answered += status == ARES_SUCCESS;
	p->lost += status != ARES_SUCCESS;
}

static void ask_more(struct peer *p)
{
	while (p->asked < p->rows.count && p->asked - p->answered - p->lost < p->window) {
		const struct question_row *row = &p->rows.rows[p->asked++];
		ares_query(p->channel, row->name, ns_c_in, row->type, on_answer, p);
	}
}

/* Until one of its sockets has something, or one of its questions is due again. */
static void process(ares_channel channel)
{
	ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
	struct pollfd fds[ARES_GETSOCK_MAXNUM];
	unsigned mask = (unsigned)ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM);
	unsigned count = 0;
	for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; i++)
		if (ARES_GETSOCK_READABLE(mask, i))
			fds[count++] = (struct pollfd){ sockets[i], POLLIN, 0 };
	int ready = poll(fds, count, 100);
	for (unsigned i = 0; ready > 0 && i < count; i++)
		if (fds[i].revents != 0)
			ares_process_fd(channel, fds[i].fd, ARES_SOCKET_BAD);
	if (ready <= 0)
		ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static bool channel_open(struct peer *p, const char *address)
{
	struct ares_options options = { .flags = ARES_FLAG_STAYOPEN | ARES_FLAG_NOSEARCH |
						 ARES_FLAG_NOCHECKRESP | ARES_FLAG_EDNS,
					.socket_receive_buffer_size = 1 << 20,
					.lookups = (char *)(uintptr_t) "b" };
	int wanted = ARES_OPT_FLAGS | ARES_OPT_SOCK_RCVBUF | ARES_OPT_LOOKUPS;
	return ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS &&
	       ares_init_options(&p->channel, &options, wanted) == ARES_SUCCESS &&
	       ares_set_servers_csv(p->channel, address) == ARES_SUCCESS;
}

int main(int argc, char **argv)
{
	struct peer p = { 0 };
	struct measure m;
	struct err e = { 0 };
	if (argc != 4 || !str_number(str_from(argv[3]), 65000, &p.window)) {
		fprintf(stderr, "usage: peer_cares FILE ADDRESS WINDOW\n");
		return EXIT_FAILURE;
	}
	if (!questions_read(argv[1], &p.rows, &e)) {
		fprintf(stderr, "peer_cares: %s\n", e.text);
		return EXIT_FAILURE;
	}
	measure_begin(&m);
	if (!channel_open(&p, argv[2])) {
		fprintf(stderr, "peer_cares: c-ares does not want to begin\n");
		return EXIT_FAILURE;
	}
	while (p.answered + p.lost < p.rows.count) {
		ask_more(&p);
		process(p.channel);
	}
	measure_print(&m, p.answered, p.lost);
	ares_destroy(p.channel);
	ares_library_cleanup();
	return EXIT_SUCCESS;
}
