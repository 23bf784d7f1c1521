/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names, records, times and outcomes as texts that are safe to show, and as JSON. */
#include "cmd/table.h"
#include "mail/mail.h"

enum {
	VALUE_SHOWN_MAX = 512,
	TEXT_MAX = 512 * 1024,
	MINUTE = 60,
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR,
};

struct str show_name(struct arena *a, const struct dns_name *name)
{
	return dns_name_text(a, name);
}

struct str show_type(struct arena *a, uint16_t type)
{
	auto_buf struct buf b;
	buf_init(&b, 32);

	dns_type_write(&b, type);
	return arena_str(a, buf_view(&b));
}

struct str show_rcode(struct arena *a, uint16_t rcode)
{
	auto_buf struct buf b;
	buf_init(&b, 32);

	dns_rcode_write(&b, rcode);
	return arena_str(a, buf_view(&b));
}

struct str show_address(struct arena *a, const struct address *address)
{
	auto_buf struct buf b;
	buf_init(&b, 64);

	if (address->family)
		address_write(&b, address);
	return arena_str(a, buf_view(&b));
}

struct str show_value(struct arena *a, const struct dns_record *r)
{
	auto_buf struct buf whole;
	auto_buf struct buf b;
	buf_init(&whole, TEXT_MAX);
	buf_init(&b, TEXT_MAX);

	/* Printable ASCII: nothing to escape any more, only to cut. */
	dns_rdata_write(&whole, r->type, r->rdata);
	struct str text = buf_view(&whole);
	buf_str(&b, str_sub(text, 0, VALUE_SHOWN_MAX));
	if (text.len > VALUE_SHOWN_MAX)
		buf_printf(&b, "... (%zu more)", text.len - VALUE_SHOWN_MAX);
	return arena_str(a, buf_view(&b));
}

struct str show_ms(struct arena *a, uint32_t rtt_us)
{
	unsigned tenths = (rtt_us + 50) / 100;

	if (rtt_us >= 10000)
		return str_from(arena_printf(a, "%u ms", (rtt_us + 500) / 1000));
	return str_from(arena_printf(a, "%u.%u ms", tenths / 10, tenths % 10));
}

static void write_unit(struct buf *b, enum lang lang, size_t unit, long long n)
{
	bool is_one = n == 1;

	if (unit == 0)
		buf_printf(b, lang_text(lang, is_one ? "%lld day" : "%lld days"), n);
	else if (unit == 1)
		buf_printf(b, lang_text(lang, is_one ? "%lld hour" : "%lld hours"), n);
	else if (unit == 2)
		buf_printf(b, lang_text(lang, is_one ? "%lld minute" : "%lld minutes"),
			   n);
	else
		buf_printf(b, lang_text(lang, is_one ? "%lld second" : "%lld seconds"),
			   n);
}

struct str show_duration(struct arena *a, enum lang lang, int64_t seconds)
{
	static const int64_t units[] = { DAY, HOUR, MINUTE, 1 };
	size_t first = 0;
	auto_buf struct buf b;
	buf_init(&b, 256);

	if (seconds < 0)
		seconds = 0;
	while (first < 3 && seconds < units[first])
		first++;
	for (size_t i = first; i < ARRAY_LEN(units) && i < first + 2; i++) {
		long long count = seconds / units[i];
		seconds %= units[i];
		if (count == 0 && i > first)
			continue;
		if (i > first)
			buf_byte(&b, ' ');
		write_unit(&b, lang, i, count);
	}
	return arena_str(a, buf_view(&b));
}

struct str show_time(struct arena *a, int64_t at_s, int64_t now_s)
{
	auto_buf struct buf b;
	buf_init(&b, 64);

	clock_write_local(&b, at_s, now_s, false);
	return arena_str(a, buf_view(&b));
}

const char *show_outcome(enum lang lang, enum ask_outcome outcome)
{
	static const char *const texts[] = {
		[ASK_ANSWERED] = LANG_MARK("answered"),
		[ASK_TIMEOUT] = LANG_MARK("no answer in time"),
		[ASK_UNREACHABLE] = LANG_MARK("not reachable"),
		[ASK_MALFORMED] = LANG_MARK("answers what is no DNS message"),
		[ASK_FORBIDDEN] = LANG_MARK("not asked: a private or special address"),
		[ASK_NO_ADDRESS] = LANG_MARK("has no address"),
		[ASK_NO_TCP] = LANG_MARK("does not answer over TCP"),
		[ASK_LIMIT] = LANG_MARK("not asked: the limit of one look was reached"),
	};

	return lang_text(lang, texts[outcome]);
}

