/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend check --watch: looks again and again. Private to cmd. */
#ifndef CMD_WATCH_H
#define CMD_WATCH_H

#include "cmd/report.h"
#include "config/config.h"

struct watch_options {
	const struct config *config;
	const struct expectation *x;
	enum lang lang;
	bool ndjson;        /* events as JSON, one a line */
	bool with_registry; /* ask the registry where that helps, once */
	int64_t until_s;    /* ends then, verified or not; 0: never */
	int64_t since_s;    /* all was right at that time; 0: not known */
};
/* Looks until everything is verified, the time is over, or a signal comes (then what is
 * known is printed). The exit code is that of the last look, or 130, 143 after a signal.
 */
int watch_run(const struct watch_options *options);

/* "30m", "90s", "2h", "1d" from now on, or a time (RFC 3339). */
bool watch_until_parse(struct str text, int64_t now_s, int64_t *out) must_check;
/* When to look again: where caches are waited for, when the next of them forgets; where
 * something is to be fixed, soon at first and then less often. looks: how many have seen
 * the same as the last. Always from 5 s to 5 min from now. */
int64_t watch_next(const struct report *r, int64_t now_s, unsigned looks);

#endif
