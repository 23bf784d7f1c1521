# SPDX-License-Identifier: GPL-3.0-or-later
"""A million forged answers at a question that waits: none wins, and the right one does.

And what a forger has to guess: ports, ids and letters of 100,000 questions, by counts.
"""
import os
import subprocess

import pytest

import chance

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.path.abspath(os.environ.get("UNPEND_BINARY", os.path.join(ROOT, "build", "unpend")))
FLOOD = os.path.join(os.path.dirname(BINARY), "tests", "spoof", "flood")
FORGED = 1_000_000
QUESTIONS, BURST = 100_000, 10
PATIENCE_S = 120
# After the first of these the question is put over TCP, and UDP is not believed.
NEAR_MISSES = ("id", "id_and_letters", "letters", "name", "type", "class", "no_question",
               "no_cookie", "cookie", "query", "opcode", "cut")
# These are nobody's: the wait goes on.
STRANGERS = ("address", "port")
LEAST_PORT, PORTS = 1024, 65536 - 1024


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spoof")
    hints, path = folder / "hints", folder / "unpend.conf"
    hints.write_text(". NS root.invalid.\nroot.invalid. A 192.0.2.1\n")
    path.write_text(f"[dns]\nroot_hints = {hints}\ntrust_anchor =\nresolvers =\nipv6 = false\n"
                    "query_timeout_ms = 10000\ncheck_timeout_ms = 60000\n"
                    "allow_addresses = 192.0.2.0/24\n")
    return str(path)


def run(config, what, count, *more):
    done = subprocess.run([FLOOD, config, what, str(count), *more], capture_output=True,
                          timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr
    return done.stdout


def flood(config, kind, *more):
    """What was believed in the end, and over which way, of all the questions."""
    count = FORGED // len(NEAR_MISSES + STRANGERS) + 1
    lines = [line.split() for line in run(config, kind, count, *more).splitlines()]
    assert sum(int(sent) for _, _, sent in lines) == count
    return {(taken.decode(), way.decode()) for taken, way, _ in lines}


@pytest.mark.parametrize("kind", NEAR_MISSES)
def test_what_comes_close_wins_nothing_and_tcp_decides(config, kind):
    assert flood(config, kind) == {("right", "tcp")}


@pytest.mark.parametrize("kind", STRANGERS)
def test_what_comes_from_elsewhere_is_not_heard_and_the_wait_goes_on(config, kind):
    assert flood(config, kind) == {("right", "udp")}


@pytest.mark.parametrize("kind", NEAR_MISSES)
def test_a_volley_is_told_nothing_after_what_comes_close(config, kind):
    assert flood(config, kind, "volley") == {("-", "udp")}


@pytest.mark.parametrize("kind", STRANGERS)
def test_a_volley_waits_on_too(config, kind):
    # On a machine that is busy the flood may outlast the wait; it wins nothing by that.
    taken = flood(config, kind, "volley")
    assert ("right", "udp") in taken and taken <= {("right", "udp"), ("-", "udp")}


# What has to be guessed


def asked_by(config, how):
    """Port, id and name in wire form of the questions of each burst, in the order that they
    came. What was sent again is left out: it has the letters that it had."""
    bursts, text, at = [[]], run(config, how, QUESTIONS), 0
    while at < len(text):
        end = text.index(b"\n", at)
        if text[at:end] == b"-":
            bursts.append([])
        else:
            port, number, name = text[at:end].split(b" ", 2)
            if name not in {seen for _, _, seen in bursts[-1]}:
                bursts[-1].append((int(port), int(number), name))
        at = end + 1
    return bursts[:-1]


@pytest.fixture(scope="module")
def asked(config):
    found = [one for burst in asked_by(config, "single") for one in burst]
    assert len(found) == QUESTIONS
    return found


@pytest.fixture(scope="module")
def bursts(config):
    found = asked_by(config, "burst")
    assert len(found) == QUESTIONS // BURST
    return found


def letters_of(name):
    """Of each letter, whether it is a capital."""
    return [octet < 0x60 for octet in name if chr(octet).isalpha()]


def test_ports_come_from_the_whole_range(asked):
    ports = sorted({port for port, _, _ in asked})
    assert len(ports) > 1000, "each socket is used for a while only"
    assert ports[0] >= LEAST_PORT
    assert chance.is_even([(p - LEAST_PORT) * 64 // PORTS for p in ports], 64)
    assert chance.is_even([p & 63 for p in ports], 64)


def test_a_port_says_nothing_of_the_next(asked):
    ports = [port for port, _, _ in asked]
    assert chance.is_unrelated(ports)
    # One of 256 sockets, each time.
    assert chance.are_repeats_fair(ports, 256)
    fresh = list(dict.fromkeys(ports))
    assert chance.is_unrelated(fresh)


def test_ids_are_even_and_say_nothing_of_the_next(asked):
    ids = [number for _, number, _ in asked]
    assert chance.is_even([n >> 8 for n in ids], 256)
    assert chance.is_even([n & 255 for n in ids], 256)
    assert chance.is_even([(b - a) % 65536 >> 8 for a, b in zip(ids, ids[1:])], 256)
    assert chance.is_unrelated(ids)
    assert chance.are_repeats_fair(ids, 65536)


def test_an_id_says_nothing_of_the_port(asked):
    r = chance.correlation([p for p, _, _ in asked], [n for _, n, _ in asked])
    assert abs(r) < chance.SIGMAS / QUESTIONS ** 0.5


def test_each_letter_is_a_coin(asked):
    rows = [letters_of(name) for _, _, name in asked]
    for at in range(len(rows[0])):
        assert chance.is_coin(sum(row[at] for row in rows), QUESTIONS)


def test_a_letter_says_nothing_of_another(asked):
    rows = [letters_of(name) for _, _, name in asked]
    for at in range(len(rows[0]) - 1):
        assert chance.is_coin(sum(row[at] == row[at + 1] for row in rows), QUESTIONS)
    # Nor of the same letter in the next question.
    for at in range(len(rows[0])):
        same = sum(a[at] == b[at] for a, b in zip(rows, rows[1:]))
        assert chance.is_coin(same, QUESTIONS - 1)


def test_questions_in_flight_share_nothing_but_by_chance(bursts):
    """Ten are under way at once, of the same name and type."""
    for some in bursts:
        assert len(some) >= BURST - 1       # so many different mixtures of letters
        assert len({(port, number) for port, number, _ in some}) >= len(some) - 1
    ports = [len({port for port, _, _ in some}) for some in bursts]
    # 10 draws from 256: 9.83 different ones on average.
    assert sum(ports) / len(ports) > 9.75
