// A session as a file for `claimgate replay`, and such a file as a session.

import { issuers, parse } from "../engine/configuration.ts";
import type { KeySource, Result, Session, Token } from "../engine/session.ts";
import { readSession } from "./share.ts";

/** One line for each token with the session's request. */
export function toReplay(session: Session, result: Result): string {
  const config = parse(result.configRun);
  const jwks: Record<string, unknown> = {};
  for (const { url, answer } of result.answers) if (answer !== undefined) jwks[url] = answer;
  const lines = result.tokens.map(({ name, text }) => {
    const headers = session.headers.split("\n").flatMap((line) => {
      const colon = line.indexOf(":", 1);
      return colon < 0 ? [] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]];
    });
    if (text !== null) headers.push(["authorization", `Bearer ${text}`]);
    const { method, path, host: authority } = session;
    return { id: name, config, jwks, now: Math.floor(session.now), request: { method, path, authority, headers } };
  });
  return lines.map((line) => JSON.stringify(line)).join("\n");
}

/** The most tokens that are taken from a file. */
const MAX_TOKENS = 20;

/** Reads the lines that share the first line's configuration and request, a token from each. Throws where there is none. */
export function fromReplay(text: string, now: number): Session {
  const lines = text.split("\n").filter((line) => line.trim() !== "").map((line, index) => {
    try {
      return object(JSON.parse(line));
    } catch {
      throw new Error(`line ${index + 1} is not a JSON object`);
    }
  });
  const first = lines.find((line) => "config" in line && "request" in line);
  if (!first) throw new Error("no line has a configuration and a request");
  const config = JSON.stringify(first["config"], null, 2);
  const request = object(first["request"]);
  const headers = pairs(request["headers"]);
  const bearer = /^Bearer /i;
  const tokens = lines.slice(0, MAX_TOKENS).map((line, index): Token => {
    const found = pairs(object(line["request"])["headers"]).find(([name, value]) => name.toLowerCase() === "authorization" && bearer.test(value));
    const name = String(line["id"] ?? `line ${index + 1}`).slice(0, 60);
    return found ? { kind: "pasted", name, text: found[1].replace(bearer, "") } : { kind: "none", name };
  });
  const session = readSession({
    config,
    tokens,
    selected: 0,
    method: request["method"] ?? "GET",
    host: request["authority"] ?? "localhost",
    path: request["path"] ?? "/",
    headers: headers.filter(([, value]) => !bearer.test(value)).map(([name, value]) => `${name}: ${value}`).join("\n"),
    keys: sources(config, object(first["jwks"])),
    now: typeof first["now"] === "number" ? first["now"] : now,
  });
  if (!session) throw new Error("the file has a member that the page cannot use");
  return session;
}

/** Each issuer's keys: the answer of the file whose URL is most like its own. */
function sources(config: string, jwks: Record<string, unknown>): Record<string, KeySource> {
  const sets = Object.entries(jwks).map(([url, answer]): [string, unknown] => [url, document(answer)]).filter(([, set]) => Array.isArray(object(set)["keys"]));
  return Object.fromEntries(issuers(parse(config)).map(({ name, issuer, urls, inline }): [string, KeySource] => {
    if (inline) return [name, { kind: "configured" }];
    const host = (url: string) => (URL.canParse(url) ? new URL(url).host : "");
    const exact = sets.find(([url]) => urls.includes(url));
    const near = exact ?? sets.find(([url]) => [issuer, ...urls].some((known) => host(known) === host(url)));
    return [name, near ? { kind: "pasted", jwks: JSON.stringify(near[1], null, 2) } : { kind: "unavailable", how: "reset" }];
  }));
}

/** The document in an answer, which is one or has it as its body. */
function document(answer: unknown): unknown {
  const { body } = object(answer);
  return typeof body === "string" ? parse(body) : answer;
}

function object(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return value as Record<string, unknown>;
}

function pairs(value: unknown): [string, string][] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((pair): [string, string][] => {
    const [name, given] = Array.isArray(pair) ? pair : [];
    return typeof name === "string" && typeof given === "string" ? [[name, given]] : [];
  });
}
