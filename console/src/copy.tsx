// SPDX-License-Identifier: GPL-3.0-or-later
// A text with a button that copies it exactly. Without the clipboard API the text is selected.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "./lang";

export function Copyable(props: { label: string; text: string; hint?: string }) {
  const text = useRef<HTMLElement>(null);
  const [said, setSaid] = useState("");

  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(""), 2500);
    return () => clearTimeout(timer);
  }, [said]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(props.text);
      setSaid(t("Copied"));
    } catch {
      if (text.current) getSelection()?.selectAllChildren(text.current);
      setSaid(t("Selected: press Ctrl+C"));
    }
  }

  return (
    <div class="field">
      <span class="field-label">{props.label}</span>
      <code ref={text} class="field-text">{props.text}</code>
      <button type="button" class="copy" aria-label={t("Copy {label} {text}", { label: props.label, text: props.text })} onClick={copy}>
        {said === t("Copied") ? `✓ ${said}` : t("Copy")}
      </button>
      {props.hint && <span class="field-hint">{props.hint}</span>}
      <span class="visually-hidden" role="status">{said}</span>
    </div>
  );
}
