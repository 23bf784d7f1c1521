/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our own addresses, by one question to the kernel (rtnetlink(7)). getifaddrs(3) asks for
 * the links besides: half a millisecond, and as long as anybody changes one.
 */
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns/guard.h"

enum {
	REPLY_MAX = 16 << 10, /* octets of one message of the kernel */
};

/* Where both are given, IFA_ADDRESS is the other end of a line. */
static bool address_of(struct nlmsghdr *h, struct address *out)
{
	struct ifaddrmsg *m = NLMSG_DATA(h);
	size_t len = m->ifa_family == AF_INET ? 4 : 16;
	size_t left = IFA_PAYLOAD(h);
	bool is_found = false;

	for (struct rtattr *r = IFA_RTA(m); RTA_OK(r, left); r = RTA_NEXT(r, left)) {
		if ((r->rta_type != IFA_LOCAL && r->rta_type != IFA_ADDRESS) ||
		    RTA_PAYLOAD(r) != len || (is_found && r->rta_type == IFA_ADDRESS))
			continue;
		*out = (struct address){ .family = len == 4 ? 4 : 6, .port = 53 };
		memcpy(out->bytes, RTA_DATA(r), len);
		is_found = true;
	}
	return is_found && (m->ifa_family == AF_INET || m->ifa_family == AF_INET6);
}

/* False: that was the last. */
static bool take(struct guard *g, struct nlmsghdr *h, size_t len)
{
	for (; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
		if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
			return false;
		if (h->nlmsg_type == RTM_NEWADDR && g->own_count < GUARD_OWN_MAX &&
		    address_of(h, &g->own[g->own_count]))
			g->own_count++;
	}
	return true;
}

void guard_add_interfaces(struct guard *g)
{
	const struct {
		struct nlmsghdr head;
		struct ifaddrmsg body;
	} question = {
		.head = { .nlmsg_len = sizeof(question),
			  .nlmsg_type = RTM_GETADDR,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
	};
	_Alignas(struct nlmsghdr) char reply[REPLY_MAX];
	auto_fd int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0 || send(fd, &question, sizeof(question), 0) < 0)
		return;
	for (;;) {
		ssize_t n = recv(fd, reply, sizeof(reply), 0);
		if (n <= 0 || !take(g, (struct nlmsghdr *)reply, (size_t)n))
			return;
	}
}
