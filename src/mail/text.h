/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of header text, shared by those who read and those who write. Inside mail
 * only. */
#ifndef MAIL_TEXT_H
#define MAIL_TEXT_H

#include "base/base.h"

/* Takes out each CRLF before a blank (RFC 5322 section 2.2.3), makes tabs blanks. A CRLF
 * that folds nothing stays. */
void text_unfold(struct buf *out, struct str field);
/* Control, bidirectional or invisible characters, or no UTF-8. */
bool text_has_hidden(struct str s);
/* The same of what encoded words in it stand for; of other character sets than UTF-8 only
 * line breaks and NUL. */
bool text_hides_encoded(struct str s);
/* A quoted-string; its content without quotes and backslashes goes to `content`. */
bool text_read_quoted(struct cursor *c, struct buf *content) must_check;
bool text_is_ascii(struct str s);
/* Encoded words of UTF-8 (RFC 2047), base64, folded between them; `column` is where
 * the line stands, and where it stands afterwards. */
void text_write_encoded(struct buf *out, struct str s, size_t *column);
/* The words as they are, folded at blanks before column 78. */
void text_write_words(struct buf *out, struct str s, size_t *column);

#endif
