/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend doctor: what must be reached: root, resolvers, key zone, relay, perspectives. */
#include <unistd.h>
#include <uv.h>

#include "authority/authority.h"
#include "cmd/doctor.h"
#include "cmd/table.h"
#include "http/http.h"
#include "mail/mail.h"
#include "registry/registry.h"
#include "resolver/resolver.h"

enum {
	RESOLVERS_MAX = 16,
	RELAY_TIMEOUT_S = 10,
	DAY_S = 86400,
	EXPIRY_WARN_DAYS = 90,
	EXPIRY_FAIL_DAYS = 30,
	DNS_PORT = 53,
};

/* --- the root --- */

/* RFC 1035 section 4.3.1: a root server refers, it never recurses. What answers in its
 * place stands in the network. */
static bool root_is_intercepted(struct doctor *d, struct lookup *l,
				const struct address *address,
				const struct dns_name *zone)
{
	struct lookup_view view = { .question = { *zone, DNS_TYPE_SOA },
				    .address = *address,
				    .recursion = true };

	lookup_ask_each(l, d->a, &view, 1);
	return view.reply.outcome == ASK_ANSWERED && view.reply.message &&
	       view.reply.message->recursion_available;
}

static void root_say(struct doctor *d, struct lookup *l, const struct trace *t)
{
	const struct trace_zone *root = t->zone_count ? &t->zones[0] : NULL;
	const struct trace_server *good = NULL;
	bool tcp = false;

	for (size_t i = 0; root && i < root->server_count; i++) {
		if (root->servers[i].outcome == ASK_ANSWERED && !good)
			good = &root->servers[i];
		tcp |= root->servers[i].tcp_asked && root->servers[i].tcp == ASK_ANSWERED;
	}
	if (!good)
		doctor_say(d, "dns", DOCTOR_FAIL,
			   LANG_MARK("Let UDP and TCP to port 53 out; see that "
				     "dns.root_hints is a file of root servers."),
			   LANG_MARK("no root server answers"));
	else if (root_is_intercepted(d, l, &good->address, &t->domain))
		doctor_say(d, "dns", DOCTOR_FAIL,
			   LANG_MARK("Have the provider or the firewall stop it (U908). "
				     "Until then nothing that is seen can be trusted."),
			   LANG_MARK("something in the network answers in the place of "
				     "the root servers"));
	else if (!tcp)
		doctor_say(d, "dns", DOCTOR_FAIL,
			   LANG_MARK("Let TCP to port 53 out: long answers come over "
				     "TCP."),
			   LANG_MARK("root servers answer over UDP, but not over TCP"));
	else
		doctor_say(d, "dns", DOCTOR_OK, NULL,
			   LANG_MARK("root servers answer over UDP and TCP"));
}

/* Without the file nobody can ask at all. */
static bool anchor_is_readable(struct doctor *d)
{
	const char *path = config_cstr(d->config, CONFIG_DNS_TRUST_ANCHOR);

	if (!*path || access(path, R_OK) == 0)
		return true;
	doctor_say(d, "anchor", DOCTOR_FAIL,
		   LANG_MARK("Install the package dns-root-data, or correct "
			     "dns.trust_anchor."),
		   LANG_MARK("the trust anchor '%s' cannot be read"), path);
	return false;
}

static void anchor_say(struct doctor *d, struct lookup *l)
{
	const char *path = config_cstr(d->config, CONFIG_DNS_TRUST_ANCHOR);
	struct question root = { .type = DNS_TYPE_SOA };
	struct err e = { 0 };
	struct str why = STR_EMPTY;

	if (!*path) {
		doctor_say(d, "anchor", DOCTOR_WARN, LANG_MARK("Set dns.trust_anchor."),
			   LANG_MARK("DNSSEC is not checked: there is no trust anchor"));
		return;
	}
	if (!dns_name_parse(STR("."), &root.name, &e))
		return;
	enum security security = lookup_validate(l, d->a, &root, &why);
	if (security == SECURITY_SECURE)
		doctor_say(d, "anchor", DOCTOR_OK, NULL,
			   LANG_MARK("the root's signature holds: trust anchor and clock "
				     "are right"));
	else
		doctor_say(d, "anchor",
			   security == SECURITY_BOGUS ? DOCTOR_FAIL : DOCTOR_WARN,
			   LANG_MARK("See that the clock is right (timedatectl status) "
				     "and the trust anchor is the present one."),
			   LANG_MARK("the root's signature could not be shown to hold "
				     "(%s) %.*s"),
			   word_security(security), STR_ARG(why));
}

