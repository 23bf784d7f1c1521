/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a look means for the store: states, events and held mail, in one transaction. */
#include <sqlite3.h>

#include "../diagnose/seen.h"
#include "bench.h"
#include "service/inside.h"

static int64_t idle(struct service *v unused_arg, struct store *s unused_arg)
{
	return -1;
}

/* A service without its loop. */
static struct service *service_make(struct bench *b)
{
	struct service *v = arena_alloc(&b->arena, sizeof(*v));
	struct err e = { 0 };

	v->config = b->config;
	must_be_done(worker_new(v, idle, &v->relay, &e));
	must_be_done(worker_start(v->relay, &e));
	return v;
}

/* What two servers say of the identity's three records: SAID as in seen.h, the identity's
 * own targets where it is "right". */
static struct observation observe(struct bench *b, const struct identity_row *row,
				  const char *said)
{
	struct buf expected, seen;
	struct arena *a = &b->arena;

	buf_init(&expected, 4096);
	buf_init(&seen, 4096);
	buf_printf(&seen,
		   "domain %.*s\nzone %.*s\nserver ns1.host.example 192.0.2.1\n"
		   "server ns2.host.example 192.0.2.2\n",
		   STR_ARG(row->domain), STR_ARG(row->domain));
	for (size_t i = 0; i < EXPECT_DKIM_TOKENS; i++) {
		buf_printf(&expected, "dkim CNAME %.*s._domainkey.%.*s %.*s.%.*s\n",
			   STR_ARG(row->tokens[i]), STR_ARG(row->domain),
			   STR_ARG(row->tokens[i]), STR_ARG(row->key_zone));
		buf_printf(&seen, "all CNAME %.*s._domainkey.%.*s ",
			   STR_ARG(row->tokens[i]), STR_ARG(row->domain));
		if (strcmp(said, "right") == 0)
			buf_printf(&seen, "= %.*s.%.*s\n", STR_ARG(row->tokens[i]),
				   STR_ARG(row->key_zone));
		else
			buf_printf(&seen, "%s\n", said);
	}
	struct seen made = seen_make(a, arena_text(a, buf_view(&expected)),
				     arena_text(a, buf_view(&seen)));
	buf_done(&expected);
	buf_done(&seen);
	return made.o;
}

struct shown {
	const char *said;
	struct authority_result result; /* beside the observation */
};

static void look(struct bench *b, struct service *v, const struct identity_row *row,
		 struct shown shown)
{
	struct observation o = observe(b, row, shown.said);
	struct expectation x;
	struct err e = { 0 };

	must_be_done(service_identity_expect(&b->arena, b->config, row, &x, &e));
	shown.result.observation = &o;
	struct looked looked = { .identity_id = row->id,
				 .version = row->version,
				 .x = &x,
				 .result = &shown.result };
	must_be_done(outcome_write(v, b->store, &b->arena, &looked, &e));
}

static enum status dkim_of(struct bench *b, int64_t id)
{
	return bench_see(b, id).state.aspects[ASPECT_DKIM].status;
}

static struct store_counts counts(struct bench *b)
{
	struct store_counts now;
	struct err e = { 0 };

	must_be_done(store_counts_read(b->store, 0, &now, &e));
	return now;
}

static void hold(struct bench *b, int64_t identity_id, const char *id)
{
	struct str you = STR("you@there.example");
	struct message_row row = { .message_id = str_from(id),
				   .tenant_id = b->caller.tenant_id,
				   .identity_id = identity_id,
				   .state = MESSAGE_HELD,
				   .recipients = &you,
				   .recipient_count = 1 };
	struct err e = { 0 };

	must_be_done(store_message_add(b->store, &row, 0, &e));
}

static struct identity_row pending(struct bench *b, const char *domain)
{
	b->caller.now_s = clock_now_s();
	return bench_create(b, domain);
}

static struct str report_of(struct bench *b, int64_t id)
{
	struct report_row report;
	struct err e = { 0 };

	must_be_done(store_report_read(b->store, &b->arena, id, &report, &e));
	return report.body;
}

