/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HOST:PORT, where HOST is a name, an IPv4 address or an IPv6 address in brackets. */
#ifndef PROBE_ENDPOINT_H
#define PROBE_ENDPOINT_H

#include <uv.h>

#include "base/base.h"

enum {
	ENDPOINT_HOST_MAX = 253,
};

struct endpoint {
	struct str host; /* without brackets; borrows from the text */
	uint16_t port;
};

bool endpoint_parse(struct str text, struct endpoint *out) must_check;
/* False: the host is a name, to be looked up. */
bool endpoint_address(const struct endpoint *at, struct sockaddr_storage *out) must_check;
void endpoint_set_port(struct sockaddr_storage *at, uint16_t port);

#endif
