/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the codes about servers share. Private to diagnose. */
#ifndef DIAGNOSE_SERVERS_H
#define DIAGNOSE_SERVERS_H

#include "diagnose/case.h"

/* The zone that holds the domain, or the domain itself where that is not known. */
struct str zone_text(struct diagnosis *d);
size_t servers_count(const struct diagnosis *d, enum standing standing);
void records_set_unknown(struct diagnosis *d);
/* One evidence per record would repeat itself: the first answer stands for all. */
void finding_sample(struct diagnosis *d, struct finding *f, enum standing standing);
/* Not even a root server was of use: that is this machine's network, not the domain. */
bool is_stopped_at_root(const struct diagnosis *d);
void report_stopped_at_root(struct diagnosis *d, const char *code,
			    enum standing standing);

#endif
