/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people type as the sender they want: what it becomes, or why it cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/mail.h"

static bool parse(struct arena *a, const char *typed, struct mail_sender *out,
		  struct err *e)
{
	const struct str allow[] = { STR("example"), STR("Test."), STR("allowed.co.jp"),
				     STR("blogspot.com") };
	const struct str deny[] = { STR("bank.example"), STR("Sony.co.jp") };
	const struct mail_sender_rules rules = { allow, ARRAY_LEN(allow), deny,
						 ARRAY_LEN(deny) };

	return mail_sender_parse(a, str_from(typed), &rules, out, e);
}

struct taken {
	const char *typed;
	const char *domain;
	const char *address;
};

static void taken_check(const struct taken *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		auto_arena struct arena a;
		struct mail_sender sender;
		struct err e = { 0 };

		arena_init(&a, 1024 * 1024);
		if (!parse(&a, rows[i].typed, &sender, &e))
			fail_msg("'%s': %s", rows[i].typed, e.text);
		if (!str_is(sender.domain, rows[i].domain) ||
		    !str_is(sender.address, rows[i].address))
			fail_msg("'%s' became '%.*s' and '%.*s'", rows[i].typed,
				 STR_ARG(sender.domain), STR_ARG(sender.address));
	}
}

static void what_hands_do_is_forgiven(void **state unused_arg)
{
	static const struct taken rows[] = {
		{ "news@shop.jp", "shop.jp", "news@shop.jp" },
		{ "shop.jp", "shop.jp", "" },
		{ "SHOP.JP", "shop.jp", "" },
		{ "News@Shop.JP", "shop.jp", "News@shop.jp" },
		{ "shop.jp.", "shop.jp", "" },
		{ "news@shop.jp.", "shop.jp", "news@shop.jp" },
		{ " news@shop.jp", "shop.jp", "news@shop.jp" },
		{ "news@shop.jp ", "shop.jp", "news@shop.jp" },
		{ "\tnews@shop.jp\r\n", "shop.jp", "news@shop.jp" },
		{ "\n\nshop.jp\n", "shop.jp", "" },
		{ "<news@shop.jp>", "shop.jp", "news@shop.jp" },
		{ "Shop <news@shop.jp>", "shop.jp", "news@shop.jp" },
		{ "Shop News <news@shop.jp>", "shop.jp", "news@shop.jp" },
		{ "\"Shop, News\" <news@shop.jp>", "shop.jp", "news@shop.jp" },
		{ "\"Shop\" <news@shop.jp>", "shop.jp", "news@shop.jp" },
		{ "Shop<news@shop.jp>", "shop.jp", "news@shop.jp" },
		{ "ショップ <news@shop.jp>", "shop.jp", "news@shop.jp" },
		{ "ショップ　ニュース　<news@shop.jp>", "shop.jp", "news@shop.jp" },
		{ "店長＜news@shop.jp＞", "shop.jp", "news@shop.jp" },
		{ "news@shop.jp,", "shop.jp", "news@shop.jp" },
		{ "news@shop.jp;", "shop.jp", "news@shop.jp" },
		{ "news@shop.jp、", "shop.jp", "news@shop.jp" },
		{ "news@shop.jp。", "shop.jp", "news@shop.jp" },
		{ "'news@shop.jp'", "shop.jp", "news@shop.jp" },
		{ "\"news@shop.jp\"", "shop.jp", "news@shop.jp" },
		{ "`shop.jp`", "shop.jp", "" },
		{ "“news@shop.jp”", "shop.jp", "news@shop.jp" },
		{ "‘shop.jp’", "shop.jp", "" },
		{ "「news@shop.jp」", "shop.jp", "news@shop.jp" },
		{ "『shop.jp』", "shop.jp", "" },
		{ "【shop.jp】", "shop.jp", "" },
		{ "《shop.jp》", "shop.jp", "" },
		{ "(news@shop.jp)", "shop.jp", "news@shop.jp" },
		{ "（news@shop.jp）", "shop.jp", "news@shop.jp" },
		{ "«shop.fr»", "shop.fr", "" },
		{ "mailto:news@shop.jp", "shop.jp", "news@shop.jp" },
		{ "MAILTO:news@shop.jp", "shop.jp", "news@shop.jp" },
		{ "mailto:news@shop.jp?subject=hello", "shop.jp", "news@shop.jp" },
		{ "<mailto:news@shop.jp>", "shop.jp", "news@shop.jp" },
		{ "www.shop.jp", "www.shop.jp", "" },
		{ "news+tag@shop.jp", "shop.jp", "news+tag@shop.jp" },
		{ "o'neill@shop.jp", "shop.jp", "o'neill@shop.jp" },
		{ "a.b-c_d@shop.jp", "shop.jp", "a.b-c_d@shop.jp" },
		{ "\"a b\"@shop.jp", "shop.jp", "\"a b\"@shop.jp" },
		{ "1@1and1.de", "1and1.de", "1@1and1.de" },
		{ "news@mail.shop.co.jp", "mail.shop.co.jp", "news@mail.shop.co.jp" },
		{ "news@a.b.c.d.e.shop.jp", "a.b.c.d.e.shop.jp",
		  "news@a.b.c.d.e.shop.jp" },
		{ "_x.shop.jp", "_x.shop.jp", "" },
		{ "xn--fsq.com", "xn--fsq.com", "" },
	};

	taken_check(rows, ARRAY_LEN(rows));
}

