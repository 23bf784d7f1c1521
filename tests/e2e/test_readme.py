# SPDX-License-Identifier: GPL-3.0-or-later
"""Each output in the READMEs is what the program prints; run as a program, it writes them there.

A fenced block of language `console` holds commands (`$ unpend ...`) and what they print.
The commands are run in a folder that has each sample's expectation as FIRSTLABEL.json
(doubled.json for doubled.com), with the world's configuration in the environment. `...`
alone on a line stands for lines left out. Durations, times and random values are not compared.
"""
import os
import re
import shlex
import sys
import tempfile

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), HERE]

from product import REPOSITORY, Product  # noqa: E402
from world import World, namespace, samples  # noqa: E402

READMES = [os.path.join(REPOSITORY, name) for name in ("README.md", "README.ja.md")]
VARIABLE = (
    (re.compile(r"\b\d+(\.\d+)? (m?s\b|(ミリ)?秒)"), "SOME TIME"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "A TIME"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "A TIME"),
    (re.compile(r'"(access_key_id|secret_access_key|token)": ?"[^"]+"'), r'"\1": "SECRET"'),
    (re.compile(r"[ \t]+$", re.M), ""),
)


def read_examples(path):
    """Pairs of a command and the output below it, with the line for the test's name."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    name = os.path.basename(path)
    examples = []
    for block in re.finditer(r"^```console\n(.*?)^```$", text, re.M | re.S):
        line = text.count("\n", 0, block.start()) + 2
        for part in re.split(r"^(?=\$ )", block[1], flags=re.M):
            if part.startswith("$ "):
                command, _, output = part[2:].partition("\n")
                examples.append(pytest.param(command, output, id=f"{name} line {line}: {command}"))
            line += part.count("\n")
    return examples


EXAMPLES = [example for path in READMES for example in read_examples(path)]


def normalise(text):
    for pattern, word in VARIABLE:
        text = pattern.sub(word, text)
    return text.strip("\n")


def matches(shown, printed):
    """Whether the output is as shown, where `...` stands for any lines."""
    parts = [re.escape(part) for part in re.split(r"^\.\.\.$", normalise(shown), flags=re.M)]
    return re.fullmatch("(.*)".join(parts), normalise(printed), re.S)


def make_environment(world):
    return {f"UNPEND_{section}_{key}".upper(): value
            for section, keys in world.settings().items() for key, value in keys.items()}


def write_samples(product):
    for sample in samples.SAMPLES:
        product.write(sample.domain.split(".")[0] + ".json", samples.expectation(sample.domain))


def test_there_are_examples_and_every_one_is_a_command_of_ours():
    assert EXAMPLES
    assert all(example.values[0].split()[0] in ("unpend", "echo") for example in EXAMPLES)


@pytest.mark.parametrize("command,shown", EXAMPLES)
def test_the_readme_shows_what_is_printed(unpend, world, command, shown):
    write_samples(unpend)
    if command == "echo $?":
        return          # judged with the command above it, by test_exit_codes
    words = shlex.split(command)
    assert words[0] == "unpend"
    done = unpend.run(*words[1:], environment=make_environment(world))
    printed = (done.out + done.err).decode()
    assert matches(shown, printed), f"README shows\n{shown}\nprinted was\n{printed}"


def test_exit_codes_are_those_shown(unpend, world):
    write_samples(unpend)
    for before, after in zip(EXAMPLES, EXAMPLES[1:]):
        if after.values[0] == "echo $?":
            done = unpend.run(*shlex.split(before.values[0])[1:],
                              environment=make_environment(world))
            assert str(done.exit_code) == after.values[1].strip(), before.values[0]


def write_readme(path, product, world):
    """Put what is printed below each command; what matches already stays, secrets with it."""
    environment, last = make_environment(world), None

    def print_below(block):
        nonlocal last
        parts = []
        for part in re.split(r"^(?=\$ )", block[1], flags=re.M)[1:]:
            line, _, shown = part[2:].partition("\n")
            if line == "echo $?":
                printed = f"{last.exit_code}\n"
            else:
                last = product.run(*shlex.split(line)[1:], environment=environment)
                printed = (last.out + last.err).decode()
                printed = shown if matches(shown, printed) else printed
            parts.append(f"$ {line}\n{printed}")
        return "```console\n" + "".join(parts) + "```"

    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(re.sub(r"^```console\n(.*?)^```$", print_below, text, flags=re.M | re.S))


if __name__ == "__main__":
    namespace.enter()
    with tempfile.TemporaryDirectory() as folder:
        one = World(folder)
        samples.install(one)
        with one:
            program = Product(one, folder)
            write_samples(program)
            for readme in READMES:
                write_readme(readme, program, one)
