/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See looks.h. */
#include "looks.h"

static int64_t idle(struct service *v unused_arg, struct store *s unused_arg)
{
	return -1;
}

struct service *service_make(struct bench *b)
{
	struct service *v = arena_alloc(&b->arena, sizeof(*v));
	struct err e = { 0 };

	v->config = b->config;
	must_be_done(worker_new(v, idle, &v->relay, &e));
	must_be_done(worker_start(v->relay, &e));
	return v;
}

struct observation observe(struct bench *b, const struct identity_row *row,
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
	if (row->mail_from_domain.len)
		buf_printf(&seen, "all MX %.*s = 10 bounces.mailer.example\n",
			   STR_ARG(row->mail_from_domain));
	if (row->ownership_token.len)
		buf_printf(&seen,
			   "all TXT _unpend-challenge.%.*s = \"unpend-challenge=%.*s\"\n",
			   STR_ARG(row->domain), STR_ARG(row->ownership_token));
	struct seen made = seen_make(a, arena_text(a, buf_view(&expected)),
				     arena_text(a, buf_view(&seen)));
	buf_done(&expected);
	buf_done(&seen);
	return made.o;
}

bool look_write(struct bench *b, struct service *v, const struct looked *looked,
		struct err *e)
{
	struct judged judged;
	struct outcome o = { .judged = &judged };

	outcome_judge(v, &b->arena, looked, &judged);
	outcome_count(v, &judged);
	return outcomes_write(v, b->store, &o, 1, e);
}

void look(struct bench *b, struct service *v, const struct identity_row *row,
	  struct shown shown)
{
	struct observation o = observe(b, row, shown.said);
	struct expectation x;
	struct err e = { 0 };

	must_be_done(service_identity_expect(&b->arena, b->config, row, &x, &e));
	shown.result.observation = &o;
	struct looked looked = {
		.identity_id = row->id, .row = row, .x = &x, .result = &shown.result
	};
	must_be_done(look_write(b, v, &looked, &e));
}

enum status dkim_of(struct bench *b, int64_t id)
{
	return bench_see(b, id).state.aspects[ASPECT_DKIM].status;
}

struct store_counts counts(struct bench *b)
{
	struct store_counts now;
	struct err e = { 0 };

	must_be_done(store_counts_read(b->store, 0, &now, &e));
	return now;
}

void hold(struct bench *b, int64_t identity_id, const char *id)
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

struct identity_row pending(struct bench *b, const char *domain)
{
	b->caller.now_s = clock_now_s();
	return bench_create(b, domain);
}
