/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RDAP answers and IANA's list read or refused; asking over real HTTP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/http.h"
#include "registry/registry.h"

enum {
	ARENA = 16 * 1024 * 1024
};

static struct dns_name name_of(const char *text)
{
	struct dns_name name;
	struct err e = { 0 };

	if (!dns_name_parse(str_from(text), &name, &e))
		fail_msg("%s", e.text);
	return name;
}

#define HEAD "{\"objectClassName\":\"domain\",\"ldhName\":\"Held.EXAMPLE\","
#define FULL                                                                       \
	HEAD "\"status\":[\"Client Hold\",7,\"\",\"client transfer prohibited\"]," \
	     "\"events\":[{\"eventAction\":\"registration\","                      \
	     "\"eventDate\":\"2019-04-02T00:00:00.25Z\"},"                         \
	     "{\"eventAction\":\"expiration\","                                    \
	     "\"eventDate\":\"2026-12-01T09:00:00+09:00\"},"                       \
	     "{\"eventAction\":\"last changed\",\"eventDate\":\"x\"}],"            \
	     "\"entities\":[{\"roles\":[\"abuse\"]},{\"roles\":[\"registrar\"],"   \
	     "\"vcardArray\":[\"vcard\",[[\"version\",{},\"text\",\"4.0\"],"       \
	     "[\"fn\",{},\"text\",\"Good Names K.K.\"]]]}]}"

static void an_answer_is_read_whole(void **state)
{
	struct registration r;
	struct err e = { 0 };
	const struct dns_name asked = name_of("held.example");
	auto_arena struct arena a;

	(void)state;
	arena_init(&a, ARENA);
	if (!registry_answer_parse(&a, STR(FULL), &asked, &r, &e))
		fail_msg("%s", e.text);
	assert_int_equal(r.outcome, REGISTRATION_FOUND);
	assert_int_equal(r.status_count, 2);
	assert_true(str_is(r.statuses[0], "client hold"));
	assert_true(str_is(r.statuses[1], "client transfer prohibited"));
	assert_int_equal(r.registered_at, 1554163200); /* 2019-04-02 */
	assert_int_equal(r.expires_at, 1796083200);    /* 2026-12-01 */
	assert_true(str_is(r.registrar, "Good Names K.K."));
}

static void what_is_no_answer_about_the_domain_is_refused(void **state)
{
	static const struct {
		const char *name, *json;
		bool is_read;
	} cases[] = {
		{ "nothing but the name", HEAD "\"x\":1}", true },
		{ "empty", "", false },
		{ "a page", "<html>", false },
		{ "a list", "[]", false },
		{ "an error", "{\"errorCode\":404}", false },
		{ "another domain",
		  "{\"objectClassName\":\"domain\",\"ldhName\":\"a.example\"}", false },
		{ "another thing",
		  "{\"objectClassName\":\"entity\",\"ldhName\":\"held.example\"}",
		  false },
		{ "a name that is a number",
		  "{\"objectClassName\":\"domain\",\"ldhName\":5}", false },
		{ "odd members are passed over",
		  HEAD "\"status\":{},\"events\":[[],{\"eventAction\":\"registration\","
		       "\"eventDate\":\"9999999-01-01\"}],\"entities\":[{\"roles\":"
		       "[\"registrar\"],\"vcardArray\":[\"vcard\",[[],[\"fn\"]]]}]}",
		  true },
	};
	const struct dns_name asked = name_of("held.example");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct registration r;
		struct err e = { 0 };
		auto_arena struct arena a;
		arena_init(&a, ARENA);
		bool is_read = registry_answer_parse(&a, str_from(cases[i].json), &asked,
						     &r, &e);
		if (is_read != cases[i].is_read)
			fail_msg("%s: %s", cases[i].name, e.text);
		if (is_read &&
		    (r.status_count > 0 || r.registered_at != 0 || r.registrar.len > 0))
			fail_msg("%s: something was made of nothing", cases[i].name);
	}
}

