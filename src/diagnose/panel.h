/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The panel that the records are typed into: whose it is, and its own rules as notes to
 * what is to be typed. Private to diagnose. */
#ifndef DIAGNOSE_PANEL_H
#define DIAGNOSE_PANEL_H

#include "diagnose/case.h"

/* By the name servers of the domain's zone. */
void panel_find(struct diagnosis *d);
/* Adds to each finding what matters of the panel for what is to be typed, each thing once
 * in a report. */
void panel_add_notes(struct diagnosis *d, struct report *r);

#endif
