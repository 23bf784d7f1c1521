/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Servers that the zone above does not send anybody to. Private to diagnose. */
#ifndef DIAGNOSE_ELSEWHERE_H
#define DIAGNOSE_ELSEWHERE_H

#include "diagnose/case.h"

/* Named by the zone itself, and not by the zone above. */
bool server_is_stranger(const struct diagnosis *d, size_t server);
/* Named by neither: it had the domain before. Its word is not tallied. */
bool view_is_elsewhere(const struct view *v);
/* An answer from such servers, of either kind, that has r as expected; NULL: none. Not
 * where a server that the zone above names has it too. */
const struct answer *found_elsewhere(struct diagnosis *d, const struct record_case *r);

#endif
