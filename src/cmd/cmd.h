/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cmd: one file a command, one table of commands (main.c). A command gets its arguments
 * without the program's name (argv[0] is the command) and returns the exit code.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "base/base.h"
#include "config/config.h"
#include "crypto/crypto.h"

struct store;

enum {
	EXIT_OK = 0,
	EXIT_ACTION = 1,
	EXIT_USAGE = 2,
	EXIT_WAITING = 3,
	EXIT_UNDETERMINED = 4,
	EXIT_DENIED = 5,
	EXIT_CONFLICT = 6,
	EXIT_BUG = 70,
};

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage;   /* "DOMAIN [--expect FILE|-] ..." */
	const char *summary; /* one line, LANG_MARK */
	const char *details; /* options, an example, exit codes, LANG_MARK; NULL: none */
};

int cmd_check(int argc, char **argv);
int cmd_bulk(int argc, char **argv);
int cmd_judge(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_resolve(int argc, char **argv);
int cmd_trace(int argc, char **argv);
int cmd_propagation(int argc, char **argv);
int cmd_completions(int argc, char **argv);
int cmd_spf(int argc, char **argv);
int cmd_dmarc(int argc, char **argv);
int cmd_lint(int argc, char **argv);
int cmd_suffix(int argc, char **argv);
int cmd_provider(int argc, char **argv);
int cmd_records(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_probe(int argc, char **argv);
int cmd_db(int argc, char **argv);
int cmd_tenant(int argc, char **argv);
int cmd_token(int argc, char **argv);
int cmd_events(int argc, char **argv);
int cmd_config(int argc, char **argv);
int cmd_help(int argc, char **argv);
int cmd_version(int argc, char **argv);

/* The table, and its end. */
extern const struct command cmd_table[];
extern const size_t cmd_table_count;

/* An option of one command: "--json" (no value) or "--expect FILE". */
struct cmd_option {
	const char *name;       /* "--expect" */
	const char *value;      /* "FILE", or NULL: a flag */
	struct str *values_out; /* values are put here ... */
	size_t max;        /* ... at most so many (1: the last wins is an error: twice) */
	size_t *count_out; /* ... and counted here; flags are only counted */
};
/* Reads argv against the command's own options, `--config FILE`, `--lang en|ja` and every
 * `--section.key VALUE`; `--opt=value` works too; what is left are positional words.
 * Reads the configuration: defaults, FILE (else that of UNPEND_CONFIG, else
 * /etc/unpend/unpend.conf if it is there),
 * the environment, the command line. On false the line was answered already (an error of
 * one line, or --help) and *exit_out is the exit code. config is new. Values borrow from
 * argv. */
struct cmd_line {
	const struct command *command;
	const struct cmd_option *options;
	size_t option_count;
	struct str words[16];
	const struct cmd_option
		*fronts[16]; /* of each word: the own option last in front, or NULL */
	size_t word_count;
	struct config *config;
	enum lang lang; /* of all that is said to the person */
};
bool cmd_line_read(struct cmd_line *line, int argc, char **argv, int *exit_out)
	must_check;
void cmd_line_done(struct cmd_line *line);

/* A whole command that needs an arena: reads its line, runs it, gives its exit code. */
typedef int cmd_run_fn(struct arena *a, const struct cmd_line *line, void *arg);
struct cmd_work {
	const struct cmd_option *options;
	size_t option_count;
	size_t arena_max; /* octets */
	cmd_run_fn *run;
	void *arg;
};
int cmd_run(int argc, char **argv, const struct cmd_work *w);
/* One without options of its own but --json. */
typedef int cmd_json_fn(struct arena *a, const struct cmd_line *line, bool as_json);
int cmd_run_json(int argc, char **argv, size_t arena_max, cmd_json_fn *run);

/* The language of the command line, before it is read: --lang, else UNPEND_LANG, else the
 * locale (LC_ALL, LC_MESSAGES, LANG); English where none of them names one of ours. */
enum lang cmd_lang(int argc, char **argv);

/* The word nearest to `wanted` among those that were offered, if one is near enough to be
 * a typing error of it; best NULL: none was. Begin with best NULL. */
struct cmd_guess {
	struct str wanted;
	const char *best;
	unsigned distance;
};
void cmd_guess_offer(struct cmd_guess *g, const char *word);
/* "; nearest is 'check'", or nothing. */
void cmd_guess_write(struct buf *out, const struct cmd_guess *g, enum lang lang);

/* Prints the help on a command or topic (NULL: the overview); returns the exit code. */
int cmd_help_on(const char *topic, enum lang lang);

/* "unpend: text" on standard error; returns the exit code that fits the kind. */
int cmd_fail(const struct err *e);
/* After a failure to open the sealing key, or the database: where its folder does not
 * exist, e says what to do as well. Return false. */
bool cmd_hint_key_folder(const struct config *config, struct err *e);
bool cmd_hint_store_folder(const struct config *config, struct err *e);
/* The key that seals what is in this database: made where it holds no tenant, else it
 * must be the one that opens it (ERR_USAGE). */
bool cmd_seal_key_load(const struct config *config, struct store *store,
		       uint8_t out[CRYPTO_KEY_LEN], struct err *e) must_check;
/* s to standard output, whole. False: nothing more can be written; *exit_out is EXIT_OK
 * where the reader went away (that is no error), else what went wrong was said. */
bool cmd_write(struct str s, int *exit_out) must_check;
/* The same for a whole output; returns the exit code. */
int cmd_print(const struct buf *b);

#endif
