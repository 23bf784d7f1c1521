/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may send as whom, and what becomes of it: against a real store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "send/send.h"

struct bench {
	char folder[64];
	struct arena arena;
	struct config *config;
	struct store *store;
	int64_t tenant, rival;
	int64_t pending; /* the identity new.example */
};

#define must_be_done(call)                                 \
	do {                                               \
		if (!(call))                               \
			fail_msg("%s: %s", #call, e.text); \
	} while (0)

static void set(struct bench *b, const char *name, const char *value)
{
	struct err e = { 0 };

	must_be_done(config_set(b->config, str_from(name), str_from(value), "test", &e));
}

static int64_t put(struct bench *b, int64_t tenant, const char *domain,
		   enum status status)
{
	struct identity_row row = { .tenant_id = tenant, .domain = str_from(domain) };
	struct err e = { 0 };

	for (int i = 0; i < EXPECT_DKIM_TOKENS; i++)
		row.tokens[i] = str_from(arena_printf(&b->arena, "%s-%lld-%d", domain,
						      (long long)tenant, i));
	row.state.aspects[ASPECT_DKIM].status = status;
	must_be_done(store_identity_add(b->store, &row, &e));
	return row.id;
}

static int bench_make(void **state)
{
	struct bench *b = xalloc(1, sizeof(*b));
	struct tenant_row acme = { .name = STR("acme"), .access_key_id = STR("a") };
	struct tenant_row rival = { .name = STR("rival"), .access_key_id = STR("r") };
	struct err e = { 0 };

	memcpy(b->folder, "/tmp/unpend-send-XXXXXX", 24);
	assert_non_null(mkdtemp(b->folder));
	arena_init(&b->arena, 256 * 1024 * 1024);
	b->config = config_new();
	const char *url = arena_printf(&b->arena, "sqlite:%s/db", b->folder);
	must_be_done(store_open(str_from(url), &b->store, &e));
	must_be_done(store_tenant_add(b->store, &acme, &b->tenant, &e));
	must_be_done(store_tenant_add(b->store, &rival, &b->rival, &e));
	put(b, b->tenant, "acme.example", STATUS_SUCCESS);
	put(b, b->tenant, "new.acme.example", STATUS_PENDING);
	put(b, b->tenant, "grace.example", STATUS_TEMPORARY_FAILURE);
	put(b, b->tenant, "lost.example", STATUS_FAILED);
	b->pending = put(b, b->tenant, "new.example", STATUS_PENDING);
	put(b, b->rival, "rival.example", STATUS_SUCCESS);
	put(b, b->rival, "theirs.acme.example", STATUS_SUCCESS);
	put(b, b->rival, "wanted.acme.example", STATUS_PENDING);
	*state = b;
	return 0;
}

static int bench_remove(void **state)
{
	static const char *const names[] = { "db", "db-wal", "db-shm" };
	struct bench *b = *state;

	store_close(&b->store);
	config_free(&b->config);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)unlink(arena_printf(&b->arena, "%s/%s", b->folder, names[i]));
	assert_int_equal(rmdir(b->folder), 0);
	arena_done(&b->arena);
	xfree(b);
	return 0;
}

static const struct str one_recipient[] = { { "you@there.example", 17 } };

static enum send_refusal submit_raw(struct bench *b, const char *from, const char *raw,
				    struct send_result *result, struct err *e)
{
	struct send_request request = { .tenant_id = b->tenant,
					.from = str_from(from),
					.recipients = one_recipient,
					.recipient_count = 1,
					.raw = str_from(raw),
					.now_ms = 1767323045123 };

	return send_submit(b->store, &b->arena, b->config, &request, result, e);
}

static enum send_refusal submit_simple(struct bench *b, const char *from,
				       struct send_result *result)
{
	struct mail_draft draft = { .to = one_recipient,
				    .to_count = 1,
				    .subject = STR("Hello"),
				    .text = STR("Hello, you.\n") };
	struct send_request request = { .tenant_id = b->tenant,
					.from = str_from(from),
					.recipients = one_recipient,
					.recipient_count = 1,
					.draft = &draft,
					.now_ms = 1767323045123 };
	struct err e = { 0 };

