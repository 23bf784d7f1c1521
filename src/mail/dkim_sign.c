/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signing (RFC 6376 section 5): the body's hash, then the hash of the chosen header
 * fields and of the signature field itself with an empty b=, both canonicalised
 * "relaxed".
 */
#include "mail/mail.h"

enum {
	FIELD_MAX = 16 * 1024 * 1024,
	SIGNATURE_MAX = 4096,
	LINE_WIDTH = 78,
};

/* Signed where present, in this order (RFC 6376 section 5.4.1). */
static const char *const signed_fields[] = {
	"From",
	"Sender",
	"Reply-To",
	"Subject",
	"Date",
	"To",
	"Cc",
	"Message-ID",
	"MIME-Version",
	"Content-Type",
	"Content-Transfer-Encoding",
	"List-Unsubscribe",
	"List-Unsubscribe-Post",
};

/* RFC 6376 section 3.4.4 (a): blanks become one, and none at the end of the line. Gives
 * whether anything is left; blank lines before are written only then. */
static bool hash_line(struct crypto_hash *h, struct str line, size_t *empty_before)
{
	struct cursor c = cursor_over(line);
	bool any = false;

	for (;;) {
		struct str blanks = cursor_while(&c, " \t");
		struct str word = cursor_until(&c, " \t");

		if (word.len == 0)
			break;
		for (; *empty_before > 0; (*empty_before)--)
			crypto_hash_add(h, STR("\r\n"));
		if (blanks.len > 0)
			crypto_hash_add(h, STR(" "));
		crypto_hash_add(h, word);
		any = true;
	}
	return any;
}

/* RFC 6376 section 3.4.4 (b): no empty lines at the end; a body of nothing stays
 * nothing. */
static void hash_body(struct str body, uint8_t digest[CRYPTO_SHA256_LEN])
{
	struct crypto_hash *h = crypto_hash_new();
	size_t empty = 0;

	while (body.len > 0) {
		size_t end = str_find_byte(body, '\n');
		struct str line = str_sub(body, 0, end);

		if (str_ends(line, STR("\r")))
			line.len--;
		if (hash_line(h, line, &empty))
			crypto_hash_add(h, STR("\r\n"));
		else
			empty++;
		body = str_sub(body, end + 1, body.len);
	}
	crypto_hash_finish(h, digest);
	crypto_hash_free(&h);
}

/* RFC 6376 section 3.4.2: name in lower case, unfolded, blanks made one, none at the
 * ends. */
static void write_relaxed(struct buf *out, struct str name, struct str value)
{
	struct cursor c = cursor_over(value);

	for (size_t i = 0; i < name.len; i++)
		buf_byte(out, (uint8_t)ascii_lower(name.data[i]));
	buf_byte(out, ':');
	for (bool first = true;; first = false) {
		cursor_while(&c, " \t\r\n");
		struct str word = cursor_until(&c, " \t\r\n");
		if (word.len == 0)
			break;
		buf_text(out, first ? "" : " ");
		buf_str(out, word);
	}
}

static size_t count_fields(const struct mail_message *m, const char *name)
{
	size_t count = 0;

	while (mail_message_find(m, name, count))
		count++;
	return count;
}

/* RFC 6376 section 5.4.2: of fields with the same name the last is taken first. */
static void hash_fields(struct crypto_hash *h, const struct mail_message *m)
{
	auto_buf struct buf relaxed;

	buf_init(&relaxed, FIELD_MAX);
	for (size_t i = 0; i < ARRAY_LEN(signed_fields); i++) {
		for (size_t nth = count_fields(m, signed_fields[i]); nth > 0; nth--) {
			const struct mail_header *field =
				mail_message_find(m, signed_fields[i], nth - 1);

			buf_clear(&relaxed);
			write_relaxed(&relaxed, field->name, field->value);
			buf_text(&relaxed, "\r\n");
			crypto_hash_add(h, buf_view(&relaxed));
		}
	}
}

/* Appends a piece, on a new line if it would pass the width. Where a piece may begin a
 * line, the tag list allows blanks. */
