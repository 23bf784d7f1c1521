/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the probe process locks itself in. It parses what strangers send; should one of
 * them ever make it run his code, there is nothing to reach from here but the DNS.
 *
 *   sandbox_begin   at once: no more powers by exec, no core, ends with its parent
 *   sandbox_enter   when all is read and open: limits, user, landlock, filter
 *
 * Behind sandbox_enter: sockets of IPv4 and IPv6, UDP and TCP, memory, the clock,
 * randomness, and the descriptors that are open. Any other system call ends the process
 * by SIGSYS; its parent sees that and starts another.
 */
#ifndef PROBE_SANDBOX_H
#define PROBE_SANDBOX_H

#include "base/base.h"
#include "config/config.h"

enum {
	SANDBOX_DESCRIPTORS_MAX = 2048, /* two pools of sockets, TCP, the validator */
	SANDBOX_MEMORY_MAX = 512 << 20, /* octets of data, stack and text aside */
	SANDBOX_USER = 65534,           /* nobody, and nogroup */
};

/* fd: the socket to the parent. Every descriptor but it and the first three is closed. */
void sandbox_begin(int fd);

/* ERR_UNAVAILABLE where a wall cannot be put up; then nothing may be parsed. Without
 * landlock (see probe_sandbox_is_whole) and with dns.sandbox off it goes on. */
bool sandbox_enter(const struct config *config, struct err *e) must_check;

/* The walls one by one, in this order; each holds without the others. */
bool sandbox_leave_user(struct err *e) must_check;
bool sandbox_leave_files(const struct config *config, struct err *e) must_check;
bool sandbox_limit(struct err *e) must_check;
/* Made first, because its library is a file too; laid last. */
struct sandbox_filter *sandbox_filter_new(void);
void sandbox_filter_free(struct sandbox_filter **f);
bool sandbox_filter_lay(const struct sandbox_filter *f, struct err *e) must_check;

#endif
