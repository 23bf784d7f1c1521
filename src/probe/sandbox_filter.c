/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The filter of system calls: what is in these tables, with these arguments. Whatever
 * else is called ends the process, and the kernel's audit log has the number of it.
 * A table by hand; the order is not that of the checks, libseccomp makes a tree of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/libseccomp_functions.h"
#include "probe/sandbox.h"

/* Whatever the arguments: on descriptors that are there, this memory, the clock. */
static const int always[] = {
	/* the loop */
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(ppoll_time64),
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(close),
	/* sockets */
	SCMP_SYS(bind),
	SCMP_SYS(connect),
	SCMP_SYS(getpeername),
	SCMP_SYS(getsockname),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmmsg),
	SCMP_SYS(recvmmsg_time64),
	SCMP_SYS(recvmsg),
	SCMP_SYS(shutdown),
	/* memory and locks */
	SCMP_SYS(brk),
	SCMP_SYS(futex),
	SCMP_SYS(futex_time64),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sysinfo),
	/* time and chance; where they are no calls of the kernel's, they cost nothing */
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_nanosleep_time64),
	SCMP_SYS(getrandom),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(nanosleep),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(time),
	/* the end */
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigreturn),
};

struct option {
	int level;
	int name;
};

static const struct option options[] = {
	{ SOL_SOCKET, SO_RCVBUF },           { SOL_SOCKET, SO_SNDBUF },
	{ SOL_SOCKET, SO_REUSEADDR },        { SOL_SOCKET, SO_REUSEPORT },
	{ IPPROTO_IP, IP_RECVERR },          { IPPROTO_IP, IP_MTU_DISCOVER },
	{ IPPROTO_IPV6, IPV6_RECVERR },      { IPPROTO_IPV6, IPV6_V6ONLY },
	{ IPPROTO_IPV6, IPV6_MTU_DISCOVER }, { IPPROTO_IPV6, IPV6_MTU },
	{ IPPROTO_IPV6, IPV6_DONTFRAG },     { IPPROTO_TCP, TCP_NODELAY },
	{ IPPROTO_TCP, TCP_MAXSEG },         { IPPROTO_TCP, TCP_QUICKACK },
};

struct sandbox_filter {
	scmp_filter_ctx context;
	int error; /* of the first rule that was not taken; negative */
};

static struct scmp_arg_cmp masked(unsigned argument, uint32_t mask, uint32_t value)
{
	return (struct scmp_arg_cmp){ argument, SCMP_CMP_MASKED_EQ, mask, value };
}

static struct scmp_arg_cmp equals(unsigned argument, uint32_t value)
{
	return (struct scmp_arg_cmp){ argument, SCMP_CMP_EQ, value, 0 };
}

static void allow(struct sandbox_filter *f, int call, unsigned count,
		  const struct scmp_arg_cmp *arguments)
{
	int error = seccomp_rule_add_array(f->context, SCMP_ACT_ALLOW, call, count,
					   arguments);

	if (error != 0 && f->error == 0)
		f->error = error;
}

static void allow_if(struct sandbox_filter *f, int call, struct scmp_arg_cmp argument)
{
	allow(f, call, 1, &argument);
}

/* No raw ones, none of the kernel's or of this machine, no other protocol inside. */
static void allow_sockets(struct sandbox_filter *f)
{
	static const int families[] = { AF_INET, AF_INET6 };
	static const struct {
		int type;
		int protocol;
	} kinds[] = {
		{ SOCK_DGRAM, 0 },
		{ SOCK_DGRAM, IPPROTO_UDP },
		{ SOCK_STREAM, 0 },
		{ SOCK_STREAM, IPPROTO_TCP },
	};
	const uint32_t type_mask = ~(uint32_t)(SOCK_NONBLOCK | SOCK_CLOEXEC);

	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
			allow(f, SCMP_SYS(socket), 3,
			      (struct scmp_arg_cmp[]){
				      equals(0, (uint32_t)families[i]),
				      masked(1, type_mask, (uint32_t)kinds[k].type),
				      equals(2, (uint32_t)kinds[k].protocol),
			      });
}