/* --- public resolvers --- */

static void resolvers_say(struct doctor *d, struct lookup *l)
{
	struct lookup_view views[RESOLVERS_MAX] = { 0 };
	size_t count = 0;
	size_t answered = 0;
	const struct str *texts = config_list(d->config, CONFIG_DNS_RESOLVERS, &count);
	struct err e = { 0 };

	if (count > RESOLVERS_MAX)
		count = RESOLVERS_MAX;
	for (size_t i = 0; i < count; i++) {
		views[i].question.type = DNS_TYPE_NS;
		views[i].recursion = true;
		if (!dns_name_parse(STR("."), &views[i].question.name, &e) ||
		    !address_parse(texts[i], DNS_PORT, &views[i].address))
			return;
	}
	lookup_ask_each(l, d->a, views, count);
	for (size_t i = 0; i < count; i++) {
		bool is_up = views[i].reply.outcome == ASK_ANSWERED;

		answered += is_up;
		if (!is_up)
			doctor_say(d, "resolvers", DOCTOR_WARN,
				   LANG_MARK("Take it out of dns.resolvers, or let the "
					     "questions out."),
				   LANG_MARK("the resolver %.*s does not answer: %s"),
				   STR_ARG(texts[i]),
				   show_outcome(d->lang, views[i].reply.outcome));
	}
	if (answered == count)
		doctor_say(d, "resolvers", DOCTOR_OK, NULL,
			   LANG_MARK("%zu public resolvers answer"), answered);
}

/* --- the zone that holds the customers' keys --- */

static void zone_served_say(struct doctor *d, const struct trace *t,
			    const struct dns_name *zone)
{
	const struct trace_zone *last =
		t->zone_count ? &t->zones[t->zone_count - 1] : NULL;
	size_t lame = 0;

	if (t->walk != WALK_DONE || !last || !dns_name_equal(&last->zone, zone)) {
		doctor_say(d, "key zone", DOCTOR_FAIL,
			   LANG_MARK("Delegate it: NS records for it in the zone above, "
				     "to the hosts of keys.name_servers, and let these "
				     "serve keys.zone_file."),
			   LANG_MARK("'%.*s' is not delegated: no customer's record "
				     "leads to a key"),
			   STR_ARG(config_text(d->config, CONFIG_KEYS_ZONE)));
		return;
	}
	for (size_t i = 0; i < last->server_count; i++)
		lame += last->servers[i].outcome != ASK_ANSWERED ||
			last->servers[i].is_lame;
	if (lame)
		doctor_say(d, "key zone", DOCTOR_FAIL,
			   LANG_MARK("Load the zone at each of them, or take those that "
				     "are gone out of the NS records: unpend trace "
				     "shows which."),
			   LANG_MARK("%zu of %zu name servers of '%.*s' do not serve it"),
			   lame, last->server_count,
			   STR_ARG(config_text(d->config, CONFIG_KEYS_ZONE)));
	else
		doctor_say(d, "key zone", DOCTOR_OK, NULL,
			   LANG_MARK("'%.*s' is delegated and served by %zu name "
				     "servers"),
			   STR_ARG(config_text(d->config, CONFIG_KEYS_ZONE)),
			   last->server_count);
}

struct sample {
	struct arena *a;
	struct str selector;
};