static void the_longest_suffix_with_https_is_found(void **state)
{
	static const char list[] =
		"{\"version\":\"1.0\",\"services\":["
		"[[\"example\",\"test\"],[\"http://plain.test/\",\"https://a.test/v1\"]],"
		"[[\"co.example\"],[\"https://b.test/\"]],"
		"[[\"plain\"],[\"http://c.test/\"]],"
		"[[5,null],[\"https://d.test/\"]],[],7,"
		"[[\"le\"],[\"https://e.test/\"]]]}";
	static const struct {
		const char *name, *domain;
		const char *url; /* NULL: none */
	} cases[] = {
		{ "a slash is added", "shop.example", "https://a.test/v1/" },
		{ "the second entry", "shop.test", "https://a.test/v1/" },
		{ "a longer suffix wins", "shop.co.example", "https://b.test/" },
		{ "nothing without https", "shop.plain", NULL },
		{ "not listed", "shop.invalid", NULL },
		{ "whole labels only", "shop.example.net", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		struct str url = STR_EMPTY;
		const struct dns_name domain = name_of(cases[i].domain);
		arena_init(&a, ARENA);
		bool found = registry_bootstrap_find(&a, str_from(list), &domain, &url);
		if (found != (cases[i].url != NULL))
			fail_msg("%s: found %d", cases[i].name, found);
		if (found && !str_is(url, cases[i].url))
			fail_msg("%s: %.*s", cases[i].name, STR_ARG(url));
	}
}

/* A registry behind real HTTP. */

struct bench {
	struct http_server *server;
	struct config *config;
	struct arena arena;
	unsigned calls;
	char accept[128];
};

static void answer(void *arg, const struct http_request *request,
		   struct http_response *response)
{
	struct bench *b = arg;
	struct str accept = http_header_find(request, "accept");
	__atomic_fetch_add(&b->calls, 1, __ATOMIC_RELAXED);
	memcpy(b->accept, accept.data,
	       accept.len < sizeof(b->accept) ? accept.len : sizeof(b->accept) - 1);
	if (str_is(request->path, "/rdap/domain/held.example")) {
		response->status = 200;
		buf_text(&response->body, FULL);
	} else if (str_is(request->path, "/rdap/domain/moved.example")) {
		response->status = 302;
		http_response_header(response, "Location", STR("https://127.0.0.1:1/x"));
	} else if (str_is(request->path, "/rdap/domain/loop.example")) {
		response->status = 301;
		http_response_header(
			response, "Location",
			str_from(arena_printf(request->arena,
					      "http://%.*s/rdap/domain/loop.example",
					      STR_ARG(http_server_address(b->server)))));
	} else if (str_is(request->path, "/rdap/domain/inside.example")) {
		response->status = 307;
		http_response_header(response, "Location",
				     STR("http://169.254.169.254/latest/meta-data"));
	} else if (str_is(request->path, "/rdap/domain/busy.example")) {
		response->status = 429;
	} else if (str_is(request->path, "/rdap/domain/large.example")) {
		response->status = 200;
		buf_fill(&response->body, ' ', 2 * 1024 * 1024);
	} else {
		response->status = 404;
		buf_text(&response->body, "{\"errorCode\":404}");
	}
}

static int bench_new(void **state)
{
	struct bench *b = xalloc(1, sizeof(*b));
	const struct http_server_options options = {
		.listen = STR("127.0.0.1:0"),
		.listen_fd = -1,
		.threads = 1,
		.handler = answer,
		.arg = b,
	};
	struct err e = { 0 };

	arena_init(&b->arena, ARENA);
	if (!http_server_start(&options, &b->server, &e))
		fail_msg("%s", e.text);
	b->config = config_new();
	const char *url = arena_printf(&b->arena, "http://%.*s/rdap",
				       STR_ARG(http_server_address(b->server)));
	if (!config_set(b->config, STR("rdap.url"), str_from(url), "test", &e))
		fail_msg("%s", e.text);
	*state = b;
	return 0;
}

static int bench_free(void **state)
{
	struct bench *b = *state;

	http_server_stop(&b->server);
	config_free(&b->config);
	arena_done(&b->arena);
	xfree(b);
	return 0;
}

static void a_registry_is_asked_over_http(void **state)
{
	static const struct {
		const char *name, *domain;
		enum registration_outcome outcome;
		unsigned calls;
	} cases[] = {
		{ "found", "Held.Example", REGISTRATION_FOUND, 1 },
		{ "not found", "free.example", REGISTRATION_NONE, 1 },
		{ "not now", "busy.example", REGISTRATION_UNKNOWN, 1 },
		{ "sent to where nobody is", "moved.example", REGISTRATION_UNKNOWN, 1 },
		{ "sent round in circles", "loop.example", REGISTRATION_UNKNOWN, 3 },
		{ "sent to a place without TLS", "inside.example", REGISTRATION_UNKNOWN,
		  1 },
		{ "too large", "large.example", REGISTRATION_UNKNOWN, 1 },
		{ "no domain to be put into a URL", "a\\.b\\047c.example",
		  REGISTRATION_UNKNOWN, 0 },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct registration r;
		const struct dns_name domain = name_of(cases[i].domain);
		b->calls = 0;
		registry_ask(&b->arena, b->config, &domain, &r);
		if (r.outcome != cases[i].outcome || b->calls != cases[i].calls)
			fail_msg("%s: outcome %d after %u calls", cases[i].name,
				 r.outcome, b->calls);
		assert_true(dns_name_equal(&r.domain, &domain));
	}
	assert_non_null(strstr(b->accept, "application/rdap+json"));
}

static void without_a_url_no_registry_is_asked(void **state)
{
	struct bench *b = *state;
	struct err e = { 0 };

	assert_true(registry_is_on(b->config));
	assert_true(config_set(b->config, STR("rdap.url"), STR(""), "test", &e));
	assert_true(registry_is_on(b->config));
	assert_true(config_set(b->config, STR("rdap.bootstrap"), STR(""), "test", &e));
	assert_false(registry_is_on(b->config));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_read_whole),
		cmocka_unit_test(what_is_no_answer_about_the_domain_is_refused),
		cmocka_unit_test(the_longest_suffix_with_https_is_found),
		cmocka_unit_test_setup_teardown(a_registry_is_asked_over_http, bench_new,
						bench_free),
		cmocka_unit_test_setup_teardown(without_a_url_no_registry_is_asked,
						bench_new, bench_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
