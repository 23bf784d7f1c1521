/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * provider: who runs a zone's name servers, and how that operator's panel wants records
 * typed. The facts are data/providers and data/proxies: each with its date and source;
 * what nobody has confirmed is marked so. Pure.
 *
 *   provider   one operator (Amazon Route 53, お名前.com ...)
 *   fact       a value with its standing: sourced, or unconfirmed
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

struct provider {
	struct str id;      /* "route53" */
	struct str name_en; /* "Amazon Route 53" */
	struct str name_ja; /* may be empty: as in English */
	bool is_parking;    /* U107 */
	bool by_ticket;     /* changes are asked for, not typed */
	bool flattens;      /* can flatten or proxy a CNAME (U401, U402) */
	bool takeover_prone;
	enum name_box name_box;
	enum fact name_box_fact;
	enum fact underscore_fact; /* of: may a CNAME's name have an underscore? */
	bool underscore_refused;
	/* Of the value box: the target is relative unless it ends with a dot. */
	bool target_needs_dot;
	bool target_refuses_dot;
	enum fact target_dot_fact;
	unsigned txt_max; /* octets of one TXT value, 0: not known */
	enum fact txt_max_fact;
	bool txt_no_quotes; /* quotes are refused or taken literally */
	/* Changes are published every so often; 0: at once or unknown. */
	unsigned publish_s;
	enum fact publish_fact;
	/* Labels in the panel's own language; empty: not known. */
	struct str label_name;  /* "サブドメイン" */
	struct str label_value; /* "内容" */
	struct str label_type;
	struct str label_priority; /* "優先度" */
	struct str where_en;       /* way to the page: "Cloudflare > DNS > Records" */
	struct str where_ja;
	struct str note_en; /* its known trap, one sentence; may be empty */
	struct str note_ja;
	struct str verified_on; /* "2026-11-22" */
	struct str source;      /* where the facts come from, in words */
};

enum provider_confidence {
	PROVIDER_CERTAIN, /* all name servers are theirs */
	PROVIDER_MIXED,   /* some are: two operators, or a move under way */
	PROVIDER_SHARED,  /* theirs, or somebody's who rents them (awsdns ...) */
};
struct provider_match {
	const struct provider *provider; /* NULL: unknown */
	enum provider_confidence confidence;
	const struct provider *other; /* of MIXED: the next one, may be NULL */
};

/* The table that is built in, read once; lives for ever. Safe from several threads once
 * the first call has returned. */
const struct provider *provider_at(size_t index); /* NULL behind the last */
const struct provider *provider_find(struct str id);
/* By the names of the zone's name servers; `mname` of its SOA helps where these are the
 * customer's own (unset: not known). */
void provider_match(const struct dns_name *servers, size_t count,
		    const struct dns_name *mname, struct provider_match *out);

/* Whose proxy answers with this address ("Cloudflare", "Fastly" ...); empty: nobody's
 * that is known. */
struct str proxy_of(const struct address *a);

#endif
