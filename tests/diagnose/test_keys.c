/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U501 to U511: what happened to DKIM keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../policy/keys.h"
#include "seen.h"

#define NAME   "s1._domainkey.shop.example.com"
#define ALIAS1 "k1._domainkey.shop.example.com"
#define ALIAS2 "k2._domainkey.shop.example.com"
#define TEXT   "dkim TXT " NAME " v=DKIM1; k=ed25519; p=" ED25519_RFC "\n"
#define ANY    "dkim TXT " NAME "\n"
#define SERVERS                                   \
	"server ns1.operator.example 192.0.2.1\n" \
	"server ns2.operator.example 192.0.2.2\n"
#define HAS(text) SERVERS "all TXT " NAME " = " text "\n"
#define Q         "\""
#define GOOD      Q "v=DKIM1; k=ed25519; p=" ED25519_RFC Q
#define OTHER     "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

#define FIX       VERDICT_ACTION_REQUIRED

static void each_damage_has_its_code(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "right", TEXT, HAS(GOOD), VERDICT_OK, "", "dkim-1=ok" },
		{ "right, beside another text", TEXT, HAS(GOOD " ;; \"hello\""),
		  VERDICT_OK, "", "dkim-1=ok" },
		{ "cut", TEXT,
		  HAS(Q "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMl" Q), FIX,
		  "U501:error", "dkim-1=wrong" },
		{ "split", TEXT,
		  HAS(Q "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7h" Q
			" ;; \"cvPapiMlrwIaaPcHURo=\""),
		  FIX, "U502:error", "dkim-1=wrong" },
		{ "split, tags and key", TEXT,
		  HAS(Q "v=DKIM1; k=ed25519;" Q " ;; \"p=" ED25519_RFC Q), FIX,
		  "U502:error", "dkim-1=wrong" },
		{ "quoted", TEXT,
		  HAS("\"\\\"v=DKIM1; k=ed25519; p=" ED25519_RFC "\\\"\""), FIX,
		  "U503:error", NULL },
		{ "with backslashes", TEXT,
		  HAS(Q "v=DKIM1\\\\; k=ed25519\\\\; p=" ED25519_RFC Q), FIX,
		  "U503:error", NULL },
		{ "no-break space", TEXT,
		  HAS(Q "v=DKIM1;\\194\\160k=ed25519; p=" ED25519_RFC Q), FIX,
		  "U504:error", NULL },
		{ "line breaks in a key that works", TEXT,
		  HAS(Q "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7h\\010"
			"cvPapiMlrwIaaPcHURo=" Q),
		  VERDICT_OK, "U504:note", "dkim-1=ok" },
		{ "revoked", TEXT, HAS(Q "v=DKIM1; p=" Q), FIX, "U505:error",
		  "dkim-1=wrong" },
		{ "revoked, where any would do", ANY, HAS(Q "v=DKIM1; p=" Q), FIX,
		  "U505:error", NULL },
		{ "512 bits", ANY, HAS(Q "p=" RSA_512 Q), FIX, "U506:error",
		  "dkim-1=wrong" },
		{ "1024 bits", ANY, HAS(Q "p=" RSA_1024 Q), VERDICT_OK, "U506:note",
		  "dkim-1=ok" },
		{ "testing", TEXT, HAS(Q "v=DKIM1; k=ed25519; t=y; p=" ED25519_RFC Q),
		  VERDICT_OK, "U507:note", "dkim-1=ok" },
		{ "strict is no test", TEXT,
		  HAS(Q "v=DKIM1; k=ed25519; t=s; p=" ED25519_RFC Q), VERDICT_OK, "",
		  "dkim-1=ok" },
		{ "another key", TEXT, HAS(Q "v=DKIM1; k=ed25519; p=" OTHER Q), FIX,
		  "U508:error", NULL },
		{ "another kind of key", TEXT, HAS(Q "p=" RSA_1024 Q), FIX, "U508:error",
		  NULL },
		{ "two keys, one of them right", TEXT,
		  HAS(GOOD " ;; \"k=ed25519; p=" OTHER Q), FIX, "U509:error",
		  "dkim-1=wrong" },
		{ "a key and half of one", TEXT, HAS(GOOD " ;; \"p=xKCrfVS\""), FIX,
		  "U509:error", "dkim-1=wrong" },
		{ "a key and a DMARC record", TEXT, HAS(GOOD " ;; \"v=DMARC1; p=none\""),
		  VERDICT_OK, "", "dkim-1=ok" },
		{ "a key and a revocation", TEXT, HAS(GOOD " ;; \"v=DKIM1; p=\""), FIX,
		  "U509:error", NULL },
		{ "no base64", TEXT,
		  HAS(Q "v=DKIM1; k=ed25519; p=11qYAYK*CrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHU"
			"Ro=" Q),
		  FIX, "U510:error", NULL },
		{ "an RSA key that says Ed25519", TEXT,
		  HAS(Q "v=DKIM1; k=ed25519; p=" RSA_1024 Q), FIX, "U511:error", NULL },
		{ "only for sha1", TEXT,
		  HAS(Q "v=DKIM1; k=ed25519; h=sha1; p=" ED25519_RFC Q), FIX,
		  "U511:error", NULL },
		{ "not a key at all", TEXT, HAS("\"hello\""), FIX, "U302:error", NULL },
		{ "an optional key that is revoked", "?" TEXT, HAS(Q "v=DKIM1; p=" Q),
		  VERDICT_OK, "U505:note", "dkim-1=wrong" },
		{ "not: the servers differ", TEXT,
		  SERVERS "ns1 TXT " NAME " = " GOOD "\nns2 TXT " NAME
			  " = \"v=DKIM1; p=\"\n",
		  FIX, "U104:error", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

#define ONE ALIAS1 " k1.keys.example.com\n"
#define TWO "dkim CNAME " ONE "dkim CNAME " ALIAS2 " k2.keys.example.com\n"
/* The alias, and what stands behind it in the same zone. */
#define BEHIND(alias, target, text)                                                      \
	"all CNAME " alias " = " target ".\nall TXT " alias " alias " target ". = " text \
	"\n"

static void a_key_behind_an_alias_is_the_platforms(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "both usable", TWO,
		  SERVERS BEHIND(ALIAS1, "k1.keys.example.com", GOOD)
			  BEHIND(ALIAS2, "k2.keys.example.com", GOOD),
		  VERDICT_OK, "", "dkim-1=ok dkim-2=ok" },
		{ "none usable", TWO,
		  SERVERS BEHIND(ALIAS1, "k1.keys.example.com", "\"p=\"")
			  BEHIND(ALIAS2, "k2.keys.example.com", "\"p=\""),
		  FIX, "U505:error", "dkim-1=ok dkim-2=ok" },
		{ "one held in reserve", TWO,
		  SERVERS BEHIND(ALIAS1, "k1.keys.example.com", GOOD)
			  BEHIND(ALIAS2, "k2.keys.example.com", "\"p=\""),
		  VERDICT_OK, "U505:note", "dkim-1=ok dkim-2=ok" },
		{ "the platform's short keys are its own affair", "dkim CNAME " ONE,
		  SERVERS BEHIND(ALIAS1, "k1.keys.example.com", Q "p=" RSA_1024 Q),
		  VERDICT_OK, "", "dkim-1=ok" },
		{ "not seen", "dkim CNAME " ONE,
		  SERVERS "all CNAME " ALIAS1 " = k1.keys.example.com.\n", VERDICT_OK, "",
		  "dkim-1=ok" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_damage_has_its_code),
		cmocka_unit_test(a_key_behind_an_alias_is_the_platforms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
