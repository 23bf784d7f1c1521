// SPDX-License-Identifier: GPL-3.0-or-later
// What a link shows to anybody: what to publish, what is wrong, when it is looked at next.
import { useCallback, useEffect, useMemo } from "preact/hooks";
import { Client, Problem } from "./api";
import { useAsking, useChanging, useVisible } from "./follow";
import { t } from "./lang";
import { Alert } from "./parts";
import { Badges, Consequence, Findings, Records, When } from "./standing";
import { absolute, statusMarks } from "./words";

export function SharedPage(props: { token: string }) {
  const client = useMemo(() => new Client(""), []);
  const ask = useCallback((etag: string) => client.shared(props.token, etag), [client, props.token]);
  const { value: shared, error, load } = useChanging(ask);
  const over = error instanceof Problem && (error.status === 404 || error.status === 403);
  useAsking(load, shared?.next_check_at, !!shared, useVisible());
  useEffect(() => {
    if (shared) document.title = `${t(statusMarks[shared.status].word)}: ${shared.domain_display} – unpend`;
  }, [shared]);

  if (over) return <main><Alert>{t("This link has ended. Ask whoever sent it for another one.")}</Alert></main>;
  if (!shared) return <main>{error ? <Alert>{(error as Error).message}</Alert> : <p>{t("Loading …")}</p>}</main>;
  return (
    <main>
      <Badges thing={shared} />
      <p>
        {t("Whoever sent you this link wants to send mail as {domain}. For that these records have to be in its DNS.",
          { domain: shared.domain_display })}
      </p>
      {error !== null && <Alert>{(error as Error).message}</Alert>}
      <p class="headline" aria-live="polite">{shared.headline}</p>
      <When thing={shared} />
      <Consequence thing={shared} isShared />
      <Findings findings={shared.findings} />
      <Records records={shared.records} />
      <p class="quiet">{t("This link is good until {when}.", { when: absolute(shared.expires_at) })}</p>
    </main>
  );
}