static void right_records_verify_release_and_tell(void **state)
{
	struct bench *b = *state;
	struct service *v = service_make(b);
	struct identity_row row = pending(b, "customer.com");
	struct event_page page = { b->caller.tenant_id, row.id, 10, 0 };
	struct event_list events;
	struct err e = { 0 };

	hold(b, row.id, "one");
	hold(b, row.id, "two");
	look(b, v, &row, (struct shown){ .said = "right" });
	assert_int_equal(dkim_of(b, row.id), STATUS_SUCCESS);
	assert_int_equal(counts(b).messages[MESSAGE_QUEUED], 2);
	assert_int_equal(counts(b).messages[MESSAGE_HELD], 0);
	must_be_done(store_event_list(b->store, &b->arena, &page, &events, &e));
	assert_int_equal(events.count, 2);
	assert_true(str_is(events.rows[0].to, "SUCCESS"));
	row = bench_see(b, row.id);
	struct str report = report_of(b, row.id);
	assert_true(row.checked_at == SEEN_AT && report.len > 0);
	assert_non_null(memmem(report.data, report.len, "\"ok\"", 4));
	worker_stop(&v->relay, 0);
}

static void wrong_records_keep_it_pending_and_the_mail_held(void **state)
{
	struct bench *b = *state;
	struct service *v = service_make(b);
	struct identity_row row = pending(b, "customer.com");

	hold(b, row.id, "one");
	look(b, v, &row, (struct shown){ .said = "nx" });
	row = bench_see(b, row.id);
	assert_int_equal(row.state.aspects[ASPECT_DKIM].status, STATUS_PENDING);
	assert_int_equal(row.state.error, LOOK_ERROR_HOST_NOT_FOUND);
	assert_int_equal(counts(b).messages[MESSAGE_HELD], 1);
	assert_true(row.state.next_look_at > clock_now_s());
	worker_stop(&v->relay, 0);
}

static void silence_takes_nothing_away(void **state)
{
	static const char *const silences[] = { "timeout", "servfail", "refused" };
	struct bench *b = *state;
	struct service *v = service_make(b);
	struct identity_row row = pending(b, "customer.com");

	look(b, v, &row, (struct shown){ .said = "right" });
	for (int round = 0; round < 30; round++) {
		row = bench_see(b, row.id);
		look(b, v, &row,
		     (struct shown){ .said = silences[round % ARRAY_LEN(silences)] });
		assert_int_equal(dkim_of(b, row.id), STATUS_SUCCESS);
	}
	worker_stop(&v->relay, 0);
}

static void a_deleted_identity_is_not_written_again(void **state)
{
	struct bench *b = *state;
	struct service *v = service_make(b);
	struct identity_row row = pending(b, "customer.com"), gone;
	struct err e = { 0 };

	must_be_done(service_identity_delete(&b->caller, &b->arena, row.id, &e));
	look(b, v, &row, (struct shown){ .said = "right" });
	must_fail(store_identity_get(b->store, &b->arena, 0, row.id, &gone, &e),
		  ERR_NOT_FOUND);
	worker_stop(&v->relay, 0);
}

static void a_look_asked_for_meanwhile_follows_at_once(void **state)
{
	struct bench *b = *state;
	struct service *v = service_make(b);
	struct identity_row row = pending(b, "customer.com");
	struct err e = { 0 };

	look(b, v, &row, (struct shown){ .said = "nx" });
	row = bench_see(b, row.id);
	int64_t now = clock_now_s();
	must_be_done(store_identity_hurry(b->store, row.id, now, &e));
	/* The look of before the click comes back. */
	look(b, v, &row, (struct shown){ .said = "nx" });
	assert_true(bench_see(b, row.id).state.next_look_at <= clock_now_s());
	worker_stop(&v->relay, 0);
}

