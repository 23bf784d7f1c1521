/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands that show the DNS itself share: rows in columns, records and servers
 * as texts and as JSON. Private to cmd. */
#ifndef CMD_TABLE_H
#define CMD_TABLE_H

#include <jansson.h>

#include "cmd/cmd.h"
#include "lookup/lookup.h"

enum {
	TABLE_CELLS_MAX = 8,
	TABLE_ROWS_MAX = 256,
};

/* Rows whose columns are as wide as their widest cell; the last one is wrapped at the
 * page's width. Texts are safe to show already. */
struct table {
	struct arena *a;
	struct str (*rows)[TABLE_CELLS_MAX];
	size_t row_count;
	size_t cells; /* of a row */
};
void table_init(struct table *t, struct arena *a, size_t cells);
/* `cells` texts; a row past TABLE_ROWS_MAX is left out. */
void table_add(struct table *t, const struct str *cells);
void table_write(const struct table *t, struct buf *out, size_t indent, size_t columns);
/* A paragraph, wrapped at the page's width. */
void table_paragraph(struct buf *out, struct str text, size_t indent, size_t columns);

/* Texts into the arena, safe to show. */
struct str show_name(struct arena *a, const struct dns_name *name); /* root: "." */
struct str show_type(struct arena *a, uint16_t type);
struct str show_rcode(struct arena *a, uint16_t rcode);
struct str show_address(struct arena *a, const struct address *address);
/* A record's value; at most 512 characters, then how many there are more. */
struct str show_value(struct arena *a, const struct dns_record *r);
struct str show_ms(struct arena *a, uint32_t rtt_us);
/* "5 minutes", "1 day 2 hours": two units at most. */
struct str show_duration(struct arena *a, enum lang lang, int64_t seconds);
/* "14:05:12 JST" in this machine's zone, with the date in front where it is not that of
 * `now`. */
struct str show_time(struct arena *a, int64_t at_s, int64_t now_s);
/* Why there was no answer: "no answer in time". */
const char *show_outcome(enum lang lang, enum ask_outcome outcome);

/* "secure", "timeout": as they stand in JSON. */
const char *word_security(enum security s);
const char *word_outcome(enum ask_outcome outcome);
json_t *json_of(struct str text);
json_t *json_name(struct arena *a, const struct dns_name *name);
json_t *json_time(struct arena *a, int64_t at_s);
/* {"name","type","ttl","value"} */
json_t *json_record(struct arena *a, const struct dns_record *r);
/* {"owner","ttl","minimum","serial"} */
json_t *json_soa(struct arena *a, const struct dns_name *owner, uint32_t ttl_s,
		 const struct dns_soa *soa);

/* NAME as people type it, IDNs too; "_dmarc.example.jp", ".". */
bool words_name(struct arena *a, struct str text, struct dns_name *out, struct err *e)
	must_check;
/* A type that one may ask for: no ANY, no transfer. */
bool words_type(struct str text, enum lang lang, uint16_t *out, struct err *e) must_check;
/* --now TIME, or the clock where there is none. */
bool words_now(struct str text, size_t count, enum lang lang, int64_t *out, struct err *e)
	must_check;
/* Commands that put one question: NAME TYPE [--now TIME] [--json]. */
struct words_options {
	size_t json_count;
	struct str now;
	size_t now_count;
};
/* arg of run: the options. */
int words_run(int argc, char **argv, size_t arena_max, cmd_run_fn *run);
/* usage, a text for people, is the error where there are not two words. */
bool words_question(struct arena *a, const struct cmd_line *line, const char *usage,
		    struct question *out, struct err *e) must_check;

#endif
