/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is asked of the benchmark's world (zones.h), in the form that a program reads.
 *
 *   input FORM FIRST COUNT [TIMES]
 *
 *   identities  NDJSON for `unpend bulk`: a line for each of COUNT zones from FIRST on
 *   dnsperf     NAME TYPE: a line for each of their six records
 *   adnshost    -tTYPE and NAME, a line each: the same
 *
 * All of it TIMES over.
 */
#include <stdio.h>
#include <stdlib.h>

#include "zones.h"

enum {
	LINES_MAX = 1 << 20, /* bytes of one zone */
	WRITTEN_AT = 1 << 16,
};

typedef void form_fn(struct buf *out, unsigned zone);

static void identity_write(struct buf *out, unsigned zone)
{
	struct zones_record r;
	buf_text(out, "{\"domain\":\"");
	zones_domain_write(out, zone);
	buf_text(out, "\",\"records\":[");
	for (unsigned i = 0; i < ZONES_RECORDS; i++) {
		zones_record_get(zone, i, &r);
		buf_printf(out,
			   "%s{\"purpose\":\"%s\",\"type\":\"%s\",\"name\":\"%s\","
			   "\"value\":\"%s\",%s\"required\":true}",
			   i > 0 ? "," : "", r.purpose, r.type, r.name, r.value,
			   str_is(str_from(r.type), "MX") ? "\"priority\":10," : "");
	}
	buf_text(out, "]}\n");
}

static void dnsperf_write(struct buf *out, unsigned zone)
{
	struct zones_record r;
	for (unsigned i = 0; i < ZONES_RECORDS; i++) {
		zones_record_get(zone, i, &r);
		buf_printf(out, "%s %s\n", r.name, r.type);
	}
}

static void adnshost_write(struct buf *out, unsigned zone)
{
	struct zones_record r;
	for (unsigned i = 0; i < ZONES_RECORDS; i++) {
		zones_record_get(zone, i, &r);
		buf_text(out, "-t");
		for (const char *c = r.type; *c; c++)
			buf_byte(out, (uint8_t)ascii_lower(*c));
		/* "mx" would ask for the host's addresses too. */
		buf_printf(out, "%s\n%s\n", str_is(str_from(r.type), "MX") ? "-" : "",
			   r.name);
	}
}

static const struct {
	const char *name;
	form_fn *write;
} forms[] = {
	{ "identities", identity_write },
	{ "dnsperf", dnsperf_write },
	{ "adnshost", adnshost_write },
};

static bool lines_flush(struct buf *lines)
{
	bool good = !lines->failed &&
		    fwrite(lines->data, 1, lines->len, stdout) == lines->len;
	buf_clear(lines);
	return good;
}

static bool lines_write(form_fn *write, uint64_t first, uint64_t count)
{
	auto_buf struct buf lines;
	buf_init(&lines, LINES_MAX);
	for (uint64_t zone = first; zone < first + count; zone++) {
		write(&lines, (unsigned)zone);
		if (lines.len >= WRITTEN_AT && !lines_flush(&lines))
			return false;
	}
	return lines.len == 0 || lines_flush(&lines);
}

static form_fn *form_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (str_is(str_from(name), forms[i].name))
			return forms[i].write;
	return NULL;
}

int main(int argc, char **argv)
{
	uint64_t first;
	uint64_t count;
	uint64_t times = 1;
	form_fn *write = argc >= 4 ? form_find(argv[1]) : NULL;
	if (!write || argc > 5 || !str_number(str_from(argv[2]), ZONES_MAX, &first) ||
	    !str_number(str_from(argv[3]), ZONES_MAX - first, &count) ||
	    (argc == 5 && !str_number(str_from(argv[4]), UINT32_MAX, &times))) {
		fprintf(stderr, "usage: input identities|dnsperf|adnshost FIRST COUNT "
				"[TIMES]\n");
		return EXIT_FAILURE;
	}
	for (uint64_t i = 0; i < times; i++) {
		/* Who reads may have had enough. */
		if (!lines_write(write, first, count))
			return EXIT_FAILURE;
	}
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
