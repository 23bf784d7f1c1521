// SPDX-License-Identifier: GPL-3.0-or-later
// One identity: verdict, findings, records, actions, history. Follows the server without reload.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Client, Identity, IdentityEvent, Status } from "./api";
import { Problem } from "./api";
import { FindingPanel } from "./finding";
import { lang, t } from "./lang";
import { Alert, Badge, Due, Filled, Time, useNow } from "./parts";
import { RecordCard } from "./record";
import { absolute, eventKinds, purposeWords, statusMarks } from "./words";

const refreshMs = 2000;

/** The identity, asked for again every two seconds; 304 while nothing changes. */
function useIdentity(client: Client, id: string) {
  const [identity, setIdentity] = useState<Identity | null>(null);
  const [error, setError] = useState("");
  const etag = useRef("");

  const load = useCallback(async () => {
    try {
      const answer = await client.identity(id, etag.current);
      setError("");
      if (!answer) return;
      etag.current = answer.etag;
      setIdentity(answer.identity);
    } catch (e) {
      const gone = e instanceof Problem && e.status === 404;
      setError(gone ? t("This masked sender does not exist (any more).") : (e as Error).message);
    }
  }, [client, id]);

  useEffect(() => {
    etag.current = "";
    void load();
    const timer = setInterval(load, refreshMs);
    return () => clearInterval(timer);
  }, [load]);
  return { identity, error, load };
}

function eventWords(e: IdentityEvent): string {
  if (!e.from || !e.to) return t(eventKinds[e.kind] ?? e.kind.replace("identity.", ""));
  const from = t(statusMarks[e.from as Status]?.word ?? e.from);
  const to = t(statusMarks[e.to as Status]?.word ?? e.to);
  const aspect = purposeWords[e.aspect] ? t(purposeWords[e.aspect] ?? "") : e.aspect.toUpperCase().replace("_", " ");
  return t("{aspect}: {from} → {to}", { aspect, from, to });
}

function History(props: { client: Client; identity: Identity }) {
  const [events, setEvents] = useState<IdentityEvent[]>([]);
  const { client, identity } = props;
  useEffect(() => {
    client.events(identity.id).then((answer) => setEvents(answer.events), () => undefined);
  }, [client, identity.id, identity.status, identity.last_success_at]);
  if (events.length === 0) return null;
  return (
    <section>
      <h2>{t("History")}</h2>
      <ol class="history">
        {events.map((e) => (
          <li key={e.id}>
            <time dateTime={e.at}>{absolute(e.at)}</time>{" "}
            {eventWords(e)}
          </li>
        ))}
      </ol>
    </section>
  );
}

function When(props: { identity: Identity }) {
  const now = useNow();
  const i = props.identity;
  const gap = lang() === "ja" ? "" : " "; // behind a full stop
  return (
    <p class="quiet">
      {i.last_checked_at
        ? <Filled text={t("Last checked {when}.")} blanks={{ when: <Time at={i.last_checked_at} now={now} /> }} />
        : t("Not checked yet.")}{gap}
      {i.next_check_at && (
        <Filled
          text={t("Checked again by itself: {when}.")}
          blanks={{ when: <Due at={i.next_check_at} now={now} /> }}
        />
      )}{gap}
      {i.status === "PENDING" && i.search_ends_at &&
        t("The search goes on until {when}.", { when: absolute(i.search_ends_at) })}
    </p>
  );
}

