/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two tenants on one store, who try what they like with their own things, with each
 * other's and with what never was. Whatever one asks is asked again in a store that he
 * has to himself: answers and refusals are the same, word for word, and so is all that
 * he can see. No neighbour can be noticed, let alone touched.
 */
#include <stdlib.h>
#include <unistd.h>

#include "../identity/chance.h"
#include "bench.h"

enum {
	STEPS = 60000 / SHARE,
	LOOK_EVERY = 200, /* steps between two looks at all there is */
	TENANTS = 2,
	DOMAINS = 4,
	THINGS = 12, /* of a kind, that are remembered */
	VIEW_BYTES = 1 << 20,
	ARENA_BYTES = 8 << 20,
	NEVER = 1 << 30,
};

/* Both tenants want the same ones. */
static const char *const domains[DOMAINS] = { "a.customer.com", "b.customer.com",
					      "sub.a.customer.com", "other.org" };

/* Where something is asked: the store of both, or a tenant's own. */
struct world {
	struct service_caller caller;
	struct arena *arena;
};

/* What is asked, in one world: by number. */
struct wish {
	size_t domain;
	bool flag;
	uint32_t number;
	int64_t identity; /* or the token, or the webhook */
	int64_t share;
};

/* What came of it. */
struct outcome {
	bool done;
	int64_t id; /* of what was made */
	struct err e;
};

typedef bool deed_fn(const struct world *w, const struct wish *wish, int64_t *made,
		     struct err *e);

/* --- deeds: what handlers of the API do --- */

static bool create(const struct world *w, const struct wish *wish, int64_t *made,
		   struct err *e)
{
	const char *sender = domains[wish->domain];
	struct identity_row row;
	bool created;

	if (wish->flag)
		sender = arena_printf(w->arena, "u%u@%s", wish->number % 5, sender);
	if (!service_identity_create(&w->caller, w->arena, str_from(sender), &row,
				     &created, e))
		return false;
	*made = row.id;
	return true;
}

static bool delete (const struct world *w, const struct wish *wish,
		    int64_t *made unused_arg, struct err *e)
{
	return service_identity_delete(&w->caller, w->arena, wish->identity, e);
}

static bool resubmit(const struct world *w, const struct wish *wish,
		     int64_t *made unused_arg, struct err *e)
{
	struct identity_row row;

	return service_identity_resubmit(&w->caller, w->arena, wish->identity, &row, e);
}

static bool check(const struct world *w, const struct wish *wish,
		  int64_t *made unused_arg, struct err *e)
{
	return service_identity_check(&w->caller, w->arena, wish->identity, e);
}

static bool look_on(const struct world *w, const struct wish *wish,
		    int64_t *made unused_arg, struct err *e)
{
	return service_identity_watch(&w->caller, w->arena, wish->identity, e);
}

static bool mail_from_set(const struct world *w, const struct wish *wish,
			  int64_t *made unused_arg, struct err *e)
{
	const struct service_mail_from wanted = {
		.domain = str_from(
			arena_printf(w->arena, "bounce.%s", domains[wish->domain])),
		.rejects = wish->flag,
	};
	struct identity_row row;

	return service_identity_mail_from(&w->caller, w->arena, wish->identity, &wanted,
					  &row, e);
}

static bool ownership_set(const struct world *w, const struct wish *wish,
			  int64_t *made unused_arg, struct err *e)
{
	struct identity_row row;

	return service_identity_ownership(&w->caller, w->arena, wish->identity,
					  wish->flag, &row, e);
}

static bool token_make(const struct world *w, const struct wish *wish, int64_t *made,
		       struct err *e)
{
	struct api_token_row row = {
		.tenant_id = w->caller.tenant_id,
		.name = str_from(arena_printf(w->arena, "token %u", wish->number % 7)),
		.scopes = 1 + wish->number % SCOPES_TENANT,
	};
	struct str token;

	if (!service_token_make(w->caller.store, w->arena, &row, w->caller.now_s, &token,
				e))
		return false;
	*made = row.id;
	return true;
}

