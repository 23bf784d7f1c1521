/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/endpoint.h"

#include <arpa/inet.h>

bool endpoint_parse(struct str text, struct endpoint *out)
{
	size_t colon = text.len;
	uint64_t port;

	while (colon > 0 && text.data[colon - 1] != ':')
		colon--;
	if (colon == 0 || !str_number(str_sub(text, colon, text.len), 65535, &port))
		return false;
	struct str host = str_sub(text, 0, colon - 1);
	bool has_brackets = str_starts(host, STR("[")) && str_ends(host, STR("]"));
	if (has_brackets)
		host = str_sub(host, 1, host.len - 2);
	if (host.len == 0 || host.len > ENDPOINT_HOST_MAX ||
	    (str_find_byte(host, ':') < host.len && !has_brackets))
		return false;
	*out = (struct endpoint){ host, (uint16_t)port };
	return true;
}

bool endpoint_address(const struct endpoint *at, struct sockaddr_storage *out)
{
	auto_buf struct buf host;

	buf_init(&host, ENDPOINT_HOST_MAX + 1);
	buf_str(&host, at->host);
	*out = (struct sockaddr_storage){ 0 };
	return uv_ip4_addr(buf_cstr(&host), at->port, (void *)out) == 0 ||
	       uv_ip6_addr(buf_cstr(&host), at->port, (void *)out) == 0;
}

void endpoint_set_port(struct sockaddr_storage *at, uint16_t port)
{
	if (at->ss_family == AF_INET6)
		((struct sockaddr_in6 *)(void *)at)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)(void *)at)->sin_port = htons(port);
}
