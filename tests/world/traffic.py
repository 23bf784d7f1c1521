# SPDX-License-Identifier: GPL-3.0-or-later
"""What was asked of whom: every DNS question that crosses the loopback, in order.

A packet socket sees each datagram and each TCP segment to port 53, so the count is what
the servers got, whoever they are and whether they answer or not. Reading the log first
sends a marker through the loopback and waits until it was seen: nothing is missed.
"""
import dataclasses
import ipaddress
import os
import socket
import struct
import threading

import dns.rdatatype

ETH_P_ALL = 3
ETH_P_IP = 0x0800
ETH_P_IPV6 = 0x86DD
PACKET_OUTGOING = 4
SO_RCVBUFFORCE = 33
RECEIVE_BUFFER = 32 << 20
MARKER_PORT = 9
PATIENCE_S = 10


@dataclasses.dataclass(frozen=True)
class Question:
    source: str
    address: str        # the server's
    transport: str      # udp or tcp
    name: str           # lower case, final dot
    type: str
    raw_name: str       # as spelt on the wire
    id: int
    source_port: int
    wire: bytes = dataclasses.field(repr=False, compare=False)


class Traffic:
    """Records until close(). Thread safe."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
        except PermissionError:         # within a user namespace
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        self._socket.bind(("lo", ETH_P_ALL))
        self._questions = []
        self._streams = {}
        self._markers = set()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self):
        self._mark()
        self._closing = True
        self._send(b"the last one")
        self._thread.join()
        self._socket.close()

    def mark(self):
        """A place in the log: pass it to since()."""
        self._mark()
        with self._changed:
            return len(self._questions)

    def since(self, mark=0):
        """The questions after a mark."""
        self._mark()
        with self._changed:
            return self._questions[mark:]

    def _mark(self):
        marker = os.urandom(16)
        self._send(marker)
        with self._changed:
            if not self._changed.wait_for(lambda: marker in self._markers, PATIENCE_S):
                raise TimeoutError("the packet socket on lo has stopped")
            self._markers.discard(marker)

    @staticmethod
    def _send(marker):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(marker, ("127.0.0.1", MARKER_PORT))

    def _listen(self):
        while not self._closing:
            packet, link = self._socket.recvfrom(65600)
            if link[2] != PACKET_OUTGOING:
                self._take_packet(packet, link[1])

    def _take_packet(self, packet, ethertype):
        if ethertype == ETH_P_IP and len(packet) >= 20:
            header = (packet[0] & 15) * 4
            protocol, source, target = packet[9], packet[12:16], packet[16:20]
        elif ethertype == ETH_P_IPV6 and len(packet) >= 40:
            header, protocol, source, target = 40, packet[6], packet[8:24], packet[24:40]
        else:
            return
        payload = packet[header:]
        if protocol == socket.IPPROTO_UDP:
            self._take_datagram(source, target, payload)
        elif protocol == socket.IPPROTO_TCP:
            self._take_segment(source, target, payload)

    def _take_datagram(self, source, target, datagram):
        source_port, port, length = struct.unpack_from("!HHH", datagram)
        if port == 53:
            for message in messages_of(datagram[8:length]):
                self._take_message(source, source_port, target, "udp", message)
        elif port == MARKER_PORT:
            with self._changed:
                self._markers.add(bytes(datagram[8:length]))
                self._changed.notify_all()

    def _take_segment(self, source, target, segment):
        source_port, port = struct.unpack_from("!HH", segment)
        if port != 53:
            return
        key = (source, source_port, target)
        if segment[13] & 0x02:
            self._streams[key] = b""
        stream = self._streams.get(key, b"") + segment[(segment[12] >> 4) * 4:]
        while len(stream) >= 2 and len(stream) >= 2 + struct.unpack_from("!H", stream)[0]:
            length = struct.unpack_from("!H", stream)[0]
            self._take_message(source, source_port, target, "tcp", stream[2:2 + length])
            stream = stream[2 + length:]
        self._streams[key] = stream

    def _take_message(self, source, source_port, target, transport, message):
        if len(message) < 12 or message[2] & 0x80:
            return
        name, end = read_name(message, 12)
        rdtype = struct.unpack_from("!H", message, end)[0] if end + 2 <= len(message) else 0
        question = Question(
            source=str(ipaddress.ip_address(source)), source_port=source_port,
            address=str(ipaddress.ip_address(target)), transport=transport,
            name=name.lower(), raw_name=name, type=dns.rdatatype.to_text(rdtype),
            id=struct.unpack_from("!H", message)[0], wire=bytes(message))
        with self._changed:
            self._questions.append(question)


def messages_of(payload):
    """Several questions are one packet on the loopback, which takes it apart at its other end
    (UDP_SEGMENT): all are as long as the first, but for the last."""
    length = length_of_query(payload) or len(payload) or 1
    return [payload[at:at + length] for at in range(0, len(payload), length)] or [payload]


def length_of_query(message):
    """Of one with a question and EDNS; None: it is something else."""
    if len(message) < 12 or message[2] & 0x80 or message[4:11] != bytes([0, 1, 0, 0, 0, 0, 0]):
        return None
    end = read_name(message, 12)[1] + 4
    if message[11] == 1 and end + 11 <= len(message):
        end += 11 + struct.unpack_from("!H", message, end + 9)[0]
    return end if end <= len(message) else None


def read_name(message, offset):
    """The uncompressed name at offset as text, and where it ends."""
    labels = []
    while offset < len(message) and 0 < message[offset] < 64:
        length = message[offset]
        labels.append(message[offset + 1:offset + 1 + length].decode("latin-1"))
        offset += 1 + length
    return ".".join(labels) + ".", offset + 1
