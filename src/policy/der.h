/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RSA public keys in DER, as DKIM's p= holds them. Private to policy. */
#ifndef POLICY_DER_H
#define POLICY_DER_H

#include "base/base.h"

enum der_result {
	DER_KEY,
	DER_SHORT, /* it ends before it says that it does */
	DER_OTHER, /* it is something else */
};
struct der_rsa {
	struct str modulus; /* without zeros in front; borrowed */
	struct str exponent;
	unsigned bits;  /* of the modulus */
	size_t at;      /* octet where it is wrong; of DER_SHORT: where it ends */
	size_t missing; /* DER_SHORT: octets */
};
/* SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) or bare RSAPublicKey (RFC 8017
 * appendix A.1.1). */
enum der_result der_rsa_read(struct str der, struct der_rsa *out);

#endif
