/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scenario: statements of a text file, done in their order. README.md has the
 * grammar. */
#ifndef SCENARIO_SCRIPT_H
#define SCENARIO_SCRIPT_H

#include "base/base.h"

struct script;

/* folder: where worlds/ is. */
struct script *script_new(const char *folder);
void script_free(struct script **s);
/* Runs the text. False: something that must hold does not (ERR_CONFLICT), or the text
 * cannot be read (ERR_USAGE); e says the line. out gets a line of figures a look. */
bool script_run(struct script *s, struct str text, struct buf *out, struct err *e)
	must_check;

/* "row" lines of a text: so many scenarios it is; at least 1. */
size_t script_rows(struct str text);
/* The text with the words of that row in the places of $1 to $9, without the row lines;
 * the first of them, which names it, as well (of a text without rows: empty). */
bool script_row(struct buf *out, struct str text, size_t row, struct str *name_out)
	must_check;

#endif
