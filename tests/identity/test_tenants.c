/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two tenants, the same domains, one DNS that both write to, by fair means and foul:
 * what is verified for one was shown by the DNS for that one's tokens, at the time of the
 * look, and the other had no part in it.
 */
#include "chance.h"

enum {
	STEPS = 400000 / SHARE,
	TENANTS = 2,
	DOMAINS = 3,
	TOKENS = EXPECT_DKIM_TOKENS,
	RECORDS_MAX = 24, /* of one domain's zone */
	ARENA_BYTES = 1 << 20,
	TEXT_BYTES = 160,
};

static const char *const domain_names[DOMAINS] = { "a.example.com", "b.example.com",
						   "sub.a.example.com" };

struct record {
	char name[TEXT_BYTES];
	char target[TEXT_BYTES];
};

struct zone {
	struct record records[RECORDS_MAX];
	size_t count;
	bool is_silent;
};

/* What a tenant has of a domain; generation grows with every deletion. */
struct holding {
	bool exists;
	uint32_t generation;
	char tokens[TOKENS][48];
	struct identity_state state;
	/* When all its tokens, of this generation, were last in the DNS at a look. */
	int64_t shown_at;
};

/* A look that was begun and comes back later, perhaps to another generation. */
struct flight {
	bool is_under_way;
	size_t tenant, domain;
	uint32_t generation;
	int64_t at;
	struct look look;
	bool was_shown;
};

struct model {
	uint64_t seed;
	int64_t now;
	uint32_t serial; /* of tokens: none comes twice */
	struct zone zones[DOMAINS];
	struct holding holdings[TENANTS][DOMAINS];
	struct flight flight;
	size_t verified, lost, refused;
};

static void text_set(char *to, const char *from)
{
	size_t len = strlen(from);

	assert_true(len < TEXT_BYTES);
	memcpy(to, from, len + 1);
}

/* --- the DNS --- */

static void zone_put(struct zone *z, struct model *m, const struct record *r)
{
	size_t at = z->count < RECORDS_MAX ? z->count++ : below(&m->seed, RECORDS_MAX);

	z->records[at] = *r;
}

static bool zone_has(const struct zone *z, const struct expected_record *x)
{
	for (size_t i = 0; i < z->count; i++) {
		struct dns_name name, target, wanted;
		struct err e = { 0 };
		if (!dns_name_parse(str_from(z->records[i].name), &name, &e) ||
		    !dns_name_parse(str_from(z->records[i].target), &target, &e) ||
		    !dns_name_parse(x->value, &wanted, &e))
			continue;
		if (dns_name_equal(&name, &x->name) && dns_name_equal(&target, &wanted))
			return true;
	}
	return false;
}

/* --- what the product does --- */

static struct expectation expect(struct arena *a, const struct holding *h, size_t domain)
{
	struct str tokens[TOKENS];
	const struct dkim_tokens all = { tokens, TOKENS, STR("keys.example.net") };
	struct expectation x;
	struct err e = { 0 };

	for (size_t i = 0; i < TOKENS; i++)
		tokens[i] = str_from(h->tokens[i]);
	if (!expectation_from_tokens(a, str_from(domain_names[domain]), &all, &x, &e))
		fail_msg("%s", e.text);
	return x;
}

static enum look_result look_result(struct model *m, const struct expectation *x,
				    size_t domain)
{
	if (m->zones[domain].is_silent)
		return LOOK_UNKNOWN;
	for (size_t i = 0; i < x->count; i++) {
		if (!zone_has(&m->zones[domain], &x->records[i]))
			return LOOK_WRONG;
	}
	return LOOK_RIGHT;
}

