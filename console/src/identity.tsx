// SPDX-License-Identifier: GPL-3.0-or-later
// One identity: status, findings, records, actions, history. Follows the server without reload.
import { useCallback, useEffect, useState } from "preact/hooks";
import type { Client, Identity } from "./api";
import { Problem } from "./api";
import { useAsking, useChanging, useRepeated, useStream, useVisible } from "./follow";
import { t } from "./lang";
import { MailFromBox } from "./mailfrom";
import { Alert } from "./parts";
import { ShareBox } from "./share";
import { Badges, Consequence, Findings, Records, When } from "./standing";
import { Timeline } from "./timeline";
import { statusMarks } from "./words";

const watchMs = 20_000;

/** The identity as it is, and a count of the events that came of it. */
function useIdentity(client: Client, id: string) {
  const ask = useCallback((etag: string) => client.identity(id, etag), [client, id]);
  const { value: identity, error, load, setValue } = useChanging(ask);
  const [events, setEvents] = useState(0);
  const visible = useVisible();

  const onEvent = useCallback(() => {
    setEvents((n) => n + 1);
    void load();
  }, [load]);
  const live = useStream(client, id, visible, onEvent);
  useAsking(load, identity?.next_check_at, live, visible);
  const watch = useCallback(() => {
    client.watch(id).catch(() => undefined); // then it is looked at as often as else
  }, [client, id]);
  useRepeated(watch, watchMs, visible);
  return { identity, error, load, setIdentity: setValue, events };
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
      {client.may("shares:write") && (
        <button type="button" onClick={() => document.getElementById("share-days")?.focus()}>
          {t("Send this page to whoever manages the DNS")}
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
  const { client } = props;
  const { identity, error, load, setIdentity, events } = useIdentity(client, props.id);
  useEffect(() => {
    if (identity) document.title = `${t(statusMarks[identity.status].word)}: ${identity.domain_display} – unpend`;
    return () => {
      document.title = "unpend";
    };
  }, [identity]);

  const gone = error instanceof Problem && error.status === 404;
  const said = gone ? t("This masked sender does not exist (any more).") : (error as Error | null)?.message;
  if (!identity || gone) return <main>{said ? <Alert>{said}</Alert> : <p>{t("Loading …")}</p>}</main>;
  const may = client.may("identities:write");
  return (
    <main>
      <p><a href="#/">← {t("Masked senders")}</a></p>
      <Badges thing={identity} />
      {identity.caution && <p class="caution">{identity.caution}</p>}
      {identity.held_messages > 0 && (
        <p class="headline">
          {identity.held_messages === 1
            ? t("1 message waits for this domain to be verified; mail leaves by itself then.")
            : t("{n} messages wait for this domain to be verified; mail leaves by itself then.",
                { n: identity.held_messages })}
        </p>
      )}
      {identity.senders.length > 0 && <p>{t("Sends as {senders}", { senders: identity.senders.join(", ") })}</p>}
      {said && <Alert>{said}</Alert>}
      <p class="headline" aria-live="polite">{identity.headline}</p>
      <When thing={identity} />
      {identity.one_cache && (
        <p class="quiet">{t("This is the view of one cache; the domain's own name servers were not asked.")}</p>
      )}
      {identity.ses_status && <p>{t("Amazon SES says {status}.", { status: identity.ses_status })}</p>}
      <Consequence thing={identity} />
      {may && <Actions client={client} identity={identity} load={load} />}
      <Findings client={client} findings={identity.findings} />
      <Records records={identity.records} />
      {client.may("shares:write") && <ShareBox client={client} id={identity.id} />}
      {may && (identity.mail_from_offered || identity.mail_from) &&
        <MailFromBox client={client} identity={identity} onChanged={setIdentity} />}
      {client.may("events:read") && (
        <Timeline client={client} id={identity.id} stamp={`${events} ${identity.last_checked_at} ${identity.status}`} />
      )}
      {may && <Remove client={client} identity={identity} />}
    </main>
  );
}
