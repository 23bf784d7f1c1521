// SPDX-License-Identifier: GPL-3.0-or-later
// The native API (doc/api.md) as types and calls. The only file that talks to the network.
import { lang, t } from "./lang";

export type Status = "NOT_STARTED" | "PENDING" | "SUCCESS" | "FAILED" | "TEMPORARY_FAILURE";
export type RecordState =
  | "ok" | "missing" | "wrong" | "waiting" | "unknown" | "found" | "absent" | "unchecked";

export interface Me {
  /** null: the token is the operator's. */
  tenant: string | null;
  scopes: string[];
  region: string;
  authority: string;
  key_zone: string;
  until_verified: string;
}

export interface Observed {
  server: string;
  address: string;
  outcome: string;
  rcode: string | null;
  ttl: number | null;
  values: string[];
}

export interface DnsRecord {
  id: string;
  purpose: string;
  type: string;
  required: boolean;
  name: { fqdn: string; relative: string; relative_to: string };
  value: string;
  priority: number | null;
  state: RecordState;
  servers_right: number;
  servers_asked: number;
  observed: Observed[];
}

export interface Fix {
  action: string;
  field: string;
  from: string;
  to: string;
  sentence: string;
  applicability: string;
}

export interface Evidence {
  query: { name: string; type: string };
  outcome: string;
  rcode: string | null;
  values: string[];
  server_names?: string[];
}

/** The long explanation of a code. */
export interface Explanation {
  code: string;
  meaning: string;
  why: string;
  how_we_know: string;
  fix: string;
  check_yourself: string;
}

export interface Finding {
  code: string;
  severity: "error" | "wait" | "unsure" | "note";
  confidence: string;
  records: string[];
  title: string;
  why: string;
  evidence: Evidence[];
  fix: Fix[];
  /** What is known of the DNS operator in use. */
  notes?: { text: string; confirmed: boolean }[];
}

export interface IdentitySummary {
  id: string;
  domain: string;
  domain_display: string;
  organisational_domain: string;
  caution: string | null;
  senders: string[];
  status: Status;
  aspects: Aspects;
  may_send: boolean;
  held_messages: number;
  created_at: string;
  last_checked_at: string | null;
  last_success_at: string | null;
  next_check_at: string | null;
  next_check_why: string | null;
  mail_from: MailFrom | null;
  search_ends_at: string | null;
  grace_ends_at: string | null;
  looks_end_at: string | null;
  ses_status: string | null;
  verdict: string | null;
  headline: string;
}

export type Aspects = Record<string, Status>;

export interface MailFrom {
  domain: string;
  reject: boolean;
}

export interface Identity extends IdentitySummary {
  mail_from_offered: boolean;
  one_cache: boolean;
  records: DnsRecord[];
  findings: Finding[];
  next: { kind: string } | null;
}

/** What a link shows: an identity without what is the tenant's alone. */
export type Shared = Omit<Identity,
  "id" | "senders" | "may_send" | "held_messages" | "ses_status" | "created_at"> & { expires_at: string };

export interface Share {
  id: string;
  created_at: string;
  expires_at: string;
  last_used_at: string | null;
}

/** What one perspective saw. */
export interface Perspective {
  name: string;
  verdict: string;
  why?: string;
  findings?: string[];
  servers?: { name: string; address: string; saw: string }[];
}

/** An event (then type tells which) or a look (then verdict). */
export interface TimelineItem {
  kind: "event" | "look";
  id: string;
  at: string;
  type?: string;
  aspect?: string | null;
  from?: string | null;
  to?: string | null;
  verdict?: string;
  detail: { perspectives?: Perspective[] } | null;
}

export interface Webhook {
  id: string;
  url: string;
  kinds: string[];
  enabled: boolean;
  created_at: string;
  disabled_at: string | null;
  disabled_why: "gone" | "failing" | "asked" | null;
  failing_since: string | null;
  last_at: string | null;
  last_status: number;
  public_key: string;
  old_secret_until: string | null;
}

export interface Delivery {
  id: string;
  state: "waiting" | "done" | "given_up";
  tries: number;
  next_try_at: string | null;
  last_status: number;
  last_reply: string;
  created_at: string;
  done_at: string | null;
  event: { type: string; domain: string | null };
}

export interface Token {
  id: string;
  name: string;
  scopes: string[];
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}

