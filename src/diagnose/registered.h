/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the codes about registration and delegation share. Private to diagnose. */
#ifndef DIAGNOSE_REGISTERED_H
#define DIAGNOSE_REGISTERED_H

#include "diagnose/case.h"

/* The part of the domain that somebody registers: "example.co.uk". */
bool organisation_name(const struct diagnosis *d, struct dns_name *out);
/* The name that does not exist, if a name at or above what is registered does not. Below
 * that, a missing name is just a record not yet published. */
bool domain_is_absent(const struct diagnosis *d, struct dns_name *out);
/* The registry's servers were asked for the domain, and hold nothing for it. */
bool domain_is_undelegated(const struct diagnosis *d, struct dns_name *organisation);
/* They know the name, and have no name servers for it: NODATA. NULL: not so. */
const struct answer *delegation_denied(const struct diagnosis *d,
				       const struct dns_name *organisation);
/* No server of the domain gave anything of use. */
bool domain_is_dead(const struct diagnosis *d);

/* What the registry said of what is registered, if it has it. */
const struct registration *domain_registration(const struct diagnosis *d);
/* The registrar or the registry keeps it out of the DNS, or it is about to go. */
bool registration_is_held(const struct registration *r);
bool registration_is_over(const struct registration *r, int64_t now_s);
/* "the registry says: registered on ..., status ..., expires on ...". */
struct str registration_words(struct diagnosis *d, const struct registration *r);

/* Evidence that a name is not there: what the domain's servers said, or else those above,
 * who sent the walk no further. */
void finding_absence(struct diagnosis *d, struct finding *f);
/* Nothing else of the domain can be judged: all records are missing by this. */
void finding_closes(struct diagnosis *d, struct finding *f);
/* "ns1.example, ns2.example and 3 more" */
struct str shown_names(struct diagnosis *d, const struct dns_name *names, size_t count);

#endif
