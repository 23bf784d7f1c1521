// SPDX-License-Identifier: GPL-3.0-or-later
// What happened to an identity, newest first: its events and the looks that differed from the one before.
import { useCallback, useEffect, useState } from "preact/hooks";
import type { Client, Perspective, TimelineItem } from "./api";
import { t } from "./lang";
import { Alert, useLoaded } from "./parts";
import { absolute, eventWords, perspectiveWords, sawMarks, verdictWords } from "./words";

const codesMax = 3;

function Titles(props: { client: Client; codes: string[] }) {
  return (
    <ul class="titles">
      {props.codes.slice(0, codesMax).map((code) => <Title key={code} client={props.client} code={code} />)}
    </ul>
  );
}

function Title(props: { client: Client; code: string }) {
  const ask = useCallback(() => props.client.title(props.code), [props.client, props.code]);
  const { value } = useLoaded(ask);
  return <li>{value ?? ""} <span class="code">{props.code}</span></li>;
}

function Servers(props: { one: Perspective }) {
  const { one } = props;
  if (!one.servers || one.servers.length === 0) return null;
  return (
    <ul class="evidence">
      {one.servers.map((s) => (
        <li key={`${s.name} ${s.address}`}>
          {s.name} <span class="quiet">{s.address}</span>{t(": ")}{t(sawMarks[s.saw] ?? s.saw)}
        </li>
      ))}
    </ul>
  );
}

/** Who saw what from where. */
function Seen(props: { perspectives: Perspective[] }) {
  return (
    <details>
      <summary>{t("Who saw what")}</summary>
      <ul class="perspectives">
        {props.perspectives.map((one) => (
          <li key={one.name}>
            <strong>{one.name === "here" ? t("this service") : one.name}</strong>{t(": ")}
            {t(perspectiveWords[one.verdict] ?? one.verdict)}
            {one.why ? ` (${one.why})` : ""}
            {one.findings && one.findings.length > 0 && <span class="code">{one.findings.join(" ")}</span>}
            <Servers one={one} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function lookWords(item: TimelineItem): string {
  return t("Checked: {verdict}", { verdict: t(verdictWords[item.verdict ?? ""] ?? item.verdict ?? "") });
}

function Entry(props: { client: Client; item: TimelineItem }) {
  const { item } = props;
  const perspectives = item.detail?.perspectives ?? [];
  const codes = item.kind === "look" ? perspectives[0]?.findings ?? [] : [];
  return (
    <li class={item.kind}>
      <time class="quiet" dateTime={item.at}>{absolute(item.at)}</time>
      <div>{item.kind === "look" ? lookWords(item) : eventWords(item)}</div>
      {codes.length > 0 && <Titles client={props.client} codes={codes} />}
      {perspectives.length > 0 && <Seen perspectives={perspectives} />}
    </li>
  );
}

interface Shown {
  items: TimelineItem[];
  next: string | null;
  pages: number;
}

const key = (item: TimelineItem) => `${item.kind} ${item.id}`;

/** The newest page above what is shown already; the cursor stays that of the oldest. */
function merge(shown: Shown | null, page: { items: TimelineItem[]; next: string | null }): Shown {
  const fresh = new Set(page.items.map(key));
  const met = shown?.items.some((one) => fresh.has(key(one))) ?? false;
  if (!shown || !met || shown.pages === 1) return { ...page, pages: 1 };
  return { ...shown, items: [...page.items, ...shown.items.filter((one) => !fresh.has(key(one)))] };
}

/** stamp: changes when there may be something new. */
export function Timeline(props: { client: Client; id: string; stamp: string }) {
  const [shown, setShown] = useState<Shown | null>(null);
  const [error, setError] = useState("");
  const { client, id } = props;

  useEffect(() => {
    client.timeline(id, "").then(
      (page) => setShown((before) => merge(before, page)),
      (e) => setError((e as Error).message),
    );
  }, [client, id, props.stamp]);

  async function more() {
    try {
      const page = await client.timeline(id, shown?.next ?? "");
      setShown((before) => before &&
        { items: [...before.items, ...page.items], next: page.next, pages: before.pages + 1 });
    } catch (e) {
      setError((e as Error).message);
    }
  }

  return (
    <section>
      <h2>{t("History")}</h2>
      {error && <Alert>{error}</Alert>}
      {shown && (
        <ol class="history">
          {shown.items.map((item) => <Entry key={key(item)} client={client} item={item} />)}
        </ol>
      )}
      {shown?.next && <button type="button" onClick={more}>{t("Show more")}</button>}
    </section>
  );
}
