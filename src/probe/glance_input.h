/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line of `unpend bulk` in any of its forms. Private to probe. */
#ifndef PROBE_GLANCE_INPUT_H
#define PROBE_GLANCE_INPUT_H

#include "identity/identity.h"

/*
 * What the line expects: our own form, AWS's with the name of its identity beside it
 * ("EmailIdentity", "IdentityName" or "domain"), {"domain": ...} alone or a bare domain,
 * of which nothing is expected. region as for expectation_parse. Foreign bytes; into the
 * arena. *domain_out: what it calls itself, also at ERR_USAGE; may be empty.
 */
bool glance_input_read(struct arena *a, struct str line, struct str region,
		       struct expectation *out, struct str *domain_out, struct err *e)
	must_check;

#endif
