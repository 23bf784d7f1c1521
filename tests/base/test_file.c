/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files: read, replaced, created; nothing half written is left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"

struct world {
	struct arena arena;
	char *folder;
	const char *path; /* a file in the folder; not there yet */
};

static int world_start(void **state)
{
	struct world *w = xalloc(1, sizeof(*w));

	arena_init(&w->arena, 100000);
	w->folder = arena_text(&w->arena, STR("/tmp/test_base_file.XXXXXX"));
	assert_non_null(mkdtemp(w->folder));
	w->path = arena_printf(&w->arena, "%s/file", w->folder);
	*state = w;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	unlink(w->path);
	/* Fails if a temporary file was left. */
	int left = rmdir(w->folder);
	arena_done(&w->arena);
	xfree(w);
	return left;
}

static void assert_content(const char *path, const char *content)
{
	auto_buf struct buf b;
	struct err e = { 0 };

	buf_init(&b, 100000);
	if (!file_read(path, &b, &e))
		fail_msg("%s", e.text);
	assert_string_equal(buf_cstr(&b), content);
}

static void replacing_makes_the_file_and_then_changes_it(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };
	struct stat st;

	assert_true(file_replace(w->path, STR("one"), 0600, &e));
	assert_content(w->path, "one");
	assert_true(file_replace(w->path, STR("two"), 0644, &e));
	assert_content(w->path, "two");
	assert_int_equal(stat(w->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
}

static void who_has_the_old_file_open_keeps_it_whole(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };
	char old[4] = "";

	assert_true(file_replace(w->path, STR("old"), 0600, &e));
	auto_fd int fd = open(w->path, O_RDONLY | O_CLOEXEC);
	assert_true(file_replace(w->path, STR("new"), 0600, &e));
	assert_int_equal(read(fd, old, 3), 3);
	assert_string_equal(old, "old");
}

static void creating_refuses_what_is_there(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };

	assert_true(file_create(w->path, STR("first"), 0600, &e));
	assert_false(file_create(w->path, STR("second"), 0600, &e));
	assert_int_equal(e.kind, ERR_EXISTS);
	assert_content(w->path, "first");
}

static void a_missing_file_is_not_found_and_named(void **state)
{
	struct world *w = *state;
	auto_buf struct buf b;
	struct err e = { 0 };

	buf_init(&b, 10);
	assert_false(file_read(w->path, &b, &e));
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_string_equal(e.text,
			    arena_printf(&w->arena,
					 "cannot read '%s': no such file or directory",
					 w->path));
}

static void a_missing_directory_fails_both_ways_of_writing(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };
	const char *path = arena_printf(&w->arena, "%s/none/file", w->folder);

	assert_false(file_replace(path, STR("x"), 0600, &e));
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_false(file_create(path, STR("x"), 0600, &e));
	assert_int_equal(e.kind, ERR_NOT_FOUND);
}

static void a_directory_can_be_neither_read_nor_replaced(void **state)
{
	struct world *w = *state;
	auto_buf struct buf b;
	struct err e = { 0 };

	buf_init(&b, 10);
	assert_false(file_read(w->folder, &b, &e));
	assert_int_equal(e.kind, ERR_USAGE);
	const char *inside = arena_printf(&w->arena, "%s/inside", w->folder);
	assert_int_equal(mkdir(inside, 0700), 0);
	assert_false(file_replace(inside, STR("x"), 0600, &e));
	assert_int_equal(rmdir(inside), 0);
}

static void assert_refused(const char *path, const char *why, mode_t type)
{
	struct err e = { 0 };
	struct stat before;
	struct stat after;

	assert_int_equal(lstat(path, &before), 0);
	assert_false(file_replace(path, STR("x"), 0600, &e));
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.text, why));
	assert_int_equal(lstat(path, &after), 0);
	assert_int_equal(after.st_ino, before.st_ino);
	assert_int_equal(after.st_mode & S_IFMT, type);
}

static void only_a_regular_file_is_replaced(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };
	const char *other = arena_printf(&w->arena, "%s/other", w->folder);

	assert_int_equal(mkfifo(other, 0600), 0);
	assert_refused(other, "is not a regular file", S_IFIFO);
	assert_int_equal(unlink(other), 0);
	assert_int_equal(mkdir(other, 0700), 0);
	assert_refused(other, "is not a regular file", S_IFDIR);
	assert_int_equal(rmdir(other), 0);
	assert_int_equal(symlink(w->path, other), 0);
	assert_refused(other, "is a symbolic link", S_IFLNK); /* to nothing */
	assert_true(file_replace(w->path, STR("kept"), 0600, &e));
	assert_refused(other, "is a symbolic link", S_IFLNK);
	assert_content(w->path, "kept");
	assert_int_equal(unlink(other), 0);
}

