/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend bulk: looks at a domain for each line of a file. */
#include "cmd/bulk.h"

#include <sys/resource.h>
#include <unistd.h>

#include "cmd/expect.h"

enum {
	IN_FLIGHT = 1024,
	IN_FLIGHT_MAX = 16384,
	FILES_LEAST = 1024, /* 512 of them sockets to ask from */
};

struct bulk_words {
	struct str expect;
	size_t expect_count;
	struct str resume;
	size_t resume_count;
	struct str numbers[3]; /* probes, max-in-flight, max-per-server */
	size_t number_counts[3];
	size_t ordered_count;
	size_t thorough_count;
};

/* Options that are settings too. */
static bool set_config(const struct cmd_line *line, const char *name, struct str value,
		       const char *option, struct err *e)
{
	return config_set(line->config, str_from(name), value, option, e);
}

static bool take_settings(const struct cmd_line *line, const struct bulk_words *w,
			  struct err *e)
{
	struct str region = expect_region(line->config);

	if (w->number_counts[0] &&
	    !set_config(line, "dns.probes", w->numbers[0], "--probes", e))
		return false;
	if (w->number_counts[2] && !set_config(line, "dns.server_in_flight",
					       w->numbers[2], "--max-per-server", e))
		return false;
	return region.len == 0 || set_config(line, "ses.region", region, "AWS_REGION", e);
}

static bool take_in_flight(const struct cmd_line *line, const struct bulk_words *w,
			   size_t *out, struct err *e)
{
	uint64_t n = IN_FLIGHT;

	if (w->number_counts[1] &&
	    (!str_number(w->numbers[1], IN_FLIGHT_MAX, &n) || n == 0))
		return err_set(
			e, ERR_USAGE,
			lang_text(line->lang, "--max-in-flight is a number from 1 to %d"),
			IN_FLIGHT_MAX);
	*out = (size_t)n;
	return true;
}

static bool words_check(const struct cmd_line *line, const struct bulk_words *w,
			struct err *e)
{
	if (line->word_count > 0)
		return err_set(e, ERR_USAGE,
			       lang_text(line->lang,
					 "'bulk' takes no words, but there is '%.*s': "
					 "name the file with --expect"),
			       STR_ARG(line->words[0]));
	if (w->expect_count == 0 && isatty(STDIN_FILENO))
		return err_set(e, ERR_USAGE,
			       lang_text(line->lang,
					 "'bulk' reads one identity a line from "
					 "standard input, or from --expect FILE"));
	return true;
}

/* With fewer, processes would fail in ways of their own, some without a word: a signature
 * that cannot be asked for looks like a wrong one. */
static bool take_descriptors(const struct cmd_line *line, struct err *e)
{
	struct rlimit files = { 0 };

	(void)getrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur >= FILES_LEAST)
		return true;
	files.rlim_cur = FILES_LEAST;
	if (files.rlim_max >= FILES_LEAST && setrlimit(RLIMIT_NOFILE, &files) == 0)
		return true;
	return err_set(e, ERR_UNAVAILABLE,
		       lang_text(line->lang,
				 "a process may open only %llu files here, and "
				 "%d are needed: allow more (ulimit -n)"),
		       (unsigned long long)files.rlim_max, FILES_LEAST);
}

static int bulk(struct arena *a, const struct cmd_line *line, void *arg)
{
	const struct bulk_words *w = arg;
	struct err e = { .lang = line->lang };
	struct bulk_options o = {
		.config = line->config,
		.lang = line->lang,
		.input = w->expect_count ? arena_text(a, w->expect) : "-",
		.resume = w->resume_count ? arena_text(a, w->resume) : NULL,
		.is_ordered = w->ordered_count > 0,
		.is_thorough = w->thorough_count > 0,
	};

	if (!words_check(line, w, &e) || !take_settings(line, w, &e) ||
	    !take_in_flight(line, w, &o.in_flight, &e) || !take_descriptors(line, &e))
		return cmd_fail(&e);
	return bulk_run(&o);
}

int cmd_bulk(int argc, char **argv)
{
	struct bulk_words w = { 0 };
	const struct cmd_option options[] = {
		{ "--expect", "FILE", &w.expect, 1, &w.expect_count },
		{ "--resume", "FILE", &w.resume, 1, &w.resume_count },
		{ "--ordered", NULL, NULL, 0, &w.ordered_count },
		{ "--thorough", NULL, NULL, 0, &w.thorough_count },
		{ "--probes", "N", &w.numbers[0], 1, &w.number_counts[0] },
		{ "--max-in-flight", "N", &w.numbers[1], 1, &w.number_counts[1] },
		{ "--max-per-server", "N", &w.numbers[2], 1, &w.number_counts[2] },
	};

	return cmd_run(
		argc, argv,
		&(struct cmd_work){ options, ARRAY_LEN(options), 64 << 10, bulk, &w });
}
