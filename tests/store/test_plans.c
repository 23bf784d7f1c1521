/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * No statement reads a whole table where many wait for its answer. SQLite says how it
 * would run each; PostgreSQL, which runs the same text over the same indexes, is told to
 * read no table while there is one (enable_seqscan = off).
 */
#include <sqlite3.h>
#include <string.h>

#include "fixture.h"
#include "store/query.h"
#include "store/statements.h"

/* What may read all of something, and why: the beginning of the plan's line. */
static const struct {
	enum sql sql;
	const char *line;
} allowed[] = {
	/* Once in a tenant's life. */
	{ SQL_TENANT_DROP_MESSAGES, "SCAN message" },
	/* All that there are is the answer; the tenants are few. */
	{ SQL_EVENT_HEADS, "SCAN tenant" },
	{ SQL_DELIVERY_COUNTS, "SCAN delivery USING INDEX delivery_due" },
	{ SQL_COUNT_IDENTITIES, "SCAN identity" },
	{ SQL_COUNT_MESSAGES, "SCAN message USING COVERING INDEX message_state" },
	/* The numbers that were asked for. */
	{ SQL_IDENTITY_LOCK_OF, "SCAN json_each" },
	{ SQL_IDENTITY_HOLD, "SCAN json_each" },
	{ SQL_MESSAGE_RELEASE_OF, "SCAN json_each" },
	{ SQL_LEASE_END_OF, "SCAN json_each" },
	/* An index with only what the statement is after, or in its order. */
	{ SQL_DELIVERY_CLAIM, "SCAN tenant USING INDEX tenant_suspended" },
	{ SQL_DELIVERY_NEXT_DUE, "SCAN tenant USING INDEX tenant_suspended" },
	{ SQL_DELIVERY_NEXT_DUE, "SCAN delivery USING INDEX delivery_due" },
	{ SQL_DELIVERY_NEXT_DUE, "SCAN CONSTANT ROW" },
	{ SQL_LEASE_IDENTITIES_OF, "SCAN json_each" },
	{ SQL_LEASE_IDENTITIES_OF, "SCAN CONSTANT ROW" },
	{ SQL_COUNT_DUE, "SCAN CONSTANT ROW" },
	{ SQL_KEY_CHANGED, "SCAN key USING INDEX key_changed" },
	{ SQL_KEY_CHANGED, "SCAN changed" },
	{ SQL_KEY_STAMP, "SCAN key USING INDEX key_changed" },
	/* A table with only what waits, or a subquery with a LIMIT. */
	{ SQL_KEY_MISSING, "SCAN key_wanted" },
	{ SQL_MESSAGE_HELD_COUNT, "SCAN held" },
	{ SQL_RETAIN_OLDEST, "SCAN b" },
	/* As many rows as there is work under way, or nodes. */
	{ SQL_LEASE_CLEAR_NODE, "SCAN lease" },
	{ SQL_LEASE_CLEAR_NAME, "SCAN lease" },
	{ SQL_LEASE_CLEAR_NAME, "SCAN node" },
	{ SQL_NODE_LIST, "SCAN node" },
	{ SQL_NODE_REMOVE_NAME, "SCAN node" },
	{ SQL_PRUNE_LEASE, "SCAN lease" },
};

static bool is_allowed(enum sql sql, const char *line)
{
	if (sql >= SQL_CHECK_FILE && sql <= SQL_CHECK_DELIVERIES) /* `unpend db verify` */
		return true;
	for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
		if (allowed[i].sql == sql &&
		    strncmp(line, allowed[i].line, strlen(allowed[i].line)) == 0)
			return true;
	return false;
}

static sqlite3 *database_open(const struct place *p)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(p->url + strlen("sqlite:"), &db), SQLITE_OK);
	return db;
}

/* The lines of the plan of sql, or of text if that is given, that must not be there. */
static size_t whole_reads(sqlite3 *db, enum sql sql, const char *text)
{
	char *question = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", text);
	sqlite3_stmt *plan = NULL;
	size_t found = 0;

	if (sqlite3_prepare_v2(db, question, -1, &plan, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sqlite3_errmsg(db), text);
	while (sqlite3_step(plan) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(plan, 3);
		if (strncmp(line, "SCAN ", 5) != 0 || is_allowed(sql, line))
			continue;
		print_message("%s: %s\n", line, text);
		found++;
	}
	sqlite3_finalize(plan);
	sqlite3_free(question);
	return found;
}

static bool can_be_planned(const char *text)
{
	static const char *const verbs[] = { "SELECT", "INSERT", "UPDATE", "DELETE",
					     "WITH" };
	for (size_t i = 0; text && i < sizeof verbs / sizeof *verbs; i++)
		if (strncmp(text, verbs[i], strlen(verbs[i])) == 0)
			return true;
	return false;
}

static void none_reads_a_whole_table(void **state)
{
	sqlite3 *db = database_open(*state);
	size_t planned = 0;
	size_t found = 0;

	/* Those before it are about the connection and the schema. */
	for (enum sql sql = SQL_META_GET; sql < SQL_COUNT; sql++) {
		const char *text = sql_text(sql, ENGINE_SQLITE);
		if (!can_be_planned(text))
			continue;
		planned++;
		found += whole_reads(db, sql, text);
	}
	assert_int_equal(found, 0);
	assert_true(planned > 100);
	sqlite3_close(db);
}

static void a_whole_read_is_seen(void **state)
{
	sqlite3 *db = database_open(*state);

	const char *text = "SELECT id FROM identity WHERE cost = $1";

	assert_int_equal(whole_reads(db, SQL_COUNT, text), 1);
	sqlite3_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(none_reads_a_whole_table, place_make,
						place_remove),
		cmocka_unit_test_setup_teardown(a_whole_read_is_seen, place_make,
						place_remove),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
