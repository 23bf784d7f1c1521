/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values by their type, what is refused and in which words, and the texts made of the
 * table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/config.h"

static struct str after_equals(const char *assignment)
{
	struct str all = str_from(assignment);

	return str_sub(all, str_find_byte(all, '=') + 1, all.len);
}

static bool assign(struct config *c, const char *assignment, struct err *e)
{
	struct str all = str_from(assignment);

	return config_set(c, str_sub(all, 0, str_find_byte(all, '=')),
			  after_equals(assignment), "command line", e);
}

static void defaults_are_those_of_the_manual(void **state unused_arg)
{
	struct config *c = config_new();
	size_t count;

	assert_string_equal(config_cstr(c, CONFIG_HTTP_LISTEN), "127.0.0.1:8025");
	assert_int_equal(config_number(c, CONFIG_LIFECYCLE_SEARCH_S), 72 * 3600);
	assert_true(config_flag(c, CONFIG_DNS_IPV6));
	assert_true(str_is(config_text(c, CONFIG_SEND_UNTIL_VERIFIED), "reject"));
	config_list(c, CONFIG_DNS_ALLOW_ADDRESSES, &count);
	assert_int_equal(count, 0);
	assert_false(config_is_set(c, CONFIG_HTTP_LISTEN));
	config_free(&c);
	assert_null(c);
}

