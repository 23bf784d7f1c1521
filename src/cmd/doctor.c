/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend doctor: what an operator gets wrong, each with the next step. */
#include "cmd/doctor.h"

#include <locale.h>

#include "cmd/report.h"
#include "cmd/table.h"

enum {
	ARENA_MAX = 256 << 20,
	OUTPUT_MAX = 1 << 20,
	TEXT_MAX = 2048,
	INDENT = 6,
};

void doctor_say(struct doctor *d, const char *check, enum doctor_state state,
		const char *next, const char *fmt, ...)
{
	auto_buf struct buf text;
	auto_buf struct buf shown;
	va_list args;

	buf_init(&text, TEXT_MAX);
	buf_init(&shown, 4 * TEXT_MAX);
	if (d->row_count == DOCTOR_ROWS_MAX)
		return;
	va_start(args, fmt);
	buf_vprintf(&text, lang_text(d->lang, fmt), args);
	va_end(args);
	escape_controls(&shown, buf_view(&text));
	d->rows[d->row_count++] = (struct doctor_row){
		.check = check,
		.state = state,
		.text = arena_str(d->a, buf_view(&shown)),
		.next = str_from(next ? lang_text(d->lang, next) : NULL),
	};
}

static enum doctor_state worst_of(const struct doctor *d)
{
	enum doctor_state worst = DOCTOR_OK;

	for (size_t i = 0; i < d->row_count; i++)
		if (d->rows[i].state > worst)
			worst = d->rows[i].state;
	return worst;
}

static const char *state_name(enum doctor_state state)
{
	static const char *const names[] = { "ok", "warn", "fail" };

	return names[state];
}

static void text_write(const struct doctor *d, struct buf *out)
{
	static const char *const ends[] = {
		[DOCTOR_OK] = LANG_MARK("Nothing is wrong."),
		[DOCTOR_WARN] = LANG_MARK("It works; see what is marked 'warn'."),
		[DOCTOR_FAIL] = LANG_MARK("Something does not work: see what is marked "
					  "'fail'."),
	};

	for (size_t i = 0; i < d->row_count; i++) {
		const struct doctor_row *row = &d->rows[i];

		buf_printf(out, "%-4s  %s\n", state_name(row->state), row->check);
		table_paragraph(out, row->text, INDENT, report_columns());
		if (row->next.len)
			table_paragraph(out, row->next, INDENT, report_columns());
	}
	buf_byte(out, '\n');
	table_paragraph(out, str_from(lang_text(d->lang, ends[worst_of(d)])), 0,
			report_columns());
}

static void json_rows_write(const struct doctor *d, struct buf *out)
{
	json_t *json = json_object();
	json_t *checks = json_array();

	json_object_set_new(json, "schema",
			    json_string("https://unpend.example/schemas/doctor/v1"));
	json_object_set_new(json, "state", json_string(state_name(worst_of(d))));
	for (size_t i = 0; i < d->row_count; i++)
		json_array_append_new(
			checks,
			json_pack("{s:s, s:s, s:o, s:o}", "check", d->rows[i].check,
				  "state", state_name(d->rows[i].state), "text",
				  json_of(d->rows[i].text), "next",
				  d->rows[i].next.len ? json_of(d->rows[i].next)
						      : json_null()));
	json_object_set_new(json, "checks", checks);
	json_object_set_new(json, "checked_at", json_time(d->a, d->now_s));
	json_write(out, json);
}

static int examine(struct arena *a, const struct cmd_line *line, bool as_json)
{
	/* In the order in which one would mend them. */
	static void (*const checks[])(struct doctor *) = {
		doctor_libraries, doctor_config, doctor_limits, doctor_sandbox,
		doctor_data,      doctor_store,  doctor_secret, doctor_clock,
		doctor_webhooks,  doctor_dns,    doctor_relay,  doctor_perspectives,
	};
	struct err e = { .lang = line->lang };
	struct doctor d = {
		.a = a, .config = line->config, .lang = line->lang, .now_s = clock_now_s()
	};
	auto_buf struct buf out;

	buf_init(&out, OUTPUT_MAX);
	if (line->word_count) {
		err_set(&e, ERR_USAGE, LANG_MARK("'doctor' takes no words"));
		return cmd_fail(&e);
	}
	for (size_t i = 0; i < ARRAY_LEN(checks) && !d.lacks_library; i++)
		checks[i](&d);
	store_close(&d.store);
	if (as_json)
		json_rows_write(&d, &out);
	else
		text_write(&d, &out);
	int code = cmd_print(&out);
	if (code != EXIT_OK)
		return code;
	return worst_of(&d) == DOCTOR_FAIL ? EXIT_ACTION : EXIT_OK;
}

int cmd_doctor(int argc, char **argv)
{
	setlocale(LC_CTYPE, ""); /* as serve does */
	return cmd_run_json(argc, argv, ARENA_MAX, examine);
}