/* The same by the letter, without any code of the product. */
static bool zone_shows(const struct zone *z, const struct holding *h, size_t domain)
{
	size_t shown = 0;

	for (size_t i = 0; i < TOKENS; i++) {
		auto_arena struct arena a;
		arena_init(&a, ARENA_BYTES);
		const char *name = arena_printf(&a, "%s._domainkey.%s", h->tokens[i],
						domain_names[domain]);
		const char *target =
			arena_printf(&a, "%s.keys.example.net", h->tokens[i]);
		bool is_there = false;
		for (size_t j = 0; j < z->count; j++)
			is_there |= strcmp(z->records[j].name, name) == 0 &&
				    strcmp(z->records[j].target, target) == 0;
		shown += is_there;
	}
	return shown == TOKENS && !z->is_silent;
}

static void create(struct model *m, size_t tenant, size_t domain)
{
	struct holding *h = &m->holdings[tenant][domain];
	auto_arena struct arena a;

	arena_init(&a, ARENA_BYTES);
	h->exists = true;
	h->shown_at = 0;
	for (size_t i = 0; i < TOKENS; i++)
		text_set(h->tokens[i], arena_printf(&a, "t%u", m->serial++));
	struct expectation x = expect(&a, h, domain);
	h->state = identity_begin(&x, m->now).state;
}

static void look_begin(struct model *m, size_t tenant, size_t domain)
{
	struct holding *h = &m->holdings[tenant][domain];
	struct flight *f = &m->flight;
	auto_arena struct arena a;

	arena_init(&a, ARENA_BYTES);
	struct expectation x = expect(&a, h, domain);
	*f = (struct flight){ .is_under_way = true,
			      .tenant = tenant,
			      .domain = domain,
			      .generation = h->generation,
			      .at = m->now };
	f->look.at_s = m->now;
	f->look.results[ASPECT_DKIM] = look_result(m, &x, domain);
	f->look.wrong_servers[ASPECT_DKIM] = 2;
	f->was_shown = zone_shows(&m->zones[domain], h, domain);
}

/* What was deleted meanwhile has another id when it is made again: its look is dropped
 * (service/outcome.c). */
static void look_end(struct model *m)
{
	const struct policy p = policy_default();
	struct flight *f = &m->flight;
	struct holding *h = &m->holdings[f->tenant][f->domain];

	f->is_under_way = false;
	if (!h->exists || h->generation != f->generation) {
		m->refused++;
		return;
	}
	if (f->was_shown)
		h->shown_at = f->at;
	enum status before = h->state.aspects[ASPECT_DKIM].status;
	h->state = identity_step(&h->state, &f->look, &p, m->now, below(&m->seed, 1000))
			   .state;
	enum status after = h->state.aspects[ASPECT_DKIM].status;
	m->verified += before != STATUS_SUCCESS && after == STATUS_SUCCESS;
	m->lost += before == STATUS_SUCCESS && after != STATUS_SUCCESS;
}

/* --- what people do --- */

static void publish(struct model *m, size_t tenant, size_t domain, size_t into)
{
	struct holding *h = &m->holdings[tenant][domain];
	auto_arena struct arena a;

	arena_init(&a, ARENA_BYTES);
	struct expectation x = expect(&a, h, domain);
	for (size_t i = 0; i < x.count; i++) {
		struct record r;
		if (one_in(&m->seed, 6))
			continue;
		text_set(r.name, arena_text(&a, dns_name_text(&a, &x.records[i].name)));
		text_set(r.target, arena_text(&a, x.records[i].value));
		zone_put(&m->zones[into], m, &r);
	}
}

/* Names of one, targets of the other; the right name in another zone; old tokens. */
static void cheat(struct model *m, size_t tenant, size_t domain)
{
	const struct holding *mine = &m->holdings[tenant][domain];
	const struct holding *theirs = &m->holdings[!tenant][domain];
	size_t other = below(&m->seed, DOMAINS);
	auto_arena struct arena a;
	struct record r;

	arena_init(&a, ARENA_BYTES);
	for (size_t i = 0; i < TOKENS; i++) {
		const char *name =
			one_in(&m->seed, 2) ? mine->tokens[i] : theirs->tokens[i];
		const char *target = one_in(&m->seed, 2) ? mine->tokens[(i + 1) % TOKENS]
							 : theirs->tokens[i];
		text_set(
			r.name,
			arena_printf(&a, "%s._domainkey.%s", name,
				     domain_names[one_in(&m->seed, 2) ? domain : other]));
		text_set(r.target, arena_printf(&a, "%s.keys.example.net", target));
		zone_put(&m->zones[domain], m, &r);
	}
}

