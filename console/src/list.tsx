// SPDX-License-Identifier: GPL-3.0-or-later
// All identities of the tenant, and the one field that adds a masked sender.
import { useCallback, useState } from "preact/hooks";
import type { Client, IdentitySummary } from "./api";
import { useRepeated, useStream, useVisible } from "./follow";
import { t } from "./lang";
import { Alert, Badge, Due, PageTitle, Time, useNow } from "./parts";
import { statusMarks, verdictWords } from "./words";

function Add(props: { client: Client; onAdded: (id: string) => void }) {
  const [sender, setSender] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);

  async function submit(event: Event) {
    event.preventDefault();
    setBusy(true);
    setError("");
    try {
      props.onAdded((await props.client.add(sender.trim())).id);
    } catch (e) {
      setError((e as Error).message);
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit} class="panel">
      <label for="sender">{t("From which address do you want to send?")}</label>
      <div class="row">
        <input
          id="sender"
          type="text"
          inputMode="email"
          placeholder="news@customer.example"
          spellcheck={false}
          autocapitalize="off"
          required
          value={sender}
          onInput={(e) => setSender(e.currentTarget.value)}
        />
        <button type="submit" class="primary" disabled={busy || !sender.trim()}>{t("Add masked sender")}</button>
      </div>
      <p class="hint">
        {t("A masked sender is an address of your customer that you send as. Give the address, or a domain if " +
          "every address in it shall be used.")}
      </p>
      {error && <Alert>{error}</Alert>}
    </form>
  );
}

function Row(props: { identity: IdentitySummary; now: number }) {
  const i = props.identity;
  return (
    <tr>
      <td>
        <a href={`#/identities/${i.id}`}>{i.domain_display}</a>
        {i.senders.length > 0 && <div class="quiet">{i.senders.join(", ")}</div>}
      </td>
      <td>
        <Badge mark={statusMarks[i.status]} />{" "}
        {i.status !== "SUCCESS" && i.verdict && <span class="quiet">{t(verdictWords[i.verdict] ?? "")}</span>}
      </td>
      <td>{i.last_checked_at ? <Time at={i.last_checked_at} now={props.now} /> : t("not yet")}</td>
      <td>{i.next_check_at ? <Due at={i.next_check_at} now={props.now} /> : "–"}</td>
    </tr>
  );
}

// Looks that change no status are no events: they are asked for, more rarely while the stream stands.
const refreshMs = 5_000;
const calmMs = 15_000;

export function List(props: { client: Client; onOpen: (id: string) => void }) {
  const [rows, setRows] = useState<IdentitySummary[] | null>(null);
  const [pages, setPages] = useState(1);
  const [more, setMore] = useState(false);
  const [error, setError] = useState("");
  const now = useNow();

  const load = useCallback(async () => {
    try {
      let found: IdentitySummary[] = [];
      let cursor: string | null = "";
      for (let page = 0; page < pages && cursor !== null; page++) {
        const answer: { identities: IdentitySummary[]; next: string | null } =
          await props.client.identities(cursor);
        found = found.concat(answer.identities);
        cursor = answer.next;
      }
      setRows(found);
      setMore(cursor !== null);
      setError("");
    } catch (e) {
      setError((e as Error).message);
    }
  }, [props.client, pages]);
  const visible = useVisible();
  const live = useStream(props.client, "", visible, load);
  useRepeated(load, live ? calmMs : refreshMs, visible);

  return (
    <main>
      <PageTitle>{t("Masked senders")}</PageTitle>
      {props.client.may("identities:write") && <Add client={props.client} onAdded={props.onOpen} />}
      {error && <Alert>{error}</Alert>}
      {rows && rows.length > 0 && (
        <table class="identities">
          <thead>
            <tr>
              <th scope="col">{t("Domain")}</th>
              <th scope="col">{t("Status")}</th>
              <th scope="col">{t("Last checked")}</th>
              <th scope="col">{t("Next check")}</th>
            </tr>
          </thead>
          <tbody>{rows.map((i) => <Row key={i.id} identity={i} now={now} />)}</tbody>
        </table>
      )}
      {more && <button type="button" onClick={() => setPages(pages + 1)}>{t("Show more")}</button>}
    </main>
  );
}
