// Tokens: made from claims, and taken apart without verifying anything.

import { decode } from "./base64url.ts";
import { type Issuer, object } from "./configuration.ts";
import { type Keys, kid } from "./keys.ts";
import type { MadeToken, TokenView } from "./session.ts";

/** How long a made token lives, in seconds. */
const LIFETIME = 300;

/** Signs a token. The page fills in what the claims leave out: `iss`, `aud`, `iat` and `exp`, and in the header `typ`. */
export async function make(token: MadeToken, issuer: Issuer | undefined, now: number, keys: Keys): Promise<string> {
  const issued = Math.floor(now) - 10;
  const filled = {
    ...(issuer && issuer.issuer !== "" && { iss: issuer.issuer }),
    ...(issuer?.audience != null && { aud: issuer.audience }),
    iat: issued,
    exp: issued + LIFETIME,
  };
  const type = issuer?.types.find((name) => typeof name === "string") ?? "JWT";
  const head = { alg: token.algorithm, kid: kid(token.algorithm), typ: type };
  const header = merged(head, token.header, "the header");
  return keys.sign(token.algorithm, token.key, header, merged(filled, token.claims, "the claims"));
}

/** Members that are written win over those that are filled in; null takes one out. */
function merged(filled: Record<string, unknown>, text: string, what: string): string {
  let written: unknown;
  try {
    written = text.trim() === "" ? {} : JSON.parse(text);
  } catch (error) {
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof written !== "object" || written === null || Array.isArray(written)) {
    throw new Error(`${what}: expected a JSON object`);
  }
  const kept = Object.entries({ ...filled, ...written }).filter(([, value]) => value !== null);
  return JSON.stringify(Object.fromEntries(kept));
}

/** The header and claims of a token, where they can be read. */
export function takeApart(name: string, text: string): TokenView {
  const part = (encoded: string | undefined): unknown => {
    const bytes = encoded === undefined ? null : decode(encoded);
    try {
      return bytes && JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      return null;
    }
  };
  const parts = text.split(".");
  return { name, text, problem: null, header: part(parts[0]), claims: part(parts[1]) };
}

/** When a token stops being accepted, in seconds since 1970. */
export function expiry(view: TokenView): number | null {
  const exp = object(view.claims)["exp"];
  return typeof exp === "number" ? exp : null;
}
