/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U909: looks from several places do not agree. Judged by diagnose_compare, from reports
 * that were made one by one. */
#include "diagnose/rules.h"

const struct rule rule_u909 = {
	.code = "U909",
	.title = LANG_MARK("our vantage points disagree"),
	.remedy = LANG_MARK("could not tell; look at both"),
	.meaning = LANG_MARK(
		"The domain was looked at from several places, and they did not see the "
		"same. What one place sees is not enough to verify a domain by."),
	.why = LANG_MARK(
		"The DNS operator answers differently by region (or has servers behind "
		"one "
		"address that are not up to date); a network on the way changes answers; "
		"or the records changed between the looks."),
	.how = LANG_MARK("Observations made elsewhere (unpend check --save) were judged "
			 "beside each "
			 "other (unpend judge A.json B.json)."),
	.fix = LANG_MARK(
		"Look again from all places at the same time. If they still differ, ask "
		"the DNS operator why; if one of them stands alone, distrust its "
		"network."),
	.check = "  unpend check customer.example --save here.json\n"
		 "  unpend judge here.json there.json",
	.see_also = "U104 U908",
};
