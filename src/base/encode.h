/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hex, base32 and base64 (RFC 4648). Writers append; parsers append to out and refuse
 * anything outside the alphabet (base64_parse skips blanks; padding may be missing). */
#ifndef BASE_ENCODE_H
#define BASE_ENCODE_H

#include <stdbool.h>

#include "base/buf.h"

void hex_write(struct buf *out, struct str bytes); /* lower case */
bool hex_parse(struct buf *out, struct str text) must_check;
/* Lower case, no padding: `[a-z2-7]`. 20 bytes give 32 characters. */
void base32_write(struct buf *out, struct str bytes);
void base64_write(struct buf *out, struct str bytes);
bool base64_parse(struct buf *out, struct str text) must_check;
/* Percent-encoding of all but RFC 3986 unreserved characters (section 2.3). */
void percent_write(struct buf *out, struct str bytes);
/* Decodes %XX once; other bytes stay. false at a broken escape. */
bool percent_parse(struct buf *out, struct str text) must_check;

#endif
