/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adding events, for the files that change identities. */
#ifndef STORE_EVENT_H
#define STORE_EVENT_H

#include "store/sqlite.h"
#include "store/store.h"

/* Of row's identity and tenant. */
bool store_event_add(struct store *s, const struct identity_row *row,
		     const struct identity_event *event, struct err *e) must_check;

#endif
