/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend: the table of commands, and the word that picks one. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cmd/cmd.h"

static const char check_details[] = LANG_MARK(
	"  --expect FILE   what should be published: our own JSON form, or what\n"
	"                  'aws sesv2 get-email-identity' prints; '-' is standard input\n"
	"  --dkim TOKEN    a DKIM token, or SELECTOR=TARGET; several may follow\n"
	"  --json          the report as JSON (schema check/v1)\n"
	"  --save FILE     keep what was expected and seen, for 'unpend judge'\n"
	"  --since FILE    an observation saved earlier: since when all is right\n"
	"  --no-rdap       do not ask the registry (RDAP) about a domain that is not in\n"
	"                  the DNS\n"
	"  --watch         look again until everything is verified\n"
	"  --until TIME    with --watch: for that long (90s, 30m, 2h, 1d), or until "
	"then\n"
	"  --ndjson        with --watch: what changes as JSON, one object a line\n"
	"\n"
	"Settings that matter here:\n"
	"  --dns.forward IP      ask this resolver instead of the name servers\n"
	"  --ses.region REGION   where the Amazon SES identity lives\n"
	"  --keys.zone ZONE      what DKIM tokens point into, if it is not Amazon's\n"
	"\n"
	"Examples:\n"
	"  unpend check shop.example --expect shop.json\n"
	"  unpend check shop.example --dkim k1=k1.mailer.example k2=k2.mailer.example\n"
	"  aws sesv2 get-email-identity --email-identity shop.example |\n"
	"    unpend check shop.example --expect - --ses.region eu-west-1\n"
	"\n"
	"The form of shop.json: unpend help expect\n"
	"\n"
	"Exit codes: 0 verified, 1 something to fix, 2 usage, 3 only wait,\n"
	"4 could not tell.\n");

static const char bulk_details[] = LANG_MARK(
	"  --expect FILE         one identity a line, in a form of 'check --expect', or "
	"a\n"
	"                        bare domain; '-', or no option: standard input\n"
	"  --resume FILE         what FILE answers already is left out, what is new is\n"
	"                        added to it; FILE need not be there yet\n"
	"  --ordered             in the order of the input; else as they are done\n"
	"  --thorough            a full look at every domain, no glances\n"
	"  --probes N            processes that ask, 0: one for each processor core\n"
	"  --max-in-flight N     domains under way at once (1024)\n"
	"  --max-per-server N    questions under way to one name server (200)\n"
	"\n"
	"One line of JSON for each line of the input, which it names by its number. "
	"Where\n"
	"each expected record is right at the name server that was asked, that is all\n"
	"that is asked (\"look\":\"glance\"); every other domain is looked at in full, "
	"as\n"
	"by 'unpend check --no-rdap'. A line that cannot be read is answered with an\n"
	"error, and the rest goes on.\n"
	"\n"
	"Examples:\n"
	"  unpend bulk --expect identities.ndjson --resume reports.ndjson\n"
	"  unpend bulk --ordered < domains.txt | jq -r '[.domain, .verdict] | @tsv'\n"
	"\n"
	"Exit codes: 0 all are verified, 1 some have something to fix, 2 usage, 3 some\n"
	"only have to wait, 4 some could not be told, or read.\n");

static const char judge_details[] = LANG_MARK(
	"  --json   the report as JSON (schema check/v1)\n"
	"\n"
	"FILE is what 'unpend check --save FILE' wrote; '-' is standard input. Several,\n"
	"made in different places, are compared: where they disagree, nothing is\n"
	"verified.\n"
	"\n"
	"Examples:\n"
	"  unpend judge seen.json\n"
	"  unpend judge here.json there.json\n"
	"\n"
	"Exit codes: those of the check that saved it: 0 verified, 1 something to fix,\n"
	"3 only wait, 4 could not tell; 2 usage.\n");

