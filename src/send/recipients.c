/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of mailboxes cut at their commas (RFC 5322 section 3.4). */
#include "send/compose.h"

/* Advances over "..." or (...), whose commas separate nothing. */
static void skip_quoted(struct cursor *c, char end)
{
	(void)cursor_u8(c);
	for (int next = cursor_peek(c); next >= 0; next = cursor_peek(c)) {
		(void)cursor_u8(c);
		if (next == end)
			return;
		if (next == '\\')
			(void)cursor_u8(c);
	}
}

/* The next part of the list up to a comma that separates. */
static struct str mailbox_cut(struct cursor *c)
{
	const char *from = (const char *)c->at;

	for (int next = cursor_peek(c); next >= 0 && next != ','; next = cursor_peek(c)) {
		if (next == '"')
			skip_quoted(c, '"');
		else if (next == '(')
			skip_quoted(c, ')');
		else
			(void)cursor_u8(c);
	}
	return str_of(from, (size_t)((const char *)c->at - from));
}

static bool recipient_add(struct arena *a, struct composed *c, struct str mailbox,
			  struct err *e)
{
	struct mail_address address;
	struct str display;

	if (c->recipient_count == SEND_RECIPIENTS_MAX)
		return err_set(e, ERR_USAGE, "Recipient count exceeds %d.",
			       SEND_RECIPIENTS_MAX);
	if (!mail_mailbox_parse(a, mailbox, &display, &address, e))
		return err_in(e, "recipient '%.*s'", STR_ARG(str_sub(mailbox, 0, 100)));
	c->recipients[c->recipient_count++] = str_from(arena_printf(
		a, "%.*s@%.*s", STR_ARG(address.local), STR_ARG(address.domain)));
	return true;
}

bool recipients_add(struct arena *a, struct composed *c, struct str list, struct err *e)
{
	struct cursor at = cursor_over(list);

	while (cursor_left(&at)) {
		struct str mailbox = str_trim(mailbox_cut(&at));
		(void)cursor_accept(&at, ',');
		/* RFC 5322 section 4.4: empty members of a list are allowed to be there.
		 */
		if (mailbox.len && !recipient_add(a, c, mailbox, e))
			return false;
	}
	return true;
}
