/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a look means for the store: states, events and held mail, in one transaction. */
#include <jansson.h>
#include <sqlite3.h>

#include "looks.h"

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
	struct identity_row clicked = row;
	clicked.state = identity_ask(&row.state, clock_now_s()).state;
	must_be_done(store_identity_save(b->store, &clicked, NULL, 0, &e));
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
		.identity_id = row.id, .row = &row, .x = &x, .result = &result
	};
	assert_false(look_write(b, v, &looked, &e));
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

/* It would stay pending: SES does not look for it. */
static void no_proof_of_ownership_is_wanted_where_ses_decides(void **state)
{
	struct bench *b = *state;
	struct identity_row row = ses_pending(b);
	struct err e = { 0 };

	must_fail(
		service_identity_ownership(&b->caller, &b->arena, row.id, true, &row, &e),
		ERR_DENIED);
	assert_non_null(strstr(e.text, "customer.com"));
	e = (struct err){ 0 };
	row = bench_see(b, row.id);
	assert_int_equal(row.ownership_token.len, 0);
	assert_int_equal(row.state.aspects[ASPECT_OWNERSHIP].status, STATUS_NOT_STARTED);
	must_be_done(service_identity_ownership(&b->caller, &b->arena, row.id, false,
						&row, &e));
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

/* --- several perspectives --- */

/* What each saw: the first is our own; NULL: silent. */
static void look_from(struct bench *b, struct service *v, const struct identity_row *row,
		      const char *const *said, size_t count)
{
	struct authority_observation *all = arena_array(&b->arena, count, sizeof(*all));
	struct authority_result result = { .observations = all,
					   .observation_count = count };
	struct expectation x;
	struct err e = { 0 };

	for (size_t i = 0; i < count; i++) {
		struct observation *o = arena_alloc(&b->arena, sizeof(*o));
		all[i].name = i == 0 ? STR("here")
				     : str_from(arena_printf(&b->arena, "p%zu", i));
		all[i].why = said[i] ? STR_EMPTY : STR("no answer");
		if (!said[i])
			continue;
		*o = observe(b, row, said[i]);
		all[i].observation = o;
	}
	result.observation = all[0].observation;
	must_be_done(service_identity_expect(&b->arena, b->config, row, &x, &e));
	struct looked looked = {
		.identity_id = row->id, .row = row, .x = &x, .result = &result
	};
	must_be_done(look_write(b, v, &looked, &e));
}

static struct look_list history(struct bench *b, int64_t id)
{
	struct look_list looks;
	struct err e = { 0 };

	must_be_done(store_look_list(b->store, &b->arena, id, &looks, &e));
	return looks;
}

static void a_quorum_verifies_and_a_quarrel_does_not(void **state)
{
	static const struct {
		const char *name;
		const char *said[4];
		enum status after;
	} cases[] = {
		{ "all agree", { "right", "right", "right", "right" }, STATUS_SUCCESS },
		{ "one may not", { "right", "right", "nx", "right" }, STATUS_SUCCESS },
		{ "one may be silent",
		  { "right", "right", NULL, "right" },
		  STATUS_SUCCESS },
		{ "two may not", { "right", "nx", "nx", "right" }, STATUS_PENDING },
		{ "two are silent", { "right", NULL, NULL, "right" }, STATUS_PENDING },
		{ "only we do not see it",
		  { "nx", "right", "right", "right" },
		  STATUS_PENDING },
		{ "we cannot ask",
		  { "timeout", "right", "right", "right" },
		  STATUS_PENDING },
	};
	struct bench *b = *state;
	struct service *v = service_make(b);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct identity_row row =
			pending(b, arena_printf(&b->arena, "customer%zu.com", i));
		look_from(b, v, &row, cases[i].said, 4);
		if (dkim_of(b, row.id) != cases[i].after)
			fail_msg("%s", cases[i].name);
		/* All results are kept. */
		struct str detail = history(b, row.id).rows[0].detail;
		assert_non_null(memmem(detail.data, detail.len, "\"p3\"", 4));
	}
	worker_stop(&v->relay, 0);
}