static void reading_appends_up_to_the_ceiling(void **state)
{
	struct world *w = *state;
	auto_buf struct buf b;
	struct err e = { 0 };

	assert_true(file_replace(w->path, STR("12345"), 0600, &e));
	buf_init(&b, 8);
	buf_text(&b, "abc");
	assert_true(file_read(w->path, &b, &e));
	assert_string_equal(buf_cstr(&b), "abc12345");
	buf_cut(&b, 4);
	assert_false(file_read(w->path, &b, &e));
	assert_int_equal(e.kind, ERR_LIMIT);
	assert_string_equal(buf_cstr(&b), "abc1");
	assert_false(b.failed);
}

static void a_large_file_comes_back_whole(void **state)
{
	struct world *w = *state;
	auto_buf struct buf out;
	auto_buf struct buf in;
	struct err e = { 0 };

	buf_init(&out, 1024 * 1024);
	buf_init(&in, 1024 * 1024);
	for (uint32_t i = 0; i < 100000; i++)
		buf_u32(&out, i);
	assert_true(file_replace(w->path, buf_view(&out), 0600, &e));
	assert_true(file_read(w->path, &in, &e));
	assert_true(str_equal(buf_view(&in), buf_view(&out)));
}

static void a_dash_is_standard_input(void **state)
{
	struct world *w = *state;
	auto_buf struct buf b;
	struct err e = { 0 };
	auto_fd int saved = dup(STDIN_FILENO);

	assert_true(file_replace(w->path, STR("from input"), 0600, &e));
	auto_fd int fd = open(w->path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	buf_init(&b, 100);
	bool ok = file_read("-", &b, &e);
	if (saved >= 0)
		dup2(saved, STDIN_FILENO);
	assert_true(ok);
	assert_string_equal(buf_cstr(&b), "from input");
}

static void a_closed_descriptor_cannot_be_written(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_false(file_write_all(-1, STR("x"), &e));
	assert_int_equal(e.kind, ERR_UNAVAILABLE);
	assert_null(e.code);
	assert_true(file_write_all(-1, STR_EMPTY, &e));
}

static void a_full_device_is_told(void **state)
{
	struct err e = { 0 };
	auto_fd int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_false(file_write_all(fd, STR("x"), &e));
	assert_int_equal(e.kind, ERR_UNAVAILABLE);
	assert_null(e.code);
	assert_string_equal(e.text, "cannot write: no space left on device");
}

static void a_reader_that_went_away_is_told_apart(void **state)
{
	struct err e = { 0 };
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	auto_fd int fd = ends[1];
	signal(SIGPIPE, SIG_IGN);
	assert_false(file_write_all(fd, STR("x"), &e));
	assert_int_equal(e.kind, ERR_UNAVAILABLE);
	assert_string_equal(e.code, FILE_UNREAD);
}

/* In a process of its own: exit code 0 when it was given so many octets, in order. */
static pid_t reader_start(const int ends[2], uint32_t count)
{
	pid_t reader = fork();
	uint32_t at = 0;
	uint8_t octet;

	if (reader != 0)
		return reader;
	close(ends[1]);
	while (read(ends[0], &octet, 1) == 1 && octet == at % 251)
		at++;
	_exit(at == count ? 0 : 1);
}

static void a_full_pipe_that_does_not_block_is_waited_for(void **state)
{
	enum {
		OCTETS = 100000
	};
	auto_buf struct buf out;
	struct err e = { 0 };
	int ends[2];
	int status;

	(void)state;
	buf_init(&out, OCTETS);
	for (uint32_t i = 0; i < OCTETS; i++)
		buf_byte(&out, (uint8_t)(i % 251));
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, 4096) > 0);
	pid_t reader = reader_start(ends, OCTETS);
	close(ends[0]);
	bool ok = file_write_all(ends[1], buf_view(&out), &e);
	close(ends[1]);
	assert_int_equal(waitpid(reader, &status, 0), reader);
	assert_true(ok);
	assert_int_equal(status, 0);
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, world_start, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(replacing_makes_the_file_and_then_changes_it),
		in_world(who_has_the_old_file_open_keeps_it_whole),
		in_world(creating_refuses_what_is_there),
		in_world(a_missing_file_is_not_found_and_named),
		in_world(a_missing_directory_fails_both_ways_of_writing),
		in_world(a_directory_can_be_neither_read_nor_replaced),
		in_world(only_a_regular_file_is_replaced),
		in_world(reading_appends_up_to_the_ceiling),
		in_world(a_large_file_comes_back_whole),
		in_world(a_dash_is_standard_input),
		cmocka_unit_test(a_closed_descriptor_cannot_be_written),
		cmocka_unit_test(a_full_device_is_told),
		cmocka_unit_test(a_reader_that_went_away_is_told_apart),
		cmocka_unit_test(a_full_pipe_that_does_not_block_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
