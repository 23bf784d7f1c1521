/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MAIL FROM attributes in Amazon SES's words. */
#ifndef API_SES_MAIL_FROM_H
#define API_SES_MAIL_FROM_H

#include "api/call.h"

/* New reference. */
json_t *ses_mail_from_json(const struct identity_row *row);

#endif
