/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two checks of a liar's domain at the same time, whose answers are validated: what
 * libunbound asks for is answered, within the budget, and asked of nobody who may not
 * be; both end; and what libunbound hears afterwards of the liar's neighbour is true. */
#include <stdlib.h>

#include "liar.h"
#include "libunbound.h"
#include "loopback.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	QUESTIONS = 3,
	ASKS_MAX = 2 * QUESTIONS,
	RESERVED = 4,
	PATIENCE_US = 2000000,
	REGISTRY_EACH = 2, /* a step of a walk, and the question */
};

struct look;

struct checking {
	struct look *look;
	struct question question;
	struct resolver_validate *validate;
	bool is_started;
	bool is_judged;
	enum security security;
};

struct asking {
	struct look *look;
	size_t question;
	struct resolver_ask *ask;
	bool was_shown; /* to the validator */
	bool proven;
};

struct look {
	struct resolver *resolver;
	struct arena arena;
	struct budget budget;
	struct resolver_walk *walk;
	struct checking checkings[QUESTIONS];
	struct asking asks[ASKS_MAX];
	size_t ask_count;
	size_t open;
	bool is_hurried;
	bool is_done;
};

/* What the check does once it has its answers. */

static void look_go_on(struct look *l);

static void on_validated(void *arg, enum security security, unused_arg struct str why)
{
	struct checking *c = arg;

	if (c->is_judged)
		abort();
	c->validate = NULL;
	c->is_judged = true;
	c->security = security;
	look_go_on(c->look);
}

static void validate(struct checking *c)
{
	struct look *l = c->look;

	if (c->is_started)
		return;
	c->is_started = true;
	c->validate = resolver_validate_start(l->resolver, &l->budget, &l->arena,
					      &c->question, on_validated, c);
	if (!c->validate)
		abort();
}

static void look_go_on(struct look *l)
{
	if (l->open > 0)
		return;
	for (size_t i = 0; i < QUESTIONS && !l->is_hurried; i++)
		validate(&l->checkings[i]);
	for (size_t i = 0; i < QUESTIONS && !l->is_hurried; i++)
		if (l->checkings[i].validate)
			resolver_validate_hurry(l->checkings[i].validate,
						clock_mono_us() + PATIENCE_US);
	l->is_hurried = true;
	for (size_t i = 0; i < QUESTIONS; i++)
		if (!l->checkings[i].is_judged)
			return;
	l->is_done = true;
}

static bool is_good(const struct resolver_reply *reply)
{
	return reply->outcome == ASK_ANSWERED && !reply->message->truncated &&
	       (reply->message->rcode == DNS_RCODE_NOERROR ||
		reply->message->rcode == DNS_RCODE_NXDOMAIN);
}

static void on_reply(void *arg, const struct resolver_reply *reply)
{
	struct asking *asking = arg;
	struct look *l = asking->look;
	struct checking *c = &l->checkings[asking->question];

	asking->ask = NULL;
	if (is_good(reply)) {
		asking->was_shown = true;
		resolver_validate_show(l->resolver, &l->budget, &l->arena, &c->question,
				       reply, &asking->proven);
		validate(c);
	}
	l->open--;
	look_go_on(l);
}

static void ask(struct look *l, const struct address *a, const struct dns_name *zone)
{
	for (size_t i = 0; i < QUESTIONS && l->ask_count < ASKS_MAX; i++) {
		struct asking *asking = &l->asks[l->ask_count++];
		bool is_forward = resolver_forward(l->resolver).family;
		struct resolver_request request = {
			.question = l->checkings[i].question,
			.address = *a,
			.recursion = is_forward,
			.trusted = is_forward,
			.zone = *zone,
			.is_own = true,
			.depth = l->budget.round_trips,
		};
		asking->look = l;
		asking->question = i;
		l->open++;
		asking->ask = resolver_ask_start(l->resolver, &l->budget, &l->arena,
						 &request, on_reply, asking);
	}
}

static void on_walked(void *arg, const struct resolver_walk_result *w)
{
	struct look *l = arg;

	l->walk = NULL;
	resolver_budget_reserve(&l->budget, RESERVED);
	resolver_validate_fetch(l->resolver, &l->budget, &l->arena, w->delegations,
				w->delegation_count);
	for (size_t i = 0; i < w->server_count; i++)
		if (w->servers[i].address_count > 0)
			ask(l, &w->servers[i].addresses[0], &w->zone);
	l->open--;
	look_go_on(l);
}

