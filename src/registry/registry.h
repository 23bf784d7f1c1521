/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * registry: what the registry of a top-level domain says of a domain, by RDAP (RFC 9082,
 * 9083). Asked over HTTPS, blocking, with limits of size and time. Whom to ask stands in
 * IANA's list (RFC 9224), so that nobody learns the domain but its own registry, who is
 * asked for it by every resolver anyway.
 */
#ifndef REGISTRY_REGISTRY_H
#define REGISTRY_REGISTRY_H

#include "base/base.h"
#include "config/config.h"
#include "observation/observation.h"

/* Whether the configuration lets a registry be asked. */
bool registry_is_on(const struct config *config);
/* Asks; blocks for some seconds at most. Whatever goes wrong is REGISTRATION_UNKNOWN.
 * Texts into the arena. */
void registry_ask(struct arena *a, const struct config *config,
		  const struct dns_name *domain, struct registration *out);

/* An RDAP answer: a domain object, about this domain. ERR_UNAVAILABLE for anything
 * else. */
bool registry_answer_parse(struct arena *a, struct str json,
			   const struct dns_name *domain, struct registration *out,
			   struct err *e) must_check;
/* The base URL for the domain, ending in '/', of IANA's list: that of the longest suffix,
 * with https. false: none. */
bool registry_bootstrap_find(struct arena *a, struct str json,
			     const struct dns_name *domain, struct str *url_out)
	must_check;

#endif