static const char explain_details[] = LANG_MARK(
	"  --list            all codes with their titles\n"
	"  --family FAMILY   of those only the ones that begin so: U2, U95\n"
	"  --json            the same as JSON\n"
	"\n"
	"U1 delegation, U2 the record's name, U3 its target, U4 proxies, U5 DKIM\n"
	"keys, U6 SPF, U7 MX, U8 DMARC, U9 time and transport, U95 ownership.\n"
	"\n"
	"Examples:\n"
	"  unpend explain U201\n"
	"  unpend explain --list --family U2\n"
	"\n"
	"Exit codes: 0, 2 usage or no such code.\n");

static const char resolve_details[] = LANG_MARK(
	"  --json       the same as JSON (schema resolve/v1)\n"
	"  --now TIME   count from this moment, such as 2026-11-21T05:12:09Z\n"
	"\n"
	"The name servers of the zone are asked, aliases (CNAME) are followed. The "
	"first\n"
	"line has the response code (NODATA: the name exists, the type does not) and "
	"what\n"
	"DNSSEC says: secure, insecure (not signed), bogus (signatures do not hold) or\n"
	"unchecked.\n"
	"\n"
	"Settings that matter here:\n"
	"  --dns.forward IP@PORT      ask this resolver instead of the name servers\n"
	"  --dns.root_hints FILE      where the walk begins\n"
	"  --dns.trust_anchor FILE    what signatures are checked against\n"
	"\n"
	"Example:\n"
	"  unpend resolve _dmarc.shop.example TXT\n"
	"\n"
	"Exit codes: 0 found, 1 no such name or no such record, 2 usage, 4 could not\n"
	"tell.\n");

static const char spf_details[] = LANG_MARK(
	"  --ip IP            the client that delivers the message\n"
	"  --mail-from ADDR   the envelope sender; empty: a bounce, judged by --helo\n"
	"  --helo NAME        what the client calls itself\n"
	"  --receiver NAME    what %{r} stands for in a record\n"
	"  --now TIME         what %{t} stands for; else the clock\n"
	"  --json             the result as JSON (schema spf/v1)\n"
	"\n"
	"The first word is the result (RFC 7208): pass, fail, softfail, neutral, none,\n"
	"temperror or permerror. Then: which term of which record decided.\n"
	"\n"
	"Settings that matter here:\n"
	"  --dns.forward IP      ask this resolver instead of the name servers\n"
	"\n"
	"Example:\n"
	"  unpend spf --ip 192.0.2.1 --mail-from news@shop.example\n"
	"\n"
	"Exit codes: 0 pass, 1 any result that is no pass, 2 usage, 4 temperror.\n");

static const char lint_details[] = LANG_MARK(
	"  --type TYPE   spf, dkim, dmarc or mx; else it is guessed from the text\n"
	"  --json        the problems as JSON (schema lint/v1)\n"
	"\n"
	"TEXT is the value of one record, plain or as the quoted strings of a zone "
	"file;\n"
	"'-' is standard input. Nobody is asked.\n"
	"\n"
	"Example:\n"
	"  unpend lint 'v=DMARC1; p=none; rua=mailto:dmarc@shop.example'\n"
	"\n"
	"Exit codes: 0 no error (notes may be there), 1 an error, 2 usage.\n");

static const char dmarc_details[] = LANG_MARK(
	"  --from DOMAIN   the domain of the From line\n"
	"  --spf DOMAIN    the domain that SPF passed for; leave it out where it did "
	"not\n"
	"  --dkim DOMAIN   d= of a signature that verified; may be given several times\n"
	"  --now TIME      the time of the answer's checked_at; else the clock\n"
	"  --json          the result as JSON (schema dmarc/v1)\n"
	"\n"
	"The first word is the result (RFC 9989): pass, fail, none or temperror. Then:\n"
	"what is aligned, which policy holds, and where it was found by the tree walk.\n"
	"\n"
	"Settings that matter here:\n"
	"  --dns.forward IP      ask this resolver instead of the name servers\n"
	"\n"
	"Example:\n"
	"  unpend dmarc --from shop.example --dkim shop.example\n"
	"\n"
	"Exit codes: 0 pass, 1 fail or none, 2 usage, 4 temperror.\n");

