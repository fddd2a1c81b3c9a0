// Examples: the manual's configurations and tokens, collected when the page is built.

import { issuers, object, parse } from "../engine/configuration.ts";
import type { Session } from "../engine/session.ts";

export interface Example {
  /** The manual's page, and the heading under which it stands there. */
  page: string;
  title: string;
  config: unknown;
  /** Claims of a token; null where the manual has none. */
  claims: unknown;
  /** Why the token is refused; null for one that is admitted. */
  reason: string | null;
}

/** The manual's claims are whole: what they lack is not filled in. */
const UNFILLED = { iss: null, aud: null };

/** An example as a session. */
export function sessionOf(example: Example, now: number): Session {
  const config = layout(example.config);
  const issuer = issuers(parse(config))[0]?.name ?? "";
  const claims = example.claims === null ? { sub: "alice" } : { ...UNFILLED, ...object(example.claims) };
  return {
    config,
    tokens: [
      { kind: "made", name: "example", issuer, algorithm: "RS256", key: "issuer", claims: layout(claims), header: "{}" },
      { kind: "none", name: "no token" },
    ],
    selected: 0,
    method: "GET",
    host: "api.example.com",
    path: "/",
    headers: "",
    keys: {},
    now,
  };
}

/** The widest list or object that stays on one line. */
const WIDTH = 76;

/** JSON with short lists and objects on one line. */
export function layout(value: unknown, indent = ""): string {
  const flat = JSON.stringify(value, null, 1)?.replace(/\n\s*/g, " ") ?? "null";
  if (typeof value !== "object" || value === null || (indent !== "" && indent.length + flat.length <= WIDTH)) return flat;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    return value.length === 0 ? "[]" : `[\n${value.map((element) => inner + layout(element, inner)).join(",\n")}\n${indent}]`;
  }
  const members = Object.entries(value).map(([name, member]) => `${inner}${JSON.stringify(name)}: ${layout(member, inner)}`);
  return members.length === 0 ? "{}" : `{\n${members.join(",\n")}\n${indent}}`;
}
