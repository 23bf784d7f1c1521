// SPDX-License-Identifier: GPL-3.0-or-later
// A finding: what is wrong, why, and what to do.
import type { Finding } from "./api";

const labels = { error: "Fix", wait: "Wait", unsure: "Unsure", note: "Note" };

export function FindingPanel(props: { finding: Finding }) {
  const f = props.finding;
  return (
    <section class={`finding ${f.severity}`} aria-label={`${labels[f.severity]} ${f.code}`}>
      <h3>
        {labels[f.severity]}: {f.title} <span class="code">{f.code}</span>
      </h3>
      {f.why && <p>{f.why}</p>}
      {f.fix.length > 0 && (
        <ul class="fixes">
          {f.fix.map((fix, n) => <li key={n}>{fix.sentence}</li>)}
        </ul>
      )}
      <p class="quiet">
        More: <code>unpend explain {f.code}</code>
      </p>
    </section>
  );
}
