/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What answers in place of a CNAME. */
#include "diagnose/instead.h"

#include "diagnose/places.h"
#include "policy/policy.h"

enum {
	ADDRESSES_MAX = 32,
	SCRATCH_MAX = 1 << 20,
};

/* What somebody who must know said at a name. */
struct addresses {
	struct address list[ADDRESSES_MAX];
	size_t count;
	bool asked; /* both kinds were, and answered */
};

/* The answer of a server that may speak for the name: ours, for a name of ours. */
static bool speaks(const struct diagnosis *d, const struct answer *answer, bool is_ours)
{
	return answer->outcome == ASK_ANSWERED && answer->rcode == DNS_RCODE_NOERROR &&
	       !answer->is_referral && (answer->authoritative || d->forward) &&
	       d->o->views[answer->view].kind != VIEW_RESOLVER &&
	       (!is_ours || d->server_of[answer->view] != SIZE_MAX);
}

static bool is_question(const struct answer *answer, const struct dns_name *name,
			uint16_t type)
{
	return answer->question.type == type &&
	       dns_name_equal(&answer->question.name, name);
}

static bool has_address(const struct addresses *a, const struct address *address)
{
	for (size_t i = 0; i < a->count; i++) {
		if (address_equal(&a->list[i], address))
			return true;
	}
	return false;
}

static void add_addresses(const struct answer *answer, struct addresses *out)
{
	for (size_t i = 0; i < answer->records.count; i++) {
		const struct dns_record *r = &answer->records.records[i];
		size_t len = r->type == DNS_TYPE_A ? 4 : 16;
		struct address a = { .family = len == 4 ? 4 : 6, .port = 53 };
		if ((r->type != DNS_TYPE_A && r->type != DNS_TYPE_AAAA) ||
		    r->rdata.len != len || out->count == ADDRESSES_MAX)
			continue;
		memcpy(a.bytes, r->rdata.data, len);
		if (!has_address(out, &a))
			out->list[out->count++] = a;
	}
}

static void find_addresses(const struct diagnosis *d, const struct dns_name *name,
			   bool is_ours, struct addresses *out)
{
	bool asked[2] = { false, false };
	*out = (struct addresses){ .count = 0 };
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		bool is_a = is_question(answer, name, DNS_TYPE_A);
		if (!is_a && !is_question(answer, name, DNS_TYPE_AAAA))
			continue;
		if (!speaks(d, answer, is_ours))
			continue;
		asked[is_a] = true;
		add_addresses(answer, out);
	}
	out->asked = asked[0] && asked[1];
}

/* The first answer about TXT at the name. */
static const struct answer *find_text(const struct diagnosis *d,
				      const struct dns_name *name, bool is_ours)
{
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		if (is_question(answer, name, DNS_TYPE_TXT) && speaks(d, answer, is_ours))
			return answer;
	}
	return NULL;
}

/* The one key that an answer holds. */
static bool read_key(struct arena *a, const struct answer *answer,
		     struct policy_dkim_key *out)
{
	const struct dns_record *text = NULL;
	struct str joined;
	struct err ignored = { 0 };
	for (size_t i = 0; i < answer->records.count; i++) {
		if (answer->records.records[i].type != DNS_TYPE_TXT)
			continue;
		if (text)
			return false;
		text = &answer->records.records[i];
	}
	return text && dns_record_txt(a, text, &joined) &&
	       policy_dkim_key_parse(a, joined, out, &ignored) && out->public_key.len > 0;
}

bool instead_has_key(const struct diagnosis *d, const struct record_case *r)
{
	auto_arena struct arena scratch;
	arena_init(&scratch, SCRATCH_MAX);
	struct policy_dkim_key key;
	const struct answer *answer = find_text(d, &r->expected->name, true);
	return answer && read_key(&scratch, answer, &key);
}

static bool find_target(const struct record_case *r, struct dns_name *out)
{
	struct cursor wire = cursor_over(r->expected->rdata);
	return r->expected->type == DNS_TYPE_CNAME && dns_name_read(&wire, out);
}

/* One server is asked for a text: it speaks for the others only where all serve the same
 * version of the zone. */
static bool is_one_version(const struct diagnosis *d)
{
	const struct server *first = NULL;
	for (size_t i = 0; i < d->server_count; i++) {
		const struct server *s = &d->servers[i];
		if (s->standing != STANDING_GOOD)
			continue;
		if (first &&
		    (!first->has_serial || !s->has_serial || first->serial != s->serial ||
		     !dns_name_equal(&first->zone, &s->zone)))
			return false;
		first = s;
	}
	return first != NULL;
}

