/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolver/batch.h"

#include <assert.h>
#include <netinet/in.h>
#include <netinet/udp.h>

#include "resolver/address.h"

void batch_clear(struct batch *b)
{
	b->count = 0;
	b->len = 0;
	b->packets = 0;
}

size_t batch_first(const struct batch *b, unsigned message)
{
	return (size_t)(b->headers[message].msg_hdr.msg_iov - b->vectors);
}

/* Behind those of the newest message. */
static bool fits_behind(const struct batch *b, const struct udp_try *t)
{
	return t->len <= b->len && address_equal(&t->address, &b->first->address);
}

static void begin_message(struct batch *b, const struct udp_try *t)
{
	unsigned i = b->count++;
	struct msghdr *h = &b->headers[i].msg_hdr;

	b->headers[i] = (struct mmsghdr){ 0 };
	h->msg_namelen = address_to_kernel(&t->address, &b->to[i]);
	h->msg_name = &b->to[i];
	h->msg_iov = &b->vectors[b->packets];
	b->first = t;
	b->len = t->len;
}

/* Of each packet of the message, but for the last (udp(7)). */
static void say_length(struct batch *b, struct msghdr *h)
{
	uint16_t len = (uint16_t)h->msg_iov[0].iov_len;

	h->msg_control = b->control[b->count - 1];
	h->msg_controllen = sizeof(b->control[0]);
	struct cmsghdr *c = CMSG_FIRSTHDR(h);
	c->cmsg_level = IPPROTO_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(sizeof(len));
	memcpy(CMSG_DATA(c), &len, sizeof(len));
}

void batch_add(struct batch *b, struct udp_try *t, bool may_join)
{
	assert(b->packets < BATCH_PACKETS);
	if (!may_join || !fits_behind(b, t))
		begin_message(b, t);
	/* A shorter one is the last. */
	if (t->len < b->len)
		b->len = 0;
	struct msghdr *h = &b->headers[b->count - 1].msg_hdr;
	b->vectors[b->packets] = (struct iovec){ (void *)(uintptr_t)t->wire, t->len };
	b->tries[b->packets++] = t;
	if (++h->msg_iovlen == 2)
		say_length(b, h);
}
