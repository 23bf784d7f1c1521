-- SPDX-License-Identifier: GPL-3.0-or-later
-- What version 2 has of version 1 as it was; made after version_2.sql, which says what stands in
-- braces. {fences} is where fences of leases are counted.

INSERT INTO meta (name, value) VALUES ('key_generation', 0), ('published_generation', -1),
  ('zone_serial', 0), ('ready', 0);
{fences}

-- Every token that was ever handed out, and to whom: rows are never deleted, so no name in the key
-- zone is ever given to somebody else.
CREATE TABLE token (
  token {text} NOT NULL PRIMARY KEY,
  tenant_id {int} NOT NULL,
  domain {text} NOT NULL,
  elsewhere {int} NOT NULL
) {flat};

-- identity_id 0: in the pool. A revoked key outlives its identity, without its private half: the
-- zone answers for it.
CREATE TABLE key (
  id {id},
  identity_id {int} NOT NULL, selector {text} NOT NULL,
  private_sealed {blob} NOT NULL, public_der {blob} NOT NULL UNIQUE,
  published_at {int} NOT NULL, revoked_at {int} NOT NULL,
  generation {int} NOT NULL
) {end};
CREATE UNIQUE INDEX key_selector ON key (selector) WHERE identity_id <> 0;
CREATE INDEX key_identity ON key (identity_id, selector);
-- Bound or revoked since the last generation was given.
CREATE INDEX key_changed ON key (identity_id) WHERE generation = 0 AND identity_id <> 0;
-- Not known to be in the DNS yet.
CREATE INDEX key_published ON key (generation) WHERE identity_id <> 0 AND published_at = 0;
-- What is removed once it is old (retain.c).
CREATE INDEX key_revoked ON key (revoked_at) WHERE revoked_at > 0;

CREATE TABLE message (
  id {id},
  message_id {text} NOT NULL UNIQUE,
  tenant_id {int} NOT NULL, identity_id {int} NOT NULL,
  state {int} NOT NULL CHECK (state BETWEEN 0 AND 3),
  sender {text} NOT NULL, recipients {text} NOT NULL,
  created_at {int} NOT NULL, next_try_at {int} NOT NULL,
  tries {int} NOT NULL, last_reply {text} NOT NULL, content {blob} NOT NULL
) {end};
CREATE INDEX message_held ON message (tenant_id) WHERE state = 0;
CREATE INDEX message_waiting ON message (identity_id, id) WHERE state = 0;
CREATE INDEX message_queued ON message (identity_id, id) WHERE state = 1;
CREATE INDEX message_state ON message (state, id);
-- What is removed once it is old (retain.c).
CREATE INDEX message_ended ON message (created_at) WHERE state >= 2;

CREATE TABLE sender (
  identity_id {int} NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
  address {text} NOT NULL,
  created_at {int} NOT NULL,
  PRIMARY KEY (identity_id, address)
) {flat};

-- Selectors of identities that wait for a key.
CREATE TABLE key_wanted (
  identity_id {int} NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
  selector {text} NOT NULL,
  PRIMARY KEY (identity_id, selector)
) {flat};
