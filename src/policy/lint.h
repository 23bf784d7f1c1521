/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the linters of the kinds of records share. Private to policy. */
#ifndef POLICY_LINT_H
#define POLICY_LINT_H

#include "policy/policy.h"

/* `part` is a part of l->text; one that is empty says that something is missing there.
 * `what` is in the language already; `instead` may be NULL. */
void lint_add(struct lint *l, enum lint_level level, struct str part, const char *what,
	      const char *instead);
/* A foreign part, safe to show, into the arena; cut after a line. */
const char *lint_shown(struct lint *l, struct str part);
/* The place behind the text. */
struct str lint_end(const struct lint *l);

void lint_dkim(struct lint *l);
void lint_dmarc(struct lint *l);
void lint_mx(struct lint *l);
void lint_spf(struct lint *l);

#endif
