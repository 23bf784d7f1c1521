/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hex, base32, base64 (RFC 4648) and percent-encoding (RFC 3986). A parser that fails
 * leaves its output as it was. */
#include "base/encode.h"

static const char hex_digits[] = "0123456789abcdef";
static const char hex_digits_upper[] = "0123456789ABCDEF";
static const char base32_alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
static const char base64_alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int hex_value(char c)
{
	if (ascii_is_digit((unsigned char)c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* What a parser returns: on failure nothing of it stays in out. */
static bool parsed(struct buf *out, size_t len_before, bool ok)
{
	if (ok && !out->failed)
		return true;
	buf_cut(out, len_before);
	return false;
}

void hex_write(struct buf *out, struct str bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char byte = (unsigned char)bytes.data[i];
		buf_byte(out, (uint8_t)hex_digits[byte >> 4]);
		buf_byte(out, (uint8_t)hex_digits[byte & 15]);
	}
}

bool hex_parse(struct buf *out, struct str text)
{
	size_t before = out->len;
	bool ok = text.len % 2 == 0;

	for (size_t i = 0; ok && i < text.len; i += 2) {
		int high = hex_value(text.data[i]);
		int low = hex_value(text.data[i + 1]);
		ok = high >= 0 && low >= 0;
		if (ok)
			buf_byte(out, (uint8_t)(high << 4 | low));
	}
	return parsed(out, before, ok);
}

void base32_write(struct buf *out, struct str bytes)
{
	uint32_t bits = 0;
	int count = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		bits = (bits << 8 | (unsigned char)bytes.data[i]) & 0xfff;
		for (count += 8; count >= 5; count -= 5)
			buf_byte(out, (uint8_t)base32_alphabet[bits >> (count - 5) & 31]);
	}
	if (count > 0)
		buf_byte(out, (uint8_t)base32_alphabet[bits << (5 - count) & 31]);
}

/* One to three bytes as four characters. */
static void base64_write_group(struct buf *out, struct str group)
{
	uint32_t bits = 0;
	char text[4] = { '=', '=', '=', '=' };

	for (size_t i = 0; i < 3; i++)
		bits = bits << 8 | (i < group.len ? (unsigned char)group.data[i] : 0);
	for (size_t i = 0; i <= group.len; i++)
		text[i] = base64_alphabet[bits >> (18 - 6 * i) & 63];
	buf_add(out, text, sizeof(text));
}

void base64_write(struct buf *out, struct str bytes)
{
	for (size_t i = 0; i < bytes.len; i += 3)
		base64_write_group(out, str_sub(bytes, i, 3));
}

bool base64_parse(struct buf *out, struct str text)
{
	size_t before = out->len;
	size_t symbols = 0;
	size_t padding = 0;
	uint32_t bits = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (ascii_is_blank((unsigned char)text.data[i]))
			continue;
		if (text.data[i] == '=') {
			padding++;
			continue;
		}
		int value = base64_value(text.data[i]);
		if (value < 0 || padding)
			return parsed(out, before, false);
		bits = (bits << 6 | (uint32_t)value) & 0xffffff;
		symbols++;
		/* Each symbol but the first of four completes a byte. */
		if (symbols % 4 != 1)
			buf_byte(out, (uint8_t)(bits >> (6 - 2 * ((symbols - 1) % 4))));
	}
	bool whole = symbols % 4 != 1 && (!padding || padding == (4 - symbols % 4) % 4);
	return parsed(out, before, whole);
}

/* RFC 3986 section 2.3. */
static bool percent_is_unreserved(char c)
{
	return ascii_is_alnum((unsigned char)c) || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

void percent_write(struct buf *out, struct str bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char byte = (unsigned char)bytes.data[i];
		if (percent_is_unreserved(bytes.data[i])) {
			buf_byte(out, byte);
			continue;
		}
		/* RFC 3986 section 2.1: upper case digits. */
		buf_byte(out, '%');
		buf_byte(out, (uint8_t)hex_digits_upper[byte >> 4]);
		buf_byte(out, (uint8_t)hex_digits_upper[byte & 15]);
	}
}

bool percent_parse(struct buf *out, struct str text)
{
	size_t before = out->len;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] != '%') {
			buf_byte(out, (uint8_t)text.data[i]);
			continue;
		}
		if (!hex_parse(out, str_sub(text, i + 1, 2)) || text.len - i < 3)
			return parsed(out, before, false);
		i += 2;
	}
	return parsed(out, before, true);
}
