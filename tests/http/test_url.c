/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which URLs may be called, which address a call reaches, and what is kept of the
 * answer. */
#include "fixture.h"

#include <pthread.h>

#include "url_cases.h"

struct place {
	struct arena arena;
	struct http_egress egress;
	struct http_server *server;
	size_t reached; /* requests that came in */
};

static void answer(void *arg, const struct http_request *r,
		   struct http_response *response)
{
	struct place *p = arg;
	p->reached++;
	response->status = str_is(r->path, "/away") ? 302 : 200;
	if (str_is(r->path, "/away"))
		http_response_header(response, "Location", STR("http://192.0.2.1/"));
	if (str_is(r->path, "/later"))
		http_response_header(response, "Retry-After", STR("120"));
	if (str_is(r->path, "/large"))
		buf_fill(&response->body, 'x', 1024 * 1024);
	if (str_is(r->path, "/shown"))
		buf_str(&response->body, http_header_find(r, "webhook-id"));
}

static void allow(struct place *p, const char *network)
{
	struct str item = str_from(network);
	struct err e = { 0 };
	assert_true(guard_init(&p->egress.guard, "webhook.allow_addresses", &item,
			       network ? 1 : 0, &e));
	guard_add_interfaces(&p->egress.guard);
}

static int place_make(void **state)
{
	struct err e = { 0 };
	struct place *p = xalloc(1, sizeof(*p));
	struct http_server_options options = { .listen = STR("127.0.0.1:0"),
					       .listen_fd = -1,
					       .threads = 1,
					       .handler = answer,
					       .arg = p };
	arena_init(&p->arena, 64 * 1024 * 1024);
	if (!http_server_start(&options, &p->server, &e))
		fail_msg("%s", e.text);
	p->egress.allow_http = true;
	allow(p, NULL);
	*state = p;
	return 0;
}

static int place_remove(void **state)
{
	struct place *p = *state;
	http_server_stop(&p->server);
	arena_done(&p->arena);
	xfree(p);
	return 0;
}

static bool call(struct place *p, const char *host, const char *path,
		 struct http_reply *out, struct err *e)
{
	struct str at = http_server_address(p->server);
	struct http_header id = { STR("webhook-id"), STR("evt_1") };
	struct http_call c = { .method = "POST",
			       .body = STR("{}"),
			       .timeout_s = 20,
			       .headers = &id,
			       .header_count = 1,
			       .egress = &p->egress };
	c.url = str_from(
		arena_printf(&p->arena, "http://%s%.*s%s", host,
			     STR_ARG(str_sub(at, str_find_byte(at, ':'), at.len)), path));
	return http_call(&p->arena, &c, out, e);
}

