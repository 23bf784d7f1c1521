/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenSSL calls that fail only when the process is beyond help. Inside crypto only. */
#ifndef CRYPTO_MUST_H
#define CRYPTO_MUST_H

#include <stdlib.h>

#include "crypto/crypto.h"

static inline void crypto_must(bool worked)
{
	if (!worked)
		abort();
}

#endif
