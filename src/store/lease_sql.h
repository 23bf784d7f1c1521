/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The texts that claim, which differ in how rows are locked meanwhile: `lock` stands
 * behind the LIMIT. */
#ifndef STORE_LEASE_SQL_H
#define STORE_LEASE_SQL_H

/* Whoever has it is too late: the row is ours. The fence tells the two claims apart. */
#define SQL_TAKE_OVER(now)                                                          \
	"ON CONFLICT (kind, thing_id) DO UPDATE SET node = excluded.node, fence = " \
	"excluded.fence, until_s = excluded.until_s WHERE lease.until_s <= " now

/* What is due at $4 and nobody has; keys may be missing for $5 seconds. */
#define SQL_LEASE_IDENTITIES_HEAD                                   \
	"INSERT INTO lease (kind, thing_id, node, fence, until_s) " \
	"SELECT 0, i.id, $1, $2, $3 FROM identity i "
#define SQL_LEASE_IDENTITIES_FREE                                                  \
	"i.next_look_at > 0 AND i.glance = 0 "                                     \
	"AND (i.created_at <= $4 - $5 OR NOT EXISTS "                              \
	"(SELECT 1 FROM key_wanted w WHERE w.identity_id = i.id UNION ALL "        \
	"SELECT 1 FROM key k WHERE k.identity_id = i.id AND k.published_at = 0)) " \
	"AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.kind = 0 AND l.thing_id = " \
	"i.id AND l.until_s > $4) "
#define SQL_LEASE_IDENTITIES_DUE "i.next_look_at <= $4 AND " SQL_LEASE_IDENTITIES_FREE
#define SQL_LEASE_IDENTITIES_TEXT(lock)                         \
	SQL_LEASE_IDENTITIES_HEAD                               \
	"WHERE " SQL_LEASE_IDENTITIES_DUE                       \
	"ORDER BY i.next_look_at LIMIT $6 " lock SQL_TAKE_OVER( \
		"$4") " RETURNING thing_id"
/* With the tenant of each, so that turns can be told what they got. */
#define SQL_LEASE_IDENTITIES_TAKE_OF                                             \
	SQL_TAKE_OVER("$4")                                                      \
	" RETURNING thing_id, (SELECT i.tenant_id FROM identity i WHERE i.id = " \
	"thing_id)"

/* Queued messages that may go: no older one of the identity goes first. One that the
 * relay has put off three times holds the others no longer. */
#define SQL_MESSAGES_AT_THE_HEAD                                                    \
	"FROM message m WHERE m.state = 1 AND NOT EXISTS (SELECT 1 FROM message o " \
	"WHERE o.state = 1 AND o.identity_id = m.identity_id AND o.id < m.id "      \
	"AND o.tries < 3)"
#define SQL_LEASE_MESSAGE_TEXT(lock)                                      \
	"INSERT INTO lease (kind, thing_id, node, fence, until_s) "       \
	"SELECT 1, m.id, $1, $2, $3 " SQL_MESSAGES_AT_THE_HEAD            \
	" AND m.next_try_at <= $4 AND NOT EXISTS (SELECT 1 FROM lease l " \
	"WHERE l.kind = 1 AND l.thing_id = m.id AND l.until_s > $4) "     \
	"ORDER BY m.id LIMIT 1 " lock SQL_TAKE_OVER("$4") " RETURNING thing_id"

/* By number, in what query_bind_ints has bound. */
#define SQL_IDENTITY_LOCK_OF_TEXT(is_one, lock) \
	"SELECT id FROM identity WHERE id " is_one " ORDER BY id" lock
#define SQL_IDENTITY_HOLD_TEXT(columns, is_one)                                  \
	"SELECT coalesce((SELECT l.fence FROM lease l WHERE l.kind = 0 AND "     \
	"l.thing_id = i.id), 0), " columns " FROM identity i WHERE i.id " is_one \
	" ORDER BY i.id"
#define SQL_MESSAGE_RELEASE_OF_TEXT(is_one)                                        \
	"UPDATE message SET state = 1, next_try_at = $1 WHERE identity_id " is_one \
	" AND state = 0"
#define SQL_LEASE_END_OF_TEXT(is_one) \
	"DELETE FROM lease WHERE kind = 0 AND thing_id " is_one

#endif
