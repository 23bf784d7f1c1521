/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of the routes of a resolver what its other files need; the rest is at the door. */
#ifndef RESOLVER_ROUTE_H
#define RESOLVER_ROUTE_H

#include "resolver/state.h"

struct routes;
struct routes *routes_new(struct resolver *r);
/* Cancels all. */
void routes_free(struct routes **all);

#endif
