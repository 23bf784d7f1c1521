/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Amazon SES as authority: its answers read, its errors understood, over real HTTP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "authority/ses.h"
#include "http/http.h"

#define must_be_done(call)                                 \
	do {                                               \
		if (!(call))                               \
			fail_msg("%s: %s", #call, e.text); \
	} while (0)

#define TOKENS "\"Tokens\":[\"aaaa\",\"bbbb\",\"cccc\"]"
#define ZONE   "\"SigningHostedZone\":\"dkim.amazonses.com\""

static void answers_are_read_or_refused(void **state)
{
	static const struct {
		const char *name, *json, *region;
		const char *zone; /* NULL: refused */
		enum status status;
		int64_t checked_at;
	} cases[] = {
		{ "just created",
		  "{\"DkimAttributes\":{\"Status\":\"NOT_STARTED\"," TOKENS "," ZONE "}}",
		  "us-east-1", "dkim.amazonses.com", STATUS_NOT_STARTED, 0 },
		{ "verified",
		  "{\"VerificationInfo\":{\"LastCheckedTimestamp\":1711667804.115},"
		  "\"DkimAttributes\":{\"Status\":\"SUCCESS\"," TOKENS "," ZONE "}}",
		  "us-east-1", "dkim.amazonses.com", STATUS_SUCCESS, 1711667804 },
		{ "the zone of an older region",
		  "{\"DkimAttributes\":{\"Status\":\"PENDING\"," TOKENS "}}", "eu-west-1",
		  "dkim.amazonses.com", STATUS_PENDING, 0 },
		{ "the zone of a newer region",
		  "{\"DkimAttributes\":{\"Status\":\"PENDING\"," TOKENS "}}",
		  "af-south-1", "dkim.af-south-1.amazonses.com", STATUS_PENDING, 0 },
		{ "no object", "[]", "us-east-1", NULL, 0, 0 },
		{ "no JSON", "<html>", "us-east-1", NULL, 0, 0 },
		{ "empty", "", "us-east-1", NULL, 0, 0 },
		{ "two tokens",
		  "{\"DkimAttributes\":{\"Status\":\"PENDING\",\"Tokens\":[\"a\",\"b\"]"
		  "," ZONE "}}",
		  "us-east-1", NULL, 0, 0 },
		{ "a token that is a number",
		  "{\"DkimAttributes\":{\"Status\":\"PENDING\",\"Tokens\":[\"a\",\"b\",3]"
		  "," ZONE "}}",
		  "us-east-1", NULL, 0, 0 },
		{ "a token with a dot",
		  "{\"DkimAttributes\":{\"Status\":\"PENDING\",\"Tokens\":[\"a\",\"b\","
		  "\"c.evil\"]," ZONE "}}",
		  "us-east-1", NULL, 0, 0 },
		{ "a status of its own",
		  "{\"DkimAttributes\":{\"Status\":\"MAYBE\"," TOKENS "," ZONE "}}",
		  "us-east-1", NULL, 0, 0 },
		{ "a time beyond reason",
		  "{\"VerificationInfo\":{\"LastCheckedTimestamp\":1e300},"
		  "\"DkimAttributes\":{\"Status\":\"SUCCESS\"," TOKENS "," ZONE "}}",
		  "us-east-1", "dkim.amazonses.com", STATUS_SUCCESS, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		struct ses_identity identity;
		struct err e = { 0 };
		arena_init(&a, 1024 * 1024);
		bool read = ses_identity_parse(&a, str_from(cases[i].json),
					       str_from(cases[i].region), &identity, &e);
		if (read != (cases[i].zone != NULL))
			fail_msg("%s: %s", cases[i].name, e.text);
		if (read && (!str_is(identity.zone, cases[i].zone) ||
			     identity.status != cases[i].status ||
			     identity.checked_at != cases[i].checked_at ||
			     !str_is(identity.tokens[2], "cccc")))
			fail_msg("%s", cases[i].name);
	}
}

/* --- over HTTP --- */

struct bench {
	struct config *config;
	struct http_server *server;
	struct arena arena;
	char secret_path[32];
	/* What the next request is answered with, and what it was. */
	unsigned status;
	const char *error_type;
	const char *body;
	struct str seen; /* "METHOD PATH BODY" */
	struct str authorization;
};

static void answer(void *arg, const struct http_request *request,
		   struct http_response *response)
{
	struct bench *b = arg;

	b->seen = str_from(arena_printf(&b->arena, "%.*s %.*s %.*s",
					STR_ARG(request->method), STR_ARG(request->path),
					STR_ARG(request->body)));
	b->authorization =
		arena_str(&b->arena, http_header_find(request, "Authorization"));
	response->status = b->status;
	if (b->error_type)
		http_response_header(response, "x-amzn-ErrorType",
				     str_from(b->error_type));
	buf_text(&response->body, b->body);
}

static void set(struct bench *b, const char *name, const char *value)
{
	struct err e = { 0 };

	must_be_done(config_set(b->config, str_from(name), str_from(value), "test", &e));
}

static int bench_make(void **state)
{
	struct bench *b = xalloc(1, sizeof(*b));
	struct http_server_options options = {
		.listen = STR("127.0.0.1:0"),
		.listen_fd = -1,
		.threads = 1,
		.handler = answer,
		.arg = b,
	};
	struct err e = { 0 };

	arena_init(&b->arena, 1024 * 1024);
	must_be_done(http_server_start(&options, &b->server, &e));
	memcpy(b->secret_path, "/tmp/unpend-secret-XXXXXX", 26);
	int fd = mkstemp(b->secret_path);
	must_be_done(file_write_all(fd, STR("wJalrXUtnFEMI\nsecond line\n"), &e));
	close(fd);
	b->config = config_new();
	set(b, "authority.kind", "ses");
	set(b, "authority.endpoint",
	    arena_printf(&b->arena, "http://%.*s/",
			 STR_ARG(http_server_address(b->server))));
	set(b, "authority.access_key_id", "AKIDEXAMPLE");
	set(b, "authority.secret_access_key_file", b->secret_path);
	*state = b;
	return 0;
}

static int bench_remove(void **state)
{
	struct bench *b = *state;

	http_server_stop(&b->server);
	config_free(&b->config);
	assert_int_equal(unlink(b->secret_path), 0);
	arena_done(&b->arena);
	xfree(b);
	return 0;
}

#define PENDING "{\"DkimAttributes\":{\"Status\":\"PENDING\"," TOKENS "," ZONE "}}"

static void an_identity_is_granted_with_the_tokens_of_ses(void **state)
{
	struct bench *b = *state;
	struct authority_grant grant;
	struct err e = { 0 };

	b->status = 200;
	b->body = PENDING;
	must_be_done(authority_grant(&b->arena, b->config, STR("acme.com"), &grant, &e));
	assert_false(grant.keys_are_ours);
	assert_true(str_is(grant.tokens[0], "aaaa") && str_is(grant.tokens[2], "cccc"));
	assert_true(str_is(grant.key_zone, "dkim.amazonses.com"));
	assert_true(str_is(b->seen, "POST /v2/email/identities "
				    "{\"EmailIdentity\":\"acme.com\"}"));
	assert_true(str_starts(b->authorization,
			       STR("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")));
	assert_non_null(memmem(b->authorization.data, b->authorization.len,
			       "/us-east-1/ses/aws4_request", 27));
}

static void what_ses_is_told_has_its_form(void **state)
{
	struct bench *b = *state;
	struct err e = { 0 };

	b->status = 200;
	b->body = "{}";
	must_be_done(authority_resubmit(b->config, STR("acme.com"), &e));
	assert_true(str_is(b->seen, "PUT /v2/email/identities/acme.com/dkim/signing "
				    "{\"SigningAttributesOrigin\":\"AWS_SES\"}"));
	must_be_done(authority_revoke(b->config, STR("acme.com"), &e));
	assert_true(str_is(b->seen, "DELETE /v2/email/identities/acme.com "));
}

static void errors_of_ses_keep_their_meaning(void **state)
{
	static const struct {
		unsigned status;
		const char *type;
		enum err_kind kind;
	} cases[] = {
		{ 404, "NotFoundException", ERR_NOT_FOUND },
		{ 400, "BadRequestException", ERR_USAGE },
		{ 400, "AlreadyExistsException", ERR_EXISTS },
		{ 400, "LimitExceededException", ERR_LIMIT },
		{ 403, "InvalidSignatureException", ERR_DENIED },
		{ 429, "TooManyRequestsException", ERR_UNAVAILABLE },
		{ 500, NULL, ERR_UNAVAILABLE },
		{ 302, NULL, ERR_UNAVAILABLE },
		{ 200, NULL, ERR_UNAVAILABLE }, /* with a body that says nothing */
	};
	struct bench *b = *state;

	b->body = "{\"message\":\"no \x1b[31m\"}";
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ses_identity identity;
		struct err e = { 0 };
		b->status = cases[i].status;
		b->error_type = cases[i].type;
		assert_false(
			ses_get(&b->arena, b->config, STR("acme.com"), &identity, &e));
		if (e.kind != cases[i].kind || strchr(e.text, '\x1b'))
			fail_msg("%u: %s", cases[i].status, e.text);
	}
	/* Gone already is as good as deleted. */
	struct err e = { 0 };
	b->status = 404;
	b->error_type = "NotFoundException";
	must_be_done(authority_revoke(b->config, STR("acme.com"), &e));
	assert_false(authority_resubmit(b->config, STR("acme.com"), &e));
	assert_int_equal(e.kind, ERR_NOT_FOUND);
}

static void a_silent_endpoint_is_unavailable(void **state)
{
	struct bench *b = *state;
	struct ses_identity identity;
	struct err e = { 0 };

	set(b, "authority.endpoint", "http://127.0.0.1:1");
	assert_false(ses_get(&b->arena, b->config, STR("acme.com"), &identity, &e));
	assert_int_equal(e.kind, ERR_UNAVAILABLE);
	set(b, "authority.secret_access_key_file", "/nonexistent/secret");
	assert_false(ses_get(&b->arena, b->config, STR("acme.com"), &identity, &e));
	assert_int_equal(e.kind, ERR_NOT_FOUND);
}

static void our_own_tokens_are_fresh_each_time(void **state)
{
	struct bench *b = *state;
	struct authority_grant one, two;
	struct err e = { 0 };

	set(b, "authority.kind", "dns");
	must_be_done(authority_grant(&b->arena, b->config, STR("acme.com"), &one, &e));
	must_be_done(authority_grant(&b->arena, b->config, STR("acme.com"), &two, &e));
	assert_true(one.keys_are_ours);
	assert_int_equal(one.tokens[0].len, 32);
	for (size_t i = 0; i < EXPECT_DKIM_TOKENS; i++)
		for (size_t j = 0; j < EXPECT_DKIM_TOKENS; j++) {
			assert_false(str_equal(one.tokens[i], two.tokens[j]));
			assert_true(i == j || !str_equal(one.tokens[i], one.tokens[j]));
		}
}

#define at_bench(test) cmocka_unit_test_setup_teardown(test, bench_make, bench_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_read_or_refused),
		at_bench(an_identity_is_granted_with_the_tokens_of_ses),
		at_bench(what_ses_is_told_has_its_form),
		at_bench(errors_of_ses_keep_their_meaning),
		at_bench(a_silent_endpoint_is_unavailable),
		at_bench(our_own_tokens_are_fresh_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
