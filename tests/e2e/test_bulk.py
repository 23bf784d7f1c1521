# SPDX-License-Identifier: GPL-3.0-or-later
"""unpend bulk: many domains at once, against real servers."""
import json
import os
import signal
import subprocess

import pytest

from product import BINARY
from test_schemas import document, missing_in
from world import samples

DOMAINS = [sample.domain for sample in samples.SAMPLES]
SOONER = ("--dns.check_timeout_ms", "3000")
HURRIED = ("--dns.check_timeout_ms", "1500")        # the dead are not waited for so long
PACKETS_MAX = 60            # of a line, glance and look together
GLANCED = {"healthy.com", "nsd.com", "bind.com"}    # right, unsigned, nothing unusual


def line_of(domain):
    return json.dumps(samples.expectation(domain), separators=(",", ":")) + "\n"


def lines_of(done):
    return [json.loads(line) for line in done.out.splitlines()]


def bulk(unpend, text, *words, **options):
    return unpend.run("bulk", "--config", unpend.config, *words, stdin=text.encode(), **options)


@pytest.fixture(scope="module")
def checked(world, tmp_path_factory):
    """What `unpend check` says of each sample."""
    from product import Product
    unpend = Product(world, str(tmp_path_factory.mktemp("checked")))
    return {domain: unpend.check(domain, "--json", "--no-rdap", *SOONER).json for domain in DOMAINS}


@pytest.mark.parametrize("words", [(), ("--thorough",), ("--ordered", "--probes", "1")],
                         ids=["plain", "thorough", "ordered"])
def test_every_sample_gets_the_verdict_of_a_check(unpend, checked, words):
    done = bulk(unpend, "".join(map(line_of, DOMAINS)), *SOONER, *words)
    told = {line["domain"]: line for line in lines_of(done)}
    assert {domain: line["verdict"] for domain, line in told.items()} == {
        domain: report["verdict"] for domain, report in checked.items()}
    assert {DOMAINS[line["line"] - 1] for line in told.values()} == set(DOMAINS)
    assert max(line["packets"] for line in told.values()) <= PACKETS_MAX
    assert done.exit_code == 1
    for domain, line in told.items():
        if line["look"] == "full":
            assert line["report"].keys() == checked[domain].keys()
            assert [(record["id"], record["state"]) for record in line["report"]["records"]] == [
                (record["id"], record["state"]) for record in checked[domain]["records"]]
    glanced = {domain for domain, line in told.items() if line["look"] == "glance"}
    assert glanced >= GLANCED if "--thorough" not in words else not glanced


def few(count=6):
    return "".join(line_of(domain) for domain in DOMAINS[:count])


def test_ordered_lines_come_in_the_order_of_the_input(unpend):
    domains = ["dead.com", "healthy.com", "missing.com", "nsd.com"]
    done = bulk(unpend, "".join(map(line_of, domains)), "--ordered", *HURRIED)
    assert [line["line"] for line in lines_of(done)] == [1, 2, 3, 4]
    assert [line["domain"] for line in lines_of(done)] == domains
    done = bulk(unpend, "".join(map(line_of, domains)), *HURRIED)
    assert [line["line"] for line in lines_of(done)][-1] == 1     # nobody waits for the dead


def test_the_dead_do_not_keep_the_living_waiting(unpend):
    dead, living = ["dead.com"] * 8, ["healthy.com", "nsd.com", "bind.com"] * 2
    # So long that a busy machine comes to the living meanwhile.
    done = bulk(unpend, "".join(map(line_of, dead + living)), "--max-in-flight", "4",
                "--probes", "1", "--dns.check_timeout_ms", "9000")
    answered = [line["domain"] for line in lines_of(done)]
    assert sorted(answered[:len(living)]) == sorted(living) and answered[len(living):] == dead


def test_a_bad_line_is_answered_and_stops_nothing(unpend):
    lines = [line_of("healthy.com"), "{\n", "\n", "not a domain\n", "nsd.com\n",
             '{"domain":"bind.com"}\n', '{"DkimAttributes":{"Tokens":["a"]}}\n',
             "x" * 70000 + "\n", line_of("bind.com").rstrip("\n")]
    done = bulk(unpend, "".join(lines), "--ordered")
    told = {line["line"]: line for line in lines_of(done)}
    assert sorted(told) == [1, 2, 4, 5, 6, 7, 8, 9]
    assert {number for number, line in told.items() if "error" in line} == {2, 4, 7, 8}
    assert all("verdict" not in told[number] for number in (2, 4, 7, 8))
    assert told[4]["domain"] == "not a domain" and told[2]["domain"] is None
    assert told[5]["look"] == told[6]["look"] == "full" and told[9]["verdict"] == "ok"
    assert done.exit_code == 4


