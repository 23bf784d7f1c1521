/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/glance_report.h"

#include <jansson.h>

enum {
	PORT_STANDARD = 53,
	ADDRESS_TEXT_MAX = 64, /* octets, with a port */
	/* Octets: of the line without its records, and of a record. */
	LINE_AROUND = DNS_NAME_MAX + 256,
	RECORD_MOST = ADDRESS_TEXT_MAX + 96,
};

/* Texts put one behind the other into room that was made for all of them: there are some
 * sixty of them a line. */
static inline char *put(char *at, struct str s)
{
	memcpy(at, s.data, s.len);
	return at + s.len;
}

/* Of mail_domain_parse: letters, digits, '-' and '_' only, so nothing is escaped. */
static char *put_domain(char *at, const struct dns_name *n)
{
	put(at, str_of(n->wire + 1, n->len - 2u));
	for (size_t i = 1 + n->wire[0]; n->wire[i] != 0; i += 1 + n->wire[i])
		at[i - 1] = '.';
	return at + n->len - 2;
}

static char *put_number(char *at, uint32_t n)
{
	char digits[10];
	size_t first = sizeof(digits);

	do {
		digits[--first] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	return put(at, str_of(digits + first, sizeof(digits) - first));
}

static char *put_octet(char *at, uint8_t n)
{
	unsigned tens = n / 10;

	if (n >= 100) {
		*at++ = (char)('0' + n / 100);
		*at++ = (char)('0' + tens % 10);
	} else if (n >= 10) {
		*at++ = (char)('0' + tens);
	}
	*at++ = (char)('0' + (n - 10 * tens));
	return at;
}

/* As address_write, the usual one by hand. */
static char *put_address(char *at, const struct address *a)
{
	if (a->family == 4 && a->port == PORT_STANDARD) {
		for (size_t i = 0; i < 4; i++) {
			at = put_octet(at, a->bytes[i]);
			*at++ = '.';
		}
		return at - 1;
	}
	auto_buf struct buf text;
	buf_init(&text, ADDRESS_TEXT_MAX);
	address_write(&text, a);
	return put(at, buf_view(&text));
}

static struct str time_text(struct glance_clock *clock)
{
	int64_t now_s = clock_now_s();

	if (clock->at_s != now_s) {
		clock->at_s = now_s;
		buf_clear(&clock->text);
		clock_write_rfc3339(&clock->text, now_s);
	}
	return buf_view(&clock->text);
}

/* What of the records was written already, by record. */
struct written {
	struct str ids[GLANCE_RECORDS_MAX];
	struct str ends[GLANCE_RECORDS_MAX];
};

/* As identity names them: "dkim-1", but "spf". */
static char *put_id(char *at, const struct glance_record *r, size_t i, struct written *w)
{
	const struct glance_record *before = i > 0 ? r - 1 : NULL;
	bool is_known = before && before->purpose == r->purpose;

	w->ids[i] = is_known ? w->ids[i - 1] : str_from(purpose_name(r->purpose));
	at = put(at, w->ids[i]);
	if (r->number == 1 && r->purpose != PURPOSE_DKIM)
		return at;
	*at++ = '-';
	return put_octet(at, (uint8_t)r->number);
}

/* Most zones have two servers or three: what was written of one is copied. */
static char *put_end(char *at, const struct glance_run *run, size_t i, struct written *w)
{
	char *begin = at;

	for (size_t k = i; k-- > 0;) {
		if (address_equal(&run->servers[k], &run->servers[i])) {
			w->ends[i] = w->ends[k];
			return put(at, w->ends[k]);
		}
	}
	at = put(at, STR("\",\"state\":\"ok\",\"server\":\""));
	at = put_address(at, &run->servers[i]);
	at = put(at, STR("\"},"));
	w->ends[i] = str_of(begin, (size_t)(at - begin));
	return at;
}

static char *put_record(char *at, const struct glance_run *run, size_t i,
			struct written *w)
{
	at = put(at, STR("{\"id\":\""));
	at = put_id(at, &run->glance->records[i], i, w);
	return put_end(at, run, i, w);
}

void glance_report_write(struct buf *out, struct glance_clock *clock,
			 const struct glance_run *run, uint32_t elapsed_ms)
{
	const struct glance *g = run->glance;
	struct written w __attribute__((uninitialized));
	char *begin = buf_room(out, LINE_AROUND + g->count * RECORD_MOST);
	char *at = begin;

	if (!begin)
		return;
	at = put(at, STR("\"domain\":\""));
	at = put_domain(at, &g->domain);
	at = put(at, STR("\",\"verdict\":\"ok\",\"look\":\"glance\",\"checked_at\":\""));
	at = put(at, time_text(clock));
	at = put(at, STR("\",\"elapsed_ms\":"));
	at = put_number(at, elapsed_ms);
	at = put(at, STR(",\"packets\":"));
	at = put_number(at, run->packets);
	at = put(at, STR(",\"records\":["));
	for (size_t i = 0; i < g->count; i++)
		at = put_record(at, run, i, &w);
	/* In the place of the last comma. */
	at = put(at - 1, STR("]}"));
	buf_wrote(out, (size_t)(at - begin));
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
