/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend completions: what bash, zsh and fish offer behind `unpend`, made from the table
 * of commands (the words of their usage and help) and the table of settings. */
#include "cmd/cmd.h"
#include "diagnose/diagnose.h"
#include "publish/publish.h"

enum {
	PARTS_MAX = 24,
	WORDS_MAX = 64 * 1024,
	SCRIPT_MAX = 1 << 20,
};

/* What may stand behind an option, or as a word. */
struct offer {
	struct str words; /* separated by blanks; empty: nothing can be offered */
	bool is_file;
};

struct part {
	struct str option; /* empty: a word */
	bool has_value;
	struct offer offer;
};

struct parts {
	struct part all[PARTS_MAX];
	size_t count;
};

/* Words that the usage names by their kind */

static void offer_codes(struct buf *out)
{
	const char *code;

	for (size_t i = 0; (code = diagnose_code_at(i)); i++)
		buf_printf(out, "%s ", code);
}

static void offer_families(struct buf *out)
{
	buf_text(out, "U1 U2 U3 U4 U5 U6 U7 U8 U9 U95");
}

static void offer_commands(struct buf *out)
{
	for (size_t i = 0; i < cmd_table_count; i++)
		buf_printf(out, "%s ", cmd_table[i].name);
}

static void offer_types(struct buf *out)
{
	buf_text(out, "A AAAA CAA CNAME DNSKEY DS MX NS PTR SOA SRV TXT");
}

static void offer_formats(struct buf *out)
{
	const struct publish_format *format;

	for (size_t i = 0; (format = publish_format_at(i)); i++)
		buf_printf(out, "%s ", format->name);
}

static const struct {
	const char *kind;
	void (*write)(struct buf *out);
} kinds[] = {
	{ "CODE", offer_codes },     { "FAMILY", offer_families },
	{ "FORMAT", offer_formats }, { "COMMAND", offer_commands },
	{ "TYPE", offer_types },
};

static bool is_lower(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] >= 'A' && s.data[i] <= 'Z')
			return false;
	return s.len > 0 && ascii_is_alpha((unsigned char)s.data[0]);
}

/* "FILE|-", "en|ja", "CODE" */
static struct offer offer_of(struct arena *a, struct str text)
{
	struct offer offer = { .words = STR_EMPTY };
	struct str rest = text;
	struct str word;
	auto_buf struct buf words;
	buf_init(&words, WORDS_MAX);

	while (str_split(&rest, '|', &word)) {
		if (str_is(word, "FILE"))
			offer.is_file = true;
		if (is_lower(word))
			buf_printf(&words, "%.*s ", STR_ARG(word));
		for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
			if (str_is(word, kinds[i].kind))
				kinds[i].write(&words);
	}
	offer.words = arena_str(a, str_trim(buf_view(&words)));
	return offer;
}

static struct str without_brackets(struct str token)
{
	while (token.len > 0 && (token.data[0] == '[' || token.data[0] == '('))
		token = str_sub(token, 1, token.len);
	while (token.len > 0 && str_find_byte(STR("])"), token.data[token.len - 1]) < 2)
		token = str_sub(token, 0, token.len - 1);
	return token;
}

static struct part *part_find(struct parts *parts, struct str option)
{
	for (size_t i = 0; i < parts->count; i++)
		if (str_equal(parts->all[i].option, option))
			return &parts->all[i];
	return NULL;
}

/* NULL: no room. */
static struct part *part_add(struct parts *parts, struct str option)
{
	if (parts->count == PARTS_MAX)
		return NULL;
	parts->all[parts->count] = (struct part){ .option = option };
	return &parts->all[parts->count++];
}

