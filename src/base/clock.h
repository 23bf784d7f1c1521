/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only place that asks the time. Everything else is handed `now`. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* Unix time in milliseconds. */
int64_t clock_now_ms(void);
/* Unix time in seconds. */
int64_t clock_now_s(void);
/* Microseconds since some moment; never goes back. For durations and deadlines. */
int64_t clock_mono_us(void);

/* Reads the zone of this machine, as the first moment that is written would. */
void clock_make_ready(void);

/* "2026-11-21T05:12:09Z" (RFC 3339 section 5.6) of a Unix time in seconds. */
void clock_write_rfc3339(struct buf *b, int64_t at_s);
/* "14:05:12 JST" in the zone of this machine (TZ), or in UTC; with the date in front
 * where it is not that of `now_s` there. For people. */
void clock_write_local(struct buf *b, int64_t at_s, int64_t now_s, bool utc);
/* "20261121T051209Z" (ISO 8601 basic, as SigV4 has it). */
void clock_write_basic(struct buf *b, int64_t at_s);
/* Reads either of the two forms, UTC only. */
bool clock_parse(struct str text, int64_t *at_s_out) must_check;

#endif
