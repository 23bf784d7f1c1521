-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema, version 2, of both engines. What stands in braces is the engine's (schema.c): {id} a row
-- number that is never given twice, {int} 64 bits, {text} ordered by bytes, {blob}, {end} what ends
-- a table, {flat} one without row numbers. Nothing is ever NULL: 0, '' and no bytes mean "none"; moments are Unix seconds. Numbers of
-- enums are pinned where they are read. A version that was released is never edited.

CREATE TABLE tenant (
  id {id},
  name {text} NOT NULL UNIQUE,
  access_key_id {text} NOT NULL UNIQUE,
  secret_sealed {blob} NOT NULL,
  created_at {int} NOT NULL,
  suspended_at {int} NOT NULL,
  -- The number of its last event: who adds one holds this row, so they have no gaps.
  event_seq {int} NOT NULL,
  version {int} NOT NULL
) {end};
CREATE INDEX tenant_suspended ON tenant (id) WHERE suspended_at > 0;

-- tenant_id 0: the operator's. scopes are bits of enum scope. last_used_at is exact to the hour.
CREATE TABLE api_token (
  id {id},
  tenant_id {int} NOT NULL,
  name {text} NOT NULL,
  token_hash {blob} NOT NULL UNIQUE,
  scopes {int} NOT NULL,
  created_at {int} NOT NULL,
  expires_at {int} NOT NULL,
  last_used_at {int} NOT NULL,
  revoked_at {int} NOT NULL
) {end};
CREATE INDEX api_token_tenant ON api_token (tenant_id, id);

-- Ids are never given twice: events outlive what they tell of.
CREATE TABLE identity (
  id {id},
  tenant_id {int} NOT NULL REFERENCES tenant (id),
  domain {text} NOT NULL,
  token_1 {text} NOT NULL, token_2 {text} NOT NULL, token_3 {text} NOT NULL,
  key_zone {text} NOT NULL,
  keys_elsewhere {int} NOT NULL,
  dkim_status {int} NOT NULL CHECK (dkim_status BETWEEN 0 AND 4),
  dkim_started_at {int} NOT NULL, dkim_lost_at {int} NOT NULL,
  dkim_missed_at {int} NOT NULL, dkim_misses {int} NOT NULL, dkim_failed_at {int} NOT NULL,
  mail_from_status {int} NOT NULL CHECK (mail_from_status BETWEEN 0 AND 4),
  mail_from_started_at {int} NOT NULL, mail_from_lost_at {int} NOT NULL,
  mail_from_missed_at {int} NOT NULL, mail_from_misses {int} NOT NULL,
  mail_from_failed_at {int} NOT NULL,
  ownership_status {int} NOT NULL CHECK (ownership_status BETWEEN 0 AND 4),
  ownership_started_at {int} NOT NULL, ownership_lost_at {int} NOT NULL,
  ownership_missed_at {int} NOT NULL, ownership_misses {int} NOT NULL,
  ownership_failed_at {int} NOT NULL,
  created_at {int} NOT NULL, last_looked_at {int} NOT NULL, last_success_at {int} NOT NULL,
  next_look_at {int} NOT NULL, looks {int} NOT NULL,
  error {int} NOT NULL CHECK (error BETWEEN 0 AND 5),
  why {int} NOT NULL,          -- enum look_reason of next_look_at
  full_look_at {int} NOT NULL, -- a look before this one may be a peek, or is a glance
  glance {int} NOT NULL CHECK (glance BETWEEN 0 AND 1), -- next_look_at is a glance's
  unclear {int} NOT NULL,      -- glances in a row in vain
  failures {int} NOT NULL,     -- searches that failed since the last success
  unknowns {int} NOT NULL,     -- looks in a row that could not ask
  watched_until {int} NOT NULL,
  has_soa {int} NOT NULL, soa_mname {blob} NOT NULL, soa_rname {blob} NOT NULL,
  soa_serial {int} NOT NULL,
  -- Separated by blanks, sorted, lower case, no final dot.
  name_servers {text} NOT NULL, previous_name_servers {text} NOT NULL,
  registered_at {int} NOT NULL,
  mail_from_domain {text} NOT NULL, mail_from_reject {int} NOT NULL,
  ownership_token {text} NOT NULL,
  ses_status {text} NOT NULL, ses_checked_at {int} NOT NULL,
  -- Of the last look: when, enum verdict, codes separated by blanks, packets; SHA-256 of its report.
  checked_at {int} NOT NULL, verdict {int} NOT NULL, findings {text} NOT NULL,
  cost {int} NOT NULL, report_hash {blob} NOT NULL,
  version {int} NOT NULL,
  UNIQUE (tenant_id, domain)
) {end};
-- With created_at, so that what is due is claimed without a look at its row. Most rows are in the
-- last of the three only: they are moved in it, and nowhere else, by each glance.
CREATE INDEX identity_due ON identity (next_look_at, created_at)
  WHERE next_look_at > 0 AND glance = 0;
