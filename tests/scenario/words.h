/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words of a scenario's line. */
#ifndef SCENARIO_WORDS_H
#define SCENARIO_WORDS_H

#include "base/base.h"

/* Cuts the first word off; blanks around are passed over. Empty at the end. */
struct str words_next(struct str *rest);
/* The text is these words, or begins with them and a blank. */
bool words_starts(struct str text, const char *words);
/* "20ms", "3s", "2h", "500us", "1d" */
bool words_duration(struct str text, int64_t *us_out) must_check;
/* Hexadecimal octets, blanks where one likes; "N*(HEX)" N times the same; text in quotes
 * as it is. */
bool words_hex(struct str text, struct buf *out) must_check;

bool words_is_indented(struct str line);
/* Empty, or a comment. */
bool words_is_nothing(struct str line);
/* The next line that says something; false at the end. */
bool words_line(struct str *rest, struct str *out);
/* "N x TEXT" is to be done so many times: the text. */
struct str words_times(struct str text, uint64_t *times_out);
/* The text with i in the place of each {i}. */
void words_number(struct buf *out, struct str text, uint64_t i);

#endif
