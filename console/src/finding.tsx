// SPDX-License-Identifier: GPL-3.0-or-later
// A finding: what is wrong, what was found, why, what to do; and its long explanation on demand.
import { useState } from "preact/hooks";
import type { Client, Evidence, Explanation, Finding } from "./api";
import { mark, t } from "./lang";
import { Filled } from "./parts";
import { capital, observedWords, sentence } from "./words";

const labels = { error: mark("fix"), wait: mark("wait"), unsure: mark("unsure"), note: mark("note") };
const evidenceMax = 3;

function Found(props: { evidence: Evidence }) {
  const e = props.evidence;
  return (
    <li>
      <span class="quiet">{e.query.type}</span> <code class="value">{e.query.name}</code>:{" "}
      <span class="value">{observedWords(e.outcome, e.rcode, e.values)}</span>
      {e.server_names && e.server_names.length > 0 && (
        <span class="quiet"> {t("at {servers}", { servers: e.server_names.join(", ") })}</span>
      )}
    </li>
  );
}

function FoundList(props: { evidence: Evidence[] }) {
  const more = props.evidence.length - evidenceMax;
  if (props.evidence.length === 0) return null;
  return (
    <>
      <h4>{t("What was found")}</h4>
      <ul class="evidence">
        {props.evidence.slice(0, evidenceMax).map((e, n) => <Found key={n} evidence={e} />)}
      </ul>
      {more > 0 && (
        <details>
          <summary>{t("{n} more", { n: more })}</summary>
          <ul class="evidence">
            {props.evidence.slice(evidenceMax).map((e, n) => <Found key={n} evidence={e} />)}
          </ul>
        </details>
      )}
    </>
  );
}

/** Blank lines part paragraphs; lines that begin with two blanks are kept as they are. */
function Paragraphs(props: { text: string }) {
  return (
    <>
      {props.text.split(/\n\n+/).map((part, n) =>
        part.startsWith("  ") ? <pre key={n}>{part}</pre> : <p key={n}>{part}</p>,
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
      <summary>{t("Explain {code}", { code: props.code })}</summary>
      {error && <p>{error}</p>}
      {text && (
        <div class="explanation">
          <Paragraphs text={text.meaning} />
          <h4>{t("Why it happens")}</h4>
          <Paragraphs text={text.why} />
          <h4>{t("How we know")}</h4>
          <Paragraphs text={text.how_we_know} />
          <h4>{t("Fix")}</h4>
          <Paragraphs text={text.fix} />
          <h4>{t("Check it yourself")}</h4>
          <pre>{text.check_yourself}</pre>
        </div>
      )}
    </details>
  );
}

/** Without a client, who is asked for it, there is no long explanation. */
export function FindingPanel(props: { client?: Client; finding: Finding }) {
  const f = props.finding;
  return (
    <section class={`finding ${f.severity}`} aria-label={`${capital(t(labels[f.severity]))} ${f.code}`}>
      <h3>
        <Filled text={t("{label}: {title}")} blanks={{ label: capital(t(labels[f.severity])), title: f.title }} />{" "}
        <span class="code">{f.code}</span>
      </h3>
      <FoundList evidence={f.evidence} />
      {f.why && <p>{sentence(f.why)}</p>}
      {f.fix.length > 0 && (
        <>
          <h4>{t("What to do")}</h4>
          <ul class="fixes">
            {f.fix.map((fix, n) => <li key={n}>{sentence(fix.sentence)}</li>)}
          </ul>
        </>
      )}
      {f.notes && f.notes.length > 0 && (
        <ul class="notes">
          {f.notes.map((note, n) => (
            <li key={n}>
              {note.confirmed ? "" : `${t("(unconfirmed)")} `}
              {sentence(note.text)}
            </li>
          ))}
        </ul>
      )}
      {props.client && <Explain client={props.client} code={f.code} />}
    </section>
  );
}
