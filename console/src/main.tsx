// SPDX-License-Identifier: GPL-3.0-or-later
// The page: who is signed in, and which of its views is open.
import { render } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Client, Problem } from "./api";
import type { Me } from "./api";
import { IdentityPage } from "./identity";
import { lang, langs, mark, preferredLang, rememberLang, t, setLang } from "./lang";
import type { Lang } from "./lang";
import { List } from "./list";
import { Alert } from "./parts";
import { SharedPage } from "./shared";
import { SignIn } from "./signin";
import { TokensPage } from "./tokens";
import { WebhooksPage } from "./webhooks";

const tokenKey = "unpend.token";

function useHash(): string {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return hash;
}

function LangSwitch(props: { onLang: (next: Lang) => void }) {
  return (
    <span class="langs" role="group" aria-label="Language / 言語">
      {(Object.keys(langs) as Lang[]).map((one) => (
        <button
          key={one}
          type="button"
          class="plain"
          lang={one}
          aria-pressed={one === lang()}
          onClick={() => props.onLang(one)}
        >
          {langs[one]}
        </button>
      ))}
    </span>
  );
}

const views: [hash: string, title: string, scope: string][] = [
  ["#/", mark("Masked senders"), "identities:read"],
  ["#/webhooks", mark("Webhooks"), "webhooks:read"],
  ["#/tokens", mark("Tokens"), "tokens:read"],
];

function Views(props: { me: Me; hash: string }) {
  return (
    <nav aria-label={t("Pages")}>
      {views.filter(([, , scope]) => props.me.scopes.includes(scope)).map(([hash, title]) => (
        <a key={hash} href={hash} aria-current={(props.hash || "#/") === hash ? "page" : undefined}>{t(title)}</a>
      ))}
    </nav>
  );
}

function Header(props: { me: Me | null; hash: string; onSignOut: () => void; onLang: (next: Lang) => void }) {
  return (
    <header>
      <a class="brand" href="#/">
        <img src="/favicon.svg" alt="" width="24" height="24" /> unpend
      </a>
      {props.me && <Views me={props.me} hash={props.hash} />}
      {props.me && (
        <span class="who">
          {props.me.tenant} <span class="quiet">{props.me.region}</span>{" "}
          <button type="button" class="plain" onClick={props.onSignOut}>{t("Sign out")}</button>
        </span>
      )}
      <LangSwitch onLang={props.onLang} />
    </header>
  );
}

function View(props: { client: Client; hash: string }) {
  const { client, hash } = props;
  const identity = /^#\/identities\/([A-Za-z0-9_]+)$/.exec(hash)?.[1];
  if (identity) return <IdentityPage key={identity} client={client} id={identity} />;
  if (hash === "#/webhooks") return <WebhooksPage client={client} />;
  if (hash === "#/tokens") return <TokensPage client={client} />;
  return <List client={client} onOpen={(id) => { location.hash = `#/identities/${id}`; }} />;
}

function App() {
  const [token, setToken] = useState(sessionStorage.getItem(tokenKey) ?? "");
  const [me, setMe] = useState<Me | null>(null);
  const [error, setError] = useState("");
  const [language, setLanguage] = useState<Lang>(lang());
  const hash = useHash();
  const shared = /^#\/shared\/([a-z2-7]+)$/.exec(hash)?.[1];
  // With another language another client: what it gave is asked for again.
  const client = useMemo(() => new Client(token, me?.scopes, signOut), [token, me, language]);

  function signOut() {
    sessionStorage.removeItem(tokenKey);
    setToken("");
    setMe(null);
  }

  useEffect(() => {
    if (!token || me || shared) return;
    client.me().then(setMe, (e) => {
      if (e instanceof Problem && (e.status === 401 || e.status === 403)) signOut();
      else setError((e as Error).message);
    });
  }, [client, shared]);

  function signedIn(newToken: string, newMe: Me) {
    sessionStorage.setItem(tokenKey, newToken);
    setMe(newMe);
    setToken(newToken);
  }

  function speak(next: Lang) {
    rememberLang(next);
    setLang(next);
    setLanguage(next);
  }

  if (shared) {
    return (
      <>
        <Header me={null} hash={hash} onSignOut={signOut} onLang={speak} />
        <SharedPage key={`${shared} ${language}`} token={shared} />
      </>
    );
  }
  return (
    <>
      <Header me={me} hash={hash} onSignOut={signOut} onLang={speak} />
      {!token ? <SignIn onSignedIn={signedIn} />
        : me ? <View key={language} client={client} hash={hash} />
        : <main>{error ? <Alert>{error}</Alert> : <p>{t("Loading …")}</p>}</main>}
    </>
  );
}

setLang(preferredLang());
const root = document.getElementById("app");
if (root) render(<App />, root);
