#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How tools/test counts: what did not run, or did not finish, has failed."""
import importlib.machinery
import importlib.util
import os
import subprocess

import pytest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
LOADER = importlib.machinery.SourceFileLoader('runner', os.path.join(ROOT, 'tools', 'test'))
runner = importlib.util.module_from_spec(importlib.util.spec_from_loader('runner', LOADER))
LOADER.exec_module(runner)

TAP = [
    ('all is well', 0, '1..2\nok 1 - a\nok 2 - b\n', 2, 0),
    ('one fails', 1, '1..2\nok 1 - a\nnot ok 2 - b\n# why\n', 1, 1),
    ('one is skipped', 0, '1..2\nok 1 - a\nok 2 # SKIP b\n', 1, 1),
    ('two groups', 0, '1..1\nok 1 - a\n1..1\nok 1 - b\n', 2, 0),
    ('crash on the way', -11, '1..5\nok 1 - a\nok 2 - b\n', 2, 3),
    ('crash at the end', -6, '1..1\nok 1 - a\n', 1, 1),
    ('leak found at exit', 99, '1..1\nok 1 - a\n', 1, 1),
    ('fails and exits so', 2, '1..2\nnot ok 1 - a\nnot ok 2 - b\n', 0, 2),
    ('says nothing', 0, '', 0, 1),
    ('no plan', 0, 'ok 1 - a\n', 1, 1),
    ('plan of nothing', 0, '1..0\n', 0, 1),
    ('never ends', None, '1..2\nok 1 - a\n', 1, 1),
    ('ok inside a line', 0, '1..1\nall ok 1\nok 1 - a\n', 1, 0),
]


@pytest.mark.parametrize('status,text,passed,failed', [row[1:] for row in TAP],
                         ids=[row[0] for row in TAP])
def test_cases_of_a_unit_test_are_counted(status, text, passed, failed):
    tally = runner.Tally()
    runner.count_tap('program', status, text, tally)
    assert (tally.passed, len(tally.failures)) == (passed, failed)


CASE = '<testcase name="{}">{}</testcase>'
GOOD, BAD = CASE.format('good', ''), CASE.format('bad', '<failure message="no"/>')
SKIPPED = CASE.format('skipped', '<skipped message="no server"/>')
BROKEN = CASE.format('broken', '<error message="fixture"/>')
JUNIT = [
    ('all is well', 0, GOOD + GOOD, 2, 0),
    ('one fails', 1, GOOD + BAD, 1, 1),
    ('a skip has failed', 0, GOOD + SKIPPED, 1, 1),
    ('a fixture breaks', 1, BROKEN + GOOD, 1, 1),
    ('nothing was collected', 5, '', 0, 1),
    ('pytest was interrupted', 2, GOOD, 1, 1),
    ('never ends', None, '', 0, 1),
]


@pytest.mark.parametrize('status,cases,passed,failed', [row[1:] for row in JUNIT],
                         ids=[row[0] for row in JUNIT])
def test_cases_of_pytest_are_counted(tmp_path, status, cases, passed, failed):
    report = tmp_path / 'report.xml'
    report.write_text(f'<testsuites><testsuite>{cases}</testsuite></testsuites>')
    tally = runner.Tally()
    runner.count_junit('file', status, '', str(report), tally)
    assert (tally.passed, len(tally.failures)) == (passed, failed)


def test_a_missing_report_is_a_failure(tmp_path):
    tally = runner.Tally()
    runner.count_junit('file', 1, '', str(tmp_path / 'none.xml'), tally)
    assert (tally.passed, len(tally.failures)) == (0, 1)


def test_a_program_that_does_not_end_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, 'LOGS', str(tmp_path))
    status, text = runner.run('stuck', ['sh', '-c', 'echo begun; exec sleep 60'], 0.5)
    assert (status, text) == (None, 'begun\n')


def test_what_a_test_leaves_running_is_ended_and_named():
    script = (f'import runpy; r = runpy.run_path({os.path.join(ROOT, "tools", "test")!r})\n'
              'import subprocess\n'
              'r["adopt_orphans"]()\n'
              'subprocess.run(["sh", "-c", "setsid sleep 1000 & exec true"])\n'
              'print(r["end_children"](0.2), r["end_children"](0.2))\n')
    done = subprocess.run(['/usr/bin/python3', '-c', script], capture_output=True, text=True,
                          timeout=20)
    assert done.stdout == "['sleep 1000'] []\n", done.stderr


def test_the_longest_is_begun_first_and_each_suite_counts_its_own(monkeypatch, capsys):
    monkeypatch.setattr(runner, 'AT_ONCE', 1)
    begun, tallies = [], {'a': runner.Tally(), 'b': runner.Tally(), 'none': runner.Tally()}

    def job(name, seconds, passes):
        def work(tally):
            begun.append(name)
            tally.passed += passes
            if not passes:
                tally.fail(name, 'why')
        return runner.Job(name, work, seconds)
    runner.run_all([('a', job('short', 1, 2)), ('b', job('long', 9, 0)),
                    ('a', job('middle', 5, 3))], tallies)
    assert begun == ['long', 'middle', 'short']
    assert (tallies['a'].passed, tallies['a'].failures) == (5, [])
    assert (tallies['b'].passed, tallies['b'].failures) == (0, [('long', 'why')])
    said = capsys.readouterr().out.splitlines()
    assert said[:5] == ['none: 0 passed, 0 failed', 'b: 0 passed, 1 failed', '  FAILED long',
                        '    why', 'a: 5 passed, 0 failed']
    assert said[5].startswith('The longest: ')