	return send_submit(b->store, &b->arena, b->config, &request, result, &e);
}

static struct message_row accepted(struct bench *b)
{
	const struct lease_term term = { 1, INT64_MAX, INT64_MAX };
	struct message_row row;
	struct err e = { 0 };
	bool found;

	must_be_done(store_message_next(b->store, &b->arena, &term, &row, &found, &e));
	assert_true(found);
	return row;
}

static uint64_t messages(struct bench *b, enum message_state state)
{
	struct store_counts counts;
	struct err e = { 0 };

	must_be_done(store_counts_read(b->store, 0, &counts, &e));
	return counts.messages[state];
}

static bool contains(struct str text, const char *part)
{
	return memmem(text.data, text.len, part, strlen(part)) != NULL;
}

static void only_what_a_verified_identity_covers_may_send(void **state)
{
	static const struct {
		const char *name, *from;
		const char *refused; /* NULL: accepted */
	} cases[] = {
		{ "its domain", "news@acme.example", NULL },
		{ "with a name", "Acme <news@acme.example>", NULL },
		{ "case of the domain", "news@ACME.Example", NULL },
		{ "a subdomain", "x@a.b.acme.example", NULL },
		{ "verified parent of a pending one", "x@new.acme.example", NULL },
		{ "lost, but in its grace", "x@grace.example", NULL },
		{ "not verified yet", "x@new.example", "x@new.example" },
		{ "given up", "x@lost.example", "x@lost.example" },
		{ "unknown", "x@nobody.example", "x@nobody.example" },
		{ "another tenant's", "x@rival.example", "x@rival.example" },
		{ "a suffix of text only", "x@notacme.example", "x@notacme.example" },
		{ "the parent", "x@example.org", "x@example.org" },
		{ "proved by another tenant", "x@theirs.acme.example",
		  "x@theirs.acme.example" },
		{ "below what another tenant proved", "x@a.theirs.acme.example",
		  "x@a.theirs.acme.example" },
		{ "wanted by another tenant, not proved", "x@wanted.acme.example", NULL },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct send_result result;
		enum send_refusal refusal = submit_simple(b, cases[i].from, &result);
		if (refusal != (cases[i].refused ? SEND_NOT_VERIFIED : SEND_ACCEPTED) ||
		    (cases[i].refused && !str_is(result.refused, cases[i].refused)))
			fail_msg("%s: %d '%.*s'", cases[i].name, (int)refusal,
				 STR_ARG(result.refused));
	}
	assert_int_equal(messages(b, MESSAGE_HELD), 0);
}

