/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Page tokens: hex of MAC (16 bytes) and the last item's key. */
#include "api/page.h"

enum {
	MAC_LEN = 16,
	AFTER_MAX = 512,
};

static void mac_make(const struct page_seal *s, struct str after,
		     uint8_t mac[CRYPTO_SHA256_LEN])
{
	auto_buf struct buf bound;
	buf_init(&bound, AFTER_MAX + 256);
	buf_printf(&bound, "page:%s:", s->list);
	buf_u64(&bound, (uint64_t)s->tenant_id);
	buf_str(&bound, after);
	crypto_hmac_sha256(str_of(s->key, CRYPTO_SHA256_LEN), buf_view(&bound), mac);
}

void page_token_write(struct buf *out, const struct page_seal *s, struct str after)
{
	uint8_t mac[CRYPTO_SHA256_LEN];
	mac_make(s, after, mac);
	hex_write(out, str_of(mac, MAC_LEN));
	hex_write(out, after);
}

bool page_token_parse(struct arena *a, const struct page_seal *s, struct str token,
		      struct str *after_out, struct err *e)
{
	uint8_t mac[CRYPTO_SHA256_LEN];
	auto_buf struct buf plain;
	buf_init(&plain, MAC_LEN + AFTER_MAX);
	bool is_hex = hex_parse(&plain, token) && !plain.failed && plain.len > MAC_LEN;
	struct str after = str_sub(buf_view(&plain), MAC_LEN, AFTER_MAX);
	if (is_hex)
		mac_make(s, after, mac);
	if (!is_hex ||
	    !crypto_equal(str_sub(buf_view(&plain), 0, MAC_LEN), str_of(mac, MAC_LEN)))
		return err_set(
			e, ERR_USAGE,
			"not a place in this list: use the text as the page before "
			"gave it");
	*after_out = arena_str(a, after);
	return true;
}