static void happen(struct model *m)
{
	size_t tenant = below(&m->seed, TENANTS), domain = below(&m->seed, DOMAINS);
	struct holding *h = &m->holdings[tenant][domain];
	uint32_t dice = below(&m->seed, 100);

	m->now += below(&m->seed, one_in(&m->seed, 20) ? 5 * HOUR : 600);
	if (!h->exists)
		create(m, tenant, domain);
	else if (dice < 50 && !m->flight.is_under_way)
		look_begin(m, tenant, domain);
	else if (dice < 70 && m->flight.is_under_way)
		look_end(m);
	else if (dice < 80)
		publish(m, tenant, domain,
			one_in(&m->seed, 5) ? below(&m->seed, DOMAINS) : domain);
	else if (dice < 86)
		cheat(m, tenant, domain);
	else if (dice < 89)
		m->zones[domain].count = 0;
	else if (dice < 92)
		m->zones[domain].is_silent = one_in(&m->seed, 3);
	else if (dice < 95)
		h->state = identity_resubmit(&h->state, m->now).state;
	else if (dice < 97)
		h->state = identity_ask(&h->state, m->now).state;
	else if (dice < 98)
		*h = (struct holding){ .generation = h->generation + 1 };
}

static void check(struct model *m)
{
	for (size_t t = 0; t < TENANTS; t++) {
		for (size_t d = 0; d < DOMAINS; d++) {
			const struct holding *h = &m->holdings[t][d];
			if (!h->exists || !identity_may_send(&h->state))
				continue;
			/* The DNS held this one's own tokens when it was looked at. */
			assert_true(h->shown_at > 0);
			assert_true(h->shown_at >= h->state.created_at);
			assert_true(h->state.last_success_at >= h->shown_at);
		}
	}
}

static void verified_means_that_the_dns_held_ones_own_tokens(void **state unused_arg)
{
	static struct model m;

	m = (struct model){ .seed = 4711, .now = T0 };
	for (size_t i = 0; i < STEPS; i++) {
		happen(&m);
		check(&m);
	}
	print_message("# %zu verified, %zu lost, %zu looks of what was deleted\n",
		      m.verified, m.lost, m.refused);
	assert_true(m.verified > STEPS / 1000 && m.lost > 0 && m.refused > 0);
}

/* The same world without the other: what he does changes nothing of mine. */
static void the_other_has_no_part_in_it(void **state unused_arg)
{
	auto_arena struct arena a;
	static struct model m;

	arena_init(&a, ARENA_BYTES);
	m = (struct model){ .seed = 5, .now = T0 };
	create(&m, 0, 0);
	create(&m, 1, 0);
	publish(&m, 0, 0, 0);
	publish(&m, 0, 0, 0);
	publish(&m, 0, 0, 0);
	struct expectation mine = expect(&a, &m.holdings[0][0], 0);
	struct expectation theirs = expect(&a, &m.holdings[1][0], 0);
	assert_int_equal(look_result(&m, &mine, 0), LOOK_RIGHT);
	assert_int_equal(look_result(&m, &theirs, 0), LOOK_WRONG);
	for (size_t i = 0; i < TOKENS; i++) {
		for (size_t j = 0; j < TOKENS; j++)
			assert_false(dns_name_equal(&mine.records[i].name,
						    &theirs.records[j].name));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verified_means_that_the_dns_held_ones_own_tokens),
		cmocka_unit_test(the_other_has_no_part_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
