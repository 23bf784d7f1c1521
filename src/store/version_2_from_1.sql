-- SPDX-License-Identifier: GPL-3.0-or-later
-- From version 1 to 2, where only SQLite was. Before this, tenant, identity and event were renamed
-- (..._1) and the tables of version_2.sql made. Row numbers that were given once are not given again.

INSERT INTO meta (name, value) VALUES ('fence', 0);
CREATE INDEX key_changed ON key (identity_id) WHERE generation = 0 AND identity_id <> 0;
CREATE INDEX key_published ON key (generation) WHERE identity_id <> 0 AND published_at = 0;
CREATE INDEX key_revoked ON key (revoked_at) WHERE revoked_at > 0;
CREATE INDEX message_ended ON message (created_at) WHERE state >= 2;

INSERT INTO sqlite_sequence (name, seq)
  SELECT substr(name, 1, length(name) - 2), seq FROM sqlite_sequence
  WHERE name IN ('tenant_1', 'identity_1', 'event_1');

INSERT INTO tenant (id, name, access_key_id, secret_sealed, created_at, suspended_at, event_seq,
    version)
  SELECT id, name, access_key_id, secret_sealed, created_at, 0,
    (SELECT count(*) FROM event_1 WHERE event_1.tenant_id = tenant_1.id), 1 FROM tenant_1;

-- A tenant had one token, which might do everything that a tenant may: the scopes of that time.
INSERT INTO api_token (tenant_id, name, token_hash, scopes, created_at, expires_at, last_used_at,
    revoked_at)
  SELECT id, 'first', token_hash, 255, created_at, 0, 0, 0 FROM tenant_1;

INSERT INTO identity (
  id, tenant_id, domain, token_1, token_2, token_3, key_zone, keys_elsewhere, dkim_status,
  dkim_started_at, dkim_lost_at, dkim_missed_at, dkim_misses, dkim_failed_at, mail_from_status,
  mail_from_started_at, mail_from_lost_at, mail_from_missed_at, mail_from_misses,
  mail_from_failed_at, ownership_status, ownership_started_at, ownership_lost_at,
  ownership_missed_at, ownership_misses, ownership_failed_at, created_at, last_looked_at,
  last_success_at, next_look_at, looks, error, why, full_look_at, glance, unclear, failures,
  unknowns, watched_until, has_soa, soa_mname, soa_rname, soa_serial, name_servers,
  previous_name_servers, registered_at, mail_from_domain, mail_from_reject, ownership_token,
  ses_status, ses_checked_at, checked_at, verdict, findings, cost, report_hash, version)
  SELECT
  id, tenant_id, domain, token_1, token_2, token_3, key_zone, keys_elsewhere, dkim_status,
  dkim_started_at, dkim_lost_at, dkim_missed_at, dkim_misses, 0, mail_from_status,
  mail_from_started_at, mail_from_lost_at, mail_from_missed_at, mail_from_misses, 0,
  ownership_status, ownership_started_at, ownership_lost_at, ownership_missed_at,
  ownership_misses, 0, created_at, last_looked_at, last_success_at, next_look_at, looks, error,
  0, 0, 0, 0, 0, 0, 0, has_soa, soa_mname, soa_rname, soa_serial, '', '', 0, '', 0, '', ses_status,
  ses_checked_at, checked_at, 0, '', 0, x'', version
  FROM identity_1;

INSERT INTO report (identity_id, at_s, body)
  SELECT id, checked_at, report FROM identity_1 WHERE report <> '';

-- 104 random bits in the alphabet of base32. Of an identity that was deleted the domain is lost.
INSERT INTO event (id, uid, tenant_id, seq, identity_id, domain, at_s, kind, aspect, from_status,
    to_status, detail)
  SELECT e.id, 'evt_' || replace(replace(replace(replace(lower(hex(randomblob(13))),
      '0', 'g'), '1', 'h'), '8', 'i'), '9', 'j'),
    e.tenant_id, row_number() OVER (PARTITION BY e.tenant_id ORDER BY e.id), e.identity_id,
    coalesce(i.domain, ''), e.at_s, e.kind, e.aspect, e.from_status, e.to_status, ''
  FROM event_1 e LEFT JOIN identity_1 i ON i.id = e.identity_id ORDER BY e.id;

DROP TABLE event_1;
DROP TABLE identity_1;
DROP TABLE tenant_1;
