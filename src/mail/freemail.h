/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of data/freemail, in bytewise order of domain. Private to mail. */
#ifndef MAIL_FREEMAIL_H
#define MAIL_FREEMAIL_H

#include <stddef.h>

struct freemail {
	const char *domain;
	const char *operator_name;
};

extern const struct freemail freemail_rows[];
extern const size_t freemail_row_count;
extern const char freemail_version[];

#endif