static bool token_revoke(const struct world *w, const struct wish *wish,
			 int64_t *made unused_arg, struct err *e)
{
	return store_api_token_revoke(w->caller.store, w->caller.tenant_id,
				      wish->identity, w->caller.now_s, e);
}

static bool share_make(const struct world *w, const struct wish *wish, int64_t *made,
		       struct err *e)
{
	struct share_row row = { .tenant_id = w->caller.tenant_id,
				 .expires_at = w->caller.now_s + 500 };
	struct identity_row identity;
	struct str token;

	if (!store_identity_get(w->caller.store, w->arena, w->caller.tenant_id,
				wish->identity, &identity, e))
		return false;
	row.identity_id = identity.id;
	if (!service_share_make(w->caller.store, w->arena, &row, w->caller.now_s, &token,
				e))
		return false;
	*made = row.id;
	return true;
}

static bool share_end(const struct world *w, const struct wish *wish,
		      int64_t *made unused_arg, struct err *e)
{
	struct identity_row identity;

	return store_identity_get(w->caller.store, w->arena, w->caller.tenant_id,
				  wish->identity, &identity, e) &&
	       store_share_delete(w->caller.store, identity.id, wish->share, e);
}

static bool webhook_make(const struct world *w, const struct wish *wish, int64_t *made,
			 struct err *e)
{
	struct webhook_row row = {
		.tenant_id = w->caller.tenant_id,
		.url = str_from(arena_printf(w->arena, "https://hooks.example.com/%u",
					     wish->number % 9)),
		.created_at = w->caller.now_s,
	};

	if (!store_webhook_add(w->caller.store, &row, e))
		return false;
	*made = row.id;
	return true;
}

static bool webhook_end(const struct world *w, const struct wish *wish,
			int64_t *made unused_arg, struct err *e)
{
	return store_webhook_delete(w->caller.store, w->caller.tenant_id, wish->identity,
				    e);
}

enum kind {
	IDENTITY,
	TOKEN,
	SHARED,
	WEBHOOK,
	KINDS,
};

static const struct deed {
	deed_fn *run;
	enum kind names; /* what the wish names first */
	enum kind makes; /* KINDS: nothing */
	uint32_t weight;
} deeds[] = {
	{ create, KINDS, IDENTITY, 12 },        { delete, IDENTITY, KINDS, 8 },
	{ resubmit, IDENTITY, KINDS, 12 },      { check, IDENTITY, KINDS, 14 },
	{ look_on, IDENTITY, KINDS, 14 },       { mail_from_set, IDENTITY, KINDS, 10 },
	{ ownership_set, IDENTITY, KINDS, 10 }, { token_make, KINDS, TOKEN, 2 },
	{ token_revoke, TOKEN, KINDS, 6 },      { share_make, IDENTITY, SHARED, 10 },
	{ share_end, IDENTITY, KINDS, 14 },     { webhook_make, KINDS, WEBHOOK, 3 },
	{ webhook_end, WEBHOOK, KINDS, 5 },
};

/* --- the model: which thing here is which there --- */

struct pair {
	int64_t together, alone;
};

struct tenant {
	int64_t id;        /* in the store of both */
	struct bench *own; /* where it is alone */
	struct pair things[KINDS][THINGS];
	uint32_t made[KINDS];
};

struct model {
	struct bench *together;
	struct tenant tenants[TENANTS];
	struct arena arena;
	uint64_t seed;
	int64_t now_s;
	size_t done, refused, foreign;
};

/* What tenant `t` names: its own, his neighbour's, or what never was. */
static struct pair pick(struct model *m, size_t t, enum kind kind)
{
	const struct pair never = { NEVER, NEVER };
	uint32_t dice = below(&m->seed, 10);
	bool is_own = dice < 6;
	const struct tenant *whose = &m->tenants[is_own ? t : !t];
	uint32_t count = whose->made[kind] < THINGS ? whose->made[kind] : THINGS;

	if (dice == 9 || !count)
		return never;
	struct pair found = whose->things[kind][below(&m->seed, count)];
	if (is_own)
		return found;
	m->foreign++;
	return (struct pair){ found.together, NEVER };
}

