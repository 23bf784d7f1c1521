// SPDX-License-Identifier: GPL-3.0-or-later
// One record: what to type where, and what was found where it is wrong.
import type { DnsRecord, Observed } from "./api";
import { Copyable } from "./copy";
import { t } from "./lang";
import { Badge } from "./parts";
import { observedWords, purposeWords, recordMarks } from "./words";

function Servers(props: { observed: Observed[] }) {
  return (
    <table class="servers">
      <thead>
        <tr>
          <th scope="col">{t("Name server")}</th>
          <th scope="col">{t("What it says")}</th>
        </tr>
      </thead>
      <tbody>
        {props.observed.map((o) => (
          <tr key={`${o.server} ${o.address}`}>
            <td>
              {o.server} <span class="quiet">{o.address}</span>
            </td>
            <td class="value">{observedWords(o.outcome, o.rcode, o.values)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function title(record: DnsRecord): string {
  const purpose = t(purposeWords[record.purpose] ?? record.purpose);
  const number = /-(\d+)$/.exec(record.id)?.[1];
  return number ? `${purpose} ${number}` : purpose;
}

export function RecordCard(props: { record: DnsRecord }) {
  const r = props.record;
  const wrong = r.state === "wrong" || r.state === "missing" || r.state === "unknown";
  const shorter = r.name.relative !== r.name.fqdn;
  return (
    <li class="record" id={`record-${r.id}`} data-state={r.state}>
      <div class="record-head">
        <h3>
          {title(r)} <span class="quiet">{r.required ? "" : t("recommended")}</span>
        </h3>
        <Badge mark={recordMarks[r.state]} />
        {r.servers_asked > 0 && (
          <span class="quiet">
            {t("{right}/{asked} name servers", { right: r.servers_right, asked: r.servers_asked })}
          </span>
        )}
      </div>
      <div class="field">
        <span class="field-label">{t("Type")}</span>
        <code class="field-text">{r.type}</code>
      </div>
      <Copyable
        label={t("Name")}
        text={r.name.relative}
        hint={shorter ? t("most DNS panels add .{zone} by themselves", { zone: r.name.relative_to }) : undefined}
      />
      {shorter && (
        <Copyable label={t("Full name")} text={r.name.fqdn} hint={t("if your panel wants the whole name")} />
      )}
      {r.priority !== null && <Copyable label={t("Priority")} text={String(r.priority)} />}
      <Copyable label={t("Value")} text={r.value} />
      {r.observed.length > 0 && (
        <details open={wrong}>
          <summary>{wrong ? t("What was found") : t("What the name servers say")}</summary>
          <Servers observed={r.observed} />
        </details>
      )}
    </li>
  );
}
