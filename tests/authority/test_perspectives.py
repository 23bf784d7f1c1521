# SPDX-License-Identifier: GPL-3.0-or-later
"""What is seen from several places: real processes, each with another DNS."""
import contextlib
import json
import os
import signal
import socket
import ssl
import struct
import subprocess
import threading

import pytest

from hostile import BINARY, PATIENCE_S, silent, txt, usual, values
from perspectives import Authority, Perspective, grow

RECORD = txt("v.acme.test", "right")
PORT = 8953


class Places:
    """Ourselves at 192.0.2.101, and whoever is added."""

    def __init__(self, net, pki, folder):
        self.net, self.pki, self.folder = net, pki, folder
        self.ask, self.running, self.ours = {}, [], None
        self.hints = grow(net, 101, "right")
        self.roots = {}

    def add(self, name, value="right", **how):
        number = 111 + 10 * len(self.ask)
        port = PORT + len(self.ask)
        hints = grow(self.net, number, value)
        self.roots[name] = number
        one = Perspective(self.pki, self.folder, name, port, hints, **how)
        self.ask[name] = one.address
        self.running.append(one)
        return one

    def start(self, up=None, **keys):
        config = self.net.config(root_hints=self.hints, probes="1")
        # net.config writes the hints of its own root into the file that it is given
        with open(self.hints, "w") as file:
            file.write(". NS root.invalid.\nroot.invalid. A 192.0.2.101\n")
        self.ours = Authority(self.pki, config, "acme.test", [RECORD], self.ask, **keys)
        self.running.append(self.ours)
        for name in self.ask if up is None else up:
            self.ours.await_error(f"{name} up")
        return self.ours


@pytest.fixture
def places(net, pki, tmp_path):
    one = Places(net, pki, str(tmp_path))
    yield one
    for process in reversed(one.running):
        assert process.end() in (0, -signal.SIGKILL)


def said(seen):
    return values(seen, "v.acme.test", "TXT")


def test_each_place_sees_its_own_dns(places):
    places.add("tokyo")
    places.add("osaka", "stolen")
    places.add("paris")
    seen = places.start().look()
    assert list(seen) == ["here", "tokyo", "osaka", "paris"]
    assert {name: said(o) for name, o in seen.items()} == {
        "here": ['"right"'], "tokyo": ['"right"'], "osaka": ['"stolen"'], "paris": ['"right"']}


def test_nobody_else_is_asked_where_it_does_not_matter(places):
    places.add("tokyo")
    ours = places.start()
    assert list(ours.look("O")) == ["here"]
    assert places.net.servers["198.51.100.111"].asked == []


def test_each_look_asks_anew(places):
    places.add("tokyo")
    ours = places.start()
    assert said(ours.look()["tokyo"]) == ['"right"']
    server = places.net.servers["198.51.100.111"]
    for address in ("198.51.100.111", "198.51.100.112"):
        places.net.servers[address].zones.clear()
        places.net.serve(address, "acme.test.",
                         "@ NS ns1\n@ NS ns2\nns1 A 198.51.100.111\nns2 A 198.51.100.112\n"
                         'v TXT "gone"\n')
    before = len(server.asked)
    assert said(ours.look()["tokyo"]) == ['"gone"']
    assert len(server.asked) > before


def test_who_is_not_there_is_silent_and_the_others_count(places):
    places.add("tokyo")
    places.ask["nowhere"] = "127.0.0.1:9"
    seen = places.start(up=["tokyo"], timeout_ms="1000").look()
    assert said(seen["tokyo"]) == ['"right"']
    assert isinstance(seen["nowhere"], str) and "refused" in seen["nowhere"]


def test_who_takes_too_long_is_silent(places):
    slow = places.add("slow")
    ours = places.start(timeout_ms="1000")
    os.kill(slow.process.pid, signal.SIGSTOP)
    try:
        seen = ours.look()
    finally:
        os.kill(slow.process.pid, signal.SIGCONT)
    assert said(seen["here"]) == ['"right"']
    assert seen["slow"] == "it did not answer in time"
    # What it says now belongs to an attempt that is over.
    assert said(ours.look()["slow"]) == ['"right"']


