/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend version */
#include "cmd/cmd.h"

int cmd_version(int argc unused_arg, char **argv unused_arg)
{
	auto_buf struct buf out;
	buf_init(&out, 4096);
	buf_printf(&out, "unpend %s\n", UNPEND_VERSION);
	return cmd_print(&out);
}
