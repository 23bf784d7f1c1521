/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people do to the life of an identity: resubmit, watch, MAIL FROM, ownership. */
#include "bench.h"

static const struct expected_record *record_of(struct bench *b,
					       const struct identity_row *row,
					       enum purpose purpose)
{
	struct expectation *x = arena_alloc(&b->arena, sizeof(*x));
	struct err e = { 0 };

	must_be_done(service_identity_expect(&b->arena, b->config, row, x, &e));
	for (size_t i = 0; i < x->count; i++) {
		if (x->records[i].purpose == purpose)
			return &x->records[i];
	}
	return NULL;
}

static bool mail_from(struct bench *b, int64_t id, const char *domain, struct err *e)
{
	const struct service_mail_from wanted = { str_from(domain), true };
	struct identity_row row;

	*e = (struct err){ 0 };
	return service_identity_mail_from(&b->caller, &b->arena, id, &wanted, &row, e);
}

static void set_status(struct bench *b, int64_t id, enum aspect aspect, enum status s)
{
	struct identity_row row = bench_see(b, id);
	struct err e = { 0 };

	row.state.aspects[aspect].status = s;
	row.state.aspects[aspect].started_at = 1000;
	row.state.aspects[aspect].failed_at = s == STATUS_FAILED ? 2000 : 0;
	row.state.next_look_at = 0;
	must_be_done(store_identity_save(b->store, &row, NULL, 0, &e));
}

static void resubmitting_keeps_the_tokens_always(void **state)
{
	struct bench *b = *state;
	struct identity_row row = bench_create(b, "customer.com");
	struct err e = { 0 };

	for (int round = 0; round < 20; round++) {
		struct identity_row again;
		set_status(b, row.id, ASPECT_DKIM,
			   round % 2 ? STATUS_FAILED : STATUS_SUCCESS);
		must_be_done(service_identity_resubmit(&b->caller, &b->arena, row.id,
						       &again, &e));
		for (size_t i = 0; i < EXPECT_DKIM_TOKENS; i++)
			assert_true(str_equal(again.tokens[i], row.tokens[i]));
		assert_int_equal(again.state.aspects[ASPECT_DKIM].status,
				 round % 2 ? STATUS_PENDING : STATUS_SUCCESS);
		assert_int_equal(again.state.why, LOOK_REASON_RESUBMITTED);
	}
}

/* Each makes an event and a look. */
static void resubmitting_in_a_loop_is_refused(void **state)
{
	struct bench *b = *state;
	struct identity_row row = bench_create(b, "customer.com");
	struct err e = { 0 };

	b->caller.now_s = row.state.created_at + 1;
	must_be_done(service_identity_resubmit(&b->caller, &b->arena, row.id, &row, &e));
	for (int i = 0; i < 5; i++, b->caller.now_s++) {
		must_fail(service_identity_resubmit(&b->caller, &b->arena, row.id, &row,
						    &e),
			  ERR_LIMIT);
		e = (struct err){ 0 };
	}
	must_be_done(service_identity_resubmit(&b->caller, &b->arena, row.id, &row, &e));
	set_status(b, row.id, ASPECT_DKIM, STATUS_FAILED);
	must_be_done(service_identity_resubmit(&b->caller, &b->arena, row.id, &row, &e));
}

static void mail_from_is_a_subdomain_of_the_identity_itself(void **state)
{
	static const struct {
		const char *domain;
		bool ok;
	} cases[] = {
		{ "bounce.customer.com", true },
		{ "a.b.customer.com", true },
		{ "BOUNCE.Customer.COM.", true },
		{ " bounce.customer.com ", true },
		{ "customer.com", false },
		{ "other.com", false },
		{ "bounce.other.com", false },
		{ "notcustomer.com", false },
		{ "com", false },
		{ "a..customer.com", false },
		{ "me@bounce.customer.com", false },
		{ "taken.customer.com", false },
	};
	struct bench *b = *state;
	struct identity_row row = bench_create(b, "customer.com");
	struct err e;

	bench_create(b, "taken.customer.com");
	bench_set(b, "mail_from.mx", "bounces.mailer.example");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool ok = mail_from(b, row.id, cases[i].domain, &e);
		if (ok != cases[i].ok || (!ok && e.kind != ERR_USAGE))
			fail_msg("%s: %s", cases[i].domain, e.text);
	}
}

