/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stores of other versions: moved on whole, or refused. */
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fixture.h"

extern const char schema_version_1[]; /* version_1.sql */

/* A store of the first version at the place's URL, which nobody has open. */
static int place_of_version_1(void **state)
{
	struct place *p;
	sqlite3 *db;

	place_make(state);
	p = *state;
	store_close(&p->store);
	store_remove(p, p->url);
	assert_int_equal(sqlite3_open(p->url + strlen("sqlite:"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, schema_version_1, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	return 0;
}

static int64_t number(struct place *p, const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *statement;

	assert_int_equal(sqlite3_open(p->url + strlen("sqlite:"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	int64_t n = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return n;
}

static void an_identity_of_version_1_keeps_all_it_had(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct report_row report;

	p->store = place_connect(p);
	struct identity_row row = identity_see(p, 5);
	assert_int_equal(row.tenant_id, 3);
	assert_true(str_is(row.domain, "acme.example"));
	assert_true(str_is(row.tokens[0], "t0") && str_is(row.tokens[2], "t2"));
	assert_true(str_is(row.key_zone, "dkim.mailer.example"));
	const struct aspect_state *dkim = &row.state.aspects[ASPECT_DKIM];
	assert_int_equal(dkim->status, STATUS_SUCCESS);
	assert_int_equal(dkim->started_at, 11);
	assert_int_equal(dkim->lost_at, 12);
	assert_int_equal(dkim->missed_at, 13);
	assert_int_equal(dkim->misses, 14);
	assert_int_equal(dkim->failed_at, 0);
	assert_int_equal(row.state.next_look_at, 1003);
	assert_int_equal(row.state.looks, 9);
	assert_int_equal(row.state.soa_serial, 77);
	assert_true(str_is(row.ses_status, "SUCCESS"));
	assert_int_equal(row.checked_at, 62);
	assert_int_equal(row.version, 8);
	must_be_done(store_report_read(p->store, &p->arena, 5, &report, &e));
	assert_true(str_is(report.body, "{\"en\":{\"verdict\":\"ok\"}}"));
	assert_int_equal(report.at_s, 62);
	must_be_done(store_report_read(p->store, &p->arena, 6, &report, &e));
	assert_int_equal(report.body.len, 0);
}

static void what_hung_on_identities_of_version_1_hangs_on_them_still(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct str *addresses;
	struct key_row *wanted;
	size_t count;

	p->store = place_connect(p);
	must_be_done(store_sender_list(p->store, &p->arena, 5, &addresses, &count, &e));
	assert_int_equal(count, 1);
	must_be_done(store_key_missing(p->store, &p->arena, 10, &wanted, &count, &e));
	assert_int_equal(count, 1);
	must_be_done(store_message_held(p->store, 6, &count, &e));
	assert_int_equal(count, 1);
	must_be_done(store_identity_delete(p->store, 3, 5, 2000, &e));
	must_be_done(store_identity_delete(p->store, 7, 6, 2000, &e));
	assert_int_equal(number(p, "SELECT (SELECT count(*) FROM sender) + "
				   "(SELECT count(*) FROM key_wanted) + "
				   "(SELECT count(*) FROM report)"),
			 0);
}

static void a_token_of_version_1_lets_its_tenant_in(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct api_token_row token;
	struct tenant_row tenant;

	p->store = place_connect(p);
	must_be_done(
		store_api_token_by_hash(p->store, &p->arena, STR("\xa1"), &token, &e));
	assert_int_equal(token.tenant_id, 7);
	assert_int_equal(token.scopes, 255);
	assert_int_equal(token.revoked_at + token.expires_at, 0);
	must_be_done(store_tenant_get(p->store, &p->arena, 7, &tenant, &e));
	assert_true(str_is(tenant.name, "rival"));
	assert_true(str_is(tenant.secret_sealed, "\x02"));
}

static void events_of_version_1_are_numbered_without_gaps(void **state)
{
	struct place *p = *state;
	struct identity_row row;

	p->store = place_connect(p);
	assert_int_equal(number(p, "SELECT group_concat(seq, '') FROM event "
				   "WHERE tenant_id = 3"),
			 1234);
	assert_int_equal(number(p, "SELECT count(DISTINCT uid) FROM event WHERE uid "
				   "GLOB 'evt_*' AND length(uid) = 30"),
			 5);
	assert_int_equal(number(p, "SELECT seq FROM event WHERE domain = 'acme.example' "
				   "AND to_status = 'SUCCESS'"),
			 4);
	row = identity_make(p, 3, "next.example", "n");
	struct err e = { 0 };
	must_be_done(store_identity_add(p->store, &row, &e));
	assert_int_equal(number(p, "SELECT max(seq) FROM event WHERE tenant_id = 3"), 5);
}

static void numbers_and_tokens_of_version_1_are_not_given_again(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct identity_row row;

	p->store = place_connect(p);
	row = identity_make(p, 3, "gone.example", "v");
	must_fail(store_identity_add(p->store, &row, &e), ERR_CONFLICT);
	row = identity_make(p, 3, "next.example", "n");
	must_be_done(store_identity_add(p->store, &row, &e));
	assert_int_equal(row.id, 10);
	assert_int_equal(tenant_make(p->store, "third"), 8);
}

/* --- whole or not at all --- */

static void rows_that_refer_to_none_stop_the_move_and_stay(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };

	number(p, "INSERT INTO sender VALUES (1234, 'a@b', 1) RETURNING 1");
	must_fail(store_open(str_from(p->url), &p->store, &e), ERR_INTERNAL);
	p->store = NULL;
	assert_int_equal(number(p, "PRAGMA user_version"), 1);
	assert_int_equal(number(p, "SELECT count(report) FROM identity"), 2);
}

/* A child that the kernel kills at some moment of moving a store with many rows. */
static void move_and_kill(struct place *p, long after_us)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child) {
		struct sigevent kill = { .sigev_notify = SIGEV_SIGNAL,
					 .sigev_signo = SIGKILL };
		struct itimerspec after = { .it_value.tv_nsec = after_us * 1000 };
		struct store *s;
		struct err e = { 0 };
		timer_t timer;
		if (timer_create(CLOCK_MONOTONIC, &kill, &timer) ||
		    timer_settime(timer, 0, &after, NULL))
			_exit(2);
		_exit(store_open(str_from(p->url), &s, &e) ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
}

static void a_killed_move_leaves_one_version_or_the_other(void **state)
{
	struct place *p = *state;
	bool old_seen = false;

	number(p, "WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n "
		  "WHERE i < 20000) INSERT INTO event (tenant_id, identity_id, at_s, "
		  "kind, aspect, from_status, to_status) SELECT 3, 5, i, 'k', '', '', '' "
		  "FROM n RETURNING 1");
	for (long after_us = 1; after_us < 200000; after_us += 9000) {
		move_and_kill(p, after_us);
		int64_t version = number(p, "PRAGMA user_version");
		assert_true(version == 1 || version == 2);
		assert_int_equal(number(p, "SELECT count(*) FROM event"), 19906);
		assert_int_equal(number(p, "SELECT count(*) FROM sqlite_schema WHERE "
					   "name IN ('report', 'webhook')"),
				 version == 2 ? 2 : 0);
		old_seen = old_seen || version == 1;
		if (version == 2)
			break;
	}
	assert_true(old_seen);
	p->store = place_connect(p);
	assert_int_equal(number(p, "PRAGMA user_version"), 2);
	assert_int_equal(number(p, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

static void a_store_of_a_later_version_is_refused(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct store *s = NULL;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(p->url + strlen("sqlite:"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 1000", NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	must_fail(store_open(str_from(p->url), &s, &e), ERR_USAGE);
	assert_null(s);
}

#define of_version_1(test) \
	cmocka_unit_test_setup_teardown(test, place_of_version_1, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		of_version_1(an_identity_of_version_1_keeps_all_it_had),
		of_version_1(what_hung_on_identities_of_version_1_hangs_on_them_still),
		of_version_1(a_token_of_version_1_lets_its_tenant_in),
		of_version_1(events_of_version_1_are_numbered_without_gaps),
		of_version_1(numbers_and_tokens_of_version_1_are_not_given_again),
		of_version_1(rows_that_refer_to_none_stop_the_move_and_stay),
		of_version_1(a_killed_move_leaves_one_version_or_the_other),
		of_version_1(a_store_of_a_later_version_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
