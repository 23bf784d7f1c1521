/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The events that libunbound waits for, on our loop: no thread, no process of its own. */
#ifndef RESOLVER_EVENTS_H
#define RESOLVER_EVENTS_H

#include <uv.h>

#include "resolver/deadline.h"

struct ub_event_base;
struct events;

struct events *events_new(uv_loop_t *loop, struct deadlines *deadlines);
/* Borrowed: what ub_ctx_create_ub_event wants. */
struct ub_event_base *events_base(struct events *all);
/* When the context is gone; the loop must run once more. */
void events_free(struct events **all);

#endif
