/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message made of its parts. Every address is taken apart and written anew, every
 * text is either plain ASCII or encoded words, so nothing given can begin a header
 * field of its own.
 */
#include <time.h>

#include "mail/body.h"
#include "mail/mail.h"
#include "mail/text.h"

enum {
	ARENA_LIMIT = 1024 * 1024,
	TEXT_MAX = 64 * 1024,
	WORD_MAX = 900, /* with its field name below 998 (RFC 5322 section 2.1.1) */
	NAME_MAX_LEN = 76,
};

/* Fields that a draft sets, or that belong to those who carry the message. */
static const char *const own_fields[] = {
	"From",
	"Sender",
	"Reply-To",
	"To",
	"Cc",
	"Bcc",
	"Subject",
	"Date",
	"Message-ID",
	"MIME-Version",
	"DKIM-Signature",
	"Return-Path",
	"Received",
	"Content-Type",
	"Content-Transfer-Encoding",
};

static void begin_field(struct buf *out, const char *name, size_t *column)
{
	buf_printf(out, "%s: ", name);
	*column = strlen(name) + 2;
}

static void end_field(struct buf *out)
{
	buf_text(out, "\r\n");
}

/* Blanks that folding would lose, and words that no line can hold. */
static bool folds_badly(struct str s)
{
	struct str rest = s;
	struct str word;

	if (s.len != str_trim(s).len)
		return true;
	while (str_split(&rest, ' ', &word)) {
		if (word.len > WORD_MAX)
			return true;
	}
	return false;
}

static bool has_encoded_word(struct str s)
{
	for (size_t i = 0; i + 1 < s.len; i++) {
		if (s.data[i] == '=' && s.data[i + 1] == '?')
			return true;
	}
	return false;
}

static bool write_subject(struct buf *out, struct str subject, struct err *e)
{
	size_t column;

	if (subject.len > TEXT_MAX || text_has_hidden(subject))
		return err_set(e, ERR_USAGE,
			       "the subject is too long, or has a line break or "
			       "another control character in it");
	begin_field(out, "Subject", &column);
	if (!text_is_ascii(subject) || folds_badly(subject) || has_encoded_word(subject))
		text_write_encoded(out, subject, &column);
	else
		text_write_words(out, subject, &column);
	end_field(out);
	return true;
}

/* The content of a display name: words and quoted strings without their quotes. */
static void unquote(struct buf *out, struct str display)
{
	struct cursor c = cursor_over(display);

	while (cursor_left(&c) > 0) {
		if (cursor_peek(&c) != '"')
			buf_byte(out, cursor_u8(&c));
		else if (!text_read_quoted(&c, out))
			return;
	}
}

static void write_display(struct buf *out, struct str display, size_t *column)
{
	auto_buf struct buf content;

	buf_init(&content, TEXT_MAX);
	unquote(&content, display);
	if (text_is_ascii(display) && !folds_badly(display))
		text_write_words(out, display, column);
	else
		text_write_encoded(out, buf_view(&content), column);
}

static bool write_mailbox(struct buf *out, struct str text, size_t *column, struct err *e)
{
	auto_arena struct arena a;
	arena_init(&a, ARENA_LIMIT);
	struct str display;
	struct mail_address address;

	if (!mail_mailbox_parse(&a, text, &display, &address, e))
		return false;
	bool named = display.len > 0;
	if (named)
		write_display(out, display, column);
	char *spec = arena_printf(&a, "%s%.*s@%.*s%s", named ? " <" : "",
				  STR_ARG(address.local), STR_ARG(address.domain),
				  named ? ">" : "");
	text_write_words(out, str_from(spec), column);
	return true;
}

static bool write_mailboxes(struct buf *out, const char *name, const struct str *list,
			    size_t count, struct err *e)
{
	size_t column;

	if (count == 0)
		return true;
	begin_field(out, name, &column);
	for (size_t i = 0; i < count; i++) {
		if (i > 0) {
			buf_text(out, ",\r\n ");
			column = 1;
		}
		if (!write_mailbox(out, list[i], &column, e))
			return err_in(e, "%s", name);
	}
	end_field(out);
	return true;
}

