/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words that change an answer: one row each. */
#include "draft.h"
#include "words.h"

enum {
	LINE_MAX = 1 << 18,
};

typedef bool change_fn(struct draft *d, struct str rest, struct err *e);

static bool fail(struct err *e, struct str what)
{
	return err_set(e, ERR_USAGE, "'%.*s' cannot be read", STR_ARG(what));
}

/* {q} the name asked about, {*} what the star stood for, {n} which turn of this rule, {i}
 * which of the many. */
static bool substitute(const struct draft *d, struct str text, struct buf *out)
{
	struct cursor c = cursor_over(text);

	while (cursor_left(&c) > 0) {
		buf_str(out, cursor_until(&c, "{"));
		if (!cursor_accept(&c, '{'))
			break;
		struct str word = cursor_until(&c, "}");
		cursor_accept(&c, '}');
		if (str_is(word, "q"))
			dns_name_write(out, &d->q->query.question_name);
		else if (str_is(word, "*"))
			buf_str(out, d->star);
		else if (str_is(word, "n"))
			buf_printf(out, "%u", d->turn);
		else if (str_is(word, "i"))
			buf_printf(out, "%llu", (unsigned long long)d->round);
		else
			return false;
	}
	return !out->failed;
}

static bool add_record(struct draft *d, struct rows *to, struct str rest, struct err *e)
{
	const struct dns_name root = { 0 };
	struct dns_record r;
	auto_buf struct buf line;
	buf_init(&line, LINE_MAX);

	if (!substitute(d, rest, &line))
		return fail(e, rest);
	if (!record_read(d->q->arena, buf_view(&line), &root, &r, e))
		return false;
	rows_add(d->q->arena, to, &r);
	return true;
}

static bool change_answer(struct draft *d, struct str rest, struct err *e)
{
	return add_record(d, &d->reply.answer, rest, e);
}

static bool change_authority(struct draft *d, struct str rest, struct err *e)
{
	return add_record(d, &d->reply.authority, rest, e);
}

static bool change_additional(struct draft *d, struct str rest, struct err *e)
{
	return add_record(d, &d->reply.additional, rest, e);
}

static bool change_clear(struct draft *d, unused_arg struct str rest,
			 unused_arg struct err *e)
{
	d->reply.answer.count = 0;
	d->reply.authority.count = 0;
	d->reply.additional.count = 0;
	d->reply.rcode = DNS_RCODE_NOERROR;
	return true;
}

static bool change_drop(struct draft *d, unused_arg struct str rest,
			unused_arg struct err *e)
{
	d->is_dropped = true;
	return true;
}

static bool change_rcode(struct draft *d, struct str rest, struct err *e)
{
	uint64_t n;

	if (dns_rcode_parse(rest, &d->reply.rcode))
		return true;
	if (!str_number(rest, 4095, &n))
		return fail(e, rest);
	d->reply.rcode = (uint16_t)n;
	return true;
}

/* What a server says that knows nothing of the zone, or cannot serve it. */
static bool change_error(struct draft *d, struct str rest, struct err *e)
{
	change_clear(d, rest, e);
	d->flags &= (uint16_t)~FLAG_AA;
	return change_rcode(d, rest, e);
}

static bool change_flags(struct draft *d, struct str rest, struct err *e)
{
	static const struct {
		const char *name;
		uint16_t bit;
	} flags[] = {
		{ "qr", FLAG_QR }, { "aa", FLAG_AA }, { "tc", FLAG_TC },
		{ "rd", FLAG_RD }, { "ra", FLAG_RA }, { "z", FLAG_Z },
		{ "ad", FLAG_AD }, { "cd", FLAG_CD },
	};

	while (rest.len > 0) {
		struct str word = words_next(&rest);
		bool is_known = false;
		for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
			if (!str_is(str_sub(word, 1, SIZE_MAX), flags[i].name))
				continue;
			is_known = true;
			if (word.data[0] == '+')
				d->flags |= flags[i].bit;
			else
				d->flags &= (uint16_t)~flags[i].bit;
		}
		if (!is_known)
			return fail(e, word);
	}
	return true;
}

static bool change_id(struct draft *d, struct str rest, struct err *e)
{
	uint64_t n;

	if (!str_starts(rest, STR("+")) ||
	    !str_number(str_sub(rest, 1, SIZE_MAX), UINT16_MAX, &n))
		return fail(e, rest);
	d->id = (uint16_t)(d->id + n);
	return true;
}

static bool change_opcode(struct draft *d, struct str rest, struct err *e)
{
	uint64_t n;

	if (!str_number(rest, 15, &n))
		return fail(e, rest);
	d->opcode = (uint8_t)n;
	return true;
}

