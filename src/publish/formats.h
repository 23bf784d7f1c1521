/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The formats, a file each in formats/. Private to publish. */
#ifndef PUBLISH_FORMATS_H
#define PUBLISH_FORMATS_H

#include "publish/sets.h"

extern const struct publish_format format_cards;
extern const struct publish_format format_table;
extern const struct publish_format format_zone;
extern const struct publish_format format_csv;
extern const struct publish_format format_route53;
extern const struct publish_format format_cloudflare;
extern const struct publish_format format_terraform_route53;
extern const struct publish_format format_terraform_cloudflare;
extern const struct publish_format format_dnscontrol;
extern const struct publish_format format_octodns;
extern const struct publish_format format_nsupdate;
extern const struct publish_format format_mail;
extern const struct publish_format format_json;

#endif
