/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A request whose lines are method, target, Authorization, X-Amz-Date, another header's
 * value and the body: whatever it holds, it does not pass without the secret.
 */
#include <assert.h>

#include "api/sigv4.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str line_take(struct str *rest)
{
	struct str line = STR_EMPTY;
	(void)str_split(rest, '\n', &line);
	return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_of(data, size);
	struct sigv4 s;
	struct sigv4_refusal refusal;
	struct arena a;
	struct http_header headers[4] = { { .name = STR("Host"), .value = STR("h:8025") },
					  { .name = STR("Authorization") },
					  { .name = STR("X-Amz-Date") },
					  { .name = STR("X-Other") } };
	struct http_request r = { .headers = headers, .header_count = 4, .arena = &a };
	struct sigv4_check check = { STR("secret"), STR("us-east-1"), 1767323045, 300 };
	arena_init(&a, 64 * 1024 * 1024);
	r.method = line_take(&rest);
	struct str target = line_take(&rest);
	r.path = str_sub(target, 0, str_find_byte(target, '?'));
	r.query = str_sub(target, r.path.len + 1, target.len);
	for (size_t i = 1; i < ARRAY_LEN(headers); i++)
		headers[i].value = line_take(&rest);
	r.body = rest;
	if (sigv4_read(&r, &s, &refusal)) {
		assert(!sigv4_verify(&r, &s, &check, &refusal));
		assert(strcmp(refusal.type, "InvalidSignatureException") == 0);
	}
	assert(refusal.type && refusal.message.len > 0);
	arena_done(&a);
	return 0;
}
