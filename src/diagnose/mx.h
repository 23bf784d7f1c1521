/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What U702 to U705 share: the MX records that stand at a MAIL FROM name. Private to
 * diagnose. */
#ifndef DIAGNOSE_MX_H
#define DIAGNOSE_MX_H

#include "diagnose/rules.h"
#include "policy/policy.h"

struct mx_view {
	struct mx_seen seen;
	bool has_null;
	struct dns_name alias_to; /* where the host's alias leads; unset: it is none */
};
/* false: it is not an MX of MAIL FROM that says something else than expected. */
bool mx_look(const struct diagnosis *d, const struct record_case *r, struct mx_view *out);

#endif
