/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The zone that holds a name, and who runs its name servers, asked from the DNS. Private
 * to cmd. */
#ifndef CMD_APEX_H
#define CMD_APEX_H

#include "config/config.h"
#include "observation/observation.h"
#include "provider/provider.h"

enum {
	APEX_SERVERS_MAX = 32
};

struct apex {
	enum walk_outcome outcome; /* DONE, or why the zone was not found */
	struct dns_name zone;      /* unset unless DONE */
	struct dns_name servers[APEX_SERVERS_MAX];
	size_t server_count;
	bool has_soa;
	struct dns_soa soa;
	struct provider_match provider;
};

/* ERR as lookup_new; that the DNS does not say is no error. Blocks. */
bool apex_find(struct arena *a, const struct config *config, const struct dns_name *name,
	       struct apex *out, struct err *e) must_check;

#endif
