// SPDX-License-Identifier: GPL-3.0-or-later
// The words of the console, in one place. State is always a sign and a word, never a colour alone.
import type { RecordState, Status } from "./api";

export interface Mark {
  sign: string;
  word: string;
  tone: "good" | "bad" | "wait" | "quiet";
}

export const statusMarks: Record<Status, Mark> = {
  NOT_STARTED: { sign: "○", word: "Not started", tone: "quiet" },
  PENDING: { sign: "◔", word: "Pending", tone: "wait" },
  SUCCESS: { sign: "✓", word: "Verified", tone: "good" },
  FAILED: { sign: "✕", word: "Failed", tone: "bad" },
  TEMPORARY_FAILURE: { sign: "!", word: "Records missing, still sending", tone: "bad" },
};

/** What stands behind "Pending": the last report's verdict. */
export const verdictWords: Record<string, string> = {
  ok: "records are right",
  action_required: "needs a fix",
  waiting: "waiting for caches",
  undetermined: "could not tell yet",
};

export const recordMarks: Record<RecordState, Mark> = {
  ok: { sign: "✓", word: "Right", tone: "good" },
  missing: { sign: "✕", word: "Missing", tone: "bad" },
  wrong: { sign: "✕", word: "Wrong", tone: "bad" },
  waiting: { sign: "◔", word: "Waiting for caches", tone: "wait" },
  unknown: { sign: "?", word: "Could not tell", tone: "wait" },
  found: { sign: "✓", word: "Found", tone: "good" },
  absent: { sign: "○", word: "Not there", tone: "quiet" },
  unchecked: { sign: "○", word: "Not looked at yet", tone: "quiet" },
};

export const purposeWords: Record<string, string> = {
  dkim: "DKIM",
  mail_from: "MAIL FROM",
  spf: "SPF",
  dmarc: "DMARC",
  ownership: "Ownership",
};

/** When a look that is due comes: "in 12 s", or "now" once its moment has come. */
export function due(at: string, nowMs: number): string {
  return Date.parse(at) <= nowMs ? "now" : relative(at, nowMs);
}

/** "in 12 s", "3 min ago": at is RFC 3339. */
export function relative(at: string, nowMs: number): string {
  const seconds = Math.round((Date.parse(at) - nowMs) / 1000);
  const size = Math.abs(seconds);
  const [n, unit] =
    size < 90 ? [size, "s"]
    : size < 90 * 60 ? [Math.round(size / 60), "min"]
    : size < 36 * 3600 ? [Math.round(size / 3600), "h"]
    : [Math.round(size / 86400), "days"];
  return seconds >= 0 ? `in ${n} ${unit}` : `${n} ${unit} ago`;
}

/** Local date and time, to the second. */
export function absolute(at: string): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

/** A clause of the report as a sentence of the page. */
export function sentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?:]$/.test(upper) ? upper : `${upper}.`;
}

const outcomes: Record<string, string> = {
  timeout: "did not answer",
  unreachable: "cannot be reached",
  malformed: "answered something that is not DNS",
  forbidden: "has an address that is not asked",
  no_address: "has no address",
  no_tcp: "does not answer over TCP",
  limit: "was not asked",
};

/** What one server said, in a few words. */
export function observedWords(outcome: string, rcode: string | null, values: string[]): string {
  if (outcome !== "answered") return outcomes[outcome] ?? outcome;
  if (values.length > 0) return values.join(", ");
  if (rcode === "NXDOMAIN") return "no such name (NXDOMAIN)";
  if (rcode === "NOERROR") return "the name exists, but not this record";
  return rcode ?? "no answer";
}
