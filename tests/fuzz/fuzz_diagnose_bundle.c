/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hostile observation is judged without harm; what is shown of it holds no control
 * character, and its JSON can be read. */
#include <stdlib.h>

#include <jansson.h>

#include "diagnose/diagnose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const struct report *r, unsigned columns)
{
	const struct report_style style = { .columns = columns };
	auto_buf struct buf out;
	buf_init(&out, 64 << 20);
	report_write_text(&out, r, &style);
	for (size_t i = 0; i < out.len; i++) {
		unsigned char c = (unsigned char)out.data[i];
		if ((c < ' ' && c != '\n') || c == 0x7f)
			abort();
	}
	if (out.failed)
		abort();
}

static void check_json(const struct report *r)
{
	json_t *json = report_to_json(r);
	char *text = json_dumps(json, JSON_COMPACT);
	json_t *again = text ? json_loads(text, 0, NULL) : NULL;
	if (!again || !json_equal(json, again))
		abort();
	xfree(text);
	json_decref(again);
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	struct expectation x;
	struct observation o;
	struct question *questions;
	struct report r;
	struct report both;
	struct look look;
	struct dns_name registered;
	struct err e = { 0 };
	arena_init(&a, 512 << 20);
	if (!bundle_parse(&a, str_of(data, size), &x, &o, &e))
		return 0;
	if (diagnose_more(&a, &x, &o, &questions) > (x.count + 5) * 8)
		abort();
	diagnose_judge(&a, &x, &o, LANG_EN, &r);
	diagnose_look(&r, &look);
	check_text(&r, 60);
	check_text(&r, 120);
	check_json(&r);
	diagnose_compare(&a, (struct report[]){ r, r },
			 (struct str[]){ STR("a"), STR("b") }, 2, &both);
	if (both.verdict != r.verdict)
		abort();
	report_set_since(&both, o.at_s > 60 ? o.at_s - 60 : 0);
	check_text(&both, 80);
	if (diagnose_registry(&a, &x, &o, &registered) &&
	    (registered.len < 3 || !dns_name_within(&x.name, &registered)))
		abort();
	if (r.verdict == VERDICT_OK && r.finding_count > 0 &&
	    r.findings[0].severity != SEVERITY_NOTE)
		abort();
	return 0;
}
