/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Waking whoever waits for work, in this process or in another one. A wake says that it
 * is worth looking, never what there is: it may come too often, and after a lost
 * connection one comes for what may have been missed.
 */
#ifndef STORE_WAKE_H
#define STORE_WAKE_H

#include "base/base.h"

struct store;
struct store_listener;

enum store_wake {
	STORE_WAKE_LOOK = 1, /* an identity is due */
	STORE_WAKE_MESSAGE = 2,
	STORE_WAKE_DELIVERY = 4,
	STORE_WAKE_KEY = 8,
	STORE_WAKE_ALL = 15,
};

/* wakes: bits of enum store_wake. In a transaction it is heard when that is committed. On
 * SQLite every commit is heard as STORE_WAKE_ALL, and this does nothing. */
bool store_notify(struct store *s, unsigned wakes, struct err *e) must_check;

/* From a thread of its own; must not wait. */
typedef void store_woken_fn(void *arg, unsigned wakes);
/* Listens on a connection of its own until store_listen_end, which waits for the last
 * woken(). PostgreSQL tells at once, SQLite is looked at five times a second; an engine
 * that has no LISTEN wakes everything once a second. */
bool store_listen(struct str url, store_woken_fn *woken, void *arg,
		  struct store_listener **out, struct err *e) must_check;
void store_listen_end(struct store_listener **l);

#endif