/* Two of the servers that do their work, or all if fewer. */
static bool is_enough(const struct diagnosis *d, const bool *has_said)
{
	size_t good = 0;
	size_t said = 0;
	for (size_t i = 0; i < d->server_count; i++) {
		good += d->servers[i].standing == STANDING_GOOD;
		said += has_said[i];
	}
	return said > 0 && said >= (good < 2 ? good : 2);
}

/* All who answered for the name's texts have the target's key, and nobody says that there
 * is no such name. */
static bool has_targets_key(const struct diagnosis *d, const struct record_case *r,
			    const struct dns_name *target)
{
	auto_arena struct arena scratch;
	arena_init(&scratch, SCRATCH_MAX);
	struct policy_dkim_key wanted;
	struct policy_dkim_key found;
	const struct answer *there = find_text(d, target, false);
	bool has_said[OBSERVATION_VIEWS_MAX] = { false };
	if (r->expected->purpose != PURPOSE_DKIM || (r->tally.all & SAID_NO_NAME) ||
	    !is_one_version(d) || !there || !read_key(&scratch, there, &wanted))
		return false;
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		if (!is_question(answer, &r->expected->name, DNS_TYPE_TXT) ||
		    d->server_of[answer->view] == SIZE_MAX ||
		    answer->outcome != ASK_ANSWERED)
			continue;
		if (!speaks(d, answer, true) || !read_key(&scratch, answer, &found) ||
		    !policy_dkim_key_equal(&wanted, &found))
			return false;
		has_said[d->server_of[answer->view]] = true;
	}
	return is_enough(d, has_said);
}

/* Somebody said that there is no such name. */
static bool is_denied(const struct diagnosis *d, const struct dns_name *name)
{
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		if (dns_name_equal(&answer->question.name, name) &&
		    answer->outcome == ASK_ANSWERED &&
		    answer->rcode == DNS_RCODE_NXDOMAIN)
			return true;
	}
	return false;
}

/* A name beside this one that nobody has made gives the same: a wildcard, or a server
 * that never says that a name does not exist. Or that is not known. */
static bool is_everywhere(const struct diagnosis *d, const struct record_case *r,
			  const struct addresses *here)
{
	struct dns_name beside;
	struct addresses there;
	if (!wildcard_name(&r->expected->name, &beside))
		return true;
	if (is_denied(d, &beside))
		return false;
	uint16_t type =
		here->count > 0 && here->list[0].family == 6 ? DNS_TYPE_AAAA : DNS_TYPE_A;
	if (here->count == 0 || !observation_asked(d->o, &beside, type))
		return true;
	find_addresses(d, &beside, true, &there);
	return there.count > 0 && has_address(here, &there.list[0]);
}

/* Every address is of the same proxy; empty: not so. */
static struct str proxy_of_all(const struct addresses *a)
{
	struct str proxy = a->count > 0 ? proxy_of(&a->list[0]) : STR_EMPTY;
	for (size_t i = 1; i < a->count; i++) {
		if (!str_equal(proxy_of(&a->list[i]), proxy))
			return STR_EMPTY;
	}
	return proxy;
}

/* The operator of the domain's zone is Cloudflare. */
static bool is_cloudflare(const struct diagnosis *d)
{
	const struct provider *p = d->provider.provider;
	return p && str_is(p->id, "cloudflare");
}

static bool has_family(const struct addresses *a, uint8_t family)
{
	for (size_t i = 0; i < a->count; i++) {
		if (a->list[i].family == family)
			return true;
	}
	return false;
}

/* None here that the target has not; of a family of which the target's are known. */
static bool is_all_of(const struct addresses *here, const struct addresses *target)
{
	size_t same = 0;
	for (size_t i = 0; i < here->count; i++) {
		bool is_there = has_address(target, &here->list[i]);
		if (!is_there && has_family(target, here->list[i].family))
			return false;
		same += is_there;
	}
	return same > 0;
}

