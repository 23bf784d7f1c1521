/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A configuration file of any bytes: it is taken, or refused with a text and
 * ERR_USAGE. */
#include <sys/mman.h>
#include <unistd.h>

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *c = config_new();
	struct err e = { 0 };
	auto_fd int fd = memfd_create("config", MFD_CLOEXEC);
	auto_buf struct buf path;

	buf_init(&path, 64);
	buf_printf(&path, "/proc/self/fd/%d", fd);
	if (!file_write_all(fd, str_of(data, size), &e))
		__builtin_trap();
	if (!config_read_file(c, buf_cstr(&path), &e) &&
	    (!e.text[0] || e.kind != ERR_USAGE))
		__builtin_trap();
	config_free(&c);
	return 0;
}
