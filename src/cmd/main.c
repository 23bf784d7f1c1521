/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend: the table of commands, and the word that picks one. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>

#include "cmd/cmd.h"

const struct command cmd_table[] = {
	{ "check", cmd_check,
	  "DOMAIN [--expect FILE|-] [--dkim TOKEN ...] [--json] [--save FILE]",
	  "say which DNS record keeps a domain pending, why, and what to type where" },
	{ "judge", cmd_judge, "FILE [--json]",
	  "give the report of an observation saved by check --save, without asking the "
	  "DNS" },
	{ "explain", cmd_explain, "CODE | --list [--json]",
	  "explain a finding's code at length" },
	{ "serve", cmd_serve, "", "run the service: console, APIs, checks, masked mail" },
	{ "tenant", cmd_tenant, "add NAME [--json]",
	  "add a tenant and print its credentials, once" },
	{ "config", cmd_config, "defaults|show|check|man",
	  "print the options, their values, or whether a file is right" },
	{ "probe", cmd_probe, "--fd N",
	  "the process that asks the DNS; started by serve" },
	{ "help", cmd_help, "[COMMAND | exit-codes | environment]",
	  "say how a command is used" },
	{ "version", cmd_version, "", "print the version" },
};
const size_t cmd_table_count = ARRAY_LEN(cmd_table);

static const struct command *command_find(const char *name)
{
	static const char *const flags[][2] = { { "--help", "help" },
						{ "-h", "help" },
						{ "--version", "version" } };
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (strcmp(name, flags[i][0]) == 0)
			name = flags[i][1];
	for (size_t i = 0; i < cmd_table_count; i++)
		if (strcmp(name, cmd_table[i].name) == 0)
			return &cmd_table[i];
	return NULL;
}

int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		cmd_help_on(NULL);
		return EXIT_USAGE;
	}
	const struct command *command = command_find(argv[1]);
	if (!command) {
		struct err e = { 0 };
		auto_buf struct buf shown;
		buf_init(&shown, 1024);
		escape_visible(&shown, str_from(argv[1]), 64);
		err_set(&e, ERR_USAGE, "no command '%s'; 'unpend help' lists them",
			buf_cstr(&shown));
		return cmd_fail(&e);
	}
	return command->run(argc - 1, argv + 1);
}
