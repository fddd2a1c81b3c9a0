// A session in a link's fragment: JSON, deflated, in base64url. What comes back in is from a stranger.

import { decode, encode } from "../engine/base64url.ts";
import { expiry, takeApart } from "../engine/token.ts";
import { ALGORITHMS, type KeySource, type Session, type Token } from "../engine/session.ts";

const PREFIX = "#session=";
/** The longest fragment that is read, and the most that it may hold, in bytes. */
const MAX_FRAGMENT = 2_000_000;
const MAX_SESSION = 8_000_000;
const MAX_TOKENS = 20;

/** A session's fragment; the same one for the same session. */
export async function toFragment(session: Session): Promise<string> {
  const stream = new Blob([JSON.stringify(readSession(session))]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return PREFIX + encode(new Uint8Array(await new Response(stream).arrayBuffer()));
}

/** The session in a fragment; null where there is none that can be used. */
export async function fromFragment(fragment: string): Promise<Session | null> {
  if (!fragment.startsWith(PREFIX) || fragment.length > MAX_FRAGMENT) return null;
  const bytes = decode(fragment.slice(PREFIX.length));
  if (!bytes) return null;
  try {
    return readSession(JSON.parse(await inflate(bytes)));
  } catch {
    return null;
  }
}

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > MAX_SESSION) {
      await reader.cancel();
      throw new Error("the session is too large");
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}

/** Reads a session member by member; null where one is not what it should be. */
export function readSession(value: unknown): Session | null {
  if (!isObject(value)) return null;
  const texts = ["config", "method", "host", "path", "headers"] as const;
  if (!texts.every((name) => typeof value[name] === "string")) return null;
  const { now } = value;
  if (typeof now !== "number" || !(now >= 0 && now <= 253_402_300_799)) return null;
  const given = Array.isArray(value["tokens"]) ? value["tokens"].slice(0, MAX_TOKENS) : [];
  const tokens = given.map(readToken);
  if (tokens.length === 0 || tokens.includes(null)) return null;
  const selected = Number.isInteger(value["selected"]) ? Number(value["selected"]) : 0;
  const keys = isObject(value["keys"]) ? Object.entries(value["keys"]).map(([name, source]) => [name, readSource(source)] as const) : [];
  const [config, method, host, path, headers] = texts.map((name) => value[name] as string) as [string, string, string, string, string];
  return {
    config, method, host, path, headers, now,
    tokens: tokens as Token[],
    selected: Math.min(Math.max(selected, 0), tokens.length - 1),
    keys: Object.fromEntries(keys.filter(([, source]) => source !== null)) as Record<string, KeySource>,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readToken(value: unknown): Token | null {
  if (!isObject(value) || typeof value["name"] !== "string") return null;
  const name = value["name"].slice(0, 60);
  const text = (member: string) => (typeof value[member] === "string" ? (value[member] as string) : "");
  switch (value["kind"]) {
    case "none":
      return { kind: "none", name };
    case "pasted":
      return { kind: "pasted", name, text: text("text") };
    case "made": {
      const algorithm = ALGORITHMS.find((known) => known === value["algorithm"]) ?? "RS256";
      const key = value["key"] === "other" ? "other" : "issuer";
      return { kind: "made", name, issuer: text("issuer"), algorithm, key, claims: text("claims"), header: text("header") };
    }
    default:
      return null;
  }
}

function readSource(value: unknown): KeySource | null {
  if (!isObject(value)) return null;
  const { kind, how, jwks } = value;
  if (kind === "page" || kind === "configured") return { kind };
  if (kind === "pasted" && typeof jwks === "string") return { kind, jwks };
  if (kind === "unavailable" && (how === "status" || how === "timeout" || how === "reset" || how === "html")) return { kind, how };
  return null;
}

// What looks like a live credential.

const HEADERS = /^\s*(authorization|proxy-authorization|cookie|x-api-key)\s*:/i;

/** Whether a text has a token in it that is not known to have expired. */
export function looksAlive(text: string, present: number): boolean {
  const candidates = text.match(/[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g) ?? [];
  return candidates.some((token) => (expiry(takeApart("", token)) ?? Infinity) > present);
}

/** The session without what looks like a live credential, and whether there was something. */
export function withoutLive(session: Session, present: number): { session: Session; found: boolean } {
  let found = false;
  const tokens = session.tokens.map((token): Token => {
    if (token.kind !== "pasted" || token.text.trim() === "") return token;
    const live = token.text.includes(".") ? looksAlive(token.text, present) : true;
    found ||= live;
    return live ? { kind: "none", name: token.name } : token;
  });
  const lines = session.headers.split("\n").filter((line) => {
    const live = HEADERS.test(line) || looksAlive(line, present);
    found ||= live;
    return !live;
  });
  return { session: { ...session, tokens, headers: lines.join("\n") }, found };
}
