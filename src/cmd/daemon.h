/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands share that run until they are told to end. */
#ifndef CMD_DAEMON_H
#define CMD_DAEMON_H

#include "config/config.h"

/* log.level and log.format hold from now on. */
void daemon_log_open(const struct config *config);
/* The socket that systemd opened for us (sd_listen_fds(3)), or -1. Our own children shall
 * not take it for theirs. */
int daemon_listen_fd(void);

#endif
