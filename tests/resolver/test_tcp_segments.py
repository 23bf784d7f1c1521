# SPDX-License-Identifier: GPL-3.0-or-later
"""A question over TCP is one packet of a check's budget; on the wire it is more
(doc/amplification.md).
"""
import contextlib
import socket
import struct

import dns.flags
import pytest

from hostile import answers
from test_asking import observe_acme, serve_acme

ETH_P_ALL = 3
LINK_LEN = 14
SENT = socket.PACKET_OUTGOING
SYN = 0x02
SEGMENTS_MAX = 6        # SYN, ACK, the question, ACK of the answer, FIN, ACK of theirs


class Wire:
    """Every TCP segment that is sent to port 53 of an address: its flags."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.bind(("lo", ETH_P_ALL))
        self.socket.setblocking(False)

    def segments(self, address):
        seen = []
        with contextlib.suppress(BlockingIOError):
            while True:
                frame, where = self.socket.recvfrom(65535)
                packet = frame[LINK_LEN:]
                if where[2] != SENT or packet[0] >> 4 != 4 or packet[9] != socket.IPPROTO_TCP \
                        or socket.inet_ntoa(packet[16:20]) != address:
                    continue
                segment = packet[(packet[0] & 15) * 4:]
                if struct.unpack_from("!H", segment, 2)[0] == 53:
                    seen.append(segment[13])
        return seen


def truncated(server, query, answer, transport):
    if transport == "udp":
        answer.answer.clear()
        answer.flags |= dns.flags.TC
    return [answer.to_wire()]


@pytest.fixture
def wire():
    one = Wire()
    yield one
    one.socket.close()


def test_a_question_over_tcp_is_six_segments_at_most(net, wire):
    server, _ = serve_acme(net, truncated)
    seen = observe_acme(net)
    assert all(a["over_tcp"] for a in answers(seen, "v.acme.test", "TXT"))
    sent = wire.segments(server.address)
    connections = sum(flags & SYN != 0 for flags in sent)
    assert connections == sum(a.transport == "tcp" for a in server.asked) > 0
    assert 3 * connections < len(sent) <= SEGMENTS_MAX * connections


def test_where_nobody_listens_a_question_over_tcp_is_one_segment(net, wire):
    server, _ = serve_acme(net, truncated, tcp=False)
    observe_acme(net)
    asked = len(server.asked)
    sent = wire.segments(server.address)
    assert 0 < len(sent) <= asked and all(flags & SYN for flags in sent)
