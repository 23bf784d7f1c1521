/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay's step: what is wrong with one message holds nobody else's. */
#include "bench.h"
#include "service/inside.h"

/* A key that no sealing key opens, published. */
static void damaged_key_bind(struct bench *b, const struct identity_row *row)
{
	const struct key_row key = { .private_sealed = STR("damaged"),
				     .public_der = STR("damaged") };
	struct err e = { 0 };
	int64_t generation, published;
	bool bound;

	must_be_done(store_key_add(b->store, &key, &e));
	must_be_done(store_key_bind(b->store, row->id, row->tokens[0], &bound, &e));
	assert_true(bound);
	must_be_done(store_key_generation(b->store, &generation, &published, &e));
	must_be_done(store_key_published(b->store, generation, clock_now_s(), &e));
}

static void queue(struct bench *b, const struct identity_row *row, const char *id)
{
	struct str you = STR("you@there.example");
	struct message_row m = { .message_id = str_from(id),
				 .content = str_from(arena_printf(&b->arena,
								  "From: me@%.*s\r\n\r\n",
								  STR_ARG(row->domain))),
				 .tenant_id = b->caller.tenant_id,
				 .identity_id = row->id,
				 .state = MESSAGE_QUEUED,
				 .recipients = &you,
				 .recipient_count = 1,
				 .next_try_at = 1 };
	struct err e = { 0 };

	must_be_done(store_message_add(b->store, &m, 0, &e));
}

static struct message_row next_of(struct bench *b)
{
	const struct lease_term term = { 1, clock_now_s(), clock_now_s() };
	struct message_row m = { 0 };
	struct err e = { 0 };
	bool found;

	must_be_done(store_message_next(b->store, &b->arena, &term, &m, &found, &e));
	assert_true(found);
	return m;
}

static void a_key_that_does_not_open_holds_nobody_elses_mail(void **state)
{
	static const uint8_t seal_key[CRYPTO_KEY_LEN] = { 1 };
	struct bench *b = *state;
	struct service v = { .config = b->config, .seal_key = seal_key };

	bench_set(b, "relay.url", "smtp://127.0.0.1:9");
	struct identity_row damaged = bench_create(b, "damaged.com");
	struct identity_row whole = bench_create(b, "whole.com");
	damaged_key_bind(b, &damaged);
	queue(b, &damaged, "first");
	queue(b, &whole, "second");
	assert_true(str_is(next_of(b).message_id, "first"));
	assert_int_equal(relay_step(&v, b->store), 0);
	assert_true(str_is(next_of(b).message_id, "second"));
}

static void what_another_tenant_proved_meanwhile_is_not_relayed(void **state)
{
	static const uint8_t seal_key[CRYPTO_KEY_LEN] = { 1 };
	struct bench *b = *state;
	struct service v = { .config = b->config, .seal_key = seal_key };
	struct store_counts counts;
	struct err e = { 0 };

	bench_set(b, "relay.url", "smtp://127.0.0.1:9");
	struct identity_row mine = bench_create(b, "shop.com");
	mine.state.aspects[ASPECT_DKIM].status = STATUS_SUCCESS;
	must_be_done(store_identity_save(b->store, &mine, NULL, 0, &e));
	struct str you = STR("you@there.example");
	struct message_row m = { .message_id = STR("held"),
				 .tenant_id = b->caller.tenant_id,
				 .identity_id = mine.id,
				 .state = MESSAGE_QUEUED,
				 .sender = STR("news@mail.shop.com"),
				 .recipients = &you,
				 .recipient_count = 1,
				 .content =
					 STR("From: news@mail.shop.com\r\n\r\nhello\r\n"),
				 .next_try_at = 1 };
	must_be_done(store_message_add(b->store, &m, 0, &e));
	b->caller.tenant_id = b->other;
	struct identity_row theirs = bench_create(b, "mail.shop.com");
	theirs.state.aspects[ASPECT_DKIM].status = STATUS_SUCCESS;
	must_be_done(store_identity_save(b->store, &theirs, NULL, 0, &e));
	assert_int_equal(relay_step(&v, b->store), 0);
	must_be_done(store_counts_read(b->store, 0, &counts, &e));
	assert_int_equal(counts.messages[MESSAGE_FAILED], 1);
	assert_int_equal(counts.messages[MESSAGE_QUEUED], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		at_bench(a_key_that_does_not_open_holds_nobody_elses_mail),
		at_bench(what_another_tenant_proved_meanwhile_is_not_relayed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
