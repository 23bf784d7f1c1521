/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How each change of a state begins, and how a status changes. Private to identity. */
#ifndef IDENTITY_CHANGE_H
#define IDENTITY_CHANGE_H

#include "identity/schedule.h"

/* The state as it was, mended for time that nobody saw; no events. */
struct step_result change_begin(const struct identity_state *s, int64_t now_s);
/* The only place where a status changes: times and the event follow from it. */
void change_status(struct step_result *r, enum aspect aspect, enum status to,
		   int64_t now_s);
/* An event of that kind, to the status that the aspect has now. */
void change_note(struct step_result *r, enum identity_event_kind kind, enum aspect aspect,
		 enum status from, int64_t now_s);

#endif
