/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The SQL texts. Column lists are in the order in which rows are bound and read. */
#include "store/statements.h"

#define TENANT_COLUMNS "id, name, access_key_id, secret_sealed, token_hash, created_at"

/* What a save writes; identity_bind_state binds in this order. */
#define STATE_COLUMNS                                                                   \
	"dkim_status, dkim_started_at, dkim_lost_at, dkim_missed_at, dkim_misses, "     \
	"mail_from_status, mail_from_started_at, mail_from_lost_at, "                   \
	"mail_from_missed_at, "                                                         \
	"mail_from_misses, ownership_status, ownership_started_at, ownership_lost_at, " \
	"ownership_missed_at, ownership_misses, created_at, last_looked_at, "           \
	"last_success_at, next_look_at, looks, error, has_soa, soa_mname, soa_rname, "  \
	"soa_serial, ses_status, ses_checked_at, checked_at, report"

#define IDENTITY_COLUMNS                                                               \
	"id, tenant_id, domain, token_1, token_2, token_3, key_zone, keys_elsewhere, " \
	"version, " STATE_COLUMNS

#define KEY_COLUMNS                                                             \
	"id, identity_id, selector, private_sealed, public_der, published_at, " \
	"revoked_at"

#define MESSAGE_COLUMNS                                                       \
	"id, message_id, tenant_id, identity_id, state, sender, recipients, " \
	"created_at, "                                                        \
	"next_try_at, tries, last_reply, content"

#define EVENT_COLUMNS "id, identity_id, at_s, kind, aspect, from_status, to_status"

/* Queued messages that may go: no older one of the identity goes first. One that the
 * relay has put off three times holds the others no longer. */
#define MESSAGES_AT_THE_HEAD                                                        \
	"FROM message m WHERE m.state = 1 AND NOT EXISTS (SELECT 1 FROM message o " \
	"WHERE o.state = 1 AND o.identity_id = m.identity_id AND o.id < m.id "      \
	"AND o.tries < 3)"

