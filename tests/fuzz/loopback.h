/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loopback interface between libunbound and the relay, in memory: stands in for the
 * kernel's packets and libuv's polls. Sockets are the askers', numbered by them.
 *
 * Each answer of the relay's is held against its question: its id, letters and flags,
 * once only, to who asked; a whole message; no key that takes seconds to verify with.
 */
#ifndef FUZZ_LOOPBACK_H
#define FUZZ_LOOPBACK_H

#include "dns/dns.h"

struct loopback_packet {
	struct list hook;
	int socket;
	size_t len;
	uint8_t bytes[];
};

/* Nothing is on its way. Behind network_start. */
void loopback_start(void);
/* What is on its way is lost. */
void loopback_stop(void);
/* What libunbound gives to its events for this socket. */
int loopback_fd(int socket);
/* To the relay. */
void loopback_send(int socket, struct str bytes);
/* What has come for this socket, first to last; xfree it; NULL: nothing. */
struct loopback_packet *loopback_take(int socket);
/* The next poll of it fails. */
void loopback_break(int socket);

/* Questions to the relay that are well-formed, and have had no answer when all that was
 * sent has been read. */
size_t loopback_open(void);

#endif