CREATE INDEX identity_turn ON identity (tenant_id, next_look_at, created_at)
  WHERE next_look_at > 0 AND glance = 0;
CREATE INDEX identity_glance ON identity (next_look_at, id) WHERE glance = 1;
CREATE INDEX identity_domain ON identity (domain);

-- {"en": {...}, "ja": {...}}
CREATE TABLE report (
  identity_id {int} NOT NULL PRIMARY KEY REFERENCES identity (id) ON DELETE CASCADE,
  at_s {int} NOT NULL,
  body {text} NOT NULL
) {end};

-- Looks that differ from the one before.
CREATE TABLE look (
  id {id},
  identity_id {int} NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
  at_s {int} NOT NULL,
  why {int} NOT NULL,
  verdict {int} NOT NULL,
  cost {int} NOT NULL,
  detail {text} NOT NULL
) {end};
CREATE INDEX look_identity ON look (identity_id, id);

-- Who works on what until when. kind 0 identity, 1 message, 2 delivery, 3 role. A fence is never
-- given twice.
CREATE TABLE lease (
  kind {int} NOT NULL,
  thing_id {int} NOT NULL,
  node {int} NOT NULL,
  fence {int} NOT NULL,
  until_s {int} NOT NULL,
  PRIMARY KEY (kind, thing_id)
) {flat};

CREATE TABLE node (
  id {int} NOT NULL PRIMARY KEY,
  name {text} NOT NULL,
  started_at {int} NOT NULL,
  seen_at {int} NOT NULL
) {end};

CREATE TABLE event (
  id {id},
  uid {text} NOT NULL UNIQUE,
  tenant_id {int} NOT NULL,
  seq {int} NOT NULL,
  identity_id {int} NOT NULL,
  domain {text} NOT NULL,
  at_s {int} NOT NULL,
  kind {text} NOT NULL,
  aspect {text} NOT NULL,
  from_status {text} NOT NULL, to_status {text} NOT NULL,
  detail {text} NOT NULL,
  UNIQUE (tenant_id, seq)
) {end};
CREATE INDEX event_identity ON event (identity_id, seq);

CREATE TABLE webhook (
  id {id},
  tenant_id {int} NOT NULL REFERENCES tenant (id),
  url {text} NOT NULL,
  kinds {text} NOT NULL,
  secret_sealed {blob} NOT NULL, old_secret_sealed {blob} NOT NULL, old_until {int} NOT NULL,
  signing_key_sealed {blob} NOT NULL, public_key {blob} NOT NULL,
  created_at {int} NOT NULL,
  disabled_at {int} NOT NULL, disabled_why {text} NOT NULL,
  failing_since {int} NOT NULL,
  last_status {int} NOT NULL, last_at {int} NOT NULL,
  version {int} NOT NULL
) {end};
CREATE INDEX webhook_tenant ON webhook (tenant_id, id);

CREATE TABLE delivery (
  id {id},
  webhook_id {int} NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
  tenant_id {int} NOT NULL,
  event_id {int} NOT NULL,
  identity_id {int} NOT NULL,
  -- The event's: in this order they go. Row numbers are not always given in order.
  seq {int} NOT NULL,
  state {int} NOT NULL CHECK (state BETWEEN 0 AND 2),
  tries {int} NOT NULL, next_try_at {int} NOT NULL,
  last_status {int} NOT NULL, last_reply {text} NOT NULL,
  created_at {int} NOT NULL, done_at {int} NOT NULL,
  UNIQUE (webhook_id, seq)
) {end};
CREATE INDEX delivery_head ON delivery (webhook_id, identity_id, seq) WHERE state = 0;
-- For what is removed with old events.
CREATE INDEX delivery_event ON delivery (tenant_id, seq);
CREATE INDEX delivery_due ON delivery (next_try_at) WHERE state = 0;

CREATE TABLE share (
  id {id},
  tenant_id {int} NOT NULL,
  identity_id {int} NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
  token_hash {blob} NOT NULL UNIQUE,
  created_at {int} NOT NULL, expires_at {int} NOT NULL, last_used_at {int} NOT NULL
) {end};
CREATE INDEX share_identity ON share (identity_id, id);
CREATE INDEX share_expires ON share (expires_at);

CREATE TABLE idempotency (
  tenant_id {int} NOT NULL,
  name {text} NOT NULL,
  request_hash {blob} NOT NULL,
  status {int} NOT NULL,
  body {text} NOT NULL,
  created_at {int} NOT NULL,
  PRIMARY KEY (tenant_id, name)
) {flat};
CREATE INDEX idempotency_created ON idempotency (created_at);
