/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Showing a report: what check and judge share. Private to cmd. */
#ifndef CMD_REPORT_H
#define CMD_REPORT_H

#include "diagnose/diagnose.h"

struct json_t;

/* Prints a report; the exit code says only whether it was written. */
int report_show(const struct report *r, bool as_json);
/* Prints a report that was judged already; the exit code is the verdict's. */
int report_print(const struct report *r, bool as_json);
/* Standard output is a terminal. */
bool report_is_terminal(void);
/* Width of standard output. */
unsigned report_columns(void);
/* Indented, in ASCII, with a final line end. Takes the reference. */
void json_write(struct buf *out, struct json_t *json);

/* A line on standard error while one waits, if that is a terminal; "" takes it away. */
void status_show(const char *text);

#endif
