# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills at random moments under load, and what must hold afterwards."""
import collections
import os
import random
import statistics

import claims
from audit import Audit
from claims import read
from world.asking import await_truth

LIFE_S = 0.8                # between two kills at most, where no count of deeds ends it
DEEDS_A_ROUND = 40
STUCK_S = 30
SETTLE_S = 90
# What is killed how often; of one node all its processes, serve alone, a probe; or all nodes.
VICTIMS = (("group", 6), ("serve", 2), ("probe", 2), ("all", 0))
VICTIMS_OF_MANY = (("group", 6), ("serve", 2), ("probe", 1), ("all", 1))


class Siege:
    """Kills nodes of the cluster while the load goes on. `sink` is where the mail goes, `haste`
    sees that glances are under way."""

    def __init__(self, cluster, load, sink, hook, haste, seed):
        self.cluster, self.load, self.sink, self.hook = cluster, load, sink, hook
        self.haste = haste
        self.progress = load.progress
        self.random = random.Random(f"siege-{seed}")
        self.kills = collections.Counter()

    def run(self, kills):
        for _ in range(kills):
            self.live()
            self.kill()
            self.revive()
            self.expect_nothing_wrong()

    def live(self):
        """Until the moment of the next kill: after some deed, or after some time."""
        deeds = self.random.randrange(1, DEEDS_A_ROUND)
        target = self.progress.count + self.random.randrange(deeds)
        self.load.tickets.release(deeds)
        if self.random.random() < 0.5:
            assert self.progress.await_count(target, STUCK_S), \
                f"nothing goes on\n{self.load.failures()}\n{self.cluster.log()}"
        else:
            self.load.stopping.wait(self.random.uniform(0, LIFE_S))

    def kill(self):
        nodes = [node for node in self.cluster.nodes if node.is_running()]
        victims = VICTIMS if len(self.cluster.nodes) == 1 else VICTIMS_OF_MANY
        victim = self.random.choices([name for name, _ in victims],
                                     [weight for _, weight in victims])[0]
        node = self.random.choice(nodes)
        self.kills[victim] += 1
        if victim == "probe":
            node.kill_probe()
            return
        for one in nodes if victim == "all" else [node]:
            self.cluster.note_end(one)
            if victim == "serve":
                probes = one.kill_serve()
                await_truth(lambda: not any(map(is_running, probes)), "the probes to end", STUCK_S)
            else:
                one.kill()

    def revive(self):
        """At once, or, where others go on, perhaps only after the next kill."""
        self.progress.round += 1
        if not self.cluster.up.is_set() or self.random.random() < 0.7:
            self.cluster.start()

    def expect_nothing_wrong(self):
        failures = self.load.failures()
        assert not failures, "\n".join([*failures[:10], self.cluster.log()])

    # the end

    def settle(self, events=True):
        """No more kills: what was begun comes to its end; gives what is wrong then.

        Events whose delivery was made but could not be noted go again when their lease is over:
        to wait for that too takes most of a minute.
        """
        self.cluster.start()
        self.load.stop()
        self.haste.stop()
        self.expect_nothing_wrong()
        self.load.publisher.publish()
        node, ledger = self.cluster.nodes[0], self.load.ledger
        senders = {domain.id for domain in ledger.sent.values()}

        def all_arrived():
            missing = set(ledger.sent) - self.sink.arrived()
            if missing:
                for number in senders:
                    node.api(f"/identities/{number}/checks", "POST")
            return not missing
        await_truth(all_arrived, "every accepted message to arrive", SETTLE_S)
        if events:
            await_truth(lambda: not self.find_undelivered(), "every event to arrive", SETTLE_S)
        return self.find_wrong()

    def find_wrong(self):
        wrong = claims.find_broken(self.cluster)
        checker = self.load.clients[0]
        self.load.stopping.clear()
        for domain in self.load.ledger.domains:
            if domain.id:
                checker.verify(domain)
                wrong += self.find_missing_events(domain)
        wrong += self.load.ledger.wrong
        wrong += self.find_stray_mail() + self.find_stray_events()
        if len(self.cluster.nodes) > 1:
            wrong += self.audit().find_wrong()
        return wrong

    def audit(self):
        return Audit(self.cluster.store, self.cluster.ends)

    def find_undelivered(self):
        """Events that no webhook was told of, by uid."""
        told = self.hook.told()
        return [uid for uid, in read(self.cluster.store, "SELECT uid FROM event")
                if uid not in told]

    def find_stray_events(self):
        """One id is one event and one body; no event has two; repeats come from kills."""
        told = self.hook.told()
        known = {uid for uid, in read(self.cluster.store, "SELECT uid FROM event")}
        wrong = [f"the webhook was told of {uid}, which is no event"
                 for uid in sorted(set(told) - known)[:5]]
        return wrong + [f"{uid} came with {len(set(bodies))} bodies"
                        for uid, bodies in told.items() if len(set(bodies)) > 1][:5]

    def find_missing_events(self, domain):
        """An acknowledged resubmit left its event."""
        count = read(self.cluster.store,
                            "SELECT count(*) FROM event WHERE kind = 'identity.resubmitted' "
                            f"AND identity_id = {int(domain.id.removeprefix('idn_'))}")[0][0]
        return [] if count >= domain.resubmits else \
            [f"{domain.name}: {domain.resubmits} resubmits acknowledged, {count} events"]

    def find_stray_mail(self):
        """One message may have gone twice for each relay that was killed with it in hand."""
        ledger = self.load.ledger
        after = collections.Counter(self.sink.repeats())
        wrong = [f"{count} messages went twice after round {number}"
                 for number, count in after.items() if count > len(self.cluster.nodes)]
        strangers = self.sink.arrived() - set(ledger.sent) - ledger.perhaps_sent
        wrong += [f"nobody sent {subject}" for subject in sorted(strangers)[:5]]
        names = collections.Counter(subject for subject, _ in self.sink.rounds)
        wrong += [f"{subject} went under {count} Message-IDs"
                  for subject, count in names.items() if count > 1][:5]
        return wrong

    def figures(self):
        """What it came to, a line each."""
        ledger, restarts = self.load.ledger, self.cluster.restarts_s
        return {
            "kills": sum(self.kills.values()), **self.kills,
            "restarts": len(restarts), "restart_median_ms": 1000 * statistics.median(restarts),
            "restart_max_ms": 1000 * max(restarts),
            "identities": sum(bool(one.id) for one in ledger.domains),
            "deleted": sum(one.is_gone for one in ledger.domains),
            "resubmits": sum(one.resubmits for one in ledger.domains),
            "checks": sum(one.checks for one in ledger.domains),
            "messages": len(ledger.sent), "messages_unsure": len(ledger.perhaps_sent),
            "events_told": len(self.hook.told()), "events_told_again": self.hook.repeats(),
            "glances": self.haste.count,
            "arrived": len(self.sink.arrived()), "arrived_twice": len(self.sink.repeats()),
            **(self.audit().figures() if len(self.cluster.nodes) > 1 else {}),
            **{f"refused_{status}": count for status, count in ledger.refused.items()},
        }


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"
