/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking: the list of servers, then the registry's own server, perhaps one that it names
 * instead (RFC 7480 section 5.2). */
#include "http/http.h"
#include "registry/registry.h"

enum {
	ALL_US = 4000000, /* everything together */
	CALL_S = 3,
	REDIRECTS_MAX = 2,
};

#define RDAP_TYPE "application/rdap+json, application/json"

struct asking {
	struct arena *a;
	int64_t deadline_us;
};

bool registry_is_on(const struct config *config)
{
	return config_text(config, CONFIG_RDAP_URL).len > 0 ||
	       config_text(config, CONFIG_RDAP_BOOTSTRAP).len > 0;
}

static bool get(const struct asking *g, struct str url, struct http_reply *out)
{
	struct err ignored = { 0 };
	int64_t left_us = g->deadline_us - clock_mono_us();
	struct http_call call = {
		.method = "GET",
		.url = url,
		.timeout_s = CALL_S,
		.accept = RDAP_TYPE,
	};
	if (left_us < 1000000)
		return false;
	if (left_us / 1000000 < CALL_S)
		call.timeout_s = (unsigned)(left_us / 1000000);
	return http_call(g->a, &call, out, &ignored);
}

/* "https://host:8443" of an URL. */
static struct str origin_of(struct str url)
{
	struct str scheme_end = STR("://");
	size_t colon = str_find_byte(url, ':');
	struct str rest = str_sub(url, colon + scheme_end.len, url.len);
	return str_sub(url, 0, colon + scheme_end.len + str_find_byte(rest, '/'));
}

/* A server may send us on within its own origin. To another one only if the operator of
 * this program chose it (`abroad`), and then to where nobody in between can look: else a
 * registry could have us call whatever we reach. */
static bool may_follow(struct str from, struct str to, bool abroad)
{
	for (size_t i = 0; i < to.len; i++) {
		if (to.data[i] <= ' ' || to.data[i] > '~')
			return false;
	}
	return str_equal(origin_of(from), origin_of(to)) ||
	       (abroad && str_starts(to, STR("https://")));
}

static bool get_along(const struct asking *g, struct str *url, bool abroad,
		      struct http_reply *out)
{
	for (unsigned i = 0; i <= REDIRECTS_MAX; i++) {
		if (!get(g, *url, out))
			return false;
		if (out->status < 300 || out->status > 399)
			return true;
		if (!may_follow(*url, out->location, abroad))
			return false;
		*url = out->location;
	}
	return false;
}

static bool find_base(const struct asking *g, const struct config *config,
		      const struct dns_name *domain, struct str *out)
{
	struct http_reply reply;
	struct str base = config_text(config, CONFIG_RDAP_URL);
	struct str list = config_text(config, CONFIG_RDAP_BOOTSTRAP);
	if (base.len > 0) {
		*out = str_from(arena_printf(g->a, "%.*s%s", STR_ARG(base),
					     str_ends(base, STR("/")) ? "" : "/"));
		return true;
	}
	return list.len > 0 && get_along(g, &list, true, &reply) && reply.status == 200 &&
	       registry_bootstrap_find(g->a, reply.body, domain, out);
}

/* Letters, digits, hyphens, as every registered domain is: nothing to be escaped in an
 * URL. */
static bool is_plain(struct str domain)
{
	for (size_t i = 0; i < domain.len; i++) {
		unsigned char c = (unsigned char)domain.data[i];
		if (!ascii_is_alnum(c) && c != '-' && c != '.')
			return false;
	}
	return domain.len > 1;
}

void registry_ask(struct arena *a, const struct config *config,
		  const struct dns_name *domain, struct registration *out)
{
	const struct asking g = { a, clock_mono_us() + ALL_US };
	const struct dns_name lower = dns_name_lower(domain);
	struct http_reply reply;
	struct str base;
	struct err ignored = { 0 };
	auto_buf struct buf text;
	buf_init(&text, 4 * DNS_NAME_MAX);
	dns_name_write(&text, &lower);
	*out = (struct registration){ .domain = lower,
				      .registrar = STR_EMPTY,
				      .source = STR_EMPTY };
	if (!is_plain(buf_view(&text)) || !find_base(&g, config, domain, &base))
		return;
	/* RFC 9082 section 3.1.3 */
	struct str url = str_from(
		arena_printf(a, "%.*sdomain/%s", STR_ARG(base), buf_cstr(&text)));
	struct str asked = url;
	out->source = asked;
	if (!get_along(&g, &url, config_text(config, CONFIG_RDAP_URL).len > 0, &reply))
		return;
	/* RFC 7480 section 5.3 */
	if (reply.status == 404)
		out->outcome = REGISTRATION_NONE;
	if (reply.status == 200 &&
	    registry_answer_parse(a, reply.body, &lower, out, &ignored))
		out->source = asked;
}
