/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operators by the names of their name servers: a sample of every row of data/providers,
 * and names that are nobody's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "provider/provider.h"

static struct dns_name name_of(const char *text)
{
	struct dns_name n;
	struct err e = { 0 };
	if (!dns_name_parse(str_from(text), &n, &e))
		fail_msg("'%s': %s", text, e.text);
	return n;
}

static struct str id_of(const char *server)
{
	const struct dns_name n = name_of(server);
	const struct provider *p = provider_of_server(&n, NULL);
	return p ? p->id : STR_EMPTY;
}

static struct provider_match match_of(const char *first, const char *second,
				      const struct dns_soa *soa)
{
	const struct dns_name servers[2] = { name_of(first), name_of(second) };
	struct provider_match m;
	provider_match(servers, 2, soa, &m);
	return m;
}

struct sample {
	const char *id;
	const char *server;
};

static const struct sample samples[] = {
	{ "route53", "ns-512.awsdns-00.net" },
	{ "cloudflare", "dina.ns.cloudflare.com" },
	{ "google-cloud-dns", "ns-cloud-e1.googledomains.com" },
	{ "squarespace", "ns01.squarespacedns.com" },
	{ "godaddy", "ns37.domaincontrol.com" },
	{ "namecheap", "dns1.registrar-servers.com" },
	{ "ionos", "ns1045.ui-dns.biz" },
	{ "hostinger", "horizon.dns-parking.com" },
	{ "wix", "ns12.wixdns.net" },
	{ "wordpress-com", "ns1.wordpress.com" },
	{ "network-solutions", "NS61.WORLDNIC.COM" },
	{ "register-com", "dns021.d.register.com" },
	{ "bluehost", "ns1.bluehost.com" },
	{ "hostgator", "ns8001.hostgator.com" },
	{ "dreamhost", "ns1.dreamhost.com" },
	{ "hover", "ns2.hover.com" },
	{ "enom", "dns1.name-services.com" },
	{ "name-com", "ns1ckr.name.com" },
	{ "porkbun", "curitiba.ns.porkbun.com" },
	{ "dynadot", "ns1.dyna-ns.net" },
	{ "namesilo", "ns1.dnsowl.com" },
	{ "gandi", "ns-12-a.gandi.net" },
	{ "ovh", "dns104.ovh.net" },
	{ "hetzner", "helium.ns.hetzner.de" },
	{ "digitalocean", "ns3.digitalocean.com" },
	{ "linode", "ns5.linode.com" },
	{ "vultr", "ns1.vultr.com" },
	{ "dnsimple", "ns2.dnsimple-edge.net" },
	{ "dnsmadeeasy", "ns11.dnsmadeeasy.com" },
	{ "constellix", "ns31.constellix.net" },
	{ "ns1", "dns4.p09.nsone.net" },
	{ "azure", "ns1-05.azure-dns.com" },
	{ "akamai", "a12-67.akam.net" },
	{ "ultradns", "pdns196.ultradns.co.uk" },
	{ "oracle", "ns3.p201.dns.oraclecloud.net" },
	{ "rackspace", "dns1.stabletransit.com" },
	{ "vercel", "ns1.vercel-dns.com" },
	{ "fastmail", "ns2.messagingengine.com" },
	{ "easydns", "dns2.easydns.net" },
	{ "cloudns", "pns41.cloudns.net" },
	{ "hurricane-electric", "ns5.he.net" },
	{ "desec", "ns2.desec.org" },
	{ "bunny", "kiki.bunny.net" },
	{ "gcore", "ns1.gcorelabs.net" },
	{ "inwx", "ns3.inwx.eu" },
	{ "netcup", "second-dns.netcup.net" },
	{ "internetx", "a.ns14.net" },
	{ "rrpproxy", "ns2.rrpproxy.net" },
	{ "hosting-de", "ns3.hosting.de" },
	{ "strato", "docks09.rzone.de" },
	{ "united-domains", "ns.udag.org" },
	{ "all-inkl", "ns6.kasserver.com" },
	{ "transip", "ns1.transip.net" },
	{ "one-com", "ns02.one.com" },
	{ "simply", "ns4.simply.com" },
	{ "loopia", "ns1.loopia.se" },
	{ "domeneshop", "ns2.hyp.net" },
	{ "infomaniak", "ns12.infomaniak.ch" },
	{ "hostpoint", "ns2.hostpoint.ch" },
	{ "exoscale", "ns1.exoscale.io" },
	{ "scaleway", "ns0.dom.scw.cloud" },
	{ "mythic-beasts", "ns2.mythic-beasts.com" },
	{ "123-reg", "ns.123-reg.co.uk" },
	{ "namesco", "ns0.namesco.net" },
	{ "aruba", "dns2.technorail.com" },
	{ "register-it", "ns1.register.it" },
	{ "joker", "z.ns.joker.com" },
	{ "alibaba", "dns9.hichina.com" },
	{ "dnspod", "f1g1ns2.dnspod.net" },
	{ "huawei", "ns1.huaweicloud-dns.cn" },
	{ "yandex", "dns1.yandex.net" },
	{ "reg-ru", "ns2.reg.ru" },
	{ "corporate", "ns1.markmonitor.com" },
	{ "parking", "ns2.sedoparking.com" },
	{ "dnsever", "ns29.dnsever.com" },
	{ "gabia", "ns1.cafe24.com" },
	{ "crazy-domains", "ns1.crazydomains.com" },
	{ "onamae", "04.dnsv.jp" },
	{ "muumuu", "dns01.muumuu-domain.com" },
	{ "xserver", "ns5.xserver.jp" },
	{ "wpx", "ns3.wpx.ne.jp" },
	{ "sakura", "ns1.dns.ne.jp" },
	{ "sakura-cloud", "ns1.gslb3.sakura.ne.jp" },
	{ "conoha", "ns-a2.conoha.io" },
	{ "value-domain", "ns11.value-domain.com" },
	{ "lolipop", "uns01.lolipop.jp" },
	{ "heteml", "dns0.heteml.jp" },
	{ "kagoya", "ns0.kagoya.net" },
	{ "arena", "ns1.arena.ne.jp" },
	{ "gmo-cloud", "ns1.gmoserver.jp" },
	{ "star-domain", "ns3.star-domain.jp" },
	{ "gehirn", "ns21.gehirndns.org" },
	{ "nifcloud", "ns0.nifty.com" },
	{ "mydns", "ns0.mydns.jp" },
};