def test_a_probe_process_that_is_killed_there_comes_back(places):
    tokyo = places.add("tokyo")
    ours = places.start()
    assert said(ours.look()["tokyo"]) == ['"right"']
    [child] = tokyo.children()
    os.kill(child, signal.SIGKILL)
    assert said(ours.look()["tokyo"]) == ['"right"']
    assert tokyo.children() != [child]


def test_a_perspective_that_is_killed_and_started_again_is_found_again(places):
    tokyo = places.add("tokyo")
    ours = places.start()
    tokyo.process.kill()
    ours.await_error("tokyo down")
    del places.ask["tokyo"]
    places.running.remove(tokyo)
    tokyo.end()
    places.add("tokyo")
    ours.await_error("tokyo up", times=2)
    assert said(ours.look()["tokyo"]) == ['"right"']


class Wire:
    """Between us and a perspective, to be cut."""

    def __init__(self, port, to):
        self.to, self.carried, self.changed = to, 0, threading.Condition()
        self.ends = []
        self.listening = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                ours, _ = self.listening.accept()
                theirs = socket.create_connection(("127.0.0.1", self.to))
                self.ends += [ours, theirs]
                for pair in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=self.carry, args=pair, daemon=True).start()

    def carry(self, one, other):
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
                with self.changed:
                    self.carried += len(data)
                    self.changed.notify_all()

    def await_more(self, before):
        with self.changed:
            assert self.changed.wait_for(lambda: self.carried > before, PATIENCE_S)

    def cut(self):
        for end in self.ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        self.cut()


def test_what_was_asked_when_the_wire_broke_is_asked_again(places):
    tokyo = places.add("tokyo")
    wire = Wire(PORT + 1, PORT)
    places.ask["tokyo"] = f"127.0.0.1:{PORT + 1}"
    ours = places.start(timeout_ms="20000")
    os.kill(tokyo.process.pid, signal.SIGSTOP)
    before = wire.carried
    ours.begin("L")
    wire.await_more(before)
    wire.cut()
    ours.await_error("tokyo down")
    os.kill(tokyo.process.pid, signal.SIGCONT)
    try:
        seen = {o["name"]: o for o in ours.result()}
    finally:
        wire.close()
    assert said(seen["tokyo"]["observation"]) == ['"right"']
    ours.await_error("tokyo up", times=2)


def test_looks_can_be_cancelled(places):
    places.add("tokyo")
    ours = places.start()
    ours.begin("XXXX")
    assert said(ours.look()["tokyo"]) == ['"right"']


def test_many_looks_at_once_are_all_answered(places):
    places.add("tokyo")
    ours = places.start(timeout_ms="30000")
    ours.begin("L" * 100)
    for _ in range(100):
        here, tokyo = ours.result()
        assert said(here["observation"]) == said(tokyo["observation"]) == ['"right"']


def test_the_cheap_look_is_our_own(places):
    ours = places.start()
    ours.begin("P")
    seen = ours.result()
    assert (seen["seen"], seen["zone"], seen["serial"]) == (True, "acme.test", 1)


def test_sigterm_ends_the_listener_in_order(places):
    tokyo = places.add("tokyo")
    ours = places.start(timeout_ms="1000")
    assert tokyo.end() == 0
    places.running.remove(tokyo)
    ours.await_error("tokyo down")
    assert isinstance(ours.look()["tokyo"], str)


# who is let in


