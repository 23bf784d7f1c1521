/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What to do where the folder of the sealing key, or of the database, is not there. */
#include <errno.h>
#include <unistd.h>

#include "cmd/cmd.h"

enum {
	PATH_BYTES = 4096,
};

static bool folder_is_missing(struct str path)
{
	auto_buf struct buf folder = { 0 };
	size_t end = path.len;

	while (end > 0 && path.data[end - 1] != '/')
		end--;
	if (end == 0)
		return false;
	buf_init(&folder, PATH_BYTES);
	buf_str(&folder, str_sub(path, 0, end));
	return !folder.failed && access(buf_cstr(&folder), F_OK) != 0 && errno == ENOENT;
}

static bool folder_hint(const char *option, struct err *e)
{
	return err_set(e, e->kind,
		       LANG_MARK("%s; make the folder, or name another file with %s (or "
				 "--config FILE)"),
		       e->text, option);
}

bool cmd_hint_key_folder(const struct config *config, struct err *e)
{
	if (folder_is_missing(config_text(config, CONFIG_KEYS_SECRET_FILE)))
		return folder_hint("--keys.secret_file", e);
	return false;
}

bool cmd_hint_store_folder(const struct config *config, struct err *e)
{
	struct str url = config_text(config, CONFIG_STORE_URL);
	struct str scheme = STR("sqlite:");

	if (str_starts(url, scheme) &&
	    folder_is_missing(str_sub(url, scheme.len, url.len)))
		return folder_hint("--store.url sqlite:FILE", e);
	return false;
}
