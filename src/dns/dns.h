/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dns: names, types, records and messages as values. The only user of libknot's codec; no
 * socket, no clock. Everything read from the wire is bounded here.
 *
 *   name     255 octets of wire form by value; compares domains
 *   type     TYPE_CNAME ... and their texts
 *   record   owner, type, TTL, rdata in uncompressed wire form
 *   escape   octets in text as \DDD (presentation.h)
 *   message  a parsed answer; and the writer of questions
 *   question a name and a type         address  an IP address and port
 *   guard    which addresses may be talked to at all
 */
#ifndef DNS_DNS_H
#define DNS_DNS_H

#include "dns/address.h"
#include "dns/guard.h"
#include "dns/message.h"
#include "dns/name.h"
#include "dns/presentation.h"
#include "dns/question.h"
#include "dns/record.h"
#include "dns/type.h"

#endif
