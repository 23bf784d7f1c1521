/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MIME bodies (RFC 2045, RFC 2046): quoted-printable where most is ASCII, else base64. */
#include "mail/body.h"

enum {
	LINE_WIDTH = 76, /* RFC 2045 section 6.7 (5), section 6.8 */
	LINE_BYTES = 57, /* give 76 characters of base64 */
	BOUNDARY_BYTES = 16,
};

/* Lines that end in CR, LF or CRLF, written with CRLF (RFC 2046 section 4.1.1). */
static void write_lines(struct buf *out, struct str text)
{
	struct cursor c = cursor_over(text);

	while (cursor_left(&c) > 0) {
		buf_str(out, cursor_until(&c, "\r\n"));
		bool ends = cursor_accept(&c, '\r');
		ends = cursor_accept(&c, '\n') || ends;
		if (ends)
			buf_text(out, "\r\n");
	}
}

/* RFC 2045 section 6.7 (2): printable ASCII but not the equals sign. */
static bool is_literal(char c)
{
	return (c >= ' ' && c <= '~' && c != '=') || c == '\t';
}

/* Encoded although it is literal: a blank at the line's end (rule 3), and what mail
 * software changes at its beginning: a dot (RFC 5321 section 4.5.2), and "From " of
 * mailbox files. */
static bool needs_care(struct str line, size_t at)
{
	bool is_blank = line.data[at] == ' ' || line.data[at] == '\t';

	return (is_blank && at + 1 == line.len) || (at == 0 && line.data[0] == '.') ||
	       (at == 0 && str_starts(line, STR("From ")));
}

static void write_quoted_line(struct buf *out, struct str line)
{
	size_t column = 0;

	for (size_t i = 0; i < line.len; i++) {
		bool literal = is_literal(line.data[i]) && !needs_care(line, i);
		size_t width = literal ? 1 : 3;

		/* Rule 5: room for the "=" of a soft line break. */
		if (column + width > LINE_WIDTH - 1) {
			buf_text(out, "=\r\n");
			column = 0;
		}
		/* After a soft break too no line may begin with a dot. */
		if (literal && column == 0 && line.data[i] == '.')
			literal = false;
		if (literal)
			buf_byte(out, (uint8_t)line.data[i]);
		else
			buf_printf(out, "=%02X", (unsigned char)line.data[i]);
		column += literal ? 1 : 3;
	}
}

static void write_quoted(struct buf *out, struct str lines)
{
	while (lines.len > 0) {
		size_t end = str_find_byte(lines, '\n');
		bool ends = end < lines.len;

		write_quoted_line(out, str_sub(lines, 0, ends ? end - 1 : end));
		buf_text(out, ends ? "\r\n" : "");
		lines = str_sub(lines, ends ? end + 1 : end, lines.len);
	}
}

static void write_base64(struct buf *out, struct str lines)
{
	for (size_t at = 0; at < lines.len; at += LINE_BYTES) {
		base64_write(out, str_sub(lines, at, LINE_BYTES));
		buf_text(out, "\r\n");
	}
}

/* base64 makes four of three, quoted-printable three of one. */
static bool prefers_base64(struct str lines)
{
	size_t encoded = 0;

	for (size_t i = 0; i < lines.len; i++)
		encoded += !is_literal(lines.data[i]) && !ascii_is_blank(lines.data[i]);
	return encoded > lines.len / 6;
}

static bool is_utf8(struct str text)
{
	auto_buf struct buf same;

	buf_init(&same, 3 * text.len);
	escape_utf8(&same, text);
	return str_equal(buf_view(&same), text);
}

static bool write_part(struct buf *out, const char *subtype, struct str text,
		       struct err *e)
{
	auto_buf struct buf lines;

	buf_init(&lines, 2 * text.len);
	if (!is_utf8(text))
		return err_set(e, ERR_USAGE, "the %s text is not UTF-8", subtype);
	write_lines(&lines, text);
	bool base64 = prefers_base64(buf_view(&lines));
	buf_printf(out, "Content-Type: text/%s; charset=utf-8\r\n", subtype);
	buf_printf(out, "Content-Transfer-Encoding: %s\r\n\r\n",
		   base64 ? "base64" : "quoted-printable");
	if (base64)
		write_base64(out, buf_view(&lines));
	else
		write_quoted(out, buf_view(&lines));
	return true;
}

/* "=_" is in no quoted-printable and no base64 text (RFC 2045 section 6.7). */
static void make_boundary(struct buf *out, struct str seed)
{
	uint8_t digest[CRYPTO_SHA256_LEN];

	crypto_sha256(seed, digest);
	buf_text(out, "=_");
	hex_write(out, str_of(digest, BOUNDARY_BYTES));
}

static bool write_alternatives(struct buf *out, const struct mail_draft *d, struct err *e)
{
	auto_buf struct buf boundary;

	buf_init(&boundary, 64);
	make_boundary(&boundary, d->message_id);
	buf_printf(out,
		   "Content-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n",
		   buf_cstr(&boundary));
	buf_printf(out, "--%s\r\n", buf_cstr(&boundary));
	if (!write_part(out, "plain", d->text, e))
		return false;
	buf_printf(out, "\r\n--%s\r\n", buf_cstr(&boundary));
	if (!write_part(out, "html", d->html, e))
		return false;
	buf_printf(out, "\r\n--%s--\r\n", buf_cstr(&boundary));
	return true;
}

bool body_write(struct buf *out, const struct mail_draft *d, struct err *e)
{
	if (d->text.len > 0 && d->html.len > 0)
		return write_alternatives(out, d, e);
	if (d->html.len > 0)
		return write_part(out, "html", d->html, e);
	return write_part(out, "plain", d->text, e);
}
