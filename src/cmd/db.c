/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend db: backups of the database, whether it is sound, and moving it elsewhere. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/access.h"

struct db_job {
	const struct cmd_line *line;
	struct str to; /* migrate: the URL of the new store; empty: none */
	bool as_json;
	struct buf out;
};

static const char *word(const struct db_job *j, size_t i)
{
	return i < j->line->word_count ? j->line->words[i].data : NULL;
}

/* After what was said of it; instead of that where JSON is wanted. */
static void counts_write(struct db_job *j, const struct backup_counts *counts)
{
	if (!j->as_json)
		return;
	buf_clear(&j->out);
	buf_text(&j->out, "{\"schema\": \"db-backup/v1\", \"made_at\": ");
	access_time_json(&j->out, counts->made_at);
	buf_printf(&j->out, ", \"tables\": %llu, \"rows\": %llu}\n",
		   (unsigned long long)counts->tables, (unsigned long long)counts->rows);
}

/* --- backup --- */

/* A file of this name must not be there, and nobody else may read it. */
static bool file_open_new(const char *path, int *fd_out, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_set(e, errno == EEXIST ? ERR_EXISTS : ERR_UNAVAILABLE,
			       lang_text(e->lang, "cannot make the file '%s': %s"), path,
			       strerrordesc_np(errno));
	*fd_out = fd;
	return true;
}

static bool backup_write(struct store *s, const char *path, struct backup_counts *counts,
			 struct err *e)
{
	auto_fd int fd = -1;

	if (strcmp(path, "-") == 0)
		return store_backup(s, STDOUT_FILENO, clock_now_s(), counts, e);
	if (!file_open_new(path, &fd, e))
		return false;
	bool written = store_backup(s, fd, clock_now_s(), counts, e);
	if (written && fsync(fd) != 0)
		written = err_set(e, ERR_UNAVAILABLE,
				  lang_text(e->lang, "cannot write the file '%s': %s"),
				  path, strerrordesc_np(errno));
	if (!written)
		(void)unlink(path);
	return written;
}

static bool db_backup(struct db_job *j, struct err *e)
{
	struct store *s = NULL;
	struct backup_counts counts;

	if (!word(j, 1))
		return err_set(e, ERR_USAGE,
			       lang_text(e->lang, "'db backup' wants a FILE"));
	bool done = access_store_open(j->line->config, &s, e) &&
		    backup_write(s, word(j, 1), &counts, e);
	store_close(&s);
	if (done && strcmp(word(j, 1), "-") != 0) {
		buf_printf(&j->out, lang_text(e->lang, "Saved: %llu rows.\n"),
			   (unsigned long long)counts.rows);
		counts_write(j, &counts);
	}
	return done;
}

/* --- verify --- */

static bool file_open_old(const char *path, int *fd_out, struct err *e)
{
	int fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
					: open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE,
			       lang_text(e->lang, "cannot read the file '%s': %s"), path,
			       strerrordesc_np(errno));
	*fd_out = fd;
	return true;
}

static void problems_write(struct db_job *j, const struct store_problem *problems,
			   size_t count, enum lang lang)
{
	if (j->as_json) {
		buf_printf(
			&j->out,
			"{\"schema\": \"db-verify/v1\", \"sound\": %s, \"problems\": [",
			count ? "false" : "true");
		for (size_t i = 0; i < count; i++)
			buf_printf(&j->out, "%s{\"code\": \"%s\", \"count\": %lld}",
				   i ? ", " : "", problems[i].code,
				   (long long)problems[i].count);
		buf_text(&j->out, "]}\n");
		return;
	}
	for (size_t i = 0; i < count; i++)
		buf_printf(&j->out, "%8lld  %s\n", (long long)problems[i].count,
			   lang_text(lang, problems[i].text));
	if (!count)
		buf_text(&j->out, lang_text(lang, "The database is sound.\n"));
}

static bool store_verify_say(struct db_job *j, bool *sound_out, struct err *e)
{
	struct store_problem problems[STORE_PROBLEMS_MAX];
	struct store *s = NULL;
	size_t count = 0;

	bool asked = access_store_open(j->line->config, &s, e) &&
		     store_verify(s, problems, &count, e);
	store_close(&s);
	if (!asked)
		return false;
	problems_write(j, problems, count, e->lang);
	*sound_out = count == 0;
	return true;
}

static bool db_verify(struct db_job *j, bool *sound_out, struct err *e)
{
	struct backup_counts counts;
	auto_fd int fd = -1;

	if (!word(j, 1))
		return store_verify_say(j, sound_out, e);
	if (!file_open_old(word(j, 1), &fd, e) || !store_backup_check(fd, &counts, e))
		return false;
	buf_printf(&j->out, lang_text(e->lang, "The backup is whole: %llu rows.\n"),
		   (unsigned long long)counts.rows);
	counts_write(j, &counts);
	return true;
}

/* --- restore, migrate --- */

static bool db_restore(struct db_job *j, struct err *e)
{
	struct store *s = NULL;
	struct backup_counts counts;
	auto_fd int fd = -1;

	if (!word(j, 1))
		return err_set(e, ERR_USAGE,
			       lang_text(e->lang, "'db restore' wants a FILE"));
	bool done = file_open_old(word(j, 1), &fd, e) &&
		    access_store_open(j->line->config, &s, e) &&
		    store_restore(s, fd, &counts, e);
	store_close(&s);
	if (done) {
		buf_printf(&j->out, lang_text(e->lang, "Put back: %llu rows.\n"),
			   (unsigned long long)counts.rows);
		counts_write(j, &counts);
	}
	return done;
}