static const char *const texts[SQL_COUNT] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_SAVEPOINT] = "SAVEPOINT part",
	[SQL_RELEASE] = "RELEASE part",
	[SQL_ROLLBACK_TO] = "ROLLBACK TO part",
	[SQL_READY] = "UPDATE meta SET value = value + 1 WHERE name = 'ready'",
	[SQL_SCHEMA_VERSION] = "PRAGMA user_version",
	[SQL_META_GET] = "SELECT value FROM meta WHERE name = ?",
	[SQL_META_SET] = "UPDATE meta SET value = ? WHERE name = ?",

	[SQL_TENANT_ADD] =
		"INSERT INTO tenant (name, access_key_id, secret_sealed, token_hash, "
		"created_at) VALUES (?, ?, ?, ?, ?)",
	[SQL_TENANT_BY_ACCESS_KEY] =
		"SELECT " TENANT_COLUMNS " FROM tenant WHERE access_key_id = ?",
	[SQL_TENANT_BY_TOKEN_HASH] =
		"SELECT " TENANT_COLUMNS " FROM tenant WHERE token_hash = ?",

	[SQL_TOKEN_ADD] = "INSERT INTO token (token, tenant_id, domain, elsewhere) "
			  "VALUES (?, ?, ?, ?)",
	[SQL_TOKEN_AGAIN] =
		"SELECT count(*) FROM token WHERE token = ? AND tenant_id = ? "
		"AND domain = ? AND elsewhere = 1",

	[SQL_IDENTITY_EXISTS] =
		"SELECT count(*) FROM identity WHERE tenant_id = ? AND domain = ?",
	[SQL_IDENTITY_ADD] = "INSERT INTO identity (tenant_id, domain, token_1, token_2, "
			     "token_3, key_zone, "
			     "keys_elsewhere, version, " STATE_COLUMNS
			     ") VALUES (?, ?, ?, ?, ?, ?, ?, 1, "
			     "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
			     "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[SQL_IDENTITY_BY_DOMAIN] = "SELECT " IDENTITY_COLUMNS " FROM identity "
				   "WHERE tenant_id = ? AND domain = ?",
	[SQL_IDENTITY_BY_ID] = "SELECT " IDENTITY_COLUMNS " FROM identity "
			       "WHERE id = ?1 AND (?2 = 0 OR tenant_id = ?2)",
	[SQL_IDENTITY_LIST] =
		"SELECT " IDENTITY_COLUMNS " FROM identity WHERE tenant_id = ? "
		"AND domain > ? ORDER BY domain LIMIT ?",
	[SQL_IDENTITY_SAVE] =
		"UPDATE identity SET version = version + 1, (" STATE_COLUMNS ") = "
		"(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
		"?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ? AND version = ?",
	[SQL_IDENTITY_HURRY] =
		"UPDATE identity SET next_look_at = ?1, version = version + 1 "
		"WHERE id = ?2 AND (next_look_at = 0 OR next_look_at > ?1)",
	[SQL_IDENTITY_DELETE] = "DELETE FROM identity WHERE id = ? AND tenant_id = ?",
	[SQL_IDENTITY_DUE] =
		"SELECT id, next_look_at FROM identity i WHERE next_look_at > 0 "
		"AND next_look_at <= ?1 AND (created_at <= ?1 - ?2 OR NOT EXISTS "
		"(SELECT 1 FROM key_wanted w WHERE w.identity_id = i.id UNION ALL "
		"SELECT 1 FROM key k WHERE k.identity_id = i.id AND k.published_at = 0)) "
		"ORDER BY next_look_at LIMIT ?3",
	[SQL_IDENTITY_NEXT_DUE] = "SELECT ifnull(min(next_look_at), 0) FROM identity "
				  "WHERE next_look_at > 0 AND next_look_at > ?",
	[SQL_IDENTITY_RIVAL] = "SELECT count(*) FROM identity WHERE domain = ? "
			       "AND tenant_id <> ? AND dkim_status IN (2, 4)",

	[SQL_SENDER_ADD] = "INSERT INTO sender (identity_id, address, created_at) "
			   "VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
	[SQL_SENDER_LIST] = "SELECT address FROM sender WHERE identity_id = ? ORDER BY "
			    "address LIMIT ?",

	[SQL_EVENT_ADD] =
		"INSERT INTO event (tenant_id, identity_id, at_s, kind, aspect, "
		"from_status, to_status) VALUES (?, ?, ?, ?, ?, ?, ?)",
	[SQL_EVENT_LIST] = "SELECT " EVENT_COLUMNS " FROM event WHERE identity_id = ? "
			   "AND tenant_id = ? ORDER BY id DESC LIMIT ?",
	[SQL_EVENT_LIST_TENANT] =
		"SELECT " EVENT_COLUMNS " FROM event WHERE tenant_id = ? "
		"ORDER BY id DESC LIMIT ?",

	[SQL_KEY_ADD] =
		"INSERT INTO key (identity_id, selector, private_sealed, public_der, "
		"published_at, revoked_at, generation) "
		"VALUES (0, '', ?, ?, 0, 0, 0)",
	[SQL_KEY_POOL_SIZE] = "SELECT count(*) FROM key WHERE identity_id = 0",
	[SQL_KEY_TAKE] = "SELECT min(id) FROM key WHERE identity_id = 0",
	[SQL_KEY_BIND] = "UPDATE key SET identity_id = ?, selector = ?, generation = "
			 "(SELECT value FROM meta WHERE name = 'key_generation') "
			 "WHERE id = ? AND identity_id = 0",
	[SQL_KEY_WANT] = "INSERT INTO key_wanted (identity_id, selector) VALUES (?, ?)",
	[SQL_KEY_SERVED] =
		"DELETE FROM key_wanted WHERE identity_id = ? AND selector = ?",
	[SQL_KEY_MISSING] = "SELECT 0, identity_id, selector, x'', x'', 0, 0 "
			    "FROM key_wanted ORDER BY identity_id LIMIT ?",
	[SQL_KEY_FIND] =
		"SELECT " KEY_COLUMNS " FROM key WHERE identity_id = ? AND selector = ?",
	[SQL_KEY_EACH] =
		"SELECT id, identity_id, selector, x'', public_der, published_at, "
		"revoked_at FROM key WHERE identity_id <> 0 ORDER BY selector",
	[SQL_KEY_REVOKE] =
		"UPDATE key SET revoked_at = ?, private_sealed = x'', generation = "
		"(SELECT value FROM meta WHERE name = 'key_generation') "
		"WHERE identity_id = ? AND revoked_at = 0",
	[SQL_KEY_GENERATION_GROW] =
		"UPDATE meta SET value = value + 1 WHERE name = 'key_generation'",
	[SQL_KEY_PUBLISHED] = "UPDATE key SET published_at = ? WHERE identity_id <> 0 "
			      "AND published_at = 0 AND generation <= ?",
	[SQL_ZONE_SERIAL_GROW] = "UPDATE meta SET value = max(value + 1, ?) "
				 "WHERE name = 'zone_serial'",

	[SQL_MESSAGE_HELD_COUNT] =
		"SELECT count(*) FROM (SELECT 1 FROM message WHERE state = 0 "
		"AND tenant_id = ? LIMIT ?)",
	[SQL_MESSAGE_HELD_OF_IDENTITY] =
		"SELECT count(*) FROM message WHERE identity_id = ? AND state = 0",
	[SQL_MESSAGE_ADD] =
		"INSERT INTO message (message_id, tenant_id, identity_id, state, "
		"sender, recipients, created_at, next_try_at, tries, last_reply, "
		"content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[SQL_MESSAGE_RELEASE] = "UPDATE message SET state = 1, next_try_at = ? "
				"WHERE identity_id = ? AND state = 0",
	[SQL_MESSAGE_FAIL_IDENTITY] =
		"UPDATE message SET state = 3, content = x'', last_reply = ? "
		"WHERE identity_id = ? AND state IN (0, 1)",
	[SQL_MESSAGE_NEXT] = "SELECT " MESSAGE_COLUMNS " " MESSAGES_AT_THE_HEAD
			     " AND m.next_try_at <= ? ORDER BY m.id LIMIT 1",
	[SQL_MESSAGE_NEXT_DUE] =
		"SELECT ifnull(min(m.next_try_at), 0) " MESSAGES_AT_THE_HEAD,
	[SQL_MESSAGE_SAVE] =
		"UPDATE message SET state = ?1, next_try_at = ?2, tries = ?3, "
		"last_reply = ?4, content = iif(?1 IN (2, 3), x'', content) "
		"WHERE id = ?5 AND state = 1",

	[SQL_COUNT_IDENTITIES] =
		"SELECT dkim_status, count(*) FROM identity GROUP BY dkim_status",
	[SQL_COUNT_MESSAGES] = "SELECT state, count(*) FROM message GROUP BY state",
	[SQL_COUNT_DUE] = "SELECT count(*) FROM identity WHERE next_look_at > 0 "
			  "AND next_look_at <= ?",
};

const char *sql_text(enum sql sql)
{
	return texts[sql];
}
