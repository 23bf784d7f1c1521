/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every library that is loaded late; made by src/base/library.py from the lists. */
#ifndef CMD_LIBRARIES_H
#define CMD_LIBRARIES_H

#include "base/base.h"

/* Ended by NULL. */
const struct library *const *libraries(void);

#endif
