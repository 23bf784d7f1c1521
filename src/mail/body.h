/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The MIME body of a draft. Inside mail only. */
#ifndef MAIL_BODY_H
#define MAIL_BODY_H

#include "mail/mail.h"

/* Content-Type, Content-Transfer-Encoding, the empty line and the body: one text, or text
 * and HTML as alternatives. ERR_USAGE if a text is no UTF-8. */
bool body_write(struct buf *out, const struct mail_draft *d, struct err *e) must_check;

#endif
