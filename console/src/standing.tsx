// SPDX-License-Identifier: GPL-3.0-or-later
// How an identity stands, for its own page and for what a link shows.
import type { Client, DnsRecord, Finding, Shared } from "./api";
import { FindingPanel } from "./finding";
import { lang, t } from "./lang";
import { Badge, Due, Filled, PageTitle, Time, useNow } from "./parts";
import { RecordCard } from "./record";
import { absolute, purposeWords, statusMarks } from "./words";

export type Standing = Omit<Shared, "expires_at">;

/** The domain and its status; where more than DKIM is in use each has its own. */
export function Badges(props: { thing: Standing }) {
  const { thing } = props;
  const aspects = Object.entries(thing.aspects);
  return (
    <>
      <div class="identity-head">
        <PageTitle>{thing.domain_display}</PageTitle>
        <Badge mark={statusMarks[thing.status]} />
      </div>
      {thing.domain !== thing.domain_display && <p class="quiet">{thing.domain}</p>}
      {aspects.length > 1 && (
        <ul class="aspects">
          {aspects.map(([aspect, status]) => (
            <li key={aspect} data-aspect={aspect}>
              {t(purposeWords[aspect] ?? aspect)} <Badge mark={statusMarks[status]} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** When it was looked at, when it will be, and why then. */
export function When(props: { thing: Standing }) {
  const now = useNow();
  const i = props.thing;
  const gap = lang() === "ja" ? "" : " "; // behind a full stop
  return (
    <p class="quiet when">
      {i.last_checked_at
        ? <Filled text={t("Last checked {when}.")} blanks={{ when: <Time at={i.last_checked_at} now={now} /> }} />
        : t("Not checked yet.")}{gap}
      {i.next_check_at && (
        <>
          <Filled
            text={t("Checked again by itself: {when}.")}
            blanks={{ when: <Due at={i.next_check_at} now={now} /> }}
          />{gap}{i.next_check_why}{gap}
        </>
      )}
      {i.status === "PENDING" && i.search_ends_at &&
        t("The search goes on until {when}.", { when: absolute(i.search_ends_at) })}
    </p>
  );
}

/** What a failure means for mail, and until when something happens by itself. */
export function Consequence(props: { thing: Standing; isShared?: boolean }) {
  const now = useNow();
  const i = props.thing;
  if (i.status === "TEMPORARY_FAILURE" && i.grace_ends_at) {
    const passed = Date.parse(i.grace_ends_at) <= now;
    return (
      <p class="alert">
        {passed
          ? t("Mail is still sent, but no longer than until the next check if the records are not back by then.")
          : (
            <Filled
              text={t("Mail is still sent. If the records are not back, that stops {when} ({date}).")}
              blanks={{ when: <Due at={i.grace_ends_at} now={now} />, date: absolute(i.grace_ends_at) }}
            />
          )}
      </p>
    );
  }
  if (i.status !== "FAILED") return null;
  return (
    <p class="alert">
      {i.looks_end_at && Date.parse(i.looks_end_at) > now
        ? t("Mail is not sent. It is still checked, ever more rarely, until {when}: once the records are right, it " +
            "is verified by itself.", { when: absolute(i.looks_end_at) })
        : t("Mail is not sent, and nothing is checked by itself any more.")}
      {lang() === "ja" ? "" : " "}
      {!props.isShared &&
        t("Resubmit searches often again. The records stay the same: what is published stays good.")}
    </p>
  );
}

export function Findings(props: { client?: Client; findings: Finding[] }) {
  return (
    <>
      {props.findings.map((f, n) => <FindingPanel key={`${f.code} ${n}`} client={props.client} finding={f} />)}
    </>
  );
}

export function Records(props: { records: DnsRecord[] }) {
  return (
    <>
      <h2>{t("Records to publish")}</h2>
      <ul class="records">{props.records.map((r) => <RecordCard key={r.id} record={r} />)}</ul>
    </>
  );
}