@pytest.mark.parametrize("why, certificate, complaint", [
    ("another CA", ("imposter", "DNS:tokyo", "other"), "the other end's certificate"),
    ("another name", ("stranger", "DNS:osaka"), "has another name: 'osaka'"),
    ("no name but the common name", ("tokyo", "DNS:x"), "has another name: 'x'"),
    ("expired", ("old", "DNS:tokyo", "ca", -1), "certificate has expired"),
    ("not made for servers", ("client", "DNS:tokyo", "ca", 30, "clientAuth"), "purpose"),
])
def test_a_perspective_is_refused_for(places, why, certificate, complaint):
    places.add("tokyo", certificate=places.pki.make(*certificate))
    ours = places.start(up=[])
    ours.await_error("tokyo down", complaint)


@pytest.mark.parametrize("why, certificate, complaint", [
    ("another CA", ("imposter", "DNS:service.example", "other"), "certificate"),
    ("another name", ("stranger", "DNS:else.example"), "has another name: 'else.example'"),
    ("expired", ("old", "DNS:service.example", "ca", -1), "expired"),
])
def test_a_client_is_refused_for(places, why, certificate, complaint):
    tokyo = places.add("tokyo", options=["--allow", "service.example"])
    ours = places.start(up=[], certificate=places.pki.make(*certificate))
    tokyo.await_error("client refused", complaint)
    ours.await_error("tokyo down")


@pytest.mark.parametrize("allow", ["service.example", "urn:unpend:service", "sha256:"])
def test_a_client_is_let_in_by(places, allow):
    certificate, key = places.pki.make("named", "DNS:service.example,URI:urn:unpend:service")
    if allow == "sha256:":
        der = os.path.join(places.folder, "key.der")
        places.pki.openssl("pkey", "-in", key, "-pubout", "-outform", "DER", "-out", der)
        places.pki.openssl("dgst", "-sha256", "-hex", "-r", "-out", der + ".hex", der)
        with open(der + ".hex") as file:
            allow += file.read().split()[0]
    places.add("tokyo", options=["--allow", "nobody.example", "--allow", allow])
    seen = places.start(certificate=(certificate, key)).look()
    assert said(seen["tokyo"]) == ['"right"']


def test_a_certificate_may_name_the_address_instead(places):
    places.add("tokyo", certificate=places.pki.make("numbered", "IP:127.0.0.1"))
    assert said(places.start().look()["tokyo"]) == ['"right"']


def connect(places, certificate="service", **versions):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(places.pki.ca)
    for name, version in versions.items():
        setattr(context, name, version)
    if certificate:
        context.load_cert_chain(*places.pki.make(certificate, "DNS:service.example"))
    plain = socket.create_connection(("127.0.0.1", PORT), PATIENCE_S)
    return context.wrap_socket(plain)


def is_cut_off(connection):
    """Whether the other end says no more."""
    try:
        while connection.recv(65536):
            pass
    except (ConnectionError, ssl.SSLError):
        pass
    return True


def send(connection, text):
    data = text if isinstance(text, bytes) else text.encode()
    connection.sendall(struct.pack("!I", len(data)) + data)


def receive(connection):
    def exactly(count):
        data = b""
        while len(data) < count:
            more = connection.recv(count - len(data))
            assert more, "cut off"
            data += more
        return data
    return exactly(struct.unpack("!I", exactly(4))[0]).decode()


def test_without_a_certificate_nobody_comes_in(places):
    tokyo = places.add("tokyo")
    with connect(places, certificate=None) as connection:
        assert is_cut_off(connection)
    tokyo.await_error("client refused", "no certificate")


def test_older_tls_is_refused(places):
    tokyo = places.add("tokyo")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        connect(places, maximum_version=ssl.TLSVersion.TLSv1_2)
    tokyo.await_error("client refused", "TLS 1.3")


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\0" * 512,
                                     b"\x16\x03\x01\xff\xff" * 99])
def test_what_is_no_tls_is_cut_off(places, garbage):
    tokyo = places.add("tokyo")
    with socket.create_connection(("127.0.0.1", PORT), PATIENCE_S) as plain:
        plain.sendall(garbage)
        plain.shutdown(socket.SHUT_WR)
        assert is_cut_off(plain)
    tokyo.await_error("client refused")
    assert said(places.start().look()["tokyo"]) == ['"right"']


