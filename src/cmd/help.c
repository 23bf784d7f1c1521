/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend help: usage, topics, and the man page, all from the tables. */
#include <jansson.h>

#include "cmd/cmd.h"
#include "diagnose/diagnose.h"

enum {
	COLUMNS = 80,
	NAME_WIDTH = 11, /* of the longest command */
	USAGE_INDENT = 14,
};

static const char exit_codes[] = LANG_MARK(
	"0    every required record is right at every name server\n"
	"1    something must be fixed; the first finding says what\n"
	"2    usage: a wrong option, an unreadable file, not a domain name\n"
	"3    waiting: published correctly, not visible everywhere yet; nothing to fix\n"
	"4    could not tell: the DNS did not answer, or not usefully\n"
	"5    not allowed\n"
	"6    conflict: it exists already, or somebody else changed it\n"
	"70   a bug in unpend\n"
	"When several apply, 1 wins over 4, and 4 over 3.\n");

static const char environment_text[] = LANG_MARK(
	"UNPEND_CONFIG       the configuration file, where --config is not given\n"
	"UNPEND_SECTION_KEY  any option of the configuration, such as\n"
	"                    UNPEND_DNS_FORWARD=192.0.2.53\n"
	"UNPEND_LANG         the language, en or ja, where --lang is not given; else\n"
	"                    LC_ALL, LC_MESSAGES or LANG says it\n"
	"NO_COLOR            no colours\n"
	"COLUMNS             width of the output\n"
	"UNPEND_FORCE_TTY    behave as on a terminal of so many columns\n");

/* doc/expect.md has more. */
static const char expect_text[] = LANG_MARK(
	"--expect takes what 'aws sesv2 get-email-identity' prints, or this form:\n"
	"\n"
	"  {\n"
	"    \"domain\": \"shop.example\",\n"
	"    \"records\": [\n"
	"      {\"purpose\": \"dkim\", \"type\": \"CNAME\",\n"
	"       \"name\": \"k1._domainkey.shop.example\", \"value\": "
	"\"k1.mailer.example\"},\n"
	"      {\"purpose\": \"mail_from\", \"type\": \"MX\", \"name\": "
	"\"bounce.shop.example\",\n"
	"       \"priority\": 10, \"value\": \"feedback.mailer.example\"},\n"
	"      {\"purpose\": \"spf\", \"type\": \"TXT\", \"name\": "
	"\"bounce.shop.example\",\n"
	"       \"value\": \"v=spf1 include:spf.mailer.example ~all\"},\n"
	"      {\"purpose\": \"dmarc\", \"type\": \"TXT\", \"name\": "
	"\"_dmarc.shop.example\",\n"
	"       \"value\": \"v=DMARC1; p=none\", \"required\": false}\n"
	"    ]\n"
	"  }\n"
	"\n"
	"purpose is dkim, mail_from, spf, dmarc or ownership. Names are whole names. Of\n"
	"what is not required only a note is made.\n");

static const struct {
	const char *name;
	const char *text;
} topics[] = {
	{ "exit-codes", exit_codes },
	{ "environment", environment_text },
	{ "expect", expect_text },
};

static void write_overview(struct buf *out, enum lang lang)
{
	buf_text(out, lang_text(lang, "unpend gets sending domains out of pending.\n\n"
				      "usage: unpend COMMAND ...\n\n"));
	for (size_t i = 0; i < cmd_table_count; i++) {
		buf_printf(out, "  %-*s ", NAME_WIDTH, cmd_table[i].name);
		page_wrap(out, str_from(lang_text(lang, cmd_table[i].summary)),
			  NAME_WIDTH + 3, NAME_WIDTH + 3, COLUMNS);
		buf_byte(out, '\n');
	}
	buf_text(out,
		 lang_text(lang, "\nStuck? unpend check DOMAIN\n"
				 "Every command takes --lang en|ja, --config FILE and "
				 "--section.key VALUE\n"
				 "('unpend config defaults' lists them).\n"
				 "More: unpend help COMMAND, unpend help exit-codes, "
				 "unpend help environment,\nunpend help expect\n"));
}

/* Wrapped, but never within brackets. */
static void write_usage(struct buf *out, const struct buf *usage)
{
	enum {
		GLUE = 0x1f
	};
	size_t from = out->len;
	int depth = 0;
	auto_buf struct buf glued;
	buf_init(&glued, 4096);
	for (size_t i = 0; i < usage->len; i++) {
		char c = usage->data[i];
		depth += (c == '[') - (c == ']');
		buf_byte(&glued, (uint8_t)(c == ' ' && depth > 0 ? GLUE : c));
	}
	page_wrap(out, buf_view(&glued), 0, USAGE_INDENT, COLUMNS);
	for (size_t i = from; i < out->len; i++)
		if (out->data[i] == GLUE)
			out->data[i] = ' ';
}

static void write_command(struct buf *out, const struct command *c, enum lang lang)
{
	auto_buf struct buf words;
	auto_buf struct buf usage;
	buf_init(&words, 4096);
	buf_init(&usage, 4096);
	buf_printf(&words, "%s%s%s", c->name, c->usage[0] ? " " : "", c->usage);
	buf_printf(&usage, lang_text(lang, "usage: unpend %s\n"), buf_cstr(&words));
	write_usage(out, &usage);
	buf_fill(out, ' ', USAGE_INDENT);
	buf_text(out, "[--lang en|ja] [--config FILE] [--section.key VALUE]\n\n");
	page_wrap(out, str_from(lang_text(lang, c->summary)), 0, 0, COLUMNS);
	buf_byte(out, '\n');
	if (c->details)
		buf_printf(out, "\n%s", lang_text(lang, c->details));
}

