/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fixed vectors: canonical requests and signatures that botocore made at a fixed time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/sigv4.h"

#define NOW_S      1767323045 /* 2026-01-02T03:04:05Z */
#define SECRET     "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define CREDENTIAL "Credential=AKIDEXAMPLE/20260102/us-east-1/ses/aws4_request, "
#define NO_BODY    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct vector {
	const char *name;
	const char *method;
	const char *path;
	const char *query;
	const char *content_type; /* or NULL */
	const char *body;
	const char *signature;
	const char *canonical;
};
static const struct vector vectors[] = {
	{ "an address in the path is encoded twice", "GET",
	  "/v2/email/identities/User%2Ba%40Example.com", "", NULL, "",
	  "47253a74c4423b74227ca634ccfaed9b4d3514dadc21c800da6fcaa186995910",
	  "GET\n/v2/email/identities/User%252Ba%2540Example.com\n\n"
	  "host:email.us-east-1.amazonaws.com\nx-amz-date:20260102T030405Z\n\n"
	  "host;x-amz-date\n" NO_BODY },
	{ "a body", "POST", "/v2/email/identities", "", "application/json",
	  "{\"EmailIdentity\": \"example.com\"}",
	  "008e5833776abdc58ac764092f95c62d8f0be707ae33abefc2364a1239ef9edb",
	  "POST\n/v2/email/identities\n\ncontent-type:application/json\n"
	  "host:email.us-east-1.amazonaws.com\nx-amz-date:20260102T030405Z\n\n"
	  "content-type;host;x-amz-date\n"
	  "57d3d6b0efcc646fb3ac8d8c5b12cf791258034d5dc4704d92a40e6f31aee0a6" },
	{ "a form at the root", "POST", "/", "",
	  "application/x-www-form-urlencoded; charset=utf-8",
	  "Action=VerifyDomainDkim&Version=2010-12-01&Domain=example.com",
	  "21e7311c522c1bf8a342f416b3381e38b61a786556dddddab283c9c8071bba17",
	  "POST\n/\n\ncontent-type:application/x-www-form-urlencoded; charset=utf-8\n"
	  "host:email.us-east-1.amazonaws.com\nx-amz-date:20260102T030405Z\n\n"
	  "content-type;host;x-amz-date\n"
	  "bca5411d411340e84c262565894879663745a1b4cacf476219cbccdf25482235" },
	{ "a query is sorted", "DELETE", "/v2/email/tags",
	  "ResourceArn=arn%3Aaws%3Ases%3Aus-east-1%3A123456789012%3Aidentity%2F"
	  "example.com&TagKeys=b&TagKeys=a",
	  NULL, "", "36a1e4dde65c4224b0a3280ade7afed9949bd339a21b9725aed8c165a3da7029",
	  "DELETE\n/v2/email/tags\n"
	  "ResourceArn=arn%3Aaws%3Ases%3Aus-east-1%3A123456789012%3Aidentity%2F"
	  "example.com&TagKeys=a&TagKeys=b\n"
	  "host:email.us-east-1.amazonaws.com\nx-amz-date:20260102T030405Z\n\n"
	  "host;x-amz-date\n" NO_BODY },
};

struct bench {
	struct arena arena;
	struct http_header headers[4];
	struct http_request request;
};

static void bench_fill(struct bench *b, const struct vector *v)
{
	*b = (struct bench){ .arena = { 0 } };
	arena_init(&b->arena, 1024 * 1024);
	b->headers[0] =
		(struct http_header){ STR("Host"), STR("email.us-east-1.amazonaws.com") };
	b->headers[1] =
		(struct http_header){ STR("X-Amz-Date"), STR("20260102T030405Z") };
	b->headers[2] = (struct http_header){
		STR("Authorization"),
		str_from(arena_printf(&b->arena,
				      "AWS4-HMAC-SHA256 " CREDENTIAL
				      "SignedHeaders=%shost;x-amz-date, Signature=%s",
				      v->content_type ? "content-type;" : "",
				      v->signature))
	};
	b->headers[3] =
		(struct http_header){ STR("Content-Type"), str_from(v->content_type) };
	b->request = (struct http_request){ .method = str_from(v->method),
					    .path = str_from(v->path),
					    .query = str_from(v->query),
					    .body = str_from(v->body),
					    .headers = b->headers,
					    .header_count = v->content_type ? 4 : 3,
					    .arena = &b->arena };
}

static bool verify(struct bench *b, int64_t now_s, struct sigv4_refusal *refusal)
{
	struct sigv4 s;
	struct sigv4_check check = { STR(SECRET), STR("us-east-1"), now_s, 300 };
	return sigv4_read(&b->request, &s, refusal) &&
	       sigv4_verify(&b->request, &s, &check, refusal);
}

