/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Verifies signatures for test_sigv4.py: a JSON object a line on standard input (method,
 * path, query, headers as [[name, value]], body, secret, region, now_s), a line out for
 * each: "ok", or the type and the message of the refusal.
 */
#include <jansson.h>
#include <stdio.h>

#include "api/sigv4.h"

enum {
	LINE_MAX_BYTES = 1024 * 1024,
};

static struct str text_of(const json_t *object, const char *member)
{
	const json_t *json = json_object_get(object, member);
	return str_of(json_string_value(json), json_string_length(json));
}

static void headers_read(struct http_request *r, const json_t *list)
{
	size_t count = json_array_size(list);
	r->headers = arena_array(r->arena, count + 1, sizeof(*r->headers));
	for (size_t i = 0; i < count; i++) {
		const json_t *pair = json_array_get(list, i);
		const json_t *name = json_array_get(pair, 0);
		const json_t *value = json_array_get(pair, 1);
		r->headers[i].name =
			str_of(json_string_value(name), json_string_length(name));
		r->headers[i].value =
			str_of(json_string_value(value), json_string_length(value));
	}
	r->header_count = count;
}

static void verify(struct arena *a, const json_t *line)
{
	struct sigv4 s;
	struct sigv4_refusal refusal;
	struct http_request r = { .method = text_of(line, "method"),
				  .path = text_of(line, "path"),
				  .query = text_of(line, "query"),
				  .body = text_of(line, "body"),
				  .arena = a };
	struct sigv4_check check = {
		.secret = text_of(line, "secret"),
		.region = text_of(line, "region"),
		.now_s = json_integer_value(json_object_get(line, "now_s")),
		.skew_s = 300,
	};
	headers_read(&r, json_object_get(line, "headers"));
	if (sigv4_read(&r, &s, &refusal) && sigv4_verify(&r, &s, &check, &refusal))
		puts("ok");
	else
		printf("%s: %.*s\n", refusal.type, STR_ARG(refusal.message));
}

int main(void)
{
	static char text[LINE_MAX_BYTES];
	while (fgets(text, sizeof(text), stdin)) {
		struct arena a;
		json_t *line = json_loads(text, JSON_ALLOW_NUL, NULL);
		if (!line)
			return 1;
		arena_init(&a, 16 * 1024 * 1024);
		verify(&a, line);
		fflush(stdout);
		arena_done(&a);
		json_decref(line);
	}
	return 0;
}
