/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * base: the language the rest is written in. Depends on nothing but libc.
 *
 *   err     one failure, its kind and its text, on the caller's stack
 *   str     borrowed bytes with a length        buf    text or bytes being built
 *   cursor  bytes being read                    arena  memory for one piece of work
 *   list    things in a row, hooks inside them  map    text to pointer
 *   clock   the only place that asks the time   log    one line per event
 *   encode  hex, base32, base64                 escape foreign bytes made showable
 *   lang    the language of texts for people    page   text in columns
 *   process what the kernel says of this one    hash  of bytes, under a secret
 *   octets16 sixteen of them at once
 *
 * Out of memory ends the process. Nothing here is locked: one thread, or hand it over.
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/cursor.h"
#include "base/encode.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/lang.h"
#include "base/library.h"
#include "base/list.h"
#include "base/log.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/octets16.h"
#include "base/page.h"
#include "base/process.h"
#include "base/str.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
