// SPDX-License-Identifier: GPL-3.0-or-later
// The tenant's webhooks: where events are delivered, and what became of that.
import { useCallback, useState } from "preact/hooks";
import type { Client, Delivery, Webhook } from "./api";
import { useRepeated, useVisible } from "./follow";
import { mark, t } from "./lang";
import { Alert, Badge, Once, PageTitle, Time, useLoaded, useNow, useWork } from "./parts";
import { absolute } from "./words";
import type { Mark } from "./words";

const changes = ["pending", "verified", "degraded", "reverified", "suspended", "failed", "removed"];
const kinds = [
  "identity.created", "identity.resubmitted", "identity.deleted",
  ...["identity", "mail_from", "ownership"].flatMap((of) => changes.map((change) => `${of}.${change}`)),
  "webhook.disabled",
];
const refreshMs = 3_000;

const disabledWords: Record<string, string> = {
  gone: mark("Disabled: it answered that it is gone (410)."),
  failing: mark("Disabled: it took nothing for days."),
  asked: mark("Disabled by hand."),
};

const deliveryMarks: Record<Delivery["state"], Mark> = {
  waiting: { sign: "◔", word: mark("Waiting"), tone: "wait" },
  done: { sign: "✓", word: mark("Delivered"), tone: "good" },
  given_up: { sign: "✕", word: mark("Given up"), tone: "bad" },
};

function Add(props: { client: Client; onMade: (secret: string) => void }) {
  const [url, setUrl] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const { busy, error, work } = useWork();

  function toggle(kind: string) {
    setChosen(chosen.includes(kind) ? chosen.filter((one) => one !== kind) : [...chosen, kind]);
  }
  const add = (event: Event) => {
    event.preventDefault();
    void work(async () => {
      props.onMade((await props.client.addWebhook(url.trim(), chosen)).secret);
      setUrl("");
      setChosen([]);
    });
  };

  return (
    <form class="panel" onSubmit={add}>
      <label for="webhook-url">{t("To which URL are events sent?")}</label>
      <div class="row">
        <input id="webhook-url" type="url" required spellcheck={false} placeholder="https://hooks.customer.example/in"
          value={url} onInput={(e) => setUrl(e.currentTarget.value)} />
        <button type="submit" class="primary" disabled={busy || !url.trim()}>{t("Add webhook")}</button>
      </div>
      <details>
        <summary>
          {chosen.length === 0 ? t("All kinds of events")
            : chosen.length === 1 ? t("1 kind of event")
            : t("{n} kinds of events", { n: chosen.length })}
        </summary>
        <fieldset>
          <legend>{t("Only these; none chosen: all")}</legend>
          <div class="kinds">
            {kinds.map((kind) => (
              <label key={kind} class="check">
                <input type="checkbox" checked={chosen.includes(kind)} onChange={() => toggle(kind)} />
                <span class="value">{kind}</span>
              </label>
            ))}
          </div>
        </fieldset>
      </details>
      {error && <Alert>{error}</Alert>}
    </form>
  );
}

function DeliveryRow(props: { delivery: Delivery; now: number; onAgain?: () => void }) {
  const { delivery: d, now } = props;
  return (
    <li>
      <span>
        <Badge mark={deliveryMarks[d.state]} /> <span class="value">{d.event.type}</span> {d.event.domain}{" "}
        <span class="quiet">
          <Time at={d.created_at} now={now} />
          {" · "}{d.tries === 1 ? t("1 try") : t("{n} tries", { n: d.tries })}
          {d.last_status > 0 && ` · HTTP ${d.last_status}`}
          {d.next_try_at && <>{" · "}{t("next try {when}", { when: absolute(d.next_try_at) })}</>}
        </span>
        {d.state !== "done" && d.last_reply && <pre class="reply">{d.last_reply}</pre>}
      </span>
      {d.state !== "waiting" && props.onAgain && (
        <button type="button" class="plain" onClick={props.onAgain}
          aria-label={t("Send {kind} again", { kind: d.event.type })}>
          {t("Send again")}
        </button>
      )}
    </li>
  );
}

