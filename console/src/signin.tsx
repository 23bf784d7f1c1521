// SPDX-License-Identifier: GPL-3.0-or-later
// Sign in with the token that `unpend tenant add` printed.
import { useState } from "preact/hooks";
import { Client, Problem } from "./api";
import type { Me } from "./api";
import { t } from "./lang";
import { Alert, Filled } from "./parts";

export function SignIn(props: { onSignedIn: (token: string, me: Me) => void }) {
  const [token, setToken] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);

  async function submit(event: Event) {
    event.preventDefault();
    setBusy(true);
    setError("");
    try {
      const me = await new Client(token.trim()).me();
      if (me.tenant !== null) {
        props.onSignedIn(token.trim(), me);
        return;
      }
      setError(t("This is a token of the operator. The console shows one tenant: use a token of that tenant."));
      setBusy(false);
    } catch (e) {
      const refused = e instanceof Problem && (e.status === 401 || e.status === 403);
      setError(refused ? t("This token is not known here.") : (e as Error).message);
      setBusy(false);
    }
  }

  return (
    <main class="narrow">
      <h1>{t("Sign in")}</h1>
      <form onSubmit={submit} class="panel">
        <label for="token">{t("Token")}</label>
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          spellcheck={false}
          required
          value={token}
          onInput={(e) => setToken(e.currentTarget.value)}
        />
        <p class="hint">
          <Filled
            text={t("{command} prints it once. It begins with {prefix}.")}
            blanks={{ command: <code>unpend tenant add NAME</code>, prefix: <code>unp_live_</code> }}
          />
        </p>
        {error && <Alert>{error}</Alert>}
        <button type="submit" class="primary" disabled={busy || !token.trim()}>{t("Sign in")}</button>
      </form>
    </main>
  );
}
