# SPDX-License-Identifier: GPL-3.0-or-later
"""doc/api.md: its examples are run, and it names every scope, and every member that is given."""
import json
import os
import re
import subprocess

from operations import Api
from product import REPOSITORY

with open(os.path.join(REPOSITORY, "doc", "api.md"), encoding="utf-8") as file:
    TEXT = file.read()


def read_scripts():
    return re.findall(r"^```sh\n(.*?)^```$", TEXT, re.M | re.S)


def test_the_examples_work(service, tmp_path):
    """As they stand, but for the address and the tokens; curl tells of a refusal."""
    api = Api(service)
    given = {"API": f"{service.url}/api/v1", "TOKEN": api.owner, "ADMIN": api.operator}
    script = "set -euo pipefail\n" + "".join(read_scripts())
    for name, value in given.items():
        script, count = re.subn(rf"^{name}=\S+", f"{name}={value}", script, flags=re.M)
        assert count == 1
    script, count = re.subn(r"\bcurl -s\b", "curl -sS --fail-with-body", script)
    assert count > 10
    path = tmp_path / "examples.sh"
    path.write_text(script)
    done = subprocess.run(["bash", str(path)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert '"domain":"customer.com"' in done.stdout and "IN" in done.stdout
    assert service.find_identity("customer.com")["senders"] == ["news@customer.com"]


def test_each_scope_and_each_member_of_an_identity_is_told(service):
    api = Api(service)
    for scope in api.scopes():
        assert f"`{scope}`" in TEXT, scope
    one = service.add_sender("told.com")
    told = json.loads(re.search(r"^```json\n({.*?^})$", TEXT, re.M | re.S)[1])
    assert set(told) == set(one)
    assert set(told["records"][0]) == set(one["records"][0])
