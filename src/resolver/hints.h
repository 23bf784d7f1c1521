/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The root's servers from a root hints file, as IANA publishes it (master file form). */
#ifndef RESOLVER_HINTS_H
#define RESOLVER_HINTS_H

#include "resolver/cut.h"

/* The cut of the root, in the arena. ERR_USAGE with the line that is wrong, or if no
 * root server with an address is named. */
bool hints_parse(struct arena *a, struct str text, struct cut **out, struct err *e)
	must_check;

#endif
