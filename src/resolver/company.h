/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Volleys in company: those to the same name servers that begin in one turn of the loop
 * go out from one socket, as far as it bears, so that many domains of one hoster cost few
 * system calls.
 *
 * Who may send to a port that he has seen in use could guess at the answers of others
 * there. So the servers of all of them are the same: a server learns the port of
 * questions only that it is asked itself.
 */
#ifndef RESOLVER_COMPANY_H
#define RESOLVER_COMPANY_H

#include "resolver/udp.h"

enum {
	COMPANY_QUESTIONS_MAX = 24, /* from one socket in one turn */
};

struct companies;
struct companies *companies_new(struct udp *u);
void companies_free(struct companies **all);

/* A socket for so many questions to these, of the first one's family; valid in this turn
 * of the loop. second NULL: only one server is asked. NULL: there is none. */
struct udp_socket *company_socket(struct companies *all, const struct address *first,
				  const struct address *second, size_t questions);

#endif