static bool change_class(struct draft *d, struct str rest, struct err *e)
{
	uint64_t n;

	if (!str_number(rest, UINT16_MAX, &n))
		return fail(e, rest);
	d->class = (uint16_t)n;
	return true;
}

static void set_case(struct dns_name *n, char (*convert)(char))
{
	/* An octet of length is never a letter. */
	for (size_t i = 0; i < n->len; i++)
		n->wire[i] = (uint8_t)convert((char)n->wire[i]);
}

/* "none", "twice", "upper", "lower", "NAME TYPE" */
static bool change_question(struct draft *d, struct str rest, struct err *e)
{
	if (str_is(rest, "none")) {
		d->questions = 0;
	} else if (str_is(rest, "twice")) {
		d->questions = 2;
	} else if (str_is(rest, "upper")) {
		set_case(&d->question_name, ascii_upper);
	} else if (str_is(rest, "lower")) {
		set_case(&d->question_name, ascii_lower);
	} else {
		struct str name = words_next(&rest);
		if (!dns_name_parse(name, &d->question_name, e))
			return false;
		if (!dns_type_parse(rest, &d->question_type))
			return fail(e, rest);
		d->is_plain = true;
	}
	return true;
}

/* "answer", "authority", "additional", or a type */
static bool change_strip(struct draft *d, struct str rest, struct err *e)
{
	struct rows *all[] = { &d->reply.answer, &d->reply.authority,
			       &d->reply.additional };
	static const char *const names[] = { "answer", "authority", "additional" };
	uint16_t type;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!str_is(rest, names[i]))
			continue;
		all[i]->count = 0;
		return true;
	}
	if (!dns_type_parse(rest, &type))
		return fail(e, rest);
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		size_t kept = 0;
		for (size_t k = 0; k < all[i]->count; k++)
			if (all[i]->records[k].type != type)
				all[i]->records[kept++] = all[i]->records[k];
		all[i]->count = kept;
	}
	return true;
}

/* TTLs of all records. */
static bool change_ttl(struct draft *d, struct str rest, struct err *e)
{
	struct rows *all[] = { &d->reply.answer, &d->reply.authority,
			       &d->reply.additional };
	uint64_t ttl;

	if (!str_number(rest, UINT32_MAX, &ttl))
		return fail(e, rest);
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		for (size_t k = 0; k < all[i]->count; k++)
			all[i]->records[k].ttl_s = (uint32_t)ttl;
	return true;
}

/* "CODE HEX" or "CODE \"TEXT\"" */
static bool add_option(struct draft *d, struct str rest, struct err *e)
{
	struct str code_text = words_next(&rest);
	uint64_t code;
	auto_buf struct buf data;
	auto_buf struct buf option;
	buf_init(&data, UINT16_MAX);
	buf_init(&option, UINT16_MAX + 4);

	if (!str_number(code_text, UINT16_MAX, &code) || !words_hex(rest, &data) ||
	    d->option_count == DRAFT_OPTIONS_MAX)
		return fail(e, rest);
	buf_u16(&option, (uint16_t)code);
	buf_u16(&option, (uint16_t)data.len);
	buf_str(&option, buf_view(&data));
	d->options[d->option_count++] = arena_str(d->q->arena, buf_view(&option));
	return true;
}

/* "none", "twice", "size N", "version N", "cookie", "option CODE HEX" */
static bool change_edns(struct draft *d, struct str rest, struct err *e)
{
	struct str word = words_next(&rest);
	uint64_t n = 0;

	if (str_is(word, "none")) {
		d->opts = 0;
		return true;
	}
	d->opts = d->opts ? d->opts : 1;
	if (str_is(word, "twice")) {
		d->opts = 2;
	} else if (str_is(word, "cookie")) {
		d->has_cookie = true;
	} else if (str_is(word, "size") && str_number(rest, UINT16_MAX, &n)) {
		d->payload = (uint16_t)n;
	} else if (str_is(word, "version") && str_number(rest, UINT8_MAX, &n)) {
		d->version = (uint8_t)n;
	} else if (str_is(word, "option")) {
		return add_option(d, rest, e);
	} else {
		return fail(e, word);
	}
	return true;
}

/* "questions|answers|authorities|additionals +N" */
static bool change_count(struct draft *d, struct str rest, struct err *e)
{
	static const char *const names[] = { "questions", "answers", "authorities",
					     "additionals" };
	struct str word = words_next(&rest);
	uint64_t n;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!str_is(word, names[i]))
			continue;
		if (rest.len < 2 ||
		    !str_number(str_sub(rest, 1, SIZE_MAX), UINT16_MAX, &n))
			return fail(e, rest);
		d->count_more[i] = rest.data[0] == '-' ? -(int)n : (int)n;
		return true;
	}
	return fail(e, word);
}

