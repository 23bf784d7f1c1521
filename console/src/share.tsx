// SPDX-License-Identifier: GPL-3.0-or-later
// Links that show one identity to whoever manages its DNS, without signing in.
import { useCallback, useState } from "preact/hooks";
import type { Client } from "./api";
import { Copyable } from "./copy";
import { t } from "./lang";
import { Alert, Choice, Filled, Time, useLoaded, useNow, useWork } from "./parts";
import { absolute, day, lives } from "./words";

export function ShareBox(props: { client: Client; id: string }) {
  const { client, id } = props;
  const ask = useCallback(() => client.shares(id).then((answer) => answer.shares), [client, id]);
  const { value: shares, error: failed, load } = useLoaded(ask);
  const now = useNow();
  const [days, setDays] = useState(14);
  const [link, setLink] = useState("");
  const { busy, error, work } = useWork();

  const make = () => work(async () => {
    const share = await client.share(id, days * day);
    setLink(`${location.origin}/#/shared/${share.token}`);
    await load();
  });
  const end = (share: string) => work(async () => {
    await client.unshare(id, share);
    setLink("");
    await load();
  });

  return (
    <section aria-labelledby="share">
      <h2 id="share">{t("Send this page to whoever manages the DNS")}</h2>
      <p class="quiet">
        {t("A link shows what to publish and what is wrong, without signing in. It shows no e-mail addresses " +
          "and no mail.")}
      </p>
      <div class="actions">
        <Choice id="share-days" label={t("Good for")} value={days} onChoice={setDays}
          choices={[1, 14, 90].map((n) => [n, t(lives[n] ?? "")])} />
        <button type="button" disabled={busy} onClick={make}>{t("Make a link")}</button>
      </div>
      {(error || failed) && <Alert>{error || failed}</Alert>}
      {link && (
        <div class="panel once" role="status">
          <Copyable label={t("Link")} text={link} hint={t("Copy it now: it is not shown again.")} />
        </div>
      )}
      {shares && shares.length > 0 && (
        <ul class="rows">
          {shares.map((share) => (
            <li key={share.id}>
              <span>
                {t("Link made {when}, good until {until}",
                  { when: absolute(share.created_at), until: absolute(share.expires_at) })}
                <span class="quiet">
                  {" "}{share.last_used_at
                    ? <Filled text={t("last opened {when}")} blanks={{ when: <Time at={share.last_used_at} now={now} byHour /> }} />
                    : t("not opened yet")}
                </span>
              </span>
              <button type="button" class="plain" disabled={busy} onClick={() => end(share.id)}
                aria-label={t("End the link made {when}", { when: absolute(share.created_at) })}>
                {t("End")}
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
