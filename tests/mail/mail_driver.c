/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mail part as a filter, for tests that compare it with other software.
 *
 *   mail_driver key FILE                   makes an RSA key, prints its DKIM record
 *   mail_driver sign FILE DOMAIN SELECTOR  message in, the same with DKIM-Signature out
 *   mail_driver draft                      lines "NAME BASE64" in, message out
 *
 * Exit status 1 and the error's text on standard error when refused.
 */
#include <stdio.h>

#include "mail/mail.h"
#include "policy/policy.h"

enum {
	INPUT_MAX = 32 * 1024 * 1024,
	LIST_MAX = 64,
};

static bool print(struct str s, struct err *e)
{
	return file_write_all(1, s, e);
}

static bool make_key(const char *path, struct err *e)
{
	struct crypto_rsa *key = crypto_rsa_new(2048);
	auto_buf struct buf der;
	buf_init(&der, 65536);
	auto_buf struct buf public_der;
	buf_init(&public_der, 65536);
	auto_buf struct buf record;
	buf_init(&record, 65536);

	crypto_rsa_write(key, &der);
	crypto_rsa_write_public(key, &public_der);
	crypto_rsa_free(&key);
	policy_dkim_key_write(&record, buf_view(&public_der));
	return file_create(path, buf_view(&der), 0600, e) && print(buf_view(&record), e);
}

static bool sign(char **argv, struct err *e)
{
	auto_arena struct arena a;
	arena_init(&a, INPUT_MAX);
	auto_buf struct buf der;
	buf_init(&der, 65536);
	auto_buf struct buf in;
	buf_init(&in, INPUT_MAX);
	auto_buf struct buf out;
	buf_init(&out, INPUT_MAX);
	struct crypto_rsa *key = NULL;
	struct mail_message m;

	if (!file_read(argv[0], &der, e) || !file_read("-", &in, e) ||
	    !mail_message_parse(&a, buf_view(&in), &m, e) ||
	    !crypto_rsa_read(buf_view(&der), &key, e))
		return false;
	const struct mail_dkim_signer signer = { str_from(argv[1]), str_from(argv[2]),
						 key, 1700000000 };
	mail_dkim_sign(&out, &m, &signer);
	crypto_rsa_free(&key);
	buf_str(&out, buf_view(&in));
	return print(buf_view(&out), e);
}

struct draft_lists {
	struct str to[LIST_MAX];
	struct str cc[LIST_MAX];
	struct str reply_to[LIST_MAX];
	struct mail_field headers[LIST_MAX];
};

static void add(struct mail_draft *d, struct draft_lists *l, struct str name,
		struct str value)
{
	uint64_t date;

	if (str_is(name, "to"))
		l->to[d->to_count++ % LIST_MAX] = value;
	else if (str_is(name, "cc"))
		l->cc[d->cc_count++ % LIST_MAX] = value;
	else if (str_is(name, "reply_to"))
		l->reply_to[d->reply_to_count++ % LIST_MAX] = value;
	else if (str_is(name, "from"))
		d->from = value;
	else if (str_is(name, "subject"))
		d->subject = value;
	else if (str_is(name, "text"))
		d->text = value;
	else if (str_is(name, "html"))
		d->html = value;
	else if (str_is(name, "message_id"))
		d->message_id = value;
	else if (str_is(name, "date") && str_number(value, INT64_MAX, &date))
		d->date_s = (int64_t)date;
	else
		l->headers[d->header_count++ % LIST_MAX] =
			(struct mail_field){ name, value };
}

static bool draft(struct err *e)
{
	auto_arena struct arena a;
	arena_init(&a, INPUT_MAX);
	auto_buf struct buf in;
	buf_init(&in, INPUT_MAX);
	auto_buf struct buf out;
	buf_init(&out, INPUT_MAX);
	struct draft_lists l = { 0 };
	struct mail_draft d = {
		.to = l.to, .cc = l.cc, .reply_to = l.reply_to, .headers = l.headers
	};
	struct str line;

	if (!file_read("-", &in, e))
		return false;
	struct str rest = str_trim(buf_view(&in));
	while (str_split(&rest, '\n', &line)) {
		size_t blank = str_find_byte(line, ' ');
		auto_buf struct buf value;

		buf_init(&value, INPUT_MAX);
		if (!base64_parse(&value, str_sub(line, blank, line.len)))
			return err_set(e, ERR_USAGE, "the value is no base64");
		add(&d, &l, str_sub(line, 0, blank), arena_str(&a, buf_view(&value)));
	}
	return mail_draft_write(&out, &d, e) && print(buf_view(&out), e);
}

int main(int argc, char **argv)
{
	struct err e = { 0 };
	bool done = false;

	if (argc == 3 && strcmp(argv[1], "key") == 0)
		done = make_key(argv[2], &e);
	else if (argc == 5 && strcmp(argv[1], "sign") == 0)
		done = sign(argv + 2, &e);
	else if (argc == 2 && strcmp(argv[1], "draft") == 0)
		done = draft(&e);
	if (!done)
		fprintf(stderr, "mail_driver: %s\n", e.text);
	return done ? 0 : 1;
}