static void no_quarrel_takes_away(void **state)
{
	static const char *const right[] = { "right", "right", "right" };
	static const char *const quarrel[] = { "nx", "nx", "right" };
	struct bench *b = *state;
	struct service *v = service_make(b);
	struct identity_row row = pending(b, "customer.com");

	look_from(b, v, &row, right, 3);
	for (int i = 0; i < 10; i++) {
		row = bench_see(b, row.id);
		look_from(b, v, &row, quarrel, 3);
	}
	row = bench_see(b, row.id);
	assert_int_equal(row.state.aspects[ASPECT_DKIM].status, STATUS_SUCCESS);
	assert_int_equal(row.state.aspects[ASPECT_DKIM].misses, 0);
	assert_int_equal(row.verdict, VERDICT_UNDETERMINED);
	assert_true(str_is(row.findings, "U909") ||
		    str_starts(row.findings, STR("U909 ")));
	worker_stop(&v->relay, 0);
}

static void events_say_who_saw_what_from_where(void **state)
{
	static const char *const said[] = { "right", "right", NULL };
	struct bench *b = *state;
	struct service *v = service_make(b);
	struct identity_row row = pending(b, "customer.com");
	struct event_page page = { .tenant_id = b->caller.tenant_id,
				   .identity_id = row.id,
				   .limit = 1 };
	struct event_list events;
	struct err e = { 0 };

	look_from(b, v, &row, said, 3);
	must_be_done(store_event_list(b->store, &b->arena, &page, &events, &e));
	struct str detail = events.rows[0].detail;
	json_t *json = json_loadb(detail.data, detail.len, 0, NULL);
	const json_t *list = json_object_get(json, "perspectives");
	assert_int_equal(json_array_size(list), 3);
	const json_t *here = json_array_get(list, 0);
	assert_string_equal(json_string_value(json_object_get(here, "name")), "here");
	const json_t *servers = json_object_get(here, "servers");
	assert_int_equal(json_array_size(servers), 2);
	const json_t *server = json_array_get(servers, 1);
	assert_string_equal(json_string_value(json_object_get(server, "address")),
			    "192.0.2.2");
	assert_string_equal(json_string_value(json_object_get(server, "saw")), "right");
	const json_t *silent = json_array_get(list, 2);
	assert_string_equal(json_string_value(json_object_get(silent, "verdict")),
			    "silent");
	json_decref(json);
	worker_stop(&v->relay, 0);
}

static void history_keeps_what_differs(void **state)
{
	static const struct {
		const char *said;
		size_t kept;
	} looks[] = { { "nx", 1 },      { "nx", 1 }, { "nx", 1 },    { "timeout", 2 },
		      { "timeout", 2 }, { "nx", 3 }, { "right", 4 }, { "right", 4 } };
	struct bench *b = *state;
	struct service *v = service_make(b);
	struct identity_row row = pending(b, "customer.com");
	struct str hash = STR_EMPTY;

	for (size_t i = 0; i < ARRAY_LEN(looks); i++) {
		row = bench_see(b, row.id);
		look(b, v, &row, (struct shown){ .said = looks[i].said });
		row = bench_see(b, row.id);
		assert_int_equal(history(b, row.id).count, looks[i].kept);
		/* The same report has the same hash, and is not written again. */
		if (i == 1 || i == 2)
			assert_true(str_equal(row.report_hash, hash));
		hash = row.report_hash;
	}
	assert_int_equal(history(b, row.id).rows[0].why, LOOK_REASON_YOUNG);
	worker_stop(&v->relay, 0);
}

