/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one UDP path: a pool of sockets on random ports, packets out by sendmmsg when the
 * loop is about to wait, several to one address as one message where the kernel takes it
 * apart (UDP_SEGMENT), in by recvmmsg. A packet belongs to a try if it came to its
 * socket, from its address, with its id; whether it answers the question, the owner of
 * the try decides.
 */
#ifndef RESOLVER_UDP_H
#define RESOLVER_UDP_H

#include <uv.h>

#include "base/base.h"
#include "observation/observation.h"
#include "resolver/entropy.h"
#include "resolver/resolver.h"

enum {
	UDP_QUERY_MAX = 384, /* octets: header, 255 of name, OPT with a cookie of 40 */
};

/* Of one resolver so far. */
struct resolver_counters {
	uint64_t queries_udp;
	uint64_t queries_tcp;
	uint64_t answers;
	uint64_t timeouts;
	uint64_t mismatched;    /* packets that belonged to no question */
	uint64_t send_calls;    /* sendmmsg */
	uint64_t receive_calls; /* recvmmsg */
};

struct udp;
struct udp_socket;
struct udp_try;

/* Called from the loop. The try is still open; udp_try_close it at will. */
struct udp_events {
	/* A packet with the try's id from its address, received at that moment. */
	void (*on_packet)(struct udp_try *t, struct str packet);
	/* The right address, but no id that we sent there: somebody may be guessing. */
	void (*on_near_miss)(struct udp_try *t);
	/* The network refused it (ICMP, no route): errno. */
	void (*on_error)(struct udp_try *t, int error);
};

/* One packet out. Lives inside its owner. */
struct udp_try {
	struct list by_id;
	struct list by_socket;
	struct list waiting;       /* to be sent, or failed */
	struct udp_socket *socket; /* NULL: closed */
	const struct udp_events *events;
	void *owner;
	struct address address;
	uint16_t id;
	bool was_missed;
	int error;
	int64_t sent_us;     /* of the last packet */
	int64_t received_us; /* while on_packet is called */
	size_t len;
	const uint8_t *wire; /* the owner's, until the try is closed or sent anew */
};

struct udp *udp_new(uv_loop_t *loop, struct entropy *entropy,
		    struct resolver_counters *counters);
/* All tries must be closed. The loop must run once more. */
void udp_free(struct udp **u);

/* When the packets of this turn of the loop are out, so many sockets are opened for those
 * to come: while the first answers are on their way. */
void udp_open_ahead(struct udp *u, uint8_t family, size_t count);

/* Picks a socket and an id; false if there is no socket for this address's family. */
bool udp_try_open(struct udp *u, struct udp_try *t, const struct address *a) must_check;
/* For tries that are to share one: another one each time, at random. Valid in this turn
 * of the loop, and while one of its tries is open. NULL: there is none of this family. */
struct udp_socket *udp_pick_socket(struct udp *u, uint8_t family);
/* Counts the turns of the loop that have sent. */
uint64_t udp_turn(const struct udp *u);
/* As udp_try_open, in this socket, which is of the address's family: what is sent and
 * received together costs fewer calls. */
void udp_try_open_in(struct udp *u, struct udp_try *t, const struct address *a,
		     struct udp_socket *s);
/* Queues wire[0..len); again once it was sent: the same packet once more. */
void udp_try_send(struct udp *u, struct udp_try *t);
/* Harmless when closed. */
void udp_try_close(struct udp_try *t);

#endif
