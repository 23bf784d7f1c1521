/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Escapes of the presentation form. */
#include "dns/presentation.h"

bool dns_escape_read(struct cursor *c, uint8_t *octet_out, struct err *e)
{
	int next = cursor_peek(c);
	uint64_t n;

	if (next < ' ' || next > '~')
		return err_set(e, ERR_USAGE, "a backslash has no character behind it");
	if (!ascii_is_digit((unsigned char)next)) {
		*octet_out = cursor_u8(c);
		return true;
	}
	if (!str_number(cursor_bytes(c, 3), 255, &n) || !cursor_ok(c))
		return err_set(e, ERR_USAGE, "an escape is not \\DDD with DDD up to 255");
	*octet_out = (uint8_t)n;
	return true;
}

void dns_octet_write(struct buf *out, uint8_t octet, const char *special)
{
	if (octet < ' ' || octet > '~') {
		buf_printf(out, "\\%03u", octet);
		return;
	}
	if (strchr(special, octet))
		buf_byte(out, '\\');
	buf_byte(out, octet);
}
