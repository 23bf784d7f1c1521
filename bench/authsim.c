/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The name servers of the benchmark's world (zones.h), all of them in one process.
 *
 *   authsim [--threads N] [--delay MS] [--loss PER_MILLE] [--awake 1]
 *
 * Each thread has a socket of its own for all addresses (SO_REUSEPORT), takes questions
 * by the batch and sends the answers by the batch, after the delay. Of a thousand answers
 * so many are lost. To be woken costs up to half a millisecond: who is kept awake does
 * not sleep for some time after a question, nor just before an answer is due. Prints
 * "ready", then, at each SIGUSR1 and at the end by SIGTERM, a line of JSON: how many
 * questions of each kind there were, answers sent, answers lost.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "zones.h"

enum {
	BATCH = 64,
	THREADS_MAX = 16,
	PENDING_MAX = 1 << 14, /* answers that wait, of a thread; a power of two */
	/* One socket stands for many servers. */
	BUFFER_BYTES = 32 << 20,
	CONTROL_BYTES = CMSG_SPACE(sizeof(struct in_pktinfo)),
	AWAKE_AFTER_US = 5000,
	AWAKE_BEFORE_US = 1000,
};

struct answer {
	int64_t due_us;
	struct sockaddr_in to;
	struct in_addr from;
	size_t len;
	uint8_t bytes[ZONES_ANSWER_MAX];
};

struct worker {
	pthread_t thread;
	int fd;
	int64_t delay_us;
	bool is_awake;
	int64_t asked_us; /* the last time */
	uint64_t loss;    /* of 2^32 */
	uint64_t chance;
	uint64_t kinds[ZONES_KINDS];
	uint64_t sent, lost;
	/* A ring: what waits is [first, last). */
	struct answer *answers;
	unsigned first, last;
};

/* What recvmmsg and sendmmsg want. */
struct batch {
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	struct sockaddr_in peers[BATCH];
	_Alignas(struct cmsghdr) uint8_t control[BATCH][CONTROL_BYTES];
	uint8_t bytes[BATCH][512];
};

static int fail(const char *what)
{
	perror(what);
	return EXIT_FAILURE;
}

static bool socket_open(int *fd_out)
{
	const struct sockaddr_in all = { .sin_family = AF_INET, .sin_port = htons(53) };
	int yes = 1;
	int bytes = BUFFER_BYTES;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	*fd_out = fd;
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes)) < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &yes, sizeof(yes)) < 0)
		return false;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
		return false;
	return bind(fd, (const struct sockaddr *)&all, sizeof(all)) == 0;
}

static void batch_init(struct batch *b)
{
	for (int i = 0; i < BATCH; i++) {
		b->parts[i] = (struct iovec){ b->bytes[i], sizeof(b->bytes[i]) };
		b->messages[i].msg_hdr = (struct msghdr){
			.msg_name = &b->peers[i],
			.msg_namelen = sizeof(b->peers[i]),
			.msg_iov = &b->parts[i],
			.msg_iovlen = 1,
			.msg_control = b->control[i],
			.msg_controllen = CONTROL_BYTES,
		};
	}
}

/* Lengths that the kernel has written are ours again. */
static void batch_renew(struct batch *b, int count)
{
	for (int i = 0; i < count; i++) {
		b->messages[i].msg_hdr.msg_namelen = sizeof(b->peers[i]);
		b->messages[i].msg_hdr.msg_controllen = CONTROL_BYTES;
	}
}

