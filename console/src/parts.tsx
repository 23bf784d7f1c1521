// SPDX-License-Identifier: GPL-3.0-or-later
// Small pieces used on several pages.
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Copyable } from "./copy";
import { t } from "./lang";
import type { Mark } from "./words";
import { absolute, due, past, pastHour } from "./words";

export function Badge(props: { mark: Mark }) {
  return (
    <span class={`badge ${props.mark.tone}`}>
      <span aria-hidden="true">{props.mark.sign}</span> {t(props.mark.word)}
    </span>
  );
}

/** The present moment, moving on every second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** Of what has happened; of some things only the hour is known. */
export function Time(props: { at: string; now: number; byHour?: boolean }) {
  return (
    <time dateTime={props.at} title={props.byHour ? undefined : absolute(props.at)}>
      {(props.byHour ? pastHour : past)(props.at, props.now)}
    </time>
  );
}

export function Due(props: { at: string; now: number }) {
  return (
    <time dateTime={props.at} title={absolute(props.at)}>
      {due(props.at, props.now)}
    </time>
  );
}

/** A text in which parts of the page stand: each {name} of it becomes what blanks has for it. */
export function Filled(props: { text: string; blanks: Record<string, ComponentChildren> }) {
  return (
    <>
      {props.text.split(/\{(\w+)\}/).map((piece, n) => (n % 2 === 0 ? piece : props.blanks[piece]))}
    </>
  );
}

export function Alert(props: { children: ComponentChildren }) {
  return <p class="alert" role="alert">{props.children}</p>;
}

/** Something asked for once, and again with load. */
export function useLoaded<T>(ask: () => Promise<T>) {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState("");
  const load = useCallback(
    () => ask().then((found) => {
      setValue(found);
      setError("");
    }, (e) => setError((e as Error).message)),
    [ask],
  );
  useEffect(() => void load(), [load]);
  return { value, error, load };
}

/** Something that a button does: one at a time, and what went wrong. */
export function useWork() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  async function work(what: () => Promise<unknown>) {
    setBusy(true);
    setError("");
    try {
      await what();
    } catch (e) {
      setError((e as Error).message);
    }
    setBusy(false);
  }
  return { busy, error, work };
}

export function Choice(props: {
  id: string;
  label: string;
  value: number;
  choices: [number, string][];
  onChoice: (n: number) => void;
}) {
  return (
    <span class="choice">
      <label for={props.id}>{props.label}</label>
      <select id={props.id} value={props.value} onChange={(e) => props.onChoice(Number(e.currentTarget.value))}>
        {props.choices.map(([n, text]) => <option key={n} value={n}>{text}</option>)}
      </select>
    </span>
  );
}

let hasMoved = false;
addEventListener("hashchange", () => {
  hasMoved = true;
});

/** The heading; who came from another page is there, by keyboard and by ear. */
export function PageTitle(props: { children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (hasMoved) heading.current?.focus();
  }, []);
  return <h1 ref={heading} tabIndex={-1}>{props.children}</h1>;
}

/** What is shown this once. */
export function Once(props: { label: string; text: string; onDone: () => void }) {
  return (
    <div class="panel once" role="status">
      <Copyable label={props.label} text={props.text} hint={t("Copy it now: it is not shown again.")} />
      <button type="button" class="plain" onClick={props.onDone}>{t("Done")}</button>
    </div>
  );
}