static void what_input_methods_leave_is_folded(void **state unused_arg)
{
	static const struct taken rows[] = {
		{ "news＠shop.jp", "shop.jp", "news@shop.jp" },
		{ "ｎｅｗｓ＠ｓｈｏｐ．ｊｐ", "shop.jp", "news@shop.jp" },
		{ "ＮＥＷＳ＠ＳＨＯＰ．ＪＰ", "shop.jp", "NEWS@shop.jp" },
		{ "news@shop．jp", "shop.jp", "news@shop.jp" },
		{ "news@shop。jp", "shop.jp", "news@shop.jp" },
		{ "news@shop｡jp", "shop.jp", "news@shop.jp" },
		{ "ｓｈｏｐ。ｃｏ。ｊｐ", "shop.co.jp", "" },
		{ "shop－a.jp", "shop-a.jp", "" },
		{ "ｎｅｗｓ＋１@shop.jp", "shop.jp", "news+1@shop.jp" },
		{ "ｎｅｗｓ＿ａ@shop.jp", "shop.jp", "news_a@shop.jp" },
		{ "１２３@shop.jp", "shop.jp", "123@shop.jp" },
		{ "　news@shop.jp", "shop.jp", "news@shop.jp" },
		{ "news@shop.jp　", "shop.jp", "news@shop.jp" },
		{ "\xc2\xa0news@shop.jp\xc2\xa0", "shop.jp", "news@shop.jp" },
		{ "\xef\xbb\xbfnews@shop.jp", "shop.jp", "news@shop.jp" },
		{ "\xe2\x80\x8bnews@shop.jp\xe2\x80\x8b", "shop.jp", "news@shop.jp" },
		{ "\xe2\x80\xaanews@shop.jp\xe2\x80\xac", "shop.jp", "news@shop.jp" },
		{ "\xe2\x81\xa6news@shop.jp\xe2\x81\xa9", "shop.jp", "news@shop.jp" },
		{ "\xe2\x80\x8eshop.jp\xe2\x80\x8f", "shop.jp", "" },
		{ "ｍａｉｌｔｏ：news@shop.jp", "shop.jp", "news@shop.jp" },
		{ "“ｎｅｗｓ＠ｓｈｏｐ．ｊｐ”　", "shop.jp", "news@shop.jp" },
		{ "news﹫shop.jp", "shop.jp", "news@shop.jp" },
	};

	taken_check(rows, ARRAY_LEN(rows));
}