static void good_values_are_taken(void **state unused_arg)
{
	static const struct {
		const char *name;
		const char *assignment;
		enum config_key key;
		const char *want;
	} cases[] = {
		{ "blanks around", "store.url=  sqlite:x.db ", CONFIG_STORE_URL,
		  "sqlite:x.db" },
		{ "perspectives", "perspectives.ask=tokyo=[2001:db8::1]:8953",
		  CONFIG_PERSPECTIVES_ASK, "tokyo=[2001:db8::1]:8953" },
		{ "IPv6 listener", "http.listen=[::1]:80", CONFIG_HTTP_LISTEN,
		  "[::1]:80" },
		{ "forward with port", "dns.forward=192.0.2.1@5353", CONFIG_DNS_FORWARD,
		  "192.0.2.1@5353" },
		{ "empty again", "dns.forward=", CONFIG_DNS_FORWARD, "" },
		{ "no anchor", "dns.trust_anchor=", CONFIG_DNS_TRUST_ANCHOR, "" },
		{ "choice", "send.until_verified=hold", CONFIG_SEND_UNTIL_VERIFIED,
		  "hold" },
		{ "relay with port", "relay.url=smtp://mx.example:2525", CONFIG_RELAY_URL,
		  "smtp://mx.example:2525" },
		{ "relay by IPv6", "relay.url=smtps://[2001:db8::1]", CONFIG_RELAY_URL,
		  "smtps://[2001:db8::1]" },
		{ "final dot", "keys.zone=dkim.example.", CONFIG_KEYS_ZONE,
		  "dkim.example." },
		{ "command", "keys.reload=knotc zone-reload k", CONFIG_KEYS_RELOAD,
		  "knotc zone-reload k" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct config *c = config_new();
		struct err e = { 0 };

		if (!assign(c, cases[i].assignment, &e))
			fail_msg("%s: %s", cases[i].name, e.text);
		assert_string_equal(config_cstr(c, cases[i].key), cases[i].want);
		assert_true(config_is_set(c, cases[i].key));
		config_free(&c);
	}
}

static void bad_values_are_refused_in_words(void **state unused_arg)
{
	static const struct {
		const char *assignment;
		const char *want;
	} cases[] = {
		{ "dns.probes=65",
		  "'dns.probes' must be a number from 0 to 64, not '65'" },
		{ "dns.probes=-1",
		  "'dns.probes' must be a number from 0 to 64, not '-1'" },
		{ "dns.probes=4s",
		  "'dns.probes' must be a number from 0 to 64, not '4s'" },
		{ "dns.probes=", "'dns.probes' must be a number from 0 to 64, not ''" },
		{ "dns.query_timeout_ms=99999999999",
		  "'dns.query_timeout_ms' must be a number from 100 to 10000 "
		  "milliseconds, "
		  "not '99999999999'" },
		{ "ses.clock_skew_s=1500ms", "'ses.clock_skew_s' must be a number from "
					     "30 to 900 seconds, not '1500ms'" },
		{ "send.until_verified=later",
		  "'send.until_verified' must be 'reject' or 'hold', not 'later'" },
		{ "log.level=loud",
		  "'log.level' must be 'debug', 'info', 'warn' or 'error', "
		  "not 'loud'" },
		{ "dns.ipv6=maybe", "'dns.ipv6' must be 'true' or 'false', not 'maybe'" },
		{ "dns.allow_addresses=192.0.2.0/24, 10.0.0.0/33",
		  "'dns.allow_addresses' must be networks such as 192.0.2.0/24, "
		  "not '192.0.2.0/24, 10.0.0.0/33'" },
		{ "dns.resolvers=dns.example",
		  "'dns.resolvers' must be addresses, each perhaps "
		  "with @PORT, not 'dns.example'" },
		{ "perspectives.ask=tokyo.example:8953",
		  "'perspectives.ask' must be items of the form NAME=HOST:PORT, not "
		  "'tokyo.example:8953'" },
		{ "perspectives.ask=tokyo=tokyo.example",
		  "'perspectives.ask' must be items of the form NAME=HOST:PORT, not "
		  "'tokyo=tokyo.example'" },
		{ "http.listen=8025",
		  "'http.listen' must be ADDRESS:PORT, an IPv6 address in "
		  "brackets, not '8025'" },
		{ "http.listen=127.0.0.1:0",
		  "'http.listen' must be ADDRESS:PORT, an IPv6 "
		  "address in brackets, not '127.0.0.1:0'" },
		{ "store.url=mysql:x",
		  "'store.url' must be sqlite:PATH or postgresql://..., not 'mysql:x'" },
		{ "store.url=",
		  "'store.url' must be sqlite:PATH or postgresql://..., not ''" },
		{ "relay.url=http://x", "'relay.url' must be smtp://HOST[:PORT] or "
					"smtps://HOST[:PORT], not 'http://x'" },
		{ "keys.zone=a..b", "'keys.zone' must be a domain, not 'a..b'" },
		{ "keys.zone=a b", "'keys.zone' must be a domain, not 'a b'" },
		{ "keys.reload=a\nb", "'keys.reload' has a control character in it" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct config *c = config_new();
		struct err e = { 0 };
		auto_buf struct buf want;

		assert_false(assign(c, cases[i].assignment, &e));
		assert_int_equal(e.kind, ERR_USAGE);
		buf_init(&want, 1024);
		buf_printf(&want, "command line: %s", cases[i].want);
		assert_string_equal(e.text, buf_cstr(&want));
		config_free(&c);
	}
}

static void durations_may_name_their_unit(void **state unused_arg)
{
	static const struct {
		const char *assignment;
		enum config_key key;
		int64_t want;
	} cases[] = {
		{ "lifecycle.search_s=72h", CONFIG_LIFECYCLE_SEARCH_S, 259200 },
		{ "lifecycle.search_s=3d", CONFIG_LIFECYCLE_SEARCH_S, 259200 },
		{ "lifecycle.search_s=30", CONFIG_LIFECYCLE_SEARCH_S, 30 },
		{ "lifecycle.grace_s=10m", CONFIG_LIFECYCLE_GRACE_S, 600 },
		{ "dns.query_timeout_ms=2s", CONFIG_DNS_QUERY_TIMEOUT_MS, 2000 },
		{ "dns.query_timeout_ms=250ms", CONFIG_DNS_QUERY_TIMEOUT_MS, 250 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct config *c = config_new();
		struct err e = { 0 };

		if (!assign(c, cases[i].assignment, &e))
			fail_msg("%s: %s", cases[i].assignment, e.text);
		assert_int_equal(config_number(c, cases[i].key), cases[i].want);
		config_free(&c);
	}
}

static void lists_are_cut_at_commas_and_blanks(void **state unused_arg)
{
	struct config *c = config_new();
	struct err e = { 0 };
	size_t count;

	assert_true(
		assign(c, "dns.resolvers=192.0.2.1,, 192.0.2.2@53\t2001:db8::1 ,", &e));
	const struct str *items = config_list(c, CONFIG_DNS_RESOLVERS, &count);
	assert_int_equal(count, 3);
	assert_true(str_is(items[0], "192.0.2.1"));
	assert_true(str_is(items[1], "192.0.2.2@53"));
	assert_true(str_is(items[2], "2001:db8::1"));
	config_free(&c);
}

static void the_nearest_key_is_named(void **state unused_arg)
{
	static const struct {
		const char *key;
		const char *nearest;
	} cases[] = {
		{ "dns.root_hint", "dns.root_hints" },
		{ "dns.roothints", "dns.root_hints" },
		{ "DNS.PROBES", "dns.probes" },
		{ "http.Listen", "http.listen" },
		{ "root_hints", "dns.root_hints" },
		{ "store.uri", "store.url" },
		{ "sned.until_verified", "send.until_verified" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct config *c = config_new();
		struct err e = { 0 };
		auto_buf struct buf want;

		buf_init(&want, 512);
		buf_printf(&want, "command line: unknown key '%s'; nearest is '%s'",
			   cases[i].key, cases[i].nearest);
		assert_false(config_set(c, str_from(cases[i].key), STR("x"),
					"command line", &e));
		assert_string_equal(e.text, buf_cstr(&want));
		config_free(&c);
	}
}

static void a_refused_value_leaves_the_old_one(void **state unused_arg)
{
	struct config *c = config_new();
	struct err e = { 0 };

	assert_true(assign(c, "dns.probes=3", &e));
	assert_false(assign(c, "dns.probes=300", &e));
	assert_int_equal(config_number(c, CONFIG_DNS_PROBES), 3);
	config_free(&c);
}

static void values_say_where_they_came_from(void **state unused_arg)
{
	struct config *c = config_new();
	struct err e = { 0 };
	auto_buf struct buf text;

	buf_init(&text, 65536);
	assert_true(assign(c, "dns.probes=3", &e));
	config_write_values(c, &text);
	assert_non_null(strstr(buf_cstr(&text), "dns.probes = 3  (command line)\n"));
	assert_non_null(strstr(buf_cstr(&text), "dns.ipv6 = true  (default)\n"));
	assert_non_null(strstr(buf_cstr(&text), "dns.forward =  (default)\n"));
	config_free(&c);
}

static void the_manual_has_every_key(void **state unused_arg)
{
	auto_buf struct buf man;
	size_t items = 0;

	buf_init(&man, 65536);
	config_write_man(&man);
	struct str rest = buf_view(&man);
	struct str line;
	while (str_split(&rest, '\n', &line))
		items += str_starts(line, STR(".It Cm "));
	assert_int_equal(items, CONFIG_KEY_COUNT);
	assert_false(man.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_manual),
		cmocka_unit_test(good_values_are_taken),
		cmocka_unit_test(bad_values_are_refused_in_words),
		cmocka_unit_test(durations_may_name_their_unit),
		cmocka_unit_test(lists_are_cut_at_commas_and_blanks),
		cmocka_unit_test(the_nearest_key_is_named),
		cmocka_unit_test(a_refused_value_leaves_the_old_one),
		cmocka_unit_test(values_say_where_they_came_from),
		cmocka_unit_test(the_manual_has_every_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
