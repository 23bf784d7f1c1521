/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever is tried from inside the sandbox and is no asking ends the process: each row
 * is tried in a child of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "locked.h"

enum {
	ARGUMENTS = 6,
	KILLED = 1000 + SIGSYS,
	OTHER = 1, /* a process that is not ours */
};

struct row {
	const char *name;
	long call;
	long arguments[ARGUMENTS];
};

#ifndef SYS_mmap
#define SYS_mmap SYS_mmap2
#endif

#define TEXT(text) ((long)(text))
#define HERE       AT_FDCWD
/* Should a wall be missing, nothing shall come of it. */
#define NOWHERE TEXT("/nowhere/u")

static char scratch[4096] __attribute__((aligned(4096)));
#define ROOM ((long)scratch)

/* A table by hand. */
/* clang-format off */
static const struct row rows[] = {
	/* files */
	{ "a file is read", SYS_openat, { HERE, TEXT("/etc/passwd"), O_RDONLY } },
	{ "a file is written", SYS_openat, { HERE, NOWHERE, O_WRONLY | O_CREAT, 0600 } },
	{ "a file is opened only to be named", SYS_openat, { HERE, TEXT("/"), O_PATH } },
	{ "a file without name is made",
	  SYS_openat, { HERE, TEXT("/tmp"), O_TMPFILE | O_RDWR, 0600 } },
	{ "a folder is read", SYS_openat, { HERE, TEXT("/"), O_RDONLY | O_DIRECTORY } },
	{ "its own memory is read as a file",
	  SYS_openat, { HERE, TEXT("/proc/self/mem"), O_RDWR } },
	{ "a setting of the kernel is read",
	  SYS_openat, { HERE, TEXT("/proc/sys/kernel/ostype"), O_RDONLY } },
	{ "a terminal is opened", SYS_openat, { HERE, TEXT("/dev/tty"), O_RDWR } },
	{ "shared memory is opened",
	  SYS_openat, { HERE, TEXT("/dev/shm/u"), O_RDWR | O_CREAT, 0600 } },
	{ "a file is opened by openat2",
	  SYS_openat2, { HERE, TEXT("/etc/passwd"), ROOM, 24 } },
	{ "a file is opened by its handle",
	  SYS_open_by_handle_at, { HERE, ROOM, O_RDONLY } },
	{ "a handle is asked for",
	  SYS_name_to_handle_at, { HERE, TEXT("/"), ROOM, ROOM, 0 } },
	{ "a file is removed", SYS_unlinkat, { HERE, NOWHERE, 0 } },
	{ "a folder is made", SYS_mkdirat, { HERE, NOWHERE, 0700 } },
	{ "a device is made", SYS_mknodat, { HERE, NOWHERE, 0600, 0 } },
	{ "a file is linked",
	  SYS_linkat, { HERE, TEXT("/etc/passwd"), HERE, NOWHERE, 0 } },
	{ "a symbolic link is made", SYS_symlinkat, { TEXT("/etc"), HERE, NOWHERE } },
	{ "a file is renamed", SYS_renameat2, { HERE, NOWHERE, HERE, NOWHERE, 0 } },
	{ "rights are changed", SYS_fchmodat, { HERE, NOWHERE, 0777 } },
	{ "an owner is changed", SYS_fchownat, { HERE, NOWHERE, 0, 0, 0 } },
	{ "an attribute is set", SYS_setxattr, { NOWHERE, TEXT("user.u"), ROOM, 1, 0 } },
	{ "times are set", SYS_utimensat, { HERE, NOWHERE, 0, 0 } },
	{ "a file is cut short", SYS_truncate, { NOWHERE, 0 } },
	{ "an open file is cut short", SYS_ftruncate, { STDERR_FILENO, 0 } },
	{ "a file is seen by stat", SYS_statx, { HERE, TEXT("/"), 0, 0, ROOM } },
	{ "a file is asked for", SYS_faccessat, { HERE, TEXT("/"), F_OK } },
	{ "a link is read", SYS_readlinkat, { HERE, TEXT("/proc/self/exe"), ROOM, 100 } },
	{ "the folder is changed", SYS_chdir, { TEXT("/") } },
	{ "the root is changed", SYS_chroot, { NOWHERE } },
	{ "files are watched", SYS_inotify_init1, { 0 } },
	{ "all files are watched", SYS_fanotify_init, { 0, 0 } },
	{ "a file in memory is made", SYS_memfd_create, { TEXT("u"), 0 } },
	/* mounts and the machine */
	{ "something is mounted",
	  SYS_mount, { TEXT("u"), NOWHERE, TEXT("tmpfs"), 0, 0 } },
	{ "something is unmounted", SYS_umount2, { NOWHERE, 0 } },
	{ "a mount is opened", SYS_open_tree, { HERE, TEXT("/"), 1 } },
	{ "a file system is opened", SYS_fsopen, { TEXT("tmpfs"), 0 } },
	{ "the root is turned", SYS_pivot_root, { NOWHERE, NOWHERE } },
	{ "a module is loaded", SYS_finit_module, { STDERR_FILENO, TEXT(""), 0 } },
	{ "another kernel is loaded", SYS_kexec_load, { 0, 0, 0, 0 } },
	{ "the machine is stopped", SYS_reboot, { 0, 0, 0, 0 } },
	{ "the machine is renamed", SYS_sethostname, { TEXT("u"), -1 } },
	{ "the kernel's log is read", SYS_syslog, { 3, ROOM, 100 } },
	{ "the clock is set", SYS_clock_settime, { 0, 0 } },
	{ "the clock is slewed", SYS_adjtimex, { ROOM } },
	{ "accounts are kept", SYS_acct, { NOWHERE } },
	{ "swap is taken", SYS_swapon, { NOWHERE, 0 } },
	/* processes */
	{ "a program is run", SYS_execve, { TEXT("/bin/true"), 0, 0 } },
	{ "a program is run by its descriptor",
	  SYS_execveat, { HERE, TEXT("/bin/true"), 0, 0, 0 } },
	{ "a process is made", SYS_clone, { SIGCHLD, 0, 0, 0, 0 } },
	{ "a thread is made",
	  SYS_clone, { CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD,
	    ROOM + 4096, 0, 0, 0 } },
	{ "a process is made by clone3", SYS_clone3, { ROOM, 64 } },
	{ "its parent is killed", SYS_kill, { OTHER, 0 } },
	{ "all are killed", SYS_kill, { -1, 0 } },
	{ "a thread of another is killed", SYS_tgkill, { OTHER, OTHER, 0 } },
	{ "a thread is killed", SYS_tkill, { OTHER, 0 } },
	{ "a signal is queued", SYS_rt_sigqueueinfo, { OTHER, SIGUSR1, ROOM } },
	{ "a signal is caught", SYS_rt_sigaction, { SIGSYS, 0, 0, 8 } },
	{ "a process is pointed at", SYS_pidfd_open, { OTHER, 0 } },
	{ "a descriptor of another is taken", SYS_pidfd_getfd, { STDERR_FILENO, 0, 0 } },
	{ "a process is pointed at and killed",
	  SYS_pidfd_send_signal, { STDERR_FILENO, SIGKILL, 0, 0 } },
	{ "another is traced", SYS_ptrace, { PTRACE_ATTACH, OTHER, 0, 0 } },
	{ "it asks to be traced", SYS_ptrace, { PTRACE_TRACEME, 0, 0, 0 } },
	{ "memory of another is read",
	  SYS_process_vm_readv, { OTHER, ROOM, 1, ROOM, 1, 0 } },
	{ "memory of another is written",
	  SYS_process_vm_writev, { OTHER, ROOM, 1, ROOM, 1, 0 } },
	{ "files of another are compared", SYS_kcmp, { OTHER, OTHER, 0, 0, 0 } },
	{ "priority is changed", SYS_setpriority, { PRIO_PROCESS, 0, -1 } },
	{ "a core is chosen", SYS_sched_setaffinity, { 0, 8, ROOM } },
	{ "the scheduler is chosen", SYS_sched_setscheduler, { 0, 1, ROOM } },
	{ "limits are raised", SYS_prlimit64, { 0, RLIMIT_NPROC, ROOM, 0 } },
	{ "a session is begun", SYS_setsid, { 0 } },
	{ "a child is waited for", SYS_wait4, { -1, 0, 0, 0 } },
	/* powers */
	{ "it becomes root again", SYS_setuid, { 0 } },
	{ "it becomes somebody else", SYS_setresuid, { 1, 1, 1 } },
	{ "it joins root's group", SYS_setgid, { 0 } },
	{ "it joins other groups", SYS_setgroups, { 1, ROOM } },
	{ "it takes capabilities", SYS_capset, { ROOM, ROOM } },
	{ "it can be dumped again", SYS_prctl, { PR_SET_DUMPABLE, 1, 0, 0, 0 } },
	{ "it outlives its parent", SYS_prctl, { PR_SET_PDEATHSIG, 0, 0, 0, 0 } },
	{ "it lays another filter", SYS_seccomp, { 1, 0, ROOM } },
	{ "it becomes another kind of system", SYS_personality, { 0x0040000 } },
	{ "it leaves its namespaces", SYS_unshare, { CLONE_NEWUSER } },
	{ "it enters another namespace", SYS_setns, { STDERR_FILENO, 0 } },
	{ "a key is read", SYS_keyctl, { 11, 0, 0, 0, 0 } },
	{ "a key is added", SYS_add_key, { TEXT("user"), TEXT("u"), ROOM, 1, -1 } },
	{ "a key is asked for", SYS_request_key, { TEXT("user"), TEXT("u"), 0, -1 } },
	/* ways into the kernel */
	{ "a ring is set up", SYS_io_uring_setup, { 8, ROOM } },
	{ "asynchronous work is set up", SYS_io_setup, { 8, ROOM } },
	{ "a program is given to the kernel", SYS_bpf, { 0, ROOM, 64 } },
	{ "events are counted", SYS_perf_event_open, { ROOM, 0, -1, -1, 0 } },
	{ "faults are handled", SYS_userfaultfd, { 0 } },
	{ "a timer's descriptor is made", SYS_timerfd_create, { 1, 0 } },
	{ "descriptors are spliced", SYS_splice, { 0, 0, 1, 0, 1, 0 } },
	{ "a pipe is made", SYS_pipe2, { ROOM, 0 } },
	{ "a descriptor is doubled", SYS_dup, { STDERR_FILENO } },
	{ "a descriptor is doubled by fcntl",
	  SYS_fcntl, { STDERR_FILENO, F_DUPFD, 100 } },
	{ "a descriptor's owner is set", SYS_fcntl, { STDERR_FILENO, F_SETOWN, OTHER } },
	{ "a terminal is typed into", SYS_ioctl, { STDERR_FILENO, TIOCSTI, ROOM } },
	{ "interfaces are listed", SYS_ioctl, { STDERR_FILENO, 0x8912, ROOM } },
	/* memory */
	{ "memory is made to run", SYS_mprotect, { ROOM, 4096, PROT_READ | PROT_EXEC } },
	{ "memory is made to run with a key",
	  SYS_pkey_mprotect, { ROOM, 4096, PROT_EXEC, -1 } },
	{ "memory that runs is taken",
	  SYS_mmap, { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0 } },
	{ "a file is mapped",
	  SYS_mmap, { 0, 4096, PROT_READ, MAP_PRIVATE, STDERR_FILENO, 0 } },
	{ "pages are shared", SYS_remap_file_pages, { ROOM, 4096, 0, 0, 0 } },
	{ "memory is locked", SYS_mlockall, { 1 } },
	{ "pages are poisoned", SYS_madvise, { ROOM, 4096, 100 } },
	{ "shared memory is made", SYS_shmget, { 0, 4096, 01600 } },
	{ "semaphores are made", SYS_semget, { 0, 1, 01600 } },
	{ "a queue of messages is made", SYS_msgget, { 0, 01600 } },
	{ "a named queue is opened",
	  SYS_mq_open, { TEXT("u"), O_RDWR | O_CREAT, 0600, 0 } },
	/* sockets */
	{ "a socket of this machine is made", SYS_socket, { AF_UNIX, SOCK_STREAM, 0 } },
	{ "a datagram socket of this machine is made",
	  SYS_socket, { AF_UNIX, SOCK_DGRAM, 0 } },
	{ "two such are made", SYS_socketpair, { AF_UNIX, SOCK_STREAM, 0, ROOM } },
	{ "the kernel's network is asked", SYS_socket, { AF_NETLINK, SOCK_RAW, 0 } },
	{ "packets are read from the wire", SYS_socket, { AF_PACKET, SOCK_RAW, 0 } },
	{ "the kernel's ciphers are used", SYS_socket, { AF_ALG, SOCK_SEQPACKET, 0 } },
	{ "the host of a machine is talked to",
	  SYS_socket, { AF_VSOCK, SOCK_STREAM, 0 } },
	{ "raw packets are sent", SYS_socket, { AF_INET, SOCK_RAW, IPPROTO_RAW } },
	{ "raw packets of IPv6 are sent",
	  SYS_socket, { AF_INET6, SOCK_RAW, IPPROTO_ICMPV6 } },
	{ "others are pinged", SYS_socket, { AF_INET, SOCK_DGRAM, IPPROTO_ICMP } },
	{ "another transport is used",
	  SYS_socket, { AF_INET, SOCK_STREAM, IPPROTO_SCTP } },
	{ "many paths are used", SYS_socket, { AF_INET, SOCK_STREAM, 262 } },
	{ "a connection is made by what sends",
	  SYS_sendto, { STDERR_FILENO, ROOM, 1, MSG_FASTOPEN, ROOM, 16 } },
	{ "a connection is made by a message",
	  SYS_sendmsg, { STDERR_FILENO, ROOM, MSG_FASTOPEN | MSG_DONTWAIT } },
	{ "a connection is made by many messages",
	  SYS_sendmmsg, { STDERR_FILENO, ROOM, 1, MSG_FASTOPEN } },
	{ "a port is listened at", SYS_listen, { STDERR_FILENO, 1 } },
	{ "a connection is accepted with flags",
	  SYS_accept4, { STDERR_FILENO, 0, 0, 0 } },
	{ "a filter is laid on a socket",
	  SYS_setsockopt, { STDERR_FILENO, SOL_SOCKET, SO_ATTACH_FILTER, ROOM, 16 } },
	{ "a socket is bound to an interface",
	  SYS_setsockopt, { STDERR_FILENO, SOL_SOCKET, SO_BINDTODEVICE, ROOM, 4 } },
	{ "a group of receivers is joined",
	  SYS_setsockopt, { STDERR_FILENO, IPPROTO_IP, IP_ADD_MEMBERSHIP, ROOM, 8 } },
	{ "a foreign address is taken",
	  SYS_setsockopt, { STDERR_FILENO, IPPROTO_IP, IP_TRANSPARENT, ROOM, 4 } },
	{ "a connection's inside is read",
	  SYS_getsockopt, { STDERR_FILENO, IPPROTO_TCP, TCP_INFO, ROOM, ROOM } },
	{ "another protocol is laid on",
	  SYS_setsockopt, { STDERR_FILENO, IPPROTO_TCP, TCP_ULP, TEXT("tls"), 4 } },
};

