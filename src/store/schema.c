/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The schema, version by version: row n of the table brings a database from version n to
 * n + 1. A row that was released is never edited; what changes is a new row.
 */
#include "store/sqlite.h"

/* Numbers of enums (status, look_error, message_state) are pinned where they are read.
 * Moments are Unix seconds, 0 where they are not. */
#define ASPECT_COLUMNS(prefix)                                                           \
	prefix "_status INTEGER NOT NULL CHECK (" prefix                                 \
	       "_status BETWEEN 0 AND 4)," prefix "_started_at INTEGER NOT NULL," prefix \
	       "_lost_at INTEGER NOT NULL," prefix "_missed_at INTEGER NOT NULL," prefix \
	       "_misses INTEGER NOT NULL,"

static const char *const version_1[] = {
	"CREATE TABLE meta ("
	"  name TEXT PRIMARY KEY, value INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;",
	"INSERT INTO meta VALUES ('key_generation', 0), ('published_generation', -1),"
	"  ('zone_serial', 0), ('ready', 0);",

	"CREATE TABLE tenant ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  name TEXT NOT NULL UNIQUE, access_key_id TEXT NOT NULL UNIQUE,"
	"  secret_sealed BLOB NOT NULL, token_hash BLOB NOT NULL UNIQUE,"
	"  created_at INTEGER NOT NULL"
	") STRICT;",

	/* Ids are never given twice: events outlive what they tell of. */
	"CREATE TABLE identity ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  tenant_id INTEGER NOT NULL REFERENCES tenant(id),"
	"  domain TEXT NOT NULL,"
	"  token_1 TEXT NOT NULL, token_2 TEXT NOT NULL, token_3 TEXT NOT NULL,"
	"  key_zone TEXT NOT NULL, keys_elsewhere INTEGER NOT NULL," ASPECT_COLUMNS(
		"dkim") ASPECT_COLUMNS("mail_from")
		ASPECT_COLUMNS("ownership") "  created_at INTEGER NOT NULL, "
					    "last_looked_at INTEGER NOT NULL,"
					    "  last_success_at INTEGER NOT NULL, "
					    "next_look_at INTEGER NOT NULL,"
					    "  looks INTEGER NOT NULL, error INTEGER NOT "
					    "NULL CHECK (error BETWEEN 0 AND 5),"
					    "  has_soa INTEGER NOT NULL, soa_mname BLOB "
					    "NOT NULL, soa_rname BLOB NOT NULL,"
					    "  soa_serial INTEGER NOT NULL,"
					    "  ses_status TEXT NOT NULL, ses_checked_at "
					    "INTEGER NOT NULL,"
					    "  checked_at INTEGER NOT NULL, version "
					    "INTEGER NOT NULL, report TEXT NOT NULL,"
					    "  UNIQUE (tenant_id, domain)"
					    ") STRICT;",
	"CREATE INDEX identity_due ON identity (next_look_at) WHERE next_look_at > 0;",
	"CREATE INDEX identity_domain ON identity (domain);",

	/* Every token that was ever handed out, and to whom: rows are never deleted, so
	 * no name in the key zone is ever given to somebody else. */
	"CREATE TABLE token ("
	"  token TEXT PRIMARY KEY, tenant_id INTEGER NOT NULL, domain TEXT NOT NULL,"
	"  elsewhere INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;",

	"CREATE TABLE sender ("
	"  identity_id INTEGER NOT NULL REFERENCES identity(id) ON DELETE CASCADE,"
	"  address TEXT NOT NULL, created_at INTEGER NOT NULL,"
	"  PRIMARY KEY (identity_id, address)"
	") STRICT, WITHOUT ROWID;",

	"CREATE TABLE event ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  tenant_id INTEGER NOT NULL, identity_id INTEGER NOT NULL, at_s INTEGER NOT "
	"NULL,"
	"  kind TEXT NOT NULL, aspect TEXT NOT NULL,"
	"  from_status TEXT NOT NULL, to_status TEXT NOT NULL"
	") STRICT;",
	"CREATE INDEX event_identity ON event (identity_id, id);",
	"CREATE INDEX event_tenant ON event (tenant_id, id);",

	/* identity_id 0: in the pool. A revoked key outlives its identity, without its
	 * private half: the zone answers for it. */
	"CREATE TABLE key ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  identity_id INTEGER NOT NULL, selector TEXT NOT NULL,"
	"  private_sealed BLOB NOT NULL, public_der BLOB NOT NULL UNIQUE,"
	"  published_at INTEGER NOT NULL, revoked_at INTEGER NOT NULL,"
	"  generation INTEGER NOT NULL"
	") STRICT;",
	"CREATE UNIQUE INDEX key_selector ON key (selector) WHERE identity_id <> 0;",
	"CREATE INDEX key_identity ON key (identity_id, selector);",

	/* Selectors of identities that wait for a key. */
	"CREATE TABLE key_wanted ("
	"  identity_id INTEGER NOT NULL REFERENCES identity(id) ON DELETE CASCADE,"
	"  selector TEXT NOT NULL, PRIMARY KEY (identity_id, selector)"
	") STRICT, WITHOUT ROWID;",

	"CREATE TABLE message ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  message_id TEXT NOT NULL UNIQUE,"
	"  tenant_id INTEGER NOT NULL, identity_id INTEGER NOT NULL,"
	"  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),"
	"  sender TEXT NOT NULL, recipients TEXT NOT NULL,"
	"  created_at INTEGER NOT NULL, next_try_at INTEGER NOT NULL,"
	"  tries INTEGER NOT NULL, last_reply TEXT NOT NULL, content BLOB NOT NULL"
	") STRICT;",
	"CREATE INDEX message_held ON message (tenant_id) WHERE state = 0;",
	"CREATE INDEX message_waiting ON message (identity_id, id) WHERE state = 0;",
	"CREATE INDEX message_queued ON message (identity_id, id) WHERE state = 1;",
	"CREATE INDEX message_state ON message (state, id);",

	"PRAGMA user_version = 1;",
	NULL,
};

static const char *const *const versions[] = { version_1 };

static bool version_read(struct store *s, int64_t *version_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_SCHEMA_VERSION);

	if (!query_one(&q, "version", e))
		return false;
	*version_out = query_int(&q);
	return true;
}

/* Inside the transaction the version is read again: another process may have been first.
 */
static bool versions_apply(struct store *s, struct err *e)
{
	int64_t version;

	if (!version_read(s, &version, e))
		return false;
	for (; version < (int64_t)ARRAY_LEN(versions); version++)
		for (const char *const *sql = versions[version]; *sql; sql++)
			if (sqlite3_exec(s->db, *sql, NULL, NULL, NULL) != SQLITE_OK)
				return sqlite_failed(
					s, "cannot bring the schema up to date", e);
	return true;
}

bool schema_migrate(struct store *s, struct err *e)
{
	int64_t version;
	struct scope o;

	if (!version_read(s, &version, e))
		return false;
	if (version > (int64_t)ARRAY_LEN(versions))
		return err_set(
			e, ERR_USAGE,
			"it was made by a later version (schema %lld, known are %zu)",
			(long long)version, ARRAY_LEN(versions));
	if (version == (int64_t)ARRAY_LEN(versions))
		return true;
	return scope_open(s, &o, e) && scope_close(&o, versions_apply(s, e), e);
}