function Actions(props: { client: Client; identity: Identity; load: () => Promise<void> }) {
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState("");
  const { client, identity } = props;

  // What was said of one look is over with the next.
  useEffect(() => setSaid(""), [identity.last_checked_at, identity.status]);

  async function act(work: () => Promise<unknown>, done: string) {
    setBusy(true);
    setSaid("");
    try {
      await work();
      setSaid(done);
      await props.load();
    } catch (e) {
      const wait = e instanceof Problem ? e.retryAfterS : 0;
      setSaid(wait > 0 ? t("It was checked just now. Press again in {n} s.", { n: wait }) : (e as Error).message);
    }
    setBusy(false);
  }

  return (
    <div class="actions">
      <button
        type="button"
        class="primary"
        disabled={busy}
        onClick={() => act(() => client.check(identity.id), t("Asking the name servers now …"))}
      >
        {t("Check validity")}
      </button>
      {identity.status === "FAILED" && (
        <button
          type="button"
          disabled={busy}
          onClick={() => act(() => client.resubmit(identity.id), t("Searching again, with the same records."))}
        >
          {t("Resubmit for verification")}
        </button>
      )}
      <span role="status">{said}</span>
    </div>
  );
}

function Remove(props: { client: Client; identity: Identity }) {
  const [error, setError] = useState("");
  async function remove() {
    const { domain_display: display, held_messages: held } = props.identity;
    const typed = prompt(
      [
        t("Sending as {domain} stops at once, and its records are never used again.", { domain: display }),
        held > 0 ? t("Held messages that will not be sent: {n}.", { n: held }) : "",
        t("Type the domain to delete it:"),
      ].filter(Boolean).join("\n"),
    );
    if (typed === null) return;
    if (typed.trim() !== props.identity.domain && typed.trim() !== props.identity.domain_display) {
      setError(t("That is not the domain; nothing was deleted."));
      return;
    }
    try {
      await props.client.remove(props.identity.id);
      location.hash = "#/";
    } catch (e) {
      setError((e as Error).message);
    }
  }
  return (
    <section class="remove">
      {error && <Alert>{error}</Alert>}
      <button type="button" class="danger" onClick={remove}>{t("Delete this masked sender")}</button>
    </section>
  );
}

export function IdentityPage(props: { client: Client; id: string }) {
  const { identity, error, load } = useIdentity(props.client, props.id);
  useEffect(() => {
    if (identity) document.title = `${t(statusMarks[identity.status].word)}: ${identity.domain_display} – unpend`;
    return () => {
      document.title = "unpend";
    };
  }, [identity]);

  if (!identity) return <main>{error ? <Alert>{error}</Alert> : <p>{t("Loading …")}</p>}</main>;
  return (
    <main>
      <p><a href="#/">← {t("Masked senders")}</a></p>
      <div class="identity-head">
        <h1>{identity.domain_display}</h1>
        <Badge mark={statusMarks[identity.status]} />
      </div>
      {identity.domain !== identity.domain_display && <p class="quiet">{identity.domain}</p>}
      {identity.caution && <Alert>{identity.caution}</Alert>}
      {identity.held_messages > 0 && (
        <p class="headline">
          {identity.held_messages === 1
            ? t("1 message waits for this domain to be verified; mail leaves by itself then.")
            : t("{n} messages wait for this domain to be verified; mail leaves by itself then.",
                { n: identity.held_messages })}
        </p>
      )}
      {identity.senders.length > 0 && <p>{t("Sends as {senders}", { senders: identity.senders.join(", ") })}</p>}
      {error && <Alert>{error}</Alert>}
      <p class="headline" aria-live="polite">{identity.headline}</p>
      <When identity={identity} />
      {identity.one_cache && (
        <p class="quiet">{t("This is the view of one cache; the domain's own name servers were not asked.")}</p>
      )}
      {identity.ses_status && <p>{t("Amazon SES says {status}.", { status: identity.ses_status })}</p>}
      <Actions client={props.client} identity={identity} load={load} />
      {identity.findings.map((f, n) => <FindingPanel key={`${f.code} ${n}`} client={props.client} finding={f} />)}
      <h2>{t("Records to publish")}</h2>
      <ul class="records">{identity.records.map((r) => <RecordCard key={r.id} record={r} />)}</ul>
      <History client={props.client} identity={identity} />
      <Remove client={props.client} identity={identity} />
    </main>
  );
}
