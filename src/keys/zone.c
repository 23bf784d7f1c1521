/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The key zone as a zone file (RFC 1035 section 5.1): SOA, NS, and per selector one TXT
 * with the key, or `v=DKIM1; p=` where it was revoked (RFC 6376 section 3.6.1). No
 * address anywhere: a provider that flattens a customer's CNAME then has nothing to
 * answer, and it shows.
 */
#include <unistd.h>

#include "keys/keys.h"
#include "keys/reload.h"
#include "policy/policy.h"

enum {
	ZONE_BYTES_MAX = 512 * 1024 * 1024,
	RECORD_BYTES = 4096,
	TXT_STRING_MAX = 255, /* octets of one string, RFC 1035 section 3.3 */
	TTL_S = 300,
	NEGATIVE_TTL_S = 10, /* a key that is new must not be remembered as missing */
};

struct zone {
	struct buf text;
	struct buf record; /* scratch */
};

/* "v=DKIM1; ..." as quoted strings; it has no quote and no backslash. */
static void strings_write(struct buf *out, struct str text)
{
	for (size_t at = 0; at < text.len; at += TXT_STRING_MAX) {
		struct str part = str_sub(text, at, TXT_STRING_MAX);
		buf_printf(out, " \"%.*s\"", STR_ARG(part));
	}
	buf_byte(out, '\n');
}

static void zone_add_key(void *arg, const struct key_row *row)
{
	struct zone *zone = arg;

	buf_clear(&zone->record);
	if (row->revoked_at)
		buf_text(&zone->record, "v=DKIM1; p=");
	else
		policy_dkim_key_write(&zone->record, row->public_der);
	buf_printf(&zone->text, "%.*s TXT", STR_ARG(row->selector));
	strings_write(&zone->text, buf_view(&zone->record));
	zone->text.failed = zone->text.failed || zone->record.failed;
}

static void zone_add_head(struct zone *zone, const struct config *config, uint32_t serial)
{
	struct str origin = config_text(config, CONFIG_KEYS_ZONE);
	size_t count;
	const struct str *servers = config_list(config, CONFIG_KEYS_NAME_SERVERS, &count);
	struct buf *out = &zone->text;

	buf_printf(out, "; made by unpend: do not edit, it is replaced whole\n");
	buf_printf(out, "$ORIGIN %.*s.\n$TTL %d\n", STR_ARG(origin), TTL_S);
	buf_text(out, "@ SOA ");
	if (count)
		buf_printf(out, "%.*s.", STR_ARG(servers[0]));
	else
		buf_text(out, "ns");
	buf_printf(out, " hostmaster %u 3600 600 1209600 %d\n", serial, NEGATIVE_TTL_S);
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "@ NS %.*s.\n", STR_ARG(servers[i]));
	if (!count)
		buf_text(out, "@ NS ns\n");
}

static bool zone_write(struct store *s, const struct config *config, int64_t now_s,
		       struct err *e)
{
	struct zone zone;
	uint32_t serial;

	/* Taken before anything is written: no two files ever have the same. */
	if (!store_key_serial_take(s, now_s, &serial, e))
		return false;
	buf_init(&zone.text, ZONE_BYTES_MAX);
	buf_init(&zone.record, RECORD_BYTES);
	zone_add_head(&zone, config, serial);
	bool written = store_key_each(s, zone_add_key, &zone, e);
	if (written && zone.text.failed)
		written = err_set(e, ERR_LIMIT, "the key zone is larger than %d MiB",
				  ZONE_BYTES_MAX / 1024 / 1024);
	written = written && file_replace(config_cstr(config, CONFIG_KEYS_ZONE_FILE),
					  buf_view(&zone.text), 0644, e);
	buf_done(&zone.text);
	buf_done(&zone.record);
	return written;
}

/* In one transaction with a look at the role's lease: whoever lost it while he wrote does
 * not know which file is served. */
static bool generation_mark(struct store *s, const struct keys_turn *turn,
			    int64_t generation, struct err *e)
{
	struct err failed = { 0 };

	if (!store_begin(s, e))
		return false;
	if ((!turn->lease.fence ||
	     store_lease_renew(s, &turn->lease, turn->until_s, &failed)) &&
	    store_key_published(s, generation, turn->now_s, &failed) &&
	    store_commit(s, &failed))
		return true;
	store_rollback(s);
	*e = failed;
	return false;
}

static bool generation_publish(struct store *s, const struct config *config,
			       const struct keys_turn *turn, int64_t generation,
			       struct err *e)
{
	const char *path = config_cstr(config, CONFIG_KEYS_ZONE_FILE);
	struct str reload = config_text(config, CONFIG_KEYS_RELOAD);

	/* Without a file somebody else publishes the keys: there is nothing to wait for.
	 */
	if (*path && (!zone_write(s, config, turn->now_s, e) || !reload_run(reload, e)))
		return false;
	return generation_mark(s, turn, generation, e);
}

bool keys_publish(struct store *s, const struct config *config,
		  const struct keys_turn *turn, bool *changed_out, struct err *e)
{
	const char *path = config_cstr(config, CONFIG_KEYS_ZONE_FILE);
	int64_t generation, published;

	if (!store_key_generation(s, &generation, &published, e))
		return false;
	bool is_there = !*path || access(path, F_OK) == 0;
	bool is_new = published < generation || !is_there;
	if (is_new && !generation_publish(s, config, turn, generation, e))
		return false;
	*changed_out = is_new;
	return true;
}

bool keys_publish_again(struct store *s, const struct config *config,
			const struct keys_turn *turn, bool *changed_out, struct err *e)
{
	int64_t generation, published;

	if (!store_key_generation(s, &generation, &published, e) ||
	    !generation_publish(s, config, turn, generation, e))
		return false;
	*changed_out = true;
	return true;
}
