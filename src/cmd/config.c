/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend config: what can be set, what is set, whether a file is right. */
#include "cmd/cmd.h"

static void write_nothing(const struct config *c unused_arg, struct buf *out unused_arg)
{
}

static void write_defaults(const struct config *c unused_arg, struct buf *out)
{
	config_write_defaults(out);
}

static void write_man(const struct config *c unused_arg, struct buf *out)
{
	buf_text(
		out,
		".Dd November 22, 2026\n.Dt UNPEND.CONF 5\n.Os\n.Sh NAME\n"
		".Nm unpend.conf\n.Nd configuration of unpend\n.Sh DESCRIPTION\n"
		"Sections in brackets, then\n.Ql key = value\nlines; a line that begins\n"
		"with\n.Ql \\&;\nor\n.Ql #\nis a comment.\n"
		"An unknown key is an error.\nEvery key may also be given as\n"
		".Ev UNPEND_SECTION_KEY\nin the environment and as\n"
		".Fl -section.key Ar VALUE\non the command line; the latter wins.\n"
		".Sh OPTIONS\n");
	config_write_man(out);
	buf_text(out, ".Sh FILES\n.Pa /etc/unpend/unpend.conf\n"
		      ".Sh SEE ALSO\n.Xr unpend 1\n");
}

static const struct {
	const char *word;
	void (*write)(const struct config *c, struct buf *out);
} verbs[] = {
	{ "check", write_nothing }, /* cmd_line_read has said what is wrong */
	{ "defaults", write_defaults },
	{ "man", write_man },
	{ "show", config_write_values },
};

int cmd_config(int argc, char **argv)
{
	struct cmd_line line = { 0 };
	int code = EXIT_USAGE;
	if (!cmd_line_read(&line, argc, argv, &code))
		return code;
	struct err e = { 0 };
	auto_buf struct buf out;
	buf_init(&out, 1024 * 1024);
	err_set(&e, ERR_USAGE,
		lang_text(line.lang,
			  "'config' wants one of: check, defaults, man, show"));
	code = -1;
	for (size_t i = 0; i < ARRAY_LEN(verbs) && line.word_count == 1; i++) {
		if (!str_is(line.words[0], verbs[i].word))
			continue;
		verbs[i].write(line.config, &out);
		code = cmd_print(&out);
	}
	cmd_line_done(&line);
	return code >= 0 ? code : cmd_fail(&e);
}
