/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See fixture.h. */
#include "fixture.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int raw_connect(struct str address)
{
	struct timeval patience = { .tv_sec = 10 };
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	uint64_t port;
	size_t colon = str_find_byte(address, ':');
	assert_true(
		str_number(str_sub(address, colon + 1, address.len), UINT16_MAX, &port));
	at.sin_port = htons((uint16_t)port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

void raw_read(int fd, struct buf *out, const char *end)
{
	char piece[4096];
	ssize_t n;
	while ((!end || !strstr(out->len ? buf_cstr(out) : "", end)) &&
	       (n = recv(fd, piece, sizeof(piece), 0)) > 0)
		buf_add(out, piece, (size_t)n);
}

struct str raw_ask(struct arena *a, struct str address, struct str text)
{
	auto_buf struct buf got;
	struct err e = { 0 };
	buf_init(&got, 1024 * 1024);
	int fd = raw_connect(address);
	/* A server that refuses early need not read all of it. */
	if (!file_write_all(fd, text, &e))
		print_message("%s\n", e.text);
	raw_read(fd, &got, NULL);
	close(fd);
	return arena_str(a, buf_view(&got));
}
