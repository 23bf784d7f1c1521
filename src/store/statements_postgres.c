/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where PostgreSQL needs a text of its own; parameters and columns are those of the text
 * that it stands for. */
#include "store/identity_sql.h"
#include "store/lease_sql.h"
#include "store/statements.h"

#include <stddef.h>

#define ONE_OF(numbers) "= ANY(CAST(" numbers " AS BIGINT[]))"

static const char *const texts[SQL_COUNT] = {
	[SQL_BEGIN] = "BEGIN",
	[SQL_BEGIN_SNAPSHOT] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
	[SQL_FENCE_LAST] = "SELECT last_value FROM fence_seq",
	[SQL_FENCE_SET] = "SELECT setval('fence_seq', $1)",
	[SQL_CHECK_FENCES] = "SELECT count(*) FROM lease WHERE fence > "
			     "(SELECT last_value FROM fence_seq)",
	/* The server's own affair. */
	[SQL_CHECK_FILE] = "SELECT 0",
	[SQL_CHECK_REFERENCES] = "SELECT 0",
	[SQL_KEY_TAKE] = "SELECT coalesce((SELECT id FROM key WHERE identity_id = 0 "
			 "ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED), 0)",
	[SQL_MESSAGE_HOLD] = "SELECT CASE WHEN dkim_status IN (2, 4) THEN 1 ELSE 0 END "
			     "FROM identity WHERE id = $1 FOR SHARE",
	[SQL_TENANT_HOLD] =
		"SELECT event_seq FROM tenant WHERE id = $1 FOR NO KEY UPDATE",
	[SQL_WEBHOOK_HOLD_TENANT] =
		"SELECT t.event_seq FROM tenant t JOIN webhook w ON w.tenant_id = t.id "
		"WHERE w.id = $1 FOR NO KEY UPDATE OF t",
	[SQL_SCHEMA_VERSION] = "SELECT value FROM meta WHERE name = 'schema'",
	[SQL_FENCE_TAKE] = "SELECT nextval('fence_seq')",
	/* Two nodes that claim at the same time take different rows, none waits. */
	[SQL_LEASE_IDENTITIES] =
		SQL_LEASE_IDENTITIES_TEXT("FOR UPDATE OF i SKIP LOCKED "),
	/* The moment stands in a query of its own: the server does not know it when it
	 * plans. Where few seemed due when it last counted, it would as soon take
	 * identity_due, and read what is due of all tenants. */
	[SQL_LEASE_IDENTITIES_OF] =
		"INSERT INTO lease (kind, thing_id, node, fence, until_s) "
		"SELECT 0, d.id, $1, $2, $3 FROM unnest(CAST($6 AS BIGINT[]), "
		"CAST($7 AS BIGINT[])) AS t(id, most) CROSS JOIN LATERAL "
		"(SELECT i.id FROM identity i WHERE i.tenant_id = t.id AND "
		"i.next_look_at <= (SELECT CAST($4 AS BIGINT)) "
		"AND " SQL_LEASE_IDENTITIES_FREE
		"ORDER BY i.next_look_at LIMIT t.most FOR UPDATE OF i SKIP LOCKED) AS "
		"d " SQL_LEASE_IDENTITIES_TAKE_OF,
	[SQL_LEASE_IDENTITY_LOCK] = "SELECT id FROM identity WHERE id = $1 FOR UPDATE",
	[SQL_IDENTITY_LOCK_OF] = SQL_IDENTITY_LOCK_OF_TEXT(ONE_OF("$1"), " FOR UPDATE"),
	[SQL_IDENTITY_HOLD] = SQL_IDENTITY_HOLD_TEXT(IDENTITY_COLUMNS, ONE_OF("$1")),
	[SQL_MESSAGE_RELEASE_OF] = SQL_MESSAGE_RELEASE_OF_TEXT(ONE_OF("$2")),
	[SQL_LEASE_END_OF] = SQL_LEASE_END_OF_TEXT(ONE_OF("$1")),
	[SQL_LEASE_MESSAGE_LOCK] = "SELECT id FROM message WHERE id = $1 FOR UPDATE",
	[SQL_LEASE_MESSAGE] = SQL_LEASE_MESSAGE_TEXT("FOR UPDATE OF m SKIP LOCKED "),
};

const char *sql_text_postgres(enum sql sql)
{
	return texts[sql];
}