static void international_names_become_a_labels(void **state unused_arg)
{
	static const struct taken rows[] = {
		{ "bücher.de", "xn--bcher-kva.de", "" },
		{ "BÜCHER.de", "xn--bcher-kva.de", "" },
		{ "news@bücher.de", "xn--bcher-kva.de", "news@xn--bcher-kva.de" },
		{ "bu\xcc\x88"
		  "cher.de",
		  "xn--bcher-kva.de", "" },
		{ "xn--bcher-kva.de", "xn--bcher-kva.de", "" },
		{ "XN--BCHER-KVA.DE", "xn--bcher-kva.de", "" },
		{ "straße.de", "xn--strae-oqa.de", "" },
		{ "日本語.jp", "xn--wgv71a119e.jp", "" },
		{ "日本語。jp", "xn--wgv71a119e.jp", "" },
		{ "日本語．ＪＰ", "xn--wgv71a119e.jp", "" },
		{ "news@日本語.jp", "xn--wgv71a119e.jp", "news@xn--wgv71a119e.jp" },
		{ "ｶﾌｪ.jp", "xn--hckh0k.jp", "" },
		{ "カフェ.jp", "xn--hckh0k.jp", "" },
		{ "παράδειγμα.gr", "xn--hxajbheg2az3al.gr", "" },
		{ "пример.рф", "xn--e1afmkfd.xn--p1ai", "" },
		{ "例子.中国", "xn--fsqu00a.xn--fiqs8s", "" },
		{ "éxample.fr", "xn--xample-9ua.fr", "" },
	};

	taken_check(rows, ARRAY_LEN(rows));
}

struct refused {
	const char *typed;
	const char *code;
	const char *says;
};

static void refused_check(const struct refused *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		auto_arena struct arena a;
		struct mail_sender sender;
		struct err e = { 0 };
		struct err ja = { .lang = LANG_JA };

		arena_init(&a, 1024 * 1024);
		if (parse(&a, rows[i].typed, &sender, &e))
			fail_msg("'%s' was taken", rows[i].typed);
		assert_int_equal(e.kind, ERR_USAGE);
		if (!e.code || strcmp(e.code, rows[i].code) != 0)
			fail_msg("'%s': code %s", rows[i].typed,
				 e.code ? e.code : "none");
		if (!strstr(e.text, rows[i].says))
			fail_msg("'%s': %s", rows[i].typed, e.text);
		assert_false(parse(&a, rows[i].typed, &sender, &ja));
		if (strcmp(e.text, ja.text) == 0)
			fail_msg("'%s': no Japanese: %s", rows[i].typed, ja.text);
	}
}

