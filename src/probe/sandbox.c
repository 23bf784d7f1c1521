/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Limits, user, files. What a kernel older than a right of landlock does not know, it is
 * not asked to handle: the filter stands behind it. Where a sanitizer is built in, which
 * itself reads files and starts threads, nothing is entered.
 */
#include "probe/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dns/dns.h"
#include "probe/probe.h"

/* prctl(2) since Linux 6.3, landlock(7) since 6.2 and later: not in every header. */
enum {
	SET_MDWE = 65,
	MDWE_REFUSE_EXEC_GAIN = 1,
	RIGHTS_ALWAYS = (1 << 13) - 1, /* version 1: execute to make symbolic links */
	RIGHT_REFER = 1 << 13,         /* 2 */
	RIGHT_TRUNCATE = 1 << 14,      /* 3 */
	RIGHT_IOCTL = 1 << 15,         /* 5 */
	RIGHT_BIND_TCP = 1 << 0,       /* 4 */
	RIGHT_CONNECT_TCP = 1 << 1,    /* 4 */
	SCOPES = 3,                    /* 6: abstract sockets, signals */
	RULE_PORT = 2,
	DNS_PORT = 53,
};

struct ruleset {
	uint64_t files;
	uint64_t network;
	uint64_t scopes;
};

struct port_rule {
	uint64_t rights;
	uint64_t port;
};

static bool cannot(struct err *e, const char *what)
{
	return err_set(e, ERR_UNAVAILABLE, "the sandbox cannot be entered: %s: %s", what,
		       strerror(errno));
}

/* A terminal is mostly open both ways: what is typed there is for others. */
static void only_write_to_terminal(void)
{
	auto_fd int fd = -1;

	if (isatty(STDERR_FILENO))
		fd = open("/proc/self/fd/2", O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0)
		dup2(fd, STDERR_FILENO);
}

void sandbox_begin(int fd)
{
	struct rlimit none = { 0, 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &none);
	/* Of a terminal, or to the whole group: the parent decides. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	/* A last word to a log that is a file: lost, not deadly. */
	signal(SIGXFSZ, SIG_IGN);
	only_write_to_terminal();
	if (fd > STDERR_FILENO + 1)
		syscall(SYS_close_range, STDERR_FILENO + 1, (unsigned)fd - 1, 0);
	syscall(SYS_close_range, (unsigned)fd + 1, ~0U, 0);
	/* A newer libuv would ask the kernel by a ring, past the filter. */
	setenv("UV_USE_IO_URING", "0", 1);
	/* More arenas of malloc read files of the kernel's when they grow and shrink. */
	mallopt(M_ARENA_MAX, 1);
}

/* --- limits --- */

static bool limit(int what, rlim_t most)
{
	struct rlimit now;

	if (getrlimit(what, &now) != 0)
		return false;
	if (now.rlim_max < most)
		most = now.rlim_max;
	return setrlimit(what, &(struct rlimit){ most, most }) == 0;
}

bool sandbox_limit(struct err *e)
{
	static const struct {
		int what;
		rlim_t most;
	} limits[] = {
		{ RLIMIT_CORE, 0 },
		{ RLIMIT_FSIZE, 0 },
		{ RLIMIT_NPROC, 0 },
		{ RLIMIT_MEMLOCK, 0 },
		{ RLIMIT_MSGQUEUE, 0 },
		{ RLIMIT_NOFILE, SANDBOX_DESCRIPTORS_MAX },
		{ RLIMIT_DATA, SANDBOX_MEMORY_MAX },
	};

	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		if (!limit((int)limits[i].what, limits[i].most))
			return cannot(e, "limits");
	return true;
}

/* --- user --- */

/* A unit of systemd may forbid the call, and leaves nothing to drop. */
static bool drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version =
							   _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };
	struct __user_cap_data_struct held[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, held) == 0 &&
	    memcmp(held, none, sizeof(none)) == 0)
		return true;
	return syscall(SYS_capset, &header, none) == 0;
}