static struct outcome attempt(const struct world *w, const struct deed *deed,
			      const struct wish *wish)
{
	struct outcome o = { 0 };

	o.done = deed->run(w, wish, &o.id, &o.e);
	return o;
}

static const struct deed *deed_choose(struct model *m)
{
	uint32_t all = 0;
	size_t i = 0;

	for (size_t at = 0; at < ARRAY_LEN(deeds); at++)
		all += deeds[at].weight;
	for (uint32_t left = below(&m->seed, all); left >= deeds[i].weight; i++)
		left -= deeds[i].weight;
	return &deeds[i];
}

static struct world world_of(struct model *m, size_t t, bool is_alone)
{
	struct tenant *one = &m->tenants[t];
	struct bench *b = is_alone ? one->own : m->together;
	struct world w = { b->caller, &m->arena };

	w.caller.now_s = m->now_s;
	w.caller.tenant_id = is_alone ? b->caller.tenant_id : one->id;
	return w;
}

static void thing_note(struct tenant *one, enum kind kind, struct pair made)
{
	for (size_t i = 0; i < THINGS && i < one->made[kind]; i++)
		if (one->things[kind][i].together == made.together)
			return;
	one->things[kind][one->made[kind]++ % THINGS] = made;
}

static void step(struct model *m, size_t number)
{
	size_t t = below(&m->seed, TENANTS);
	const struct deed *deed = deed_choose(m);
	struct pair named = pick(m, t, deed->names == KINDS ? IDENTITY : deed->names);
	struct pair share = pick(m, t, SHARED);
	struct wish wish = { .domain = below(&m->seed, DOMAINS),
			     .flag = one_in(&m->seed, 2),
			     .number = chance(&m->seed),
			     .identity = named.together,
			     .share = share.together };
	const struct world together = world_of(m, t, false);
	const struct world alone = world_of(m, t, true);

	struct outcome here = attempt(&together, deed, &wish);
	wish.identity = named.alone;
	wish.share = share.alone;
	struct outcome there = attempt(&alone, deed, &wish);
	if (here.done != there.done || here.e.kind != there.e.kind ||
	    strcmp(here.e.text, there.e.text) != 0)
		fail_msg("step %zu, deed %zu: '%s' beside a neighbour, '%s' alone",
			 number, (size_t)(deed - deeds), here.e.text, there.e.text);
	m->done += here.done;
	m->refused += !here.done;
	if (here.done && deed->makes != KINDS)
		thing_note(&m->tenants[t], deed->makes,
			   (struct pair){ here.id, there.id });
}

/* --- all that a tenant can see, as text; ids and chance left out --- */

static void identity_show(const struct world *w, struct buf *out,
			  const struct identity_row *row)
{
	struct share_list shares;
	struct str *senders;
	size_t count;
	struct err e = { 0 };

	buf_printf(out, "%.*s v%lld next %lld why %d mail from '%.*s' %d owned %d\n",
		   STR_ARG(row->domain), (long long)row->version,
		   (long long)row->state.next_look_at, (int)row->state.why,
		   STR_ARG(row->mail_from_domain), row->mail_from_reject,
		   row->ownership_token.len > 0);
	for (size_t i = 0; i < ARRAY_LEN(row->state.aspects); i++)
		buf_printf(out, " %d", (int)row->state.aspects[i].status);
	must_be_done(store_sender_list(w->caller.store, w->arena, row->id, &senders,
				       &count, &e));
	for (size_t i = 0; i < count; i++)
		buf_printf(out, " %.*s", STR_ARG(senders[i]));
	must_be_done(store_share_list(w->caller.store, w->arena, row->id, &shares, &e));
	for (size_t i = 0; i < shares.count; i++)
		buf_printf(out, " link %lld", (long long)shares.rows[i].expires_at);
	buf_byte(out, '\n');
}

static void identities_show(const struct world *w, struct buf *out)
{
	struct identity_page page = { w->caller.tenant_id, STR_EMPTY, 100 };
	struct identity_list list;
	struct err e = { 0 };

	must_be_done(store_identity_list(w->caller.store, w->arena, &page, &list, &e));
	for (size_t i = 0; i < list.count; i++)
		identity_show(w, out, &list.rows[i]);
}