static void what_cannot_be_read_is_told_precisely(void **state unused_arg)
{
	static const struct refused rows[] = {
		{ "", "bad_sender", "nothing was given" },
		{ "   ", "bad_sender", "nothing was given" },
		{ "　", "bad_sender", "nothing was given" },
		{ "\xef\xbb\xbf", "bad_sender", "nothing was given" },
		{ "https://shop.jp/", "bad_sender", "'shop.jp'" },
		{ "http://www.shop.jp/contact?x=1", "bad_sender", "'www.shop.jp'" },
		{ "https://shop.jp:8443/a", "bad_sender", "'shop.jp'" },
		{ "ｈｔｔｐｓ：／／shop.jp", "bad_sender", "'shop.jp'" },
		{ "shop.jp/contact", "bad_sender", "everything but the domain" },
		{ "shop.jp:25", "bad_sender", "port" },
		{ "news(at)shop.jp", "bad_sender", "write '@'" },
		{ "news[at]shop.jp", "bad_sender", "write '@'" },
		{ "news@shop(dot)jp", "bad_sender", "write '@'" },
		{ "@shop.jp", "bad_sender", "leave out the @" },
		{ "＠shop.jp", "bad_sender", "leave out the @" },
		{ "news@", "bad_sender", "it is empty" },
		{ "news", "bad_sender", "it needs a dot" },
		{ "news@shop", "bad_sender", "it needs a dot" },
		{ "com", "bad_sender", "it needs a dot" },
		{ "news@@shop.jp", "bad_sender", "exactly one address" },
		{ "a@b@shop.jp", "bad_sender", "exactly one address" },
		{ "a@shop.jp, b@shop.jp", "bad_sender", "exactly one address" },
		{ "a@shop.jp; b@shop.jp", "bad_sender", "exactly one address" },
		{ "news @shop.jp", "bad_sender", "may not stand there" },
		{ "news@ shop.jp", "bad_sender", "blank" },
		{ "news@shop .jp", "bad_sender", "blank" },
		{ "shop jp", "bad_sender", "blank" },
		{ "news@shop..jp", "bad_sender", "empty label" },
		{ ".shop.jp", "bad_sender", "empty label" },
		{ "news@.shop.jp", "bad_sender", "empty label" },
		{ "news..a@shop.jp", "bad_sender", "may not stand there" },
		{ ".news@shop.jp", "bad_sender", "may not stand there" },
		{ "news.@shop.jp", "bad_sender", "may not stand there" },
		{ "ニュース@shop.jp", "bad_sender", "may not stand there" },
		{ "news:a@shop.jp", "bad_sender", "may not stand there" },
		{ "news\\@shop.jp", "bad_sender", "may not stand there" },
		{ "news@shop,jp", "bad_sender", "exactly one address" },
		{ "shop,jp", "bad_sender", "one domain at a time" },
		{ "news@shop!.jp", "bad_sender", "character other" },
		{ "news@-shop.jp", "bad_sender", "hyphen" },
		{ "news@shop-.jp", "bad_sender", "hyphen" },
		{ "*.shop.jp", "bad_sender", "wildcard" },
		{ "news@*.shop.jp", "bad_sender", "wildcard" },
		{ "192.0.2.1", "bad_sender", "IP address" },
		{ "news@192.0.2.1", "bad_sender", "IP address" },
		{ "news@[192.0.2.1]", "bad_sender", "IP address" },
		{ "news@[IPv6:2001:db8::1]", "bad_sender", "IP address" },
		{ "2001:db8::1", "bad_sender", "" },
		{ "１９２．０．２．１", "bad_sender", "IP address" },
		{ "Shop <news@shop.jp", "bad_sender", "> is missing" },
		{ "Shop <news@shop.jp> x", "bad_sender", "behind the >" },
		{ "Shop <news>", "bad_sender", "no @" },
		{ "Shop <>", "bad_sender", "it is empty" },
		{ "Shop: news@shop.jp;", "bad_sender", "may not stand there" },
		{ "\"Shop <news@shop.jp>", "bad_sender", "" },
		{ "news@shop.jp\nBcc: x@evil.jp", "bad_sender", "control character" },
		{ "news@sh\xe2\x80\x8bop.jp", "bad_sender", "control character" },
		{ "news@shop.jp\x1b[31m", "bad_sender", "control character" },
		{ "sh\x07op.jp", "bad_sender", "" },
		{ "\xff\xfe", "bad_sender", "UTF-8" },
		{ "news@sh\xff.jp", "bad_sender", "UTF-8" },
		{ "\"a@b.jp\"@shop.jp", "bad_sender", "another address" },
		{ "xn--a.jp", "bad_sender", "" },
		{ "☃\xe2\x80\x8d.jp", "bad_sender", "" },
	};

	refused_check(rows, ARRAY_LEN(rows));
}