static void each_aspect_has_a_status_of_its_own(void **state)
{
	struct bench *b = *state;
	struct service *v = service_make(b);
	struct identity_row row = pending(b, "customer.com");
	const struct service_mail_from wanted = { STR("bounce.customer.com"), false };
	struct err e = { 0 };

	bench_set(b, "mail_from.mx", "bounces.mailer.example");
	must_be_done(service_identity_mail_from(&b->caller, &b->arena, row.id, &wanted,
						&row, &e));
	must_be_done(service_identity_ownership(&b->caller, &b->arena, row.id, true, &row,
						&e));
	look(b, v, &row, (struct shown){ .said = "nx" });
	row = bench_see(b, row.id);
	assert_int_equal(row.state.aspects[ASPECT_DKIM].status, STATUS_PENDING);
	assert_int_equal(row.state.aspects[ASPECT_MAIL_FROM].status, STATUS_SUCCESS);
	assert_int_equal(row.state.aspects[ASPECT_OWNERSHIP].status, STATUS_SUCCESS);
	assert_false(identity_may_send(&row.state));
	look(b, v, &row, (struct shown){ .said = "right" });
	row = bench_see(b, row.id);
	assert_int_equal(row.state.aspects[ASPECT_DKIM].status, STATUS_SUCCESS);
	assert_int_equal(identity_envelope(&row.state, row.mail_from_reject),
			 ENVELOPE_CUSTOM);
	worker_stop(&v->relay, 0);
}

/* A look is under way, and meanwhile another MAIL FROM domain is wanted, or none, and
 * ownership is to be shown anew: it says nothing about these. */
static void what_was_changed_meanwhile_is_not_judged_by_the_look(void **state)
{
	const struct service_mail_from first = { STR("bounce.customer.com"), false };
	const struct service_mail_from wishes[] = {
		{ STR("other.customer.com"), false },
		{ STR_EMPTY, false },
	};
	struct bench *b = *state;
	struct service *v = service_make(b);
	struct identity_row row = pending(b, "customer.com");
	struct identity_row now;
	struct err e = { 0 };

	bench_set(b, "mail_from.mx", "bounces.mailer.example");
	for (size_t i = 0; i < ARRAY_LEN(wishes); i++) {
		must_be_done(service_identity_mail_from(&b->caller, &b->arena, row.id,
							&first, &row, &e));
		must_be_done(service_identity_ownership(&b->caller, &b->arena, row.id,
							true, &row, &e));
		must_be_done(service_identity_mail_from(&b->caller, &b->arena, row.id,
							&wishes[i], &now, &e));
		must_be_done(service_identity_ownership(&b->caller, &b->arena, row.id,
							false, &now, &e));
		must_be_done(service_identity_ownership(&b->caller, &b->arena, row.id,
							true, &now, &e));
		look(b, v, &row, (struct shown){ .said = i ? "nx" : "right" });
		now = bench_see(b, row.id);
		assert_int_equal(now.state.aspects[ASPECT_DKIM].status, STATUS_SUCCESS);
		assert_int_equal(now.state.aspects[ASPECT_MAIL_FROM].status,
				 i ? STATUS_NOT_STARTED : STATUS_PENDING);
		assert_int_equal(now.state.aspects[ASPECT_OWNERSHIP].status,
				 STATUS_PENDING);
		assert_true(now.state.next_look_at <= clock_now_s());
		row = now;
	}
	worker_stop(&v->relay, 0);
}

/* --- peeks --- */

static bool peek(struct bench *b, struct service *v, int64_t id, uint32_t serial)
{
	struct dns_name names[2];
	struct zone_seen zone = { .is_seen = serial > 0,
				  .at_s = clock_now_s(),
				  .serial = serial,
				  .name_servers = names,
				  .name_server_count = 2,
				  .queries = 2 };
	const struct peeked peeked = { .identity_id = id, .zone = &zone };
	struct err e = { 0 };
	bool changed;

	must_be_done(dns_name_parse(STR("ns1.host.example"), &names[0], &e));
	must_be_done(dns_name_parse(STR("ns2.host.example"), &names[1], &e));
	must_be_done(outcome_peek(v, b->store, &b->arena, &peeked, &changed, &e));
	return changed;
}

/* Verified, with a whole look due in some hours, and a peek now. */
static struct identity_row peekable(struct bench *b)
{
	struct identity_row row = pending(b, "customer.com");
	struct err e = { 0 };

