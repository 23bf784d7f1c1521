/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many perspectives' looks, made into one. */
#ifndef IDENTITY_QUORUM_H
#define IDENTITY_QUORUM_H

#include "identity/step.h"

enum quorum_rule {
	QUORUM_MPIC, /* of 2 to 5 others one may fail to agree, of 6 and more two */
	QUORUM_ALL,  /* all must agree */
};

/* What somebody elsewhere saw. */
struct quorum_voice {
	struct str name;
	bool is_silent; /* no answer came, or none that could be read: look is not set */
	struct look look;
};

struct quorum {
	enum quorum_rule rule;
	const struct quorum_voice *voices; /* all that were asked, the silent too */
	size_t count;
};

/* Our own look as the others allow it to count. It is right only if it is right itself
 * and enough others agree; wrong only if it is wrong itself and nobody sees it right.
 * Anything else is unknown: no silence and no quarrel takes a status away or gives it
 * (CA/Browser Forum BR 3.2.2.9). Without voices it stays as it is. */
struct look quorum_look(const struct look *own, const struct quorum *q);
/* Whether the look could change a status for better or worse, so that others should be
 * asked too. */
bool quorum_is_wanted(const struct identity_state *s, const struct look *own);

#endif
