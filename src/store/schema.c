/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bringing the schema up to date. A new database gets the last version at once; one of an
 * earlier version is moved on in place, in one transaction. What was released is never
 * edited.
 */
#include "store/schema.h"

#include "store/query.h"

enum {
	SCHEMA_TEXT_MAX = 64 * 1024,
};

/* What stands in braces in the texts. */
struct word {
	const char *name;
	const char *sqlite;
};
static const struct word words[] = {
	{ "id", "INTEGER PRIMARY KEY AUTOINCREMENT" },
	{ "int", "INTEGER" },
	{ "text", "TEXT" },
	{ "blob", "BLOB" },
	{ "end", "STRICT" },
	{ "flat", "STRICT, WITHOUT ROWID" },
	{ "fences", "INSERT INTO meta (name, value) VALUES ('fence', 0);" },
};

static struct str word_of(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_is(name, words[i].name))
			return str_from(words[i].sqlite);
	return name;
}

static void text_write(struct buf *out, struct str text)
{
	struct str rest = text, part;

	while (str_split(&rest, '{', &part)) {
		size_t close = str_find_byte(part, '}');
		bool is_first = part.data == text.data;
		if (!is_first)
			buf_str(out, word_of(str_sub(part, 0, close)));
		buf_str(out, is_first ? part : str_sub(part, close + 1, part.len));
	}
}

static bool text_run(struct store *s, const char *text, struct err *e)
{
	auto_buf struct buf sql;

	buf_init(&sql, SCHEMA_TEXT_MAX);
	text_write(&sql, str_from(text));
	if (sqlite3_exec(s->db, buf_cstr(&sql), NULL, NULL, NULL) == SQLITE_OK)
		return true;
	return sqlite_failed(s, "cannot bring the schema up to date", e);
}

static bool version_read(struct store *s, int64_t *version_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_SCHEMA_VERSION);

	if (!query_one(&q, "version", e))
		return false;
	*version_out = query_int(&q);
	return true;
}

/* Foreign keys are off meanwhile. */
static bool references_check(struct store *s, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_SCHEMA_CHECK);
	bool found = false;

	if (!query_next(&q, &found, e))
		return false;
	return !found || err_set(e, ERR_INTERNAL,
				 "the database has rows that refer to none that is "
				 "there; nothing was changed");
}

/* Inside the transaction the version is read again: another process may have been first.
 */
static bool versions_apply(struct store *s, struct err *e)
{
	int64_t version;

	if (!version_read(s, &version, e))
		return false;
	if (version == 0)
		return text_run(s, schema_version_2, e) &&
		       text_run(s, schema_version_1_kept, e) &&
		       text_run(s, "PRAGMA user_version = 2", e);
	if (version == 1)
		return text_run(s, schema_version_1_away, e) &&
		       text_run(s, schema_version_2, e) &&
		       text_run(s, schema_version_2_from_1, e) &&
		       references_check(s, e) &&
		       text_run(s, "PRAGMA user_version = 2", e);
	return true;
}

/* A table under others is made anew: references go by name meanwhile and are looked at as
 * a whole at the end. Neither can be changed inside the transaction. */
static bool versions_move(struct store *s, struct err *e)
{
	struct scope o;
	struct err again = { 0 };

	if (!text_run(s, "PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON", e))
		return false;
	bool moved = scope_open(s, &o, e) && scope_close(&o, versions_apply(s, e), e);
	if (text_run(s, "PRAGMA legacy_alter_table = OFF; PRAGMA foreign_keys = ON",
		     &again))
		return moved;
	if (moved)
		*e = again;
	return false;
}

bool schema_migrate(struct store *s, struct err *e)
{
	int64_t version;

	if (!version_read(s, &version, e))
		return false;
	if (version > SCHEMA_VERSION)
		return err_set(
			e, ERR_USAGE,
			"it was made by a later version (schema %lld, known are %d)",
			(long long)version, SCHEMA_VERSION);
	return version == SCHEMA_VERSION || versions_move(s, e);
}