/* Calls that only old machines have. */
static const struct row old_rows[] = {
#ifdef SYS_open
	{ "a file is read the old way", SYS_open, { TEXT("/etc/passwd"), O_RDONLY } },
	{ "a file is made the old way", SYS_creat, { NOWHERE, 0600 } },
	{ "a file is removed the old way", SYS_unlink, { NOWHERE } },
	{ "a process is made the old way", SYS_fork, { 0 } },
	{ "a process borrows the memory", SYS_vfork, { 0 } },
	{ "two pipes' ends are made the old way", SYS_pipe, { ROOM } },
	{ "a descriptor replaces another", SYS_dup2, { STDERR_FILENO, 9 } },
#endif
#ifdef SYS_accept
	{ "a connection is accepted", SYS_accept, { STDERR_FILENO, 0, 0 } },
#endif
#ifdef SYS_iopl
	{ "ports of the machine are taken", SYS_iopl, { 3 } },
	{ "a port of the machine is taken", SYS_ioperm, { 0, 1, 1 } },
	{ "segments are changed", SYS_modify_ldt, { 0, ROOM, 16 } },
#endif
#ifdef __x86_64__
	{ "the x32 way in is taken", 0x40000000 + SYS_getpid, { 0 } },
#endif
};
/* clang-format on */

