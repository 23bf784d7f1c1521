/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config: one table of options (section, name, type, unit, range, default, help) that reads the
 * INI file, the environment (UNPEND_SECTION_NAME) and the command line (--section.name VALUE),
 * prints the defaults and makes the man page. Later sources win in that order.
 *
 *   struct config *c = config_new();
 *   if (!config_read_file(c, path, &e) || !config_read_environment(c, &e) ...)
 *   config_text(c, CONFIG_STORE_URL)
 *
 * Immutable after reading; may then be used from several threads.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/base.h"

enum config_key {
	CONFIG_DNS_ROOT_HINTS, /* path; default /usr/share/dns/root.hints */
	CONFIG_DNS_TRUST_ANCHOR, /* path or empty: no validation; default /usr/share/dns/root.key */
	CONFIG_DNS_RESOLVERS, /* list of addresses of public resolvers; may be empty */
	CONFIG_DNS_FORWARD,   /* IP[@PORT] or empty */
	CONFIG_DNS_ALLOW_ADDRESSES, /* list of networks that the address guard would refuse */
	CONFIG_DNS_IPV6, /* boolean; default true: ask over IPv6 too where there is a route */
	CONFIG_DNS_QUERY_TIMEOUT_MS, /* 100..10000, default 2000: last try of one question */
	CONFIG_DNS_CHECK_TIMEOUT_MS, /* 1000..60000, default 8000 */
	CONFIG_DNS_PROBES,           /* 0..64 probe processes, default 0: one a core */
	CONFIG_HTTP_LISTEN,          /* ADDRESS:PORT, default 127.0.0.1:8025 */
	CONFIG_HTTP_THREADS,         /* 1..64, default 4 */
	CONFIG_HTTP_URL,       /* base URL shown to people; empty: made from listen */
	CONFIG_STORE_URL,      /* sqlite:PATH; default sqlite:/var/lib/unpend/unpend.db */
	CONFIG_KEYS_ZONE,      /* zone that holds our DKIM keys; default dkim.localhost */
	CONFIG_KEYS_ZONE_FILE, /* path that is written; empty: keys are not published by us */
	CONFIG_KEYS_RELOAD, /* command line run after writing, without a shell; may be empty */
	CONFIG_KEYS_SECRET_FILE, /* path of the sealing key; default /var/lib/unpend/secret.key;
				       $CREDENTIALS_DIRECTORY/unpend.secret wins where it exists */
	CONFIG_KEYS_NAME_SERVERS, /* list of names for the zone file's NS; default ns.<zone> */
	CONFIG_KEYS_POOL,         /* 0..10000 RSA keys made ahead, default 12 */
	CONFIG_SES_REGION,        /* default us-east-1 */
	CONFIG_SES_CLOCK_SKEW_S,    /* 30..900, default 300 */
	CONFIG_SEND_UNTIL_VERIFIED, /* reject | hold; default reject */
	CONFIG_SEND_HOLD_MAX,       /* held messages per tenant, default 10000 */
	CONFIG_RELAY_URL, /* smtp://HOST[:PORT] or smtps://; empty: nothing is relayed */
	CONFIG_AUTHORITY_KIND,     /* dns | ses; default dns */
	CONFIG_AUTHORITY_ENDPOINT, /* URL of the SES v2 endpoint */
	CONFIG_AUTHORITY_ACCESS_KEY_ID,
	CONFIG_AUTHORITY_SECRET_ACCESS_KEY_FILE, /* path; first line */
	CONFIG_LIFECYCLE_SEARCH_S, /* how long pending is searched, default 259200 (72 h) */
	CONFIG_LIFECYCLE_GRACE_S, /* how long a lost record is tolerated, default 259200 */
	CONFIG_LOG_LEVEL,         /* debug | info | warn | error */
	CONFIG_LOG_FORMAT,        /* auto | text | json */
	CONFIG_KEY_COUNT,
};

struct config;

/* All defaults. */
struct config *config_new(void);
void config_free(struct config **c);

/* ERR_USAGE: "'/etc/unpend.conf' line 3: unknown key 'dns.root_hint'; nearest is
 * 'dns.root_hints'". Values are checked as they are read. */
bool config_read_file(struct config *c, const char *path, struct err *e) must_check;
bool config_read_environment(struct config *c, char *const *environment, struct err *e)
	must_check;
/* name is "section.key"; origin is for messages ("command line"). */
bool config_set(struct config *c, struct str name, struct str value, const char *origin,
		struct err *e) must_check;

/* Borrowed as long as c. Which getter fits is the option's type; the wrong one is an assert. */
struct str config_text(const struct config *c, enum config_key key);
const char *config_cstr(const struct config *c, enum config_key key);
int64_t config_number(const struct config *c, enum config_key key);
bool config_flag(const struct config *c, enum config_key key);
/* A list's items (comma or blank separated, trimmed); *count_out of them. */
const struct str *config_list(const struct config *c, enum config_key key,
			      size_t *count_out);
/* The value was given somewhere, not the default. */
bool config_is_set(const struct config *c, enum config_key key);

/* The commented INI file of all options and their defaults. */
void config_write_defaults(struct buf *out);
/* One line an option with its present value and where it came from. */
void config_write_values(const struct config *c, struct buf *out);
/* The OPTIONS part of unpend.conf(5) in mdoc. */
void config_write_man(struct buf *out);

#endif