static void a_sample_of_each_row_is_that_rows(void **state unused_arg)
{
	/* These have no name servers of their own. */
	static const char *const nameless[] = { "netlify", "plesk", "cpanel", "iij" };
	size_t rows = 0;
	while (provider_at(rows))
		rows++;
	assert_int_equal(rows, 98);
	assert_int_equal(rows, ARRAY_LEN(samples) + ARRAY_LEN(nameless));
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		if (!str_is(id_of(samples[i].server), samples[i].id))
			fail_msg("%s is not of %s but of '%.*s'", samples[i].server,
				 samples[i].id, STR_ARG(id_of(samples[i].server)));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(samples[j].id, samples[i].id);
	}
	for (size_t i = 0; i < ARRAY_LEN(nameless); i++)
		assert_non_null(provider_find(str_from(nameless[i])));
}

static void the_more_exact_pattern_wins(void **state unused_arg)
{
	static const struct sample exact[] = {
		{ "google-cloud-dns", "ns-cloud-a4.googledomains.com" },
		{ "squarespace", "ns1.googledomains.com" },
		{ "onamae", "ns-rs1.gmoserver.jp" },
		{ "onamae", "dns02.gmoserver.jp" },
		{ "gmo-cloud", "ns2.gmoserver.jp" },
		{ "register-it", "ns1.register.it" },
		{ "sakura", "ns2.dns.ne.jp" },
	};
	for (size_t i = 0; i < ARRAY_LEN(exact); i++)
		if (!str_is(id_of(exact[i].server), exact[i].id))
			fail_msg("%s: '%.*s'", exact[i].server,
				 STR_ARG(id_of(exact[i].server)));
}

