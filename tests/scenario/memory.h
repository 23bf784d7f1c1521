/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much memory the program holds, and held at most: every allocation is counted. */
#ifndef SCENARIO_MEMORY_H
#define SCENARIO_MEMORY_H

#include "base/base.h"

size_t memory_held(void);
/* The most since the last call of memory_mark. */
size_t memory_peak(void);
void memory_mark(void);
/* What is handed out while this is set is not counted: it must live to the end. */
void memory_pause(bool is_paused);

#endif
