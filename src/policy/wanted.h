/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions that an evaluation has no answer to yet. Private to policy. */
#ifndef POLICY_WANTED_H
#define POLICY_WANTED_H

#include "policy/policy.h"

/* Each once; those beyond the ceiling are asked in the next round. */
void wanted_add(struct policy_wanted *w, const struct dns_name *name, uint16_t type);

#endif
