/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Telling the name server that there is a new zone file. */
#ifndef KEYS_RELOAD_H
#define KEYS_RELOAD_H

#include "base/base.h"

/* Runs a command line, words separated by blanks, without a shell; waits 30 s at most,
 * then kills it. True when it ended with 0; the empty command is a success. */
bool reload_run(struct str command, struct err *e) must_check;

#endif
