/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the key comes from that seals everything else. */
#include <unistd.h>

#include "keys/keys.h"

enum {
	PATH_BYTES = 4096,
};

bool keys_secret_load(const struct config *config, const char *credentials, bool create,
		      uint8_t out[CRYPTO_KEY_LEN], struct err *e)
{
	auto_buf struct buf path;

	buf_init(&path, PATH_BYTES);
	if (credentials && *credentials) {
		buf_printf(&path, "%s/unpend.secret", credentials);
		if (path.failed)
			return err_set(e, ERR_USAGE, "the credentials' path is too long");
		if (access(buf_cstr(&path), F_OK) == 0)
			return crypto_key_load(buf_cstr(&path), false, out, e);
	}
	return crypto_key_load(config_cstr(config, CONFIG_KEYS_SECRET_FILE), create, out,
			       e);
}
