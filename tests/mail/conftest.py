# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail part as a filter: tests/mail/mail_driver.c, from the build under test."""
import os
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Driver:
    def __init__(self):
        binary = os.environ.get('UNPEND_BINARY', os.path.join(ROOT, 'build', 'unpend'))
        self.path = os.path.join(os.path.dirname(binary), 'tests', 'mail', 'mail_driver')

    def run(self, arguments, data=b''):
        """Exit status, output and error text."""
        got = subprocess.run([self.path, *arguments], input=data, capture_output=True)
        assert got.returncode in (0, 1), got.stderr.decode(errors='replace')
        return got.returncode, got.stdout, got.stderr.decode()

    def must(self, arguments, data=b''):
        status, out, error = self.run(arguments, data)
        assert status == 0, error
        return out


@pytest.fixture(scope='session')
def driver():
    return Driver()
