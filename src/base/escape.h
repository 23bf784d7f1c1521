/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one escaping module: every byte that came from outside passes here before a person
 * or another program sees it as text. Valid UTF-8 letters pass; control characters,
 * invalid UTF-8, bidirectional controls, zero-width characters and line separators never
 * do.
 */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stddef.h>

#include "base/buf.h"

/* For terminals and logs: \xNN for a byte, \u{NNNN} for a refused character, \\ for a
 * backslash. At most max characters, then "… (N more)". max 0: no limit. */
void escape_visible(struct buf *out, struct str foreign, size_t max);
/* As escape_visible without a limit, but a backslash passes as it is: for text whose
 * foreign parts were escaped before. Doing it twice changes nothing. */
void escape_controls(struct buf *out, struct str text);
/* A JSON string literal with its quotes; any bytes in, valid JSON in ASCII out. Invalid
 * UTF-8 becomes \ufffd. */
void escape_json(struct buf *out, struct str foreign);
/* Makes valid UTF-8 of any bytes, for JSON libraries: invalid bytes become U+FFFD. */
void escape_utf8(struct buf *out, struct str foreign);
/* One CSV field with its quotes (RFC 4180 section 2). What may not be shown as in
 * escape_visible, backslashes pass; a field that a spreadsheet would take for a formula
 * (= + - @ in front) gets an apostrophe before it. */
void escape_csv(struct buf *out, struct str foreign);

#endif
