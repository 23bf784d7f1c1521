/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sealing key: made once, for a database that holds nothing yet; never replaced. A
 * new one in the place of one that was lost opens nothing, and what it seals the old one
 * does not open when it is brought back. */
#include <stdlib.h>

#include "cmd/cmd.h"
#include "keys/keys.h"
#include "service/service.h"

enum {
	ARENA_MAX = 1 << 20,
};

bool cmd_seal_key_load(const struct config *config, struct store *store,
		       uint8_t out[CRYPTO_KEY_LEN], struct err *e)
{
	auto_arena struct arena a;
	struct tenant_list tenants = { NULL, 0 };
	struct err refused = { 0 };
	struct str secret;

	arena_init(&a, ARENA_MAX);
	if (!store_tenant_list(store, &a, 0, 1, &tenants, e))
		return false;
	if (!keys_secret_load(config, getenv("CREDENTIALS_DIRECTORY"), !tenants.count,
			      out, e))
		return cmd_hint_key_folder(config, e) || err_in(e, "sealing key");
	if (!tenants.count ||
	    service_tenant_secret(&a, out, &tenants.rows[0], &secret, &refused))
		return true;
	return err_set(e, ERR_USAGE,
		       LANG_MARK("the sealing key is not the one of this database: bring "
				 "back the one that was there when the database was made "
				 "(keys.secret_file)"));
}
