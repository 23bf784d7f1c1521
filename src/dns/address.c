/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IP addresses with a port, and their text. */
#include <arpa/inet.h>

#include "dns/address.h"

enum {
	DNS_PORT = 53
};

bool address_parse(struct str text, uint16_t default_port, struct address *out)
{
	struct str host = str_sub(text, 0, str_find_byte(text, '@'));
	char host_text[INET6_ADDRSTRLEN] = "";
	struct address a = { .port = default_port };
	uint64_t port;

	if (host.len == 0 || host.len >= sizeof(host_text) ||
	    memchr(host.data, 0, host.len))
		return false;
	if (host.len < text.len) {
		if (!str_number(str_sub(text, host.len + 1, text.len), UINT16_MAX,
				&port) ||
		    port == 0)
			return false;
		a.port = (uint16_t)port;
	}
	if (host.len > 0)
		memcpy(host_text, host.data, host.len);
	a.family = str_find_byte(host, ':') < host.len ? 6 : 4;
	if (inet_pton(a.family == 6 ? AF_INET6 : AF_INET, host_text, a.bytes) != 1)
		return false;
	*out = a;
	return true;
}

void address_write(struct buf *out, const struct address *a)
{
	char text[INET6_ADDRSTRLEN];

	if (a->family == 0 ||
	    !inet_ntop(a->family == 6 ? AF_INET6 : AF_INET, a->bytes, text, sizeof(text)))
		return;
	buf_text(out, text);
	if (a->port != DNS_PORT)
		buf_printf(out, "@%u", a->port);
}
