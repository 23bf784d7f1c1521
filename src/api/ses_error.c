/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One table of SES's error types and their statuses, one from our kinds of failure. */
#include "api/ses_error.h"

#include "api/problem.h"

struct error_type {
	const char *type;
	unsigned status;
};

/* clang-format off */
static const struct error_type statuses[] = {
	{ "AccountSuspendedException", 400 },
	{ "AlreadyExistsException", 400 },
	{ "BadRequestException", 400 },
	{ "ConcurrentModificationException", 500 },
	{ "IncompleteSignatureException", 403 },
	{ "InternalServiceErrorException", 500 },
	{ "InvalidSignatureException", 403 },
	{ "LimitExceededException", 400 },
	{ "MailFromDomainNotVerifiedException", 400 },
	{ "MessageRejected", 400 },
	{ "MissingAuthenticationTokenException", 403 },
	{ "NotFoundException", 404 },
	{ "SerializationException", 400 },
	{ "ServiceUnavailableException", 503 },
	{ "TooManyRequestsException", 429 },
	{ "UnknownOperationException", 404 },
	{ "UnrecognizedClientException", 403 },
};

static const char *const types[] = {
	[ERR_NONE] = "InternalServiceErrorException",
	[ERR_USAGE] = "BadRequestException",
	[ERR_NOT_FOUND] = "NotFoundException",
	[ERR_EXISTS] = "AlreadyExistsException",
	[ERR_DENIED] = "BadRequestException",
	[ERR_LIMIT] = "TooManyRequestsException",
	[ERR_UNAVAILABLE] = "ServiceUnavailableException",
	[ERR_CONFLICT] = "ConcurrentModificationException",
	[ERR_INTERNAL] = "InternalServiceErrorException",
};
/* clang-format on */

void ses_refuse_status(struct call *c, unsigned status, const char *type,
		       struct str message)
{
	json_t *text = message.data ? call_json_text(message) : json_null();
	http_response_header(c->response, "x-amzn-ErrorType", str_from(type));
	call_answer_json(c, status, "application/json",
			 json_pack("{s:o}", "message", text));
}

void ses_refuse(struct call *c, const char *type, struct str message)
{
	unsigned status = 500;
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (strcmp(statuses[i].type, type) == 0)
			status = statuses[i].status;
	ses_refuse_status(c, status, type, message);
}

void ses_refuse_printf(struct call *c, const char *type, const char *fmt, ...)
{
	auto_buf struct buf text;
	va_list args;
	buf_init(&text, 64 * 1024);
	va_start(args, fmt);
	buf_vprintf(&text, fmt, args);
	va_end(args);
	ses_refuse(c, type, buf_view(&text));
}

void ses_refuse_err(struct call *c, const struct err *e)
{
	if (problem_status(e->kind) >= 500)
		log_error("a request failed", LOG_STR("request_id", c->request_id),
			  LOG_TEXT("error", e->text));
	ses_refuse(c, types[e->kind], problem_detail(e, LANG_EN));
}
