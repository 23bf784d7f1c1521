/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a request to the message: Simple is written by mail, Raw is taken apart and put
 * right. */
#include "send/compose.h"

#include <time.h>

enum {
	CONTENT_MAX = 10 * 1024 * 1024,
};

/* A raw message with CRLF at the end of each line, whatever stood there; NUL and a CR
 * without LF are refused (RFC 5321 section 2.3.8). */
static bool lines_normalise(struct buf *out, struct str raw, struct err *e)
{
	struct cursor c = cursor_over(raw);

	while (cursor_left(&c)) {
		struct str line = cursor_until(&c, "\n");
		bool ended = cursor_accept(&c, '\n');
		if (ended && line.len && line.data[line.len - 1] == '\r')
			line.len--;
		if (str_find_byte(line, '\r') != line.len)
			return err_set(e, ERR_USAGE,
				       "a line holds a carriage return that "
				       "does not end it");
		if (str_find_byte(line, '\0') != line.len)
			return err_set(e, ERR_USAGE, "the message holds a NUL");
		buf_str(out, line);
		buf_text(out, ended ? "\r\n" : "");
	}
	return !out->failed || err_set(e, ERR_LIMIT, "the message is larger than %d MiB",
				       CONTENT_MAX / 1024 / 1024);
}

/* RFC 5322 section 3.3, in UTC. */
static void date_write(struct buf *out, int64_t at_s)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed",
					    "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t at = (time_t)at_s;
	struct tm tm = { 0 };

	(void)gmtime_r(&at, &tm);
	buf_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday],
		   tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour,
		   tm.tm_min, tm.tm_sec);
}

/* --- who it is from --- */

/* Adds the mailbox's address; what the message says twice is one claim. */
static bool claim_add(struct arena *a, struct composed *c, struct str mailbox,
		      struct str *address_out, struct err *e)
{
	struct mail_address address;
	struct str display;

	if (!mail_mailbox_parse(a, mailbox, &display, &address, e))
		return false;
	struct str text = str_from(arena_printf(a, "%.*s@%.*s", STR_ARG(address.local),
						STR_ARG(address.domain)));
	*address_out = text;
	for (size_t i = 0; i < c->claim_count; i++)
		if (str_equal(c->claims[i].address, text))
			return true;
	if (c->claim_count == SEND_CLAIMS_MAX)
		return err_set(e, ERR_USAGE,
			       "it claims to come from more than %d senders",
			       SEND_CLAIMS_MAX);
	c->claims[c->claim_count++] = (struct claim){ text, address.domain };
	return true;
}

static bool claim_add_header(struct arena *a, struct composed *c,
			     const struct mail_message *m, const char *name,
			     struct str *address_out, struct err *e)
{
	const struct mail_header *header = mail_message_find(m, name, 0);

	if (!header)
		return true;
	if (!claim_add(a, c, header->value, address_out, e))
		return err_in(e, "header '%s'", name);
	return true;
}

/* RFC 5322 section 3.6.6: who sent it again; there may be several blocks of them. */
static bool claims_add_resent(struct arena *a, struct composed *c,
			      const struct mail_message *m, struct err *e)
{
	static const char *const names[] = { "Resent-From", "Resent-Sender" };
	struct str ignored;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct mail_header *header;
		for (size_t n = 0; (header = mail_message_find(m, names[i], n)); n++)
			if (!claim_add(a, c, header->value, &ignored, e))
				return err_in(e, "header '%s'", names[i]);
	}
	return true;
}

/* The envelope sender is the Return-Path if the message has one, else who the caller says
 * it is from, else the header From. */
static bool claims_collect(struct arena *a, struct composed *c, struct str from,
			   const struct mail_message *m, struct err *e)
{
	struct str ignored;

	if (!claim_add_header(a, c, m, "From", &c->sender, e) ||
	    !claim_add_header(a, c, m, "Sender", &ignored, e) ||
	    !claims_add_resent(a, c, m, e))
		return false;
	if (from.len && !claim_add(a, c, from, &c->sender, e))
		return err_in(e, "sender");
	return claim_add_header(a, c, m, "Return-Path", &c->sender, e);
}

/* --- Raw --- */

/* RFC 5322 section 3.6: fields that stand once. A second one is shown by some readers,
 * checked by others: that is how mail is forged past a gate. */
static bool fields_check(const struct mail_message *m, struct err *e)
{
	static const char *const once[] = {
		"From",         "Sender",       "Reply-To",
		"To",           "Cc",           "Bcc",
		"Date",         "Subject",      "Message-ID",
		"In-Reply-To",  "References",   "Return-Path",
		"MIME-Version", "Content-Type", "Content-Transfer-Encoding"
	};

	if (!mail_message_find(m, "From", 0))
		return err_set(e, ERR_USAGE, "Missing required header 'From'.");
	for (size_t i = 0; i < ARRAY_LEN(once); i++)
		if (mail_message_find(m, once[i], 1))
			return err_set(e, ERR_USAGE, "Duplicate header '%s'.", once[i]);
	return true;
}

