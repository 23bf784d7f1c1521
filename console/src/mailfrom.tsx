// SPDX-License-Identifier: GPL-3.0-or-later
// The customer's own domain for bounces: set, change, give up.
import { useState } from "preact/hooks";
import type { Client, Identity, MailFrom } from "./api";
import { t } from "./lang";
import { Alert, useWork } from "./parts";

export function MailFromBox(props: { client: Client; identity: Identity; onChanged: (now: Identity) => void }) {
  const { client, identity } = props;
  const set = identity.mail_from;
  const [domain, setDomain] = useState(set?.domain ?? "");
  const [reject, setReject] = useState(set?.reject ?? false);
  const { busy, error, work } = useWork();

  const change = (next: MailFrom | null) => work(async () => {
    const now = await client.mailFrom(identity.id, next);
    setDomain(now.mail_from?.domain ?? "");
    setReject(now.mail_from?.reject ?? false);
    props.onChanged(now);
  });

  return (
    <section aria-labelledby="mail-from">
      <h2 id="mail-from">{t("MAIL FROM domain")}</h2>
      <p class="quiet">
        {t("Bounces go to this domain; it has to lie below {domain}. With it SPF passes for the customer's own " +
          "name. Without it mail keeps the sender's address.", { domain: identity.domain_display })}
      </p>
      <form class="panel" onSubmit={(e) => { e.preventDefault(); void change({ domain: domain.trim(), reject }); }}>
        <label for="mail-from-domain">{t("Domain for bounces")}</label>
        <div class="row">
          <input id="mail-from-domain" type="text" spellcheck={false} autocapitalize="off" required value={domain}
            placeholder={`bounce.${identity.domain}`} onInput={(e) => setDomain(e.currentTarget.value)} />
          <button type="submit" disabled={busy || !domain.trim()}>{set ? t("Change") : t("Set")}</button>
          {set && <button type="button" disabled={busy} onClick={() => change(null)}>{t("Do without")}</button>}
        </div>
        <label class="check">
          <input type="checkbox" checked={reject} onChange={(e) => setReject(e.currentTarget.checked)} />
          {t("Refuse mail while its records are not verified")}
        </label>
        {error && <Alert>{error}</Alert>}
      </form>
    </section>
  );
}