function Deliveries(props: { client: Client; id: string; may: boolean }) {
  const { client, id } = props;
  const ask = useCallback(() => client.deliveries(id, ""), [client, id]);
  const { value: newest, error: failed, load } = useLoaded(ask);
  const [older, setOlder] = useState<{ deliveries: Delivery[]; next: string | null } | null>(null);
  const { error, work } = useWork();
  const now = useNow();
  useRepeated(load, refreshMs, useVisible());
  if (!newest) return failed ? <Alert>{failed}</Alert> : <p>{t("Loading …")}</p>;
  const next = older ? older.next : newest.next;
  const known = new Set(newest.deliveries.map((one) => one.id));
  const all = [...newest.deliveries, ...(older?.deliveries.filter((one) => !known.has(one.id)) ?? [])];

  const more = () => work(async () => {
    const page = await client.deliveries(id, next ?? "");
    setOlder({ deliveries: [...(older?.deliveries ?? newest.deliveries), ...page.deliveries], next: page.next });
  });
  const again = (delivery: string) => work(async () => {
    await client.redeliver(id, delivery);
    await load();
  });
  return (
    <>
      {error && <Alert>{error}</Alert>}
      {all.length === 0 && <p class="quiet">{t("Nothing was sent yet.")}</p>}
      <ul class="rows">
        {all.map((one) => (
          <DeliveryRow key={one.id} delivery={one} now={now} onAgain={props.may ? () => again(one.id) : undefined} />
        ))}
      </ul>
      {next && <button type="button" onClick={more}>{t("Show more")}</button>}
    </>
  );
}

/** How the last delivery went. */
function Result(props: { webhook: Webhook; now: number }) {
  const w = props.webhook;
  if (!w.enabled) return <p class="alert">{t(disabledWords[w.disabled_why ?? ""] ?? disabledWords.asked ?? "")}</p>;
  if (!w.last_at) return <p class="quiet">{t("Nothing was sent yet.")}</p>;
  return (
    <p class="quiet">
      {w.failing_since
        ? t("Failing since {when}.", { when: absolute(w.failing_since) })
        : t("The last delivery was taken.")}{" "}
      {w.last_status > 0 ? `HTTP ${w.last_status}` : t("It could not be reached.")}
      {" · "}<Time at={w.last_at} now={props.now} />
    </p>
  );
}

function Card(props: { client: Client; webhook: Webhook; now: number; load: () => Promise<void>; onSecret: (secret: string) => void }) {
  const { client, webhook: w } = props;
  const [open, setOpen] = useState(false);
  const { busy, error, work } = useWork();
  const may = client.may("webhooks:write");
  const act = (what: () => Promise<unknown>) => work(async () => {
    await what();
    await props.load();
  });
  const rotate = () => {
    if (confirm(t("Make a new secret? The old one signs too for one more day.")))
      void act(async () => props.onSecret((await client.rotateWebhook(w.id)).secret));
  };
  const remove = () => {
    if (confirm(t("Delete the webhook {url}? What waits for it is dropped.", { url: w.url })))
      void act(() => client.removeWebhook(w.id));
  };

  return (
    <li class="panel webhook" aria-label={w.url}>
      <h2 class="value">{w.url}</h2>
      <p class="quiet">{w.kinds.length === 0 ? t("All kinds of events") : w.kinds.join(", ")}</p>
      <Result webhook={w} now={props.now} />
      {w.old_secret_until && (
        <p class="quiet">{t("The secret before this one signs until {when}.", { when: absolute(w.old_secret_until) })}</p>
      )}
      {may && (
        <div class="actions">
          {w.enabled
            ? <button type="button" disabled={busy} onClick={() => act(() => client.testWebhook(w.id))}>{t("Send a test")}</button>
            : <button type="button" class="primary" disabled={busy} onClick={() => act(() => client.enableWebhook(w.id, true))}>{t("Enable again")}</button>}
          <button type="button" disabled={busy} onClick={rotate}>{t("New secret")}</button>
          {w.enabled && (
            <button type="button" disabled={busy} onClick={() => act(() => client.enableWebhook(w.id, false))}>{t("Disable")}</button>
          )}
          <button type="button" class="danger" disabled={busy} onClick={remove}>{t("Delete")}</button>
        </div>
      )}
      {error && <Alert>{error}</Alert>}
      <details onToggle={(e) => setOpen(e.currentTarget.open)}>
        <summary>{t("Deliveries")}</summary>
        {open && <Deliveries client={client} id={w.id} may={may} />}
      </details>
    </li>
  );
}

export function WebhooksPage(props: { client: Client }) {
  const { client } = props;
  const ask = useCallback(() => client.webhooks().then((answer) => answer.webhooks), [client]);
  const { value: webhooks, error, load } = useLoaded(ask);
  const [secret, setSecret] = useState("");
  const now = useNow();
  useRepeated(load, refreshMs, useVisible());

  return (
    <main>
      <PageTitle>{t("Webhooks")}</PageTitle>
      <p class="quiet">{t("What happens to a masked sender is sent to your own program, signed with a secret.")}</p>
      {secret && <Once label={t("Secret")} text={secret} onDone={() => setSecret("")} />}
      {client.may("webhooks:write") && (
        <Add client={client} onMade={(made) => { setSecret(made); void load(); }} />
      )}
      {error && <Alert>{error}</Alert>}
      <ul class="webhooks">
        {webhooks?.map((one) => (
          <Card key={one.id} client={client} webhook={one} now={now} load={load} onSecret={setSecret} />
        ))}
      </ul>
    </main>
  );
}