static void each_url_is_called_in_its_one_form_or_refused(void **state)
{
	struct place *p = *state;
	size_t wrong = 0;
	assert_true(ARRAY_LEN(url_cases) >= 300);
	for (size_t i = 0; i < ARRAY_LEN(url_cases); i++) {
		struct http_url u;
		struct err e = { 0 };
		const char *called = NULL;
		if (http_url_parse(&p->arena, str_from(url_cases[i].url), &u, &e))
			called = arena_text(&p->arena, u.text);
		if (!called != !url_cases[i].called ||
		    (called && strcmp(called, url_cases[i].called) != 0)) {
			print_message("%s: %s\n", url_cases[i].url,
				      called ? called : e.text);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

static void a_url_too_long_is_refused(void **state)
{
	struct place *p = *state;
	auto_buf struct buf text;
	struct http_url u;
	struct err e = { 0 };
	buf_init(&text, 2 * HTTP_URL_MAX);
	buf_text(&text, "https://hooks.shop.com/");
	buf_fill(&text, 'a', HTTP_URL_MAX - text.len);
	assert_true(http_url_parse(&p->arena, buf_view(&text), &u, &e));
	buf_byte(&text, 'a');
	assert_false(http_url_parse(&p->arena, buf_view(&text), &u, &e));
}

/* What is called is read the same way again. */
static void the_one_form_of_a_url_stays_as_it_is(void **state)
{
	struct place *p = *state;
	for (size_t i = 0; i < ARRAY_LEN(url_cases); i++) {
		struct http_url u;
		struct err e = { 0 };
		if (!url_cases[i].called)
			continue;
		assert_true(
			http_url_parse(&p->arena, str_from(url_cases[i].called), &u, &e));
		assert_string_equal(arena_text(&p->arena, u.text), url_cases[i].called);
	}
}

static void addresses_of_inner_networks_are_refused_in_every_form(void **state)
{
	static const char *const hosts[] = {
		"10.0.0.1",
		"100.64.0.1",
		"127.0.0.1",
		"169.254.169.254",
		"172.16.0.1",
		"192.168.1.1",
		"192.0.0.1",
		"198.18.0.1",
		"224.0.0.1",
		"255.255.255.255",
		"0.0.0.0",
		"[::1]",
		"[::]",
		"[::ffff:127.0.0.1]",
		"[::ffff:a9fe:a9fe]",
		"[::127.0.0.1]",
		"[64:ff9b::7f00:1]",
		"[64:ff9b:1::a00:1]",
		"[2002:7f00:1::]",
		"[2001::1]",
		"[fc00::1]",
		"[fd00:ec2::254]",
		"[fe80::1]",
		"[fec0::1]",
		"[ff02::1]",
		"[2001:db8::1]",
		"[100::1]",
		"[3fff::1]",
		"[5f00::1]",
	};
	struct place *p = *state;
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		struct str text;
		struct err e = { 0 };
		struct str url =
			str_from(arena_printf(&p->arena, "https://%s/", hosts[i]));
		if (http_egress_check(&p->arena, &p->egress, url, &text, &e))
			fail_msg("%s is let through", hosts[i]);
		assert_int_equal(e.kind, ERR_USAGE);
	}
}

static void ports_and_schemes_are_the_operators_choice(void **state)
{
	struct place *p = *state;
	struct str text;
	struct err e = { 0 };
	p->egress.allow_http = false;
	assert_false(http_egress_check(&p->arena, &p->egress,
				       STR("http://hooks.shop.com/"), &text, &e));
	p->egress.ports[0] = 443;
	p->egress.port_count = 1;
	assert_true(http_egress_check(&p->arena, &p->egress,
				      STR("https://hooks.shop.com/"), &text, &e));
	assert_false(http_egress_check(&p->arena, &p->egress,
				       STR("https://hooks.shop.com:6379/"), &text, &e));
}

/* The name is not refused by how it looks, but by where it leads when it is called. */
static void a_name_that_leads_inside_is_refused_where_it_is_connected(void **state)
{
	struct place *p = *state;
	struct http_reply reply;
	struct err e = { 0 };
	struct str text;
	assert_true(http_egress_check(&p->arena, &p->egress,
				      STR("http://inside.localhost/"), &text, &e));
	assert_false(call(p, "inside.localhost", "/", &reply, &e));
	assert_int_equal(e.kind, ERR_DENIED);
	assert_null(strstr(e.text, "127.0.0.1"));
	assert_int_equal(p->reached, 0);
}

static void an_allowed_network_is_reached_with_the_headers_given(void **state)
{
	struct place *p = *state;
	struct http_reply reply;
	struct err e = { 0 };
	allow(p, "127.0.0.0/8");
	if (!call(p, "127.0.0.1", "/shown", &reply, &e))
		fail_msg("%s", e.text);
	assert_int_equal(reply.status, 200);
	assert_true(str_is(reply.body, "evt_1"));
	assert_int_equal(p->reached, 1);
}

static void a_redirect_is_an_answer_and_is_not_followed(void **state)
{
	struct place *p = *state;
	struct http_reply reply;
	struct err e = { 0 };
	allow(p, "127.0.0.0/8");
	assert_true(call(p, "127.0.0.1", "/away", &reply, &e));
	assert_int_equal(reply.status, 302);
	assert_int_equal(p->reached, 1);
}

static void of_a_long_body_only_the_beginning_is_read(void **state)
{
	struct place *p = *state;
	struct http_reply reply;
	struct err e = { 0 };
	allow(p, "127.0.0.0/8");
	assert_true(call(p, "127.0.0.1", "/large", &reply, &e));
	assert_int_equal(reply.status, 200);
	assert_int_equal(reply.body.len, 64 * 1024);
}

static void retry_after_is_handed_on(void **state)
{
	struct place *p = *state;
	struct http_reply reply;
	struct err e = { 0 };
	allow(p, "127.0.0.0/8");
	assert_true(call(p, "127.0.0.1", "/later", &reply, &e));
	assert_true(str_is(reply.retry_after, "120"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define test(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)
		test(each_url_is_called_in_its_one_form_or_refused),
		test(a_url_too_long_is_refused),
		test(the_one_form_of_a_url_stays_as_it_is),
		test(addresses_of_inner_networks_are_refused_in_every_form),
		test(ports_and_schemes_are_the_operators_choice),
		test(a_name_that_leads_inside_is_refused_where_it_is_connected),
		test(an_allowed_network_is_reached_with_the_headers_given),
		test(a_redirect_is_an_answer_and_is_not_followed),
		test(of_a_long_body_only_the_beginning_is_read),
		test(retry_after_is_handed_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
