// What the page holds and what the engine makes of it. Both cross between page and worker, and a session also between people.

import type { Step } from "../host/index.ts";

/** Algorithms that the page can sign with. */
export const ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA", "HS256"] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** A token that the page makes: claims and header as JSON text, in which null takes a member out. */
export interface MadeToken {
  kind: "made";
  name: string;
  /** The name of its issuer in the configuration. */
  issuer: string;
  algorithm: Algorithm;
  /** `other`: signed with a key that the issuer does not publish, under the same `kid`. */
  key: "issuer" | "other";
  claims: string;
  header: string;
}

export interface PastedToken {
  kind: "pasted";
  name: string;
  text: string;
}

export type Token = MadeToken | PastedToken | { kind: "none"; name: string };

/** Where an issuer's keys come from. `page`: the page's keys, in the place of inline ones too. */
export type KeySource =
  | { kind: "page" }
  | { kind: "configured" }
  | { kind: "pasted"; jwks: string }
  | { kind: "unavailable"; how: "status" | "timeout" | "reset" | "html" };

export interface Session {
  config: string;
  tokens: Token[];
  selected: number;
  method: string;
  host: string;
  path: string;
  /** One `name: value` on a line. */
  headers: string;
  /** By the issuer's name; the page's keys where it is not named. */
  keys: Record<string, KeySource>;
  /** Seconds since 1970. */
  now: number;
}

export type Header = [name: string, value: string];

/** What came of one request. */
export interface Decision {
  verdict: "admit" | "refuse" | "answer" | "pending" | "trap";
  status: number | null;
  reason: string | null;
  sentence: string | null;
  /** Why an admitted request would have been refused, had its rule been enforced. */
  wouldRefuse: { reason: string; sentence: string } | null;
  steps: Step[];
  sent: Header[];
  upstream: Header[] | null;
  response: { headers: Header[]; body: string } | null;
  callouts: { url: string; cluster: string; answer: string }[];
  filterState: Header[];
  log: { level: string; text: string }[];
  trap: string | null;
}

export interface Cell {
  verdict: Decision["verdict"];
  status: number | null;
  reason: string | null;
}

/** A rule of the configuration, a request that it matches, and what each token gets there. */
export interface RouteRow {
  rule: string;
  method: string;
  host: string;
  path: string;
  cells: Cell[];
}

/** A token as it was sent, and what is in it, unverified. */
export interface TokenView {
  name: string;
  text: string | null;
  problem: string | null;
  header: unknown;
  claims: unknown;
}

export interface Result {
  /** Each `PATH: problem`. */
  mistakes: string[];
  warnings: string[];
  tokens: TokenView[];
  decision: Decision | null;
  /** Cells in the order of the tokens; only that of the selected one without a matrix. */
  routes: RouteRow[];
  moreRoutes: number;
  /** The public keys that the page answers with, by issuer. */
  jwks: Record<string, string>;
  /** What callouts were answered with, as a replay file says it. */
  answers: { url: string; answer: unknown }[];
  /** The configuration that ran: the session's, but for inline keys that the page put others in the place of. */
  configRun: string;
  milliseconds: number;
}
