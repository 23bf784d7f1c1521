/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a backup: they are refused, or sound to the last line. */
#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

#include "store/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	auto_fd int fd = memfd_create("backup", MFD_CLOEXEC);
	struct backup_counts counts;
	struct err e = { 0 };

	if (fd < 0 || !file_write_all(fd, str_of(data, len), &e) ||
	    lseek(fd, 0, SEEK_SET))
		return 0;
	if (store_backup_check(fd, &counts, &e))
		assert(counts.tables == 16);
	return 0;
}