/* "CODE | --list [--family FAMILY]" */
static void usage_read(struct arena *a, const char *usage, struct parts *out)
{
	struct str rest = str_from(usage);
	struct str token;
	struct part *last = NULL; /* an option whose value may come next */

	while (str_split(&rest, ' ', &token)) {
		struct str word = without_brackets(token);
		bool is_option = str_starts(word, STR("--"));
		if (word.len == 0 || str_is(word, "|") || str_is(word, "..."))
			continue;
		if (last && !is_option) {
			last->has_value = true;
			last->offer = offer_of(a, word);
			last = NULL;
			continue;
		}
		struct part *p = part_add(out, is_option ? word : STR_EMPTY);
		if (p && !is_option)
			p->offer = offer_of(a, word);
		last = is_option && !str_ends(token, STR("]")) ? p : NULL;
	}
}

/* "  --until TIME    with --watch: ...": one blank before a value, more before the text.
 * Settings have a dot in their names and are not the command's own. */
static void detail_read(struct arena *a, struct str line, struct parts *out)
{
	struct cursor c = cursor_over(line);

	cursor_while(&c, " ");
	struct str option = cursor_until(&c, " ");
	if (!str_starts(line, STR("  --")) || str_find_byte(option, '.') < option.len ||
	    part_find(out, option))
		return;
	struct part *p = part_add(out, option);
	if (!p || cursor_while(&c, " ").len != 1)
		return;
	p->has_value = true;
	p->offer = offer_of(a, cursor_until(&c, " "));
}

static void parts_read(struct arena *a, const struct command *c, struct parts *out)
{
	struct str rest = str_from(c->details);
	struct str line;

	out->count = 0;
	usage_read(a, c->usage, out);
	while (str_split(&rest, '\n', &line))
		detail_read(a, line, out);
}

/* Everything that a script is made of */

struct script {
	struct arena *a;
	enum lang lang;
	struct buf *out;
};

static void write_words(struct script *s, const struct parts *parts)
{
	for (size_t i = 0; i < parts->count; i++)
		if (parts->all[i].option.len == 0 && parts->all[i].offer.words.len > 0)
			buf_printf(s->out, "%.*s ", STR_ARG(parts->all[i].offer.words));
}

static void write_options(struct script *s, const struct parts *parts)
{
	for (size_t i = 0; i < parts->count; i++)
		if (parts->all[i].option.len > 0)
			buf_printf(s->out, "%.*s ", STR_ARG(parts->all[i].option));
}

static bool takes_files(const struct parts *parts)
{
	for (size_t i = 0; i < parts->count; i++)
		if (parts->all[i].option.len == 0 && parts->all[i].offer.is_file)
			return true;
	return false;
}

/* In single quotes, as all three shells read it: texts of ours have no backslash. */
static void write_quoted(struct script *s, const char *text)
{
	for (; *text; text++)
		if (*text == '\'')
			buf_text(s->out, "'\\''");
		else
			buf_byte(s->out, (uint8_t)*text);
}

/* bash and zsh: the same decisions, written once. The scripts give _unpend_words and
 * _unpend_files a meaning, and set cur, prev and command. */

static void write_offer(struct script *s, struct offer offer)
{
	if (offer.is_file)
		buf_text(s->out, "_unpend_files");
	else
		buf_printf(s->out, "_unpend_words '%.*s'", STR_ARG(offer.words));
	buf_text(s->out, "; return ;;\n");
}

/* What stands behind an option that every command has. */
static void write_setting_values(struct script *s)
{
	struct config_about about;

	buf_text(s->out, "\tcase $prev in\n\t--lang) ");
	write_offer(s, (struct offer){ .words = STR("en ja") });
	buf_text(s->out, "\t--config) ");
	write_offer(s, (struct offer){ .words = STR_EMPTY, .is_file = true });
	for (size_t i = 0; config_about(i, &about); i++) {
		buf_printf(s->out, "\t--%s.%s) ", about.section, about.name);
		write_offer(s, (struct offer){ .words = str_from(about.choices),
					       .is_file = about.is_path });
	}
	buf_text(s->out, "\tesac\n");
}

