/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The SQL texts. Column lists are in the order in which rows are bound and read. */
#include "store/statements.h"

#include <stddef.h>

#define TENANT_COLUMNS "t.id, t.name, t.access_key_id, t.secret_sealed, t.created_at"

/* What a save writes; identity_bind_state binds in this order. */
#define STATE_COLUMNS                                                         \
	"dkim_status, dkim_started_at, dkim_lost_at, dkim_missed_at, "        \
	"dkim_misses, dkim_failed_at, mail_from_status, "                     \
	"mail_from_started_at, mail_from_lost_at, mail_from_missed_at, "      \
	"mail_from_misses, mail_from_failed_at, ownership_status, "           \
	"ownership_started_at, ownership_lost_at, ownership_missed_at, "      \
	"ownership_misses, ownership_failed_at, created_at, last_looked_at, " \
	"last_success_at, next_look_at, looks, error, why, full_look_at, "    \
	"failures, unknowns, watched_until, has_soa, soa_mname, soa_rname, "  \
	"soa_serial, name_servers, previous_name_servers, registered_at, "    \
	"mail_from_domain, mail_from_reject, ownership_token, ses_status, "   \
	"ses_checked_at, checked_at, verdict, findings, cost, report_hash"

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
	[SQL_SCHEMA_THERE] = "SELECT count(*) FROM information_schema.tables WHERE "
			     "table_schema = current_schema() AND table_name = 'meta'",
	[SQL_SCHEMA_CHECK] = "PRAGMA foreign_key_check",
	[SQL_SCHEMA_FIRST] = "INSERT INTO meta (name, value) VALUES ('schema', 0) "
			     "ON CONFLICT DO NOTHING",
	[SQL_SCHEMA_LOCK] = "SELECT value FROM meta WHERE name = 'schema' FOR UPDATE",
	[SQL_SCHEMA_SET] = "UPDATE meta SET value = $1 WHERE name = 'schema'",
	[SQL_META_GET] = "SELECT value FROM meta WHERE name = $1",
	[SQL_META_SET] = "UPDATE meta SET value = $1 WHERE name = $2",

	[SQL_TENANT_ADD] =
		"INSERT INTO tenant (name, access_key_id, secret_sealed, created_at, "
		"suspended_at, event_seq, version) VALUES ($1, $2, $3, $4, 0, 0, 1) "
		"RETURNING id",
	[SQL_TENANT_BY_ACCESS_KEY] =
		"SELECT " TENANT_COLUMNS " FROM tenant t WHERE access_key_id = $1",
	[SQL_TENANT_BY_TOKEN_HASH] =
		"SELECT " TENANT_COLUMNS " FROM api_token k JOIN tenant t "
		"ON t.id = k.tenant_id WHERE k.token_hash = $1",
	[SQL_API_TOKEN_ADD] =
		"INSERT INTO api_token (tenant_id, name, token_hash, scopes, created_at, "
		"expires_at, last_used_at, revoked_at) "
		"VALUES ($1, $2, $3, $4, $5, 0, 0, 0)",

	[SQL_TOKEN_ADD] = "INSERT INTO token (token, tenant_id, domain, elsewhere) "
			  "VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
	[SQL_TOKEN_AGAIN] =
		"SELECT count(*) FROM token WHERE token = $1 AND tenant_id = $2 "
		"AND domain = $3 AND elsewhere = 1",

	[SQL_IDENTITY_EXISTS] =
		"SELECT count(*) FROM identity WHERE tenant_id = $1 AND domain = $2",
	[SQL_IDENTITY_ADD] =
		"INSERT INTO identity (tenant_id, domain, token_1, token_2, token_3, "
		"key_zone, keys_elsewhere, version, " STATE_COLUMNS ") VALUES ("
		"$1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10, $11, $12, $13, "
		"$14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, "
		"$26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, "
		"$38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, "
		"$50, $51, $52, $53) RETURNING id",
	[SQL_IDENTITY_BY_DOMAIN] = "SELECT " IDENTITY_COLUMNS " FROM identity "
				   "WHERE tenant_id = $1 AND domain = $2",
	[SQL_IDENTITY_BY_ID] = "SELECT " IDENTITY_COLUMNS " FROM identity "
			       "WHERE id = $1 AND ($2 = 0 OR tenant_id = $2)",
	[SQL_IDENTITY_LIST] =
		"SELECT " IDENTITY_COLUMNS " FROM identity WHERE tenant_id = $1 "
		"AND domain > $2 ORDER BY domain LIMIT $3",
	[SQL_IDENTITY_SAVE] =
		"UPDATE identity SET version = version + 1, (" STATE_COLUMNS ") = ("
		"$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, "
		"$15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, "
		"$27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, "
		"$39, $40, $41, $42, $43, $44, $45, $46) WHERE id = $47 AND "
		"version = $48",
	[SQL_IDENTITY_HURRY] =
		"UPDATE identity SET next_look_at = $1, version = version + 1 "
		"WHERE id = $2 AND (next_look_at = 0 OR next_look_at > $1)",
	[SQL_IDENTITY_DELETE] =
		"DELETE FROM identity WHERE id = $1 AND tenant_id = $2 RETURNING domain",
	[SQL_IDENTITY_DUE] =
		"SELECT id, next_look_at FROM identity i WHERE next_look_at > 0 "
		"AND next_look_at <= $1 AND (created_at <= $1 - $2 OR NOT EXISTS "
		"(SELECT 1 FROM key_wanted w WHERE w.identity_id = i.id UNION ALL "
		"SELECT 1 FROM key k WHERE k.identity_id = i.id AND k.published_at = 0)) "
		"ORDER BY next_look_at LIMIT $3",
	[SQL_IDENTITY_NEXT_DUE] = "SELECT coalesce(min(next_look_at), 0) FROM identity "
				  "WHERE next_look_at > 0 AND next_look_at > $1",
	[SQL_IDENTITY_RIVAL] = "SELECT count(*) FROM identity WHERE domain = $1 "
			       "AND tenant_id <> $2 AND dkim_status IN (2, 4)",

	[SQL_SENDER_ADD] = "INSERT INTO sender (identity_id, address, created_at) "
			   "VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
	[SQL_SENDER_LIST] = "SELECT address FROM sender WHERE identity_id = $1 ORDER BY "
			    "address LIMIT $2",

	[SQL_EVENT_SEQ] = "UPDATE tenant SET event_seq = event_seq + 1 WHERE id = $1 "
			  "RETURNING event_seq",
	[SQL_EVENT_ADD] = "INSERT INTO event (uid, tenant_id, seq, identity_id, domain, "
			  "at_s, kind, "
			  "aspect, from_status, to_status, detail) "
			  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
	[SQL_EVENT_LIST] = "SELECT " EVENT_COLUMNS " FROM event WHERE identity_id = $1 "
			   "AND tenant_id = $2 ORDER BY id DESC LIMIT $3",
	[SQL_EVENT_LIST_TENANT] =
		"SELECT " EVENT_COLUMNS " FROM event WHERE tenant_id = $1 "
		"ORDER BY id DESC LIMIT $2",

	[SQL_FENCE_TAKE] = "UPDATE meta SET value = value + 1 WHERE name = 'fence' "
			   "RETURNING value",
	[SQL_REPORT_READ] = "SELECT at_s, body FROM report WHERE identity_id = $1",
	[SQL_REPORT_WRITE] =
		"INSERT INTO report (identity_id, at_s, body) VALUES ($1, $2, $3) "
		"ON CONFLICT (identity_id) DO UPDATE SET at_s = excluded.at_s, "
		"body = excluded.body",
	[SQL_LOOK_ADD] =
		"INSERT INTO look (identity_id, at_s, why, verdict, cost, detail) "
		"VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
	[SQL_LOOK_TRIM] = "DELETE FROM look WHERE identity_id = $1 AND id < "
			  "(SELECT id FROM look WHERE identity_id = $1 "
			  "ORDER BY id DESC LIMIT 1 OFFSET $2)",
	[SQL_LOOK_LIST] =
		"SELECT id, identity_id, at_s, why, verdict, cost, detail FROM look "
		"WHERE identity_id = $1 ORDER BY id DESC LIMIT $2",

	[SQL_KEY_ADD] =
		"INSERT INTO key (identity_id, selector, private_sealed, public_der, "
		"published_at, revoked_at, generation) "
		"VALUES (0, '', $1, $2, 0, 0, 0)",
	[SQL_KEY_POOL_SIZE] = "SELECT count(*) FROM key WHERE identity_id = 0",
	[SQL_KEY_TAKE] = "SELECT coalesce(min(id), 0) FROM key WHERE identity_id = 0",
	[SQL_KEY_BIND] = "UPDATE key SET identity_id = $1, selector = $2, generation = "
			 "(SELECT value FROM meta WHERE name = 'key_generation') "
			 "WHERE id = $3 AND identity_id = 0",
	[SQL_KEY_WANT] = "INSERT INTO key_wanted (identity_id, selector) VALUES ($1, $2)",
	[SQL_KEY_SERVED] =
		"DELETE FROM key_wanted WHERE identity_id = $1 AND selector = $2",
	[SQL_KEY_MISSING] = "SELECT 0, identity_id, selector, '', '', 0, 0 "
			    "FROM key_wanted ORDER BY identity_id LIMIT $1",
	[SQL_KEY_FIND] = "SELECT " KEY_COLUMNS
			 " FROM key WHERE identity_id = $1 AND selector = $2",
	[SQL_KEY_EACH] =
		"SELECT id, identity_id, selector, '', public_der, published_at, "
		"revoked_at FROM key WHERE identity_id <> 0 AND selector > $1 "
		"ORDER BY selector LIMIT $2",
	[SQL_KEY_REVOKE] =
		"UPDATE key SET revoked_at = $1, private_sealed = $2, generation = "
		"(SELECT value FROM meta WHERE name = 'key_generation') "
		"WHERE identity_id = $3 AND revoked_at = 0",
	[SQL_KEY_GENERATION_GROW] =
		"UPDATE meta SET value = value + 1 WHERE name = 'key_generation'",
	[SQL_KEY_PUBLISHED] = "UPDATE key SET published_at = $1 WHERE identity_id <> 0 "
			      "AND published_at = 0 AND generation <= $2",
	[SQL_ZONE_SERIAL_GROW] =
		"UPDATE meta SET value = CASE WHEN value + 1 > $1 THEN value + 1 ELSE $1 "
		"END WHERE name = 'zone_serial' RETURNING value",

	[SQL_MESSAGE_HELD_COUNT] =
		"SELECT count(*) FROM (SELECT 1 FROM message WHERE state = 0 "
		"AND tenant_id = $1 LIMIT $2) AS held",
	[SQL_MESSAGE_HELD_OF_IDENTITY] =
		"SELECT count(*) FROM message WHERE identity_id = $1 AND state = 0",
	[SQL_MESSAGE_ADD] =
		"INSERT INTO message (message_id, tenant_id, identity_id, state, "
		"sender, recipients, created_at, next_try_at, tries, last_reply, "
		"content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
		"RETURNING id",
	[SQL_MESSAGE_RELEASE] = "UPDATE message SET state = 1, next_try_at = $1 "
				"WHERE identity_id = $2 AND state = 0",
	[SQL_MESSAGE_FAIL_IDENTITY] =
		"UPDATE message SET state = 3, content = $1, last_reply = $2 "
		"WHERE identity_id = $3 AND state IN (0, 1)",
	[SQL_MESSAGE_NEXT] = "SELECT " MESSAGE_COLUMNS " " MESSAGES_AT_THE_HEAD
			     " AND m.next_try_at <= $1 ORDER BY m.id LIMIT 1",
	[SQL_MESSAGE_NEXT_DUE] =
		"SELECT coalesce(min(m.next_try_at), 0) " MESSAGES_AT_THE_HEAD,
	[SQL_MESSAGE_SAVE] =
		"UPDATE message SET state = $1, next_try_at = $2, tries = $3, "
		"last_reply = $4, content = CASE WHEN $1 IN (2, 3) THEN $5 ELSE content "
		"END "
		"WHERE id = $6 AND state = 1",

	[SQL_COUNT_IDENTITIES] =
		"SELECT dkim_status, count(*) FROM identity GROUP BY dkim_status",
	[SQL_COUNT_MESSAGES] = "SELECT state, count(*) FROM message GROUP BY state",
	[SQL_COUNT_DUE] = "SELECT count(*) FROM identity WHERE next_look_at > 0 "
			  "AND next_look_at <= $1",
};

const char *sql_text(enum sql sql, enum engine_kind engine)
{
	const char *other = engine == ENGINE_POSTGRES ? sql_text_postgres(sql) : NULL;

	return other ? other : texts[sql];
}
