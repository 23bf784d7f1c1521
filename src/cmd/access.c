/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening the database for commands about tenants and tokens, and texts of both. */
#include "cmd/access.h"

#include <sys/stat.h>

bool access_store_open(const struct config *config, struct store **out, struct err *e)
{
	umask(077);
	return store_open(config_text(config, CONFIG_STORE_URL), out, e) ||
	       cmd_hint_store_folder(config, e);
}

bool access_tenant_find(struct store *s, struct arena *a, struct str name,
			struct tenant_row *out, struct err *e)
{
	if (store_tenant_by_name(s, a, name, out, e))
		return true;
	if (e->kind == ERR_NOT_FOUND)
		return err_set(e, ERR_NOT_FOUND,
			       lang_text(e->lang, "there is no tenant '%.*s'"),
			       STR_ARG(str_sub(name, 0, 64)));
	return false;
}

struct str access_time(struct arena *a, int64_t at_s, const char *never)
{
	if (at_s == 0)
		return str_from(never);
	auto_buf struct buf text;
	buf_init(&text, 64);
	clock_write_rfc3339(&text, at_s);
	return arena_str(a, buf_view(&text));
}

void access_time_json(struct buf *out, int64_t at_s)
{
	if (at_s == 0) {
		buf_text(out, "null");
		return;
	}
	buf_byte(out, '"');
	clock_write_rfc3339(out, at_s);
	buf_byte(out, '"');
}

void access_member_json(struct buf *out, const char *name, struct str text)
{
	buf_printf(out, "\"%s\": ", name);
	escape_json(out, text);
}
