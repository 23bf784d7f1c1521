/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the handlers of the native API share: reading what was asked, answering. A reader
 * that returns false has refused the call already.
 */
#ifndef API_NATIVE_H
#define API_NATIVE_H

#include "api/handlers.h"
#include "api/page.h"

void native_answer(struct call *c, unsigned status, json_t *json);
/* text: LANG_MARK. */
void native_refuse(struct call *c, enum err_kind kind, const char *text);
/* 201 with the thing, and where it is from now on. */
void native_answer_created(struct call *c, const char *location, json_t *json);

/* Scopes as a list of their words. New reference. */
json_t *native_scopes_json(int64_t scopes);
/* Makes a token for the tenant as the body says, with no scopes but those in `all`, and
 * answers with it. */
void native_token_make(struct call *c, int64_t tenant_id, int64_t all);

/* "idn_12" and back; false if it is no such text. prefix: "idn_". */
struct str native_id_text(struct arena *a, const char *prefix, int64_t id);
bool native_id_parse(struct str text, const char *prefix, int64_t *id_out) must_check;

/* The tenant's identity that the path names first; others' are not there. */
bool native_identity_find(struct call *c, struct identity_row *out) must_check;

/* The query parameter `limit` in [1, max]; the usual value where it is absent. */
bool native_limit_read(struct call *c, size_t usual, size_t max, size_t *out) must_check;
/* The query parameter `cursor`: behind what; empty: from the start. */
bool native_cursor_read(struct call *c, const struct page_seal *seal,
			struct str *after_out) must_check;
/* The cursor behind `after`, or null where after.data is NULL. New reference. */
json_t *native_cursor_json(const struct page_seal *seal, struct str after);

/* The body as an object that has no members but those in `known` (blank-separated).
 * New reference. */
bool native_body_read(struct call *c, const char *known, json_t **out) must_check;
/* A member of it; what is absent leaves *out as it is. `what` names the member. */
bool native_text_read(struct call *c, const json_t *body, const char *what,
		      struct str *out) must_check;
bool native_flag_read(struct call *c, const json_t *body, const char *what, bool *out)
	must_check;
/* Seconds from 1 to max. */
bool native_seconds_read(struct call *c, const json_t *body, const char *what,
			 int64_t max, int64_t *out) must_check;

/* RFC 9110 section 13.1: `etag` (quoted) goes into the answer. If-None-Match names it:
 * answered with 304. If-Match does not: refused with 412. */
bool native_etag_is_news(struct call *c, struct str etag) must_check;
bool native_etag_fits(struct call *c, struct str etag) must_check;

#endif
