/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A right observation with one thing changed is never ok: each octet of a value, each
 * owner, type, flag and response code, at all servers and at a single one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "seen.h"

#define KEY "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

static const char expected[] =
	"dkim CNAME k1._domainkey.shop.example.com k1.keys.example.net\n"
	"dkim TXT s1._domainkey.shop.example.com v=DKIM1; k=ed25519; p=" KEY "\n"
	"mail_from MX bounce.shop.example.com 10 feedback.example.net\n"
	"spf TXT bounce.shop.example.com v=spf1 include:spf.example.net ~all\n"
	"dmarc TXT _dmarc.shop.example.com v=DMARC1; p=reject\n"
	"ownership TXT _amazonses.shop.example.com QWxhZGRpbjpvcGVuIHNlc2FtZQ==\n";

static const char right[] =
	"server ns1.operator.example 192.0.2.1\nserver ns2.operator.example 192.0.2.2\n"
	"server ns3.operator.example 192.0.2.3\n"
	"all CNAME k1._domainkey.shop.example.com = k1.keys.example.net.\n"
	"all TXT s1._domainkey.shop.example.com = \"v=DKIM1; k=ed25519; p=" KEY "\"\n"
	"all MX bounce.shop.example.com = 10 feedback.example.net.\n"
	"all TXT bounce.shop.example.com = \"v=spf1 include:spf.example.net ~all\"\n"
	"all TXT _dmarc.shop.example.com = \"v=DMARC1; p=reject\"\n"
	"all TXT _amazonses.shop.example.com = \"QWxhZGRpbjpvcGVuIHNlc2FtZQ==\"\n";

enum {
	SERVERS = 3
};

struct mutation {
	struct arena *a;
	const struct expectation *x;
	struct observation o; /* a copy whose answers may be written to */
	size_t tried;
};

static struct dns_record *record_of(struct answer *answer)
{
	return (struct dns_record *)(uintptr_t)answer->records.records;
}

/* Judges, with the change at `count` servers from answer `first` on. */
static void assert_not_ok(struct mutation *m, const char *what, size_t first,
			  size_t detail)
{
	auto_arena struct arena a;
	arena_init(&a, 16 << 20);
	struct report r;
	diagnose_judge(&a, m->x, &m->o, LANG_EN, &r);
	m->tried++;
	if (r.verdict == VERDICT_OK)
		fail_msg("%s of answer %zu (%zu) is still ok", what, first, detail);
	struct look look;
	diagnose_look(&r, &look);
	for (size_t i = 0; i < ASPECT_COUNT; i++)
		if (look.results[i] != LOOK_RIGHT)
			return;
	/* SPF and DMARC have no aspect: the verdict alone tells. */
	enum purpose p = r.findings[0].record_count > 0
				 ? r.findings[0].records[0]->purpose
				 : PURPOSE_OTHER;
	if (p != PURPOSE_SPF && p != PURPOSE_DMARC)
		fail_msg("%s of answer %zu (%zu) still looks right", what, first, detail);
}

/* What of a TXT may change without a change of meaning is not touched: how SPF ends. */
static bool is_free(const struct answer *answer, size_t octet)
{
	const struct dns_record *r = &answer->records.records[0];
	struct str text = str_sub(r->rdata, 1, r->rdata.len);
	if (answer->question.type == DNS_TYPE_MX)
		return octet < 2; /* preference */
	if (str_starts(text, STR("v=spf1")))
		return octet > 31;
	/* RFC 6376 section 3.6.1: v= may be missing, and unknown tags are passed over. */
	if (str_starts(text, STR("v=DKIM1")))
		return octet == 1;
	/* One policy letter less is another tag or a weaker policy; a blank may go. */
	return str_starts(text, STR("v=DMARC1")) && text.data[octet - 1] == ' ';
}

/* Length octets stay, so that the rdata stays whole. */
static bool is_length(const struct answer *answer, size_t octet)
{
	struct str rdata = answer->records.records[0].rdata;
	size_t at = answer->question.type == DNS_TYPE_MX ? 2 : 0;
	while (at < rdata.len && at <= octet) {
		if (at == octet)
			return true;
		at += (unsigned char)rdata.data[at] + 1U;
	}
	return false;
}

/* Another octet that stays within the alphabet of base64 and names: never just the case.
 */
static char other_octet(char c)
{
	if (c == 'A')
		return 'B';
	return ascii_is_alnum((unsigned char)c) ? 'A' : 'x';
}

