/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether two answers say the same. */
#ifndef RESOLVER_SAME_H
#define RESOLVER_SAME_H

#include "resolver/resolver.h"

/* Of the question's own name: the type asked for, and an alias. None is the same as none,
 * whatever the reason. */
bool same_answer(const struct question *q, const struct dns_message *a,
		 const struct dns_message *b);

#endif