static const char suffix_details[] = LANG_MARK(
	"  --json       the same as JSON (schema suffix/v1)\n"
	"  --now TIME   the time of the answer's checked_at; else the clock\n"
	"\n"
	"By the public suffix list that the program was built with. Nobody is asked.\n"
	"\n"
	"Example:\n"
	"  unpend suffix news.shop.co.jp\n"
	"\n"
	"Exit codes: 0, 1 the domain is itself a public suffix, 2 usage.\n");

static const char trace_details[] = LANG_MARK(
	"  --json   the same as JSON (schema trace/v1)\n"
	"\n"
	"Goes from the root to the domain as every resolver does and tells, zone by "
	"zone,\n"
	"which name servers the zone above names (its NS records) and which the zone\n"
	"itself names, whether each can be reached over UDP and TCP and serves the zone\n"
	"(lame: it does not), and whether the zone is signed (DS, DNSSEC).\n"
	"\n"
	"Settings that matter here:\n"
	"  --dns.root_hints FILE      where the way begins\n"
	"  --dns.trust_anchor FILE    what signatures are checked against\n"
	"\n"
	"Example:\n"
	"  unpend trace shop.example\n"
	"\n"
	"Exit codes: 0 in order (notes may be there), 1 something to fix, 2 usage,\n"
	"4 could not tell.\n");

static const char propagation_details[] = LANG_MARK(
	"  --json       the same as JSON (schema propagation/v1)\n"
	"  --now TIME   count from this moment, such as 2026-11-21T05:12:09Z\n"
	"\n"
	"Asks the zone's own name servers first, then each public resolver once: what "
	"it\n"
	"remembers and for how long. They see the name that is asked about.\n"
	"\n"
	"Settings that matter here:\n"
	"  --dns.resolvers LIST       the resolvers to ask, instead of well-known ones\n"
	"  --dns.forward IP@PORT      take this resolver's word for the authorities'\n"
	"  --dns.root_hints FILE      where the walk begins\n"
	"  --dns.trust_anchor FILE    what signatures are checked against\n"
	"\n"
	"Example:\n"
	"  unpend propagation _dmarc.shop.example TXT\n"
	"\n"
	"Exit codes: 0 all agree, 2 usage, 3 some remember something else: wait,\n"
	"4 could not tell.\n");

static const char provider_details[] = LANG_MARK(
	"  --json   the same as JSON (schema provider/v1)\n"
	"\n"
	"Tells by the name servers of the domain's zone who runs them, and what is "
	"known\n"
	"of that operator's panel: what to type in the name box, final dots, quotes,\n"
	"limits, how soon a change can be seen.\n"
	"\n"
	"Settings that matter here:\n"
	"  --dns.forward IP@PORT      ask this resolver instead of the name servers\n"
	"\n"
	"Example:\n"
	"  unpend provider shop.example\n"
	"\n"
	"Exit codes: 0 known, 1 no such domain, 2 usage, 4 unknown or could not tell.\n");

static const char records_details[] = LANG_MARK(
	"  --as FORMAT     cards (default), table, zone, csv, route53, cloudflare,\n"
	"                  terraform-route53, terraform-cloudflare, dnscontrol, "
	"octodns,\n"
	"                  nsupdate, mail (a text to send), json\n"
	"  --expect FILE   what should be published, as for 'check'; '-' is standard\n"
	"                  input\n"
	"  --dkim TOKEN    a DKIM token, or SELECTOR=TARGET; several may follow\n"
	"  --names FORM    names in cards and table: relative (without the zone), fqdn\n"
	"                  (whole), or auto: as the panel in use wants them\n"
	"\n"
	"Settings that matter here:\n"
	"  --ses.region REGION   where the Amazon SES identity lives\n"
	"  --keys.zone ZONE      what DKIM tokens point into, if it is not Amazon's\n"
	"\n"
	"Example:\n"
	"  unpend records shop.example --expect shop.json --as route53 > batch.json\n"
	"\n"
	"Exit codes: 0, 2 usage or a record that the format cannot hold.\n");