static void change_octet(struct mutation *m, size_t first, size_t count, size_t octet)
{
	struct str old = record_of(&m->o.answers[first])->rdata;
	char *changed = arena_text(m->a, old);
	changed[octet] = other_octet(old.data[octet]);
	if (ascii_lower(changed[octet]) == ascii_lower(old.data[octet]))
		changed[octet] = 'q';
	for (size_t i = first; i < first + count; i++)
		record_of(&m->o.answers[i])->rdata = str_of(changed, old.len);
	assert_not_ok(m, "octet", first, octet);
	for (size_t i = first; i < first + count; i++)
		record_of(&m->o.answers[i])->rdata = old;
}

static void each_octet_counts(struct mutation *m, size_t first, size_t count)
{
	const struct answer *answer = &m->o.answers[first];
	for (size_t octet = 0; octet < answer->records.records[0].rdata.len; octet++) {
		if (octet == 0 && answer->question.type == DNS_TYPE_TXT)
			continue;
		if (!is_length(answer, octet) && !is_free(answer, octet))
			change_octet(m, first, count, octet);
	}
}

static void change_owner(struct answer *answer)
{
	record_of(answer)->owner.wire[1] ^= 1;
}

static void change_type(struct answer *answer)
{
	record_of(answer)->type = DNS_TYPE_A;
}

static void drop_record(struct answer *answer)
{
	answer->records.count = 0;
}

static void drop_authority(struct answer *answer)
{
	answer->authoritative = false;
}

static void say_servfail(struct answer *answer)
{
	answer->rcode = DNS_RCODE_SERVFAIL;
}

static void say_nxdomain(struct answer *answer)
{
	answer->rcode = DNS_RCODE_NXDOMAIN;
	answer->records.count = 0;
}

static void cut_value(struct answer *answer)
{
	struct dns_record *r = record_of(answer);
	r->rdata = str_sub(r->rdata, 0, r->rdata.len - 1);
}

static void say_nothing(struct answer *answer)
{
	answer->outcome = ASK_TIMEOUT;
}

static const struct {
	const char *what;
	void (*change)(struct answer *answer);
	bool everywhere_only; /* at one server of three it is no fault of the record */
} changes[] = {
	{ "owner", change_owner, false },    { "type", change_type, false },
	{ "no record", drop_record, false }, { "NXDOMAIN", say_nxdomain, false },
	{ "cut value", cut_value, false },   { "no authority", drop_authority, true },
	{ "SERVFAIL", say_servfail, true },  { "silence", say_nothing, true },
};

static void each_change_counts(struct mutation *m, size_t first, size_t count)
{
	for (size_t c = 0; c < ARRAY_LEN(changes); c++) {
		struct answer kept[SERVERS];
		struct dns_record records[SERVERS];
		if (changes[c].everywhere_only && count < SERVERS)
			continue;
		for (size_t i = 0; i < count; i++) {
			kept[i] = m->o.answers[first + i];
			records[i] = *record_of(&kept[i]);
			changes[c].change(&m->o.answers[first + i]);
		}
		assert_not_ok(m, changes[c].what, first, c);
		for (size_t i = 0; i < count; i++) {
			*record_of(&kept[i]) = records[i];
			m->o.answers[first + i] = kept[i];
		}
	}
}

static void whatever_is_changed_is_not_ok(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 64 << 20);
	struct seen s = seen_make(&a, expected, right);
	struct mutation m = { .a = &a, .x = &s.x, .o = s.o };
	struct report r;
	diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
	assert_int_equal(r.verdict, VERDICT_OK);
	for (size_t i = 0; i < s.o.answer_count; i += SERVERS) {
		each_octet_counts(&m, i, SERVERS);
		each_octet_counts(&m, i, 1);
		each_change_counts(&m, i, SERVERS);
		each_change_counts(&m, i + 1, 1);
	}
	diagnose_judge(&a, &s.x, &m.o, LANG_EN, &r);
	assert_int_equal(r.verdict, VERDICT_OK);
	assert_true(m.tried > 400);
}

/* What was expected is changed instead: the same must not match. */
static void another_expectation_is_not_met(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 64 << 20);
	struct seen s = seen_make(&a, expected, right);
	for (size_t i = 0; i < s.x.count; i++) {
		struct expected_record kept = s.x.records[i];
		struct report r;
		s.x.records[i].name.wire[2] ^= 1;
		diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
		assert_int_not_equal(r.verdict, VERDICT_OK);
		s.x.records[i] = kept;
		s.x.records[i].type = DNS_TYPE_A;
		diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
		assert_int_not_equal(r.verdict, VERDICT_OK);
		s.x.records[i] = kept;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_is_changed_is_not_ok),
		cmocka_unit_test(another_expectation_is_not_met),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
