// SPDX-License-Identifier: GPL-3.0-or-later
// The words of the console's states, in English (t gives them in the page's language). State is always a
// sign and a word, never a colour alone.
import type { RecordState, Status, TimelineItem } from "./api";
import { lang, mark, t } from "./lang";

export interface Mark {
  sign: string;
  word: string;
  tone: "good" | "bad" | "wait" | "quiet";
}

export const statusMarks: Record<Status, Mark> = {
  NOT_STARTED: { sign: "○", word: mark("Not started"), tone: "quiet" },
  PENDING: { sign: "◔", word: mark("Pending"), tone: "wait" },
  SUCCESS: { sign: "✓", word: mark("Verified"), tone: "good" },
  FAILED: { sign: "✕", word: mark("Failed"), tone: "bad" },
  TEMPORARY_FAILURE: { sign: "!", word: mark("Records missing, still sending"), tone: "bad" },
};

/** What stands behind "Pending": the last report's verdict. */
export const verdictWords: Record<string, string> = {
  ok: mark("records are right"),
  action_required: mark("needs a fix"),
  waiting: mark("waiting for caches"),
  undetermined: mark("could not tell yet"),
};

export const recordMarks: Record<RecordState, Mark> = {
  ok: { sign: "✓", word: mark("Right"), tone: "good" },
  missing: { sign: "✕", word: mark("Missing"), tone: "bad" },
  wrong: { sign: "✕", word: mark("Wrong"), tone: "bad" },
  waiting: { sign: "◔", word: mark("Waiting for caches"), tone: "wait" },
  unknown: { sign: "?", word: mark("Could not tell"), tone: "wait" },
  found: { sign: "✓", word: mark("Found"), tone: "good" },
  absent: { sign: "○", word: mark("Not there"), tone: "quiet" },
  unchecked: { sign: "○", word: mark("Not looked at yet"), tone: "quiet" },
};

export const purposeWords: Record<string, string> = {
  dkim: "DKIM",
  mail_from: "MAIL FROM",
  spf: "SPF",
  dmarc: "DMARC",
  ownership: mark("Ownership"),
};

/** What happened, where it is no change of a status. */
const eventKinds: Record<string, string> = {
  "identity.created": mark("Added"),
  "identity.deleted": mark("Deleted"),
  "identity.resubmitted": mark("Resubmitted: searched for again, with the same records"),
};

/** What happened to one of DKIM, MAIL FROM and ownership. */
const changes: Record<string, string> = {
  pending: mark("{aspect}: the search began"),
  verified: mark("{aspect}: verified"),
  degraded: mark("{aspect}: records missing; still in use for a while"),
  reverified: mark("{aspect}: the records are back"),
  suspended: mark("{aspect}: given up, the records did not come back"),
  failed: mark("{aspect}: the search ended without finding the records"),
  removed: mark("{aspect}: not wanted any more"),
};

/** An event in plain words. */
export function eventWords(e: TimelineItem): string {
  const type = e.type ?? "";
  if (eventKinds[type]) return t(eventKinds[type] ?? "");
  if (!e.aspect) return type;
  const aspect = t(purposeWords[e.aspect] ?? e.aspect);
  const change = changes[type.replace(/^.*\./, "")];
  if (change) return t(change, { aspect });
  const from = t(statusMarks[e.from as Status]?.word ?? e.from ?? "");
  const to = t(statusMarks[e.to as Status]?.word ?? e.to ?? "");
  return t("{aspect}: {from} → {to}", { aspect, from, to });
}

/** What a perspective came to. */
export const perspectiveWords: Record<string, string> = {
  ...verdictWords,
  silent: mark("did not answer"),
};

/** What a name server said of the records that decide. */
export const sawMarks: Record<string, string> = {
  right: mark("right"),
  wrong: mark("missing or different"),
  silent: mark("did not answer"),
};

export const day = 86400;

/** How long links and tokens are good, by days; 0: for ever. */
export const lives: Record<number, string> = {
  0: mark("no end"),
  1: mark("1 day"),
  14: mark("14 days"),
  30: mark("30 days"),
  90: mark("90 days"),
  365: mark("1 year"),
};

/** When a look that is due comes: "in 12 s", or "now" once its moment has come. */
export function due(at: string, nowMs: number): string {
  return Date.parse(at) <= nowMs ? t("now") : relative(at, nowMs);
}

/** When something happened: "3 min ago". The page's clock moves by the second, and may be behind the service's. */
export function past(at: string, nowMs: number): string {
  return Date.parse(at) > nowMs - 1000 ? t("just now") : relative(at, nowMs);
}

/** The same of what is known to the hour: at is when the hour began. */
export function pastHour(at: string, nowMs: number): string {
  const hourMs = 3600_000;
  const hours = Math.floor((nowMs - Date.parse(at)) / hourMs);
  return hours < 1 ? t("less than an hour ago") : hours < 2 ? t("{n} h ago", { n: hours }) : relative(at, nowMs);
}

/** "in 12 s", "3 min ago": at is RFC 3339. */
function relative(at: string, nowMs: number): string {
  const seconds = Math.round((Date.parse(at) - nowMs) / 1000);
  const n = Math.abs(seconds);
  const ahead = seconds >= 0;
  if (n < 90) return ahead ? t("in {n} s", { n }) : t("{n} s ago", { n });
  const minutes = Math.round(n / 60);
  if (minutes < 90) return ahead ? t("in {n} min", { n: minutes }) : t("{n} min ago", { n: minutes });
  const hours = Math.round(n / 3600);
  if (hours < 36) return ahead ? t("in {n} h", { n: hours }) : t("{n} h ago", { n: hours });
  const days = Math.round(n / 86400);
  return ahead ? t("in {n} days", { n: days }) : t("{n} days ago", { n: days });
}

/** Local date and time, to the second. */
export function absolute(at: string): string {
  return new Date(at).toLocaleString(lang(), { dateStyle: "medium", timeStyle: "medium" });
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A clause of the report as a sentence of the page. */
export function sentence(text: string): string {
  if (lang() === "ja") return /[。！？：.:!?]$/.test(text) ? text : `${text}。`;
  const upper = capital(text);
  return /[.!?:]$/.test(upper) ? upper : `${upper}.`;
}

const outcomes: Record<string, string> = {
  timeout: mark("did not answer"),
  unreachable: mark("cannot be reached"),
  malformed: mark("answered something that is not DNS"),
  forbidden: mark("has an address that is not asked"),
  no_address: mark("has no address"),
  no_tcp: mark("does not answer over TCP"),
  limit: mark("was not asked"),
};

/** What one server said, in a few words. */
export function observedWords(outcome: string, rcode: string | null, values: string[]): string {
  if (outcome !== "answered") return t(outcomes[outcome] ?? outcome);
  if (values.length > 0) return values.join(", ");
  if (rcode === "NXDOMAIN") return t("no such name (NXDOMAIN)");
  if (rcode === "NOERROR") return t("the name exists, but not this record");
  return rcode ?? t("no answer");
}