@pytest.mark.parametrize("end", ["\r\n", "\n"], ids=["crlf", "lf"])
@pytest.mark.parametrize("text", [line_of("healthy.com").strip(), "healthy.com"],
                         ids=["json", "bare"])
def test_files_of_other_systems_are_read(unpend, text, end):
    lines = lines_of(bulk(unpend, f"\ufeff{text}{end}{end}{text}{end}", "--ordered"))
    assert [(line["line"], line["verdict"]) for line in lines] == [(1, "ok"), (3, "ok")]
    assert {line["look"] for line in lines} == {"glance" if "{" in text else "full"}


def test_the_form_of_aws_is_read_where_it_says_its_domain(unpend):
    line = {"EmailIdentity": "healthy.com", "IdentityType": "DOMAIN",
            "DkimAttributes": {"Tokens": list(samples.TOKENS), "SigningHostedZone":
                               samples.KEY_ZONE, "SigningAttributesOrigin": "AWS_SES"}}
    done = bulk(unpend, json.dumps(line) + "\n")
    assert [(line["verdict"], line["look"], len(line["records"])) for line in lines_of(done)] == [
        ("ok", "glance", 3)]


def test_a_glance_says_whom_it_asked(unpend):
    line, = lines_of(bulk(unpend, line_of("healthy.com")))
    assert [record["id"] for record in line["records"]] == [*samples.DKIM_IDS, *samples.OTHER_IDS]
    assert {record["state"] for record in line["records"]} == {"ok"}
    assert len({record["server"] for record in line["records"]}) > 1    # they take turns
    assert line["packets"] >= 6


def test_every_key_is_described(unpend):
    for line in lines_of(bulk(unpend, line_of("healthy.com") + line_of("missing.com") + "{\n")):
        line.pop("report", None)        # in check.md
        assert not missing_in(document("bulk.md"), line)


class Killed:
    """A run of bulk that is under way, its output in `file`."""

    def __init__(self, unpend, text, file, *words):
        self.input = unpend.write("input.ndjson", text)
        self.run = subprocess.Popen(
            [BINARY, "bulk", "--config", unpend.config, "--expect", self.input,
             "--resume", file, *HURRIED, *words], stderr=subprocess.PIPE)

    def end(self, number):
        self.run.send_signal(number)
        self.run.communicate(timeout=20)
        return self.run.returncode


def await_lines(file, count):
    while True:
        if os.path.exists(file):
            with open(file, "rb") as lines:
                if lines.read().count(b"\n") >= count:
                    return


@pytest.mark.parametrize("number,code", [(signal.SIGKILL, -9), (signal.SIGTERM, 143),
                                         (signal.SIGINT, 130)])
def test_what_was_interrupted_goes_on_where_it_was(unpend, tmp_path, number, code):
    file = str(tmp_path / "out.ndjson")
    text = "".join(map(line_of, ["healthy.com", "nsd.com", "dead.com", "bind.com"]))
    killed = Killed(unpend, text, file, "--max-in-flight", "3")
    await_lines(file, 2)
    assert killed.end(number) == code
    before = open(file).read()
    assert before.endswith("\n")
    done = unpend.run("bulk", "--config", unpend.config, "--expect", killed.input,
                      "--resume", file, *HURRIED)
    after = open(file).read()
    assert after.startswith(before) and done.out == b""
    assert sorted(json.loads(line)["line"] for line in after.splitlines()) == [1, 2, 3, 4]
    assert done.exit_code == 4      # the dead one, whoever has seen it
    again = unpend.run("bulk", "--config", unpend.config, "--expect", killed.input,
                       "--resume", file)
    assert open(file).read() == after and again.exit_code == 4


def test_a_torn_line_is_asked_again(unpend, tmp_path):
    file = tmp_path / "out.ndjson"
    whole = bulk(unpend, few(3), "--ordered").out
    file.write_bytes(whole[:-30])
    done = bulk(unpend, few(3), "--resume", str(file))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["line"] for line in lines] == [1, 2, 3] and done.exit_code == 0


