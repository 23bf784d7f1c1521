/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys that nobody uses, and that take so long to verify with that all other checks would
 * be held up. */
#ifndef RESOLVER_COSTLY_H
#define RESOLVER_COSTLY_H

#include "dns/dns.h"

/* Among the answers is such a DNSKEY. */
bool costly_has_key(const struct dns_message *m);

#endif