static bool change_patch(struct draft *d, struct str rest, struct err *e)
{
	struct str at_text = words_next(&rest);
	uint64_t at;
	auto_buf struct buf bytes;
	buf_init(&bytes, UINT16_MAX);

	if (!str_number(at_text, UINT16_MAX, &at) || !words_hex(rest, &bytes) ||
	    d->patch_count == DRAFT_PATCHES_MAX)
		return fail(e, rest);
	d->patches[d->patch_count++] =
		(struct patch){ at, arena_str(d->q->arena, buf_view(&bytes)) };
	return true;
}

static bool take_hex(struct draft *d, struct str rest, struct str *out, struct err *e)
{
	auto_buf struct buf bytes;
	buf_init(&bytes, 1 << 17);

	if (!words_hex(rest, &bytes))
		return fail(e, rest);
	*out = arena_str(d->q->arena, buf_view(&bytes));
	return true;
}

static bool change_tail(struct draft *d, struct str rest, struct err *e)
{
	return take_hex(d, rest, &d->tail, e);
}

static bool change_raw(struct draft *d, struct str rest, struct err *e)
{
	d->has_raw = true;
	return take_hex(d, rest, &d->raw, e);
}

static bool take_size(struct str rest, size_t *out, struct err *e)
{
	uint64_t n;

	if (!str_number(rest, 1 << 20, &n))
		return fail(e, rest);
	*out = n;
	return true;
}

static bool change_cut(struct draft *d, struct str rest, struct err *e)
{
	return take_size(rest, &d->cut, e);
}

static bool change_mtu(struct draft *d, struct str rest, struct err *e)
{
	return take_size(rest, &d->mtu, e);
}

static bool change_huge(struct draft *d, unused_arg struct str rest,
			unused_arg struct err *e)
{
	d->mtu = SIZE_MAX - 1;
	return true;
}

static bool change_plain(struct draft *d, unused_arg struct str rest,
			 unused_arg struct err *e)
{
	d->is_plain = true;
	return true;
}

static bool change_delay(struct draft *d, struct str rest, struct err *e)
{
	return words_duration(rest, &d->packet.delay_us) || fail(e, rest);
}

static bool change_from(struct draft *d, struct str rest, struct err *e)
{
	return address_parse(rest, 53, &d->packet.from) || fail(e, rest);
}

static bool change_copies(struct draft *d, struct str rest, struct err *e)
{
	size_t n;

	if (!take_size(rest, &n, e))
		return false;
	d->copies = (uint32_t)n;
	return true;
}

/* "close", "reset", "hang", "drip DURATION", "length N", "stop N" */
static bool change_tcp(struct draft *d, struct str rest, struct err *e)
{
	struct str word = words_next(&rest);

	if (str_is(word, "close"))
		d->packet.tcp = TCP_CLOSE;
	else if (str_is(word, "reset"))
		d->packet.tcp = TCP_RESET;
	else if (str_is(word, "hang"))
		d->packet.tcp = TCP_HANG;
	else if (str_is(word, "drip"))
		return words_duration(rest, &d->packet.drip_us) || fail(e, rest);
	else if (str_is(word, "length"))
		return take_size(rest, &d->packet.tcp_length, e);
	else if (str_is(word, "stop"))
		return take_size(rest, &d->packet.tcp_stop, e);
	else
		return fail(e, word);
	return true;
}

static const struct {
	const char *word;
	change_fn *change;
} changes[] = {
	{ "drop", change_drop },
	{ "delay", change_delay },
	{ "clear", change_clear },
	{ "error", change_error },
	{ "rcode", change_rcode },
	{ "flags", change_flags },
	{ "opcode", change_opcode },
	{ "id", change_id },
	{ "class", change_class },
	{ "question", change_question },
	{ "answer", change_answer },
	{ "authority", change_authority },
	{ "additional", change_additional },
	{ "strip", change_strip },
	{ "ttl", change_ttl },
	{ "edns", change_edns },
	{ "count", change_count },
	{ "patch", change_patch },
	{ "tail", change_tail },
	{ "cut", change_cut },
	{ "raw", change_raw },
	{ "mtu", change_mtu },
	{ "huge", change_huge },
	{ "plain", change_plain },
	{ "from", change_from },
	{ "copies", change_copies },
	{ "tcp", change_tcp },
};

static change_fn *change_find(struct str word)
{
	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		if (str_is(word, changes[i].word))
			return changes[i].change;
	return NULL;
}

bool draft_change(struct draft *d, struct str line, struct err *e)
{
	uint64_t times;
	struct str rest = words_times(line, &times);
	struct str word = words_next(&rest);
	change_fn *change = change_find(word);

	if (!change)
		return err_set(e, ERR_USAGE, "no word '%.*s'", STR_ARG(word));
	for (d->round = 0; d->round < times; d->round++)
		if (!change(d, rest, e))
			return false;
	return true;
}
