/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Health, and numbers in Prometheus' text format 0.0.4. No label names a domain or a
 * tenant.
 */
#include "api/handlers.h"
#include "api/problem.h"
#include "diagnose/diagnose.h"

enum {
	TEXT_MAX = 64 * 1024,
};

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void number(struct buf *out, const char *name, uint64_t n)
{
	buf_printf(out, "%s %llu\n", name, (unsigned long long)n);
}

static void labelled(struct buf *out, const char *name, const char *label,
		     const char *value, uint64_t n)
{
	buf_printf(out, "%s{%s=\"%s\"} %llu\n", name, label, value,
		   (unsigned long long)n);
}

/* Milliseconds as seconds. */
static void seconds(struct buf *out, const char *name, uint64_t ms)
{
	buf_printf(out, "%s %llu.%03llu\n", name, (unsigned long long)(ms / 1000),
		   (unsigned long long)(ms % 1000));
}

static void counters_write(struct buf *out, const struct service_counters *n)
{
	uint64_t checks = 0;
	head(out, "unpend_checks_total", "counter", "Looks at domains, by verdict.");
	for (size_t i = 0; i < ARRAY_LEN(n->looks); i++) {
		labelled(out, "unpend_checks_total", "result",
			 verdict_name((enum verdict)i), n->looks[i]);
		checks += n->looks[i];
	}
	head(out, "unpend_check_duration_seconds", "summary", "How long looks took.");
	seconds(out, "unpend_check_duration_seconds_sum", n->look_ms_total);
	number(out, "unpend_check_duration_seconds_count", checks);
	head(out, "unpend_dns_queries_total", "counter",
	     "Questions sent, retries included.");
	number(out, "unpend_dns_queries_total", n->queries);
	head(out, "unpend_probe_restarts_total", "counter", "Probes started again.");
	number(out, "unpend_probe_restarts_total", n->probe_restarts);
	head(out, "unpend_events_total", "counter", "Events of identities.");
	number(out, "unpend_events_total", n->events);
	head(out, "unpend_messages_total", "counter", "Messages handed over, or not.");
	labelled(out, "unpend_messages_total", "outcome", "sent", n->messages_sent);
	labelled(out, "unpend_messages_total", "outcome", "failed", n->messages_failed);
	head(out, "unpend_scheduler_lag_seconds", "gauge",
	     "How late the last due look was taken up.");
	seconds(out, "unpend_scheduler_lag_seconds",
		n->lag_ms > 0 ? (uint64_t)n->lag_ms : 0);
}

static void counts_write(struct buf *out, const struct store_counts *n)
{
	head(out, "unpend_identities", "gauge", "Identities, by status.");
	for (size_t i = 0; i < ARRAY_LEN(n->identities); i++)
		labelled(out, "unpend_identities", "state", status_name((enum status)i),
			 n->identities[i]);
	head(out, "unpend_queue_messages", "gauge", "Messages, by state.");
	for (size_t i = 0; i < ARRAY_LEN(n->messages); i++)
		labelled(out, "unpend_queue_messages", "state",
			 message_state_name((enum message_state)i), n->messages[i]);
	head(out, "unpend_scheduler_due_checks", "gauge", "Looks that are due now.");
	number(out, "unpend_scheduler_due_checks", n->due);
	head(out, "unpend_pool_keys", "gauge", "Keys made ahead.");
	number(out, "unpend_pool_keys", n->pool_keys);
}

static void requests_write(struct buf *out, struct api *api)
{
	static const char *const classes[] = { "", "1xx", "2xx", "3xx", "4xx", "5xx" };
	head(out, "unpend_http_requests_total", "counter", "Requests answered.");
	for (size_t i = 2; i < ARRAY_LEN(classes); i++)
		labelled(out, "unpend_http_requests_total", "code", classes[i],
			 atomic_load(&api->answered[i]));
	head(out, "unpend_build_info", "gauge", "The version that runs.");
	labelled(out, "unpend_build_info", "version", UNPEND_VERSION, 1);
}

void metrics_get(struct call *c)
{
	struct store_counts counts = { .due = 0 };
	struct service_counters counters = { .lag_ms = 0 };
	struct err e = { 0 };
	auto_buf struct buf text;
	buf_init(&text, TEXT_MAX);
	if (!store_counts_read(c->store, c->now_ms / 1000, &counts, &e)) {
		problem_answer(c, &e);
		return;
	}
	if (c->api->options.service)
		service_counters_read(c->api->options.service, &counters);
	counters_write(&text, &counters);
	counts_write(&text, &counts);
	requests_write(&text, c->api);
	call_answer_text(c, 200, "text/plain; version=0.0.4; charset=utf-8",
			 buf_view(&text));
}

void health_live(struct call *c)
{
	call_answer_text(c, 200, "text/plain; charset=utf-8", STR("ok\n"));
}

void health_ready(struct call *c)
{
	struct err e = { 0 };
	if (store_is_ready(c->store, &e))
		call_answer_text(c, 200, "text/plain; charset=utf-8", STR("ok\n"));
	else
		problem_answer(c, &e);
}
