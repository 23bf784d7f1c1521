/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiler attributes by their house names. */
#ifndef BASE_ATTRIBUTE_H
#define BASE_ATTRIBUTE_H

#define must_check             __attribute__((warn_unused_result))
#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))
#define unused_arg             __attribute__((unused))

#endif
