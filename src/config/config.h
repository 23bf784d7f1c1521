/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config: one table of options (section, name, type, unit, range, default, help) that
 * reads the INI file, the environment (UNPEND_SECTION_NAME) and the command line
 * (--section.name VALUE), prints the defaults and makes the man page. Later sources
 * win in that order.
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

/* One a row of the table in options.c, which has type, range, default and help. */
enum config_key {
	CONFIG_DNS_ROOT_HINTS,        /* path */
	CONFIG_DNS_TRUST_ANCHOR,      /* path, or empty: no validation */
	CONFIG_DNS_RESOLVERS,         /* list of IP[@PORT], may be empty */
	CONFIG_DNS_FORWARD,           /* IP[@PORT] or empty */
	CONFIG_DNS_ALLOW_ADDRESSES,   /* list of networks, may be empty */
	CONFIG_DNS_IPV6,              /* flag */
	CONFIG_DNS_QUERY_TIMEOUT_MS,  /* 100..10000: last try of one question */
	CONFIG_DNS_CHECK_TIMEOUT_MS,  /* 1000..60000 */
	CONFIG_DNS_PROBES,            /* 0..64 processes, 0: one a core */
	CONFIG_DNS_SERVER_IN_FLIGHT,  /* 1..1000 questions to one server at once */
	CONFIG_DNS_SANDBOX,           /* flag: probe processes lock themselves in */
	CONFIG_HTTP_LISTEN,           /* ADDRESS:PORT, [ADDRESS]:PORT */
	CONFIG_HTTP_THREADS,          /* 1..64 */
	CONFIG_HTTP_ADMIN_LISTEN,     /* ADDRESS:PORT, or empty: no such listener */
	CONFIG_HTTP_TOKEN_RATE,       /* requests a second; 0: no limit */
	CONFIG_HTTP_ADDRESS_RATE,     /* the same of those without a good token */
	CONFIG_HTTP_URL,              /* shown to people; empty: made from listen */
	CONFIG_STORE_URL,             /* sqlite:PATH */
	CONFIG_NODE_NAME,             /* empty: host and http.listen */
	CONFIG_NODE_HEARTBEAT_S,      /* 1..60 */
	CONFIG_SERVICE_LOOKS,         /* 1..4096 under way at once */
	CONFIG_SERVICE_LOOKS_PER_S,   /* 1..100000 begun a second */
	CONFIG_SERVICE_GLANCES_PER_S, /* 0..1000000 begun a second */
	/* 0..1000000 sent a second for one tenant; 0: no limit */
	CONFIG_SERVICE_TENANT_PACKETS,
	CONFIG_SERVICE_LEASE_S, /* 10..3600 */
	/* 0..600: for what is under way at the end */
	CONFIG_SERVICE_STOP_TIMEOUT_S,
	CONFIG_KEYS_ZONE,      /* domain that holds our DKIM keys */
	CONFIG_KEYS_ZONE_FILE, /* path written; empty: not published by us */
	CONFIG_KEYS_RELOAD,    /* program and arguments, no shell; may be empty */
	/* Path of the sealing key; systemd's credential unpend.secret wins. */
	CONFIG_KEYS_SECRET_FILE,
	CONFIG_KEYS_NAME_SERVERS,   /* list of domains; empty: ns.<keys.zone> */
	CONFIG_KEYS_POOL,           /* 0..10000 keys made ahead */
	CONFIG_SES_REGION,          /* "us-east-1" */
	CONFIG_SES_CLOCK_SKEW_S,    /* 30..900 */
	CONFIG_SEND_UNTIL_VERIFIED, /* "reject" or "hold" */
	CONFIG_SEND_HOLD_MAX,       /* messages per tenant */
	CONFIG_SENDERS_ALLOW,       /* list of domains, may be empty */
	CONFIG_SENDERS_DENY,        /* list of domains, may be empty */
	CONFIG_RELAY_URL,           /* smtp(s)://HOST[:PORT]; empty: nothing is relayed */
	CONFIG_AUTHORITY_KIND,      /* "dns" or "ses" */
	CONFIG_AUTHORITY_ENDPOINT,  /* URL of the SES v2 endpoint, or empty */
	CONFIG_AUTHORITY_ACCESS_KEY_ID,
	CONFIG_AUTHORITY_SECRET_ACCESS_KEY_FILE, /* path; first line */
	CONFIG_PERSPECTIVES_ASK,         /* list of NAME=HOST:PORT, may be empty */
	CONFIG_PERSPECTIVES_CA,          /* path, or empty */
	CONFIG_PERSPECTIVES_CERTIFICATE, /* path, or empty */
	CONFIG_PERSPECTIVES_KEY,         /* path, or empty */
	CONFIG_PERSPECTIVES_TIMEOUT_MS,  /* 1000..60000 */
	CONFIG_PERSPECTIVES_QUORUM,      /* "mpic" or "all" */
	CONFIG_LIFECYCLE_SEARCH_S,       /* how long pending is searched */
	CONFIG_LIFECYCLE_GRACE_S,        /* how long a lost record is tolerated */
	CONFIG_LIFECYCLE_MODE,           /* "standard" or "ses" */
	CONFIG_LIFECYCLE_AFTER_FAILED_S, /* looked at so long after it failed */
	CONFIG_LIFECYCLE_CONFIRM_S,      /* a loss is confirmed for so long */
	CONFIG_MAIL_FROM_MX,             /* host; empty: no MAIL FROM domains */
	CONFIG_MAIL_FROM_SPF,            /* text; empty: none is asked for */
	CONFIG_WEBHOOK_ALLOW_ADDRESSES,  /* list of networks, may be empty */
	CONFIG_WEBHOOK_ALLOW_HTTP,       /* flag */
	CONFIG_WEBHOOK_PORTS,            /* list of numbers; empty: any */
	CONFIG_WEBHOOK_CA_FILE,          /* path, or empty: the system's */
	CONFIG_WEBHOOK_WORKERS,          /* 1..64 deliveries under way at once */
	CONFIG_WEBHOOK_PER_ENDPOINT,     /* 1..16 of them to one webhook */
	CONFIG_WEBHOOK_TIMEOUT_S,        /* 1..60 */
	CONFIG_WEBHOOK_DISABLE_AFTER_S,  /* failing for so long */
	CONFIG_RETENTION_EVENTS_S,       /* 0: for ever, as the next two */
	CONFIG_RETENTION_MESSAGES_S,
	CONFIG_RETENTION_REVOKED_KEYS_S,
	CONFIG_RDAP_URL,       /* base URL; empty: by rdap.bootstrap */
	CONFIG_RDAP_BOOTSTRAP, /* URL of IANA's list; empty: none */
	CONFIG_LOG_LEVEL,      /* "debug", "info", "warn" or "error" */
	CONFIG_LOG_FORMAT,     /* "auto", "text" or "json" */
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

/* Borrowed as long as c. Which getter fits is the option's type; the wrong one is an
 * assert. */
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
/* What shell completion needs of an option. */
struct config_about {
	const char *section;
	const char *name;
	const char *choices; /* separated by blanks; NULL: any text */
	bool is_path;
};
/* In the order of the table; false behind the last. */
bool config_about(size_t index, struct config_about *out) must_check;
/* One line an option with its present value and where it came from. */
void config_write_values(const struct config *c, struct buf *out);
/* The OPTIONS part of unpend.conf(5) in mdoc. */
void config_write_man(struct buf *out);

#endif