static void vectors_have_their_canonical_form_and_pass(void **state unused_arg)
{
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		struct bench b;
		struct sigv4 s;
		struct sigv4_refusal refusal;
		auto_buf struct buf canonical;
		print_message("%s\n", vectors[i].name);
		bench_fill(&b, &vectors[i]);
		buf_init(&canonical, 64 * 1024);
		assert_true(sigv4_read(&b.request, &s, &refusal));
		sigv4_write_canonical(&canonical, &b.request, &s);
		assert_string_equal(buf_cstr(&canonical), vectors[i].canonical);
		assert_true(verify(&b, NOW_S, &refusal));
		arena_done(&b.arena);
	}
}

static void five_minutes_are_the_limit(void **state unused_arg)
{
	static const int64_t fine[] = { -300, -299, 0, 299, 300 };
	static const int64_t off[] = { -86400, -301, 301, 86400 };
	struct sigv4_refusal refusal;
	struct bench b;
	bench_fill(&b, &vectors[0]);
	for (size_t i = 0; i < ARRAY_LEN(fine); i++)
		assert_true(verify(&b, NOW_S + fine[i], &refusal));
	for (size_t i = 0; i < ARRAY_LEN(off); i++) {
		assert_false(verify(&b, NOW_S + off[i], &refusal));
		assert_string_equal(refusal.type, "InvalidSignatureException");
		assert_true(str_starts(refusal.message,
				       off[i] > 0 ? STR("Signature expired: ")
						  : STR("Signature not yet")));
	}
	arena_done(&b.arena);
}

struct broken {
	const char *name;
	const char *authorization; /* NULL: none */
	const char *date;
	const char *type;
};
#define GOOD_END "SignedHeaders=host;x-amz-date, Signature=00"
static const struct broken brokens[] = {
	{ "no header", NULL, "20260102T030405Z", "MissingAuthenticationTokenException" },
	{ "another algorithm", "Basic abc", "20260102T030405Z",
	  "IncompleteSignatureException" },
	{ "no credential", "AWS4-HMAC-SHA256 " GOOD_END, "20260102T030405Z",
	  "IncompleteSignatureException" },
	{ "a scope with too little",
	  "AWS4-HMAC-SHA256 Credential=AK/20260102/us-east-1/ses, " GOOD_END,
	  "20260102T030405Z", "IncompleteSignatureException" },
	{ "a scope with too much",
	  "AWS4-HMAC-SHA256 "
	  "Credential=AK/20260102/us-east-1/ses/aws4_request/x, " GOOD_END,
	  "20260102T030405Z", "IncompleteSignatureException" },
	{ "no signature", "AWS4-HMAC-SHA256 " CREDENTIAL "SignedHeaders=host;x-amz-date",
	  "20260102T030405Z", "IncompleteSignatureException" },
	{ "no signed headers", "AWS4-HMAC-SHA256 " CREDENTIAL "Signature=00",
	  "20260102T030405Z", "IncompleteSignatureException" },
	{ "no date", "AWS4-HMAC-SHA256 " CREDENTIAL GOOD_END, NULL,
	  "IncompleteSignatureException" },
	{ "a date of another day than the scope's",
	  "AWS4-HMAC-SHA256 " CREDENTIAL GOOD_END, "20260103T030405Z",
	  "IncompleteSignatureException" },
	{ "a date in another form", "AWS4-HMAC-SHA256 " CREDENTIAL GOOD_END,
	  "2026-01-02T03:04:05Z", "IncompleteSignatureException" },
	{ "a signature that is none", "AWS4-HMAC-SHA256 " CREDENTIAL GOOD_END,
	  "20260102T030405Z", "InvalidSignatureException" },
	{ "a signed header that is not there",
	  "AWS4-HMAC-SHA256 " CREDENTIAL
	  "SignedHeaders=host;x-amz-date;x-none, Signature=00",
	  "20260102T030405Z", "InvalidSignatureException" },
};

static void broken_headers_are_refused(void **state unused_arg)
{
	for (size_t i = 0; i < ARRAY_LEN(brokens); i++) {
		struct bench b;
		struct sigv4_refusal refusal;
		print_message("%s\n", brokens[i].name);
		bench_fill(&b, &vectors[0]);
		b.headers[1].value = str_from(brokens[i].date);
		b.headers[2].value = str_from(brokens[i].authorization);
		if (!brokens[i].authorization)
			b.headers[2].name = STR("X-Other");
		if (!brokens[i].date)
			b.headers[1].name = STR("X-Another");
		assert_false(verify(&b, NOW_S, &refusal));
		assert_string_equal(refusal.type, brokens[i].type);
		arena_done(&b.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_have_their_canonical_form_and_pass),
		cmocka_unit_test(five_minutes_are_the_limit),
		cmocka_unit_test(broken_headers_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
