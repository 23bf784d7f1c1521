# SPDX-License-Identifier: GPL-3.0-or-later
"""When more is due than may be looked at, tenants take turns."""
import datetime

from product import Service, call
from world.asking import await_truth

MANY = 16


class Tenant:
    def __init__(self, service, token):
        self.service, self.token = service, token

    def post(self, path, body=None):
        status, _, data = call(f"{self.service.url}/api/v1{path}", "POST", body,
                               {"Authorization": f"Bearer {self.token}"})
        assert status in (200, 201, 202), data

    def identities(self):
        return self.service.api("/identities?limit=100", token=self.token)[1]["identities"]

    def looked_at(self):
        """When its identities were looked at last, those that were."""
        return {one["id"]: one["last_checked_at"] for one in self.identities()
                if one["last_checked_at"]}


def age_s(tenant):
    last = datetime.datetime.fromisoformat(max(tenant.looked_at().values()))
    return (datetime.datetime.now(datetime.timezone.utc) - last).total_seconds()


def test_whoever_asks_for_one_look_does_not_wait_for_another_ones_many(world, tmp_path):
    settings = {"service": {"looks_per_s": "4"}, "keys": {"pool": "0"}}
    with Service(world, str(tmp_path), **settings) as one:
        many = Tenant(one, one.tenant["token"])
        single = Tenant(one, one.add_tenant("small")["token"])
        for n in range(MANY):
            many.post("/identities", {"sender": f"many{n}.com"})
        single.post("/identities", {"sender": "single.com"})
        await_truth(lambda: single.looked_at() and len(many.looked_at()) == MANY, "first looks",
                    patience_s=90)
        # Whoever was looked at is not looked at again at once, however often it is asked for.
        await_truth(lambda: age_s(single) > 5, "it may be asked for")
        # Many are made due now, and the one of the other tenant as the last.
        before, first = many.looked_at(), single.looked_at()
        answers = [call(f"{one.url}/api/v1/identities/{number}/checks", "POST", None,
                        {"Authorization": f"Bearer {many.token}"})[0] for number in before]
        assert sum(status < 300 for status in answers) > MANY // 2
        single.post(f"/identities/{next(iter(first))}/checks")
        await_truth(lambda: single.looked_at() != first, "the other tenant's look")
        again = [number for number, at in many.looked_at().items() if at != before[number]]
        # Oldest first it would have been behind all of them.
        assert len(again) <= MANY // 2, again