static const char completions_details[] = LANG_MARK(
	"The script completes commands, options, settings, codes and record types.\n"
	"\n"
	"Example, for the present bash; in ~/.bashrc for every one:\n"
	"  eval \"$(unpend completions bash)\"\n"
	"For zsh, behind compinit in ~/.zshrc:\n"
	"  eval \"$(unpend completions zsh)\"\n"
	"For fish, in ~/.config/fish/config.fish:\n"
	"  unpend completions fish | source\n"
	"\n"
	"Exit codes: 0, 2 usage.\n");

static const char serve_details[] = LANG_MARK(
	"It has no options of its own, only settings: 'unpend config defaults' lists\n"
	"them, 'unpend config check' says whether a file is right. SIGTERM ends it.\n"
	"\n"
	"Example:\n"
	"  unpend serve --config /etc/unpend/unpend.conf\n"
	"\n"
	"Exit codes: 0 ended by a signal, 2 a wrong setting, 4 something it needs does\n"
	"not work, 5 a file or port is not allowed.\n");

static const char doctor_details[] = LANG_MARK(
	"  --json   the same as JSON (schema doctor/v1)\n"
	"\n"
	"Give it the configuration of the service, and run it as the service's user. It\n"
	"looks at settings, limits, data files, database, sealing key, clock, webhooks,\n"
	"root servers, DNSSEC, public resolvers, the zone of the keys, the relay and "
	"the\n"
	"perspectives, and says of each what to do where something is wrong.\n"
	"\n"
	"Example:\n"
	"  unpend doctor --config /etc/unpend/unpend.conf\n"
	"\n"
	"Exit codes: 0 nothing fails (there may be warnings), 1 something fails, 2 a\n"
	"wrong setting.\n");

static const char probe_details[] = LANG_MARK(
	"  --listen ADDRESS:PORT   where services connect; systemd's socket is used\n"
	"                          instead where it is given\n"
	"  --cert FILE             our certificate (PEM); it names this host, or the "
	"name\n"
	"                          that the service knows this perspective by\n"
	"  --key FILE              its private key (PEM)\n"
	"  --ca FILE               certificate of the CA that signed the services'\n"
	"  --allow NAME            only services whose certificate has this name: DNS\n"
	"                          name, address, URI, or sha256:HEX of the public key;\n"
	"                          may be given several times\n"
	"  --name NAME             what this perspective calls itself\n"
	"\n"
	"What it sees decides together with what the service itself sees: see\n"
	"'perspectives.ask' in unpend.conf(5). Whom it asks and how is its own\n"
	"configuration; clients set nothing. SIGTERM ends it.\n"
	"\n"
	"Example:\n"
	"  unpend probe --listen 192.0.2.1:8953 --cert tokyo.pem --key tokyo.key --ca\n"
	"    ca.pem --allow service.example\n"
	"\n"
	"Exit codes: 0 ended by a signal, 2 a wrong setting or file, 4 it cannot\n"
	"listen there.\n");

static const char db_details[] = LANG_MARK(
	"  backup FILE      save all of it while the service runs; '-' is standard "
	"output\n"
	"  verify           look whether the database is sound\n"
	"  verify FILE      look whether a backup is whole\n"
	"  restore FILE     put a backup into an empty database\n"
	"  migrate          bring the tables to this version (serve does it too)\n"
	"  migrate --to URL copy everything into another, empty database\n"
	"  status           the kind of database, and how many rows there are\n"
	"  --json           the same as JSON\n"
	"\n"
	"A backup is one file for every kind of database: what SQLite saved, "
	"PostgreSQL\n"
	"takes. It holds what customers wrote; the private keys in it are sealed with "
	"the\n"
	"key of keys.secret_file, which is not in it: keep that one too, elsewhere.\n"
	"Stop the service before migrate --to: what comes later is not copied.\n"
	"\n"
	"Examples:\n"
	"  unpend db backup /var/backups/unpend-monday\n"
	"  unpend db migrate --to postgresql:///unpend?host=/run/postgresql\n"
	"\n"
	"Exit codes: 0 done and sound, 1 not sound, 2 usage or no sound backup, 4 the\n"
	"database cannot be reached, 6 the file or rows are there already.\n");