static void access_show(const struct world *w, struct buf *out)
{
	struct api_token_list tokens;
	struct webhook_list hooks;
	struct err e = { 0 };

	must_be_done(store_api_token_list(w->caller.store, w->arena, w->caller.tenant_id,
					  &tokens, &e));
	for (size_t i = 0; i < tokens.count; i++)
		buf_printf(out, "token %.*s %lld %lld %lld\n",
			   STR_ARG(tokens.rows[i].name), (long long)tokens.rows[i].scopes,
			   (long long)tokens.rows[i].created_at,
			   (long long)tokens.rows[i].revoked_at);
	must_be_done(store_webhook_list(w->caller.store, w->arena, w->caller.tenant_id,
					&hooks, &e));
	for (size_t i = 0; i < hooks.count; i++)
		buf_printf(out, "webhook %.*s %lld\n", STR_ARG(hooks.rows[i].url),
			   (long long)hooks.rows[i].created_at);
}

/* The newest, with their numbers: a neighbour leaves no gaps. */
static void events_show(const struct world *w, struct buf *out)
{
	struct event_page page = { .tenant_id = w->caller.tenant_id, .limit = 100 };
	struct event_list list;
	struct err e = { 0 };

	must_be_done(store_event_list(w->caller.store, w->arena, &page, &list, &e));
	for (size_t i = 0; i < list.count; i++)
		buf_printf(out, "event %lld %lld %.*s %.*s %.*s %.*s\n",
			   (long long)list.rows[i].seq, (long long)list.rows[i].at_s,
			   STR_ARG(list.rows[i].kind), STR_ARG(list.rows[i].domain),
			   STR_ARG(list.rows[i].from), STR_ARG(list.rows[i].to));
}

static void view_write(const struct world *w, struct buf *out)
{
	buf_init(out, VIEW_BYTES);
	identities_show(w, out);
	access_show(w, out);
	events_show(w, out);
	assert_false(out->failed);
}

static void views_compare(struct model *m, size_t number)
{
	for (size_t t = 0; t < TENANTS; t++) {
		const struct world together = world_of(m, t, false);
		const struct world alone = world_of(m, t, true);
		auto_buf struct buf here = { 0 };
		auto_buf struct buf there = { 0 };
		view_write(&together, &here);
		view_write(&alone, &there);
		if (!str_equal(buf_view(&here), buf_view(&there)))
			fail_msg("step %zu, beside a neighbour:\n%s\nalone:\n%s", number,
				 buf_cstr(&here), buf_cstr(&there));
	}
}

static void a_neighbour_cannot_be_noticed(void **state unused_arg)
{
	struct bench *benches[1 + TENANTS];
	struct model m = { .seed = 20261122, .now_s = T0 };

	for (size_t i = 0; i < ARRAY_LEN(benches); i++) {
		assert_int_equal(bench_make((void **)&benches[i]), 0);
		bench_set(benches[i], "mail_from.mx", "feedback.mailer.example");
	}
	m.together = benches[0];
	for (size_t t = 0; t < TENANTS; t++)
		m.tenants[t].own = benches[1 + t];
	m.tenants[0].id = m.together->caller.tenant_id;
	m.tenants[1].id = m.together->other;
	for (size_t i = 1; i <= STEPS; i++) {
		arena_init(&m.arena, ARENA_BYTES);
		m.now_s += below(&m.seed, 5);
		step(&m, i);
		if (i % LOOK_EVERY == 0)
			views_compare(&m, i);
		arena_done(&m.arena);
	}
	/* All of that was tried. */
	assert_true(m.done > STEPS / 5);
	assert_true(m.refused > STEPS / 3);
	assert_true(m.foreign > STEPS / 5);
	for (size_t i = 0; i < ARRAY_LEN(benches); i++)
		assert_int_equal(bench_remove((void **)&benches[i]), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_neighbour_cannot_be_noticed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
