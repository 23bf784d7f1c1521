/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The option table: everything that can be configured, one row each. */
#include "config/options.h"

#include <assert.h>

#include "config/checks.h"

/* A table by hand. */
/* clang-format off */
static const struct config_option options[CONFIG_KEY_COUNT] = {
	[CONFIG_DNS_ROOT_HINTS] = {
		.section = "dns", .name = "root_hints", .type = OPTION_PATH,
		.standard = "/usr/share/dns/root.hints",
		.help = "Names and addresses of the root servers, as a zone file.",
	},
	[CONFIG_DNS_TRUST_ANCHOR] = {
		.section = "dns", .name = "trust_anchor", .type = OPTION_PATH,
		.standard = "/usr/share/dns/root.key",
		.help = "DNSKEY or DS records that DNSSEC validation begins with. "
			"Empty: nothing is validated.",
	},
	[CONFIG_DNS_RESOLVERS] = {
		.section = "dns", .name = "resolvers", .type = OPTION_LIST,
		.check = check_server, .form = "addresses, each perhaps with @PORT",
		.standard = "1.1.1.1, 8.8.8.8, 9.9.9.9",
		.help = "Public resolvers that are asked who still remembers what "
			"until when. They never decide. Empty: none is asked.",
	},
	[CONFIG_DNS_FORWARD] = {
		.section = "dns", .name = "forward", .type = OPTION_TEXT,
		.check = check_server, .form = "an address, perhaps with @PORT",
		.standard = "",
		.help = "Where the network lets no questions out to the authoritative "
			"servers: the resolver to ask instead. The report then says "
			"that it is one cache's view.",
	},
	[CONFIG_DNS_ALLOW_ADDRESSES] = {
		.section = "dns", .name = "allow_addresses", .type = OPTION_LIST,
		.check = check_network, .form = "networks such as 192.0.2.0/24",
		.standard = "",
		.help = "Networks where name servers may stand although the address "
			"guard refuses them: private, loopback, link-local and other "
			"special ranges.",
	},
	[CONFIG_DNS_IPV6] = {
		.section = "dns", .name = "ipv6", .type = OPTION_FLAG, .standard = "true",
		.help = "Ask over IPv6 too, where there is a route.",
	},
	[CONFIG_DNS_QUERY_TIMEOUT_MS] = {
		.section = "dns", .name = "query_timeout_ms", .type = OPTION_NUMBER,
		.unit = OPTION_MILLISECONDS, .min = 100, .max = 10000, .standard = "2000",
		.help = "How long the last try of one question waits.",
	},
	[CONFIG_DNS_CHECK_TIMEOUT_MS] = {
		.section = "dns", .name = "check_timeout_ms", .type = OPTION_NUMBER,
		.unit = OPTION_MILLISECONDS, .min = 1000, .max = 60000,
		.standard = "8000",
		.help = "How long one check takes at most; what was not answered by "
			"then is reported as not answered.",
	},
	[CONFIG_DNS_PROBES] = {
		.section = "dns", .name = "probes", .type = OPTION_NUMBER, .min = 0,
		.max = 64, .standard = "0",
		.help = "Probe processes that ask the DNS. 0: one for each processor "
			"core.",
	},
	[CONFIG_DNS_SERVER_IN_FLIGHT] = {
		.section = "dns", .name = "server_in_flight", .type = OPTION_NUMBER,
		.min = 1, .max = 1000, .standard = "200",
		.help = "Questions under way to one name server at once, at most, of "
			"all probe processes together. More than 200 overflow the "
			"buffers of many servers.",
	},
	[CONFIG_DNS_SANDBOX] = {
		.section = "dns", .name = "sandbox", .type = OPTION_FLAG,
		.standard = "true",
		.help = "Lock probe processes in: no files, no other processes, only "
			"the system calls they are known to need. Off only where a new "
			"C library calls what an old program does not know.",
	},
	[CONFIG_HTTP_LISTEN] = {
		.section = "http", .name = "listen", .type = OPTION_TEXT,
		.check = check_listen,
		.form = "ADDRESS:PORT, an IPv6 address in brackets",
		.standard = "127.0.0.1:8025",
		.help = "Where the console and the interfaces for programs are served.",
	},
	[CONFIG_HTTP_THREADS] = {
		.section = "http", .name = "threads", .type = OPTION_NUMBER, .min = 1,
		.max = 64, .standard = "4",
		.help = "Threads that answer requests.",
	},
	[CONFIG_HTTP_ADMIN_LISTEN] = {
		.section = "http", .name = "admin_listen", .type = OPTION_TEXT,
		.check = check_listen,
		.form = "ADDRESS:PORT, an IPv6 address in brackets",
		.standard = "",
		.help = "Where /livez, /readyz, /startupz and /metrics are served "
			"instead of at http.listen. Empty: at http.listen.",
	},
	[CONFIG_HTTP_TOKEN_RATE] = {
		.section = "http", .name = "token_rate", .type = OPTION_NUMBER,
		.min = 0, .max = 100000, .standard = "100",
		.help = "Requests a second to the native API with one token; ten times "
			"as many may come at once. 0: no limit.",
	},
	[CONFIG_HTTP_ADDRESS_RATE] = {
		.section = "http", .name = "address_rate", .type = OPTION_NUMBER,
		.min = 0, .max = 100000, .standard = "20",
		.help = "Requests a second to the native API from one address without a "
			"token that is good; ten times as many may come at once. 0: no "
			"limit.",
	},
	[CONFIG_HTTP_URL] = {
		.section = "http", .name = "url", .type = OPTION_TEXT,
		.check = check_http_url, .form = "a URL with http:// or https://",
		.standard = "",
		.help = "The service's address as people see it. Empty: made from "
			"http.listen.",
	},
	[CONFIG_STORE_URL] = {
		.section = "store", .name = "url", .type = OPTION_TEXT,
		.check = check_store_url, .form = "sqlite:PATH or postgresql://...",
		.standard = "sqlite:/var/lib/unpend/unpend.db",
		.help = "The database. Several nodes may work on one PostgreSQL; one "
			"process at a time on an SQLite file.",
	},
	[CONFIG_NODE_NAME] = {
		.section = "node", .name = "name", .type = OPTION_TEXT, .standard = "",
		.help = "This process's name among those that work on one store; each "
			"has another. Empty: the host's name and http.listen.",
	},
	[CONFIG_NODE_HEARTBEAT_S] = {
		.section = "node", .name = "heartbeat_s", .type = OPTION_NUMBER,
		.unit = OPTION_SECONDS, .min = 1, .max = 60, .standard = "10",
		.help = "How often a node says in the store that it is there. What a "
			"node had begun is taken over by the others when it has been "
			"silent for three times as long.",
	},
	[CONFIG_SERVICE_LOOKS] = {
		.section = "service", .name = "looks", .type = OPTION_NUMBER, .min = 1,
		.max = 4096, .standard = "512",
		.help = "Looks at the DNS under way at once, at most.",
	},
	[CONFIG_SERVICE_LOOKS_PER_S] = {
		.section = "service", .name = "looks_per_s", .type = OPTION_NUMBER,
		.min = 1, .max = 100000, .standard = "500",
		.help = "Looks at the DNS begun in a second, at most: what has become "
			"due during an outage is worked off evenly.",
	},
	[CONFIG_SERVICE_GLANCES_PER_S] = {
		.section = "service", .name = "glances_per_s", .type = OPTION_NUMBER,
		.min = 0, .max = 1000000, .standard = "5000",
		.help = "Glances begun in a second, at most: what is verified is "
			"glanced at some times a day, each record at one name server, "
			"and looked at as a whole once a week. 0: no glances, and whole "
			"looks daily.",
	},
	[CONFIG_SERVICE_TENANT_PACKETS] = {
		.section = "service", .name = "tenant_packets", .type = OPTION_NUMBER,
		.min = 0, .max = 1000000, .standard = "6000",
		.help = "Packets a second that looks at one tenant's domains send, at "
			"most: looks beyond that wait, and nobody else for them. "
			"Glances do not count. 0: no limit.",
	},
	[CONFIG_SERVICE_LEASE_S] = {
		.section = "service", .name = "lease_s", .type = OPTION_NUMBER,
		.unit = OPTION_SECONDS, .min = 10, .max = 3600, .standard = "60",
		.help = "After so long, others may take over a look that a node has "
			"begun and not ended. Longer than dns.check_timeout_ms.",
	},
	[CONFIG_SERVICE_STOP_TIMEOUT_S] = {
		.section = "service", .name = "stop_timeout_s", .type = OPTION_NUMBER,
		.unit = OPTION_SECONDS, .min = 0, .max = 600, .standard = "10",
		.help = "How long the end waits for what is under way after SIGTERM; "
			"the rest is handed back and done after the next start, or by "
			"another node. A second SIGTERM ends at once.",
	},
	[CONFIG_KEYS_ZONE] = {
		.section = "keys", .name = "zone", .type = OPTION_TEXT,
		.check = check_domain, .form = "a domain", .standard = "dkim.localhost",
		.help = "The zone that holds our DKIM keys; customers' CNAME records "
			"point into it.",
	},
	[CONFIG_KEYS_ZONE_FILE] = {
		.section = "keys", .name = "zone_file", .type = OPTION_PATH,
		.standard = "",
		.help = "The zone file that is written for the key zone. Empty: "
			"somebody else publishes the keys.",
	},
	[CONFIG_KEYS_RELOAD] = {
		.section = "keys", .name = "reload", .type = OPTION_TEXT, .standard = "",
		.help = "Program and arguments, separated by blanks, that make the "
			"name server read the zone file again. Run without a shell.",
	},
	[CONFIG_KEYS_SECRET_FILE] = {
		.section = "keys", .name = "secret_file", .type = OPTION_PATH,
		.standard = "/var/lib/unpend/secret.key",
		.help = "The key that seals private keys and secrets in the database. "
			"The systemd credential unpend.secret is used instead where it "
			"is given.",
	},
	[CONFIG_KEYS_NAME_SERVERS] = {
		.section = "keys", .name = "name_servers", .type = OPTION_LIST,
		.check = check_domain, .form = "domains", .standard = "",
		.help = "The key zone's name servers, for its NS records. Needed "
			"with keys.zone_file: a zone whose name server has no address "
			"is refused by some programs, and some resolvers find no key "
			"in it.",
	},
	[CONFIG_KEYS_POOL] = {
		.section = "keys", .name = "pool", .type = OPTION_NUMBER, .min = 0,
		.max = 10000, .standard = "12",
		.help = "RSA keys made ahead, so that adding an identity need not wait.",
	},
	[CONFIG_SES_REGION] = {
		.section = "ses", .name = "region", .type = OPTION_TEXT,
		.check = check_region, .form = "a name such as us-east-1",
		.standard = "us-east-1",
		.help = "The region that clients of the Amazon SES interface must name.",
	},
	[CONFIG_SES_CLOCK_SKEW_S] = {
		.section = "ses", .name = "clock_skew_s", .type = OPTION_NUMBER,
		.unit = OPTION_SECONDS, .min = 30, .max = 900, .standard = "300",
		.help = "How far a client's clock may be off.",
	},
	[CONFIG_SEND_UNTIL_VERIFIED] = {
		.section = "send", .name = "until_verified", .type = OPTION_CHOICE,
		.choices = "reject hold", .standard = "reject",
		.help = "What becomes of mail from an identity that is not verified: "
			"refuse it, or keep it and send it when the identity is "
			"verified.",
	},
	[CONFIG_SEND_HOLD_MAX] = {
		.section = "send", .name = "hold_max", .type = OPTION_NUMBER, .min = 1,
		.max = 10000000, .standard = "10000",
		.help = "Messages held at most for one tenant.",
	},
	[CONFIG_SENDERS_ALLOW] = {
		.section = "senders", .name = "allow", .type = OPTION_LIST,
		.check = check_domain, .form = "domains", .standard = "",
		.help = "Domains that are taken, with all below them, although they "
			"are for special use (.example, .test), belong to a free mail "
			"service, or are a suffix of the public suffix list's PRIVATE "
			"section.",
	},
	[CONFIG_SENDERS_DENY] = {
		.section = "senders", .name = "deny", .type = OPTION_LIST,
		.check = check_domain, .form = "domains", .standard = "",
		.help = "Domains that nobody may add, with all below them.",
	},
	[CONFIG_RELAY_URL] = {
		.section = "relay", .name = "url", .type = OPTION_TEXT,
		.check = check_relay_url,
		.form = "smtp://HOST[:PORT] or smtps://HOST[:PORT]", .standard = "",
		.help = "The mail server that takes what is sent. Empty: nothing is "
			"sent.",
	},
	[CONFIG_AUTHORITY_KIND] = {
		.section = "authority", .name = "kind", .type = OPTION_CHOICE,
		.choices = "dns ses", .standard = "dns",
		.help = "Who decides that an identity is verified: our own look at the "
			"DNS, or Amazon SES.",
	},
	[CONFIG_AUTHORITY_ENDPOINT] = {
		.section = "authority", .name = "endpoint", .type = OPTION_TEXT,
		.check = check_http_url, .form = "a URL with http:// or https://",
		.standard = "",
		.help = "URL of the SES v2 endpoint, for authority.kind = ses.",
	},
	[CONFIG_AUTHORITY_ACCESS_KEY_ID] = {
		.section = "authority", .name = "access_key_id", .type = OPTION_TEXT,
		.standard = "",
		.help = "Access key for that endpoint.",
	},
	[CONFIG_AUTHORITY_SECRET_ACCESS_KEY_FILE] = {
		.section = "authority", .name = "secret_access_key_file",
		.type = OPTION_PATH, .standard = "",
		.help = "File whose first line is the secret access key.",
	},
	[CONFIG_PERSPECTIVES_ASK] = {
		.section = "perspectives", .name = "ask", .type = OPTION_LIST,
		.check = check_perspective, .form = "items of the form NAME=HOST:PORT",
		.standard = "",
		.help = "Machines elsewhere where 'unpend probe --listen' runs. They are "
			"asked when a status is about to change, and a quorum must see "
			"what we see. Empty: our own look decides alone.",
	},
	[CONFIG_PERSPECTIVES_CA] = {
		.section = "perspectives", .name = "ca", .type = OPTION_PATH,
		.standard = "",
		.help = "Certificates (PEM) of the CA that signed the perspectives' "
			"certificates. Theirs must name the host, or NAME.",
	},
	[CONFIG_PERSPECTIVES_CERTIFICATE] = {
		.section = "perspectives", .name = "certificate", .type = OPTION_PATH,
		.standard = "",
		.help = "Our own certificate (PEM), which the perspectives ask for.",
	},
	[CONFIG_PERSPECTIVES_KEY] = {
		.section = "perspectives", .name = "key", .type = OPTION_PATH,
		.standard = "",
		.help = "The private key (PEM) of that certificate, readable by us "
			"alone.",
	},
	[CONFIG_PERSPECTIVES_TIMEOUT_MS] = {
		.section = "perspectives", .name = "timeout_ms", .type = OPTION_NUMBER,
		.unit = OPTION_MILLISECONDS, .min = 1000, .max = 60000,
		.standard = "10000",
		.help = "How long the perspectives are waited for; who has not answered "
			"by then is silent.",
	},
	[CONFIG_PERSPECTIVES_QUORUM] = {
		.section = "perspectives", .name = "quorum", .type = OPTION_CHOICE,
		.choices = "mpic all", .standard = "mpic",
		.help = "How many must see what we see. mpic: as certificate authorities "
			"do it, of up to five one may differ or be silent, of six and "
			"more two, of fewer than two none. all: none may.",
	},
	[CONFIG_LIFECYCLE_SEARCH_S] = {
		.section = "lifecycle", .name = "search_s", .type = OPTION_NUMBER,
		.unit = OPTION_SECONDS, .min = 1, .max = 31536000, .standard = "259200",
		.help = "How long the records of a pending identity are looked for "
			"before it fails.",
	},
	[CONFIG_LIFECYCLE_GRACE_S] = {
		.section = "lifecycle", .name = "grace_s", .type = OPTION_NUMBER,
		.unit = OPTION_SECONDS, .min = 0, .max = 31536000, .standard = "259200",
		.help = "How long a verified identity may lack its records before it "
			"fails.",
	},
	[CONFIG_LIFECYCLE_MODE] = {
		.section = "lifecycle", .name = "mode", .type = OPTION_CHOICE,
		.choices = "standard ses", .standard = "standard",
		.help = "standard: what failed is looked at ever more rarely, and is "
			"verified if its records appear after all. ses: as Amazon SES, "
			"what failed is looked at no more until it is resubmitted.",
	},
	[CONFIG_LIFECYCLE_AFTER_FAILED_S] = {
		.section = "lifecycle", .name = "after_failed_s", .type = OPTION_NUMBER,
		.unit = OPTION_SECONDS, .min = 0, .max = 31536000, .standard = "2592000",
		.help = "How long what failed is still looked at, for lifecycle.mode = "
			"standard.",
	},
	[CONFIG_LIFECYCLE_CONFIRM_S] = {
		.section = "lifecycle", .name = "confirm_s", .type = OPTION_NUMBER,
		.unit = OPTION_SECONDS, .min = 60, .max = 604800, .standard = "3600",
		.help = "How far apart the first and the last of the looks are, three at "
			"least, that must miss a record of a verified identity before it "
			"counts as lost. Mail stops lifecycle.grace_s later, and not "
			"within 24 h of the first miss.",
	},
	[CONFIG_MAIL_FROM_MX] = {
		.section = "mail_from", .name = "mx", .type = OPTION_TEXT,
		.check = check_domain, .form = "a domain", .standard = "",
		.help = "Host that takes the bounces of your customers' MAIL FROM "
			"domains: their MX record names it. Empty: MAIL FROM domains are "
			"not offered.",
	},
	[CONFIG_MAIL_FROM_SPF] = {
		.section = "mail_from", .name = "spf", .type = OPTION_TEXT,
		.standard = "",
		.help = "SPF record that MAIL FROM domains are to publish, such as "
			"'v=spf1 include:spf.mail.example ~all'. Empty: none is asked "
			"for.",
	},
	[CONFIG_WEBHOOK_ALLOW_ADDRESSES] = {
		.section = "webhook", .name = "allow_addresses", .type = OPTION_LIST,
		.check = check_network, .form = "networks such as 192.0.2.0/24",
		.standard = "",
		.help = "Networks that tenants' webhooks may reach although the address "
			"guard refuses them: private, loopback, link-local and other "
			"special ranges, and this machine's own addresses.",
	},
	[CONFIG_WEBHOOK_ALLOW_HTTP] = {
		.section = "webhook", .name = "allow_http", .type = OPTION_FLAG,
		.standard = "false",
		.help = "Webhooks may be http:// URLs, which anybody on the way can "
			"read.",
	},
	[CONFIG_WEBHOOK_PORTS] = {
		.section = "webhook", .name = "ports", .type = OPTION_LIST,
		.check = check_port, .form = "port numbers", .standard = "443, 80, 8443",
		.help = "Ports that webhooks may have. Empty: any.",
	},
	[CONFIG_WEBHOOK_CA_FILE] = {
		.section = "webhook", .name = "ca_file", .type = OPTION_PATH,
		.standard = "",
		.help = "Certificates (PEM) of the authorities that webhooks' servers "
			"are trusted by. Empty: those of the system.",
	},
	[CONFIG_WEBHOOK_WORKERS] = {
		.section = "webhook", .name = "workers", .type = OPTION_NUMBER, .min = 1,
		.max = 64, .standard = "8",
		.help = "Webhook deliveries under way at once.",
	},
	[CONFIG_WEBHOOK_PER_ENDPOINT] = {
		.section = "webhook", .name = "per_endpoint", .type = OPTION_NUMBER,
		.min = 1, .max = 16, .standard = "2",
		.help = "How many of them may go to one webhook, so that a slow one "
			"holds nobody else; while it fails, one.",
	},
	[CONFIG_WEBHOOK_TIMEOUT_S] = {
		.section = "webhook", .name = "timeout_s", .type = OPTION_NUMBER,
		.unit = OPTION_SECONDS, .min = 1, .max = 60, .standard = "20",
		.help = "How long a webhook has for its whole answer.",
	},
	[CONFIG_WEBHOOK_DISABLE_AFTER_S] = {
		.section = "webhook", .name = "disable_after_s", .type = OPTION_NUMBER,
		.unit = OPTION_SECONDS, .min = 3600, .max = 31536000,
		.standard = "432000",
		.help = "A webhook that took nothing for so long is disabled.",
	},
	[CONFIG_RETENTION_EVENTS_S] = {
		.section = "retention", .name = "events_s", .type = OPTION_NUMBER,
		.unit = OPTION_SECONDS, .min = 0, .max = 3153600000,
		.standard = "7776000",
		.help = "How long events are kept, and what was delivered or given up "
			"of them. What a webhook has yet to get stays. 0: for ever.",
	},
	[CONFIG_RETENTION_MESSAGES_S] = {
		.section = "retention", .name = "messages_s", .type = OPTION_NUMBER,
		.unit = OPTION_SECONDS, .min = 0, .max = 3153600000,
		.standard = "2592000",
		.help = "How long it is remembered what became of a message, from when "
			"it was accepted. What is held or queued stays. 0: for ever.",
	},
	[CONFIG_RETENTION_REVOKED_KEYS_S] = {
		.section = "retention", .name = "revoked_keys_s", .type = OPTION_NUMBER,
		.unit = OPTION_SECONDS, .min = 0, .max = 3153600000,
		.standard = "2592000",
		.help = "How long the key zone answers 'v=DKIM1; p=' for the keys of a "
			"deleted identity; after that their names do not exist, and are "
			"never used again. 0: for ever.",
	},
	[CONFIG_RDAP_URL] = {
		.section = "rdap", .name = "url", .type = OPTION_TEXT,
		.check = check_http_url, .form = "a URL with http:// or https://",
		.standard = "",
		.help = "Base URL of the RDAP server that 'unpend check' asks about a "
			"domain that is not delegated, or whose name servers are of no "
			"use. Whoever runs it learns the domain. Empty: the registry's "
			"own server, by rdap.bootstrap.",
	},
	[CONFIG_RDAP_BOOTSTRAP] = {
		.section = "rdap", .name = "bootstrap", .type = OPTION_TEXT,
		.check = check_http_url_or_none, .form = "a URL with http:// or https://",
		.standard = "https://data.iana.org/rdap/dns.json",
		.help = "Where the list of the registries' RDAP servers is (RFC 9224); "
			"fetching it tells nobody which domain is meant. Empty, and "
			"rdap.url empty too: no registry is ever asked.",
	},
	[CONFIG_LOG_LEVEL] = {
		.section = "log", .name = "level", .type = OPTION_CHOICE,
		.choices = "debug info warn error", .standard = "info",
		.help = "Events below this level are not written.",
	},
	[CONFIG_LOG_FORMAT] = {
		.section = "log", .name = "format", .type = OPTION_CHOICE,
		.choices = "auto text json", .standard = "auto",
		.help = "auto: text on a terminal, else one JSON object a line.",
	},
};
/* clang-format on */

