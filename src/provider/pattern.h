/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The patterns of name servers' names (server_pattern in rows.h). Private to provider. */
#ifndef PROVIDER_PATTERN_H
#define PROVIDER_PATTERN_H

#include "provider/rows.h"

bool pattern_matches(struct str pattern, const struct dns_name *name);
/* How much it says: of two that match, the one that says more is right. */
size_t pattern_weight(struct str pattern);

#endif