static void mail_from_expects_an_mx_and_perhaps_spf(void **state)
{
	struct bench *b = *state;
	struct identity_row row = bench_create(b, "customer.com");
	struct err e;

	/* The operator offers none. */
	assert_false(mail_from(b, row.id, "bounce.customer.com", &e));
	assert_int_equal(e.kind, ERR_DENIED);
	bench_set(b, "mail_from.mx", "bounces.mailer.example");
	assert_true(mail_from(b, row.id, "bounce.customer.com", &e));
	row = bench_see(b, row.id);
	assert_true(str_is(row.mail_from_domain, "bounce.customer.com"));
	assert_true(row.mail_from_reject);
	assert_int_equal(row.state.aspects[ASPECT_MAIL_FROM].status, STATUS_PENDING);
	assert_int_equal(row.state.next_look_at, b->caller.now_s);
	const struct expected_record *mx = record_of(b, &row, PURPOSE_MAIL_FROM);
	assert_int_equal(mx->type, DNS_TYPE_MX);
	assert_true(mx->required);
	assert_true(str_is(mx->value, "bounces.mailer.example"));
	assert_null(record_of(b, &row, PURPOSE_SPF));
	bench_set(b, "mail_from.spf", "v=spf1 include:spf.mailer.example ~all");
	const struct expected_record *spf = record_of(b, &row, PURPOSE_SPF);
	assert_false(spf->required);
	assert_true(dns_name_equal(&spf->name, &mx->name));
	/* Unset, and its behaviour is the default again. */
	assert_true(mail_from(b, row.id, "", &e));
	row = bench_see(b, row.id);
	assert_int_equal(row.mail_from_domain.len, 0);
	assert_false(row.mail_from_reject);
	assert_int_equal(row.state.aspects[ASPECT_MAIL_FROM].status, STATUS_NOT_STARTED);
	assert_null(record_of(b, &row, PURPOSE_MAIL_FROM));
}

static void the_same_mail_from_again_searches_again(void **state)
{
	static const struct {
		enum status before, same, other;
	} cases[] = {
		{ STATUS_FAILED, STATUS_PENDING, STATUS_PENDING },
		{ STATUS_PENDING, STATUS_PENDING, STATUS_PENDING },
		{ STATUS_SUCCESS, STATUS_SUCCESS, STATUS_PENDING },
		{ STATUS_TEMPORARY_FAILURE, STATUS_TEMPORARY_FAILURE, STATUS_PENDING },
	};
	struct bench *b = *state;
	struct identity_row row = bench_create(b, "customer.com");
	struct err e;

	bench_set(b, "mail_from.mx", "bounces.mailer.example");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_true(mail_from(b, row.id, "one.customer.com", &e));
		set_status(b, row.id, ASPECT_MAIL_FROM, cases[i].before);
		assert_true(mail_from(b, row.id, "ONE.customer.com", &e));
		struct identity_state s = bench_see(b, row.id).state;
		assert_int_equal(s.aspects[ASPECT_MAIL_FROM].status, cases[i].same);
		assert_int_equal(s.next_look_at, b->caller.now_s);
		set_status(b, row.id, ASPECT_MAIL_FROM, cases[i].before);
		assert_true(mail_from(b, row.id, "two.customer.com", &e));
		s = bench_see(b, row.id).state;
		assert_int_equal(s.aspects[ASPECT_MAIL_FROM].status, cases[i].other);
		assert_int_equal(s.aspects[ASPECT_MAIL_FROM].started_at, b->caller.now_s);
		assert_int_equal(s.aspects[ASPECT_DKIM].status, STATUS_PENDING);
	}
}

static void another_tenant_sets_no_mail_from(void **state)
{
	struct bench *b = *state;
	struct identity_row row = bench_create(b, "customer.com");
	struct err e;

	bench_set(b, "mail_from.mx", "bounces.mailer.example");
	b->caller.tenant_id = b->other;
	assert_false(mail_from(b, row.id, "bounce.customer.com", &e));
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	must_fail(service_identity_watch(&b->caller, &b->arena, row.id, &e),
		  ERR_NOT_FOUND);
	must_fail(
		service_identity_ownership(&b->caller, &b->arena, row.id, true, &row, &e),
		ERR_NOT_FOUND);
}

