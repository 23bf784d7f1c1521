/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is calling, and may he: finds c->tenant and c->token, or c->share; or answers the
 * refusal and returns false. */
#ifndef API_AUTH_H
#define API_AUTH_H

#include "api/call.h"

/* Anybody, but not too often. */
bool auth_anybody(struct call *c) must_check;
/* A token that has the route's scope. */
bool auth_bearer(struct call *c) must_check;
/* Whoever has the link whose token the path holds. */
bool auth_share(struct call *c) must_check;
bool auth_sigv4(struct call *c) must_check;

#endif