/* The old store's end of the pipe, in a thread. */
struct leaving {
	struct store *store;
	int fd;
	struct err e;
	bool done;
};

static void *leaving_run(void *arg)
{
	struct leaving *l = arg;
	struct backup_counts counts;

	l->done = store_backup(l->store, l->fd, clock_now_s(), &counts, &l->e);
	close(l->fd);
	return NULL;
}

static bool rows_move(struct store *from, struct store *to, struct backup_counts *counts,
		      struct err *e)
{
	int ends[2];
	pthread_t thread;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_set(e, ERR_UNAVAILABLE, "%s", strerrordesc_np(errno));
	struct leaving l = { .store = from, .fd = ends[1], .e = { .lang = e->lang } };
	if (pthread_create(&thread, NULL, leaving_run, &l) != 0) {
		close(ends[0]);
		close(ends[1]);
		return err_set(e, ERR_UNAVAILABLE, "no thread could be made");
	}
	bool moved = store_restore(to, ends[0], counts, e);
	/* A writer that nobody reads from any more ends with EPIPE. */
	close(ends[0]);
	pthread_join(thread, NULL);
	if (!moved && !l.done && l.e.kind != ERR_NONE && e->kind == ERR_USAGE)
		*e = l.e;
	return moved;
}

static bool db_migrate(struct db_job *j, struct err *e)
{
	struct store *from = NULL, *to = NULL;
	struct backup_counts counts = { 0 };

	bool done = access_store_open(j->line->config, &from, e);
	if (done && j->to.len)
		done = store_open(j->to, &to, e) && rows_move(from, to, &counts, e);
	store_close(&from);
	store_close(&to);
	if (done && j->to.len) {
		buf_printf(&j->out, lang_text(e->lang, "Moved: %llu rows.\n"),
			   (unsigned long long)counts.rows);
		counts_write(j, &counts);
	} else if (done) {
		buf_text(&j->out, lang_text(e->lang, "The schema is up to date.\n"));
	}
	return done;
}

/* --- status --- */

static void status_write(struct db_job *j, const struct store_status *status)
{
	if (!j->as_json) {
		buf_printf(&j->out,
			   lang_text(j->line->lang, "%s, schema version %d, rows:\n"),
			   status->engine, status->schema);
		for (size_t i = 0; i < status->size_count; i++)
			buf_printf(&j->out, "%14lld  %s\n",
				   (long long)status->sizes[i].rows,
				   status->sizes[i].table);
		return;
	}
	buf_printf(&j->out,
		   "{\"schema\": \"db-status/v1\", \"engine\": \"%s\", \"version\": %d, "
		   "\"rows\": {",
		   status->engine, status->schema);
	for (size_t i = 0; i < status->size_count; i++)
		buf_printf(&j->out, "%s\"%s\": %lld", i ? ", " : "",
			   status->sizes[i].table, (long long)status->sizes[i].rows);
	buf_text(&j->out, "}}\n");
}

static bool db_status(struct db_job *j, struct err *e)
{
	struct store_status status;
	struct store *s = NULL;

	bool read = access_store_open(j->line->config, &s, e) &&
		    store_status_read(s, &status, e);
	store_close(&s);
	if (read)
		status_write(j, &status);
	return read;
}

static bool job_run(struct db_job *j, bool *sound_out, struct err *e)
{
	const char *verb = word(j, 0);

	if (verb && j->line->word_count <= 2) {
		if (strcmp(verb, "backup") == 0)
			return db_backup(j, e);
		if (strcmp(verb, "verify") == 0)
			return db_verify(j, sound_out, e);
		if (strcmp(verb, "restore") == 0)
			return db_restore(j, e);
		if (strcmp(verb, "migrate") == 0)
			return db_migrate(j, e);
		if (strcmp(verb, "status") == 0)
			return db_status(j, e);
	}
	return err_set(e, ERR_USAGE,
		       lang_text(e->lang, "'db' wants: backup FILE, verify [FILE], "
					  "restore FILE, migrate [--to URL], or status"));
}

int cmd_db(int argc, char **argv)
{
	size_t as_json = 0, has_to = 0;
	struct db_job job = { 0 };
	const struct cmd_option options[] = {
		{ .name = "--json", .max = 1, .count_out = &as_json },
		{ .name = "--to",
		  .value = "URL",
		  .values_out = &job.to,
		  .max = 1,
		  .count_out = &has_to },
	};
	struct cmd_line line = { .options = options, .option_count = ARRAY_LEN(options) };
	bool is_sound = true;
	int code;

	if (!cmd_line_read(&line, argc, argv, &code))
		return code;
	struct err e = { .lang = line.lang };
	job.line = &line;
	job.as_json = as_json > 0;
	buf_init(&job.out, 64 * 1024);
	code = job_run(&job, &is_sound, &e) ? cmd_print(&job.out) : cmd_fail(&e);
	if (code == EXIT_OK && !is_sound)
		code = EXIT_ACTION;
	buf_done(&job.out);
	cmd_line_done(&line);
	return code;
}
