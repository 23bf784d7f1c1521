// SPDX-License-Identifier: GPL-3.0-or-later
// The page: who is signed in, and which of its two views is open.
import { render } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Client } from "./api";
import type { Me } from "./api";
import { IdentityPage } from "./identity";
import { lang, langs, preferredLang, rememberLang, t, setLang } from "./lang";
import type { Lang } from "./lang";
import { List } from "./list";
import { SignIn } from "./signin";

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

function Header(props: { me: Me | null; onSignOut: () => void; onLang: (next: Lang) => void }) {
  return (
    <header>
      <a class="brand" href="#/">
        <img src="/favicon.svg" alt="" width="24" height="24" /> unpend
      </a>
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

function App() {
  const [token, setToken] = useState(sessionStorage.getItem(tokenKey) ?? "");
  const [me, setMe] = useState<Me | null>(null);
  const [language, setLanguage] = useState<Lang>(lang());
  // With another language another client: what it gave is asked for again.
  const client = useMemo(() => new Client(token), [token, language]);
  const open = /^#\/identities\/([A-Za-z0-9_]+)$/.exec(useHash())?.[1];

  function signOut() {
    sessionStorage.removeItem(tokenKey);
    setToken("");
    setMe(null);
  }

  useEffect(() => {
    if (token && !me) client.me().then(setMe, signOut);
  }, [client]);

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

  return (
    <>
      <Header me={me} onSignOut={signOut} onLang={speak} />
      {!token ? <SignIn onSignedIn={signedIn} />
        : open ? <IdentityPage key={`${open} ${language}`} client={client} id={open} />
        : <List key={language} client={client} onOpen={(id) => { location.hash = `#/identities/${id}`; }} />}
    </>
  );
}

setLang(preferredLang());
const root = document.getElementById("app");
if (root) render(<App />, root);
