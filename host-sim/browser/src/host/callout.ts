// HTTP callouts: what a module asks for and what comes back.

import { type ByteString, fromText, toText } from "./bytes.ts";
import type { Pair } from "./headers.ts";
import type { Nanoseconds } from "./process.ts";

/** A request that a module sent to a cluster. */
export interface Callout {
  vm: number;
  generation: number;
  token: number;
  root: number;
  cluster: string;
  headers: Pair[];
  body: ByteString;
  /** After how long the host gives up; null is never. */
  timeout: Nanoseconds | null;
}

export interface CalloutResponse {
  status: number;
  headers: Pair[];
  body: ByteString;
}

/** How a callout ends. Envoy presents a body that breaks off as a reset. */
export type CalloutOutcome = { kind: "response"; response: CalloutResponse } | { kind: "timeout" | "connect-failure" | "reset" };

/** An outcome, and how long after the callout it comes; null is never, which leaves it to the timeout. */
export interface Answer {
  after: Nanoseconds | null;
  outcome: CalloutOutcome;
}

/** Answers a host's callouts. */
export type Responder = (callout: Callout) => Answer;

export function calloutHeader(callout: Callout, name: string): string | undefined {
  const found = callout.headers.find(([header]) => header === name)?.[1];
  return found === undefined ? undefined : toText(found);
}

/** The URL that a callout asks for; `https` where it names no scheme. */
export function calloutUrl(callout: Callout, scheme = calloutHeader(callout, ":scheme") ?? "https"): string {
  return `${scheme}://${calloutHeader(callout, ":authority") ?? ""}${calloutHeader(callout, ":path") ?? ""}`;
}

/** What a module can read in its callback. */
export interface Delivery {
  headers: Pair[] | null;
  body: ByteString | null;
}

/** Presents an outcome as Envoy does. */
export function deliver(outcome: CalloutOutcome): Delivery {
  switch (outcome.kind) {
    case "response": {
      const { status, headers, body } = outcome.response;
      return { headers: [[":status", String(status)], ...headers], body };
    }
    case "timeout":
      return fromHost(504, "upstream request timeout");
    case "connect-failure":
      return fromHost(
        503,
        "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure",
      );
    case "reset":
      return { headers: null, body: null };
  }
}

function fromHost(status: number, body: string): Delivery {
  const headers: Pair[] = [
    [":status", String(status)],
    ["content-length", String(body.length)],
    ["content-type", "text/plain"],
  ];
  return { headers, body: fromText(body) };
}