/* One that is published and not revoked. */
static void key_note(void *arg, const struct key_row *row)
{
	struct sample *s = arg;

	if (!s->selector.len && row->published_at && !row->revoked_at)
		s->selector = arena_str(s->a, row->selector);
}

static void key_served_say(struct doctor *d, struct lookup *l)
{
	struct sample sample = { .a = d->a, .selector = STR_EMPTY };
	struct question q = { .type = DNS_TYPE_TXT };
	struct lookup_answer answer;
	struct err e = { 0 };

	if (!d->store || !store_key_each(d->store, key_note, &sample, &e) ||
	    !sample.selector.len)
		return;
	const char *name =
		arena_printf(d->a, "%.*s.%.*s", STR_ARG(sample.selector),
			     STR_ARG(config_text(d->config, CONFIG_KEYS_ZONE)));
	if (!dns_name_parse(str_from(name), &q.name, &e))
		return;
	lookup_ask(l, d->a, &q, 1, false, &answer);
	if (lookup_has_records(&answer))
		doctor_say(d, "keys", DOCTOR_OK, NULL,
			   LANG_MARK("a published key is found in the DNS"));
	else
		doctor_say(d, "keys", DOCTOR_FAIL,
			   LANG_MARK("See that the name servers load keys.zone_file: "
				     "keys.reload, and the log of the service."),
			   LANG_MARK("'%s' should hold a key, but does not"), name);
}

/* SubdoMailing (2024): who lets such a domain go gives away what points into it. */
static void expiry_say(struct doctor *d)
{
	struct str zone = config_text(d->config, CONFIG_KEYS_ZONE);
	struct str domain = mail_domain_organisational(zone);
	struct registration r = { .outcome = REGISTRATION_UNKNOWN };
	struct dns_name name;
	struct err e = { 0 };

	if (!registry_is_on(d->config) || !dns_name_parse(domain, &name, &e))
		return;
	registry_ask(d->a, d->config, &name, &r);
	if (r.outcome != REGISTRATION_FOUND || !r.expires_at) {
		doctor_say(d, "expiry", DOCTOR_WARN,
			   LANG_MARK("See to it yourself that it is renewed in time: all "
				     "customers' records point into it."),
			   LANG_MARK("the registry did not say until when '%.*s' is "
				     "registered"),
			   STR_ARG(domain));
		return;
	}
	int64_t days = (r.expires_at - d->now_s) / DAY_S;
	enum doctor_state state = days < EXPIRY_FAIL_DAYS   ? DOCTOR_FAIL
				  : days < EXPIRY_WARN_DAYS ? DOCTOR_WARN
							    : DOCTOR_OK;
	doctor_say(d, "expiry", state,
		   state ? LANG_MARK("Renew it now: whoever registers it afterwards has "
				     "the mail of all customers.")
			 : NULL,
		   LANG_MARK("'%.*s' is registered for %lld more days"), STR_ARG(domain),
		   (long long)days);
}

static void key_zone_say(struct doctor *d, struct lookup *l, const struct trace *t,
			 const struct dns_name *zone)
{
	if (str_is(config_text(d->config, CONFIG_AUTHORITY_KIND), "ses"))
		return;
	if (!config_is_set(d->config, CONFIG_KEYS_ZONE)) {
		doctor_say(d, "key zone", DOCTOR_FAIL,
			   LANG_MARK("Set keys.zone to a zone below a domain of yours, "
				     "and delegate it."),
			   LANG_MARK("keys.zone is not set: customers' records would "
				     "point nowhere"));
		return;
	}
	zone_served_say(d, t, zone);
	key_served_say(d, l);
	expiry_say(d);
}