static void every_address_that_a_raw_message_shows_is_checked(void **state)
{
	static const struct {
		const char *name, *from, *headers;
		enum send_refusal refusal;
		const char *refused;
	} cases[] = {
		{ "From alone", "", "From: a@acme.example\r\n", SEND_ACCEPTED, "" },
		{ "caller says another verified one", "b@grace.example",
		  "From: a@acme.example\r\n", SEND_ACCEPTED, "" },
		{ "From is not his", "a@acme.example", "From: a@rival.example\r\n",
		  SEND_NOT_VERIFIED, "a@rival.example" },
		{ "caller's sender is not his", "a@rival.example",
		  "From: a@acme.example\r\n", SEND_NOT_VERIFIED, "a@rival.example" },
		{ "Sender is not his", "",
		  "From: a@acme.example\r\nSender: s@rival.example\r\n",
		  SEND_NOT_VERIFIED, "s@rival.example" },
		{ "Resent-From is not his", "",
		  "From: a@acme.example\r\nResent-From: s@rival.example\r\n",
		  SEND_NOT_VERIFIED, "s@rival.example" },
		{ "the second Resent-Sender is not his", "",
		  "From: a@acme.example\r\nResent-Sender: a@acme.example\r\n"
		  "Resent-Sender: s@rival.example\r\n",
		  SEND_NOT_VERIFIED, "s@rival.example" },
		{ "Return-Path is not his", "",
		  "From: a@acme.example\r\nReturn-Path: <r@rival.example>\r\n",
		  SEND_NOT_VERIFIED, "r@rival.example" },
		{ "two are not his", "",
		  "From: a@rival.example\r\nSender: s@nobody.example\r\n",
		  SEND_NOT_VERIFIED, "a@rival.example, s@nobody.example" },
		{ "a second From", "",
		  "From: a@acme.example\r\nFrom: a@rival.example\r\n", SEND_BAD_REQUEST,
		  "" },
		{ "another case of From", "",
		  "From: a@acme.example\r\nfrom: a@rival.example\r\n", SEND_BAD_REQUEST,
		  "" },
		{ "two mailboxes in From", "",
		  "From: a@acme.example, b@rival.example\r\n", SEND_BAD_REQUEST, "" },
		{ "a group in From", "", "From: g: a@acme.example;\r\n", SEND_BAD_REQUEST,
		  "" },
		{ "no From", "a@acme.example", "To: x@there.example\r\n",
		  SEND_BAD_REQUEST, "" },
		{ "an empty From", "", "From: \r\n", SEND_BAD_REQUEST, "" },
		{ "a second Sender", "",
		  "From: a@acme.example\r\nSender: a@acme.example\r\nSender: "
		  "b@rival.example\r\n",
		  SEND_BAD_REQUEST, "" },
		{ "a second Subject", "",
		  "From: a@acme.example\r\nSubject: a\r\nSubject: b\r\n",
		  SEND_BAD_REQUEST, "" },
		{ "From with a blank before the colon", "",
		  "From: a@acme.example\r\nFrom : a@rival.example\r\n", SEND_BAD_REQUEST,
		  "" },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct send_result result = { 0 };
		struct err e = { 0 };
		const char *raw =
			arena_printf(&b->arena, "%s\r\nbody\r\n", cases[i].headers);
		enum send_refusal refusal =
			submit_raw(b, cases[i].from, raw, &result, &e);
		if (refusal != cases[i].refusal ||
		    !str_is(result.refused, cases[i].refused))
			fail_msg("%s: %d '%.*s' %s", cases[i].name, (int)refusal,
				 STR_ARG(result.refused), e.text);
	}
}

static void a_further_header_of_a_simple_message_is_no_way_round(void **state)
{
	static const struct {
		const char *name, *value;
		enum send_refusal refusal;
	} cases[] = {
		{ "X-Campaign", "spring", SEND_ACCEPTED },
		{ "Sender", "s@acme.example", SEND_ACCEPTED },
		{ "Sender", "s@rival.example", SEND_NOT_VERIFIED },
		{ "From", "s@rival.example", SEND_BAD_REQUEST },
		{ "X-A", "b\r\nSender: s@rival.example", SEND_BAD_REQUEST },
		{ "X-A: b\r\nSender", "s@rival.example", SEND_BAD_REQUEST },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mail_field header = { str_from(cases[i].name),
					     str_from(cases[i].value) };
		struct mail_draft draft = { .to = one_recipient,
					    .to_count = 1,
					    .text = STR("hello"),
					    .headers = &header,
					    .header_count = 1 };
		struct send_request request = { .tenant_id = b->tenant,
						.from = STR("a@acme.example"),
						.recipients = one_recipient,
						.recipient_count = 1,
						.draft = &draft };
		struct send_result result;
		struct err e = { 0 };
		enum send_refusal refusal = send_submit(b->store, &b->arena, b->config,
							&request, &result, &e);
		/* Mail may refuse to write a Sender at all. */
		bool sender = str_is(header.name, "Sender");
		if (refusal != cases[i].refusal &&
		    !(sender && refusal == SEND_BAD_REQUEST))
			fail_msg("%s: %s: %d %s", cases[i].name, cases[i].value,
				 (int)refusal, e.text);
	}
}

