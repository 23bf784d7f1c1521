/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend probe: the process that asks the DNS (--fd N, started by serve), and the same
 * for services elsewhere (--listen): a perspective. */
#include "probe/probe.h"
#include "cmd/cmd.h"
#include "cmd/daemon.h"

enum {
	PATH_BYTES = 64 << 10,
};

struct probe_words {
	struct str listen;
	struct str files[3]; /* certificate, key, ca */
	size_t file_counts[3];
	struct str allow[CRYPTO_TLS_NAMES_MAX];
	size_t allow_count;
	struct str name;
	size_t listen_count;
	size_t name_count;
};

static void on_event(unused_arg void *arg, const char *event, struct str client,
		     struct str why)
{
	if (why.len)
		log_info(event, LOG_STR("address", client), LOG_STR("why", why));
	else
		log_info(event, LOG_STR("address", client));
}

static bool words_check(const struct cmd_line *line, const struct probe_words *w,
			struct err *e)
{
	if (line->word_count)
		return err_set(e, ERR_USAGE,
			       lang_text(line->lang,
					 "'probe' takes no words, but there is '%.*s'"),
			       STR_ARG(line->words[0]));
	if (!w->listen_count || !w->file_counts[0] || !w->file_counts[1] ||
	    !w->file_counts[2])
		return err_set(e, ERR_USAGE,
			       LANG_MARK("'probe' needs --listen, --cert, --key and "
					 "--ca; see 'unpend help probe'"));
	return true;
}

static int probe_run(const struct cmd_line *line, const struct probe_words *w)
{
	struct err e = { .lang = line->lang };
	auto_arena struct arena a;
	bool listened = false;

	arena_init(&a, PATH_BYTES);
	if (words_check(line, w, &e)) {
		daemon_log_open(line->config);
		listened = probe_listen(
			&(struct probe_listen_options){
				.config = line->config,
				.address = w->listen,
				.fd = daemon_listen_fd(),
				.files = { .certificate = arena_text(&a, w->files[0]),
					   .key = arena_text(&a, w->files[1]),
					   .ca = arena_text(&a, w->files[2]) },
				.allow = w->allow,
				.allow_count = w->allow_count,
				.name = w->name_count ? w->name : w->listen,
				.program = "/proc/self/exe",
				.processes = (size_t)config_number(line->config,
								   CONFIG_DNS_PROBES),
				.on_event = on_event,
			},
			&e);
	}
	if (!listened)
		return cmd_fail(&e);
	log_info("ended");
	return EXIT_OK;
}

static int probe_serve(int argc, char **argv)
{
	struct probe_words w = { 0 };
	const struct cmd_option options[] = {
		{ "--listen", "ADDRESS:PORT", &w.listen, 1, &w.listen_count },
		{ "--cert", "FILE", &w.files[0], 1, &w.file_counts[0] },
		{ "--key", "FILE", &w.files[1], 1, &w.file_counts[1] },
		{ "--ca", "FILE", &w.files[2], 1, &w.file_counts[2] },
		{ "--allow", "NAME", w.allow, ARRAY_LEN(w.allow), &w.allow_count },
		{ "--name", "NAME", &w.name, 1, &w.name_count },
	};
	struct cmd_line line = { .options = options, .option_count = ARRAY_LEN(options) };
	int code;

	if (!cmd_line_read(&line, argc, argv, &code))
		return code;
	code = probe_run(&line, &w);
	cmd_line_done(&line);
	return code;
}

int cmd_probe(int argc, char **argv)
{
	uint64_t fd;

	/* Read by hand: no configuration file and no environment for this one. */
	if (argc == 3 && strcmp(argv[1], "--fd") == 0 &&
	    str_number(str_from(argv[2]), 1 << 20, &fd))
		return probe_process((int)fd);
	return probe_serve(argc, argv);
}