FRONT = '{"line":3,"domain":"other.com"'
WHOLE = FRONT + ',"verdict":"ok"}\n'


@pytest.mark.parametrize("content,words", [
    ("a letter to somebody\n", "line 1 is not of 'unpend bulk'"),
    ("dear reader", "its end is not of 'unpend bulk'"),
    ("{", "its end is not of 'unpend bulk'"),
    ('{"line":3,"message":"of another program"', "its end is not of 'unpend bulk'"),
    ('{"line":3,"message":"of another program"}\n', "line 1 is not of"),
    ('{"line":0,"domain":"a.example"}\n', "line 1 is not of"),
    (WHOLE + FRONT + "\n", "line 2 is not of"),
    (WHOLE + FRONT + "\0\0\0}\n", "line 2 is not of"),
    (WHOLE + "dear reader", "its end is not of 'unpend bulk'"),
    (WHOLE, "another input: there line 3 is about 'other.com'"),
    (WHOLE + FRONT, "another input: there line 3 is about 'other.com'"),
    (WHOLE.replace("other.com", DOMAINS[2][1:]), "there line 3 is about"),
    (WHOLE.replace("3", "9"), "another input: this one has no line 9"),
])
def test_a_file_of_something_else_is_left_alone(unpend, tmp_path, content, words):
    file = tmp_path / "out.ndjson"
    file.write_text(content)
    done = unpend.run("bulk", "--config", unpend.config, "--resume", str(file),
                      "--expect", unpend.write("in.ndjson", few(4)))
    assert done.exit_code == 2 and words in done.err.decode()
    assert file.read_text() == content


def test_what_a_pipe_shows_too_late_is_taken_back(unpend, tmp_path):
    file, (reading, writing) = tmp_path / "out.ndjson", os.pipe()
    file.write_text(WHOLE)
    run = subprocess.Popen([BINARY, "bulk", "--config", unpend.config, "--resume", str(file)],
                           stdin=reading, stderr=subprocess.PIPE)
    os.write(writing, few(2).encode())
    await_lines(file, 3)
    os.write(writing, line_of(DOMAINS[2]).encode())
    _, err = run.communicate(timeout=20)
    os.close(writing)
    os.close(reading)
    assert run.returncode == 2 and "another input" in err.decode()
    assert file.read_text() == WHOLE


def test_the_beginning_of_a_first_line_is_asked_again(unpend, tmp_path):
    file = tmp_path / "out.ndjson"
    file.write_text('{"line":1,"domain":')
    assert bulk(unpend, few(1), "--resume", str(file)).exit_code == 0
    assert [json.loads(line)["line"] for line in file.read_text().splitlines()] == [1]


def test_a_link_is_followed(unpend, tmp_path):
    link, file = tmp_path / "link", tmp_path / "out.ndjson"
    link.symlink_to(file)
    assert bulk(unpend, few(1), "--resume", str(link)).exit_code == 0
    assert link.is_symlink() and len(file.read_text().splitlines()) == 1


def test_the_input_is_no_output(unpend):
    file = unpend.write("in.ndjson", few(2))
    for words in (f"--expect {file} --resume {file}", f"--expect {file} >>{file}",
                  f"<{file} >>{file}"):
        run = subprocess.run(f"{BINARY} bulk --config {unpend.config} {words}", shell=True,
                             stderr=subprocess.PIPE)
        assert run.returncode == 2
        assert open(file).read() == few(2)
    assert "is the input" in run.stderr.decode()


def replaced(file):
    os.rename(file, file + ".old")
    with open(file, "w"):
        pass


@pytest.mark.parametrize("lose", [os.unlink, replaced, lambda file: os.truncate(file, 10)],
                         ids=["removed", "replaced", "cut"])
def test_a_file_that_is_lost_is_told(unpend, tmp_path, lose):
    file, (reading, writing) = str(tmp_path / "out.ndjson"), os.pipe()
    run = subprocess.Popen([BINARY, "bulk", "--config", unpend.config, "--resume", file],
                           stdin=reading, stderr=subprocess.PIPE)
    os.write(writing, few(1).encode())
    await_lines(file, 1)
    lose(file)
    _, err = run.communicate(timeout=20)    # at once: the input has not ended
    os.close(writing)
    os.close(reading)
    assert run.returncode == 6 and "removed, replaced or cut" in err.decode()


