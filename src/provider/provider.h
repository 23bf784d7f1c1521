/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * provider: who runs a zone's name servers, and how that operator's panel wants records
 * typed. The facts are data/providers and data/proxies: each with its date and source;
 * what nobody has confirmed is marked so. Pure.
 *
 *   provider   one operator (Amazon Route 53, お名前.com ...)
 *   fact       a value with its standing: sourced, or unconfirmed; FACT_UNKNOWN: the
 *              value says nothing
 */
#ifndef PROVIDER_PROVIDER_H
#define PROVIDER_PROVIDER_H

#include "base/base.h"
#include "dns/dns.h"

enum fact {
	FACT_UNKNOWN,
	FACT_UNCONFIRMED, /* general knowledge */
	FACT_SOURCED,     /* somebody has seen it and said where */
};

/* What the name box makes of what is typed. */
enum name_box {
	NAME_BOX_UNKNOWN,
	NAME_BOX_RELATIVE,     /* the zone is appended to whatever is typed */
	NAME_BOX_RELATIVE_DOT, /* appended unless it ends with a dot */
	NAME_BOX_STRIP,        /* the whole name is taken, the zone cut off */
	NAME_BOX_WHOLE,        /* the whole name is wanted */
	NAME_BOX_NONE,         /* no records of one's own can be added */
};

/* What is typed for the zone itself. */
enum apex_word {
	APEX_UNKNOWN,
	APEX_AT,    /* "@" */
	APEX_BLANK, /* nothing */
};

/* Quotation marks around a TXT value. */
enum txt_quotes {
	TXT_QUOTES_UNKNOWN,
	TXT_QUOTES_WANTED,  /* to be typed */
	TXT_QUOTES_ADDED,   /* by the panel */
	TXT_QUOTES_REMOVED, /* by the panel */
	TXT_QUOTES_REFUSED, /* refused, or taken as part of the text */
};

enum {
	PROVIDER_TRAPS_MAX = 4
};

/* Something that people stumble over there: one sentence. */
struct provider_trap {
	struct str en;
	struct str ja;
	enum fact fact;
};

struct provider {
	struct str id;      /* "route53" */
	struct str name_en; /* "Amazon Route 53" */
	struct str name_ja; /* may be empty: as in English */
	bool is_parking;    /* U107 */
	bool by_ticket;     /* changes are asked for, not typed */
	bool flattens;      /* can flatten or proxy a CNAME (U401, U402) */
	enum fact flattens_fact;
	/* Whoever has an account there may be able to take a zone that is gone. */
	bool takeover_prone;
	enum fact takeover_fact;
	struct str shared; /* who else uses these name servers, in words; may be empty */
	struct str
		rents; /* id of the operator whose name servers it uses; mostly empty */
	struct str soa_contact; /* its RNAME in the SOA; may be empty */
	enum name_box name_box;
	enum fact name_box_fact;
	enum apex_word apex;
	enum fact apex_fact;
	enum fact underscore_fact; /* of: may a CNAME's name have an underscore? */
	bool underscore_refused;
	/* Of the value box: the target is relative unless it ends with a dot. */
	bool target_needs_dot;
	bool target_refuses_dot;
	enum fact target_dot_fact;
	unsigned txt_max; /* octets of one TXT value, 0: not known */
	enum fact txt_max_fact;
	enum txt_quotes txt_quotes;
	enum fact txt_quotes_fact;
	/* Changes are published every so often; 0: at once or unknown. */
	unsigned publish_s;
	enum fact publish_fact;
	bool has_domain_connect;
	enum fact domain_connect_fact;
	/* Labels in the panel's own language; empty: not known. */
	struct str label_name;   /* "サブドメイン" */
	struct str label_value;  /* "内容" */
	struct str label_target; /* of a CNAME, where it differs: "Target" */
	struct str label_host;   /* of an MX, where it differs: "Mail server" */
	struct str label_type;
	struct str label_priority; /* "優先度" */
	enum fact labels_fact;
	struct str where_en; /* way to the page: "Cloudflare > DNS > Records" */
	struct str where_ja;
	struct str switch_en; /* way to the switch of its proxy; may be empty */
	struct str switch_ja;
	struct provider_trap traps[PROVIDER_TRAPS_MAX];
	size_t trap_count;
	struct str verified_on; /* "2026-11-22" */
	struct str source;      /* where the facts come from, in words */
};

enum provider_confidence {
	PROVIDER_CERTAIN, /* all name servers are theirs */
	PROVIDER_MIXED,   /* some are: two operators, or a move under way */
	PROVIDER_SHARED,  /* theirs, or somebody's who rents them (awsdns ...) */
	PROVIDER_LIKELY,  /* the names are the customer's own, the SOA theirs */
};
const char *provider_confidence_name(enum provider_confidence c); /* "certain" */

struct provider_match {
	const struct provider *provider; /* NULL: unknown */
	enum provider_confidence confidence;
	/* Of MIXED: the next one, NULL if the others are unknown; of SHARED: who has a
	 * row of his own and uses these names too, may be NULL. */
	const struct provider *other;
};

/* The table is part of the program (src/provider/table.py): constant, lives for ever. */
const struct provider *provider_at(size_t index); /* NULL behind the last */
const struct provider *provider_find(struct str id);
/* Whose name server that is; NULL: nobody's that is known. fact_out (may be NULL): the
 * standing of the pattern that says so. */
const struct provider *provider_of_server(const struct dns_name *server,
					  enum fact *fact_out);
/* By the names of the zone's name servers; its SOA (may be NULL) helps where these are
 * the customer's own. */
void provider_match(const struct dns_name *servers, size_t count,
		    const struct dns_soa *soa, struct provider_match *out);
/* The name as people there read it. */
struct str provider_name(const struct provider *p, enum lang lang);

/* What can be said of a panel, a sentence each. */
enum provider_topic {
	TOPIC_NAME,       /* what the name box makes of what is typed */
	TOPIC_APEX,       /* what is typed for the zone itself */
	TOPIC_UNDERSCORE, /* in the name of a CNAME */
	TOPIC_DOT,        /* at the end of a target */
	TOPIC_QUOTES,     /* around a TXT value */
	TOPIC_LENGTH,     /* of a TXT value */
	TOPIC_TICKET,     /* who changes it */
	TOPIC_PUBLISH,    /* how soon it can be seen */
};
enum {
	PROVIDER_TOPICS = TOPIC_PUBLISH + 1
};
/* Writes the sentence in the language; `zone` is the zone's name as text. Gives the
 * standing of what it says: FACT_UNKNOWN, and nothing is known or written. */
enum fact provider_write(struct buf *out, const struct provider *p,
			 enum provider_topic topic, enum lang lang, const char *zone);
/* "Amazon Route 53", and how sure that is, where it is not certain: "... or somebody who
 * uses its name servers". Nothing for an unknown operator. */
void provider_match_write(struct buf *out, const struct provider_match *m,
			  enum lang lang);

/* Whose proxy answers with this address ("Cloudflare", "Fastly" ...); empty: nobody's
 * that is known. */
struct str proxy_of(const struct address *a);

#endif
