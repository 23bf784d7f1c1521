// SPDX-License-Identifier: GPL-3.0-or-later
// The tenant's tokens: for programs, each with no more rights than it needs.
import { useCallback, useState } from "preact/hooks";
import type { Client, Token } from "./api";
import { mark, t } from "./lang";
import { Alert, Choice, Once, PageTitle, Time, useLoaded, useNow, useWork } from "./parts";
import { absolute, day, lives } from "./words";

const scopes: Record<string, string> = {
  "identities:read": mark("see masked senders"),
  "identities:write": mark("add, change, check and delete masked senders"),
  "events:read": mark("see events and the history"),
  "webhooks:read": mark("see webhooks and deliveries"),
  "webhooks:write": mark("add, change and delete webhooks"),
  "tokens:read": mark("see tokens"),
  "tokens:write": mark("make and revoke tokens"),
  "shares:write": mark("make and end links"),
};

function Add(props: { client: Client; onMade: (token: string) => void }) {
  const { client } = props;
  const own = Object.keys(scopes).filter((scope) => client.may(scope));
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<string[]>(["identities:read"]);
  const [days, setDays] = useState(90);
  const { busy, error, work } = useWork();

  function toggle(scope: string) {
    setChosen(chosen.includes(scope) ? chosen.filter((one) => one !== scope) : [...chosen, scope]);
  }
  const make = (event: Event) => {
    event.preventDefault();
    void work(async () => {
      props.onMade((await client.addToken(name.trim(), chosen, days * day)).token);
      setName("");
    });
  };

  return (
    <form class="panel" onSubmit={make}>
      <label for="token-name">{t("What is the token for?")}</label>
      <input id="token-name" type="text" required maxLength={64} value={name}
        onInput={(e) => setName(e.currentTarget.value)} />
      <fieldset>
        <legend>{t("It may")}</legend>
        {own.map((scope) => (
          <label key={scope} class="check">
            <input type="checkbox" checked={chosen.includes(scope)} onChange={() => toggle(scope)} />
            <span>{t(scopes[scope] ?? scope)} <span class="code">{scope}</span></span>
          </label>
        ))}
      </fieldset>
      <div class="actions">
        <Choice id="token-days" label={t("Good for")} value={days} onChoice={setDays}
          choices={[1, 30, 90, 365, 0].map((n) => [n, t(lives[n] ?? "")])} />
        <button type="submit" class="primary" disabled={busy || !name.trim() || chosen.length === 0}>
          {t("Make a token")}
        </button>
      </div>
      {error && <Alert>{error}</Alert>}
    </form>
  );
}

function Row(props: { token: Token; now: number; onRevoke?: () => void }) {
  const { token, now } = props;
  const expired = token.expires_at !== null && Date.parse(token.expires_at) <= now;
  return (
    <li>
      <span>
        <strong>{token.name}</strong>{" "}
        <span class="quiet">
          {token.revoked_at ? t("revoked {when}", { when: absolute(token.revoked_at) })
            : expired ? t("expired")
            : token.expires_at ? t("good until {when}", { when: absolute(token.expires_at) })
            : t("no end")}
          {" · "}
          {token.last_used_at ? <>{t("last used")} <Time at={token.last_used_at} now={now} byHour /></> : t("never used")}
        </span>
        <span class="code">{token.scopes.join(" ")}</span>
      </span>
      {!token.revoked_at && !expired && props.onRevoke && (
        <button type="button" class="plain danger" onClick={props.onRevoke}
          aria-label={t("Revoke the token {name}", { name: token.name })}>
          {t("Revoke")}
        </button>
      )}
    </li>
  );
}

export function TokensPage(props: { client: Client }) {
  const { client } = props;
  const ask = useCallback(() => client.tokens().then((answer) => answer.tokens), [client]);
  const { value: tokens, error: failed, load } = useLoaded(ask);
  const [made, setMade] = useState("");
  const { error, work } = useWork();
  const now = useNow();
  const may = client.may("tokens:write");

  function revoke(token: Token) {
    if (!confirm(t("Revoke the token {name}? Whatever uses it is refused at once.", { name: token.name }))) return;
    void work(async () => {
      await client.revokeToken(token.id);
      await load();
    });
  }

  return (
    <main>
      <PageTitle>{t("Tokens")}</PageTitle>
      <p class="quiet">{t("A program that calls the API signs in with a token. Give each its own, with only the rights it needs.")}</p>
      {made && <Once label={t("Token")} text={made} onDone={() => setMade("")} />}
      {may && <Add client={client} onMade={(token) => { setMade(token); void load(); }} />}
      {(error || failed) && <Alert>{error || failed}</Alert>}
      <ul class="rows">
        {tokens?.map((one) => (
          <Row key={one.id} token={one} now={now} onRevoke={may ? () => revoke(one) : undefined} />
        ))}
      </ul>
    </main>
  );
}
