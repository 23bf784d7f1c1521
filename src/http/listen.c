/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers only: no name is looked up. */
#include "http/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <unistd.h>

enum {
	BACKLOG = 1024,
};

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t address_len(const union address *at)
{
	return at->any.sa_family == AF_INET6 ? sizeof(at->v6) : sizeof(at->v4);
}

static bool host_parse(struct str host, uint16_t port, union address *out)
{
	char text[INET6_ADDRSTRLEN] = "";
	bool v6 = str_starts(host, STR("[")) && str_ends(host, STR("]"));
	if (v6)
		host = str_sub(host, 1, host.len - 2);
	if (host.len == 0 || host.len >= sizeof(text))
		return false;
	memcpy(text, host.data, host.len);
	if (v6) {
		out->v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6,
						 .sin6_port = htons(port) };
		return inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1;
	}
	out->v4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
	return inet_pton(AF_INET, text, &out->v4.sin_addr) == 1;
}

static bool address_parse(struct str text, union address *out)
{
	uint64_t port;
	size_t colon = text.len;
	while (colon > 0 && text.data[colon - 1] != ':')
		colon--;
	return colon > 0 && str_number(str_sub(text, colon, text.len), 65535, &port) &&
	       host_parse(str_sub(text, 0, colon - 1), (uint16_t)port, out);
}

bool listen_open(struct str text, int *fd_out, struct err *e)
{
	union address at;
	int on = 1;
	if (!address_parse(text, &at))
		return err_set(e, ERR_USAGE, "not an address to listen on '%.*s'",
			       STR_ARG(text));
	int fd = socket(at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    bind(fd, &at.any, address_len(&at)) == 0 && listen(fd, BACKLOG) == 0) {
		*fd_out = fd;
		return true;
	}
	int failure = errno;
	if (fd >= 0)
		close(fd);
	return err_set(e, ERR_UNAVAILABLE, "cannot listen on '%.*s': %s", STR_ARG(text),
		       strerror(failure));
}

void listen_write_host(struct buf *out, const struct sockaddr *at)
{
	char text[INET6_ADDRSTRLEN] = "";
	if (at && at->sa_family == AF_INET)
		inet_ntop(AF_INET,
			  &((const struct sockaddr_in *)(const void *)at)->sin_addr, text,
			  sizeof(text));
	else if (at && at->sa_family == AF_INET6)
		inet_ntop(AF_INET6,
			  &((const struct sockaddr_in6 *)(const void *)at)->sin6_addr,
			  text, sizeof(text));
	buf_text(out, text);
}

void listen_write_address(struct buf *out, int fd)
{
	union address at = { .any = { 0 } };
	socklen_t len = sizeof(at);
	if (getsockname(fd, &at.any, &len) != 0)
		return;
	bool v6 = at.any.sa_family == AF_INET6;
	buf_text(out, v6 ? "[" : "");
	listen_write_host(out, &at.any);
	buf_printf(out, "%s:%u", v6 ? "]" : "",
		   ntohs(v6 ? at.v6.sin6_port : at.v4.sin_port));
}
