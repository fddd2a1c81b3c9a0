// A line of a replay file, and the answers that it gives to callouts.

import {
  type Answer,
  type ByteString,
  type Callout,
  type CalloutOutcome,
  calloutHeader,
  calloutUrl,
  fromHex,
  fromText,
  lower,
  MILLISECOND,
  type Nanoseconds,
  type Pair,
  type Request,
  request,
  SECOND,
} from "../host/index.ts";
import { members } from "./raw.ts";

export interface Line {
  id: unknown;
  /** The configuration as it is written. */
  configuration: string | null;
  answers: Map<string, Answer> | null;
  now: Nanoseconds | null;
  reset: boolean;
  request: Request | null;
}

/** The last time that a line may set: 9999-12-31T23:59:59Z. */
const LAST_SECOND = 253_402_300_799;

/** A line that says what cannot be used. */
export class LineError extends Error {}

export function readLine(text: string): Line {
  const value = object(JSON.parse(text), "the line");
  const raw = new Map(members(text));
  const present = (name: string) => value[name] !== undefined && value[name] !== null;
  return {
    id: value["id"] ?? null,
    configuration: present("config") ? raw.get("config")! : null,
    answers: present("jwks") ? readAnswers(raw.get("jwks")!) : null,
    now: present("now") ? instant(value["now"]) : null,
    reset: value["reset"] === true,
    request: present("request") ? readRequest(object(value["request"], "request")) : null,
  };
}

function instant(now: unknown): Nanoseconds {
  if (typeof now !== "number" || !(now >= 0 && now <= LAST_SECOND)) throw new LineError(`now: ${String(now)} is no Unix time`);
  const whole = Math.floor(now);
  return BigInt(whole) * SECOND + BigInt(Math.round((now - whole) * 1e9));
}

function readRequest(raw: Record<string, unknown>): Request {
  const text = (name: string) => (raw[name] == null ? {} : { [name]: String(raw[name]) });
  return request({
    ...text("method"),
    ...text("authority"),
    ...text("scheme"),
    ...(raw["path"] == null ? {} : { path: bytes(raw["path"]) }),
    headers: pairs(raw["headers"]),
    body: raw["body"] == null ? null : bytes(raw["body"]),
    trailers: raw["trailers"] == null ? null : pairs(raw["trailers"]),
    policy: raw["policy"] == null ? null : String(raw["policy"]),
  });
}

/** A string, or `{"hex": "ff00"}`. */
function bytes(value: unknown): ByteString {
  if (typeof value === "string") return fromText(value);
  const hex = fromHex(String(object(value, "bytes")["hex"]));
  if (hex === null) throw new LineError("hex: not hexadecimal digits");
  return hex;
}

function pairs(value: unknown): Pair[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new LineError("expected a list of pairs");
  return value.map((pair: unknown) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw new LineError("expected a name and a value");
    return [bytes(pair[0]), bytes(pair[1])];
  });
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new LineError(`${what}: expected an object`);
  return value as Record<string, unknown>;
}

// Answers.

/** Members that make an object the description of an answer, unless it is a document. */
const DESCRIBES = ["status", "body", "timeout", "reset"];
const IS_DOCUMENT = ["keys", "issuer"];

export function readAnswers(text: string): Map<string, Answer> {
  return new Map(members(text).map(([url, raw]) => [url, readAnswer(raw)]));
}

/** Reads a key set, any other document, or the description of an answer. */
export function readAnswer(raw: string): Answer {
  const value: unknown = JSON.parse(raw);
  if (typeof value !== "object" || value === null) throw new LineError("expected an object or an array");
  const has = (name: string) => name in value;
  if (!Array.isArray(value) && DESCRIBES.some(has) && !IS_DOCUMENT.some(has)) {
    return special(value as Record<string, unknown>);
  }
  return soon({ kind: "response", response: { status: 200, headers: [["content-type", "application/json"]], body: fromText(raw) } });
}

/** An outcome one millisecond after the callout. */
export function soon(outcome: CalloutOutcome): Answer {
  return { after: MILLISECOND, outcome };
}

function special(value: Record<string, unknown>): Answer {
  if (value["timeout"] === true) return { after: null, outcome: { kind: "timeout" } };
  const { body } = value;
  const response = {
    status: Number(value["status"] ?? 200),
    headers: pairs(value["headers"]).map(([name, given]): Pair => [lower(name), given]),
    body: typeof body === "string" ? fromText(body) : body == null ? "" : fromText(JSON.stringify(body)),
  };
  const broken = value["reset"] === true || value["truncated"] === true;
  const outcome: CalloutOutcome = broken ? { kind: "reset" } : { kind: "response", response };
  return { after: value["after"] == null ? MILLISECOND : BigInt(Number(value["after"])) * MILLISECOND, outcome };
}

/** What a callout gets: the answer for its URL, with https tried before http where it names no scheme. */
export function answerTo(callout: Callout, answers: Map<string, Answer>): Answer {
  const scheme = calloutHeader(callout, ":scheme");
  for (const tried of scheme === undefined ? ["https", "http"] : [scheme]) {
    const answer = answers.get(calloutUrl(callout, tried));
    if (answer) return answer;
  }
  return soon({ kind: "connect-failure" });
}