/** What went wrong, in words for the person at the page. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly retryAfterS: number,
  ) {
    super(detail);
  }
}

function and(cursor: string): string {
  return cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
}

async function problemOf(response: Response): Promise<Problem> {
  const retry = Number(response.headers.get("Retry-After") ?? "0") || 0;
  let detail = t("the server answered {status}", { status: response.status });
  try {
    const body = (await response.json()) as { detail?: string; title?: string };
    detail = body.detail ?? body.title ?? detail;
  } catch {
    // not JSON: the status has to do
  }
  return new Problem(response.status, detail, retry);
}

export class Client {
  private readonly titles = new Map<string, Promise<string>>();

  /** Without a token only what a link shows; onRefused hears that the token is good no longer. */
  constructor(
    private readonly token: string,
    private readonly scopes: string[] = [],
    private readonly onRefused: () => void = () => undefined,
  ) {}

  may(scope: string): boolean {
    return this.scopes.includes(scope);
  }

  private headers(): Record<string, string> {
    const headers: Record<string, string> = { "Accept-Language": lang() };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    return headers;
  }

  private async send(method: string, path: string, body?: unknown, etag?: string) {
    const headers = this.headers();
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (etag) headers["If-None-Match"] = etag;
    let response: Response;
    try {
      response = await fetch(`/api/v1${path}`, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        cache: "no-store",
        signal: AbortSignal.timeout(20_000),
      });
    } catch {
      throw new Problem(0, t("the server does not answer"), 0);
    }
    if (response.status === 401) this.onRefused();
    if (!response.ok && response.status !== 304) throw await problemOf(response);
    return response;
  }

  /** null: unchanged since etag. */
  private async changed<T>(path: string, etag: string): Promise<{ value: T; etag: string } | null> {
    const response = await this.send("GET", path, undefined, etag);
    if (response.status === 304) return null;
    return { value: (await response.json()) as T, etag: response.headers.get("ETag") ?? "" };
  }

  private async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    return (await (await this.send(method, path, body)).json()) as T;
  }

  me(): Promise<Me> {
    return this.json("GET", "/me");
  }

  /** One page of identities; next is null behind the last. */
  identities(cursor: string): Promise<{ identities: IdentitySummary[]; next: string | null }> {
    return this.json("GET", `/identities?limit=50${and(cursor)}`);
  }

  add(sender: string): Promise<Identity> {
    return this.json("POST", "/identities", { sender });
  }

  identity(id: string, etag: string) {
    return this.changed<Identity>(`/identities/${id}`, etag);
  }

  shared(token: string, etag: string) {
    return this.changed<Shared>(`/shared/${token}`, etag);
  }

  /** Its page is open. */
  async watch(id: string): Promise<void> {
    await this.send("POST", `/identities/${id}/watch`);
  }

  mailFrom(id: string, mail_from: MailFrom | null): Promise<Identity> {
    return this.json("PATCH", `/identities/${id}`, { mail_from });
  }

  async check(id: string): Promise<void> {
    await this.send("POST", `/identities/${id}/checks`);
  }

  resubmit(id: string): Promise<Identity> {
    return this.json("POST", `/identities/${id}/resubmit`);
  }

  async remove(id: string): Promise<void> {
    await this.send("DELETE", `/identities/${id}`);
  }

  explanation(code: string): Promise<Explanation> {
    return this.json("GET", `/codes/${code}`);
  }

  /** What a finding's code says, in short. */
  title(code: string): Promise<string> {
    let found = this.titles.get(code);
    if (!found) {
      found = this.json<{ title: string }>("GET", `/codes/${code}`).then((one) => one.title);
      this.titles.set(code, found);
    }
    return found;
  }

  timeline(id: string, cursor: string): Promise<{ items: TimelineItem[]; next: string | null }> {
    return this.json("GET", `/identities/${id}/timeline?limit=20${and(cursor)}`);
  }

  /** Server-sent events of the tenant, or of one identity; a body that goes on until signal ends it. */
  async stream(identity: string, lastId: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const headers = this.headers();
    if (lastId) headers["Last-Event-ID"] = lastId;
    const query = identity ? `?identity=${identity}` : "";
    const response = await fetch(`/api/v1/events/stream${query}`, { headers, cache: "no-store", signal });
    if (!response.ok || !response.body) throw await problemOf(response);
    return response.body;
  }

  shares(id: string): Promise<{ shares: Share[] }> {
    return this.json("GET", `/identities/${id}/shares`);
  }

  share(id: string, expires_in_s: number): Promise<Share & { token: string }> {
    return this.json("POST", `/identities/${id}/shares`, { expires_in_s });
  }

  async unshare(id: string, share: string): Promise<void> {
    await this.send("DELETE", `/identities/${id}/shares/${share}`);
  }

  webhooks(): Promise<{ webhooks: Webhook[] }> {
    return this.json("GET", "/webhooks");
  }

  addWebhook(url: string, kinds: string[]): Promise<Webhook & { secret: string }> {
    return this.json("POST", "/webhooks", { url, kinds });
  }

  enableWebhook(id: string, enabled: boolean): Promise<Webhook> {
    return this.json("PATCH", `/webhooks/${id}`, { enabled });
  }

  async removeWebhook(id: string): Promise<void> {
    await this.send("DELETE", `/webhooks/${id}`);
  }

  rotateWebhook(id: string): Promise<Webhook & { secret: string }> {
    return this.json("POST", `/webhooks/${id}/rotate`);
  }

  async testWebhook(id: string): Promise<void> {
    await this.send("POST", `/webhooks/${id}/test`);
  }

  deliveries(id: string, cursor: string): Promise<{ deliveries: Delivery[]; next: string | null }> {
    return this.json("GET", `/webhooks/${id}/deliveries?limit=20${and(cursor)}`);
  }

  async redeliver(id: string, delivery: string): Promise<void> {
    await this.send("POST", `/webhooks/${id}/deliveries/${delivery}/replay`);
  }

  tokens(): Promise<{ tokens: Token[] }> {
    return this.json("GET", "/tokens");
  }

  addToken(name: string, scopes: string[], expires_in_s: number): Promise<Token & { token: string }> {
    return this.json("POST", "/tokens", { name, scopes, ...(expires_in_s > 0 ? { expires_in_s } : {}) });
  }

  async revokeToken(id: string): Promise<void> {
    await this.send("DELETE", `/tokens/${id}`);
  }
}