/* Trace and hidden fields go: RFC 5322 section 3.6.3 for Bcc, RFC 5321 section 4.4 for
 * Return-Path, which the last server adds. */
static bool field_is_dropped(const struct mail_header *h)
{
	return str_equal_nocase(h->name, STR("Bcc")) ||
	       str_equal_nocase(h->name, STR("Resent-Bcc")) ||
	       str_equal_nocase(h->name, STR("Return-Path"));
}

static void raw_write(struct buf *out, const struct mail_message *m,
		      struct str message_id, struct str id_domain, int64_t now_s)
{
	if (!mail_message_find(m, "Message-ID", 0))
		buf_printf(out, "Message-ID: <%.*s@%.*s>\r\n", STR_ARG(message_id),
			   STR_ARG(id_domain));
	if (!mail_message_find(m, "Date", 0))
		date_write(out, now_s);
	for (size_t i = 0; i < m->header_count; i++)
		if (!field_is_dropped(&m->headers[i]))
			buf_str(out, m->headers[i].field);
	buf_text(out, "\r\n");
	buf_str(out, m->body);
}

/* Recipients out of To, Cc and Bcc, where the caller named none. */
static bool raw_recipients(struct arena *a, struct composed *c,
			   const struct mail_message *m, struct err *e)
{
	static const char *const lists[] = { "To", "Cc", "Bcc" };

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const struct mail_header *header = mail_message_find(m, lists[i], 0);
		if (header && !recipients_add(a, c, header->value, e))
			return err_in(e, "header '%s'", lists[i]);
	}
	return true;
}

static bool raw_take(struct arena *a, struct buf *out, const struct send_request *request,
		     struct str message_id, struct composed *c, struct err *e)
{
	auto_buf struct buf lines;
	struct mail_message m;

	buf_init(&lines, CONTENT_MAX);
	if (!lines_normalise(&lines, request->raw, e))
		return false;
	struct str bytes = arena_str(a, buf_view(&lines));
	if (!mail_message_parse(a, bytes, &m, e) || !fields_check(&m, e) ||
	    !claims_collect(a, c, request->from, &m, e))
		return false;
	if (!request->recipient_count && !raw_recipients(a, c, &m, e))
		return false;
	raw_write(out, &m, message_id, c->claims[0].domain, request->now_ms / 1000);
	return true;
}

/* --- Simple --- */

/* What was written is read again: a further field that the caller gave (Sender, say)
 * passes the same checks as in Raw. */
static bool simple_write(struct arena *a, struct buf *out,
			 const struct send_request *request, struct str message_id,
			 struct composed *c, struct err *e)
{
	struct mail_draft draft = *request->draft;
	struct mail_address from;
	struct mail_message m;
	struct str display;

	if (!mail_mailbox_parse(a, request->from, &display, &from, e))
		return err_in(e, "sender");
	draft.from = request->from;
	draft.message_id = str_from(
		arena_printf(a, "%.*s@%.*s", STR_ARG(message_id), STR_ARG(from.domain)));
	draft.date_s = request->now_ms / 1000;
	return mail_draft_write(out, &draft, e) &&
	       (!out->failed || err_set(e, ERR_LIMIT, "the message is larger than %d MiB",
					CONTENT_MAX / 1024 / 1024)) &&
	       mail_message_parse(a, buf_view(out), &m, e) && fields_check(&m, e) &&
	       claims_collect(a, c, request->from, &m, e);
}

bool compose(struct arena *a, const struct send_request *request, struct str message_id,
	     struct composed *out, struct err *e)
{
	struct composed c = { 0 };
	auto_buf struct buf content;
	bool made;

	buf_init(&content, CONTENT_MAX);
	c.recipients = arena_array(a, SEND_RECIPIENTS_MAX, sizeof(*c.recipients));
	for (size_t i = 0; i < request->recipient_count; i++)
		if (!recipients_add(a, &c, request->recipients[i], e))
			return false;
	made = request->draft ? simple_write(a, &content, request, message_id, &c, e)
			      : raw_take(a, &content, request, message_id, &c, e);
	if (!made)
		return false;
	if (!c.recipient_count)
		return err_set(e, ERR_USAGE, "There are no recipients specified");
	if (content.failed)
		return err_set(e, ERR_LIMIT, "the message is larger than %d MiB",
			       CONTENT_MAX / 1024 / 1024);
	c.content = arena_str(a, buf_view(&content));
	*out = c;
	return true;
}

bool compose_claims(struct arena *a, struct str content, struct str sender,
		    struct composed *out, struct err *e)
{
	struct composed c = { .content = content };
	struct mail_message m;

	if (!mail_message_parse(a, content, &m, e) ||
	    !claims_collect(a, &c, sender, &m, e))
		return false;
	*out = c;
	return true;
}
