/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Health, for whoever starts, stops and routes. With ?verbose each condition on a line of
 * its own. */
#include "api/handlers.h"

struct condition {
	const char *name;
	bool holds;
};

static void conditions_answer(struct call *c, const struct condition *rows, size_t count)
{
	struct str ignored;
	bool all = true;
	bool is_verbose = http_query_find(c->request, "verbose", &ignored);
	auto_buf struct buf text;

	buf_init(&text, 1024);
	for (size_t i = 0; i < count; i++) {
		all &= rows[i].holds;
		if (is_verbose || !rows[i].holds)
			buf_printf(&text, "%s %s\n", rows[i].holds ? "ok  " : "fail",
				   rows[i].name);
	}
	buf_text(&text, all ? "ok\n" : "not ok\n");
	if (!all)
		http_response_header(c->response, "Retry-After", STR("5"));
	call_answer_text(c, all ? 200 : 503, "text/plain; charset=utf-8",
			 buf_view(&text));
}

static bool is_turning(const struct call *c)
{
	const struct service *service = c->api->options.service;

	return !service || service_is_turning(service);
}

void health_live(struct call *c)
{
	const struct condition rows[] = { { "loop", is_turning(c) } };

	conditions_answer(c, rows, ARRAY_LEN(rows));
}

void health_started(struct call *c)
{
	health_live(c);
}

/* Opening the store has brought its schema up to date, or refused to start. */
void health_ready(struct call *c)
{
	struct err e = { 0 };
	bool writable = store_is_ready(c->store, &e);
	const struct condition rows[] = { { "store", writable },
					  { "loop", is_turning(c) } };

	if (!writable)
		log_warn("the store cannot be written", LOG_TEXT("error", e.text),
			 LOG_STR("request_id", c->request_id));
	conditions_answer(c, rows, ARRAY_LEN(rows));
}