JOB = '{"job": %d, "expect": {"domain": "acme.test", "records": []}}'


@pytest.mark.parametrize("frame", [
    '{"config": {"dns.root_hints": "/etc/passwd"}}',
    '{"job": 1}', '{"job": -1, "peek": "acme.test"}', '{"job": 1, "peek": "a..b"}',
    '{"job": 1, "expect": {"domain": "acme.test", "records": [{"name": "x"}]}}',
    '{"job": "1", "peek": "acme.test"}', "[]", "{", b"\xff\xfe", "[" * 100000])
def test_a_client_that_sends_no_job_is_cut_off(places, frame):
    tokyo = places.add("tokyo")
    with connect(places) as connection:
        assert receive(connection) == '{"perspective":"tokyo"}'
        send(connection, frame)
        assert is_cut_off(connection)
    tokyo.await_error("client gone")
    assert said(places.start().look()["tokyo"]) == ['"right"']


def test_a_frame_that_is_too_long_is_not_waited_for(places):
    tokyo = places.add("tokyo")
    with connect(places) as connection:
        connection.sendall(struct.pack("!I", 1 << 20))
        assert is_cut_off(connection)
    tokyo.await_error("client gone", "no frame")


def test_a_client_gets_so_many_jobs_and_is_refused_more(places):
    places.add("tokyo")
    for address in ("198.51.100.111", "198.51.100.112"):
        places.net.servers[address].twist = silent
    with connect(places) as connection:
        receive(connection)
        for number in range(1, 66):
            send(connection, JOB % number)
        assert receive(connection) == '{"job":65,"refused":"too much is under way"}'


def test_a_ping_is_answered(places):
    places.add("tokyo")
    with connect(places) as connection:
        receive(connection)
        send(connection, '{"ping": true}')
        assert receive(connection) == '{"pong":true}'


def test_a_job_that_was_cancelled_is_not_answered(places):
    places.add("tokyo")
    servers = [places.net.servers[address] for address in ("198.51.100.111", "198.51.100.112")]
    with connect(places) as connection:
        receive(connection)
        for server in servers:
            server.twist = silent
        send(connection, JOB % 1)
        servers[0].await_asked(1)
        send(connection, '{"cancel": 1}')
        for server in servers:
            server.twist = usual
        send(connection, '{"job": 2, "peek": "acme.test"}')
        assert receive(connection).startswith('{"job":2,"zone":{"seen":true')


def test_systemd_may_hand_over_the_socket(places, pki, tmp_path):
    listening = socket.create_server(("127.0.0.1", PORT))
    hints = grow(places.net, 111, "right")
    descriptor = listening.fileno()
    # As sd_listen_fds(3): the socket is descriptor 3, and LISTEN_PID is who it is for.
    wrapper = ["bash", "-c", f'exec 3<&{descriptor}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"', "-"]
    one = Perspective(pki, str(tmp_path), "tokyo", PORT, hints, wrapper=wrapper,
                      pass_fds=[descriptor])
    listening.close()
    places.running.append(one)
    places.ask["tokyo"] = one.address
    assert said(places.start().look()["tokyo"]) == ['"right"']


def test_so_many_clients_and_no_more(places):
    tokyo = places.add("tokyo")
    with contextlib.ExitStack() as stack:
        for _ in range(16):
            receive(stack.enter_context(connect(places)))
        assert is_cut_off(stack.enter_context(connect(places)))
        tokyo.await_error("client gone", "too many clients")
    tokyo.await_error("client gone", times=17)
    assert said(places.start().look()["tokyo"]) == ['"right"']


def test_who_knocks_and_never_comes_in_keeps_nobody_out(places):
    tokyo = places.add("tokyo")
    with contextlib.ExitStack() as stack:
        for _ in range(70):
            stack.enter_context(socket.create_connection(("127.0.0.1", PORT), PATIENCE_S))
        tokyo.await_error("client refused", "too many who never come in")
        assert said(places.start().look()["tokyo"]) == ['"right"']