def test_a_second_run_on_the_same_file_is_refused(unpend, tmp_path):
    file, (reading, writing) = str(tmp_path / "out.ndjson"), os.pipe()
    run = subprocess.Popen([BINARY, "bulk", "--config", unpend.config, "--resume", file],
                           stdin=reading)
    os.write(writing, few(1).encode())
    await_lines(file, 1)
    second = bulk(unpend, few(1), "--resume", file)
    assert second.exit_code == 6 and "another 'unpend bulk'" in second.err.decode()
    os.close(writing)
    os.close(reading)
    assert run.wait(timeout=20) == 0 and len(open(file).read().splitlines()) == 1


def limited(unpend, prefix, file):
    run = subprocess.run([*prefix, BINARY, "bulk", "--config", unpend.config, "--expect",
                          unpend.write("in.ndjson", few(4)), "--resume", file, "--thorough"],
                         stderr=subprocess.PIPE, timeout=30)
    return run.returncode, run.stderr.decode()


def test_what_a_full_disk_cut_is_asked_again(unpend, tmp_path):
    file = str(tmp_path / "out.ndjson")
    code, err = limited(unpend, ["prlimit", "--fsize=10000"], file)
    assert code == 4 and "the output cannot be written" in err
    assert os.path.getsize(file) == 10000
    assert limited(unpend, [], file) == (0, "")
    assert sorted(json.loads(line)["line"] for line in open(file)) == [1, 2, 3, 4]


def test_too_few_descriptors_are_told(unpend, tmp_path):
    file = str(tmp_path / "out.ndjson")
    for limit in ("11", "300", "1023"):
        code, err = limited(unpend, ["prlimit", f"--nofile={limit}:{limit}"], file)
        assert code == 4 and f"only {limit} files" in err and not os.path.exists(file)
    assert limited(unpend, ["prlimit", "--nofile=11:1024"], file) == (0, "")


def test_closed_standard_streams_are_nobodys_place(unpend, tmp_path):
    file, out = unpend.write("in.ndjson", few(2)), tmp_path / "out.ndjson"
    words = f"{BINARY} bulk --config {unpend.config} --expect {file}"
    assert subprocess.call(f"{words} --resume {out} <&- >&- 2>&-", shell=True) == 0
    assert [json.loads(line)["verdict"] for line in out.read_text().splitlines()] == ["ok", "ok"]
    assert subprocess.call(f"{words} >&- 2>&-", shell=True) == 4


def test_a_reader_that_goes_away_ends_the_run(unpend):
    run = subprocess.Popen([BINARY, "bulk", "--config", unpend.config], stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    run.stdin.write(line_of("healthy.com").encode())
    run.stdin.flush()
    assert b'"verdict":"ok"' in run.stdout.readline()       # before the input ends
    run.stdout.close()
    run.stdin.write(line_of("nsd.com").encode())
    run.stdin.flush()
    assert run.wait(timeout=20) == 0
    assert run.stderr.read() == b""
    run.stdin.close()
    run.stderr.close()


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def sends_questions(pid):
    """It has sockets then besides the one to its parent; no process, none."""
    try:
        return sum(os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:")
                   for fd in os.listdir(f"/proc/{pid}/fd")) > 1
    except OSError:
        return False


def kill_probes(pid, times):
    """One after the other, each while it looks at its lines."""
    seen = set()
    while len(seen) < times:
        for child in children_of(pid):
            if child not in seen and sends_questions(child):
                seen.add(child)
                os.kill(child, signal.SIGKILL)


def test_what_processes_die_of_is_given_up_and_nothing_else(unpend):
    domains = ["dead.com", *DOMAINS[:3]]
    file = unpend.write("in.ndjson", "".join(map(line_of, domains)))
    run = subprocess.Popen([BINARY, "bulk", "--config", unpend.config, "--expect", file,
                            "--probes", "1"], stdout=subprocess.PIPE)
    kill_probes(run.pid, 3)
    out, _ = run.communicate(timeout=30)
    told = {line["line"]: line for line in map(json.loads, out.splitlines())}
    assert sorted(told) == [1, 2, 3, 4]
    assert "three times" in told[1]["error"] and run.returncode == 4
    assert {told[number]["verdict"] for number in (2, 3, 4)} == {"ok"}


def test_progress_is_shown_on_a_terminal_only(unpend):
    done = bulk(unpend, few(3), environment={"UNPEND_FORCE_TTY": "100"})
    assert "3 done" in done.err.decode() and "0 failing" in done.err.decode()
    assert bulk(unpend, few(3)).err == b""