static void ownership_has_a_token_of_its_own(void **state)
{
	struct bench *b = *state;
	struct identity_row row = bench_create(b, "customer.com"), again;
	struct err e = { 0 };

	assert_null(record_of(b, &row, PURPOSE_OWNERSHIP));
	must_be_done(service_identity_ownership(&b->caller, &b->arena, row.id, true, &row,
						&e));
	assert_int_equal(row.ownership_token.len, 32);
	assert_int_equal(row.state.aspects[ASPECT_OWNERSHIP].status, STATUS_PENDING);
	const struct expected_record *x = record_of(b, &row, PURPOSE_OWNERSHIP);
	assert_true(str_is(dns_name_text(&b->arena, &x->name),
			   "_unpend-challenge.customer.com"));
	assert_true(str_starts(x->value, STR("unpend-challenge=")));
	/* It stays while it is wanted, and comes never again. */
	must_be_done(service_identity_ownership(&b->caller, &b->arena, row.id, true,
						&again, &e));
	assert_true(str_equal(again.ownership_token, row.ownership_token));
	must_be_done(service_identity_ownership(&b->caller, &b->arena, row.id, false,
						&again, &e));
	assert_int_equal(again.state.aspects[ASPECT_OWNERSHIP].status,
			 STATUS_NOT_STARTED);
	must_be_done(service_identity_ownership(&b->caller, &b->arena, row.id, true,
						&again, &e));
	assert_false(str_equal(again.ownership_token, row.ownership_token));
}

static void an_open_page_writes_every_20_seconds_at_most(void **state)
{
	struct bench *b = *state;
	struct identity_row row = bench_create(b, "customer.com");
	struct err e = { 0 };
	int64_t version = bench_see(b, row.id).version;

	for (int i = 0; i < 60; i++, b->caller.now_s++)
		must_be_done(service_identity_watch(&b->caller, &b->arena, row.id, &e));
	row = bench_see(b, row.id);
	assert_in_range(row.version - version, 3, 4);
	assert_true(row.state.watched_until > b->caller.now_s);
	/* What is verified is not looked at for it, and not written. */
	set_status(b, row.id, ASPECT_DKIM, STATUS_SUCCESS);
	version = bench_see(b, row.id).version;
	b->caller.now_s += 1000;
	must_be_done(service_identity_watch(&b->caller, &b->arena, row.id, &e));
	assert_int_equal(bench_see(b, row.id).version, version);
}

static void the_configuration_makes_the_policy(void **state)
{
	struct bench *b = *state;
	struct policy p = service_policy(b->config);
	const struct policy standard = policy_default();

	assert_int_equal(p.search_s, standard.search_s);
	assert_int_equal(p.grace_s, standard.grace_s);
	assert_int_equal(p.loss_spread_s, standard.loss_spread_s);
	assert_int_equal(p.after_failed_s, standard.after_failed_s);
	assert_false(p.strict_ses);
	bench_set(b, "lifecycle.mode", "ses");
	bench_set(b, "lifecycle.search_s", "100");
	bench_set(b, "lifecycle.grace_s", "200");
	bench_set(b, "lifecycle.confirm_s", "300");
	bench_set(b, "lifecycle.after_failed_s", "400");
	p = service_policy(b->config);
	assert_true(p.strict_ses);
	assert_int_equal(p.search_s, 100);
	assert_int_equal(p.grace_s, 200);
	assert_int_equal(p.loss_spread_s, 300);
	assert_int_equal(p.after_failed_s, 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		at_bench(resubmitting_keeps_the_tokens_always),
		at_bench(resubmitting_in_a_loop_is_refused),
		at_bench(mail_from_is_a_subdomain_of_the_identity_itself),
		at_bench(mail_from_expects_an_mx_and_perhaps_spf),
		at_bench(the_same_mail_from_again_searches_again),
		at_bench(another_tenant_sets_no_mail_from),
		at_bench(ownership_has_a_token_of_its_own),
		at_bench(an_open_page_writes_every_20_seconds_at_most),
		at_bench(the_configuration_makes_the_policy),
	};

	log_open(LOG_LEVEL_ERROR, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
