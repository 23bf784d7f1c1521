/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the sandbox leaves, and that each of its walls stands without the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <malloc.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "locked.h"
#include "probe/probe.h"

enum {
	ABORTED = 1000 + SIGABRT,
	MANY = 1000,
	PATIENCE_MS = 10000,
};

static const struct locked plainly = { 0 };
static const struct locked outside = { .is_outside = true };

/* --- servers for those inside --- */

union any_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct server {
	int fd;
	union any_address at;
	socklen_t len;
};

static uint16_t port_of(const struct server *s)
{
	return ntohs(s->at.v4.sin_port); /* stands where that of IPv6 does */
}

static struct server open_server(int family, int type)
{
	struct server s = { .len = family == AF_INET ? sizeof(s.at.v4)
						     : sizeof(s.at.v6) };

	s.at.any.sa_family = (sa_family_t)family;
	if (family == AF_INET)
		s.at.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		s.at.v6.sin6_addr = in6addr_loopback;
	s.fd = socket(family, type | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s.fd, &s.at.any, s.len), 0);
	assert_int_equal(getsockname(s.fd, &s.at.any, &s.len), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(s.fd, 8), 0);
	return s;
}

/* --- what is left --- */

/* Sends and hears its own words back from a socket that is connected to itself. */
static int exchange(unused_arg int kept, const void *arg)
{
	const int *family = arg;
	union any_address at = { .any.sa_family = (sa_family_t)*family };
	socklen_t len = *family == AF_INET ? sizeof(at.v4) : sizeof(at.v6);
	char word[4] = "abc", heard[4] = "";
	int fd = socket(*family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (*family == AF_INET)
		at.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		at.v6.sin6_addr = in6addr_loopback;
	if (bind(fd, &at.any, len) != 0 || getsockname(fd, &at.any, &len) != 0)
		return 1;
	struct iovec part = { word, sizeof(word) };
	struct mmsghdr out = { .msg_hdr = { .msg_name = &at,
					    .msg_namelen = len,
					    .msg_iov = &part,
					    .msg_iovlen = 1 } };
	if (sendmmsg(fd, &out, 1, 0) != 1)
		return 2;
	struct pollfd waited = { .fd = fd, .events = POLLIN };
	if (poll(&waited, 1, PATIENCE_MS) != 1)
		return 3;
	part.iov_base = heard;
	if (recvmmsg(fd, &out, 1, 0, NULL) != 1)
		return 4;
	return memcmp(word, heard, sizeof(word));
}

static void datagrams_of_both_families_go_and_come(unused_arg void **state)
{
	const int families[] = { AF_INET, AF_INET6 };

	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		assert_int_equal(locked_run(&plainly, exchange, &families[i]), 0);
}

/* The errno of a connection over TCP. */
static int connect_to(unused_arg int kept, const void *arg)
{
	const struct server *s = arg;
	int fd = socket(s->at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return connect(fd, &s->at.any, s->len) == 0 ? 0 : errno;
}

static void a_resolver_that_is_configured_is_reached_over_tcp(unused_arg void **state)
{
	const int families[] = { AF_INET, AF_INET6 };

	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		struct server s = open_server(families[i], SOCK_STREAM);
		auto_buf struct buf text;
		buf_init(&text, 64);
		buf_printf(&text, "192.0.2.1@%u", port_of(&s));
		struct locked how = { .forward = buf_cstr(&text) };
		assert_int_equal(locked_run(&how, connect_to, &s), 0);
		close(s.fd);
	}
}

static void no_other_port_is_reached_over_tcp(unused_arg void **state)
{
	struct server s = open_server(AF_INET, SOCK_STREAM);

	assert_true(probe_sandbox_is_whole());
	assert_int_equal(locked_run(&outside, connect_to, &s), 0);
	assert_int_equal(locked_run(&plainly, connect_to, &s), EACCES);
	close(s.fd);
}

static int open_many(unused_arg int kept, unused_arg const void *arg)
{
	int epoll = -1;

	for (int i = 0; i < MANY; i++) {
		int fd = socket(i % 2 ? AF_INET : AF_INET6,
				SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (fd < 0)
			return 1;
		epoll = fd;
	}
	return close(epoll);
}

static void a_thousand_sockets_can_be_open(unused_arg void **state)
{
	assert_int_equal(locked_run(&plainly, open_many, NULL), 0);
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int grow(int depth)
{
	volatile char room[4096];

	room[0] = (char)depth;
	return depth == 0 ? 0 : grow(depth - 1) + (room[0] != (char)depth);
}

/* What the C library does late: sorting much, great and small memory taken and given
 * back, a deep stack, numbers by chance, words to a log, waiting. */
static int live_on(unused_arg int kept, unused_arg const void *arg)
{
	size_t count = 1 << 20;
	int *numbers = xalloc(count, sizeof(*numbers));

	if (getrandom(numbers, 64, 0) != 64)
		return 1;
	qsort(numbers, count, sizeof(*numbers), compare);
	numbers = xrealloc(numbers, 4 * count, sizeof(*numbers));
	xfree(numbers);
	for (size_t size = 1; size < count; size *= 2) {
		char *small = xalloc(100, 1);
		xfree(xalloc(size, 1));
		xfree(small);
	}
	malloc_trim(0);
	if (grow(1000) != 0 || poll(NULL, 0, 1) != 0)
		return 2;
	fprintf(stderr, "# %s, %lld\n", strerror(EACCES), (long long)clock_now_s());
	return fflush(NULL);
}

static void memory_time_and_chance_are_left(unused_arg void **state)
{
	assert_int_equal(locked_run(&plainly, live_on, NULL), 0);
}

static int fail_an_assertion(int kept, unused_arg const void *arg)
{
	assert(kept < 0);
	return 0;
}

static void an_assertion_that_fails_still_says_so(unused_arg void **state)
{
	assert_int_equal(locked_run(&plainly, fail_an_assertion, NULL), ABORTED);
}

/* --- limits --- */

static int take_too_much(unused_arg int kept, unused_arg const void *arg)
{
	void *most = mmap(NULL, SANDBOX_MEMORY_MAX, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *half = mmap(NULL, SANDBOX_MEMORY_MAX / 2, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return most == MAP_FAILED && errno == ENOMEM && half != MAP_FAILED ? 0 : 1;
}

static void memory_ends(unused_arg void **state)
{
	assert_int_equal(locked_run(&plainly, take_too_much, NULL), 0);
}

static int open_too_many(unused_arg int kept, unused_arg const void *arg)
{
	for (int i = 0; i < SANDBOX_DESCRIPTORS_MAX; i++)
		if (socket(AF_INET, SOCK_DGRAM, 0) < 0)
			return errno == EMFILE ? 0 : 1;
	return 2;
}

static void descriptors_end(unused_arg void **state)
{
	assert_int_equal(locked_run(&plainly, open_too_many, NULL), 0);
}

static int write_to(int fd, unused_arg const void *arg)
{
	return write(fd, "abc", 3) == 3 ? 0 : errno;
}

static void a_file_that_was_left_open_takes_nothing(unused_arg void **state)
{
	char path[] = "/tmp/unpend-sandbox-XXXXXX";
	int fd = mkstemp(path);
	struct locked inside = { .fd = fd }, before = { .fd = fd, .is_outside = true };

	assert_int_equal(locked_run(&before, write_to, NULL), 0);
	assert_int_equal(locked_run(&inside, write_to, NULL), EFBIG);
	close(fd);
	unlink(path);
}

static int is_open(unused_arg int kept, const void *arg)
{
	return fcntl(*(const int *)arg, F_GETFD) >= 0;
}

static void only_the_socket_to_the_parent_is_taken_along(unused_arg void **state)
{
	int other = open("/dev/null", O_RDONLY);
	int kept = open("/dev/null", O_RDONLY);
	int last = open("/dev/null", O_RDONLY);
	struct locked how = { .fd = kept };

	assert_int_equal(locked_run(&how, is_open, &other), 0);
	assert_int_equal(locked_run(&how, is_open, &last), 0);
	assert_int_equal(locked_run(&how, is_open, &kept), 1);
	close(other);
	close(kept);
	close(last);
}

static int read_what_is_typed(unused_arg int kept, unused_arg const void *arg)
{
	char typed[8];

	return read(STDERR_FILENO, typed, sizeof(typed)) < 0 ? errno : 0;
}

static void what_is_typed_at_the_terminal_is_not_read(unused_arg void **state)
{
	int keyboard = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	int own = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);

	assert_int_equal(unlockpt(keyboard), 0);
	int terminal = open(ptsname(keyboard), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_int_equal(write(keyboard, "secret\n", 7), 7);
	dup2(terminal, STDERR_FILENO);
	int came_of_it = locked_run(&plainly, read_what_is_typed, NULL);
	dup2(own, STDERR_FILENO);
	close(own);
	close(terminal);
	close(keyboard);
	assert_int_equal(came_of_it, EBADF);
}

/* --- one wall without the others --- */

/* Where this process may become another. */
static bool is_root(void)
{
	char text[64] = "";
	int fd = open("/proc/self/uid_map", O_RDONLY);
	ssize_t got = read(fd, text, sizeof(text) - 1);

	close(fd);
	return geteuid() == 0 && got > 0 && strstr(text, "4294967295");
}

static int fork_when_limited(unused_arg int kept, unused_arg const void *arg)
{
	struct err e = { 0 };

	if (!sandbox_limit(&e) || !sandbox_leave_user(&e))
		return 1;
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	return pid < 0 && errno == EAGAIN ? 0 : 2;
}

static void without_the_filter_there_is_no_process_either(unused_arg void **state)
{
	assert_int_equal(locked_run(&outside, fork_when_limited, NULL), 0);
}

static int leave_user(unused_arg int kept, const void *arg)
{
	const bool *changes = arg;
	struct err e = { 0 };
	gid_t groups[1];

	if (!sandbox_leave_user(&e))
		return 1;
	if (!*changes)
		return 0;
	if (getuid() != SANDBOX_USER || geteuid() != SANDBOX_USER ||
	    getgid() != SANDBOX_USER || getgroups(0, groups) != 0)
		return 2;
	if (setuid(0) == 0 || setgid(0) == 0 || setgroups(0, NULL) == 0)
		return 3;
	return kill(getppid(), 0) < 0 && errno == EPERM ? 0 : 4;
}

static void root_becomes_nobody_and_cannot_return(unused_arg void **state)
{
	bool changes = is_root();

	assert_int_equal(locked_run(&outside, leave_user, &changes), 0);
}

static bool is_refused(const char *path, int flags)
{
	return open(path, flags, 0600) < 0 && errno == EACCES;
}

static int leave_files(unused_arg int kept, unused_arg const void *arg)
{
	struct config *config = config_new();
	struct err e = { 0 };
	struct sockaddr_in at = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (!sandbox_leave_files(config, &e))
		return 1;
	config_free(&config);
	if (!is_refused("/etc/passwd", O_RDONLY) || !is_refused("/", O_RDONLY) ||
	    !is_refused("/proc/self/mem", O_RDWR) || !is_refused("/dev/null", O_RDWR) ||
	    !is_refused("/tmp/unpend-sandbox", O_WRONLY | O_CREAT))
		return 2;
	if (rmdir("/tmp/unpend-sandbox") == 0 || errno == ENOTEMPTY)
		return 3;
	return bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 && errno == EACCES ? 0
										   : 4;
}

static void without_the_filter_there_are_no_files_either(unused_arg void **state)
{
	assert_true(probe_sandbox_is_whole());
	assert_int_equal(locked_run(&outside, leave_files, NULL), 0);
}

static int open_when_filtered(unused_arg int kept, unused_arg const void *arg)
{
	struct err e = { 0 };

	return sandbox_filter_lay(sandbox_filter_new(), &e)
		       ? open("/etc/passwd", O_RDONLY) < 0
		       : 1;
}

static void the_filter_stands_alone(unused_arg void **state)
{
	assert_int_equal(locked_run(&outside, open_when_filtered, NULL), 1000 + SIGSYS);
}

/* --- the parent --- */

static int wait_for_ever(int fd, unused_arg const void *arg)
{
	struct pollfd never = { .fd = -1 };

	if (write(fd, "u", 1) != 1)
		return 1;
	return poll(&never, 1, -1);
}

static void it_dies_with_its_parent(unused_arg void **state)
{
	int ends[2];
	char byte;
	assert_int_equal(pipe(ends), 0);
	pid_t parent = fork();

	if (parent == 0) {
		close(ends[0]);
		_exit(locked_run(&(struct locked){ .fd = ends[1] }, wait_for_ever, NULL));
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	kill(parent, SIGKILL);
	waitpid(parent, NULL, 0);
	struct pollfd closed = { .fd = ends[0], .events = POLLIN };
	assert_int_equal(poll(&closed, 1, PATIENCE_MS), 1);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
}

static int read_a_file(unused_arg int kept, unused_arg const void *arg)
{
	struct config *config = config_new();
	struct err e = { 0 };

	if (!config_set(config, STR("dns.sandbox"), STR("false"), "test", &e) ||
	    !sandbox_enter(config, &e))
		return 1;
	return open("/etc/passwd", O_RDONLY) >= 0 ? 0 : 2;
}

static void it_can_be_switched_off(unused_arg void **state)
{
	assert_int_equal(locked_run(&outside, read_a_file, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(datagrams_of_both_families_go_and_come),
		cmocka_unit_test(a_resolver_that_is_configured_is_reached_over_tcp),
		cmocka_unit_test(no_other_port_is_reached_over_tcp),
		cmocka_unit_test(a_thousand_sockets_can_be_open),
		cmocka_unit_test(memory_time_and_chance_are_left),
		cmocka_unit_test(an_assertion_that_fails_still_says_so),
		cmocka_unit_test(memory_ends),
		cmocka_unit_test(descriptors_end),
		cmocka_unit_test(a_file_that_was_left_open_takes_nothing),
		cmocka_unit_test(only_the_socket_to_the_parent_is_taken_along),
		cmocka_unit_test(what_is_typed_at_the_terminal_is_not_read),
		cmocka_unit_test(without_the_filter_there_is_no_process_either),
		cmocka_unit_test(root_becomes_nobody_and_cannot_return),
		cmocka_unit_test(without_the_filter_there_are_no_files_either),
		cmocka_unit_test(the_filter_stands_alone),
		cmocka_unit_test(it_dies_with_its_parent),
		cmocka_unit_test(it_can_be_switched_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
