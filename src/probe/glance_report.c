/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/glance_report.h"

#include <jansson.h>

enum {
	PORT_STANDARD = 53,
	IPV4_TEXT_MAX = 16,
};

/* Of mail_domain_parse: letters, digits, '-' and '_' only, so nothing is escaped. */
static void write_domain(struct buf *out, const struct dns_name *n)
{
	char *text = buf_room(out, n->len);

	if (!text)
		return;
	memcpy(text, n->wire + 1, n->len - 1u);
	for (size_t at = 1 + n->wire[0]; n->wire[at] != 0; at += 1 + n->wire[at])
		text[at - 1] = '.';
	buf_wrote(out, n->len - 2u);
}

static size_t write_octet(char *out, uint8_t n)
{
	size_t len = 0;

	if (n >= 100)
		out[len++] = (char)('0' + n / 100);
	if (n >= 10)
		out[len++] = (char)('0' + n / 10 % 10);
	out[len++] = (char)('0' + n % 10);
	return len;
}

/* As address_write, the usual one by hand: there is one a record. */
static void write_address(struct buf *out, const struct address *a)
{
	char text[IPV4_TEXT_MAX];
	size_t len = 0;

	if (a->family != 4 || a->port != PORT_STANDARD) {
		address_write(out, a);
		return;
	}
	for (size_t i = 0; i < 4; i++) {
		if (i > 0)
			text[len++] = '.';
		len += write_octet(text + len, a->bytes[i]);
	}
	buf_add(out, text, len);
}

static void write_number(struct buf *out, uint32_t n)
{
	char digits[10];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	buf_add(out, digits + at, sizeof(digits) - at);
}

static void write_time(struct buf *out, struct glance_clock *clock)
{
	int64_t now_s = clock_now_s();

	if (clock->at_s != now_s) {
		clock->at_s = now_s;
		buf_clear(&clock->text);
		clock_write_rfc3339(&clock->text, now_s);
	}
	buf_str(out, buf_view(&clock->text));
}

static void write_record(struct buf *out, const struct glance_record *r,
			 const struct address *server)
{
	buf_str(out, STR("{\"id\":\""));
	buf_text(out, purpose_name(r->purpose));
	/* As identity names them: "dkim-1", but "spf". */
	if (r->number > 1 || r->purpose == PURPOSE_DKIM) {
		buf_byte(out, '-');
		write_number(out, r->number);
	}
	buf_str(out, STR("\",\"state\":\"ok\",\"server\":\""));
	write_address(out, server);
	buf_str(out, STR("\"}"));
}

void glance_report_write(struct buf *out, struct glance_clock *clock,
			 const struct glance_run *run, uint32_t elapsed_ms)
{
	const struct glance *g = run->glance;

	buf_str(out, STR("\"domain\":\""));
	write_domain(out, &g->domain);
	buf_str(out, STR("\",\"verdict\":\"ok\",\"look\":\"glance\",\"checked_at\":\""));
	write_time(out, clock);
	buf_str(out, STR("\",\"elapsed_ms\":"));
	write_number(out, elapsed_ms);
	buf_str(out, STR(",\"packets\":"));
	write_number(out, run->packets);
	buf_str(out, STR(",\"records\":["));
	for (size_t i = 0; i < g->count; i++) {
		if (i > 0)
			buf_byte(out, ',');
		write_record(out, &g->records[i], &run->servers[i]);
	}
	buf_str(out, STR("]}"));
}

static int add_text(const char *text, size_t len, void *out)
{
	buf_add(out, text, len);
	return 0;
}

void glance_report_full(struct buf *out, const struct report *r, uint32_t packets)
{
	json_t *json = report_to_json(r);

	buf_str(out, STR("\"domain\":"));
	escape_json(out, r->expectation->domain);
	buf_printf(out,
		   ",\"verdict\":\"%s\",\"look\":\"full\",\"packets\":%u,\"report\":",
		   verdict_name(r->verdict), packets);
	json_dump_callback(json, add_text, out, JSON_COMPACT | JSON_ENSURE_ASCII);
	buf_byte(out, '}');
	json_decref(json);
}

void glance_report_bad(struct buf *out, struct str domain, struct str why)
{
	buf_str(out, STR("\"domain\":"));
	if (domain.len > 0)
		escape_json(out, domain);
	else
		buf_str(out, STR("null"));
	buf_str(out, STR(",\"error\":"));
	escape_json(out, why);
	buf_byte(out, '}');
}
