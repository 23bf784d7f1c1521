/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SEED(hex) SECRET(hex) ID AT, body on standard input: prints the public key in hex, and
 * the signatures. */
#include <stdio.h>
#include <unistd.h>

#include "crypto/ed25519.h"
#include "webhook/webhook.h"

int main(int argc, char **argv)
{
	struct buf seed;
	struct buf secret;
	struct buf out;
	struct buf body;
	struct err e = { 0 };
	uint8_t public[CRYPTO_ED25519_LEN];
	uint64_t at_s;

	buf_init(&seed, 1024);
	buf_init(&secret, 1024);
	buf_init(&out, 64 * 1024);
	buf_init(&body, 64 * 1024);
	if (argc != 5 || !hex_parse(&seed, str_from(argv[1])) || seed.len != 32 ||
	    !hex_parse(&secret, str_from(argv[2])) ||
	    !str_number(str_from(argv[4]), INT32_MAX, &at_s))
		return 2;
	for (int c = getchar(); c != EOF; c = getchar())
		buf_byte(&body, (uint8_t)c);
	crypto_ed25519_public((const uint8_t *)seed.data, public);
	hex_write(&out, str_of(public, sizeof(public)));
	buf_byte(&out, '\n');
	struct webhook_signers signers = { .secrets = { buf_view(&secret) },
					   .secret_count = 1,
					   .seed = buf_view(&seed) };
	struct buf signatures;
	buf_init(&signatures, 4096);
	webhook_sign(&signatures, &signers, str_from(argv[3]), (int64_t)at_s,
		     buf_view(&body));
	buf_str(&out, buf_view(&signatures));
	bool written = file_write_all(STDOUT_FILENO, buf_view(&out), &e);
	buf_done(&seed);
	buf_done(&secret);
	buf_done(&out);
	buf_done(&body);
	buf_done(&signatures);
	return !written;
}
