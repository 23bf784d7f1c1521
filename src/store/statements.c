/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The SQL texts. Column lists are in the order in which rows are bound and read. */
#include "store/statements.h"

#include "store/identity_sql.h"
#include "store/lease_sql.h"

#include <stddef.h>

#include "store/table.h"

#define TENANT_COLUMNS                                                       \
	"id, name, access_key_id, secret_sealed, created_at, suspended_at, " \
	"version"

#define API_TOKEN_COLUMNS                                                   \
	"id, tenant_id, name, token_hash, scopes, created_at, expires_at, " \
	"last_used_at, revoked_at"

#define SHARE_COLUMNS                                                      \
	"id, tenant_id, identity_id, token_hash, created_at, expires_at, " \
	"last_used_at"

#define KEY_COLUMNS                                                             \
	"id, identity_id, selector, private_sealed, public_der, published_at, " \
	"revoked_at"

#define MESSAGE_COLUMNS                                                       \
	"id, message_id, tenant_id, identity_id, state, sender, recipients, " \
	"created_at, "                                                        \
	"next_try_at, tries, last_reply, content"

#define EVENT_COLUMNS                                                        \
	"id, uid, tenant_id, seq, identity_id, domain, at_s, kind, aspect, " \
	"from_status, to_status, detail"

#define WEBHOOK_KEYS                                                \
	"url, kinds, secret_sealed, old_secret_sealed, old_until, " \
	"signing_key_sealed, public_key"

#define DELIVERY_INSERT                                                        \
	"INSERT INTO delivery (webhook_id, tenant_id, event_id, identity_id, " \
	"seq, state, tries, next_try_at, last_status, last_reply, "            \
	"created_at, done_at) "

/* What waits for their webhooks stays until they are resumed. */
#define TENANTS_SUSPENDED "SELECT id FROM tenant WHERE suspended_at > 0"

#define DELIVERY_COLUMNS                                                        \
	"d.id, d.webhook_id, d.tenant_id, d.event_id, d.identity_id, d.state, " \
	"d.tries, d.next_try_at, d.last_status, d.last_reply, d.created_at, "   \
	"d.done_at, v.uid, v.seq, v.domain, v.at_s, v.kind, v.aspect, "         \
	"v.from_status, v.to_status, v.detail "                                 \
	"FROM delivery d JOIN event v ON v.id = d.event_id"

/* As query_bind_ints writes them. */
#define ONE_OF(numbers) "IN (SELECT value FROM json_each(" numbers "))"

/* Words separated by blanks; none: all. */
#define KINDS_HOLD(kinds, kind) \
	"(" kinds " = '' OR ' ' || " kinds " || ' ' LIKE '% ' || " kind " || ' %')"