static void strangers_match_nobody(void **state unused_arg)
{
	static const char *const names[] = {
		".",
		"com",
		"ns1.customer.example",
		"ns.cloudflare.com",              /* no label in front */
		"ns.cloudflare.com.evil.example", /* the end counts */
		"dina.ns.cloudflare.com.example",
		"evilns.cloudflare.com",
		"xdomaincontrol.com",
		"a.xdomaincontrol.com",
		"ns-.awsdns-00.com", /* no digit */
		"ns-1x.awsdns-00.com",
		"ns-512.awsdns-00.co.jp",
		"x.ns-512.awsdns-00.com", /* one label too many */
		"ns-cloud-.googledomains.co",
		"ns1\\.vercel-dns.com", /* a dot within a label */
		"ns1\\.digitalocean.com",
		"nsx.digitalocean.com",
		"ns1\\032.digitalocean.com",
		"ns\\0001.digitalocean.com",
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (id_of(names[i]).len > 0)
			fail_msg("%s: '%.*s'", names[i], STR_ARG(id_of(names[i])));
}

static void servers_that_agree_are_certain(void **state unused_arg)
{
	struct provider_match m =
		match_of("dns01.muumuu-domain.com", "dns02.muumuu-domain.com", NULL);
	assert_true(str_is(m.provider->id, "muumuu"));
	assert_int_equal(m.confidence, PROVIDER_CERTAIN);
	assert_null(m.other);
}

static void servers_of_two_operators_are_mixed(void **state unused_arg)
{
	struct provider_match m =
		match_of("dina.ns.cloudflare.com", "ns1.digitalocean.com", NULL);
	assert_int_equal(m.confidence, PROVIDER_MIXED);
	assert_true(str_is(m.provider->id, "cloudflare"));
	assert_true(str_is(m.other->id, "digitalocean"));

	m = match_of("ns1.customer.example", "ns1.digitalocean.com", NULL);
	assert_int_equal(m.confidence, PROVIDER_MIXED);
	assert_true(str_is(m.provider->id, "digitalocean"));
	assert_null(m.other);
}

static void shared_servers_are_told_as_such(void **state unused_arg)
{
	static const struct {
		const char *first, *second, *id, *other;
	} cases[] = {
		{ "ns-512.awsdns-00.net", "ns-0.awsdns-00.com", "route53", NULL },
		{ "dns1.p01.nsone.net", "dns2.p01.nsone.net", "ns1", "netlify" },
		{ "ns-cloud-a1.googledomains.com", "ns-cloud-a2.googledomains.com",
		  "google-cloud-dns", "squarespace" },
		{ "ns-rs1.gmoserver.jp", "ns-rs2.gmoserver.jp", "onamae", "gmo-cloud" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct provider_match m = match_of(cases[i].first, cases[i].second, NULL);
		assert_true(str_is(m.provider->id, cases[i].id));
		assert_int_equal(m.confidence, PROVIDER_SHARED);
		assert_true(m.provider->shared.len > 0);
		if (cases[i].other)
			assert_true(m.other && str_is(m.other->id, cases[i].other));
		else
			assert_null(m.other);
	}
	/* The same operator under names of his own is not. */
	struct provider_match m =
		match_of("ns01.squarespacedns.com", "ns02.squarespacedns.com", NULL);
	assert_int_equal(m.confidence, PROVIDER_CERTAIN);
}

static void names_of_the_customers_own_go_by_the_soa(void **state unused_arg)
{
	struct dns_soa soa = { .mname = name_of("ns-2048.awsdns-64.com"),
			       .rname = name_of("hostmaster.customer.example") };
	struct provider_match m =
		match_of("ns1.customer.example", "ns2.customer.example", &soa);
	assert_true(str_is(m.provider->id, "route53"));
	assert_int_equal(m.confidence, PROVIDER_LIKELY);

	soa.mname = name_of("ns1.customer.example");
	soa.rname = name_of("DNS.cloudflare.com");
	m = match_of("ns1.customer.example", "ns2.customer.example", &soa);
	assert_true(str_is(m.provider->id, "cloudflare"));
	assert_int_equal(m.confidence, PROVIDER_LIKELY);

	soa.rname = name_of("hostmaster.customer.example");
	m = match_of("ns1.customer.example", "ns2.customer.example", &soa);
	assert_null(m.provider);
}

static void nothing_is_known_of_no_servers(void **state unused_arg)
{
	struct provider_match m;
	provider_match(NULL, 0, NULL, &m);
	assert_null(m.provider);
}

static void a_fact_has_a_standing_and_a_value(void **state unused_arg)
{
	for (size_t i = 0; provider_at(i); i++) {
		const struct provider *p = provider_at(i);
		assert_true(p->name_en.len > 0 && p->source.len > 0);
		assert_int_equal(p->verified_on.len, 10);
		if ((p->name_box != NAME_BOX_UNKNOWN) !=
			    (p->name_box_fact != FACT_UNKNOWN) ||
		    (p->txt_max > 0) != (p->txt_max_fact != FACT_UNKNOWN) ||
		    (p->publish_s > 0) != (p->publish_fact != FACT_UNKNOWN) ||
		    (p->target_needs_dot && p->target_refuses_dot) ||
		    (p->traps[0].en.len > 0) != (p->trap_count > 0))
			fail_msg("%.*s", STR_ARG(p->id));
	}
	const struct provider *hostpoint = provider_find(STR("hostpoint"));
	assert_true(hostpoint->underscore_refused);
	assert_int_equal(hostpoint->underscore_fact, FACT_SOURCED);
	const struct provider *muumuu = provider_find(STR("muumuu"));
	assert_true(str_is(muumuu->label_name, "サブドメイン"));
	assert_true(str_is(provider_name(muumuu, LANG_EN), "Muumuu Domain (Muumuu DNS)"));
	assert_true(muumuu->target_refuses_dot);
	assert_int_equal(muumuu->publish_s, 3600);
	assert_null(provider_find(STR("nobody")));
}

static void an_address_tells_whose_proxy_it_is(void **state unused_arg)
{
	static const struct {
		const char *address;
		const char *name;
	} cases[] = {
		{ "104.16.0.10", "Cloudflare" },
		{ "104.23.255.255", "Cloudflare" },
		{ "104.28.0.0", "" },
		{ "104.15.255.255", "" },
		{ "172.67.0.10", "Cloudflare" },
		{ "173.245.48.1", "Cloudflare" },
		{ "173.245.64.0", "" },
		{ "2606:4700::1", "Cloudflare" },
		{ "2606:4701::1", "" },
		{ "2a06:98c7:ffff::1", "Cloudflare" },
		{ "2a06:98c8::1", "" },
		{ "151.101.1.6", "Fastly" },
		{ "192.0.2.1", "" },
		{ "2001:db8::1", "" },
		{ "45.60.1.2", "Imperva" },
		{ "185.93.228.7", "Sucuri" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct address a;
		assert_true(address_parse(str_from(cases[i].address), 53, &a));
		if (!str_is(proxy_of(&a), cases[i].name))
			fail_msg("%s: '%.*s'", cases[i].address, STR_ARG(proxy_of(&a)));
	}
	const struct address unset = { 0 };
	assert_int_equal(proxy_of(&unset).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sample_of_each_row_is_that_rows),
		cmocka_unit_test(the_more_exact_pattern_wins),
		cmocka_unit_test(strangers_match_nobody),
		cmocka_unit_test(servers_that_agree_are_certain),
		cmocka_unit_test(servers_of_two_operators_are_mixed),
		cmocka_unit_test(shared_servers_are_told_as_such),
		cmocka_unit_test(names_of_the_customers_own_go_by_the_soa),
		cmocka_unit_test(nothing_is_known_of_no_servers),
		cmocka_unit_test(a_fact_has_a_standing_and_a_value),
		cmocka_unit_test(an_address_tells_whose_proxy_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
