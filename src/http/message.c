/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests and responses as values: finding headers and query parameters. */
#include <assert.h>

#include "http/http.h"

struct str http_header_find(const struct http_request *r, const char *name)
{
	struct str wanted = str_from(name);
	for (size_t i = 0; i < r->header_count; i++)
		if (str_equal_nocase(r->headers[i].name, wanted))
			return r->headers[i].value;
	return (struct str){ NULL, 0 };
}

/* One side of "name=value": '+' is a blank in queries, and %XX a byte. */
static bool decode(struct arena *a, struct str raw, struct str *out)
{
	char *plain = arena_text(a, raw);
	for (size_t i = 0; i < raw.len; i++)
		if (plain[i] == '+')
			plain[i] = ' ';
	auto_buf struct buf b;
	buf_init(&b, raw.len + 1);
	if (!percent_parse(&b, str_of(plain, raw.len)))
		return false;
	*out = arena_str(a, buf_view(&b));
	return true;
}

bool http_query_find(const struct http_request *r, const char *name, struct str *out)
{
	struct str rest = r->query;
	struct str part;
	while (str_split(&rest, '&', &part)) {
		size_t equals = str_find_byte(part, '=');
		struct str key;
		if (!decode(r->arena, str_sub(part, 0, equals), &key) ||
		    !str_is(key, name))
			continue;
		return decode(r->arena, str_sub(part, equals + 1, part.len), out);
	}
	return false;
}

void http_response_header(struct http_response *r, const char *name, struct str value)
{
	assert(r->header_count < ARRAY_LEN(r->headers));
	r->headers[r->header_count++] = (struct http_header){ str_from(name), value };
}
