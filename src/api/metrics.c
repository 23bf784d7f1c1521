/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers in Prometheus' text format 0.0.4. No label names a domain or a tenant. */
#include "api/handlers.h"
#include "diagnose/diagnose.h"
#include "mail/mail.h"
#include "provider/provider.h"

enum {
	TEXT_MAX = 256 * 1024,
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

static void micros(struct buf *out, uint64_t us)
{
	buf_printf(out, "%llu.%06llu", (unsigned long long)(us / 1000000),
		   (unsigned long long)(us % 1000000));
}

static void histogram_write(struct buf *out, const char *name, const char *help,
			    const struct tally_histogram *h)
{
	uint64_t total = 0;

	head(out, name, "histogram", help);
	for (size_t i = 0; i < TALLY_BOUNDS; i++) {
		total += h->counts[i];
		buf_printf(out, "%s_bucket{le=\"", name);
		micros(out, (uint64_t)tally_bound_us(i));
		buf_printf(out, "\"} %llu\n", (unsigned long long)total);
	}
	total += h->counts[TALLY_BOUNDS];
	buf_printf(out, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum ", name,
		   (unsigned long long)total, name);
	micros(out, h->sum_us);
	buf_printf(out, "\n%s_count %llu\n", name, (unsigned long long)total);
}

static void counters_write(struct buf *out, const struct service_counters *n)
{
	head(out, "unpend_checks_total", "counter", "Looks at domains, by verdict.");
	for (size_t i = 0; i < ARRAY_LEN(n->looks); i++)
		labelled(out, "unpend_checks_total", "result",
			 verdict_name((enum verdict)i), n->looks[i]);
	head(out, "unpend_glances_total", "counter", "Glances at what is verified.");
	labelled(out, "unpend_glances_total", "outcome", "right", n->glances_right);
	labelled(out, "unpend_glances_total", "outcome", "unclear", n->glances_unclear);
	head(out, "unpend_looks_put_off_total", "counter",
	     "Looks put off for the limit of their tenant.");
	number(out, "unpend_looks_put_off_total", n->looks_put_off);
	head(out, "unpend_probe_restarts_total", "counter", "Probes started again.");
	number(out, "unpend_probe_restarts_total", n->probe_restarts);
	head(out, "unpend_perspectives", "gauge", "Perspectives that are configured.");
	number(out, "unpend_perspectives", n->perspectives);
	head(out, "unpend_perspectives_up", "gauge", "Perspectives that are connected.");
	number(out, "unpend_perspectives_up", n->perspectives_up);
	head(out, "unpend_events_total", "counter", "Events of identities.");
	number(out, "unpend_events_total", n->events);
	head(out, "unpend_messages_total", "counter", "Messages handed over, or not.");
	labelled(out, "unpend_messages_total", "outcome", "sent", n->messages_sent);
	labelled(out, "unpend_messages_total", "outcome", "failed", n->messages_failed);
}

/* Every pair of role and response code that was seen; all of them would be sixty. */
static void queries_write(struct buf *out, const struct tally_numbers *n)
{
	static const char *const transports[] = { "udp", "tcp" };

	head(out, "unpend_dns_queries_total", "counter",
	     "Questions sent; role \"walk\": on the way from the root, and retries.");
	for (int t = 0; t < TALLY_TRANSPORTS; t++)
		for (int c = 0; c < TALLY_RCODES; c++)
			for (int r = 0; r < TALLY_ROLES; r++)
				if (n->queries[t][c][r])
					buf_printf(
						out,
						"unpend_dns_queries_total{transport=\"%s"
						"\",rcode=\"%s\",role=\"%s\"} %llu\n",
						transports[t],
						tally_rcode_name((enum tally_rcode)c),
						tally_role_name((enum tally_role)r),
						(unsigned long long)n->queries[t][c][r]);
	buf_printf(out,
		   "unpend_dns_queries_total{transport=\"any\",rcode=\"any\","
		   "role=\"walk\"} %llu\n",
		   (unsigned long long)n->queries_on_the_way);
}

static void tally_write(struct buf *out, const struct tally_numbers *n)
{
	static const char *const outcomes[] = { "delivered", "retried", "given_up" };
	const char *code;

	histogram_write(out, "unpend_check_duration_seconds", "How long looks took.",
			&n->look);
	histogram_write(out, "unpend_dns_query_duration_seconds",
			"Round trips of the questions about records.", &n->query);
	histogram_write(out, "unpend_scheduler_lag_seconds",
			"How late due looks were taken up.", &n->lag);
	queries_write(out, n);
	head(out, "unpend_findings_total", "counter", "Findings of looks, by code.");
	for (size_t i = 0; i < TALLY_CODES_MAX && (code = diagnose_code_at(i)); i++)
		labelled(out, "unpend_findings_total", "code", code, n->findings[i]);
	head(out, "unpend_webhook_deliveries_total", "counter",
	     "Attempts to deliver events, by outcome.");
	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++)
		labelled(out, "unpend_webhook_deliveries_total", "outcome", outcomes[i],
			 n->deliveries[i]);
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
}

