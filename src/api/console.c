/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The console's files. Paths that are none, outside /api/, /v1/ and /v2/, and have no
 * dot are the page's own: it gets them as they are.
 */
#include "api/files.h"
#include "api/handlers.h"

#define POLICY                                                                     \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' " \
	"data:; "                                                                  \
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "         \
	"base-uri 'none'; require-trusted-types-for 'script'"

const struct embedded_file *embedded_find(const struct embedded_file *files,
					  struct str path)
{
	for (; files->path; files++)
		if (str_is(path, files->path))
			return files;
	return NULL;
}

static bool is_page(struct str path)
{
	return !str_starts(path, STR("/api/")) && !str_starts(path, STR("/v1/")) &&
	       !str_starts(path, STR("/v2/")) && str_find_byte(path, '.') == path.len;
}

static void answer(struct call *c, const struct embedded_file *file)
{
	struct http_response *r = c->response;
	struct str known = http_header_find(c->request, "if-none-match");
	http_response_header(r, "Content-Type", str_from(file->type));
	http_response_header(r, "Content-Security-Policy", STR(POLICY));
	http_response_header(r, "Cache-Control",
			     file->is_hashed ? STR("public, max-age=31536000, immutable")
					     : STR("no-cache"));
	http_response_header(r, "ETag", str_from(file->etag));
	if (known.data && str_is(known, file->etag)) {
		r->status = 304;
		return;
	}
	r->status = 200;
	r->fixed_body = str_of(file->data, file->len);
}

bool console_answer(struct call *c)
{
	struct str path = c->request->path;
	if (!str_is(c->request->method, "GET") && !str_is(c->request->method, "HEAD"))
		return false;
	if (!str_starts(path, STR("/")))
		return false;
	const struct embedded_file *file =
		embedded_find(api_console_files, str_sub(path, 1, path.len));
	if (!file && is_page(path))
		file = embedded_find(api_console_files, STR("index.html"));
	if (!file)
		return false;
	answer(c, file);
	return true;
}