@pytest.mark.parametrize("change, exit_code, complaint", [
    ({"--listen": "localhost:1"}, 2, "not an address to listen on 'localhost:1'"),
    ({"--listen": "192.0.99.1:8953"}, 4, "cannot listen on"),
    ({"--key": "/nonexistent"}, 2, "'/nonexistent' cannot be read"),
    ({"--ca": "/etc/passwd"}, 2, "'/etc/passwd' holds no CA certificate"),
    ({"--cert": None}, 2, "'probe' needs --listen, --cert, --key and --ca"),
])
def test_a_listener_that_cannot_begin_says_why(pki, change, exit_code, complaint):
    certificate, key = pki.make("tokyo", "DNS:tokyo")
    options = {"--listen": "127.0.0.1:0", "--cert": certificate, "--key": key, "--ca": pki.ca,
               **change}
    done = subprocess.run([BINARY, "probe", *(word for pair in options.items()
                                              if pair[1] for word in pair)],
                          capture_output=True, text=True, timeout=PATIENCE_S)
    assert (done.returncode, complaint in done.stderr) == (exit_code, True), done.stderr


# what a perspective may say


class Liar:
    """Has a good certificate, and answers each job with frames of ours."""

    def __init__(self, pki, port, answers):
        self.answers = answers
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(*pki.make("liar", "DNS:liar"))
        context.load_verify_locations(pki.ca)
        context.verify_mode = ssl.CERT_REQUIRED
        self.listening = socket.create_server(("127.0.0.1", port))
        self.context = context
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                plain, _ = self.listening.accept()
            except OSError:
                return
            with contextlib.suppress(OSError, AssertionError):
                self.talk(self.context.wrap_socket(plain, server_side=True))

    def talk(self, connection):
        with connection:
            while True:
                number = json.loads(receive(connection)).get("job")
                for answer in self.answers if number else ():
                    send(connection, answer.replace("JOB", str(number)))

    def close(self):
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()


SEEN = ('{"schema":1,"domain":"acme.test","at":1,"elapsed_ms":1,"queries":1,"round_trips":1,'
        '"walk":"servfail","delegations":[],"views":[],"answers":[%s],"validations":[]}')


@pytest.mark.parametrize("answers, complaint", [
    (['{"job":JOB,"observation":{}}'], "its answer cannot be used"),
    (['{"job":JOB,"observation":' + SEEN.replace("acme", "bank") % "" + "}"], "another domain"),
    (['{"job":JOB,"observation":' + SEEN % ("null," * 3000 + "null") + "}"], "cannot be used"),
    (['{"job":JOB,"zone":{"seen":true}}'], "its answer cannot be used"),
    (['{"job":JOB,"refused":"\\u001b[2J"}'], "it refuses: "),
    (['{"job":JOB}'], "its answer cannot be used"),
    (['{"job":99999,"observation":' + SEEN % "" + "}"], "did not answer in time"),
    (["[" * 4000], ""),
    ([" " * (3 << 20)], ""),
    ([], "did not answer in time"),
])
def test_an_answer_that_cannot_be_used_is_silence(places, answers, complaint):
    places.add("tokyo")
    liar = Liar(places.pki, PORT + 1, answers)
    places.ask["liar"] = f"127.0.0.1:{PORT + 1}"
    try:
        seen = places.start(timeout_ms="1500").look()
    finally:
        liar.close()
    assert said(seen["tokyo"]) == ['"right"']
    assert isinstance(seen["liar"], str) and complaint in seen["liar"]
    assert seen["liar"].isprintable()


def test_its_clock_does_not_count(places):
    liar = Liar(places.pki, PORT, ['{"job":JOB,"observation":' + SEEN % "" + "}"])
    places.ask["liar"] = f"127.0.0.1:{PORT}"
    try:
        seen = places.start().look()
    finally:
        liar.close()
    assert abs(seen["liar"]["at"] - seen["here"]["at"]) < 60