static const char tenant_details[] = LANG_MARK(
	"  add NAME       make one and print its credentials, once\n"
	"  list           all, in the order in which they were made\n"
	"  suspend NAME   nobody acts for it until 'resume NAME'\n"
	"  delete NAME    with all that it has; says so with --confirm NAME\n"
	"  --json         a line of JSON for each\n"
	"\n"
	"Give it the configuration of the service, so that it finds its database.\n"
	"\n"
	"Example:\n"
	"  unpend tenant add shop --config /etc/unpend/unpend.conf\n"
	"\n"
	"Exit codes: 0 done, 2 usage, 4 the database cannot be reached, 5 a file is not\n"
	"allowed, 6 there is one of this name.\n");

static const char token_details[] = LANG_MARK(
	"Without --tenant the tokens are the operator's: they manage tenants.\n"
	"\n"
	"  add NAME         make one and print it, once\n"
	"  list             all, those that ended too\n"
	"  revoke ID        end one, at once and for good\n"
	"  --tenant NAME    the tokens of this tenant\n"
	"  --scopes LIST    what it may do, with commas between; all where it is absent\n"
	"  --days N         it ends after so many days; never where it is absent\n"
	"  --json           a line of JSON for each\n"
	"\n"
	"Example:\n"
	"  unpend token add reader --tenant shop --scopes identities:read --days 90\n"
	"\n"
	"Exit codes: 0 done, 2 usage, 4 the database cannot be reached, 5 a file is not\n"
	"allowed.\n");

static const char events_details[] = LANG_MARK(
	"  list               what happened so far\n"
	"  tail               what happens from now on, as it happens\n"
	"  --tenant NAME      of this tenant only\n"
	"  --identity DOMAIN  of this identity only\n"
	"  --since TIME       from then on: 2026-11-22T01:00:00Z, or 2h for two hours\n"
	"                     ago\n"
	"  --since NUMBER     what is behind this number, with --tenant\n"
	"  --json             one JSON object a line; always so where the output is no\n"
	"                     terminal\n"
	"\n"
	"Each tenant's events are numbered from 1 on without gaps: who goes on behind\n"
	"the last number that he has seen misses nothing and sees nothing twice.\n"
	"\n"
	"Give it the configuration of the service, so that it finds its database.\n"
	"\n"
	"Example:\n"
	"  unpend events tail --tenant shop --config /etc/unpend/unpend.conf\n"
	"\n"
	"Exit codes: 0 shown, 2 usage, 4 the database cannot be reached, 5 a file is\n"
	"not allowed.\n");

