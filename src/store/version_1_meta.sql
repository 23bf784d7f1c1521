-- SPDX-License-Identifier: GPL-3.0-or-later
-- The first table of all. 'schema' is the version, where the engine has no place for it.
CREATE TABLE IF NOT EXISTS meta (
  name {text} NOT NULL PRIMARY KEY,
  value {int} NOT NULL
) {flat};
