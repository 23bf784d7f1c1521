-- SPDX-License-Identifier: GPL-3.0-or-later
-- Moves aside what version 2 makes anew. Under `legacy_alter_table`, so that what refers to these
-- tables goes on referring to the names.
DROP INDEX identity_due;
DROP INDEX identity_domain;
DROP INDEX event_identity;
DROP INDEX event_tenant;
ALTER TABLE tenant RENAME TO tenant_1;
ALTER TABLE identity RENAME TO identity_1;
ALTER TABLE event RENAME TO event_1;
