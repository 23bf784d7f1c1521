/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree walk, alignment and the verdict of DMARC, over a DNS in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/policy.h"

enum {
	RECORDS_MAX = 16,
	ASKED_MAX = 64,
};

/* A DNS: "NAME TEXT" a line; TEXT "!fail": no usable answer. What is not there is void;
 * answers come only to what was asked. */
struct world {
	struct arena *a;
	const char *zone;
	struct dns_name asked[ASKED_MAX];
	size_t asked_count;
	size_t rounds;
};

static bool was_asked(const struct world *w, const struct dns_name *name)
{
	for (size_t i = 0; i < w->asked_count; i++)
		if (dns_name_equal(&w->asked[i], name))
			return true;
	return false;
}

static struct dns_name name_of(struct str text)
{
	struct dns_name name;
	struct err e = { 0 };

	if (!dns_name_parse(text, &name, &e))
		fail_msg("%s", e.text);
	return name;
}

static enum policy_reply find(void *arg, const struct dns_name *name, uint16_t type,
			      struct dns_section *records_out)
{
	struct world *w = arg;
	struct str rest = str_from(w->zone);
	struct str line;

	assert_int_equal(type, DNS_TYPE_TXT);
	struct dns_record *records = arena_array(w->a, RECORDS_MAX, sizeof(*records));
	*records_out = (struct dns_section){ .records = records };
	if (!was_asked(w, name))
		return POLICY_UNKNOWN;
	while (str_split(&rest, '\n', &line)) {
		size_t blank = str_find_byte(line, ' ');
		struct str text = str_sub(line, blank + 1, line.len);
		struct err e = { 0 };

		if (line.len == 0)
			continue;
		struct dns_name owner = name_of(str_sub(line, 0, blank));
		if (!dns_name_equal(&owner, name))
			continue;
		if (str_is(text, "!fail"))
			return POLICY_FAILED;
		struct dns_record *r = &records[records_out->count++];
		*r = (struct dns_record){ .owner = owner, .type = DNS_TYPE_TXT };
		assert_true(dns_rdata_parse(w->a, DNS_TYPE_TXT, text, &r->rdata, &e));
	}
	return records_out->count > 0 ? POLICY_FOUND : POLICY_VOID;
}

/* A line "NAME !nx" says that the name does not exist. */
static enum policy_reply exists(void *arg, const struct dns_name *name)
{
	struct world *w = arg;
	struct str rest = str_from(w->zone);
	struct str line;

	if (!was_asked(w, name))
		return POLICY_UNKNOWN;
	while (str_split(&rest, '\n', &line)) {
		size_t blank = str_find_byte(line, ' ');

		if (line.len == 0)
			continue;
		struct dns_name owner = name_of(str_sub(line, 0, blank));
		if (str_is(str_sub(line, blank + 1, line.len), "!nx") &&
		    dns_name_equal(&owner, name))
			return POLICY_VOID;
	}
	return POLICY_FOUND;
}

/* Asks what is wanted until nothing more is. */
static void evaluate(struct world *w, const struct dmarc_query *query,
		     struct dmarc_outcome *out)
{
	const struct policy_source source = { .find = find, .arg = w, .exists = exists };

	for (;;) {
		dmarc_evaluate(w->a, &source, query, out);
		if (out->wanted.count == 0)
			return;
		assert_true(++w->rounds < 8);
		for (size_t i = 0; i < out->wanted.count; i++) {
			assert_false(was_asked(w, &out->wanted.questions[i].name));
			assert_true(w->asked_count < ASKED_MAX);
			w->asked[w->asked_count++] = out->wanted.questions[i].name;
		}
	}
}

/* "pass spf dkim p=none at example.com org example.com" */
static struct str outcome_text(struct arena *a, const struct dmarc_outcome *out)
{
	auto_buf struct buf b;

	buf_init(&b, 4096);
	buf_text(&b, out->is_temperror  ? "temperror"
		     : !out->has_record ? "none"
		     : out->passes      ? "pass"
					: "fail");
	buf_text(&b, out->spf_aligned ? " spf" : "");
	buf_text(&b, out->dkim_aligned ? " dkim" : "");
	if (out->has_record)
		buf_printf(&b, " %s=%s at %s", out->policy_tag,
			   dmarc_policy_name(out->policy),
			   dns_name_text(a, &out->found_at).data);
	if (out->organisation.len > 0)
		buf_printf(&b, " org %s", dns_name_text(a, &out->organisation).data);
	return arena_str(a, buf_view(&b));
}

