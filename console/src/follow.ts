// SPDX-License-Identifier: GPL-3.0-or-later
// Following the server: its stream of events while the page is in sight; else, and beside it, asking.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Client } from "./api";

const silenceMs = 40_000; // a comment comes every 15 s
const againMs = 3_000;
const failedMs = 30_000;

/** Parts a stream into events (WHATWG HTML 9.2, server-sent events) as its pieces come. */
export class EventReader {
  private rest = "";

  /** The ids of the events that are whole now; "" for one without. */
  push(piece: string): string[] {
    const blocks = (this.rest + piece).replace(/\r\n?/g, "\n").split("\n\n");
    this.rest = blocks.pop() ?? "";
    return blocks.filter((block) => /^data:/m.test(block)).map((block) => /^id: ?(.*)$/m.exec(block)?.[1] ?? "");
  }
}

/** Whether somebody can see this tab. */
export function useVisible(): boolean {
  const [visible, setVisible] = useState(!document.hidden);
  useEffect(() => {
    const changed = () => setVisible(!document.hidden);
    document.addEventListener("visibilitychange", changed);
    return () => document.removeEventListener("visibilitychange", changed);
  }, []);
  return visible;
}

async function read(body: ReadableStream<Uint8Array>, alive: () => void, onEvent: (id: string) => void) {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  const events = new EventReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    alive();
    for (const id of events.push(value)) onEvent(id);
  }
}

/** Calls onEvent for each event of the identity ("": of all) as it happens; whether the stream stands. */
export function useStream(client: Client, identity: string, visible: boolean, onEvent: () => void): boolean {
  const [live, setLive] = useState(false);
  useEffect(() => {
    if (!visible || !client.may("events:read")) return;
    const end = new AbortController();
    let last = "";
    let timer = 0;

    async function listen() {
      const one = new AbortController();
      const stop = () => one.abort();
      let silence = setTimeout(stop, silenceMs);
      end.signal.addEventListener("abort", stop);
      let wait = failedMs;
      try {
        const body = await client.stream(identity, last, one.signal);
        setLive(true);
        onEvent(); // what happened before the stream stood
        wait = againMs;
        await read(body, () => {
          clearTimeout(silence);
          silence = setTimeout(stop, silenceMs);
        }, (id) => {
          last = id || last;
          onEvent();
        });
      } catch {
        // refused or cut off: the page asks instead, and comes again
      }
      clearTimeout(silence);
      end.signal.removeEventListener("abort", stop);
      if (end.signal.aborted) return;
      setLive(false);
      timer = setTimeout(listen, wait);
    }

    void listen();
    return () => {
      end.abort();
      clearTimeout(timer);
      setLive(false);
    };
  }, [client, identity, visible, onEvent]);
  return live;
}

/** Calls work every ms while the page is in sight, and at once when it comes into sight. */
export function useRepeated(work: () => void, ms: number, visible: boolean) {
  useEffect(() => {
    if (!visible) return;
    work();
    const timer = setInterval(work, ms);
    return () => clearInterval(timer);
  }, [work, ms, visible]);
}

/** What is asked for again and again; 304 while nothing changes. */
export function useChanging<T>(ask: (etag: string) => Promise<{ value: T; etag: string } | null>) {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<unknown>(null);
  const etag = useRef("");
  useEffect(() => {
    etag.current = "";
  }, [ask]);
  const load = useCallback(async () => {
    try {
      const answer = await ask(etag.current);
      setError(null);
      if (!answer) return;
      etag.current = answer.etag;
      setValue(answer.value);
    } catch (e) {
      setError(e);
    }
  }, [ask]);
  return { value, error, load, setValue };
}

const soonMs = 2_000;
const calmMs = 15_000;

/** How long until it is worth asking again: often while a look is due, rarely while a stream tells. */
export function pauseMs(nextLookAt: string | null | undefined, live: boolean): number {
  if (!live || nextLookAt === undefined) return soonMs;
  if (nextLookAt === null) return calmMs;
  return Math.min(calmMs, Math.max(soonMs, Date.parse(nextLookAt) - Date.now() + 500));
}

/** Calls work after the pause that the last look left, again and again while the page is in sight. */
export function useAsking(work: () => Promise<void>, nextLookAt: string | null | undefined, live: boolean, visible: boolean) {
  const state = useRef({ nextLookAt, live });
  state.current = { nextLookAt, live };
  useEffect(() => {
    if (!visible) return;
    let gone = false;
    let timer = 0;
    const again = async () => {
      await work();
      if (!gone) timer = setTimeout(again, pauseMs(state.current.nextLookAt, state.current.live));
    };
    void again();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [work, visible, live]);
}