/* A root that may not become another, or in a user namespace that knows nobody else,
 * stays: the group tells. */
static bool become_nobody(void)
{
	if (geteuid() != 0)
		return true;
	if (setresgid(SANDBOX_USER, SANDBOX_USER, SANDBOX_USER) != 0)
		return errno == EINVAL || errno == EPERM;
	return setgroups(0, NULL) == 0 &&
	       setresuid(SANDBOX_USER, SANDBOX_USER, SANDBOX_USER) == 0;
}

bool sandbox_leave_user(struct err *e)
{
	/* Nobody's other processes shall not look into this one. And who has become
	 * another forgets what was to happen at the death of his parent. */
	if (!become_nobody() || !drop_capabilities() ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return cannot(e, "user");
	return true;
}

/* --- files, and what else landlock knows --- */

/* 0: this kernel has none. */
static long landlock_version(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_CREATE_RULESET_VERSION);

	return version > 0 ? version : 0;
}

bool probe_sandbox_is_whole(void)
{
	return landlock_version() > 0;
}

static int ruleset_new(long version)
{
	struct ruleset set = { .files = RIGHTS_ALWAYS };
	size_t size = sizeof(set.files);

	if (version >= 2)
		set.files |= RIGHT_REFER;
	if (version >= 3)
		set.files |= RIGHT_TRUNCATE;
	if (version >= 5)
		set.files |= RIGHT_IOCTL;
	if (version >= 4) {
		set.network = RIGHT_BIND_TCP | RIGHT_CONNECT_TCP;
		size += sizeof(set.network);
	}
	if (version >= 6) {
		set.scopes = SCOPES;
		size += sizeof(set.scopes);
	}
	return (int)syscall(SYS_landlock_create_ruleset, &set, size, 0);
}

static bool allow_port(int ruleset, uint16_t port)
{
	struct port_rule rule = { RIGHT_CONNECT_TCP, port };

	return syscall(SYS_landlock_add_rule, ruleset, RULE_PORT, &rule, 0) == 0;
}

static bool allow_server(int ruleset, struct str server)
{
	struct address a;

	return !address_parse(server, DNS_PORT, &a) || allow_port(ruleset, a.port);
}

/* Over TCP name servers are reached, and the resolvers that the operator names. */
static bool allow_ports(int ruleset, const struct config *config)
{
	size_t count;
	const struct str *servers = config_list(config, CONFIG_DNS_RESOLVERS, &count);

	for (size_t i = 0; i < count; i++)
		if (!allow_server(ruleset, servers[i]))
			return false;
	return allow_server(ruleset, config_text(config, CONFIG_DNS_FORWARD)) &&
	       allow_port(ruleset, DNS_PORT);
}

bool sandbox_leave_files(const struct config *config, struct err *e)
{
	long version = landlock_version();

	if (version == 0)
		return true;
	auto_fd int ruleset = ruleset_new(version);
	if (ruleset < 0 || (version >= 4 && !allow_ports(ruleset, config)) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		return cannot(e, "landlock");
	return true;
}

/* --- all of it --- */

static int compare_bytes(const void *a, const void *b)
{
	return *(const char *)a - *(const char *)b;
}

/* What the C library would open when first asked for: qsort of much reads how large the
 * memory is. */
static void use_what_opens_late(void)
{
	char many[4096] = { 0 };

	qsort(many, sizeof(many), 1, compare_bytes);
}

bool sandbox_enter(const struct config *config, struct err *e)
{
	if (!config_flag(config, CONFIG_DNS_SANDBOX) || IS_SANITIZED)
		return true;
	use_what_opens_late();
	prctl(SET_MDWE, MDWE_REFUSE_EXEC_GAIN, 0, 0, 0);
	struct sandbox_filter *filter = sandbox_filter_new();
	/* The limits late: behind them a log that is a file hears of no trouble. */
	bool is_in = sandbox_leave_user(e) && sandbox_leave_files(config, e) &&
		     sandbox_limit(e) && sandbox_filter_lay(filter, e);
	sandbox_filter_free(&filter);
	return is_in;
}
