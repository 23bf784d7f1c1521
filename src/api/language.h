/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The language of an answer. */
#ifndef API_LANGUAGE_H
#define API_LANGUAGE_H

#include "base/base.h"

/* From the value of Accept-Language (data NULL: none); English where nothing fits. */
enum lang language_choose(struct str accept);

#endif
