/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of statuses, and the body around it (RFC 9457 section 3). */
#include "api/problem.h"

struct problem {
	unsigned status;
	const char *code;
	bool is_ours; /* the text is for our log only */
};

/* clang-format off */
static const struct problem problems[] = {
	[ERR_NONE] = { 500, "internal", true },
	[ERR_USAGE] = { 400, "bad_request", false },
	[ERR_NOT_FOUND] = { 404, "not_found", false },
	[ERR_EXISTS] = { 409, "exists", false },
	[ERR_DENIED] = { 403, "forbidden", false },
	[ERR_LIMIT] = { 429, "too_many", false },
	[ERR_UNAVAILABLE] = { 503, "unavailable", true },
	[ERR_CONFLICT] = { 409, "conflict", false },
	[ERR_INTERNAL] = { 500, "internal", true },
};

/* RFC 9457 section 4.2.1: with "about:blank" the title is the status's own phrase. */
struct title {
	unsigned status;
	const char *phrase;
};

static const struct title titles[] = {
	{ 400, LANG_MARK("Bad Request") },
	{ 401, LANG_MARK("Unauthorized") },
	{ 403, LANG_MARK("Forbidden") },
	{ 404, LANG_MARK("Not Found") },
	{ 405, LANG_MARK("Method Not Allowed") },
	{ 409, LANG_MARK("Conflict") },
	{ 412, LANG_MARK("Precondition Failed") },
	{ 413, LANG_MARK("Content Too Large") },
	{ 422, LANG_MARK("Unprocessable Content") },
	{ 429, LANG_MARK("Too Many Requests") },
	{ 431, LANG_MARK("Request Header Fields Too Large") },
	{ 500, LANG_MARK("Internal Server Error") },
	{ 503, LANG_MARK("Service Unavailable") },
};
/* clang-format on */

static const char *title_of(unsigned status)
{
	for (size_t i = 0; i < ARRAY_LEN(titles); i++)
		if (titles[i].status == status)
			return titles[i].phrase;
	return LANG_MARK("Error");
}

unsigned problem_status(enum err_kind kind)
{
	return problems[kind].status;
}

struct str problem_detail(const struct err *e, enum lang lang)
{
	/* A text with values in it is not in the catalogue: it stays English. */
	if (!problems[e->kind].is_ours)
		return str_from(lang_text(lang, e->text));
	if (e->kind == ERR_UNAVAILABLE)
		return str_from(lang_text(lang,
					  "something this server needs does not work "
					  "just now; try again later"));
	return str_from(lang_text(lang, "this server failed; its log says why, under the "
					"request id"));
}

void problem_answer_status(struct call *c, unsigned status, const char *code,
			   struct str detail)
{
	json_t *body = json_pack("{s:s, s:s, s:i, s:o, s:s, s:o}", "type", "about:blank",
				 "title", lang_text(c->lang, title_of(status)), "status",
				 (int)status, "detail", call_json_text(detail), "code",
				 code, "request_id", call_json_text(c->request_id));
	call_answer_json(c, status, "application/problem+json", body);
}

void problem_answer(struct call *c, const struct err *e)
{
	const struct problem *p = &problems[e->kind];
	if (p->is_ours)
		log_error("a request failed", LOG_STR("request_id", c->request_id),
			  LOG_TEXT("error", e->text));
	if (p->status == 429 || p->status == 503)
		http_response_header(c->response, "Retry-After", STR("5"));
	const char *code = e->code && !p->is_ours ? e->code : p->code;
	problem_answer_status(c, p->status, code, problem_detail(e, c->lang));
}