static void add_piece(struct buf *out, size_t *column, struct str before,
		      struct str piece)
{
	if (*column + before.len + piece.len >= LINE_WIDTH) {
		buf_str(out, str_trim(before));
		buf_text(out, "\r\n\t");
		*column = 8;
	} else {
		buf_str(out, before);
		*column += before.len;
	}
	buf_str(out, piece);
	*column += piece.len;
}

static void write_names(struct buf *out, const struct mail_message *m, size_t *column)
{
	struct str before = STR(" ");

	for (size_t i = 0; i < ARRAY_LEN(signed_fields); i++) {
		size_t count = count_fields(m, signed_fields[i]);

		/* RFC 6376 section 8.15: one more From than there are, so none can be
		 * added. */
		if (i == 0)
			count++;
		for (; count > 0; count--) {
			auto_buf struct buf piece;

			buf_init(&piece, 64);
			buf_printf(&piece, "%s%s", before.data[0] == ' ' ? "h=" : "",
				   signed_fields[i]);
			add_piece(out, column, before, buf_view(&piece));
			before = STR(":");
		}
	}
	buf_byte(out, ';');
	(*column)++;
}

static void write_base64_folded(struct buf *out, struct str bytes, size_t *column)
{
	auto_buf struct buf text;

	buf_init(&text, SIGNATURE_MAX);
	base64_write(&text, bytes);
	struct str rest = buf_view(&text);
	while (rest.len > 0) {
		if (*column >= LINE_WIDTH - 1) {
			buf_text(out, "\r\n\t");
			*column = 8;
		}
		struct str piece = str_sub(rest, 0, LINE_WIDTH - 1 - *column);
		buf_str(out, piece);
		*column += piece.len;
		rest = str_sub(rest, piece.len, rest.len);
	}
}

/* All tags up to "b=". *column is where the last line stands. */
static void write_tags(struct buf *out, const struct mail_message *m,
		       const struct mail_dkim_signer *signer, size_t *column)
{
	uint8_t digest[CRYPTO_SHA256_LEN];
	auto_buf struct buf piece;

	hash_body(m->body, digest);
	buf_init(&piece, 1024);
	buf_text(out, " v=1; a=rsa-sha256; c=relaxed/relaxed;");
	*column = strlen("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;");
	buf_printf(&piece, "d=%.*s;", STR_ARG(signer->domain));
	add_piece(out, column, STR(" "), buf_view(&piece));
	buf_clear(&piece);
	buf_printf(&piece, "s=%.*s;", STR_ARG(signer->selector));
	add_piece(out, column, STR(" "), buf_view(&piece));
	buf_clear(&piece);
	buf_printf(&piece, "t=%jd;", (intmax_t)signer->at_s);
	add_piece(out, column, STR(" "), buf_view(&piece));
	write_names(out, m, column);
	buf_clear(&piece);
	buf_text(&piece, "bh=");
	base64_write(&piece, str_of(digest, sizeof(digest)));
	buf_byte(&piece, ';');
	add_piece(out, column, STR(" "), buf_view(&piece));
	add_piece(out, column, STR(" "), STR("b="));
}

void mail_dkim_sign(struct buf *out, const struct mail_message *m,
		    const struct mail_dkim_signer *signer)
{
	struct crypto_hash *h = crypto_hash_new();
	uint8_t digest[CRYPTO_SHA256_LEN];
	size_t column = 0;
	auto_buf struct buf value;
	buf_init(&value, FIELD_MAX);
	auto_buf struct buf relaxed;
	buf_init(&relaxed, FIELD_MAX);
	auto_buf struct buf signature;
	buf_init(&signature, SIGNATURE_MAX);

	write_tags(&value, m, signer, &column);
	hash_fields(h, m);
	/* RFC 6376 section 3.7: the field itself comes last and without a final CRLF. */
	write_relaxed(&relaxed, STR("DKIM-Signature"), buf_view(&value));
	crypto_hash_add(h, buf_view(&relaxed));
	crypto_hash_finish(h, digest);
	crypto_hash_free(&h);
	crypto_rsa_sign_sha256(signer->key, digest, &signature);
	write_base64_folded(&value, buf_view(&signature), &column);
	buf_text(out, "DKIM-Signature:");
	buf_str(out, buf_view(&value));
	buf_text(out, "\r\n");
}