static void what_is_accepted_is_put_right(void **state)
{
	struct bench *b = *state;
	struct send_result result;
	struct err e = { 0 };
	const char *raw = "From: Acme <a@acme.example>\n"
			  "To: you@there.example\n"
			  "Bcc: hidden@there.example,\n other@there.example\n"
			  "Resent-Bcc: hidden@there.example\n"
			  "Return-Path: <bounce@acme.example>\n"
			  "Subject: bare line feeds\n"
			  "\n"
			  "one\n.\ntwo\r\n";

	assert_int_equal(submit_raw(b, "", raw, &result, &e), SEND_ACCEPTED);
	struct message_row row = accepted(b);
	assert_true(str_equal(row.message_id, result.message_id));
	assert_true(str_is(row.sender, "bounce@acme.example"));
	assert_false(contains(row.content, "hidden") || contains(row.content, "other@"));
	assert_false(contains(row.content, "Return-Path"));
	assert_true(contains(row.content, "\r\n\r\none\r\n.\r\ntwo\r\n"));
	for (size_t i = 0; i < row.content.len; i++)
		assert_true(row.content.data[i] != '\n' ||
			    row.content.data[i - 1] == '\r');
	assert_true(contains(row.content, "Date: Fri, 2 Jan 2026 03:04:05 +0000\r\n"));
	assert_true(
		contains(row.content,
			 arena_printf(&b->arena, "Message-ID: <%.*s@acme.example>\r\n",
				      STR_ARG(result.message_id))));
}

static void a_message_id_and_date_of_the_caller_stay(void **state)
{
	struct bench *b = *state;
	struct send_result result;
	struct err e = { 0 };

	assert_int_equal(submit_raw(b, "",
				    "From: a@acme.example\r\nmessage-id: <mine@x>\r\n"
				    "DATE: Thu, 1 Jan 2026 00:00:00 +0000\r\n\r\n",
				    &result, &e),
			 SEND_ACCEPTED);
	struct message_row row = accepted(b);
	assert_true(contains(row.content, "message-id: <mine@x>\r\n"));
	assert_false(contains(row.content, "Message-ID:"));
	assert_false(contains(row.content, "Date:"));
}

/* RFC 5321 section 2.3.8, and what SMTP smuggling is made of. */
static void smuggled_line_ends_are_refused(void **state)
{
	static const struct {
		const char *name;
		struct str raw;
	} cases[] = {
#define RAW(text) \
	{ "From: a@acme.example\r\n" text, sizeof("From: a@acme.example\r\n" text) - 1 }
		{ "bare CR in the body", RAW("\r\na\r.\r\n") },
		{ "CR CR LF", RAW("\r\na\r\r\nb\r\n") },
		{ "NUL in the body", RAW("\r\na\0b\r\n") },
		{ "NUL in a header", RAW("X: a\0b\r\n\r\n") },
		{ "bare CR in a header", RAW("X: a\rSender: x@rival.example\r\n\r\n") },
		{ "CR at the very end", RAW("\r\na\r") },
#undef RAW
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct send_request request = { .tenant_id = b->tenant,
						.recipients = one_recipient,
						.recipient_count = 1,
						.raw = cases[i].raw };
		struct send_result result;
		struct err e = { 0 };
		if (send_submit(b->store, &b->arena, b->config, &request, &result, &e) !=
		    SEND_BAD_REQUEST)
			fail_msg("%s", cases[i].name);
	}
}

static void recipients_are_counted_and_read(void **state)
{
	struct bench *b = *state;
	struct send_result result;
	struct str many[51];
	struct send_request request = { .tenant_id = b->tenant,
					.raw = STR("From: a@acme.example\r\n\r\n") };
	struct err e = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = str_from(arena_printf(&b->arena, "r%zu@there.example", i));
	request.recipients = many;
	request.recipient_count = 51;
	assert_int_equal(
		send_submit(b->store, &b->arena, b->config, &request, &result, &e),
		SEND_BAD_REQUEST);
	assert_string_equal(e.text, "Recipient count exceeds 50.");
	request.recipient_count = 0;
	assert_int_equal(
		send_submit(b->store, &b->arena, b->config, &request, &result, &e),
		SEND_BAD_REQUEST);
	request.recipient_count = 50;
	assert_int_equal(
		send_submit(b->store, &b->arena, b->config, &request, &result, &e),
		SEND_ACCEPTED);
	assert_int_equal(accepted(b).recipient_count, 50);
}

