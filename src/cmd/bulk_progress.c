/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line on the terminal: how much is done, how fast, how many fail, how long yet. */
#include <stdlib.h>
#include <unistd.h>

#include "cmd/bulk.h"
#include "cmd/report.h"

enum {
	BAR_WIDTH = 20,
	LINE_BYTES = 512,
	SETTLE_US = 2000000, /* before that nobody knows how long it takes */
};

uint64_t bulk_tally_all(const struct bulk_tally *t)
{
	uint64_t all = 0;

	for (size_t i = 0; i < ARRAY_LEN(t->words); i++)
		all += t->words[i];
	return all;
}

uint64_t bulk_tally_failing(const struct bulk_tally *t)
{
	return bulk_tally_all(t) - t->words[PROBE_LINE_OK] - t->words[PROBE_LINE_WAITING];
}

/* The worst decides, in the order of a report's findings. */
int bulk_tally_exit_code(const struct bulk_tally *t)
{
	if (t->words[PROBE_LINE_ACTION_REQUIRED] > 0)
		return EXIT_ACTION;
	if (t->words[PROBE_LINE_UNDETERMINED] + t->words[PROBE_LINE_BAD] +
		    t->words[PROBE_LINE_DEADLY] >
	    0)
		return EXIT_UNDETERMINED;
	return t->words[PROBE_LINE_WAITING] > 0 ? EXIT_WAITING : EXIT_OK;
}

void bulk_progress_init(struct bulk_progress *p, enum lang lang, int64_t now_us)
{
	const char *forced = getenv("UNPEND_FORCE_TTY");

	*p = (struct bulk_progress){ .lang = lang, .began_us = now_us };
	p->is_shown = (forced && *forced) || isatty(STDERR_FILENO);
}

/* 1204331 as 1,204,331. */
static void write_count(struct buf *out, uint64_t n)
{
	uint64_t unit = 1;

	while (n / unit >= 1000)
		unit *= 1000;
	buf_printf(out, "%llu", (unsigned long long)(n / unit));
	for (n %= unit; unit > 1; n %= unit) {
		unit /= 1000;
		buf_printf(out, ",%03llu", (unsigned long long)(n / unit));
	}
}

static void write_duration(struct buf *out, uint64_t s)
{
	if (s >= 3600)
		buf_printf(out, "%llu:%02llu:%02llu", (unsigned long long)(s / 3600),
			   (unsigned long long)(s / 60 % 60),
			   (unsigned long long)(s % 60));
	else
		buf_printf(out, "%llu:%02llu", (unsigned long long)(s / 60),
			   (unsigned long long)(s % 60));
}

static void write_bar(struct buf *out, double share)
{
	size_t full = (size_t)(share * BAR_WIDTH);

	buf_byte(out, '[');
	buf_fill(out, '#', full);
	buf_fill(out, '-', BAR_WIDTH - full);
	buf_printf(out, "] %3d %%  ", (int)(share * 100));
}

static double share_of(const struct bulk_progress *p)
{
	double share = (double)(p->skipped + p->done) / (double)p->size;

	return share > 1 ? 1 : share;
}

static void write_left(struct buf *out, const struct bulk_progress *p, int64_t elapsed_us)
{
	uint64_t gone = p->skipped + p->done;
	uint64_t left = p->size > gone ? p->size - gone : 0;
	double left_s = (double)elapsed_us / 1e6 * (double)left / (double)p->done;
	auto_buf struct buf text;

	buf_init(&text, 64);
	write_duration(&text, (uint64_t)left_s);
	buf_text(out, "  ");
	buf_printf(out, lang_text(p->lang, "%s left"), buf_cstr(&text));
}

void bulk_progress_write(struct buf *out, const struct bulk_progress *p, int64_t now_us)
{
	int64_t elapsed_us = now_us - p->began_us;
	uint64_t rate = elapsed_us > 0 ? p->lines * 1000000 / (uint64_t)elapsed_us : 0;
	auto_buf struct buf done;
	auto_buf struct buf each;
	auto_buf struct buf failing;

	buf_init(&done, 64);
	buf_init(&each, 64);
	buf_init(&failing, 64);
	write_count(&done, p->earlier + p->lines);
	write_count(&each, rate);
	write_count(&failing, p->failing);
	if (p->size > 0)
		write_bar(out, share_of(p));
	buf_printf(out, lang_text(p->lang, "%s done, %s a second, %s failing"),
		   buf_cstr(&done), buf_cstr(&each), buf_cstr(&failing));
	if (p->size > 0 && p->done > 0 && elapsed_us >= SETTLE_US)
		write_left(out, p, elapsed_us);
}

void bulk_progress_show(const struct bulk_progress *p, int64_t now_us)
{
	auto_buf struct buf line;

	buf_init(&line, LINE_BYTES);
	if (!p->is_shown)
		return;
	bulk_progress_write(&line, p, now_us);
	status_show(buf_cstr(&line));
}

void bulk_progress_end(const struct bulk_progress *p, int64_t now_us)
{
	struct err ignored = { 0 };

	if (!p->is_shown)
		return;
	bulk_progress_show(p, now_us);
	if (!file_write_all(STDERR_FILENO, STR("\n"), &ignored))
		return; /* the terminal went away */
}
