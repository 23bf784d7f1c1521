-- SPDX-License-Identifier: GPL-3.0-or-later
-- A store as the first version made it, with rows of every kind.
CREATE TABLE meta ( name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('key_generation', 0), ('published_generation', -1), ('zone_serial',
  0), ('ready', 0);
CREATE TABLE tenant ( id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,
  access_key_id TEXT NOT NULL UNIQUE, secret_sealed BLOB NOT NULL, token_hash BLOB NOT NULL
  UNIQUE, created_at INTEGER NOT NULL) STRICT;
CREATE TABLE identity ( id INTEGER PRIMARY KEY AUTOINCREMENT, tenant_id INTEGER NOT NULL
  REFERENCES tenant(id), domain TEXT NOT NULL, token_1 TEXT NOT NULL, token_2 TEXT NOT NULL,
  token_3 TEXT NOT NULL, key_zone TEXT NOT NULL, keys_elsewhere INTEGER NOT NULL, dkim_status
  INTEGER NOT NULL CHECK (dkim_status BETWEEN 0 AND 4), dkim_started_at INTEGER NOT NULL,
  dkim_lost_at INTEGER NOT NULL, dkim_missed_at INTEGER NOT NULL, dkim_misses INTEGER NOT NULL,
  mail_from_status INTEGER NOT NULL CHECK (mail_from_status BETWEEN 0 AND 4),
  mail_from_started_at INTEGER NOT NULL, mail_from_lost_at INTEGER NOT NULL,
  mail_from_missed_at INTEGER NOT NULL, mail_from_misses INTEGER NOT NULL, ownership_status
  INTEGER NOT NULL CHECK (ownership_status BETWEEN 0 AND 4), ownership_started_at INTEGER NOT
  NULL, ownership_lost_at INTEGER NOT NULL, ownership_missed_at INTEGER NOT NULL,
  ownership_misses INTEGER NOT NULL, created_at INTEGER NOT NULL, last_looked_at INTEGER NOT
  NULL, last_success_at INTEGER NOT NULL, next_look_at INTEGER NOT NULL, looks INTEGER NOT
  NULL, error INTEGER NOT NULL CHECK (error BETWEEN 0 AND 5), has_soa INTEGER NOT NULL,
  soa_mname BLOB NOT NULL, soa_rname BLOB NOT NULL, soa_serial INTEGER NOT NULL, ses_status
  TEXT NOT NULL, ses_checked_at INTEGER NOT NULL, checked_at INTEGER NOT NULL, version INTEGER
  NOT NULL, report TEXT NOT NULL, UNIQUE (tenant_id, domain)) STRICT;
CREATE INDEX identity_due ON identity (next_look_at) WHERE next_look_at > 0;
CREATE INDEX identity_domain ON identity (domain);
CREATE TABLE token ( token TEXT PRIMARY KEY, tenant_id INTEGER NOT NULL, domain TEXT NOT NULL,
  elsewhere INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE sender ( identity_id INTEGER NOT NULL REFERENCES identity(id) ON DELETE CASCADE,
  address TEXT NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (identity_id, address))
  STRICT, WITHOUT ROWID;
CREATE TABLE event ( id INTEGER PRIMARY KEY AUTOINCREMENT, tenant_id INTEGER NOT NULL,
  identity_id INTEGER NOT NULL, at_s INTEGER NOT NULL, kind TEXT NOT NULL, aspect TEXT NOT
  NULL, from_status TEXT NOT NULL, to_status TEXT NOT NULL) STRICT;
CREATE INDEX event_identity ON event (identity_id, id);
CREATE INDEX event_tenant ON event (tenant_id, id);
CREATE TABLE key ( id INTEGER PRIMARY KEY AUTOINCREMENT, identity_id INTEGER NOT NULL, selector
  TEXT NOT NULL, private_sealed BLOB NOT NULL, public_der BLOB NOT NULL UNIQUE, published_at
  INTEGER NOT NULL, revoked_at INTEGER NOT NULL, generation INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX key_selector ON key (selector) WHERE identity_id <> 0;
CREATE INDEX key_identity ON key (identity_id, selector);
CREATE TABLE key_wanted ( identity_id INTEGER NOT NULL REFERENCES identity(id) ON DELETE
  CASCADE, selector TEXT NOT NULL, PRIMARY KEY (identity_id, selector)) STRICT, WITHOUT ROWID;
CREATE TABLE message ( id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL UNIQUE,
  tenant_id INTEGER NOT NULL, identity_id INTEGER NOT NULL, state INTEGER NOT NULL CHECK (state
  BETWEEN 0 AND 3), sender TEXT NOT NULL, recipients TEXT NOT NULL, created_at INTEGER NOT
  NULL, next_try_at INTEGER NOT NULL, tries INTEGER NOT NULL, last_reply TEXT NOT NULL, content
  BLOB NOT NULL) STRICT;
CREATE INDEX message_held ON message (tenant_id) WHERE state = 0;
CREATE INDEX message_waiting ON message (identity_id, id) WHERE state = 0;
CREATE INDEX message_queued ON message (identity_id, id) WHERE state = 1;
CREATE INDEX message_state ON message (state, id);
PRAGMA user_version = 1;

INSERT INTO tenant (id, name, access_key_id, secret_sealed, token_hash, created_at) VALUES
  (3, 'acme', 'UNPDACME', x'01', x'a0', 900), (7, 'rival', 'UNPDRIVAL', x'02', x'a1', 901);
INSERT INTO identity VALUES
  (5, 3, 'acme.example', 't0', 't1', 't2', 'dkim.mailer.example', 0, 2, 11, 12, 13, 14,
   0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1000, 1001, 1002, 1003, 9, 4, 1, x'036e733100', x'0161036e733100',
   77, 'SUCCESS', 61, 62, 8, '{"en":{"verdict":"ok"}}'),
  (6, 7, 'acme.example', 'u0', 'u1', 'u2', 'dkim.mailer.example', 0, 1, 11, 0, 0, 0,
   0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1000, 0, 0, 1000, 0, 0, 0, x'', x'', 0, '', 0, 0, 1, '');
-- One that was deleted: its number and its tokens are never given again.
INSERT INTO identity SELECT 9, 3, 'gone.example', 'v0', 'v1', 'v2', key_zone, 0, 1, 11, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1000, 0, 0, 1000, 0, 0, 0, x'', x'', 0, '', 0, 0, 1, ''
  FROM identity WHERE id = 5;
DELETE FROM identity WHERE id = 9;
INSERT INTO token VALUES ('t0', 3, 'acme.example', 0), ('t1', 3, 'acme.example', 0),
  ('t2', 3, 'acme.example', 0), ('u0', 7, 'acme.example', 0), ('u1', 7, 'acme.example', 0),
  ('u2', 7, 'acme.example', 0), ('v0', 3, 'gone.example', 0), ('v1', 3, 'gone.example', 0),
  ('v2', 3, 'gone.example', 0);
INSERT INTO sender VALUES (5, 'news@acme.example', 1000);
INSERT INTO key_wanted VALUES (6, 'u0');
INSERT INTO key VALUES (1, 5, 't0', x'05', x'06', 1000, 0, 1);
INSERT INTO event (tenant_id, identity_id, at_s, kind, aspect, from_status, to_status) VALUES
  (3, 5, 1000, 'identity.created', '', '', ''), (7, 6, 1000, 'identity.created', '', '', ''),
  (3, 9, 1000, 'identity.created', '', '', ''), (3, 9, 1001, 'identity.deleted', '', '', ''),
  (3, 5, 1002, 'identity.status_changed', 'dkim', 'PENDING', 'SUCCESS');
INSERT INTO message VALUES (1, 'm-1', 7, 6, 0, 'a@acme.example', '["b@there.example"]', 1000, 1000,
  0, '', x'68656c6c6f');
