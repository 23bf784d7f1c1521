/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs scenarios, each in a process of its own:
 *
 *   scenario [-v] FOLDER FILE...
 *
 * FOLDER is where worlds/ and zones/ are. A line a scenario: "ok NAME" or "not ok NAME:
 * why"; with -v what was seen and what it cost. It must stand in a network namespace
 * whose loopback carries the addresses (tests/scenario/run).
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "script.h"

enum {
	TEXT_MAX = 4 << 20,
	REAL_TIME_S = 60,
	EXIT_BAD = 1,
	EXIT_USE = 2,
};

static int run_row(const char *folder, struct str text, const char *name, bool is_wordy)
{
	struct err e = { 0 };
	auto_buf struct buf seen;
	buf_init(&seen, TEXT_MAX);
	struct script *s = script_new(folder);

	alarm(REAL_TIME_S);
	bool ok = script_run(s, text, &seen, &e);
	if (ok)
		printf("ok %s\n", name);
	else
		printf("not ok %s: %s\n", name, e.text);
	if (!ok || is_wordy)
		printf("%.*s", STR_ARG(buf_view(&seen)));
	fflush(stdout);
	script_free(&s);
	return ok ? 0 : EXIT_BAD;
}

/* Whether it ended well. */
static bool run_apart(const char *folder, struct str text, const char *name,
		      bool is_wordy)
{
	int status;

	fflush(stdout);
	pid_t child = fork();
	if (child == 0)
		exit(run_row(folder, text, name, is_wordy));
	if (child < 0 || waitpid(child, &status, 0) != child)
		return false;
	if (WIFEXITED(status) && WEXITSTATUS(status) <= EXIT_BAD)
		return WEXITSTATUS(status) == 0;
	printf("not ok %s: the program ended with status %x\n", name, status);
	return false;
}

static bool run_file(const char *folder, const char *path, bool is_wordy)
{
	bool ok = true;
	struct err e = { 0 };
	auto_buf struct buf text;
	buf_init(&text, TEXT_MAX);

	if (!file_read(path, &text, &e)) {
		printf("not ok %s: %s\n", path, e.text);
		return false;
	}
	size_t rows = script_rows(buf_view(&text));
	for (size_t i = 0; i < rows; i++) {
		auto_buf struct buf row;
		auto_buf struct buf name;
		buf_init(&row, TEXT_MAX);
		buf_init(&name, 4096);
		struct str word;
		bool is_read = script_row(&row, buf_view(&text), i, &word);
		buf_text(&name, path);
		if (word.len > 0)
			buf_printf(&name, ":%.*s", STR_ARG(word));
		ok = is_read &&
		     run_apart(folder, buf_view(&row), buf_cstr(&name), is_wordy) && ok;
	}
	return ok;
}

int main(int argc, char **argv)
{
	bool is_wordy = argc > 1 && strcmp(argv[1], "-v") == 0;
	int at = is_wordy ? 2 : 1;
	bool ok = true;

	if (argc - at < 2)
		return EXIT_USE;
	for (int i = at + 1; i < argc; i++)
		ok = run_file(argv[at], argv[i], is_wordy) && ok;
	return ok ? 0 : EXIT_BAD;
}
