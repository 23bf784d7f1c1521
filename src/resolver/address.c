/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolver/address.h"

#include <arpa/inet.h>

socklen_t address_to_kernel(const struct address *a, struct sockaddr_storage *out)
{
	if (a->family == 4) {
		struct sockaddr_in *in = (struct sockaddr_in *)(void *)out;
		*in = (struct sockaddr_in){ .sin_family = AF_INET,
					    .sin_port = htons(a->port) };
		memcpy(&in->sin_addr, a->bytes, 4);
		return sizeof(*in);
	}
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)out;
	*in6 = (struct sockaddr_in6){ .sin6_family = AF_INET6,
				      .sin6_port = htons(a->port) };
	memcpy(&in6->sin6_addr, a->bytes, 16);
	return sizeof(*in6);
}

bool address_from_kernel(const struct sockaddr_storage *in, struct address *out)
{
	*out = (struct address){ 0 };
	if (in->ss_family == AF_INET) {
		const struct sockaddr_in *in4 =
			(const struct sockaddr_in *)(const void *)in;
		out->family = 4;
		out->port = ntohs(in4->sin_port);
		memcpy(out->bytes, &in4->sin_addr, 4);
		return true;
	}
	if (in->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 =
			(const struct sockaddr_in6 *)(const void *)in;
		out->family = 6;
		out->port = ntohs(in6->sin6_port);
		memcpy(out->bytes, &in6->sin6_addr, 16);
		return true;
	}
	return false;
}
