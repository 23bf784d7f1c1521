/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend probe --fd N: the process that asks the DNS; started by serve. */
#include "probe/probe.h"
#include "cmd/cmd.h"

int cmd_probe(int argc, char **argv)
{
	struct err e = { 0 };
	uint64_t fd;

	/* Read by hand: no configuration file and no environment for this one. */
	if (argc != 3 || strcmp(argv[1], "--fd") != 0 ||
	    !str_number(str_from(argv[2]), 1 << 20, &fd)) {
		err_set(&e, ERR_USAGE,
			"probe is started by serve, as 'unpend probe --fd N'");
		return cmd_fail(&e);
	}
	return probe_process((int)fd);
}