/* With MSG_FASTOPEN what sends also connects, past the ports that landlock knows. */
static void allow_sending(struct sandbox_filter *f)
{
	const uint32_t others = ~(uint32_t)(MSG_DONTWAIT | MSG_NOSIGNAL);

	allow_if(f, SCMP_SYS(sendto), masked(3, others, 0));
	allow_if(f, SCMP_SYS(sendmsg), masked(2, others, 0));
	allow_if(f, SCMP_SYS(sendmmsg), masked(3, others, 0));
}

static void allow_options(struct sandbox_filter *f)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		allow(f, SCMP_SYS(setsockopt), 2,
		      (struct scmp_arg_cmp[]){
			      equals(1, (uint32_t)options[i].level),
			      equals(2, (uint32_t)options[i].name),
		      });
	allow_if(f, SCMP_SYS(getsockopt), equals(1, SOL_SOCKET));
	allow(f, SCMP_SYS(getsockopt), 2,
	      (struct scmp_arg_cmp[]){ equals(1, IPPROTO_UDP), equals(2, UDP_SEGMENT) });
}

static void allow_descriptor_flags(struct sandbox_filter *f)
{
	static const int commands[] = { F_GETFD, F_SETFD, F_GETFL, F_SETFL };
	static const unsigned requests[] = { FIONBIO, FIONREAD };

	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		allow_if(f, SCMP_SYS(fcntl), equals(1, (uint32_t)commands[i]));
		allow_if(f, SCMP_SYS(fcntl64), equals(1, (uint32_t)commands[i]));
	}
	for (size_t i = 0; i < ARRAY_LEN(requests); i++)
		allow_if(f, SCMP_SYS(ioctl), equals(1, requests[i]));
}

/* Memory that holds no code and is of no file. */
static void allow_memory(struct sandbox_filter *f)
{
	const struct scmp_arg_cmp no_code = masked(2, PROT_EXEC, 0);
	const struct scmp_arg_cmp plain[] = {
		no_code,
		masked(3, MAP_ANONYMOUS, MAP_ANONYMOUS),
	};

	allow(f, SCMP_SYS(mmap), ARRAY_LEN(plain), plain);
	allow(f, SCMP_SYS(mmap2), ARRAY_LEN(plain), plain);
	allow_if(f, SCMP_SYS(mprotect), no_code);
	allow_if(f, SCMP_SYS(madvise), equals(2, MADV_DONTNEED));
	allow_if(f, SCMP_SYS(madvise), equals(2, MADV_FREE));
}

static void fill(struct sandbox_filter *f)
{
	for (size_t i = 0; i < ARRAY_LEN(always); i++)
		allow(f, always[i], 0, NULL);
	allow_sockets(f);
	allow_sending(f);
	allow_options(f);
	allow_descriptor_flags(f);
	allow_memory(f);
	/* abort */
	allow_if(f, SCMP_SYS(tgkill), equals(0, (uint32_t)getpid()));
}

struct sandbox_filter *sandbox_filter_new(void)
{
	struct sandbox_filter *f = xalloc(1, sizeof(*f));

	f->context = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!f->context) {
		f->error = -EINVAL;
		return f;
	}
	seccomp_attr_set(f->context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	seccomp_attr_set(f->context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	fill(f);
	return f;
}

void sandbox_filter_free(struct sandbox_filter **f)
{
	seccomp_release((*f)->context);
	xfree(*f);
	*f = NULL;
}

bool sandbox_filter_lay(const struct sandbox_filter *f, struct err *e)
{
	int error = f->error == 0 ? seccomp_load(f->context) : f->error;

	return error == 0 ||
	       err_set(e, ERR_UNAVAILABLE, "the sandbox cannot be entered: filter: %s",
		       strerror(-error));
}