struct verdict_case {
	const char *name;
	const char *zone;
	const char *from;
	const char *spf;
	const char *dkim;
	const char *is;
};

static void check_verdict(const struct verdict_case *c)
{
	auto_arena struct arena a;
	arena_init(&a, 8 << 20);
	struct world w = { .a = &a, .zone = c->zone };
	struct dns_name dkim[4];
	struct dmarc_query query = { .from = name_of(str_from(c->from)), .dkim = dkim };
	struct dmarc_outcome out;
	struct str rest = str_from(c->dkim);
	struct str one;

	if (c->spf)
		query.spf = name_of(str_from(c->spf));
	while (c->dkim && str_split(&rest, ' ', &one))
		dkim[query.dkim_count++] = name_of(one);
	evaluate(&w, &query, &out);
	struct str is = outcome_text(&a, &out);
	if (!str_is(is, c->is))
		fail_msg("%s: %.*s (%.*s)", c->name, STR_ARG(is), STR_ARG(out.why));
	assert_true(out.why.len > 0);
}

#define NONE " \"v=DMARC1; p=none\"\n"

static void the_standards_own_examples_hold(void **state unused_arg)
{
	static const struct verdict_case cases[] = {
		{ "RFC 9989 appendix B.4.1",
		  "_dmarc.example.com" NONE "_dmarc.signing.example.com" NONE,
		  "example.com", "example.com", "signing.example.com",
		  "pass spf dkim p=none at example.com org example.com" },
		{ "RFC 9989 appendix B.4.2",
		  "_dmarc.example.com" NONE "_dmarc.signing.example.com" NONE,
		  "a.b.c.d.e.f.g.h.i.j.k.example.com", "example.com",
		  "signing.example.com",
		  "pass spf dkim p=none at example.com org example.com" },
		{ "RFC 9989 appendix B.4.3",
		  "_dmarc.bank.example \"v=DMARC1; p=reject; psd=y\"\n"
		  "_dmarc.giant.bank.example" NONE,
		  "giant.bank.example", "mail.giant.bank.example",
		  "mail.mega.bank.example",
		  "pass spf p=none at giant.bank.example org giant.bank.example" },
		{ "section 4.10.2, first",
		  "_dmarc.mail.example.com" NONE "_dmarc.example.com" NONE,
		  "a.mail.example.com", NULL, "example.com",
		  "pass dkim p=none at example.com org example.com" },
		{ "section 4.10.2, second",
		  "_dmarc.mail.example.com \"v=DMARC1; p=reject; psd=n\"\n",
		  "a.mail.example.com", NULL, "mail.example.com",
		  "pass dkim p=reject at mail.example.com org mail.example.com" },
		{ "section 4.10.2, third", "_dmarc.com \"v=DMARC1; p=none; psd=y\"\n",
		  "a.mail.example.com", NULL, "example.com",
		  "pass dkim p=none at com org example.com" },
		{ "appendix B.1.1, strict",
		  "_dmarc.example.com \"v=DMARC1; p=none; aspf=s\"\n", "example.com",
		  "child.example.com", NULL,
		  "fail p=none at example.com org example.com" },
		{ "appendix B.1.1, relaxed", "_dmarc.example.com" NONE, "example.com",
		  "child.example.com", NULL,
		  "pass spf p=none at example.com org example.com" },
		{ "appendix B.1.1, apart", "_dmarc.example.com" NONE, "example.com",
		  "sample.net", NULL, "fail p=none at example.com org example.com" },
		{ "appendix B.1.2, two siblings", "_dmarc.example.com" NONE,
		  "child.example.com", NULL, "foo.example.com",
		  "pass dkim p=none at example.com org example.com" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_verdict(&cases[i]);
}

static void policies_are_found_and_chosen(void **state unused_arg)
{
	static const struct verdict_case cases[] = {
		{ "nothing there", "", "shop.example.com", "shop.example.com", NULL,
		  "none spf org shop.example.com" },
		{ "own record wins",
		  "_dmarc.shop.example.com \"v=DMARC1; p=reject\"\n"
		  "_dmarc.example.com" NONE,
		  "shop.example.com", NULL, NULL,
		  "fail p=reject at shop.example.com org example.com" },
		{ "sp for a subdomain",
		  "_dmarc.example.com \"v=DMARC1; p=reject; sp=quarantine\"\n",
		  "shop.example.com", NULL, NULL,
		  "fail sp=quarantine at example.com org example.com" },
		{ "sp is not for the domain itself",
		  "_dmarc.example.com \"v=DMARC1; p=none; sp=reject\"\n", "example.com",
		  NULL, NULL, "fail p=none at example.com org example.com" },
		{ "np where the name exists",
		  "_dmarc.example.com \"v=DMARC1; p=none; np=reject\"\n",
		  "shop.example.com", NULL, NULL,
		  "fail p=none at example.com org example.com" },
		{ "np where it does not",
		  "_dmarc.example.com \"v=DMARC1; p=none; sp=quarantine; np=reject\"\n"
		  "shop.example.com !nx\n",
		  "shop.example.com", NULL, NULL,
		  "fail np=reject at example.com org example.com" },
		{ "a middle record does not count",
		  "_dmarc.b.example.com \"v=DMARC1; p=reject\"\n"
		  "_dmarc.example.com" NONE,
		  "a.b.example.com", NULL, NULL,
		  "fail p=none at example.com org example.com" },
		{ "two records are none",
		  "_dmarc.shop.example.com" NONE
		  "_dmarc.shop.example.com \"v=DMARC1; p=reject\"\n",
		  "shop.example.com", NULL, NULL, "none org shop.example.com" },
		{ "two records, and one above",
		  "_dmarc.shop.example.com" NONE
		  "_dmarc.shop.example.com \"v=DMARC1; p=reject\"\n"
		  "_dmarc.example.com \"v=DMARC1; p=quarantine\"\n",
		  "shop.example.com", NULL, NULL,
		  "fail p=quarantine at example.com org example.com" },
		{ "other texts beside it",
		  "_dmarc.example.com \"hello\"\n_dmarc.example.com" NONE, "example.com",
		  NULL, NULL, "fail p=none at example.com org example.com" },
		{ "strings are joined",
		  "_dmarc.example.com \"v=DMARC1; p=re\" \"ject\"\n", "example.com", NULL,
		  NULL, "fail p=reject at example.com org example.com" },
		{ "no policy, no address", "_dmarc.example.com \"v=DMARC1; p=x\"\n",
		  "example.com", "example.com", NULL, "none spf org example.com" },
		{ "no policy, an address",
		  "_dmarc.example.com \"v=DMARC1; p=x; rua=mailto:a@example.com\"\n",
		  "example.com", NULL, NULL,
		  "fail p=none at example.com org example.com" },
		{ "the suffix of a domain without a record",
		  "_dmarc.bank.example \"v=DMARC1; p=reject; sp=quarantine; psd=y\"\n",
		  "mega.bank.example", NULL, NULL,
		  "fail sp=quarantine at bank.example org mega.bank.example" },
		{ "a suffix that sends itself",
		  "_dmarc.bank.example \"v=DMARC1; p=reject; psd=y\"\n", "bank.example",
		  "bank.example", NULL,
		  "pass spf p=reject at bank.example org bank.example" },
		{ "psd=n ends the walk",
		  "_dmarc.shop.example.com \"v=DMARC1; p=none; psd=n\"\n"
		  "_dmarc.example.com" NONE,
		  "shop.example.com", "example.com", NULL,
		  "fail p=none at shop.example.com org shop.example.com" },
		{ "the second signature is aligned", "_dmarc.example.com" NONE,
		  "example.com", NULL, "amazonses.com mail.example.com",
		  "pass dkim p=none at example.com org example.com" },
		{ "a parent without a record is another organisation",
		  "_dmarc.shop.example.com" NONE, "shop.example.com", NULL, "example.com",
		  "fail p=none at shop.example.com org shop.example.com" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_verdict(&cases[i]);
}

static void what_could_not_be_asked_is_never_absent(void **state unused_arg)
{
	static const struct verdict_case cases[] = {
		{ "the record itself", "_dmarc.example.com !fail\n", "example.com",
		  "example.com", NULL, "temperror spf" },
		{ "above, where nothing is below", "_dmarc.com !fail\n",
		  "shop.example.com", NULL, NULL, "temperror" },
		{ "above an own record, the same domain",
		  "_dmarc.example.com" NONE "_dmarc.com !fail\n", "example.com",
		  "example.com", NULL, "pass spf p=none at example.com" },
		{ "above an own record, another domain",
		  "_dmarc.example.com" NONE "_dmarc.com !fail\n", "example.com",
		  "mail.example.com", NULL, "temperror p=none at example.com" },
		{ "above an own record, strict",
		  "_dmarc.example.com \"v=DMARC1; p=none; aspf=s\"\n_dmarc.com !fail\n",
		  "example.com", "mail.example.com", NULL, "fail p=none at example.com" },
		{ "of an identifier",
		  "_dmarc.example.com" NONE "_dmarc.other.example !fail\n", "example.com",
		  "other.example", NULL,
		  "temperror p=none at example.com org example.com" },
		{ "above where the walk ends",
		  "_dmarc.example.com \"v=DMARC1; p=none; psd=n\"\n_dmarc.com !fail\n",
		  "shop.example.com", NULL, NULL,
		  "fail p=none at example.com org example.com" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_verdict(&cases[i]);
}

/* Section 4.10: never more than eight names, and the seven last of a long one. */
static void a_walk_asks_eight_names_at_most(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 8 << 20);
	struct world w = { .a = &a, .zone = "" };
	struct dmarc_query query = {
		.from = name_of(STR("a.b.c.d.e.f.g.h.i.j.mail.example.com")),
	};
	struct dmarc_outcome out;
	static const char *const asked[] = {
		"_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com",
		"_dmarc.g.h.i.j.mail.example.com",
		"_dmarc.h.i.j.mail.example.com",
		"_dmarc.i.j.mail.example.com",
		"_dmarc.j.mail.example.com",
		"_dmarc.mail.example.com",
		"_dmarc.example.com",
		"_dmarc.com",
	};

	evaluate(&w, &query, &out);
	assert_int_equal(w.rounds, 1);
	assert_int_equal(w.asked_count, ARRAY_LEN(asked));
	for (size_t i = 0; i < ARRAY_LEN(asked); i++)
		assert_string_equal(dns_name_text(&a, &w.asked[i]).data, asked[i]);
}

static void a_name_of_eight_labels_is_walked_label_by_label(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 8 << 20);
	struct world w = { .a = &a, .zone = "" };
	struct dmarc_query query = { .from = name_of(STR("a.b.c.d.e.f.example.com")) };
	struct dmarc_outcome out;

	evaluate(&w, &query, &out);
	assert_int_equal(w.asked_count, 8);
	assert_string_equal(dns_name_text(&a, &w.asked[1]).data,
			    "_dmarc.b.c.d.e.f.example.com");
}

static void consent_to_reports_stands_at_the_other_host(void **state unused_arg)
{
	struct dns_name domain = name_of(STR("blue.example.com"));
	struct dns_name host = name_of(STR("red.example.net"));
	struct dns_name name;
	struct dns_name wanted =
		name_of(STR("blue.example.com._report._dmarc.red.example.net"));

	assert_true(dmarc_consent_name(&domain, &host, &name));
	assert_true(dns_name_equal(&name, &wanted));
	for (size_t i = 0; i < 3; i++) {
		struct dns_name longer;
		if (dns_name_join(&domain, &host, &longer))
			host = longer;
		if (dns_name_join(&host, &host, &longer))
			host = longer;
	}
	assert_false(dmarc_consent_name(&host, &host, &name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_standards_own_examples_hold),
		cmocka_unit_test(policies_are_found_and_chosen),
		cmocka_unit_test(what_could_not_be_asked_is_never_absent),
		cmocka_unit_test(a_walk_asks_eight_names_at_most),
		cmocka_unit_test(a_name_of_eight_labels_is_walked_label_by_label),
		cmocka_unit_test(consent_to_reports_stands_at_the_other_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