static void a_failed_write_releases_and_tells_nothing(void **state)
{
	struct bench *b = *state;
	struct service *v = service_make(b);
	struct identity_row row = pending(b, "customer.com");
	struct observation o = observe(b, &row, "right");
	struct authority_result result = { .observation = &o };
	struct expectation x;
	struct err e = { 0 };
	sqlite3 *db;

	hold(b, row.id, "one");
	/* The last thing that the transaction writes is refused. */
	const char *path = arena_printf(&b->arena, "%s/db", b->folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "CREATE TRIGGER no BEFORE UPDATE ON message BEGIN "
				      "SELECT RAISE(ABORT, 'disk is gone'); END",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	must_be_done(service_identity_expect(&b->arena, b->config, &row, &x, &e));
	struct looked looked = {
		.identity_id = row.id, .version = row.version, .x = &x, .result = &result
	};
	assert_false(outcome_write(v, b->store, &b->arena, &looked, &e));
	assert_int_equal(dkim_of(b, row.id), STATUS_PENDING);
	assert_int_equal(bench_see(b, row.id).version, 1);
	assert_int_equal(counts(b).messages[MESSAGE_HELD], 1);
	worker_stop(&v->relay, 0);
}

/* An identity whose keys SES holds. */
static struct identity_row ses_pending(struct bench *b)
{
	struct identity_row row = { .tenant_id = b->caller.tenant_id,
				    .domain = STR("customer.com"),
				    .tokens = { STR("tokena"), STR("tokenb"),
						STR("tokenc") },
				    .key_zone = STR("dkim.amazonses.com"),
				    .keys_elsewhere = true };
	struct expectation x;
	struct err e = { 0 };

	must_be_done(service_identity_expect(&b->arena, b->config, &row, &x, &e));
	row.state = identity_begin(&x, clock_now_s()).state;
	must_be_done(store_identity_add(b->store, &row, &e));
	return row;
}

static void ses_decides_whatever_we_see(void **state)
{
	static const struct {
		const char *name, *said;
		enum status ses;
	} cases[] = {
		{ "SES is behind", "right", STATUS_PENDING },
		{ "SES saw it", "nx", STATUS_SUCCESS },
		{ "SES lost it", "right", STATUS_TEMPORARY_FAILURE },
		{ "SES gave up", "right", STATUS_FAILED },
	};
	struct bench *b = *state;
	struct service *v = service_make(b);
	struct identity_row row = ses_pending(b);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *text = status_name(cases[i].ses);
		row = bench_see(b, row.id);
		look(b, v, &row,
		     (struct shown){ .said = cases[i].said,
				     .result = { .has_ses = true,
						 .ses_status = cases[i].ses,
						 .ses_status_text = str_from(text),
						 .ses_checked_at = 77 } });
		row = bench_see(b, row.id);
		if (row.state.aspects[ASPECT_DKIM].status != cases[i].ses ||
		    !str_is(row.ses_status, text) || row.ses_checked_at != 77 ||
		    !report_of(b, row.id).len)
			fail_msg("%s", cases[i].name);
	}
	worker_stop(&v->relay, 0);
}

static void without_an_answer_of_ses_nothing_is_decided(void **state)
{
	struct bench *b = *state;
	struct service *v = service_make(b);
	struct identity_row row = ses_pending(b);

	look(b, v, &row,
	     (struct shown){ .said = "right",
			     .result = { .ses_error = STR("no answer") } });
	row = bench_see(b, row.id);
	assert_int_equal(row.state.aspects[ASPECT_DKIM].status, STATUS_PENDING);
	assert_true(row.state.next_look_at > clock_now_s());
	assert_int_equal(row.ses_status.len, 0);
	worker_stop(&v->relay, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		at_bench(right_records_verify_release_and_tell),
		at_bench(wrong_records_keep_it_pending_and_the_mail_held),
		at_bench(silence_takes_nothing_away),
		at_bench(a_deleted_identity_is_not_written_again),
		at_bench(a_look_asked_for_meanwhile_follows_at_once),
		at_bench(a_failed_write_releases_and_tells_nothing),
		at_bench(ses_decides_whatever_we_see),
		at_bench(without_an_answer_of_ses_nothing_is_decided),
	};

	log_open(LOG_LEVEL_ERROR, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