static void special_names_are_refused_unless_allowed(void **state unused_arg)
{
	static const struct refused rows[] = {
		{ "news@printer.local", "special_use_domain", "RFC 6762" },
		{ "x.LOCAL", "special_use_domain", "RFC 6762" },
		{ "news@x.onion", "special_use_domain", "RFC 7686" },
		{ "news@x.internal", "special_use_domain", "private networks" },
		{ "news@x.alt", "special_use_domain", "RFC 9476" },
		{ "news@x.home.arpa", "special_use_domain", "RFC 8375" },
		{ "2.0.192.in-addr.arpa", "special_use_domain", "infrastructure" },
		{ "news@x.invalid", "special_use_domain", "never exists" },
		{ "news@x.localhost", "special_use_domain", "own machine" },
		{ "news@localhost.localhost", "special_use_domain", "own machine" },
		{ "news@example.com", "special_use_domain", "documents" },
		{ "example.net", "special_use_domain", "documents" },
		{ "news@shop.example.org", "special_use_domain", "documents" },
		{ "ｅｘａｍｐｌｅ．ｃｏｍ", "special_use_domain", "documents" },
	};
	static const struct taken allowed[] = {
		{ "news@shop.example", "shop.example", "news@shop.example" },
		{ "a.b.test", "a.b.test", "" },
	};

	refused_check(rows, ARRAY_LEN(rows));
	taken_check(allowed, ARRAY_LEN(allowed));
}

static void suffixes_are_refused(void **state unused_arg)
{
	static const struct refused rows[] = {
		{ "co.uk", "public_suffix", "many register below" },
		{ "news@co.uk", "public_suffix", "many register below" },
		{ "co.jp", "public_suffix", "many register below" },
		{ "news@ne.jp", "public_suffix", "many register below" },
		{ "tokyo.jp", "public_suffix", "many register below" },
		{ "com.au", "public_suffix", "many register below" },
		{ "Com.Br", "public_suffix", "many register below" },
		{ "公司.cn", "public_suffix", "many register below" },
		{ "kawasaki.jp.", "bad_sender", "" },
		{ "github.io", "private_suffix", "PRIVATE" },
		{ "news@github.io", "private_suffix", "PRIVATE" },
		{ "herokuapp.com", "private_suffix", "PRIVATE" },
		{ "pages.dev", "private_suffix", "PRIVATE" },
	};
	static const struct taken fine[] = {
		{ "me.github.io", "me.github.io", "" },
		{ "shop.co.uk", "shop.co.uk", "" },
		{ "blogspot.com", "blogspot.com", "" },
		{ "city.kawasaki.jp", "city.kawasaki.jp", "" },
	};

	/* "*.kawasaki.jp" makes suffixes of what is below it, not of itself. */
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].typed, "kawasaki.jp.") != 0)
			refused_check(&rows[i], 1);
	taken_check(fine, ARRAY_LEN(fine));
}

/* A name that the rule makes a suffix; empty: an exception, or a single label. */
static struct str suffix_of_rule(struct arena *a, struct str rule)
{
	if (str_starts(rule, STR("!")) || str_find_byte(rule, '.') == rule.len)
		return STR_EMPTY;
	return str_starts(rule, STR("*."))
		       ? str_from(arena_printf(a, "any.%.*s",
					       STR_ARG(str_sub(rule, 2, rule.len))))
		       : rule;
}

static void every_rule_of_the_list_is_refused(void **state unused_arg)
{
	static const char path[] = "/usr/share/publicsuffix/public_suffix_list.dat";
	auto_arena struct arena a;
	auto_buf struct buf list;
	struct err e = { 0 };
	bool is_private = false;
	size_t refused = 0;

	arena_init(&a, 1 << 28);
	buf_init(&list, 1 << 22);
	if (!file_read(path, &list, &e))
		fail_msg("%s", e.text);
	struct str rest = buf_view(&list);
	struct str line;
	while (str_split(&rest, '\n', &line)) {
		struct mail_sender sender;

		is_private |= str_starts(line, STR("// ===BEGIN PRIVATE"));
		if (!line.len || str_starts(line, STR("//")))
			continue;
		struct str name = suffix_of_rule(&a, str_trim(line));
		if (!name.len)
			continue;
		e = (struct err){ 0 };
		if (parse(&a, arena_text(&a, name), &sender, &e) &&
		    !str_ends(name, STR("blogspot.com")))
			fail_msg("'%.*s' was taken", STR_ARG(name));
		refused++;
		if (!is_private && e.code && strcmp(e.code, "public_suffix") != 0 &&
		    strcmp(e.code, "special_use_domain") != 0)
			fail_msg("'%.*s': %s", STR_ARG(name), e.text);
	}
	assert_true(refused > 7000);
}