/* Text that mdoc shall take as it stands. */
static void write_literal(struct buf *out, const char *text)
{
	buf_text(out, ".Bd -literal\n");
	for (const char *at = text; *at; at++) {
		bool begins_line = at == text || at[-1] == '\n';
		if (begins_line && (*at == '.' || *at == '\''))
			buf_text(out, "\\&");
		if (*at == '\\')
			buf_text(out, "\\e");
		else
			buf_byte(out, (uint8_t)*at);
	}
	buf_text(out, ".Ed\n");
}

static void write_man_command(struct buf *out, const struct command *c)
{
	buf_printf(out, ".It Cm %s\n%s.\n", c->name, c->summary);
	if (c->details)
		write_literal(out, c->details);
}

static void write_man_codes(struct buf *out)
{
	const char *code;

	buf_text(out, ".Sh DIAGNOSTICS\nWhat\n.Cm check\nfinds has a code, and\n"
		      ".Cm explain Ar CODE\ntells all about it.\n"
		      ".Bl -tag -width U000x -compact\n");
	for (size_t i = 0; (code = diagnose_code_at(i)) != NULL; i++) {
		json_t *one = diagnose_explain_json(str_from(code), LANG_EN);
		buf_printf(out, ".It %s\n%s\n", code,
			   json_string_value(json_object_get(one, "title")));
		json_decref(one);
	}
	buf_text(out, ".El\n");
}

/* unpend(1) in mdoc: the tables of commands and of codes, and the topics. */
static void write_man(struct buf *out)
{
	buf_text(out, ".Dd November 22, 2026\n.Dt UNPEND 1\n.Os\n.Sh NAME\n.Nm unpend\n"
		      ".Nd get sending domains out of pending\n.Sh SYNOPSIS\n");
	for (size_t i = 0; i < cmd_table_count; i++)
		buf_printf(out, "%s.Nm\n.Cm %s\n%s%s", i ? ".Pp\n" : "",
			   cmd_table[i].name, cmd_table[i].usage,
			   cmd_table[i].usage[0] ? "\n" : "");
	buf_text(out,
		 ".Sh DESCRIPTION\n"
		 "A platform lets its customers send mail as an address of their own; "
		 "the\n"
		 "customer must add DNS records, and until they are found the domain is\n"
		 "pending.\n"
		 ".Nm\nsays which record is wrong, why, and what to type where, or runs "
		 "the\n"
		 "service that waits for them.\n.Bl -tag -width Ds\n");
	for (size_t i = 0; i < cmd_table_count; i++)
		write_man_command(out, &cmd_table[i]);
	buf_text(out, ".El\n.Pp\nEvery command takes\n.Fl -lang Ar en|ja ,\n.Fl -config "
		      "Ar FILE\nand\n"
		      ".Fl -section.key Ar VALUE ;\nsee\n.Xr unpend.conf 5 .\n"
		      ".Sh ENVIRONMENT\n.Bd -literal\n");
	buf_text(out, environment_text);
	buf_text(out, ".Ed\n.Sh EXPECTED RECORDS\n");
	write_literal(out, expect_text);
	buf_text(out, ".Sh FILES\n.Pa /etc/unpend/unpend.conf\n"
		      ".Sh EXIT STATUS\n.Bd -literal\n");
	buf_text(out, exit_codes);
	buf_text(out, ".Ed\n");
	write_man_codes(out);
	buf_text(out, ".Sh SEE ALSO\n.Xr unpend.conf 5\n");
}

static bool write_topic(struct buf *out, struct str name, enum lang lang)
{
	for (size_t i = 0; i < ARRAY_LEN(topics); i++) {
		if (str_is(name, topics[i].name)) {
			buf_text(out, lang_text(lang, topics[i].text));
			return true;
		}
	}
	for (size_t i = 0; i < cmd_table_count; i++) {
		if (str_is(name, cmd_table[i].name)) {
			write_command(out, &cmd_table[i], lang);
			return true;
		}
	}
	if (!str_is(name, "man"))
		return false;
	write_man(out);
	return true;
}

int cmd_help_on(const char *topic, enum lang lang)
{
	auto_buf struct buf out;
	buf_init(&out, 256 * 1024);
	if (!topic) {
		write_overview(&out, lang);
		return cmd_print(&out);
	}
	if (write_topic(&out, str_from(topic), lang))
		return cmd_print(&out);
	struct err e = { .lang = lang };
	auto_buf struct buf shown;
	buf_init(&shown, 1024);
	escape_visible(&shown, str_from(topic), 64);
	err_set(&e, ERR_USAGE,
		lang_text(lang, "no help on '%s'; 'unpend help' lists the commands"),
		buf_cstr(&shown));
	return cmd_fail(&e);
}

int cmd_help(int argc, char **argv)
{
	const char *topic = NULL;
	for (int i = 1; i < argc && !topic; i++) {
		if (strcmp(argv[i], "--lang") == 0)
			i++;
		else if (argv[i][0] != '-')
			topic = argv[i];
	}
	return cmd_help_on(topic, cmd_lang(argc, argv));
}
