/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is calling: finds c->tenant, or answers the refusal and returns false. */
#ifndef API_AUTH_H
#define API_AUTH_H

#include "api/call.h"

bool auth_bearer(struct call *c) must_check;
bool auth_sigv4(struct call *c) must_check;

#endif
