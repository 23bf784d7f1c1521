/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libunbound behind the resolver: its verdict, nothing of its answers. */
#ifndef RESOLVER_VALIDATE_H
#define RESOLVER_VALIDATE_H

#include "resolver/state.h"

/* anchors: a file of DS or DNSKEY records of the root, one a line. ERR_USAGE if it
 * holds none. */
bool validator_new(struct resolver *r, struct str anchors, struct validator **out,
		   struct err *e) must_check;
/* Cancels what is under way. */
void validator_free(struct validator **v);

#endif
