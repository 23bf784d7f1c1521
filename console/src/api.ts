// SPDX-License-Identifier: GPL-3.0-or-later
// The native API (doc/api.md) as types and calls. The only file that talks to the network.
import { lang, t } from "./lang";

export type Status = "NOT_STARTED" | "PENDING" | "SUCCESS" | "FAILED" | "TEMPORARY_FAILURE";
export type RecordState =
  | "ok" | "missing" | "wrong" | "waiting" | "unknown" | "found" | "absent" | "unchecked";

export interface Me {
  tenant: string;
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
  may_send: boolean;
  held_messages: number;
  created_at: string;
  last_checked_at: string | null;
  last_success_at: string | null;
  next_check_at: string | null;
  search_ends_at: string | null;
  ses_status: string | null;
  verdict: string | null;
  headline: string;
}

export interface Identity extends IdentitySummary {
  one_cache: boolean;
  records: DnsRecord[];
  findings: Finding[];
  next: { kind: string } | null;
}

export interface IdentityEvent {
  id: number | string;
  at: string;
  kind: string;
  aspect: string;
  from: string;
  to: string;
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
  constructor(private readonly token: string) {}

  private async send(method: string, path: string, body?: unknown, etag?: string) {
    const headers: Record<string, string> = {
      Authorization: `Bearer ${this.token}`,
      "Accept-Language": lang(),
    };
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
    if (!response.ok && response.status !== 304) throw await problemOf(response);
    return response;
  }

  private async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    return (await (await this.send(method, path, body)).json()) as T;
  }

  me(): Promise<Me> {
    return this.json("GET", "/me");
  }

  /** One page of identities; next is null behind the last. */
  identities(cursor: string): Promise<{ identities: IdentitySummary[]; next: string | null }> {
    const query = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
    return this.json("GET", `/identities?limit=50${query}`);
  }

  add(sender: string): Promise<Identity> {
    return this.json("POST", "/identities", { sender });
  }

  /** null: unchanged since etag. */
  async identity(id: string, etag: string): Promise<{ identity: Identity; etag: string } | null> {
    const response = await this.send("GET", `/identities/${id}`, undefined, etag);
    if (response.status === 304) return null;
    return {
      identity: (await response.json()) as Identity,
      etag: response.headers.get("ETag") ?? "",
    };
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

  events(id: string): Promise<{ events: IdentityEvent[] }> {
    return this.json("GET", `/identities/${id}/events`);
  }
}
