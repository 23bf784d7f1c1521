// SPDX-License-Identifier: GPL-3.0-or-later
// A finding: what is wrong, what was found, why, what to do; and its long explanation on demand.
import { useState } from "preact/hooks";
import type { Client, Evidence, Explanation, Finding } from "./api";
import { observedWords, sentence } from "./words";

const labels = { error: "Fix", wait: "Wait", unsure: "Unsure", note: "Note" };
const evidenceMax = 3;

function Found(props: { evidence: Evidence }) {
  const e = props.evidence;
  return (
    <li>
      <span class="quiet">{e.query.type}</span> <code class="value">{e.query.name}</code>:{" "}
      <span class="value">{observedWords(e.outcome, e.rcode, e.values)}</span>
      {e.server_names && e.server_names.length > 0 && (
        <span class="quiet"> at {e.server_names.join(", ")}</span>
      )}
    </li>
  );
}

function FoundList(props: { evidence: Evidence[] }) {
  const more = props.evidence.length - evidenceMax;
  if (props.evidence.length === 0) return null;
  return (
    <>
      <h4>What was found</h4>
      <ul class="evidence">
        {props.evidence.slice(0, evidenceMax).map((e, n) => <Found key={n} evidence={e} />)}
      </ul>
      {more > 0 && (
        <details>
          <summary>{more} more</summary>
          <ul class="evidence">
            {props.evidence.slice(evidenceMax).map((e, n) => <Found key={n} evidence={e} />)}
          </ul>
        </details>
      )}
    </>
  );
}

function Explain(props: { client: Client; code: string }) {
  const [text, setText] = useState<Explanation | null>(null);
  const [error, setError] = useState("");

  function opened(event: Event) {
    const open = (event.currentTarget as HTMLDetailsElement).open;
    if (open && !text) props.client.explanation(props.code).then(setText, (e) => setError((e as Error).message));
  }

  return (
    <details onToggle={opened}>
      <summary>Explain {props.code}</summary>
      {error && <p>{error}</p>}
      {text && (
        <div class="explanation">
          <p>{text.meaning}</p>
          <h4>Why it happens</h4>
          <p>{text.why}</p>
          <h4>How we know</h4>
          <p>{text.how_we_know}</p>
          <h4>Fix</h4>
          <p>{text.fix}</p>
          <h4>Check it yourself</h4>
          <pre>{text.check_yourself}</pre>
        </div>
      )}
    </details>
  );
}

export function FindingPanel(props: { client: Client; finding: Finding }) {
  const f = props.finding;
  return (
    <section class={`finding ${f.severity}`} aria-label={`${labels[f.severity]} ${f.code}`}>
      <h3>
        {labels[f.severity]}: {f.title} <span class="code">{f.code}</span>
      </h3>
      <FoundList evidence={f.evidence} />
      {f.why && <p>{sentence(f.why)}</p>}
      {f.fix.length > 0 && (
        <>
          <h4>What to do</h4>
          <ul class="fixes">
            {f.fix.map((fix, n) => <li key={n}>{fix.sentence}</li>)}
          </ul>
        </>
      )}
      <Explain client={props.client} code={f.code} />
    </section>
  );
}
