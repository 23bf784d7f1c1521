/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time as a number: when everybody will see what the authorities have. Private to
 * diagnose. */
#ifndef DIAGNOSE_AGREE_H
#define DIAGNOSE_AGREE_H

#include "diagnose/case.h"

/* Fills the times of a report that has its findings and its verdict. */
void agree_set(struct diagnosis *d, struct report *r);

#endif
