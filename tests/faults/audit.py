# SPDX-License-Identifier: GPL-3.0-or-later
"""Who held which lease when: triggers in PostgreSQL note it, and then it is gone through.

A transaction is known by its number, a session by its process and when that began.
"""
import collections

from claims import read

TRIGGERS = """
CREATE TABLE audit (id BIGSERIAL PRIMARY KEY, at_s DOUBLE PRECISION NOT NULL,
  tx BIGINT NOT NULL, session TEXT NOT NULL, what TEXT NOT NULL, kind BIGINT NOT NULL,
  thing BIGINT NOT NULL, node BIGINT NOT NULL, fence BIGINT NOT NULL, until_s BIGINT NOT NULL);
CREATE FUNCTION audit_note(what TEXT, kind BIGINT, thing BIGINT, node BIGINT, fence BIGINT,
  until_s BIGINT) RETURNS VOID LANGUAGE SQL AS $$
  INSERT INTO audit (at_s, tx, session, what, kind, thing, node, fence, until_s)
  SELECT extract(epoch FROM clock_timestamp()), txid_current(),
    pid || '/' || extract(epoch FROM backend_start), $1, $2, $3, $4, $5, $6
  FROM pg_stat_get_activity(pg_backend_pid()) $$;
CREATE FUNCTION audit_lease() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM audit_note('left', OLD.kind, OLD.thing_id, OLD.node, OLD.fence, OLD.until_s);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    PERFORM audit_note('taken', NEW.kind, NEW.thing_id, NEW.node, NEW.fence, NEW.until_s);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER audit_lease AFTER INSERT OR UPDATE OR DELETE ON lease
  FOR EACH ROW EXECUTE FUNCTION audit_lease();
CREATE FUNCTION audit_node() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  PERFORM audit_note('began:' || NEW.name, 0, 0, NEW.id, 0, 0);
  RETURN NULL;
END $$;
CREATE TRIGGER audit_node AFTER INSERT ON node FOR EACH ROW EXECUTE FUNCTION audit_node();
CREATE FUNCTION audit_look() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  PERFORM audit_note('looked', 0, NEW.id, 0, 0, 0);
  RETURN NULL;
END $$;
CREATE TRIGGER audit_look AFTER UPDATE ON identity FOR EACH ROW
  -- A glance has no lease, and is not for the version of a row either.
  WHEN (OLD.last_looked_at <> NEW.last_looked_at AND OLD.version <> NEW.version)
  EXECUTE FUNCTION audit_look();
CREATE FUNCTION audit_mail() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  PERFORM audit_note('mailed', 1, NEW.id, 0, 0, 0);
  RETURN NULL;
END $$;
CREATE TRIGGER audit_mail AFTER UPDATE ON message FOR EACH ROW
  WHEN (OLD.tries <> NEW.tries) EXECUTE FUNCTION audit_mail();
"""

Row = collections.namedtuple("Row", "at_s tx session what kind thing node fence until_s")


def install(postgres, url):
    """From now on, for the nodes that begin later."""
    postgres.sql(TRIGGERS, url.partition("///")[2].partition("?")[0])


class Audit:
    """What was noted in a store. `ends` maps a node's name to the moments it was killed."""

    def __init__(self, store, ends):
        self.rows = [Row(float(at_s), *rest) for at_s, *rest in read(
            store, "SELECT at_s, tx, session, what, kind, thing, node, fence, until_s FROM audit "
                   "ORDER BY id")]
        self.ends = ends
        self.nodes = {row.node: (row.what.partition(":")[2], row.at_s) for row in self.rows
                      if row.what.startswith("began:")}

    def was_over(self, node, at_s):
        """Whether that node's process had been killed by then."""
        name, began = self.nodes.get(node, ("", 0))
        return any(began < end <= at_s for end in self.ends.get(name, ()))

    def find_wrong(self):
        return [*self.find_stolen(), *self.find_unfenced()]

    def find_stolen(self):
        """Taken from a node that lived, before its time was over; or a fence given twice."""
        held, used = {}, collections.defaultdict(set)
        for row in self.rows:
            thing = (row.kind, row.thing)
            if row.what == "left":
                held[thing] = row
            if row.what != "taken":
                continue
            before = held.pop(thing, None)
            before = before if before and before.tx == row.tx else None
            if row.fence in used[thing] and not (before and before.fence == row.fence):
                yield f"{thing} was taken under fence {row.fence} twice"
            used[thing].add(row.fence)
            if before and before.node != row.node and before.until_s > row.at_s + 1 and \
                    not self.was_over(before.node, row.at_s):
                yield f"{thing} was taken from {before.node}, which had it until {before.until_s}"

    def find_unfenced(self):
        """A look or a relay that was written without ending its newest lease with it."""
        newest, left = {}, collections.defaultdict(list)
        for row in self.rows:
            if row.what == "left":
                left[row.tx, row.kind, row.thing].append(row)
        for row in self.rows:
            thing = (row.kind, row.thing)
            if row.what == "taken":
                newest[thing] = row.fence
            if row.what not in ("looked", "mailed"):
                continue
            ended = left[row.tx, row.kind, row.thing]
            if len(ended) != 1 or ended[0].fence != newest[thing]:
                yield f"{row.what} {thing} in {row.tx} with {ended}, newest {newest.get(thing)}"

    def figures(self):
        counts = collections.Counter(row.what.partition(":")[0] for row in self.rows)
        return {"leases_taken": counts["taken"], "looks": counts["looked"],
                "relays": counts["mailed"], "nodes_begun": counts["began"]}
