/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors of the SES v2 interface: x-amzn-ErrorType and {"message": ...}. */
#ifndef API_SES_ERROR_H
#define API_SES_ERROR_H

#include "api/call.h"

/* The status belongs to the type; message.data NULL is null, as SES has it at times. */
void ses_refuse(struct call *c, const char *type, struct str message);
void ses_refuse_printf(struct call *c, const char *type, const char *fmt, ...)
	printf_like(3, 4);
/* BadRequestException, NotFoundException ... by the kind of failure. */
void ses_refuse_err(struct call *c, const struct err *e);
/* The status for a type that is not in the table (405, 413) is given. */
void ses_refuse_status(struct call *c, unsigned status, const char *type,
		       struct str message);

#endif
