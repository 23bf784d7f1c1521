/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors of the native API: RFC 9457 bodies, one table from kinds of failure. */
#ifndef API_PROBLEM_H
#define API_PROBLEM_H

#include "api/call.h"

/* By the kind: 400, 401 ... What is our own fault or the store's is logged and told
 * without its insides. */
void problem_answer(struct call *c, const struct err *e);
/* For what no kind of failure stands for: 404 of no such path, 405, 413. code is a
 * word. */
void problem_answer_status(struct call *c, unsigned status, const char *code,
			   struct str detail);
/* What a failure says to the outside: its text, or a sentence that hides the insides. */
struct str problem_detail(const struct err *e, enum lang lang);
/* The status for a kind. */
unsigned problem_status(enum err_kind kind);

#endif
