/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads messages as lines of hex; prints each as a line of text, for
 * reading.py. */
#include <stdio.h>

#include "dns/dns.h"

static void write_section(struct buf *out, const char *name, const struct dns_section *s)
{
	for (size_t i = 0; i < s->count; i++) {
		buf_printf(out, "|%s ", name);
		hex_write(out, dns_name_key(&s->records[i].owner));
		buf_printf(out, " %u %u ", s->records[i].type, s->records[i].ttl_s);
		hex_write(out, s->records[i].rdata);
	}
}

static void write_message(struct buf *out, const struct dns_message *m)
{
	buf_printf(out, "%u %u %u %d%d%d%d%d %d", m->id, m->opcode, m->rcode,
		   m->is_response, m->authoritative, m->truncated, m->recursion_available,
		   m->authenticated, m->has_edns);
	if (m->has_question) {
		buf_text(out, "|question ");
		hex_write(out, dns_name_key(&m->question_name));
		buf_printf(out, " %u", m->question_type);
	}
	write_section(out, "answer", &m->answer);
	write_section(out, "authority", &m->authority);
	write_section(out, "additional", &m->additional);
	if (m->cookie_len > 0) {
		buf_text(out, "|cookie ");
		hex_write(out, str_of(m->cookie, m->cookie_len));
	}
	if (m->has_ede) {
		buf_printf(out, "|error %04x", m->ede_code);
		hex_write(out, m->ede_text);
	}
}

static void print_one(struct str hex)
{
	auto_arena struct arena a;
	auto_buf struct buf wire;
	auto_buf struct buf out;
	struct dns_message m;

	arena_init(&a, 16 * 1024 * 1024);
	buf_init(&wire, DNS_MESSAGE_MAX);
	buf_init(&out, 16 * 1024 * 1024);
	if (!hex_parse(&wire, hex))
		buf_text(&out, "not hex");
	else if (!dns_message_parse(&a, buf_view(&wire), &m))
		buf_text(&out, "malformed");
	else
		write_message(&out, &m);
	puts(buf_cstr(&out));
}

int main(void)
{
	auto_buf struct buf input;
	struct err e = { 0 };
	struct str line;

	buf_init(&input, 512 * 1024 * 1024);
	if (!file_read("-", &input, &e)) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	struct str rest = str_trim(buf_view(&input));
	while (str_split(&rest, '\n', &line))
		print_one(line);
	return 0;
}