	row = bench_see(b, row.id);
	row.state.aspects[ASPECT_DKIM].status = STATUS_SUCCESS;
	row.state.has_soa = true;
	row.state.soa_serial = 7;
	row.state.name_servers = STR("ns1.host.example ns2.host.example");
	row.state.last_looked_at = clock_now_s() - 3600;
	row.state.next_look_at = clock_now_s();
	row.state.full_look_at = clock_now_s() + 9 * 3600;
	must_be_done(store_identity_save(b->store, &row, NULL, 0, &e));
	return row;
}

static void a_peek_changes_nothing_but_the_next_look(void **state)
{
	struct bench *b = *state;
	struct service *v = service_make(b);
	struct identity_row row = peekable(b);

	assert_false(peek(b, v, row.id, 7));
	struct identity_row after = bench_see(b, row.id);
	assert_int_equal(after.state.aspects[ASPECT_DKIM].status, STATUS_SUCCESS);
	assert_int_equal(after.state.full_look_at, row.state.full_look_at);
	assert_true(after.state.next_look_at > clock_now_s() + 3600);
	assert_int_equal(after.state.last_looked_at, row.state.last_looked_at);
	assert_int_equal(after.checked_at, row.checked_at);
	/* Who does not answer is left for the whole look. */
	assert_false(peek(b, v, row.id, 0));
	after = bench_see(b, row.id);
	assert_int_equal(after.state.next_look_at, row.state.full_look_at);
	assert_int_equal(after.state.aspects[ASPECT_DKIM].status, STATUS_SUCCESS);
	worker_stop(&v->relay, 0);
}

static void a_peek_that_sees_a_change_writes_nothing(void **state)
{
	struct bench *b = *state;
	struct service *v = service_make(b);
	struct identity_row row = peekable(b);
	struct err e = { 0 };

	assert_true(peek(b, v, row.id, 8));
	assert_int_equal(bench_see(b, row.id).version, row.version);
	/* Somebody asked for a whole look while the peek was under way. */
	b->caller.now_s = clock_now_s();
	must_be_done(service_identity_check(&b->caller, &b->arena, row.id, &e));
	assert_true(peek(b, v, row.id, 7));
	worker_stop(&v->relay, 0);
}

static void what_is_overdue_and_calm_is_put_off_once(void **state)
{
	struct bench *b = *state;
	struct service *v = service_make(b);
	struct identity_row row = peekable(b);
	struct err e = { 0 };

	assert_false(outcome_is_late(v, &row));
	row.state.next_look_at = clock_now_s() - 4 * 3600;
	row.state.full_look_at = row.state.next_look_at;
	row.state.why = LOOK_REASON_STEADY;
	must_be_done(store_identity_save(b->store, &row, NULL, 0, &e));
	assert_true(outcome_is_late(v, &row));
	must_be_done(outcome_put_off(v, b->store, &row, &e));
	row = bench_see(b, row.id);
	assert_in_range(row.state.next_look_at, clock_now_s() + 4 * 3600 - 60,
			clock_now_s() + 4 * 3600 + 120);
	assert_int_equal(row.state.why, LOOK_REASON_CATCH_UP);
	assert_int_equal(row.state.aspects[ASPECT_DKIM].status, STATUS_SUCCESS);
	assert_false(outcome_is_late(v, &row));
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
		at_bench(no_proof_of_ownership_is_wanted_where_ses_decides),
		at_bench(ses_decides_whatever_we_see),
		at_bench(without_an_answer_of_ses_nothing_is_decided),
		at_bench(a_quorum_verifies_and_a_quarrel_does_not),
		at_bench(no_quarrel_takes_away),
		at_bench(events_say_who_saw_what_from_where),
		at_bench(history_keeps_what_differs),
		at_bench(each_aspect_has_a_status_of_its_own),
		at_bench(what_was_changed_meanwhile_is_not_judged_by_the_look),
		at_bench(a_peek_changes_nothing_but_the_next_look),
		at_bench(a_peek_that_sees_a_change_writes_nothing),
		at_bench(what_is_overdue_and_calm_is_put_off_once),
	};

	log_open(LOG_LEVEL_ERROR, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