const struct command cmd_table[] = {
	{ .name = "check",
	  .run = cmd_check,
	  .usage = "DOMAIN [--expect FILE|-] [--dkim TOKEN ...] [--json] [--save FILE] "
		   "[--watch]",
	  .summary = LANG_MARK(
		  "say which DNS record keeps a domain pending, why, and what to type "
		  "where"),
	  .details = check_details },
	{ .name = "bulk",
	  .run = cmd_bulk,
	  .usage = "[--expect FILE|-] [--resume FILE] [--ordered] [--thorough] [--probes "
		   "N] [--max-in-flight N] [--max-per-server N]",
	  .summary = LANG_MARK(
		  "check many domains: one identity a line in, one report a line out"),
	  .details = bulk_details },
	{ .name = "judge",
	  .run = cmd_judge,
	  .usage = "FILE ... [--json]",
	  .summary = LANG_MARK(
		  "give the report of an observation saved by check --save, without "
		  "asking the DNS"),
	  .details = judge_details },
	{ .name = "explain",
	  .run = cmd_explain,
	  .usage = "CODE | --list [--family FAMILY] [--json]",
	  .summary = LANG_MARK("explain a finding's code at length"),
	  .details = explain_details },
	{ .name = "resolve",
	  .run = cmd_resolve,
	  .usage = "NAME TYPE [--json] [--now TIME]",
	  .summary = LANG_MARK("say what the DNS answers to one question, whether it is "
			       "signed, and who said so"),
	  .details = resolve_details },
	{ .name = "spf",
	  .run = cmd_spf,
	  .usage = "--ip IP [--mail-from ADDR] [--helo NAME] [--receiver NAME] "
		   "[--json] [--now TIME]",
	  .summary = LANG_MARK("say what SPF makes of a client that sends as somebody"),
	  .details = spf_details },
	{ .name = "dmarc",
	  .run = cmd_dmarc,
	  .usage = "--from DOMAIN [--spf DOMAIN] [--dkim DOMAIN ...] [--json] [--now "
		   "TIME]",
	  .summary = LANG_MARK(
		  "say what DMARC makes of a mail, from what SPF and DKIM said"),
	  .details = dmarc_details },
	{ .name = "lint",
	  .run = cmd_lint,
	  .usage = "[--type spf|dkim|dmarc|mx] TEXT|- [--json]",
	  .summary = LANG_MARK("judge the text of one record, without asking the DNS"),
	  .details = lint_details },
	{ .name = "suffix",
	  .run = cmd_suffix,
	  .usage = "DOMAIN [--json] [--now TIME]",
	  .summary =
		  LANG_MARK("say what the public suffix of a domain is, and whose it is"),
	  .details = suffix_details },
	{ .name = "trace",
	  .run = cmd_trace,
	  .usage = "DOMAIN [--json]",
	  .summary =
		  LANG_MARK("show the way from the root to a domain's name servers, and "
			    "what is wrong on it"),
	  .details = trace_details },
	{ .name = "propagation",
	  .run = cmd_propagation,
	  .usage = "NAME TYPE [--json] [--now TIME]",
	  .summary = LANG_MARK("say which public resolvers still remember an old answer, "
			       "and until when"),
	  .details = propagation_details },
	{ .name = "provider",
	  .run = cmd_provider,
	  .usage = "DOMAIN [--json]",
	  .summary = LANG_MARK("say who runs a domain's DNS, and how that panel wants "
			       "records typed"),
	  .details = provider_details },
	{ .name = "records",
	  .run = cmd_records,
	  .usage = "DOMAIN [--as FORMAT] [--expect FILE|-] [--dkim TOKEN ...] [--names "
		   "auto|relative|fqdn]",
	  .summary = LANG_MARK("print the records to publish, for people or for a tool"),
	  .details = records_details },
	{ .name = "doctor",
	  .run = cmd_doctor,
	  .usage = "[--json]",
	  .summary = LANG_MARK("find what is wrong around the service, and what to do"),
	  .details = doctor_details },
	{ .name = "serve",
	  .run = cmd_serve,
	  .usage = "",
	  .summary = LANG_MARK("run the service: console, APIs, checks, masked mail"),
	  .details = serve_details },
	{ .name = "db",
	  .run = cmd_db,
	  .usage = "backup FILE|verify [FILE]|restore FILE|migrate [--to URL]|status "
		   "[--json]",
	  .summary = LANG_MARK("back up, look over, restore or move the database"),
	  .details = db_details },
	{ .name = "tenant",
	  .run = cmd_tenant,
	  .usage = "add|list|suspend|resume|delete [NAME] [--confirm NAME] [--json]",
	  .summary = LANG_MARK("add, list, suspend or delete tenants"),
	  .details = tenant_details },
	{ .name = "token",
	  .run = cmd_token,
	  .usage = "add|list|revoke [NAME|ID] [--tenant NAME] [--scopes LIST] [--days N] "
		   "[--json]",
	  .summary = LANG_MARK("add, list or revoke tokens for the native API"),
	  .details = token_details },
	{ .name = "events",
	  .run = cmd_events,
	  .usage = "list|tail [--tenant NAME] [--identity DOMAIN] [--since TIME|NUMBER] "
		   "[--json]",
	  .summary = LANG_MARK("list what happened to identities, or follow it"),
	  .details = events_details },
	{ .name = "config",
	  .run = cmd_config,
	  .usage = "defaults|show|check|man",
	  .summary = LANG_MARK(
		  "print the options, their values, or whether a file is right") },
	{ .name = "probe",
	  .run = cmd_probe,
	  .usage = "--listen ADDRESS:PORT --cert FILE --key FILE --ca FILE [--allow NAME "
		   "...] [--name NAME]",
	  .summary = LANG_MARK("look at domains from here for a service elsewhere"),
	  .details = probe_details },
	{ .name = "completions",
	  .run = cmd_completions,
	  .usage = "bash|zsh|fish",
	  .summary = LANG_MARK("print what makes a shell complete unpend's words"),
	  .details = completions_details },
	{ .name = "help",
	  .run = cmd_help,
	  .usage = "[COMMAND | exit-codes | environment | expect]",
	  .summary = LANG_MARK("say how a command is used") },
	{ .name = "version",
	  .run = cmd_version,
	  .usage = "",
	  .summary = LANG_MARK("print the version") },
};
const size_t cmd_table_count = ARRAY_LEN(cmd_table);

