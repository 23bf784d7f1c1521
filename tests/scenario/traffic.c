/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traffic.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "resolver/address.h"
#include "step.h"

enum {
	DNS_PORT = 53,
	/* Packets to ourselves, as a relay on the machine has them. */
	LOOPBACK = 127,
};

#define EXPORTED __attribute__((visibility("default"), used))

EXPORTED ssize_t traffic_sendto(int fd, const void *data, size_t len, int flags,
				const struct sockaddr *to,
				socklen_t to_len) __asm__("sendto");
EXPORTED ssize_t traffic_send(int fd, const void *data, size_t len,
			      int flags) __asm__("send");
EXPORTED ssize_t traffic_sendmsg(int fd, const struct msghdr *message,
				 int flags) __asm__("sendmsg");
EXPORTED int traffic_sendmmsg(int fd, struct mmsghdr *messages, unsigned count,
			      int flags) __asm__("sendmmsg");
EXPORTED int traffic_connect(int fd, const struct sockaddr *to,
			     socklen_t len) __asm__("connect");

static struct traffic seen;
static bool is_paused;

void traffic_clear(void)
{
	memset(&seen, 0, sizeof(seen));
}

struct traffic *traffic_seen(void)
{
	return &seen;
}

void traffic_pause(bool paused)
{
	is_paused = paused;
}

static struct destination *destination_get(const struct address *a)
{
	struct address key = *a;

	key.port = DNS_PORT;
	for (size_t i = 0; i < seen.destination_count; i++)
		if (address_equal(&seen.destinations[i].address, &key))
			return &seen.destinations[i];
	if (seen.destination_count == TRAFFIC_DESTINATIONS_MAX)
		return NULL;
	struct destination *d = &seen.destinations[seen.destination_count++];
	d->address = key;
	return d;
}

static bool find_peer(int fd, const void *to, socklen_t len, struct address *out)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t peer_len = sizeof(sa);

	if (to && len <= sizeof(sa))
		memcpy(&sa, to, len);
	else if (getpeername(fd, (struct sockaddr *)&sa, &peer_len) != 0)
		return false;
	return address_from_kernel(&sa, out) &&
	       !(out->family == 4 && out->bytes[0] == LOOPBACK);
}

static bool is_of_type(int fd, int wanted)
{
	int type = 0;
	socklen_t len = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == wanted;
}

static void count(const struct address *a, bool is_connection, size_t len)
{
	struct destination *d = destination_get(a);

	step_unsettle();
	seen.packets++;
	seen.connections += is_connection;
	seen.bytes_out += len;
	seen.other_ports += a->port != DNS_PORT;
	if (!d)
		return;
	d->packets++;
	d->connections += is_connection;
	d->bytes += len;
}

static void count_datagram(int fd, const void *to, socklen_t to_len, size_t len)
{
	struct address a;

	if (!is_paused && is_of_type(fd, SOCK_DGRAM) && find_peer(fd, to, to_len, &a))
		count(&a, false, len);
}

ssize_t traffic_sendto(int fd, const void *data, size_t len, int flags,
		       const struct sockaddr *to, socklen_t to_len)
{
	count_datagram(fd, to, to_len, len);
	return syscall(SYS_sendto, fd, data, len, flags, to, to_len);
}

ssize_t traffic_send(int fd, const void *data, size_t len, int flags)
{
	return traffic_sendto(fd, data, len, flags, NULL, 0);
}

/* Each of its parts is a packet (UDP_SEGMENT), or there is one. */
static void count_message(int fd, const struct msghdr *message)
{
	for (size_t i = 0; i < message->msg_iovlen; i++)
		count_datagram(fd, message->msg_name, message->msg_namelen,
			       message->msg_iov[i].iov_len);
}

ssize_t traffic_sendmsg(int fd, const struct msghdr *message, int flags)
{
	count_message(fd, message);
	return syscall(SYS_sendmsg, fd, message, flags);
}

/* Only what the kernel took: the rest is tried again. */
int traffic_sendmmsg(int fd, struct mmsghdr *messages, unsigned wanted, int flags)
{
	int sent = (int)syscall(SYS_sendmmsg, fd, messages, wanted, flags);

	for (int i = 0; i < sent; i++) {
		const struct msghdr *h = &messages[i].msg_hdr;
		count_message(fd, h);
	}
	return sent;
}

/* On a datagram socket it sends nothing. */
int traffic_connect(int fd, const struct sockaddr *to, socklen_t len)
{
	struct address a;

	if (!is_paused && is_of_type(fd, SOCK_STREAM) && find_peer(fd, to, len, &a))
		count(&a, true, 0);
	return (int)syscall(SYS_connect, fd, to, len);
}