static bool is_field_name(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i] <= ' ' || name.data[i] > '~' || name.data[i] == ':')
			return false;
	}
	return name.len > 0 && name.len <= NAME_MAX_LEN;
}

static bool is_own_field(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(own_fields); i++) {
		if (str_equal_nocase(name, str_from(own_fields[i])))
			return true;
	}
	return false;
}

static bool write_further(struct buf *out, const struct mail_field *field, struct err *e)
{
	struct str value = str_trim(field->value);
	size_t column = field->name.len + 2;

	if (!is_field_name(field->name))
		return err_set(e, ERR_USAGE,
			       "a header field's name is empty, too long, or has "
			       "a character that may not stand there");
	if (is_own_field(field->name))
		return err_set(e, ERR_USAGE, "header field '%.*s' is not free to be set",
			       STR_ARG(field->name));
	if (value.len > TEXT_MAX || value.len != field->value.len ||
	    text_has_hidden(value) || (text_is_ascii(value) && folds_badly(value)))
		return err_set(e, ERR_USAGE,
			       "the value of header field '%.*s' is too long, or "
			       "has a line break, a control character or outer "
			       "blanks",
			       STR_ARG(field->name));
	buf_str(out, field->name);
	buf_text(out, ": ");
	if (text_is_ascii(value))
		text_write_words(out, value, &column);
	else
		text_write_encoded(out, value, &column);
	end_field(out);
	return true;
}

/* RFC 5322 section 3.3, in UTC. */
static bool write_date(struct buf *out, int64_t at_s, struct err *e)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t at = (time_t)at_s;
	struct tm t;

	if (!gmtime_r(&at, &t) || t.tm_year < 0 || t.tm_year > 9999 - 1900)
		return err_set(e, ERR_USAGE, "the date is out of range");
	buf_printf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n",
		   days[t.tm_wday], t.tm_mday, months[t.tm_mon], t.tm_year + 1900,
		   t.tm_hour, t.tm_min, t.tm_sec);
	return true;
}

static bool write_message_id(struct buf *out, struct str id, struct err *e)
{
	if (id.len == 0)
		return true;
	for (size_t i = 0; i < id.len; i++) {
		if (id.data[i] <= ' ' || id.data[i] > '~' || id.data[i] == '<' ||
		    id.data[i] == '>')
			return err_set(e, ERR_USAGE,
				       "the message id has a character that may "
				       "not stand there");
	}
	if (id.len > WORD_MAX)
		return err_set(e, ERR_USAGE, "the message id is too long");
	buf_printf(out, "Message-ID: <%.*s>\r\n", STR_ARG(id));
	return true;
}

static bool write_header(struct buf *out, const struct mail_draft *d, struct err *e)
{
	if (!write_date(out, d->date_s, e) || !write_message_id(out, d->message_id, e) ||
	    !write_mailboxes(out, "From", &d->from, 1, e) ||
	    !write_mailboxes(out, "Reply-To", d->reply_to, d->reply_to_count, e) ||
	    !write_mailboxes(out, "To", d->to, d->to_count, e) ||
	    !write_mailboxes(out, "Cc", d->cc, d->cc_count, e) ||
	    !write_subject(out, d->subject, e))
		return false;
	for (size_t i = 0; i < d->header_count; i++) {
		if (!write_further(out, &d->headers[i], e))
			return false;
	}
	buf_text(out, "MIME-Version: 1.0\r\n");
	return true;
}

bool mail_draft_write(struct buf *out, const struct mail_draft *d, struct err *e)
{
	size_t start = out->len;

	if (write_header(out, d, e) && body_write(out, d, e))
		return true;
	buf_cut(out, start);
	return false;
}