static const struct command *command_find(const char *name)
{
	static const char *const flags[][2] = { { "--help", "help" },
						{ "-h", "help" },
						{ "--version", "version" } };
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (strcmp(name, flags[i][0]) == 0)
			name = flags[i][1];
	for (size_t i = 0; i < cmd_table_count; i++)
		if (strcmp(name, cmd_table[i].name) == 0)
			return &cmd_table[i];
	return NULL;
}

static void command_guess(struct buf *out, const char *name, enum lang lang)
{
	struct cmd_guess guess = { .wanted = str_from(name) };
	for (size_t i = 0; i < cmd_table_count; i++)
		cmd_guess_offer(&guess, cmd_table[i].name);
	cmd_guess_write(out, &guess, lang);
}

/* "--lang ja check" becomes "check --lang ja": a command reads what stands behind it. */
static void lang_behind_command(int argc, char **argv)
{
	if (argc < 4 || strcmp(argv[1], "--lang") != 0)
		return;
	char *lang = argv[2];
	argv[2] = argv[1];
	argv[1] = argv[3];
	argv[3] = lang;
}

/* Where a standard stream is closed, a file or a socket of ours would take its place.
 * What stands there now fails, as a closed one does. */
static void fill_standard_streams(void)
{
	static const int modes[] = { O_WRONLY, O_RDONLY, O_RDONLY };

	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", modes[fd]);
}

int main(int argc, char **argv)
{
	fill_standard_streams();
	signal(SIGPIPE, SIG_IGN);
	/* Nothing that it might ever run shall be more than it is. */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	lang_behind_command(argc, argv);
	enum lang lang = cmd_lang(argc, argv);
	if (argc < 2 || strcmp(argv[1], "--lang") == 0) {
		cmd_help_on(NULL, lang);
		return EXIT_USAGE;
	}
	const struct command *command = command_find(argv[1]);
	if (!command) {
		struct err e = { 0 };
		auto_buf struct buf shown;
		buf_init(&shown, 1024);
		escape_visible(&shown, str_from(argv[1]), 64);
		auto_buf struct buf hint;
		buf_init(&hint, 1024);
		command_guess(&hint, argv[1], lang);
		err_set(&e, ERR_USAGE,
			lang_text(lang, "no command '%s'%s; 'unpend help' lists them"),
			buf_cstr(&shown), buf_cstr(&hint));
		return cmd_fail(&e);
	}
	return command->run(argc - 1, argv + 1);
}