static void find_by_addresses(const struct diagnosis *d, const struct record_case *r,
			      const struct dns_name *target, struct instead *out)
{
	struct addresses here;
	struct addresses there;
	find_addresses(d, &r->expected->name, true, &here);
	find_addresses(d, target, false, &there);
	const struct answer *text = find_text(d, &r->expected->name, true);
	if (is_everywhere(d, r, &here))
		return;
	out->proxy = proxy_of_all(&here);
	if (is_all_of(&here, &there)) {
		out->kind = INSTEAD_FLATTENED;
		out->confidence = CONFIDENCE_CERTAIN;
	} else if (str_is(out->proxy, "Cloudflare")) {
		out->kind = INSTEAD_PROXIED;
		out->confidence =
			is_cloudflare(d) ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY;
	} else if (out->proxy.len > 0) {
		out->kind = INSTEAD_PROXY;
		out->confidence = CONFIDENCE_LIKELY;
	} else if (here.asked && here.count == 0 && text && text->records.count == 0 &&
		   d->provider.provider && d->provider.provider->flattens) {
		out->kind = INSTEAD_EMPTY;
		out->confidence = CONFIDENCE_POSSIBLE;
	}
}

void instead_find(const struct diagnosis *d, const struct record_case *r,
		  struct instead *out)
{
	struct dns_name target;
	*out = (struct instead){ .proxy = STR_EMPTY };
	/* NXDOMAIN: nothing of any type is there (RFC 8020). */
	if (!record_is_absent(d, r) || !(r->tally.all & SAID_NO_TYPE) ||
	    !find_target(r, &target))
		return;
	if (has_targets_key(d, r, &target)) {
		out->kind = INSTEAD_KEY;
		out->confidence = d->forward ? CONFIDENCE_LIKELY : CONFIDENCE_CERTAIN;
		return;
	}
	find_by_addresses(d, r, &target, out);
}

static void want(struct question out[MORE_MAX], size_t *count,
		 const struct dns_name *name, uint16_t type)
{
	out[(*count)++] = (struct question){ *name, type };
}

/* Beside the name, where it is not known yet that nothing is there. */
static void want_beside(const struct diagnosis *d, const struct record_case *r,
			uint16_t type, struct question out[MORE_MAX], size_t *count)
{
	struct dns_name beside;
	if (wildcard_name(&r->expected->name, &beside) && !is_denied(d, &beside))
		want(out, count, &beside, type);
}

/* Round by round, each question only once the one before has made it worth a packet. */
size_t instead_more(const struct diagnosis *d, const struct record_case *r,
		    struct question out[MORE_MAX])
{
	const struct dns_name *name = &r->expected->name;
	struct dns_name target;
	struct addresses here;
	size_t count = 0;
	if (!record_is_absent(d, r) || !(r->tally.all & SAID_NO_TYPE) ||
	    !find_target(r, &target))
		return 0;
	if (instead_has_key(d, r)) {
		want(out, &count, &target, DNS_TYPE_TXT);
		return count;
	}
	want(out, &count, name, DNS_TYPE_A);
	want(out, &count, name, DNS_TYPE_AAAA);
	want(out, &count, name, DNS_TYPE_TXT);
	want_beside(d, r, r->expected->type, out, &count);
	if (!observation_asked(d->o, name, DNS_TYPE_A))
		return count;
	find_addresses(d, name, true, &here);
	if (here.count == 0)
		return count;
	uint16_t type = here.list[0].family == 4 ? DNS_TYPE_A : DNS_TYPE_AAAA;
	want(out, &count, &target, type);
	want_beside(d, r, type, out, &count);
	return count;
}

void instead_add_evidence(struct diagnosis *d, struct finding *f, struct record_case *r)
{
	static const uint16_t types[] = { DNS_TYPE_A, DNS_TYPE_AAAA, DNS_TYPE_TXT };
	finding_evidence(d, f, &r->tally, SAID_NO_TYPE);
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		for (size_t j = 0; j < d->o->answer_count; j++) {
			const struct answer *answer = &d->o->answers[j];
			if (!is_question(answer, &r->expected->name, types[i]) ||
			    !speaks(d, answer, true) || answer->records.count == 0)
				continue;
			finding_answer(d, f, answer);
			break;
		}
	}
}

struct record_case *instead_next(struct diagnosis *d, enum instead_kind kind, size_t *at,
				 struct instead *out)
{
	while (*at < d->record_count) {
		struct record_case *r = &d->records[(*at)++];
		if (r->explained)
			continue;
		instead_find(d, r, out);
		if (out->kind == kind)
			return r;
	}
	return NULL;
}
