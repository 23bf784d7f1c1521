/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole check of a domain whose servers are liars: it ends within its budget, what it
 * saw survives the journey through JSON, and is judged and shown without harm. */
#include <jansson.h>
#include <stdlib.h>

#include "diagnose/diagnose.h"
#include "liar.h"
#include "probe/probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
	struct arena arena;
	bool is_done;
	const struct observation *seen;
};

static const char expected[] =
	"{\"domain\":\"liar.test\",\"records\":["
	"{\"purpose\":\"dkim\",\"type\":\"CNAME\",\"name\":\"k1._domainkey.liar.test\","
	"\"value\":\"k1.keys.victim.test\"},"
	"{\"purpose\":\"mail_from\",\"type\":\"MX\",\"name\":\"mail.liar.test\","
	"\"value\":\"mx.victim.test\",\"priority\":10},"
	"{\"purpose\":\"spf\",\"type\":\"TXT\",\"name\":\"mail.liar.test\","
	"\"value\":\"v=spf1 include:victim.test ~all\"},"
	"{\"purpose\":\"dmarc\",\"type\":\"TXT\",\"name\":\"_dmarc.liar.test\","
	"\"value\":\"v=DMARC1; p=none;\",\"required\":false}]}";

static void on_seen(void *arg, const struct observation *o)
{
	struct run *run = arg;

	if (run->is_done)
		abort();
	run->seen = o;
	run->is_done = true;
}

static void check_json(struct arena *a, const struct observation *o)
{
	json_t *json = observation_to_json(o);
	struct observation again;
	struct err e = { 0 };

	if (!observation_from_json(a, json, &again, &e) ||
	    again.answer_count != o->answer_count)
		abort();
	json_decref(json);
}

static void judge(struct arena *a, const struct expectation *x,
		  const struct observation *o)
{
	const struct report_style style = { .columns = 80 };
	auto_buf struct buf out;
	struct report r;
	struct look look;

	buf_init(&out, 64 << 20);
	diagnose_judge(a, x, o, LANG_EN, &r);
	diagnose_look(&r, &look);
	report_write_text(&out, &r, &style);
	for (size_t i = 0; i < out.len; i++) {
		unsigned char c = (unsigned char)out.data[i];
		if ((c < ' ' && c != '\n') || c == 0x7f)
			abort();
	}
	if (out.failed)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct liar liar = { .program = cursor_over(str_of(data, size)) };
	struct run run = { 0 };
	struct expectation x;
	struct probe *probe;
	struct err e = { 0 };

	network_start(liar_serve, &liar);
	arena_init(&run.arena, 128 << 20);
	if (!expectation_parse(&run.arena, str_from(expected), STR("liar.test"),
			       STR("us-east-1"), &x, &e) ||
	    !probe_new(NULL, liar_config(), &probe, &e))
		abort();
	(void)probe_observe_start(probe, &run.arena, &x, on_seen, &run);
	network_run(&run.is_done);
	if (!run.is_done || network_packets() > RESOLVER_QUERIES_MAX ||
	    liar.has_strayed || liar.packets_to_victim > RESOLVER_BYSTANDER_MAX)
		abort();
	check_json(&run.arena, run.seen);
	judge(&run.arena, &x, run.seen);
	probe_free(&probe);
	arena_done(&run.arena);
	return 0;
}