static int call(unused_arg int fd, const void *arg)
{
	const struct row *row = arg;
	const long *a = row->arguments;

	syscall(row->call, a[0], a[1], a[2], a[3], a[4], a[5]);
	return 0;
}

static void it_is_killed_when(void **state)
{
	assert_int_equal(locked_run(&(struct locked){ 0 }, call, *state), KILLED);
}

static void what_is_allowed_does_not_kill(unused_arg void **state)
{
	const struct row harmless = { "", SYS_getpid, { 0 } };

	assert_int_equal(locked_run(&(struct locked){ 0 }, call, &harmless), 0);
}

#ifdef __x86_64__
/* The entrance of 32-bit programs, where numbers mean other calls: 20 is getpid there. */
static int call_as_32_bits(unused_arg int fd, unused_arg const void *arg)
{
	long number = 20;

	__asm__ volatile("int $0x80"
			 : "+a"(number)
			 :
			 : "memory", "r8", "r9", "r10", "r11");
	return 0;
}

static void the_32_bit_way_in_kills(unused_arg void **state)
{
	assert_int_equal(locked_run(&(struct locked){ 0 }, call_as_32_bits, NULL),
			 KILLED);
}
#endif

static size_t add(struct CMUnitTest *tests, const struct row *from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		tests[i] = (struct CMUnitTest){ .name = from[i].name,
						.test_func = it_is_killed_when,
						.initial_state =
							(void *)(uintptr_t)&from[i] };
	return count;
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(rows) + ARRAY_LEN(old_rows) + 2] = {
		cmocka_unit_test(what_is_allowed_does_not_kill),
#ifdef __x86_64__
		cmocka_unit_test(the_32_bit_way_in_kills),
#endif
	};
	size_t count = 1;

#ifdef __x86_64__
	count++;
#endif
	count += add(tests + count, rows, ARRAY_LEN(rows));
	count += add(tests + count, old_rows, ARRAY_LEN(old_rows));
	return _cmocka_run_group_tests("sandbox_calls", tests, count, NULL, NULL);
}
