// SPDX-License-Identifier: GPL-3.0-or-later
// The language of the page: chosen from what the browser prefers, or by the person, who is remembered.
// ja.json is made of po/ja.po by `tools/texts console`; English is the source.
import ja from "./ja.json";

export type Lang = "en" | "ja";
export const langs: Record<Lang, string> = { en: "English", ja: "日本語" };

const storeKey = "unpend.lang";
const catalogues: Record<Lang, Record<string, string>> = { en: {}, ja };

function isLang(word: string | null | undefined): word is Lang {
  return word === "en" || word === "ja";
}

/** What was chosen before, else the first of the browser's languages that we have. */
export function preferredLang(): Lang {
  const chosen = localStorage.getItem(storeKey);
  if (isLang(chosen)) return chosen;
  return navigator.languages.map((one) => one.split("-")[0]).find(isLang) ?? "en";
}

let current: Lang = "en";

export function lang(): Lang {
  return current;
}

/** All texts from now on; what is on the page has to be drawn again. */
export function setLang(next: Lang) {
  current = next;
  document.documentElement.lang = next;
}

export function rememberLang(next: Lang) {
  localStorage.setItem(storeKey, next);
}

/** Marks a text for translation where it stands in a table; t gives it later. */
export function mark(text: string): string {
  return text;
}

/** The text in the page's language, with its {blanks} filled in. */
export function t(text: string, blanks: Record<string, string | number> = {}): string {
  const found = catalogues[current][text] ?? text;
  return found.replace(/\{(\w+)\}/g, (whole, name: string) => String(blanks[name] ?? whole));
}