static struct in_addr asked_address(struct msghdr *m)
{
	struct in_pktinfo info = { 0 };
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	if (c && c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
		memcpy(&info, CMSG_DATA(c), sizeof(info));
	return info.ipi_addr;
}

static bool is_lost(struct worker *w)
{
	w->chance = w->chance * 6364136223846793005u + 1442695040888963407u;
	return (w->chance >> 32) < w->loss;
}

static void answer_make(struct worker *w, struct batch *b, int i, int64_t due_us)
{
	struct answer *a = &w->answers[w->last % PENDING_MAX];
	struct in_addr to = asked_address(&b->messages[i].msg_hdr);
	enum zones_kind kind;
	if (w->last - w->first == PENDING_MAX) {
		w->lost++;
		return;
	}
	a->len = zones_answer(ntohl(to.s_addr),
			      str_of(b->bytes[i], b->messages[i].msg_len), a->bytes,
			      &kind);
	w->kinds[kind]++;
	if (a->len == 0)
		return;
	if (is_lost(w)) {
		w->lost++;
		return;
	}
	a->due_us = due_us;
	a->to = b->peers[i];
	a->from = to;
	w->last++;
}

static void answer_address(struct batch *b, int i, struct answer *a)
{
	struct msghdr *m = &b->messages[i].msg_hdr;
	struct cmsghdr *c = (struct cmsghdr *)b->control[i];
	struct in_pktinfo info = { .ipi_spec_dst = a->from };
	b->parts[i] = (struct iovec){ a->bytes, a->len };
	m->msg_name = &a->to;
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
}

/* Sends what is due by `now_us`. */
static void answers_send(struct worker *w, struct batch *b, int64_t now_us)
{
	while (w->first != w->last) {
		int count = 0;
		while (count < BATCH && w->first + (unsigned)count != w->last) {
			struct answer *a =
				&w->answers[(w->first + (unsigned)count) % PENDING_MAX];
			if (a->due_us > now_us)
				break;
			answer_address(b, count++, a);
		}
		if (count == 0)
			return;
		int sent = sendmmsg(w->fd, b->messages, (unsigned)count, 0);
		/* One that cannot be sent is passed over. */
		w->first += (unsigned)(sent > 0 ? sent : 1);
		w->sent += (uint64_t)(sent > 0 ? sent : 0);
	}
	/* What is used again at once is in the processor's cache. */
	w->first = w->last = 0;
}

/* Until a question comes or an answer is due. */
static void wait_for_work(const struct worker *w, int64_t now_us)
{
	struct pollfd poll_fd = { .fd = w->fd, .events = POLLIN };
	struct timespec left = { 0 };
	bool waits = w->first != w->last;
	if (w->is_awake && now_us < w->asked_us + AWAKE_AFTER_US)
		return;
	if (waits) {
		int64_t us = w->answers[w->first % PENDING_MAX].due_us - now_us -
			     (w->is_awake ? AWAKE_BEFORE_US : 0);
		us = us > 0 ? us : 0;
		left = (struct timespec){ us / 1000000, us % 1000000 * 1000 };
	}
	ppoll(&poll_fd, 1, waits ? &left : NULL, NULL);
}

static void *worker_run(void *arg)
{
	struct worker *w = arg;
	struct batch *in = xalloc(1, sizeof(*in));
	struct batch *out = xalloc(1, sizeof(*out));
	bool has_clock = w->delay_us > 0 || w->is_awake;
	int flags = has_clock ? MSG_DONTWAIT : MSG_WAITFORONE;
	batch_init(in);
	batch_init(out);
	for (;;) {
		int got = recvmmsg(w->fd, in->messages, BATCH, flags, NULL);
		int64_t now_us = has_clock ? clock_mono_us() : 0;
		for (int i = 0; i < got; i++)
			answer_make(w, in, i, now_us + w->delay_us);
		if (got > 0) {
			batch_renew(in, got);
			w->asked_us = now_us;
		}
		answers_send(w, out, now_us);
		if (got < BATCH && has_clock)
			wait_for_work(w, now_us);
	}
	return NULL;
}

static uint64_t number_read(const uint64_t *of_another_thread)
{
	return __atomic_load_n(of_another_thread, __ATOMIC_RELAXED);
}

static void counts_print(const struct worker *workers, size_t count)
{
	uint64_t sent = 0;
	uint64_t lost = 0;
	printf("{");
	for (int kind = 0; kind < ZONES_KINDS; kind++) {
		uint64_t n = 0;
		for (size_t i = 0; i < count; i++)
			n += number_read(&workers[i].kinds[kind]);
		printf("\"%s\": %llu, ", zones_kind_name((enum zones_kind)kind),
		       (unsigned long long)n);
	}
	for (size_t i = 0; i < count; i++) {
		sent += number_read(&workers[i].sent);
		lost += number_read(&workers[i].lost);
	}
	printf("\"sent\": %llu, \"lost\": %llu}\n", (unsigned long long)sent,
	       (unsigned long long)lost);
	fflush(stdout);
}

struct options {
	uint64_t threads;
	uint64_t delay_ms;
	uint64_t loss;
	uint64_t awake;
};

static bool options_read(int argc, char **argv, struct options *o)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		struct str word = str_from(argv[i]);
		struct str value = str_from(argv[i + 1]);
		bool good =
			(str_is(word, "--threads") &&
			 str_number(value, THREADS_MAX, &o->threads) && o->threads > 0) ||
			(str_is(word, "--delay") &&
			 str_number(value, 1000, &o->delay_ms)) ||
			(str_is(word, "--loss") && str_number(value, 1000, &o->loss)) ||
			(str_is(word, "--awake") && str_number(value, 1, &o->awake));
		if (!good)
			return false;
	}
	return argc % 2 == 1;
}

int main(int argc, char **argv)
{
	static struct worker workers[THREADS_MAX];
	struct options o = { .threads = 1 };
	sigset_t signals;
	int got = 0;
	if (!options_read(argc, argv, &o)) {
		fprintf(stderr, "usage: authsim [--threads N] [--delay MS] "
				"[--loss PER_MILLE] [--awake 1]\n");
		return EXIT_FAILURE;
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	for (size_t i = 0; i < o.threads; i++) {
		struct worker *w = &workers[i];
		w->delay_us = (int64_t)o.delay_ms * 1000;
		w->is_awake = o.awake > 0;
		w->loss = (o.loss << 32) / 1000;
		w->chance = i + 1;
		w->answers = xalloc(PENDING_MAX, sizeof(*w->answers));
		if (!socket_open(&w->fd))
			return fail("authsim: a socket");
		if (pthread_create(&w->thread, NULL, worker_run, w) != 0)
			return fail("authsim: a thread");
	}
	puts("ready");
	fflush(stdout);
	while (sigwait(&signals, &got) == 0) {
		counts_print(workers, o.threads);
		if (got != SIGUSR1)
			return EXIT_SUCCESS;
	}
	return fail("authsim: sigwait");
}