static void addresses_for_the_public_are_told_so(void **state unused_arg)
{
	static const struct refused rows[] = {
		{ "me@gmail.com", "free_mail_domain", "Gmail" },
		{ "me@GMAIL.com", "free_mail_domain", "Gmail" },
		{ "me＠ｇｍａｉｌ．ｃｏｍ", "free_mail_domain", "Gmail" },
		{ "gmail.com", "free_mail_domain", "domain of your own" },
		{ "me@googlemail.com", "free_mail_domain", "Gmail" },
		{ "me@yahoo.co.jp", "free_mail_domain", "Yahoo! Japan" },
		{ "me@ymail.ne.jp", "free_mail_domain", "Yahoo! Japan" },
		{ "me@yahoo.com", "free_mail_domain", "Yahoo" },
		{ "me@outlook.com", "free_mail_domain", "Outlook.com" },
		{ "me@outlook.jp", "free_mail_domain", "Outlook.com" },
		{ "me@hotmail.co.jp", "free_mail_domain", "Outlook.com" },
		{ "me@icloud.com", "free_mail_domain", "iCloud" },
		{ "me@me.com", "free_mail_domain", "iCloud" },
		{ "me@docomo.ne.jp", "free_mail_domain", "NTT docomo" },
		{ "me@ezweb.ne.jp", "free_mail_domain", "au" },
		{ "me@au.com", "free_mail_domain", "au" },
		{ "me@softbank.ne.jp", "free_mail_domain", "SoftBank" },
		{ "me@i.softbank.jp", "free_mail_domain", "SoftBank" },
		{ "me@ymobile.ne.jp", "free_mail_domain", "SoftBank" },
		{ "me@rakumail.jp", "free_mail_domain", "Rakuten" },
		{ "me@nifty.com", "free_mail_domain", "@nifty" },
		{ "me@biglobe.ne.jp", "free_mail_domain", "BIGLOBE" },
		{ "me@xxx.so-net.ne.jp", "free_mail_domain", "So-net" },
		{ "me@abc.ocn.ne.jp", "free_mail_domain", "OCN" },
		{ "me@gmx.de", "free_mail_domain", "GMX" },
		{ "me@proton.me", "free_mail_domain", "Proton" },
		{ "me@163.com", "free_mail_domain", "NetEase" },
		{ "me@naver.com", "free_mail_domain", "Naver" },
		{ "me@web.de", "free_mail_domain", "WEB.DE" },
		{ "me@yandex.ru", "free_mail_domain", "Yandex" },
	};
	static const struct taken others[] = {
		{ "me@mygmail.com", "mygmail.com", "me@mygmail.com" },
		{ "me@gmail.com.shop.jp", "gmail.com.shop.jp", "me@gmail.com.shop.jp" },
		{ "me@google.com", "google.com", "me@google.com" },
	};

	refused_check(rows, ARRAY_LEN(rows));
	taken_check(others, ARRAY_LEN(others));
}

static void the_operator_has_the_last_word(void **state unused_arg)
{
	static const struct refused rows[] = {
		{ "news@bank.example", "denied_domain", "ask him" },
		{ "login.bank.example", "denied_domain", "ask him" },
		{ "sony.co.jp", "denied_domain", "ask him" },
		{ "news@SONY.co.jp", "denied_domain", "ask him" },
	};
	static const struct taken others[] = {
		{ "mybank.example", "mybank.example", "" },
		{ "news@allowed.co.jp", "allowed.co.jp", "news@allowed.co.jp" },
	};

	refused_check(rows, ARRAY_LEN(rows));
	taken_check(others, ARRAY_LEN(others));
}

