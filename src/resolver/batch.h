/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Packets of one socket, as sendmmsg takes them. Several to one address are one message,
 * which the kernel (or the network card) takes apart: the way through the kernel, which
 * is most of what a question costs, is gone once. All must be of one length, the last may
 * be shorter.
 */
#ifndef RESOLVER_BATCH_H
#define RESOLVER_BATCH_H

#include <sys/socket.h>

#include "resolver/udp.h"

enum {
	BATCH_PACKETS = 32,
};

struct batch {
	/* Messages: */
	struct mmsghdr headers[BATCH_PACKETS];
	struct sockaddr_storage to[BATCH_PACKETS];
	_Alignas(struct cmsghdr)
		uint8_t control[BATCH_PACKETS][CMSG_SPACE(sizeof(uint16_t))];
	unsigned count;
	const struct udp_try *first; /* of the newest message */
	size_t len;                  /* of its packets; 0: it is closed */
	/* Their packets, one message's behind the other's: */
	struct iovec vectors[BATCH_PACKETS];
	struct udp_try *tries[BATCH_PACKETS];
	unsigned packets;
};

void batch_clear(struct batch *b);
/* While there are fewer than BATCH_PACKETS. If it may and fits, in the message of the one
 * before. */
void batch_add(struct batch *b, struct udp_try *t, bool may_join);
/* Which of the packets is the first of this message. */
size_t batch_first(const struct batch *b, unsigned message);

#endif
