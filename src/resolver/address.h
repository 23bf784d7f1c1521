/* SPDX-License-Identifier: GPL-3.0-or-later */
/* struct address to and from the kernel's form. */
#ifndef RESOLVER_ADDRESS_H
#define RESOLVER_ADDRESS_H

#include <sys/socket.h>

#include "observation/observation.h"

/* Returns the length used. */
socklen_t address_to_kernel(const struct address *a, struct sockaddr_storage *out);
bool address_from_kernel(const struct sockaddr_storage *in, struct address *out)
	must_check;

#endif
