// SPDX-License-Identifier: GPL-3.0-or-later
// Small pieces used on several pages.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "./lang";
import type { Mark } from "./words";
import { absolute, due, relative } from "./words";

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

export function Time(props: { at: string; now: number }) {
  return (
    <time dateTime={props.at} title={absolute(props.at)}>
      {relative(props.at, props.now)}
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
