/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * identity: what is expected in the DNS for a masked sender, which status that gives, and
 * when to look next. Values and pure functions: no clock, no I/O.
 *
 *   expected record   what should be published          expectation  all of one domain
 *   aspect            DKIM, MAIL FROM, ownership: each has a status of its own
 *   look              what one check found per aspect: right, wrong (positively), unknown
 *   step              state x look x now x policy -> state' x events
 */
#ifndef IDENTITY_IDENTITY_H
#define IDENTITY_IDENTITY_H

#include "identity/expect.h"
#include "identity/quorum.h"
#include "identity/step.h"

#endif
