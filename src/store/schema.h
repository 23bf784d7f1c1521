/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The schema and its versions. The texts are the files *.sql of this folder. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "base/base.h"

extern const char schema_version_1_away[];
extern const char schema_version_2[];
extern const char schema_version_1_meta[];
extern const char schema_version_1_kept[];
extern const char schema_version_2_from_1[];

enum {
	SCHEMA_VERSION = 2,
};

struct store;

/* Makes the tables, or brings those of an earlier version up to date, whole or not at
 * all. ERR_USAGE for a database of a later version. */
bool schema_migrate(struct store *s, struct err *e) must_check;

#endif