static void look_start(struct look *l, struct resolver *r, const char *const names[],
		       const uint16_t types[])
{
	struct dns_name name = liar_name(names[0]);
	struct dns_name zone = dns_name_parent(&name, dns_name_labels(&name) - 2);
	struct address forward = resolver_forward(r);

	l->resolver = r;
	arena_init(&l->arena, 16 << 20);
	resolver_budget_init(r, &l->budget);
	resolver_budget_blame(&l->budget, &zone);
	for (size_t i = 0; i < QUESTIONS; i++) {
		l->checkings[i].look = l;
		l->checkings[i].question.name = liar_name(names[i]);
		l->checkings[i].question.type = types[i];
	}
	if (forward.family) {
		ask(l, &forward, &zone);
		return;
	}
	l->open = 1;
	l->walk = resolver_walk_start(r, &l->budget, &l->arena, &name, on_walked, l);
}

/* A verdict is about what was seen. */
static void check_proofs(const struct look *l)
{
	for (size_t q = 0; q < QUESTIONS; q++) {
		bool is_secure = l->checkings[q].security == SECURITY_SECURE;
		bool was_shown = false, was_proven = false;
		for (size_t i = 0; i < l->ask_count; i++) {
			if (l->asks[i].question != q)
				continue;
			was_shown = was_shown || l->asks[i].was_shown;
			was_proven = was_proven || l->asks[i].proven;
		}
		if (was_shown ? was_proven != is_secure : was_proven)
			abort();
	}
}

static void look_end(struct look *l, const struct liar *liar)
{
	for (size_t i = 0; i < l->ask_count; i++)
		resolver_ask_cancel(&l->asks[i].ask);
	resolver_walk_cancel(&l->walk);
	for (size_t i = 0; i < QUESTIONS; i++)
		resolver_validate_cancel(&l->checkings[i].validate);
	check_proofs(l);
	resolver_budget_done(&l->budget);
	/* Keys of the root and of top-level domains are not of the liar's choice. */
	if (l->budget.queries >
	    RESOLVER_QUERIES_MAX + REGISTRY_EACH * liar->registry_asked)
		abort();
	arena_done(&l->arena);
}

static void look_at_liar(struct resolver *r, const struct liar *liar, bool is_second_kept)
{
	static const char *const names[][QUESTIONS] = {
		{ "k1._domainkey.liar.test", "mail.liar.test", "www.liar.test" },
		{ "a.b.c.liar.test", "k1._domainkey.liar.test", "mail.liar.test" }
	};
	static const uint16_t types[][QUESTIONS] = {
		{ DNS_TYPE_CNAME, DNS_TYPE_MX, DNS_TYPE_A },
		{ DNS_TYPE_TXT, DNS_TYPE_TXT, DNS_TYPE_MX }
	};
	struct look looks[2] = { 0 };

	for (size_t i = 0; i < 2; i++)
		look_start(&looks[i], r, names[i], types[i]);
	network_run(&looks[0].is_done);
	if (!looks[0].is_done)
		abort();
	look_end(&looks[0], liar);
	if (is_second_kept) {
		network_run(&looks[1].is_done);
		if (!looks[1].is_done)
			abort();
	}
	look_end(&looks[1], liar);
	/* Somebody pays for what the validator wants to know. */
	if (liar->keys_asked > 0 && looks[0].budget.reserved == RESERVED &&
	    looks[1].budget.reserved == RESERVED)
		abort();
}

static void look_at_victim(struct resolver *r, const struct liar *liar, struct unbound *u)
{
	static const char *const names[] = { "www.victim.test", "mail.victim.test",
					     "a.victim.test" };
	static const uint16_t types[] = { DNS_TYPE_A, DNS_TYPE_A, DNS_TYPE_A };
	struct look l = { 0 };

	u->is_honest = true;
	look_start(&l, r, names, types);
	network_run(&l.is_done);
	for (size_t i = 0; i < QUESTIONS; i++)
		if (l.checkings[i].security != SECURITY_SECURE)
			abort();
	if (u->has_failed)
		abort();
	look_end(&l, liar);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_over(str_of(data, size));
	uint8_t how = cursor_u8(&c);
	struct unbound unbound = { .program =
					   cursor_over(cursor_bytes(&c, cursor_u8(&c))) };
	struct liar liar = { .program = c };
	bool is_broken = cursor_peek(&unbound.program) == 0xff;
	struct resolver *r;
	struct err e = { 0 };

	if (!cursor_ok(&c))
		return 0;
	network_start(liar_serve, &liar);
	unbound_start(&unbound);
	if (!resolver_new(NULL, liar_config_validating(how & 1), &r, &e))
		abort();
	if (how & 2)
		resolver_validate_prepare(r);
	look_at_liar(r, &liar, how & 4);
	if (loopback_open() > 0)
		abort();
	if (liar.has_strayed || liar.packets_to_victim > 2 * RESOLVER_BYSTANDER_MAX)
		abort();
	if (!(how & 1) && !is_broken)
		look_at_victim(r, &liar, &unbound);
	resolver_free(&r);
	return 0;
}
