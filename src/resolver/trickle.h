/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often something may happen to each of any number of things, in memory that does
 * not grow and so cannot be washed out: who was asked too much stays known, however
 * many others are named. Two things may share their count by chance; nobody can choose
 * which.
 */
#ifndef RESOLVER_TRICKLE_H
#define RESOLVER_TRICKLE_H

#include "base/base.h"
#include "resolver/entropy.h"

struct trickle;
struct trickle *trickle_new(unsigned per_s, unsigned at_once, struct entropy *entropy);
void trickle_free(struct trickle **t);

/* The moment from which it may happen to this thing (clock_mono_us); not in the future:
 * now. */
int64_t trickle_ready_us(const struct trickle *t, struct str thing, int64_t now_us);
/* It happens. */
void trickle_take(struct trickle *t, struct str thing, int64_t now_us);

#endif