static void write_option_values(struct script *s)
{
	struct parts parts;

	buf_text(s->out, "\tcase \"$command $prev\" in\n");
	for (size_t i = 0; i < cmd_table_count; i++) {
		parts_read(s->a, &cmd_table[i], &parts);
		for (size_t k = 0; k < parts.count; k++) {
			const struct part *p = &parts.all[k];
			if (p->option.len == 0 || !p->has_value)
				continue;
			buf_printf(s->out, "\t'%s %.*s') ", cmd_table[i].name,
				   STR_ARG(p->option));
			write_offer(s, p->offer);
		}
	}
	buf_text(s->out, "\tesac\n");
}

static void write_settings(struct script *s)
{
	struct config_about about;

	buf_text(s->out, "\tif [[ $cur == --*.* ]]; then\n\t\t_unpend_words '");
	for (size_t i = 0; config_about(i, &about); i++)
		buf_printf(s->out, "--%s.%s ", about.section, about.name);
	buf_text(s->out, "'\n\t\treturn\n\tfi\n");
}

static void write_own_words(struct script *s)
{
	struct parts parts;

	buf_text(s->out, "\tcase $command in\n");
	for (size_t i = 0; i < cmd_table_count; i++) {
		parts_read(s->a, &cmd_table[i], &parts);
		buf_printf(s->out,
			   "\t%s)\n\t\tif [[ $cur == -* ]]; then\n"
			   "\t\t\t_unpend_words '",
			   cmd_table[i].name);
		write_options(s, &parts);
		buf_text(s->out, "--lang --config --help'\n\t\telse\n\t\t\t");
		if (takes_files(&parts)) {
			buf_text(s->out, "_unpend_files\n");
		} else {
			buf_text(s->out, "_unpend_words '");
			write_words(s, &parts);
			buf_text(s->out, "'\n");
		}
		buf_text(s->out, "\t\tfi ;;\n");
	}
	buf_text(s->out, "\tesac\n");
}

static void write_body(struct script *s)
{
	write_setting_values(s);
	write_option_values(s);
	write_settings(s);
	write_own_words(s);
	buf_text(s->out, "}\n");
}

static void write_bash(struct script *s)
{
	buf_text(s->out,
		 "# bash completion of unpend: eval \"$(unpend completions bash)\"\n"
		 "_unpend_words() { COMPREPLY=($(compgen -W \"$1\" -- \"$cur\")); }\n"
		 "_unpend_files() {\n"
		 "\tcompopt -o filenames 2>/dev/null\n"
		 "\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
		 "}\n"
		 "_unpend() {\n"
		 "\tlocal cur=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}\n"
		 "\tlocal prev=${COMP_WORDS[COMP_CWORD-1]}\n"
		 "\tCOMPREPLY=()\n"
		 "\tif [[ $COMP_CWORD == 1 ]]; then\n\t\t_unpend_words '");
	offer_commands(s->out);
	buf_text(s->out, "'\n\t\treturn\n\tfi\n");
	write_body(s);
	buf_text(s->out, "complete -F _unpend unpend\n");
}

static void write_zsh(struct script *s)
{
	buf_text(s->out,
		 "#compdef unpend\n"
		 "# zsh completion of unpend: save as _unpend in a folder of $fpath, or\n"
		 "# eval \"$(unpend completions zsh)\" behind compinit\n"
		 "_unpend_words() { compadd -- ${=1} }\n"
		 "_unpend_files() { _files }\n"
		 "_unpend() {\n"
		 "\tlocal cur=$words[CURRENT] prev=$words[CURRENT-1] command=$words[2]\n"
		 "\tif (( CURRENT == 2 )); then\n"
		 "\t\tlocal -a commands=(\n");
	for (size_t i = 0; i < cmd_table_count; i++) {
		buf_printf(s->out, "\t\t\t'%s:", cmd_table[i].name);
		write_quoted(s, lang_text(s->lang, cmd_table[i].summary));
		buf_text(s->out, "'\n");
	}
	buf_text(s->out, "\t\t)\n\t\t_describe command commands\n\t\treturn\n\tfi\n");
	write_body(s);
	buf_text(s->out, "if [[ $funcstack[1] == _unpend ]]; then\n\t_unpend \"$@\"\n"
			 "else\n\tcompdef _unpend unpend\nfi\n");
}

