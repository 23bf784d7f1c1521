/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the SMTP client makes of a relay's answers; the relay is a thread with a
 * script. */
#include "fixture.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

/* Answers to MAIL, RCPT, DATA and the content; NULL: hang up. */
struct script {
	const char *mail;
	const char *rcpt;
	const char *data;
	const char *end;
};

struct relay {
	struct script script;
	int fd;
	struct buf heard;
};

static bool reply(int fd, const char *text)
{
	struct err e = { 0 };
	return text && file_write_all(fd, str_from(text), &e) &&
	       file_write_all(fd, STR("\r\n"), &e);
}

static bool line_read(int fd, struct buf *line)
{
	char c;
	buf_clear(line);
	while (recv(fd, &c, 1, 0) == 1) {
		buf_byte(line, (uint8_t)c);
		if (c == '\n')
			return true;
	}
	return false;
}

static bool answer_line(struct relay *r, int fd, struct str line, bool *in_data)
{
	if (*in_data) {
		if (!str_is(line, ".\r\n"))
			return true;
		*in_data = false;
		return reply(fd, r->script.end);
	}
	if (str_starts(line, STR("MAIL")))
		return reply(fd, r->script.mail);
	if (str_starts(line, STR("RCPT")))
		return reply(fd, r->script.rcpt);
	if (str_starts(line, STR("DATA"))) {
		*in_data = r->script.data && r->script.data[0] == '3';
		return reply(fd, r->script.data);
	}
	return reply(fd, str_starts(line, STR("QUIT")) ? "221 bye" : "250 ok");
}

static void *serve(void *arg)
{
	struct relay *r = arg;
	auto_buf struct buf line;
	bool in_data = false;
	buf_init(&line, 64 * 1024);
	int fd = accept4(r->fd, NULL, NULL, SOCK_CLOEXEC);
	bool ok = reply(fd, "220 relay");
	while (ok && line_read(fd, &line)) {
		buf_str(&r->heard, buf_view(&line));
		ok = answer_line(r, fd, buf_view(&line), &in_data);
	}
	close(fd);
	return NULL;
}

static struct str relay_listen(struct relay *r, struct arena *a)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);
	r->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(r->fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(r->fd, 1), 0);
	assert_int_equal(getsockname(r->fd, (struct sockaddr *)&at, &len), 0);
	return str_from(arena_printf(a, "smtp://127.0.0.1:%u", ntohs(at.sin_port)));
}

static enum smtp_result send_to(struct relay *r, struct arena *a, struct str *said)
{
	const struct str recipients[] = { STR("one@there.example"),
					  STR("two@there.example") };
	pthread_t thread;
	struct smtp_job job = { .sender = STR("news@here.example"),
				.recipients = recipients,
				.recipient_count = 2,
				.content = STR("Subject: x\r\n\r\nline\r\n.dot\r\n"),
				.timeout_s = 10 };
	job.url = relay_listen(r, a);
	buf_init(&r->heard, 64 * 1024);
	assert_int_equal(pthread_create(&thread, NULL, serve, r), 0);
	enum smtp_result result = smtp_send(a, &job, said);
	pthread_join(thread, NULL);
	close(r->fd);
	return result;
}

struct outcome {
	const char *name;
	struct script script;
	enum smtp_result result;
	const char *said;
};
static const struct outcome outcomes[] = {
	{ "taken",
	  { "250 ok", "250 ok", "354 go", "250 queued as 7" },
	  SMTP_SENT,
	  "250 queued as 7" },
	{ "sender refused for good",
	  { "550 no", NULL, NULL, NULL },
	  SMTP_REJECTED,
	  "550 no" },
	{ "recipient refused for good",
	  { "250 ok", "550 unknown", NULL, NULL },
	  SMTP_REJECTED,
	  "550 unknown" },
	{ "recipient to be tried again",
	  { "250 ok", "450 later", NULL, NULL },
	  SMTP_RETRY,
	  "450 later" },
	{ "content refused for good",
	  { "250 ok", "250 ok", "354 go", "554 spam" },
	  SMTP_REJECTED,
	  "554 spam" },
	{ "content to be tried again",
	  { "250 ok", "250 ok", "354 go", "451 full" },
	  SMTP_RETRY,
	  "451 full" },
	{ "hung up before the content was taken",
	  { "250 ok", "250 ok", "354 go", NULL },
	  SMTP_RETRY,
	  "" },
	{ "an answer with control characters",
	  { "250 ok", "250 ok", "354 go", "554 \x1b[2J" },
	  SMTP_REJECTED,
	  "554 \\x1b[2J" },
};

static void each_answer_has_its_outcome(void **state unused_arg)
{
	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
		struct relay relay = { .script = outcomes[i].script };
		struct str said = STR_EMPTY;
		struct arena a;
		arena_init(&a, 1024 * 1024);
		print_message("%s\n", outcomes[i].name);
		assert_int_equal(send_to(&relay, &a, &said), outcomes[i].result);
		if (outcomes[i].said[0])
			assert_true(str_is(said, outcomes[i].said));
		buf_done(&relay.heard);
		arena_done(&a);
	}
}

static void envelope_and_content_arrive_whole(void **state unused_arg)
{
	struct relay relay = { .script = { "250 ok", "250 ok", "354 go", "250 ok" } };
	struct str said;
	struct arena a;
	arena_init(&a, 1024 * 1024);
	assert_int_equal(send_to(&relay, &a, &said), SMTP_SENT);
	const char *heard = buf_cstr(&relay.heard);
	assert_non_null(strstr(heard, "MAIL FROM:<news@here.example>"));
	assert_non_null(strstr(heard, "RCPT TO:<one@there.example>\r\n"));
	assert_non_null(strstr(heard, "RCPT TO:<two@there.example>\r\n"));
	assert_non_null(strstr(heard, "Subject: x\r\n\r\nline\r\n..dot\r\n.\r\n"));
	buf_done(&relay.heard);
	arena_done(&a);
}

static void nobody_there_is_tried_again(void **state unused_arg)
{
	const struct str recipients[] = { STR("one@there.example") };
	struct smtp_job job = { .url = STR("smtp://127.0.0.1:1"),
				.sender = STR("a@here.example"),
				.recipients = recipients,
				.recipient_count = 1,
				.content = STR("x\r\n"),
				.timeout_s = 5 };
	struct str said;
	struct arena a;
	arena_init(&a, 1024 * 1024);
	assert_int_equal(smtp_send(&a, &job, &said), SMTP_RETRY);
	assert_true(said.len > 0);
	arena_done(&a);
}

/* It has accepted the connection, and will never say a word. */
static void a_silent_relay_does_not_hold_up_the_end(void **state unused_arg)
{
	const struct str recipient = STR("one@there.example");
	const atomic_bool stop = true;
	struct relay r = { .fd = -1 };
	struct str said;
	auto_arena struct arena a;
	arena_init(&a, 1024 * 1024);
	struct smtp_job job = { .url = relay_listen(&r, &a),
				.sender = STR("news@here.example"),
				.recipients = &recipient,
				.recipient_count = 1,
				.content = STR("Subject: x\r\n\r\nline\r\n"),
				.timeout_s = 3600,
				.stop = &stop };
	assert_int_equal(smtp_send(&a, &job, &said), SMTP_RETRY);
	close(r.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_answer_has_its_outcome),
		cmocka_unit_test(envelope_and_content_arrive_whole),
		cmocka_unit_test(nobody_there_is_tried_again),
		cmocka_unit_test(a_silent_relay_does_not_hold_up_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
