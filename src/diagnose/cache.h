/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the public resolvers remember. Private to diagnose. */
#ifndef DIAGNOSE_CACHE_H
#define DIAGNOSE_CACHE_H

#include "diagnose/case.h"

/* A finding for the resolvers that say one of `bits` to a record that is right at the
 * authorities. */
void judge_resolvers(struct diagnosis *d, unsigned bits, const char *code,
		     const char *title);

#endif