static void store_errors_write(struct buf *out)
{
	head(out, "unpend_db_errors_total", "counter",
	     "Failures of the database, by what was being done.");
	for (int op = 0; op < STORE_OPS; op++)
		labelled(out, "unpend_db_errors_total", "op",
			 store_op_name((enum store_op)op),
			 store_op_failures((enum store_op)op));
}

static void infos_write(struct buf *out)
{
	struct str newest = STR_EMPTY;
	const struct provider *p;

	for (size_t i = 0; (p = provider_at(i)); i++)
		if (str_compare(p->verified_on, newest) > 0)
			newest = p->verified_on;
	head(out, "unpend_build_info", "gauge", "The version that runs.");
	labelled(out, "unpend_build_info", "version", UNPEND_VERSION, 1);
	head(out, "unpend_provider_table_version_info", "gauge",
	     "The newest fact in the table of DNS operators.");
	buf_printf(out, "unpend_provider_table_version_info{version=\"%.*s\"} 1\n",
		   STR_ARG(newest));
	head(out, "unpend_freemail_table_version_info", "gauge",
	     "The newest row in the table of free mail domains.");
	labelled(out, "unpend_freemail_table_version_info", "version",
		 mail_freemail_version(), 1);
}

static void process_write(struct buf *out, int64_t started_at_ms)
{
	struct process_numbers n;

	process_read(&n);
	head(out, "process_cpu_seconds_total", "counter", "Processor time, probes not.");
	buf_text(out, "process_cpu_seconds_total ");
	micros(out, n.cpu_us);
	buf_byte(out, '\n');
	head(out, "process_resident_memory_bytes", "gauge", "Memory in use.");
	number(out, "process_resident_memory_bytes", n.resident_bytes);
	head(out, "process_virtual_memory_bytes", "gauge", "Address space in use.");
	number(out, "process_virtual_memory_bytes", n.virtual_bytes);
	head(out, "process_open_fds", "gauge", "Open file descriptors.");
	number(out, "process_open_fds", n.open_fds);
	head(out, "process_max_fds", "gauge", "File descriptors it may open.");
	number(out, "process_max_fds", n.max_fds);
	head(out, "process_threads", "gauge", "Threads.");
	number(out, "process_threads", n.threads);
	head(out, "process_start_time_seconds", "gauge", "Start, in Unix time.");
	buf_text(out, "process_start_time_seconds ");
	micros(out, (uint64_t)started_at_ms * 1000);
	buf_byte(out, '\n');
}

static void service_write(struct buf *out, struct service *service)
{
	struct service_counters counters;
	struct tally_numbers tally;
	struct service_rows rows;

	service_counters_read(service, &counters);
	service_tally_read(service, &tally);
	bool is_known = service_rows_read(service, &rows);
	counters_write(out, &counters);
	tally_write(out, &tally);
	counts_write(out, &rows.counts);
	head(out, "unpend_webhook_oldest_pending_timestamp_seconds", "gauge",
	     "Since when the oldest delivery waits; 0: none does.");
	number(out, "unpend_webhook_oldest_pending_timestamp_seconds",
	       (uint64_t)rows.deliveries.oldest_at);
	head(out, "unpend_webhook_pending_deliveries", "gauge", "Deliveries that wait.");
	number(out, "unpend_webhook_pending_deliveries", rows.deliveries.waiting);
	head(out, "unpend_rows_counted_timestamp_seconds", "gauge",
	     "When identities, messages and due looks were counted.");
	number(out, "unpend_rows_counted_timestamp_seconds", (uint64_t)rows.at_s);
	head(out, "unpend_store_up", "gauge", "The last count of rows came to its end.");
	number(out, "unpend_store_up", is_known);
}

void metrics_get(struct call *c)
{
	auto_buf struct buf text;

	buf_init(&text, TEXT_MAX);
	if (c->api->options.service)
		service_write(&text, c->api->options.service);
	store_errors_write(&text);
	requests_write(&text, c->api);
	infos_write(&text);
	process_write(&text, c->api->started_at_ms);
	call_answer_text(c, 200, "text/plain; version=0.0.4; charset=utf-8",
			 buf_view(&text));
}
