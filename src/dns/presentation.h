/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Escapes of the presentation form (RFC 1035 section 5.1), for names and strings
 * alike. */
#ifndef DNS_PRESENTATION_H
#define DNS_PRESENTATION_H

#include "base/base.h"

/* What follows a backslash: \DDD is the octet of that decimal number, \X the
 * character X. */
bool dns_escape_read(struct cursor *c, uint8_t *octet_out, struct err *e) must_check;
/* The octet; with a backslash if it is in `special`, as \DDD if not printable ASCII. */
void dns_octet_write(struct buf *out, uint8_t octet, const char *special);

#endif
