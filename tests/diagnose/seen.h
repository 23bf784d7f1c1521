/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Expectations and observations from a few words, for tests.
 *
 * Expected, one line a record:   PURPOSE TYPE NAME VALUE     ("?" before PURPOSE: not
 * required); or what a service knows: "held", "registered UNIXTIME"
 *
 * Seen, one thing a line, in this order where it matters:
 *   domain NAME                  else shop.example.com
 *   zone NAME                    the walk reached this zone; else example.com
 *   walk nxdomain|silent|servfail|limit|skipped NAME
 *   server NAME ADDRESS          an authoritative server of the zone
 *   forward ADDRESS              resolver ADDRESS
 *   stranger NAME ADDRESS        a server that only the zone itself names
 *   former NAME ADDRESS          a server that nobody names any more
 *   cut NAME... / NAME...        servers that the zone above names, and the zone itself
 *   registry found|none|unknown [STATUS; STATUS ...]; registry registered|expires
 *                                UNIXTIME (for example.com)
 *   signed                       the zone above has a DS record for the zone
 *   bogus TYPE NAME [WORDS]      the validator refuses it, and says why
 *   unchecked|insecure|secure TYPE NAME   could not be told; proved unsigned; it holds
 *   serial WHO NUMBER            the SOA at the zone's apex, as WHO has it
 *   WHO TYPE NAME SAID           an answer; WHO is the first label of a server's name, an
 *                                address, or "all" (servers and forwarder)
 * SAID is one of: nx, nodata (with TTL for a cache: "nx 300"), servfail, refused, noaa,
 * referral, timeout, unreachable, limit, notcp, "= VALUE" (several: "= A ;; B"),
 * "alias TARGET [= VALUE]".
 */
#ifndef TESTS_DIAGNOSE_SEEN_H
#define TESTS_DIAGNOSE_SEEN_H

#include "diagnose/diagnose.h"

struct seen {
	struct expectation x;
	struct observation o;
};

/* Fails the test where the words are wrong. */
struct seen seen_make(struct arena *a, const char *expected, const char *seen);
/* Moment of all observations: 2026-01-02T03:04:05Z. */
enum {
	SEEN_AT = 1767323045
};
/* "U201:error U906:note", in order. */
const char *findings_text(struct arena *a, const struct report *r);
/* "dkim-1=ok dkim-2=missing". */
const char *states_text(struct arena *a, const struct report *r);

/* A row of a table: what was seen, and what is to be said about it. */
struct case_row {
	const char *name;
	const char *expected;
	const char *seen;
	enum verdict verdict;
	const char *findings;
	const char *states; /* NULL: not of interest */
};
/* Fails the test with the name of the first row that is judged otherwise. */
void check_rows(const struct case_row *rows, size_t count);

#endif