static void the_organisational_domain_is_named(void **state unused_arg)
{
	static const struct {
		const char *typed;
		const char *want;
	} rows[] = {
		{ "news@shop.jp", "shop.jp" },
		{ "news@mail.shop.jp", "shop.jp" },
		{ "a.b.shop.co.uk", "shop.co.uk" },
		{ "blog.me.github.io", "me.github.io" },
		{ "me.blogspot.com", "me.blogspot.com" },
		{ "www.city.kawasaki.jp", "city.kawasaki.jp" },
		{ "a.foo.kawasaki.jp", "a.foo.kawasaki.jp" },
		{ "mail.日本語.jp", "xn--wgv71a119e.jp" },
		{ "a.b.shop.example", "shop.example" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		auto_arena struct arena a;
		struct mail_sender sender;
		struct err e = { 0 };

		arena_init(&a, 1024 * 1024);
		if (!parse(&a, rows[i].typed, &sender, &e))
			fail_msg("'%s': %s", rows[i].typed, e.text);
		if (!str_is(sender.organisational, rows[i].want))
			fail_msg("'%s': %.*s", rows[i].typed,
				 STR_ARG(sender.organisational));
	}
}

static void what_looks_like_another_domain_is_said(void **state unused_arg)
{
	static const struct {
		const char *domain;
		const char *says; /* empty: nothing */
	} rows[] = {
		{ "shop.jp", "" },
		{ "xn--bcher-kva.de", "" },
		{ "日本語.jp", "" },
		{ "日本語カフェabc.jp", "" },
		{ "カフェ.jp", "" },
		{ "ラーメン.jp", "" },
		{ "한국어abc.kr", "" },
		{ "пример.рф", "" },
		{ "παράδειγμα.gr", "" },
		{ "раураl.com", "mixes letters of Cyrillic and Latin" },
		{ "gооgle.com", "mixes letters of Latin and Cyrillic" },
		{ "αpple.com", "mixes letters of Greek and Latin" },
		{ "аррӏе.com", "looks like 'apple'" },
		{ "www.аррӏе.com", "looks like 'apple'" },
		{ "хорс.com", "looks like 'xopc'" },
		{ "shopーa.jp", "long vowel mark" },
		{ "한국かな.kr", "mixes letters of Hangul and Hiragana" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		auto_arena struct arena a;
		struct mail_sender sender;
		struct err e = { 0 };

		arena_init(&a, 1024 * 1024);
		if (!parse(&a, rows[i].domain, &sender, &e))
			fail_msg("'%s': %s", rows[i].domain, e.text);
		struct str said = mail_domain_caution(&a, sender.domain, LANG_EN);
		struct str ja = mail_domain_caution(&a, sender.domain, LANG_JA);
		bool is_right = *rows[i].says ? memmem(said.data, said.len, rows[i].says,
						       strlen(rows[i].says)) != NULL
					      : said.len == 0;
		if (!is_right)
			fail_msg("'%s': %.*s", rows[i].domain, STR_ARG(said));
		if (said.len && str_equal(said, ja))
			fail_msg("'%s': no Japanese", rows[i].domain);
	}
}

static void a_text_without_end_is_refused(void **state unused_arg)
{
	auto_arena struct arena a;
	struct mail_sender sender;
	struct err e = { 0 };
	auto_buf struct buf text;

	arena_init(&a, 1024 * 1024);
	buf_init(&text, 1 << 20);
	buf_fill(&text, 'a', 1 << 19);
	assert_false(parse(&a, buf_cstr(&text), &sender, &e));
	assert_string_equal(e.code, "bad_sender");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_hands_do_is_forgiven),
		cmocka_unit_test(what_input_methods_leave_is_folded),
		cmocka_unit_test(international_names_become_a_labels),
		cmocka_unit_test(what_cannot_be_read_is_told_precisely),
		cmocka_unit_test(special_names_are_refused_unless_allowed),
		cmocka_unit_test(suffixes_are_refused),
		cmocka_unit_test(every_rule_of_the_list_is_refused),
		cmocka_unit_test(addresses_for_the_public_are_told_so),
		cmocka_unit_test(the_operator_has_the_last_word),
		cmocka_unit_test(the_organisational_domain_is_named),
		cmocka_unit_test(what_looks_like_another_domain_is_said),
		cmocka_unit_test(a_text_without_end_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