static void recipients_of_a_raw_message_come_from_its_headers(void **state)
{
	struct bench *b = *state;
	struct send_result result;
	struct send_request request = {
		.tenant_id = b->tenant,
		.raw = STR("From: a@acme.example\r\n"
			   "To: \"Doe, Jane\" <jane@there.example>,\r\n\t"
			   "joe@there.example\r\n"
			   "Cc: cc@there.example,\r\n"
			   "Bcc: hidden@there.example\r\n\r\n"),
	};
	static const char *const wanted[] = { "jane@there.example", "joe@there.example",
					      "cc@there.example",
					      "hidden@there.example" };
	struct err e = { 0 };

	if (send_submit(b->store, &b->arena, b->config, &request, &result, &e) !=
	    SEND_ACCEPTED)
		fail_msg("%s", e.text);
	struct message_row row = accepted(b);
	assert_int_equal(row.recipient_count, ARRAY_LEN(wanted));
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		assert_true(str_is(row.recipients[i], wanted[i]));
	assert_true(str_is(row.sender, "a@acme.example"));
}

static void mail_is_held_only_for_who_may_still_be_verified(void **state)
{
	static const struct {
		const char *name, *headers;
		enum send_refusal refusal;
		bool held;
	} cases[] = {
		{ "verified", "From: a@acme.example\r\n", SEND_ACCEPTED, false },
		{ "pending", "From: a@new.example\r\n", SEND_ACCEPTED, true },
		{ "pending, Sender too",
		  "From: a@new.example\r\nSender: b@new.example\r\n", SEND_ACCEPTED,
		  true },
		{ "pending, Sender verified",
		  "From: a@new.example\r\nSender: b@acme.example\r\n", SEND_ACCEPTED,
		  true },
		{ "verified, Sender pending",
		  "From: a@acme.example\r\nSender: b@new.example\r\n", SEND_NOT_VERIFIED,
		  false },
		{ "pending, Sender not his",
		  "From: a@new.example\r\nSender: b@rival.example\r\n", SEND_NOT_VERIFIED,
		  false },
		{ "given up", "From: a@lost.example\r\n", SEND_NOT_VERIFIED, false },
		{ "unknown", "From: a@nobody.example\r\n", SEND_NOT_VERIFIED, false },
	};
	struct bench *b = *state;

	set(b, "send.until_verified", "hold");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct send_result result = { 0 };
		struct err e = { 0 };
		const char *raw = arena_printf(&b->arena, "%s\r\n", cases[i].headers);
		enum send_refusal refusal = submit_raw(b, "", raw, &result, &e);
		if (refusal != cases[i].refusal ||
		    (refusal == SEND_ACCEPTED && result.held != cases[i].held))
			fail_msg("%s: %d %s", cases[i].name, (int)refusal, e.text);
	}
	assert_int_equal(messages(b, MESSAGE_HELD), 3);
	assert_int_equal(messages(b, MESSAGE_QUEUED), 1);
}

