/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What both forms of a report say of the whole: the zone, its signing, the command to run
 * again. Private to diagnose. */
#ifndef DIAGNOSE_ZONE_H
#define DIAGNOSE_ZONE_H

#include "diagnose/diagnose.h"

/* The apex of the zone that holds the domain; false if it is not known. */
bool report_zone(const struct report *r, struct dns_name *out);
/* "signed", "unsigned", "bogus", "unknown". */
const char *report_dnssec(const struct report *r);
/* "unpend check shop.example --expect FILE": the same whoever asks, so that a report can
 * be made again byte for byte. */
void report_command_write(struct buf *out, const struct report *r);

/* Of an observation alone: report_zone's rule. */
bool observed_zone(const struct observation *o, struct dns_name *out);

#endif