const char *word_security(enum security s)
{
	static const char *const words[] = {
		[SECURITY_UNCHECKED] = "unchecked",
		[SECURITY_SECURE] = "secure",
		[SECURITY_INSECURE] = "insecure",
		[SECURITY_BOGUS] = "bogus",
	};

	return words[s];
}

const char *word_outcome(enum ask_outcome outcome)
{
	static const char *const words[] = {
		[ASK_ANSWERED] = "answered",       [ASK_TIMEOUT] = "timeout",
		[ASK_UNREACHABLE] = "unreachable", [ASK_MALFORMED] = "malformed",
		[ASK_FORBIDDEN] = "forbidden",     [ASK_NO_ADDRESS] = "no_address",
		[ASK_NO_TCP] = "no_tcp",           [ASK_LIMIT] = "limit",
	};

	return words[outcome];
}

/* JSON */

json_t *json_of(struct str text)
{
	auto_buf struct buf b;
	buf_init(&b, TEXT_MAX * 4);

	escape_utf8(&b, text);
	return json_stringn(b.len ? b.data : "", b.len);
}

json_t *json_name(struct arena *a, const struct dns_name *name)
{
	return name->len ? json_of(dns_name_text(a, name)) : json_null();
}

json_t *json_time(struct arena *a, int64_t at_s)
{
	auto_buf struct buf b;
	buf_init(&b, 64);

	clock_write_rfc3339(&b, at_s);
	return json_of(arena_str(a, buf_view(&b)));
}

json_t *json_record(struct arena *a, const struct dns_record *r)
{
	json_t *json = json_object();
	auto_buf struct buf value;
	buf_init(&value, TEXT_MAX);

	dns_rdata_write(&value, r->type, r->rdata);
	json_object_set_new(json, "name", json_name(a, &r->owner));
	json_object_set_new(json, "type", json_of(show_type(a, r->type)));
	json_object_set_new(json, "ttl", json_integer(r->ttl_s));
	json_object_set_new(json, "value", json_of(buf_view(&value)));
	return json;
}

json_t *json_soa(struct arena *a, const struct dns_name *owner, uint32_t ttl_s,
		 const struct dns_soa *soa)
{
	json_t *json = json_object();

	json_object_set_new(json, "owner", json_name(a, owner));
	json_object_set_new(json, "ttl", json_integer(ttl_s));
	json_object_set_new(json, "minimum", json_integer(soa->minimum_s));
	json_object_set_new(json, "serial", json_integer(soa->serial));
	return json;
}

/* Words of the command line */

static bool is_ascii(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] > 127)
			return false;
	return true;
}

bool words_name(struct arena *a, struct str text, struct dns_name *out, struct err *e)
{
	struct str domain;

	if (is_ascii(text))
		return dns_name_parse(text, out, e);
	return mail_domain_parse(a, text, false, &domain, out, e);
}

bool words_type(struct str text, enum lang lang, uint16_t *out, struct err *e)
{
	uint16_t type = 0;
	bool is_type = dns_type_parse(text, &type);

	/* RFC 6895 section 3.1: 0, OPT and 128 to 255 are no types of data. */
	if (is_type && type != 0 && type != DNS_TYPE_OPT && (type < 128 || type > 255)) {
		*out = type;
		return true;
	}
	auto_buf struct buf shown;
	buf_init(&shown, 256);
	escape_visible(&shown, text, 32);
	return err_set(e, ERR_USAGE,
		       is_type ? lang_text(lang,
					   "'%s' is not asked for; give one type of "
					   "record such as TXT")
			       : lang_text(lang, "'%s' is no type of record such as TXT, "
						 "CNAME, MX or NS"),
		       buf_cstr(&shown));
}

int words_run(int argc, char **argv, size_t arena_max, cmd_run_fn *run)
{
	struct words_options o = { 0 };
	const struct cmd_option options[] = {
		{ "--json", NULL, NULL, 0, &o.json_count },
		{ "--now", "TIME", &o.now, 1, &o.now_count },
	};

	return cmd_run(
		argc, argv,
		&(struct cmd_work){ options, ARRAY_LEN(options), arena_max, run, &o });
}

bool words_question(struct arena *a, const struct cmd_line *line, const char *usage,
		    struct question *out, struct err *e)
{
	if (line->word_count != 2)
		return err_set(e, ERR_USAGE, "%s", lang_text(line->lang, usage));
	return words_name(a, line->words[0], &out->name, e) &&
	       words_type(line->words[1], line->lang, &out->type, e);
}

bool words_now(struct str text, size_t count, enum lang lang, int64_t *out, struct err *e)
{
	if (count == 0) {
		*out = clock_now_s();
		return true;
	}
	if (clock_parse(text, out))
		return true;
	return err_set(
		e, ERR_USAGE, "%s",
		lang_text(lang, "--now wants a time such as 2026-11-21T05:12:09Z"));
}