void doctor_dns(struct doctor *d)
{
	struct err e = { .lang = d->lang };
	struct lookup *l = NULL;
	struct dns_name zone;
	struct trace t;

	if (!anchor_is_readable(d))
		return;
	if (!dns_name_parse(config_text(d->config, CONFIG_KEYS_ZONE), &zone, &e) ||
	    !lookup_new(d->config, &l, &e)) {
		doctor_say(d, "dns", DOCTOR_FAIL,
			   LANG_MARK("Correct dns.root_hints and dns.trust_anchor."),
			   "%s", e.text);
		return;
	}
	if (!config_text(d->config, CONFIG_DNS_FORWARD).len) {
		lookup_trace(l, d->a, &zone, &t);
		root_say(d, l, &t);
		anchor_say(d, l);
		key_zone_say(d, l, &t, &zone);
	}
	resolvers_say(d, l);
	lookup_free(&l);
}

/* --- the relay --- */

void doctor_relay(struct doctor *d)
{
	struct str url = config_text(d->config, CONFIG_RELAY_URL);
	struct str reply = STR_EMPTY;

	if (!url.len)
		return;
	if (smtp_reach(d->a, url, RELAY_TIMEOUT_S, &reply))
		doctor_say(d, "relay", DOCTOR_OK, NULL,
			   LANG_MARK("'%.*s' answers as a mail server"), STR_ARG(url));
	else
		doctor_say(d, "relay", DOCTOR_FAIL,
			   LANG_MARK("Start the mail server, let us in, or correct "
				     "relay.url; until then mail waits."),
			   LANG_MARK("'%.*s' cannot be used: %.*s"), STR_ARG(url),
			   STR_ARG(reply));
}

/* --- perspectives --- */

struct looking {
	struct doctor *doctor;
	struct authority *authority;
	struct authority_look *look;
	bool done;
};

static bool matters_always(void *arg unused_arg,
			   const struct authority_result *own unused_arg)
{
	return true;
}

static void on_looked(void *arg, const struct authority_result *result)
{
	struct looking *l = arg;
	struct doctor *d = l->doctor;

	l->done = true;
	for (size_t i = 1; i < result->observation_count; i++) {
		const struct authority_observation *o = &result->observations[i];

		if (o->observation)
			doctor_say(d, "perspectives", DOCTOR_OK, NULL,
				   LANG_MARK("'%.*s' looks at the DNS for us"),
				   STR_ARG(o->name));
		else
			doctor_say(d, "perspectives", DOCTOR_FAIL,
				   LANG_MARK("See that 'unpend probe --listen' runs "
					     "there, and that perspectives.ca, "
					     "certificate and key fit."),
				   LANG_MARK("'%.*s' is silent: %.*s"), STR_ARG(o->name),
				   STR_ARG(o->why));
	}
}

static void on_closed(void *arg unused_arg)
{
}

/* A look at the key zone, by way of every perspective. */
static bool look_start(struct looking *l, uv_loop_t *loop, struct expectation *x,
		       struct err *e)
{
	struct doctor *d = l->doctor;
	const struct authority_options options = { .config = d->config };

	if (!expectation_empty(d->a, config_text(d->config, CONFIG_KEYS_ZONE), x, e) ||
	    !authority_new(loop, &options, &l->authority, e))
		return false;
	l->look = authority_look_start(l->authority, d->a, x, on_looked, l);
	if (!l->look)
		return err_set(e, ERR_LIMIT, "too many looks are waiting");
	authority_look_corroborate(l->look, matters_always);
	return true;
}

void doctor_perspectives(struct doctor *d)
{
	struct looking l = { .doctor = d };
	struct expectation x;
	struct err e = { .lang = d->lang };
	uv_loop_t loop;
	size_t count;

	(void)config_list(d->config, CONFIG_PERSPECTIVES_ASK, &count);
	if (!count || !resolver_loop_open(&loop, &e))
		return;
	bool started = look_start(&l, &loop, &x, &e);
	if (!started)
		doctor_say(d, "perspectives", DOCTOR_FAIL,
			   LANG_MARK("Correct the settings of [perspectives]."), "%s",
			   e.text);
	while (started && !l.done)
		uv_run(&loop, UV_RUN_ONCE);
	if (l.authority)
		authority_close(l.authority, on_closed, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	authority_free(&l.authority);
	(void)uv_loop_close(&loop);
}