static const char *const texts[SQL_COUNT] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_BEGIN_SNAPSHOT] = "BEGIN",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_SAVEPOINT] = "SAVEPOINT part",
	[SQL_RELEASE] = "RELEASE part",
	[SQL_ROLLBACK_TO] = "ROLLBACK TO part",
	[SQL_READY] = "UPDATE meta SET value = value + 1 WHERE name = 'ready'",
	[SQL_NOTIFY] = "SELECT pg_notify('unpend', $1)",
	[SQL_DATA_VERSION] = "PRAGMA data_version",
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
	[SQL_TENANT_BY_ID] = "SELECT " TENANT_COLUMNS " FROM tenant WHERE id = $1",
	[SQL_TENANT_BY_NAME] = "SELECT " TENANT_COLUMNS " FROM tenant WHERE name = $1",
	[SQL_TENANT_BY_ACCESS_KEY] =
		"SELECT " TENANT_COLUMNS " FROM tenant WHERE access_key_id = $1",
	[SQL_TENANT_LIST] = "SELECT " TENANT_COLUMNS " FROM tenant WHERE id > $1 "
			    "ORDER BY id LIMIT $2",
	[SQL_TENANT_SAVE] = "UPDATE tenant SET suspended_at = $1, version = version + 1 "
			    "WHERE id = $2 AND version = $3",
	[SQL_TENANT_HAS_IDENTITIES] =
		"SELECT 1 FROM identity WHERE tenant_id = $1 LIMIT 1",
	[SQL_TENANT_DROP_TOKENS] = "DELETE FROM api_token WHERE tenant_id = $1",
	[SQL_TENANT_DROP_WEBHOOKS] = "DELETE FROM webhook WHERE tenant_id = $1",
	[SQL_TENANT_DROP_MESSAGES] = "DELETE FROM message WHERE tenant_id = $1",
	[SQL_TENANT_DROP_EVENTS] = "DELETE FROM event WHERE tenant_id = $1",
	[SQL_TENANT_DROP_ANSWERS] = "DELETE FROM idempotency WHERE tenant_id = $1",
	[SQL_TENANT_DELETE] = "DELETE FROM tenant WHERE id = $1",
	[SQL_TENANT_HOLD] = "SELECT event_seq FROM tenant WHERE id = $1",

	[SQL_API_TOKEN_COUNT] = "SELECT count(*) FROM api_token WHERE tenant_id = $1",
	[SQL_API_TOKEN_ADD] =
		"INSERT INTO api_token (tenant_id, name, token_hash, scopes, created_at, "
		"expires_at, last_used_at, revoked_at) "
		"VALUES ($1, $2, $3, $4, $5, $6, 0, 0) RETURNING id",
	[SQL_API_TOKEN_BY_HASH] =
		"SELECT " API_TOKEN_COLUMNS " FROM api_token WHERE token_hash = $1",
	[SQL_API_TOKEN_LIST] =
		"SELECT " API_TOKEN_COLUMNS " FROM api_token WHERE tenant_id = $1 "
		"ORDER BY id LIMIT $2",
	[SQL_API_TOKEN_GOOD] =
		"SELECT 1 FROM api_token t JOIN tenant n ON n.id = t.tenant_id "
		"WHERE t.id = $1 AND t.revoked_at = 0 "
		"AND (t.expires_at = 0 OR t.expires_at > $2) AND n.suspended_at = 0",
	[SQL_API_TOKEN_REVOKE] =
		"UPDATE api_token SET revoked_at = CASE WHEN revoked_at = 0 THEN $1 "
		"ELSE revoked_at END WHERE id = $2 AND tenant_id = $3",
	[SQL_API_TOKEN_USED] = "UPDATE api_token SET last_used_at = $1 WHERE id = $2 "
			       "AND last_used_at < $1",

	[SQL_SHARE_DROP_EXPIRED] =
		"DELETE FROM share WHERE identity_id = $1 AND expires_at <= $2",
	[SQL_SHARE_COUNT] = "SELECT count(*) FROM share WHERE identity_id = $1",
	[SQL_SHARE_ADD] =
		"INSERT INTO share (tenant_id, identity_id, token_hash, created_at, "
		"expires_at, last_used_at) VALUES ($1, $2, $3, $4, $5, 0) RETURNING id",
	[SQL_SHARE_BY_HASH] = "SELECT " SHARE_COLUMNS " FROM share WHERE token_hash = $1",
	[SQL_SHARE_LIST] = "SELECT " SHARE_COLUMNS " FROM share WHERE identity_id = $1 "
			   "ORDER BY id LIMIT $2",
	[SQL_SHARE_DELETE] = "DELETE FROM share WHERE id = $1 AND identity_id = $2",
	[SQL_SHARE_USED] = "UPDATE share SET last_used_at = $1 WHERE id = $2 "
			   "AND last_used_at < $1",

	/* PostgreSQL waits here for another transaction that has the name. */
	[SQL_ANSWER_BEGIN] =
		"INSERT INTO idempotency (tenant_id, name, request_hash, status, body, "
		"created_at) VALUES ($1, $2, $3, 0, '', $4) "
		"ON CONFLICT (tenant_id, name) DO UPDATE SET "
		"request_hash = excluded.request_hash, status = 0, body = '', "
		"created_at = excluded.created_at WHERE idempotency.created_at <= $5",
	[SQL_ANSWER_GET] =
		"SELECT request_hash, status, body, created_at FROM idempotency "
		"WHERE tenant_id = $1 AND name = $2 AND created_at > $3",
	[SQL_ANSWER_END] =
		"UPDATE idempotency SET status = $1, body = $2 WHERE tenant_id = $3 "
		"AND name = $4",

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
		"$50, $51, $52, $53, $54, $55) RETURNING id",
	[SQL_IDENTITY_BY_DOMAIN] = "SELECT " IDENTITY_COLUMNS " FROM identity "
				   "WHERE tenant_id = $1 AND domain = $2",
	[SQL_IDENTITY_BY_ID] = "SELECT " IDENTITY_COLUMNS " FROM identity "
			       "WHERE id = $1 AND ($2 = 0 OR tenant_id = $2)",
	[SQL_IDENTITY_LOCK_OF] = SQL_IDENTITY_LOCK_OF_TEXT(ONE_OF("$1"), ""),
	[SQL_IDENTITY_HOLD] = SQL_IDENTITY_HOLD_TEXT(IDENTITY_COLUMNS, ONE_OF("$1")),
	[SQL_IDENTITY_LIST] =
		"SELECT " IDENTITY_COLUMNS " FROM identity WHERE tenant_id = $1 "
		"AND domain > $2 ORDER BY domain LIMIT $3",
	[SQL_IDENTITY_SAVE] =
		"UPDATE identity SET version = version + 1, (" STATE_COLUMNS ") = ("
		"$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, "
		"$15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, "
		"$27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, "
		"$39, $40, $41, $42, $43, $44, $45, $46, $47, $48) WHERE id = $49 AND "
		"version = $50",
	[SQL_IDENTITY_DELETE] =
		"DELETE FROM identity WHERE id = $1 AND tenant_id = $2 RETURNING domain",
	[SQL_IDENTITY_NEXT_DUE] = "SELECT coalesce(min(next_look_at), 0) FROM identity "
				  "WHERE next_look_at > 0 AND glance = 0 "
				  "AND next_look_at > $1",
	[SQL_GLANCE_LIST] =
		"SELECT id, domain, token_1, token_2, token_3, key_zone, next_look_at, "
		"full_look_at, why, mail_from_domain, ownership_token FROM identity "
		"WHERE glance = 1 AND next_look_at <= $1 AND (next_look_at, id) > ($2, "
		"$3) "
		"ORDER BY next_look_at, id LIMIT $4",
	[SQL_GLANCE_NEXT_DUE] = "SELECT coalesce(min(next_look_at), 0) FROM identity "
				"WHERE glance = 1 AND (next_look_at, id) > ($1, $2)",
	/* Not the version: who changes the row meanwhile shall not fail for this. */
	[SQL_GLANCE_RIGHT] =
		"UPDATE identity SET next_look_at = $1, glance = $2, why = $3, "
		"last_looked_at = $4, last_success_at = $4, unclear = 0 "
		"WHERE id = $5 AND glance = 1 AND next_look_at = $6",
	[SQL_GLANCE_PUT_OFF] = "UPDATE identity SET next_look_at = $1, glance = $2, "
			       "why = $3 WHERE id = $4 AND glance = 1 "
			       "AND next_look_at = $5",
	[SQL_GLANCE_UNCLEAR] =
		"UPDATE identity SET next_look_at = $1, full_look_at = $1, glance = 0, "
		"unclear = unclear + 1, version = version + 1 WHERE id = $2 "
		"AND glance = 1 AND next_look_at = $3",
	[SQL_IDENTITY_RIVAL] = "SELECT count(*) FROM identity WHERE domain = $1 "
			       "AND tenant_id <> $2 AND dkim_status IN (2, 4)",

	[SQL_SENDER_ADD] = "INSERT INTO sender (identity_id, address, created_at) "
			   "VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
	[SQL_SENDER_LIST] = "SELECT address FROM sender WHERE identity_id = $1 ORDER BY "
			    "address LIMIT $2",

	[SQL_EVENT_SEQ] = "UPDATE tenant SET event_seq = event_seq + 1 WHERE id = $1 "
			  "RETURNING event_seq",
	[SQL_EVENT_ADD] =
		"INSERT INTO event (uid, tenant_id, seq, identity_id, domain, at_s, "
		"kind, aspect, from_status, to_status, detail) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id",
	[SQL_EVENT_LIST] = "SELECT " EVENT_COLUMNS " FROM event WHERE identity_id = $1 "
			   "AND tenant_id = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4",
	[SQL_EVENT_LIST_TENANT] =
		"SELECT " EVENT_COLUMNS " FROM event WHERE tenant_id = $1 AND seq < $2 "
		"ORDER BY seq DESC LIMIT $3",
	[SQL_EVENT_AFTER] =
		"SELECT " EVENT_COLUMNS " FROM event WHERE tenant_id = $1 AND seq > $2 "
		"AND (CAST($3 AS BIGINT) = 0 OR identity_id = $3) "
		"ORDER BY seq LIMIT $4",
	[SQL_EVENT_BEFORE] = "SELECT coalesce((SELECT min(v.seq) - 1 FROM event v "
			     "WHERE v.tenant_id = t.id AND v.at_s >= $1), t.event_seq) "
			     "FROM tenant t WHERE t.id = $2",
	[SQL_EVENT_HEADS] = "SELECT id, name, event_seq FROM tenant WHERE event_seq > 0 "
			    "ORDER BY id",

	[SQL_WEBHOOK_COUNT] = "SELECT count(*) FROM webhook WHERE tenant_id = $1",
	[SQL_WEBHOOK_ADD] =
		"INSERT INTO webhook (tenant_id, " WEBHOOK_KEYS ", created_at, "
		"disabled_at, disabled_why, failing_since, last_status, last_at, "
		"version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, '', 0, 0, 0, 1) "
		"RETURNING id",
	[SQL_WEBHOOK_GET] =
		"SELECT id, tenant_id, " WEBHOOK_KEYS ", created_at, disabled_at, "
		"disabled_why, failing_since, last_status, last_at, version "
		"FROM webhook WHERE id = $1 AND (CAST($2 AS BIGINT) = 0 "
		"OR tenant_id = $2)",
	[SQL_WEBHOOK_LIST] =
		"SELECT id, tenant_id, " WEBHOOK_KEYS ", created_at, disabled_at, "
		"disabled_why, failing_since, last_status, last_at, version "
		"FROM webhook WHERE tenant_id = $1 ORDER BY id LIMIT $2",
	[SQL_WEBHOOK_SAVE] =
		"UPDATE webhook SET url = $1, kinds = $2, secret_sealed = $3, "
		"old_secret_sealed = $4, old_until = $5, signing_key_sealed = $6, "
		"public_key = $7, disabled_at = $8, disabled_why = $9, "
		"failing_since = $10, version = version + 1 "
		"WHERE id = $11 AND version = $12",
	[SQL_WEBHOOK_DELETE] = "DELETE FROM webhook WHERE id = $1 AND tenant_id = $2",
	[SQL_WEBHOOK_NOTE] =
		"UPDATE webhook SET last_status = $1, last_at = $2, failing_since = "
		"CASE WHEN CAST($3 AS BIGINT) = 1 THEN 0 WHEN failing_since > 0 "
		"THEN failing_since ELSE $2 END WHERE id = $4",
	[SQL_WEBHOOK_DISABLE] = "UPDATE webhook SET disabled_at = $1, disabled_why = $2, "
				"version = version + 1 WHERE id = $3 AND disabled_at = 0",

	[SQL_WEBHOOK_HOLD_TENANT] =
		"SELECT t.event_seq FROM tenant t JOIN webhook w ON w.tenant_id = t.id "
		"WHERE w.id = $1",

	[SQL_DELIVERY_ADD] = DELIVERY_INSERT
	"SELECT id, tenant_id, CAST($1 AS BIGINT), CAST($2 AS BIGINT), "
	"CAST($3 AS BIGINT), 0, 0, CAST($4 AS BIGINT), 0, '', CAST($4 AS BIGINT), 0 "
	"FROM webhook WHERE tenant_id = $5 AND disabled_at = 0 "
	"AND " KINDS_HOLD("kinds", "CAST($6 AS TEXT)"),
	[SQL_DELIVERY_ADD_ONE] = DELIVERY_INSERT
	"SELECT id, tenant_id, CAST($1 AS BIGINT), CAST($2 AS BIGINT), "
	"CAST($3 AS BIGINT), 0, 0, CAST($4 AS BIGINT), 0, '', CAST($4 AS BIGINT), 0 "
	"FROM webhook WHERE id = $5 AND tenant_id = $6",
	[SQL_DELIVERY_GET] = "SELECT " DELIVERY_COLUMNS " WHERE d.id = $1",
	[SQL_DELIVERY_LIST] =
		"SELECT " DELIVERY_COLUMNS " WHERE d.webhook_id = $1 AND d.seq < $2 "
		"ORDER BY d.seq DESC LIMIT $3",
	[SQL_DELIVERY_CLAIM] =
		"INSERT INTO lease (kind, thing_id, node, fence, until_s) "
		"SELECT 2, d.id, CAST($1 AS BIGINT), CAST($2 AS BIGINT), "
		"CAST($3 AS BIGINT) FROM delivery d "
		"WHERE d.state = 0 AND d.next_try_at <= $4 "
		"AND d.tenant_id NOT IN (" TENANTS_SUSPENDED ") AND d.webhook_id NOT IN ("
		"SELECT u.webhook_id FROM lease b JOIN delivery u ON u.id = b.thing_id "
		"JOIN webhook w ON w.id = u.webhook_id "
		"WHERE b.kind = 2 AND b.until_s > $4 "
		"GROUP BY u.webhook_id, w.failing_since HAVING count(*) >= "
		"CASE WHEN w.failing_since > 0 THEN 1 ELSE CAST($5 AS BIGINT) END) "
		"AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.kind = 2 "
		"AND l.thing_id = d.id AND l.until_s > $4) "
		"AND NOT EXISTS (SELECT 1 FROM delivery o WHERE o.state = 0 "
		"AND o.webhook_id = d.webhook_id AND o.identity_id = d.identity_id "
		"AND o.seq < d.seq) "
		"ORDER BY d.next_try_at, d.id LIMIT 1 "
		"ON CONFLICT (kind, thing_id) DO UPDATE SET node = excluded.node, "
		"fence = excluded.fence, until_s = excluded.until_s "
		"WHERE lease.until_s <= $4 RETURNING thing_id",
	[SQL_DELIVERY_NEXT_DUE] =
		"SELECT coalesce((SELECT next_try_at FROM delivery WHERE state = 0 "
		"AND tenant_id NOT IN (" TENANTS_SUSPENDED ") "
		"ORDER BY next_try_at LIMIT 1), 0)",
	[SQL_DELIVERY_SAVE] =
		"UPDATE delivery SET state = $1, tries = $2, next_try_at = $3, "
		"last_status = $4, last_reply = $5, done_at = $6 "
		"WHERE id = $7 AND state = 0",
	[SQL_DELIVERY_HOLD] =
		"UPDATE delivery SET next_try_at = $1 WHERE webhook_id = $2 "
		"AND state = 0 AND next_try_at < $1",
	[SQL_DELIVERY_GIVE_UP_ALL] = "UPDATE delivery SET state = 2, done_at = $1, "
				     "last_reply = 'the webhook was disabled' "
				     "WHERE webhook_id = $2 AND state = 0",
	[SQL_DELIVERY_REPLAY] =
		"UPDATE delivery SET state = 0, tries = 0, next_try_at = $1, done_at = 0 "
		"WHERE id = $2 AND webhook_id = $3",
	[SQL_DELIVERY_REPLAY_SINCE] = DELIVERY_INSERT
	"SELECT w.id, w.tenant_id, v.id, v.identity_id, v.seq, 0, 0, "
	"CAST($1 AS BIGINT), 0, '', CAST($1 AS BIGINT), 0 "
	"FROM webhook w JOIN event v ON v.tenant_id = w.tenant_id "
	"WHERE w.id = $2 AND v.at_s >= $3 AND v.kind <> 'webhook.test' "
	"AND " KINDS_HOLD("w.kinds",
			  "v.kind") " ORDER BY v.seq LIMIT $4 "
				    "ON CONFLICT (webhook_id, seq) DO UPDATE SET "
				    "state = 0, tries = 0, "
				    "next_try_at = excluded.next_try_at, done_at = 0",
	[SQL_DELIVERY_COUNTS] =
		"SELECT count(*), coalesce(min(created_at), 0) FROM delivery "
		"WHERE state = 0",

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
	[SQL_KEY_BIND] = "UPDATE key SET identity_id = $1, selector = $2, generation = 0 "
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
	[SQL_KEY_REVOKE] = "UPDATE key SET revoked_at = $1, private_sealed = $2, "
			   "generation = 0 WHERE identity_id = $3 AND revoked_at = 0",
	[SQL_KEY_CHANGED] =
		"SELECT count(*) FROM (SELECT 1 FROM key WHERE generation = 0 "
		"AND identity_id <> 0 LIMIT 1) AS changed",
	[SQL_KEY_GENERATION_GROW] = "UPDATE meta SET value = value + 1 WHERE name = "
				    "'key_generation' RETURNING value",
	[SQL_KEY_STAMP] = "UPDATE key SET generation = $1 WHERE generation = 0 "
			  "AND identity_id <> 0",
	[SQL_KEY_PUBLISHED] = "UPDATE key SET published_at = $1 WHERE identity_id <> 0 "
			      "AND published_at = 0 AND generation BETWEEN 1 AND $2",
	[SQL_ZONE_SERIAL_GROW] =
		"UPDATE meta SET value = CASE WHEN value + 1 > $1 THEN value + 1 ELSE $1 "
		"END WHERE name = 'zone_serial' RETURNING value",

	[SQL_MESSAGE_HELD_COUNT] =
		"SELECT count(*) FROM (SELECT 1 FROM message WHERE state = 0 "
		"AND tenant_id = $1 LIMIT $2) AS held",
	[SQL_MESSAGE_HELD_OF_IDENTITY] =
		"SELECT count(*) FROM message WHERE identity_id = $1 AND state = 0",
	[SQL_MESSAGE_HOLD] = "SELECT CASE WHEN dkim_status IN (2, 4) THEN 1 ELSE 0 END "
			     "FROM identity WHERE id = $1",
	[SQL_MESSAGE_ADD] =
		"INSERT INTO message (message_id, tenant_id, identity_id, state, "
		"sender, recipients, created_at, next_try_at, tries, last_reply, "
		"content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
		"RETURNING id",
	[SQL_MESSAGE_RELEASE_OF] = SQL_MESSAGE_RELEASE_OF_TEXT(ONE_OF("$2")),
	[SQL_MESSAGE_FAIL_IDENTITY] =
		"UPDATE message SET state = 3, content = $1, last_reply = $2 "
		"WHERE identity_id = $3 AND state IN (0, 1)",
	[SQL_MESSAGE_BY_ID] =
		"SELECT " MESSAGE_COLUMNS " FROM message WHERE id = $1 AND state = 1",
	[SQL_MESSAGE_NEXT_DUE] =
		"SELECT coalesce(min(m.next_try_at), 0) " SQL_MESSAGES_AT_THE_HEAD
		" AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.kind = 1 "
		"AND l.thing_id = m.id AND l.until_s > $1)",
	[SQL_MESSAGE_SAVE] =
		"UPDATE message SET state = $1, next_try_at = $2, tries = $3, "
		"last_reply = $4, content = CASE WHEN $1 IN (2, 3) THEN $5 ELSE content "
		"END "
		"WHERE id = $6 AND state = 1",

	[SQL_FENCE_LAST] = "SELECT value FROM meta WHERE name = 'fence'",
	[SQL_FENCE_SET] = "UPDATE meta SET value = $1 WHERE name = 'fence'",
	[SQL_FENCE_TAKE] = "UPDATE meta SET value = value + 1 WHERE name = 'fence' "
			   "RETURNING value",
	[SQL_LEASE_TAKE] = "INSERT INTO lease (kind, thing_id, node, fence, until_s) "
			   "VALUES ($1, $2, $3, $4, $5) " SQL_TAKE_OVER("$6"),
	[SQL_LEASE_RENEW] = "UPDATE lease SET until_s = $1 WHERE kind = $2 "
			    "AND thing_id = $3 AND fence = $4",
	[SQL_LEASE_END] =
		"DELETE FROM lease WHERE kind = $1 AND thing_id = $2 AND fence = $3",
	[SQL_LEASE_END_OF] = SQL_LEASE_END_OF_TEXT(ONE_OF("$1")),
	[SQL_LEASE_IDENTITY_LOCK] = "SELECT id FROM identity WHERE id = $1",
	[SQL_LEASE_MESSAGE_LOCK] = "SELECT id FROM message WHERE id = $1",
	[SQL_LEASE_CLEAR] = "DELETE FROM lease",
	[SQL_LEASE_CLEAR_NODE] = "DELETE FROM lease WHERE node = $1",
	[SQL_LEASE_CLEAR_NAME] = "DELETE FROM lease WHERE node IN "
				 "(SELECT id FROM node WHERE name = $1)",
	[SQL_LEASE_IDENTITIES] = SQL_LEASE_IDENTITIES_TEXT(""),
	/* Of one tenant: each of the lists has one number. */
	[SQL_LEASE_IDENTITIES_OF] = SQL_LEASE_IDENTITIES_HEAD
	"WHERE " SQL_LEASE_IDENTITIES_DUE
	"AND i.tenant_id = (SELECT value FROM json_each($6)) "
	"ORDER BY i.next_look_at LIMIT (SELECT value FROM "
	"json_each($7)) " SQL_LEASE_IDENTITIES_TAKE_OF,
	[SQL_LEASE_MESSAGE] = SQL_LEASE_MESSAGE_TEXT(""),

	[SQL_NODE_ADD] = "INSERT INTO node (id, name, started_at, seen_at) "
			 "VALUES ($1, $2, $3, $4)",
	[SQL_NODE_SEEN] = "UPDATE node SET seen_at = $1 WHERE id = $2",
	[SQL_NODE_LIST] =
		"SELECT id, name, started_at, seen_at FROM node ORDER BY id LIMIT $1",
	[SQL_NODE_REMOVE] = "DELETE FROM node WHERE id = $1",
	[SQL_NODE_REMOVE_NAME] = "DELETE FROM node WHERE name = $1",

	[SQL_IDENTITY_RETURN] =
		"UPDATE identity SET version = version + 1, next_look_at = $1 + CASE "
		"WHEN why IN ($2, $3, $4) THEN id * 7919 % $5 ELSE 0 END "
		"WHERE id IN (SELECT id FROM identity WHERE next_look_at > 0 "
		"AND glance = 0 AND next_look_at > $6 ORDER BY next_look_at LIMIT $7)",
	[SQL_GLANCE_RETURN] = "UPDATE identity SET version = version + 1, "
			      "next_look_at = $1 + id * 7919 % $2 "
			      "WHERE id IN (SELECT id FROM identity WHERE glance = 1 "
			      "AND next_look_at > $3 ORDER BY next_look_at LIMIT $4)",
	[SQL_MESSAGE_RETURN] =
		"UPDATE message SET next_try_at = $1 WHERE id IN (SELECT id FROM message "
		"WHERE state = 1 AND next_try_at > $2 LIMIT $3)",
	[SQL_DELIVERY_RETURN] =
		"UPDATE delivery SET next_try_at = $1 WHERE id IN (SELECT id FROM "
		"delivery WHERE state = 0 AND next_try_at > $2 LIMIT $3)",
	[SQL_PRUNE_IDEMPOTENCY] =
		"DELETE FROM idempotency WHERE (tenant_id, name) IN (SELECT tenant_id, "
		"name FROM idempotency WHERE created_at <= $1 LIMIT $2)",
	[SQL_PRUNE_SHARE] = "DELETE FROM share WHERE id IN (SELECT id FROM share "
			    "WHERE expires_at < $1 LIMIT $2)",
	[SQL_PRUNE_LEASE] =
		"DELETE FROM lease WHERE (kind, thing_id) IN (SELECT kind, thing_id "
		"FROM lease WHERE until_s < $1 LIMIT $2)",

	/* Whether the oldest event is old, and not the last: that one stays. */
	[SQL_RETAIN_TENANTS] = "SELECT t.id, coalesce((SELECT CASE WHEN v.at_s < $1 "
			       "AND v.seq < t.event_seq THEN 1 ELSE 0 END FROM event v "
			       "WHERE v.tenant_id = t.id ORDER BY v.seq LIMIT 1), 0) "
			       "FROM tenant t WHERE t.id > $2 ORDER BY t.id LIMIT $3",
	/* Clocks of nodes differ and go back: what is older but behind a younger one
	 * stays with it. */
	[SQL_RETAIN_OLDEST] =
		"SELECT coalesce(min(CASE WHEN b.at_s >= $1 THEN b.seq END), "
		"max(b.seq) + 1, 0) FROM (SELECT seq, at_s FROM event "
		"WHERE tenant_id = $2 ORDER BY seq LIMIT $3) AS b",
	[SQL_RETAIN_WAITING] = "SELECT coalesce(min(seq), $1) FROM delivery "
			       "WHERE tenant_id = $2 AND seq < $3 AND state = 0",
	[SQL_RETAIN_DELIVERIES] = "DELETE FROM delivery WHERE tenant_id = $1 "
				  "AND seq < $2 AND state <> 0",
	[SQL_RETAIN_EVENTS] = "DELETE FROM event WHERE tenant_id = $1 AND seq < $2",
	[SQL_RETAIN_MESSAGES] =
		"DELETE FROM message WHERE id IN (SELECT id FROM message "
		"WHERE state >= 2 AND created_at < $1 ORDER BY created_at LIMIT $2)",
	[SQL_RETAIN_KEYS] =
		"DELETE FROM key WHERE id IN (SELECT id FROM key WHERE revoked_at > 0 "
		"AND revoked_at < $1 ORDER BY revoked_at LIMIT $2)",

	[SQL_TENANT_DUE] = "SELECT t.id, CASE WHEN EXISTS (SELECT 1 FROM identity i "
			   "WHERE i.tenant_id = t.id AND i.next_look_at > 0 "
			   "AND i.glance = 0 AND i.next_look_at <= $1) THEN 1 ELSE 0 END "
			   "FROM tenant t WHERE t.id > $2 ORDER BY t.id LIMIT $3",

	[SQL_COUNT_IDENTITIES] =
		"SELECT dkim_status, count(*) FROM identity GROUP BY dkim_status",
	[SQL_COUNT_MESSAGES] = "SELECT state, count(*) FROM message GROUP BY state",
	[SQL_COUNT_DUE] =
		"SELECT (SELECT count(*) FROM identity WHERE next_look_at > 0 "
		"AND glance = 0 AND next_look_at <= $1) + (SELECT count(*) FROM "
		"identity WHERE glance = 1 AND next_look_at <= $1)",

	[SQL_CHECK_FILE] = "SELECT count(*) FROM pragma_integrity_check "
			   "WHERE integrity_check <> 'ok'",
	[SQL_CHECK_REFERENCES] = "SELECT count(*) FROM pragma_foreign_key_check",
	[SQL_CHECK_TOKENS] = "SELECT count(*) FROM identity i WHERE 3 <> (SELECT "
			     "count(*) FROM token t "
			     "WHERE t.token IN (i.token_1, i.token_2, i.token_3) "
			     "AND t.tenant_id = i.tenant_id AND t.domain = i.domain)",
	[SQL_CHECK_EVENTS] =
		"SELECT count(*) FROM tenant t WHERE event_seq <> (SELECT "
		"coalesce(max(seq), 0) FROM event e WHERE e.tenant_id = t.id) "
		"OR (SELECT coalesce(max(seq) - min(seq) + 1 - count(*), 0) "
		"FROM event e WHERE e.tenant_id = t.id) <> 0",
	[SQL_CHECK_FENCES] = "SELECT count(*) FROM lease WHERE fence > "
			     "(SELECT value FROM meta WHERE name = 'fence')",
	[SQL_CHECK_KEYS] =
		"SELECT count(*) FROM key k WHERE identity_id <> 0 AND revoked_at = 0 "
		"AND NOT EXISTS (SELECT 1 FROM identity i WHERE i.id = k.identity_id)",
	[SQL_CHECK_SELECTORS] =
		"SELECT count(*) FROM identity i WHERE keys_elsewhere = 0 AND 3 <> "
		"(SELECT count(*) FROM key k WHERE k.identity_id = i.id "
		"AND k.revoked_at = 0) + (SELECT count(*) FROM key_wanted w "
		"WHERE w.identity_id = i.id)",
	[SQL_CHECK_WANTED] =
		"SELECT count(*) FROM key_wanted w WHERE EXISTS (SELECT 1 FROM key k "
		"WHERE k.identity_id = w.identity_id AND k.selector = w.selector)",
	[SQL_CHECK_MESSAGES] =
		"SELECT count(*) FROM message m WHERE state IN (0, 1) AND NOT EXISTS "
		"(SELECT 1 FROM identity i WHERE i.id = m.identity_id)",
	[SQL_CHECK_HELD] =
		"SELECT count(*) FROM message m JOIN identity i ON i.id = m.identity_id "
		"WHERE m.state = 0 AND i.dkim_status IN (2, 4)",
	[SQL_CHECK_DELIVERIES] =
		"SELECT count(*) FROM delivery d WHERE state = 0 AND NOT EXISTS "
		"(SELECT 1 FROM event e WHERE e.id = d.event_id)",
};

const char *sql_text(enum sql sql, enum engine_kind engine)
{
	if (sql >= SQL_COUNT)
		return tables[(sql - SQL_COUNT) / TABLE_VERBS]
			.texts[engine][(sql - SQL_COUNT) % TABLE_VERBS];
	const char *other = engine == ENGINE_POSTGRES ? sql_text_postgres(sql) : NULL;

	return other ? other : texts[sql];
}