const struct config_option *option_get(enum config_key key)
{
	assert((size_t)key < CONFIG_KEY_COUNT);
	return &options[key];
}

void option_write_name(const struct config_option *o, struct buf *out)
{
	buf_printf(out, "%s.%s", o->section, o->name);
}

bool option_find(struct str name, enum config_key *key_out)
{
	size_t dot = str_find_byte(name, '.');

	for (size_t i = 0; i < CONFIG_KEY_COUNT; i++) {
		if (str_is(str_sub(name, 0, dot), options[i].section) &&
		    str_is(str_sub(name, dot + 1, name.len), options[i].name)) {
			*key_out = (enum config_key)i;
			return true;
		}
	}
	return false;
}

enum config_key option_find_nearest(struct str name)
{
	struct str wanted = str_sub(name, 0, OPTION_NAME_MAX);
	bool bare = str_find_byte(wanted, '.') == wanted.len;
	unsigned best_distance = UINT32_MAX;
	size_t best = 0;

	for (size_t i = 0; i < CONFIG_KEY_COUNT; i++) {
		auto_buf struct buf full;

		buf_init(&full, OPTION_NAME_MAX);
		option_write_name(&options[i], &full);
		struct str candidate = bare ? str_from(options[i].name) : buf_view(&full);
		unsigned distance = str_distance(wanted, candidate);
		if (distance < best_distance) {
			best_distance = distance;
			best = i;
		}
	}
	return (enum config_key)best;
}

static void write_choices(const char *choices, struct buf *out)
{
	struct str rest = str_from(choices);
	struct str choice;

	for (bool first = true; str_split(&rest, ' ', &choice); first = false) {
		buf_text(out, first ? "" : rest.data ? ", " : " or ");
		buf_printf(out, "'%.*s'", STR_ARG(choice));
	}
}

void option_write_allowed(const struct config_option *o, struct buf *out)
{
	static const char *const units[] = { "", " milliseconds", " seconds" };

	switch (o->type) {
	case OPTION_TEXT:
	case OPTION_LIST:
		buf_text(out, o->form ? o->form : "a text");
		break;
	case OPTION_PATH:
		buf_text(out, "a file name");
		break;
	case OPTION_CHOICE:
		write_choices(o->choices, out);
		break;
	case OPTION_FLAG:
		buf_text(out, "'true' or 'false'");
		break;
	case OPTION_NUMBER:
		buf_printf(out, "a number from %jd to %jd%s", (intmax_t)o->min,
			   (intmax_t)o->max, units[o->unit]);
		break;
	}
}
