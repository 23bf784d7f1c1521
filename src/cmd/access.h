/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `unpend tenant` and `unpend token` share: the service's database, tenants by their
 * names, moments for people. Private to cmd. */
#ifndef CMD_ACCESS_H
#define CMD_ACCESS_H

#include "cmd/cmd.h"
#include "service/service.h"

/* The database that the configuration names. */
bool access_store_open(const struct config *config, struct store **out, struct err *e)
	must_check;
/* ERR_NOT_FOUND with the name. */
bool access_tenant_find(struct store *s, struct arena *a, struct str name,
			struct tenant_row *out, struct err *e) must_check;
/* "2026-11-22T01:00:00Z", or `never`. */
struct str access_time(struct arena *a, int64_t at_s, const char *never);
/* The same as a JSON value: null for 0. */
void access_time_json(struct buf *out, int64_t at_s);
/* "name": "text" */
void access_member_json(struct buf *out, const char *name, struct str text);

#endif
