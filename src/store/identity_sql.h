/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns of identities, in the order in which rows are bound and read. */
#ifndef STORE_IDENTITY_SQL_H
#define STORE_IDENTITY_SQL_H

/* What a save writes; identity_bind_state binds in this order. */
#define STATE_COLUMNS                                                         \
	"dkim_status, dkim_started_at, dkim_lost_at, dkim_missed_at, "        \
	"dkim_misses, dkim_failed_at, mail_from_status, "                     \
	"mail_from_started_at, mail_from_lost_at, mail_from_missed_at, "      \
	"mail_from_misses, mail_from_failed_at, ownership_status, "           \
	"ownership_started_at, ownership_lost_at, ownership_missed_at, "      \
	"ownership_misses, ownership_failed_at, created_at, last_looked_at, " \
	"last_success_at, next_look_at, looks, error, why, full_look_at, "    \
	"glance, unclear, failures, unknowns, watched_until, has_soa, "       \
	"soa_mname, soa_rname, "                                              \
	"soa_serial, name_servers, previous_name_servers, registered_at, "    \
	"mail_from_domain, mail_from_reject, ownership_token, ses_status, "   \
	"ses_checked_at, checked_at, verdict, findings, cost, report_hash"

#define IDENTITY_COLUMNS                                                               \
	"id, tenant_id, domain, token_1, token_2, token_3, key_zone, keys_elsewhere, " \
	"version, " STATE_COLUMNS

#endif
