/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The floor of the engine's benchmark: questions go out and answers come in by the batch
 * over one socket, and nothing is done with them.
 *
 *   floor COUNT [WINDOW [ADDRESSES]]
 *
 * Asks authsim COUNT of the questions that the identities of its world need, never more
 * than WINDOW unanswered at one of so many ADDRESSES. Prints a line of JSON.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "measure.h"
#include "zones.h"

enum {
	BATCH = 64,
	ZONES = 100000, /* asked about in turn */
	PATIENCE_MS = 100,
	BUFFER_BYTES = 16 << 20,
	ANSWER_BYTES = 512,
};

/* A question but for the number of its zone. */
struct form {
	uint8_t bytes[ZONES_QUESTION_MAX];
	size_t len;
	size_t digits_at;
};

struct floor {
	int fd;
	uint64_t count, sent, received, lost;
	unsigned window, addresses;
	struct form forms[ZONES_TLDS][ZONES_RECORDS];
	struct sockaddr_in servers[ZONES_ADDRESSES];
	struct mmsghdr out[BATCH], in[BATCH];
	struct iovec out_parts[BATCH], in_parts[BATCH];
	uint8_t questions[BATCH][ZONES_QUESTION_MAX];
	uint8_t answers[BATCH][ANSWER_BYTES];
};

static void form_make(struct form *f, unsigned tld, unsigned number)
{
	struct zones_record record;
	auto_buf struct buf b;
	buf_init(&b, sizeof(f->bytes));
	zones_record_get(tld, number, &record);
	zones_question_write(&b, record.name, record.type_number);
	assert(!b.failed);
	f->len = b.len;
	memcpy(f->bytes, b.data, b.len);
	const uint8_t *label = memmem(f->bytes, f->len, "d000000", ZONES_DIGITS);
	assert(label);
	f->digits_at = (size_t)(label - f->bytes) + 1;
}

static bool floor_open(struct floor *f)
{
	const struct timeval patience = { .tv_usec = PATIENCE_MS * 1000 };
	int bytes = BUFFER_BYTES;
	f->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return f->fd >= 0 &&
	       setsockopt(f->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ==
		       0 &&
	       setsockopt(f->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) == 0;
}

static void floor_init(struct floor *f)
{
	for (unsigned tld = 0; tld < ZONES_TLDS; tld++)
		for (unsigned i = 0; i < ZONES_RECORDS; i++)
			form_make(&f->forms[tld][i], tld, i);
	for (unsigned i = 0; i < f->addresses; i++)
		f->servers[i] = zones_hoster(i);
	for (int i = 0; i < BATCH; i++) {
		f->out_parts[i].iov_base = f->questions[i];
		f->out[i].msg_hdr = (struct msghdr){
			.msg_namelen = sizeof(struct sockaddr_in),
			.msg_iov = &f->out_parts[i],
			.msg_iovlen = 1,
		};
		f->in_parts[i] = (struct iovec){ f->answers[i], ANSWER_BYTES };
		f->in[i].msg_hdr = (struct msghdr){
			.msg_iov = &f->in_parts[i],
			.msg_iovlen = 1,
		};
	}
}

static void question_make(struct floor *f, int slot)
{
	uint64_t number = f->sent + (uint64_t)slot;
	unsigned zone = (unsigned)(number / ZONES_RECORDS % ZONES);
	const struct form *form = &f->forms[zone % ZONES_TLDS][number % ZONES_RECORDS];
	uint8_t *bytes = f->questions[slot];
	memcpy(bytes, form->bytes, form->len);
	bytes[0] = (uint8_t)(number >> 8);
	bytes[1] = (uint8_t)number;
	for (size_t i = ZONES_DIGITS; i > 0; i--, zone /= 10)
		bytes[form->digits_at + i - 1] = (uint8_t)('0' + zone % 10);
	f->out_parts[slot].iov_len = form->len;
	f->out[slot].msg_hdr.msg_name = &f->servers[number % f->addresses];
}

/* False: the kernel did not take them. */
static bool questions_send(struct floor *f, uint64_t room)
{
	uint64_t left = f->count - f->sent;
	uint64_t most = room < left ? room : left;
	int count = most < BATCH ? (int)most : BATCH;
	for (int i = 0; i < count; i++)
		question_make(f, i);
	int sent = count > 0 ? sendmmsg(f->fd, f->out, (unsigned)count, 0) : 0;
	f->sent += (uint64_t)(sent > 0 ? sent : 0);
	return sent >= 0;
}

static bool floor_run(struct floor *f)
{
	uint64_t window = (uint64_t)f->window * f->addresses;
	while (f->received + f->lost < f->count) {
		uint64_t waiting = f->sent - f->received - f->lost;
		if (!questions_send(f, window - waiting))
			return false;
		waiting = f->sent - f->received - f->lost;
		/* The first time all of the window goes out. */
		if (waiting < window && f->sent < f->count)
			continue;
		int got = recvmmsg(f->fd, f->in, BATCH, MSG_WAITFORONE, NULL);
		if (got > 0)
			f->received += (uint64_t)got;
		else
			f->lost += waiting;
	}
	return true;
}

int main(int argc, char **argv)
{
	static struct floor f;
	struct measure m;
	uint64_t window = 200;
	uint64_t addresses = ZONES_ADDRESSES;
	if (argc < 2 || argc > 4 ||
	    !str_number(str_from(argv[1]), UINT32_MAX, &f.count) ||
	    (argc > 2 && !str_number(str_from(argv[2]), 10000, &window)) ||
	    (argc > 3 && !str_number(str_from(argv[3]), ZONES_ADDRESSES, &addresses)) ||
	    window == 0 || addresses == 0) {
		fprintf(stderr, "usage: floor COUNT [WINDOW [ADDRESSES]]\n");
		return EXIT_FAILURE;
	}
	f.window = (unsigned)window;
	f.addresses = (unsigned)addresses;
	floor_init(&f);
	measure_begin(&m);
	if (!floor_open(&f) || !floor_run(&f)) {
		perror("floor");
		return EXIT_FAILURE;
	}
	measure_print(&m, f.received, f.lost);
	return EXIT_SUCCESS;
}