/* fish: a line for each thing that may stand somewhere */

static void write_fish_offer(struct script *s, struct offer offer)
{
	if (offer.is_file)
		buf_text(s->out, " -r -F\n");
	else
		buf_printf(s->out, " -x -a '%.*s'\n", STR_ARG(offer.words));
}

static void write_fish_command(struct script *s, const struct command *c)
{
	struct parts parts;

	buf_printf(s->out, "complete -c unpend -n __fish_use_subcommand -a %s -d '",
		   c->name);
	write_quoted(s, lang_text(s->lang, c->summary));
	buf_text(s->out, "'\n");
	parts_read(s->a, c, &parts);
	for (size_t i = 0; i < parts.count; i++) {
		const struct part *p = &parts.all[i];
		bool is_nothing = p->option.len == 0 && !p->offer.is_file &&
				  p->offer.words.len == 0;
		if (is_nothing)
			continue;
		buf_printf(s->out,
			   "complete -c unpend -n '__fish_seen_subcommand_from %s'",
			   c->name);
		if (p->option.len > 0)
			buf_printf(s->out, " -l %.*s",
				   STR_ARG(str_sub(p->option, 2, p->option.len)));
		if (p->option.len > 0 && !p->has_value)
			buf_byte(s->out, '\n');
		else if (p->option.len == 0 && p->offer.is_file)
			buf_text(s->out, " -F\n");
		else if (p->option.len == 0)
			buf_printf(s->out, " -a '%.*s'\n", STR_ARG(p->offer.words));
		else
			write_fish_offer(s, p->offer);
	}
}

static void write_fish(struct script *s)
{
	struct config_about about;

	buf_text(s->out, "# fish completion of unpend: unpend completions fish | source\n"
			 "complete -c unpend -f\n"
			 "complete -c unpend -l help\n"
			 "complete -c unpend -l lang -x -a 'en ja'\n"
			 "complete -c unpend -l config -r -F\n");
	for (size_t i = 0; i < cmd_table_count; i++)
		write_fish_command(s, &cmd_table[i]);
	for (size_t i = 0; config_about(i, &about); i++) {
		buf_printf(s->out, "complete -c unpend -l %s.%s", about.section,
			   about.name);
		write_fish_offer(s, (struct offer){ .words = str_from(about.choices),
						    .is_file = about.is_path });
	}
}

/* The command */

static const struct {
	const char *name;
	void (*write)(struct script *s);
} shells[] = {
	{ "bash", write_bash },
	{ "zsh", write_zsh },
	{ "fish", write_fish },
};

static int complete_for(const struct cmd_line *line, struct script *s)
{
	struct err e = { .lang = line->lang };

	for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
		if (line->word_count != 1 || !str_is(line->words[0], shells[i].name))
			continue;
		shells[i].write(s);
		return cmd_print(s->out);
	}
	err_set(&e, ERR_USAGE, "%s",
		lang_text(line->lang, "'completions' wants one of: bash, zsh, fish"));
	return cmd_fail(&e);
}

int cmd_completions(int argc, char **argv)
{
	struct cmd_line line = { 0 };
	auto_buf struct buf out;
	int code;
	buf_init(&out, SCRIPT_MAX);
	if (!cmd_line_read(&line, argc, argv, &code))
		return code;
	auto_arena struct arena a;
	arena_init(&a, SCRIPT_MAX);
	struct script s = { .a = &a, .lang = line.lang, .out = &out };
	code = complete_for(&line, &s);
	cmd_line_done(&line);
	return code;
}
