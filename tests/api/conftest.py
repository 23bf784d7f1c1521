# SPDX-License-Identifier: GPL-3.0-or-later
"""A service alone: its questions about the DNS go to a port where nobody answers."""
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [TESTS, os.path.join(TESTS, "e2e")]

from product import Service  # noqa: E402


class NoWorld:
    """Writes configurations, as the private internet does, but there is none."""

    def new_key_zone(self):
        return "dkim.mailer.example"

    def key_settings(self, zone):
        return {"zone": zone}

    def config(self, path, **settings):
        sections = {"dns": {"forward": "127.0.0.1@9", "resolvers": "", "trust_anchor": "",
                            "allow_addresses": "127.0.0.0/8", "probes": "1",
                            "query_timeout_ms": "200", "check_timeout_ms": "1000"},
                    "mail_from": {"mx": "feedback.mailer.example",
                                  "spf": "v=spf1 include:spf.mailer.example ~all"},
                    "keys": {"zone": "dkim.mailer.example", "pool": "3"},
                    "senders": {"allow": "example, test"}}
        for section, keys in settings.items():
            sections.setdefault(section, {}).update(keys)
        with open(path, "w") as file:
            for section, keys in sections.items():
                file.write(f"[{section}]\n")
                file.writelines(f"{key} = {value}\n" for key, value in keys.items())
        return path


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with Service(NoWorld(), str(tmp_path_factory.mktemp("api"))) as one:
        yield one


@pytest.fixture(scope="module")
def holding(tmp_path_factory):
    """As service, but mail waits for its sender to be verified, and it knows its address."""
    with Service(NoWorld(), str(tmp_path_factory.mktemp("holding")),
                 http={"url": "https://unpend.example/mail/"},
                 send={"until_verified": "hold", "hold_max": "20"}) as one:
        yield one


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """Ten at once, then one a second."""
    with Service(NoWorld(), str(tmp_path_factory.mktemp("narrow")),
                 http={"token_rate": "1", "address_rate": "1"}) as one:
        yield one