static void bounces_go_where_mail_from_is_verified(void **state)
{
	static const struct {
		const char *name;
		enum status status;
		bool rejects;
		enum send_refusal refusal;
		bool own_envelope;
	} cases[] = {
		{ "verified", STATUS_SUCCESS, true, SEND_ACCEPTED, true },
		{ "pending", STATUS_PENDING, false, SEND_ACCEPTED, false },
		{ "lost", STATUS_TEMPORARY_FAILURE, false, SEND_ACCEPTED, false },
		{ "pending, refuses", STATUS_PENDING, true, SEND_MAIL_FROM_NOT_VERIFIED,
		  false },
		{ "given up, refuses", STATUS_FAILED, true, SEND_MAIL_FROM_NOT_VERIFIED,
		  false },
		{ "none", STATUS_NOT_STARTED, false, SEND_ACCEPTED, false },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *domain = arena_printf(&b->arena, "m%zu.example", i);
		const char *from = arena_printf(&b->arena, "a@%s", domain);
		struct send_result result;
		struct identity_row row;
		struct err e = { 0 };
		put(b, b->tenant, domain, STATUS_SUCCESS);
		must_be_done(store_identity_find(b->store, &b->arena, b->tenant,
						 str_from(domain), &row, &e));
		row.mail_from_domain =
			str_from(arena_printf(&b->arena, "bounce.%s", domain));
		row.mail_from_reject = cases[i].rejects;
		row.state.aspects[ASPECT_MAIL_FROM].status = cases[i].status;
		must_be_done(store_identity_save(b->store, &row, NULL, 0, &e));
		enum send_refusal refusal = submit_simple(b, from, &result);
		if (refusal != cases[i].refusal)
			fail_msg("%s: %d", cases[i].name, refusal);
		if (refusal != SEND_ACCEPTED) {
			assert_true(str_equal(result.refused, row.mail_from_domain));
			continue;
		}
		const char *own = arena_printf(&b->arena, "%.*s@bounce.%s",
					       STR_ARG(result.message_id), domain);
		struct message_row message = accepted(b);
		if (!str_is(message.sender, cases[i].own_envelope ? own : from))
			fail_msg("%s: %.*s", cases[i].name, STR_ARG(message.sender));
		/* Later it may go as well, and under the same name. */
		bool may = false;
		must_be_done(
			send_may_go(b->store, &b->arena, b->config, &message, &may, &e));
		assert_true(may);
		message.state = MESSAGE_SENT;
		must_be_done(store_message_save(b->store, &message, &e));
	}
}

static void a_tenant_holds_no_more_than_hold_max(void **state)
{
	struct bench *b = *state;
	struct send_result result;

	set(b, "send.until_verified", "hold");
	set(b, "send.hold_max", "1");
	assert_int_equal(submit_simple(b, "a@new.example", &result), SEND_ACCEPTED);
	assert_int_equal(submit_simple(b, "a@new.example", &result), SEND_TOO_MANY_HELD);
	assert_int_equal(submit_simple(b, "a@acme.example", &result), SEND_ACCEPTED);
}

static void message_ids_have_the_form_of_ses(void **state)
{
	struct bench *b = *state;
	struct send_result first, second;

	set(b, "ses.region", "eu-west-1");
	assert_int_equal(submit_simple(b, "a@acme.example", &first), SEND_ACCEPTED);
	assert_int_equal(submit_simple(b, "a@acme.example", &second), SEND_ACCEPTED);
	assert_int_equal(first.message_id.len, 60);
	/* eu-west-1, and 1767323045123 ms. */
	assert_true(str_starts(first.message_id, STR("0102"
						     "019b7ca98d03-")));
	assert_true(str_ends(first.message_id, STR("-000000")));
	assert_false(str_equal(first.message_id, second.message_id));
}

#define at_bench(test) cmocka_unit_test_setup_teardown(test, bench_make, bench_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		at_bench(only_what_a_verified_identity_covers_may_send),
		at_bench(every_address_that_a_raw_message_shows_is_checked),
		at_bench(a_further_header_of_a_simple_message_is_no_way_round),
		at_bench(what_is_accepted_is_put_right),
		at_bench(a_message_id_and_date_of_the_caller_stay),
		at_bench(smuggled_line_ends_are_refused),
		at_bench(recipients_are_counted_and_read),
		at_bench(recipients_of_a_raw_message_come_from_its_headers),
		at_bench(mail_is_held_only_for_who_may_still_be_verified),
		at_bench(bounces_go_where_mail_from_is_verified),
		at_bench(a_tenant_holds_no_more_than_hold_max),
		at_bench(message_ids_have_the_form_of_ses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
