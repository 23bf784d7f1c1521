/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ties the lines of a backup together. */
#ifndef STORE_CHAIN_H
#define STORE_CHAIN_H

#include "base/base.h"
#include "crypto/crypto.h"

void chain_add(uint8_t chain[CRYPTO_SHA256_LEN], struct str line);

#endif
