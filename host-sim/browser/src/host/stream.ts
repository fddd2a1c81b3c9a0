// One request through the filter: what goes in, and what came of it.

import { type ByteString, fromText, lower } from "./bytes.ts";
import { HeaderMap, type Pair } from "./headers.ts";
import type { LogLine } from "./process.ts";

/** A request as a client sends it, pseudo-headers among the headers. */
export interface Request {
  headers: Pair[];
  body: ByteString;
  endOfStream: boolean;
  trailers: Pair[] | null;
  /** Host properties by path, whose parts are joined with NUL. */
  properties: Map<ByteString, ByteString>;
}

/** Where Envoy keeps the policy that a route's metadata names. */
export const ROUTE_POLICY = ["xds", "route_metadata", "filter_metadata", "claimgate", "policy"];

/** An answer that the filter gave instead of the upstream. */
export interface LocalReply {
  status: number;
  headers: Pair[];
  body: ByteString;
  /** -1 leaves it to the host. */
  grpcStatus: number;
  details: string;
}

/** What became of a request. `failed`: the host answered, because the VM trapped. */
export type Outcome =
  | { kind: "pending" | "disconnected" }
  | { kind: "upstream"; headers: Pair[]; trailers: Pair[] | null }
  | { kind: "local-reply"; reply: LocalReply }
  | { kind: "failed"; status: number; message: string };

/** Everything seen of a stream. */
export class Report {
  outcome: Outcome = { kind: "pending" };
  responseHeaders: Pair[] = [];
  hostcalls = 0;
  log: LogLine[] = [];
  /** What no filter should do, each in a sentence. */
  anomalies: string[] = [];
  propertiesSet: Pair[] = [];
  /** Functions of the host that the filter called by name, `verify_signature` left out. */
  foreignCalls: Pair[] = [];
}

/** A stream inside a VM. */
export class Stream {
  root: number;
  requestHeaders: HeaderMap;
  requestHeadersOpen = true;
  requestBody: ByteString;
  requestBodyOpen = false;
  requestTrailers: HeaderMap | null;
  requestTrailersOpen = false;
  responseHeaders: HeaderMap | null = null;
  responseHeadersOpen = false;
  logging = false;
  paused = false;
  replyPending = false;
  endOfStream: boolean;
  properties: Map<ByteString, ByteString>;
  isGrpc: boolean;
  report = new Report();

  constructor(root: number, request: Request) {
    this.root = root;
    this.requestHeaders = new HeaderMap(request.headers);
    this.requestBody = request.body;
    this.requestTrailers = request.trailers && new HeaderMap(request.trailers);
    this.endOfStream = request.endOfStream;
    const path = request.headers.find(([name]) => name === ":path")?.[1];
    this.properties = new Map([...(path === undefined ? [] : [["request\0path", path] as const]), ...request.properties]);
    const contentType = request.headers.find(([name]) => lower(name) === "content-type")?.[1];
    this.isGrpc = /^application\/grpc($|[+;])/.test(contentType ?? "");
  }

  get isDecided(): boolean {
    return this.report.outcome.kind !== "pending";
  }
}

/** The headers that Envoy sends for a local reply: trailers-only to a gRPC client, a type and a length for a body. */
export function onTheWire(reply: LocalReply, isGrpc: boolean): Pair[] {
  if (isGrpc) {
    const headers: Pair[] = [
      [":status", "200"],
      ["content-type", "application/grpc"],
      ["grpc-status", String(grpcCode(reply))],
    ];
    if (reply.body !== "") headers.push(["grpc-message", percentEncoded(reply.body)]);
    return [...headers, ...reply.headers.filter(([name]) => name !== "content-length" && name !== "content-type")];
  }
  const headers: Pair[] = [[":status", String(reply.status)]];
  if (reply.body !== "") {
    headers.push(["content-length", String(reply.body.length)]);
    if (!reply.headers.some(([name]) => name === "content-type")) headers.push(["content-type", "text/plain"]);
  }
  return [...headers, ...reply.headers.filter(([name]) => name !== "content-length")];
}

function grpcCode({ grpcStatus, status }: LocalReply): number {
  if (grpcStatus >= 0) return grpcStatus;
  const byStatus: Record<number, number> = { 400: 13, 401: 16, 403: 7, 404: 12, 429: 14, 502: 14, 503: 14, 504: 14 };
  return byStatus[status] ?? 2;
}

function percentEncoded(bytes: ByteString): string {
  return bytes.replace(/[^ -$&-~]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}

/** Builds a request; the pseudo-headers come first. */
export function request(parts: {
  method?: string;
  path?: ByteString;
  scheme?: string;
  authority?: string;
  headers?: Pair[];
  body?: ByteString | null;
  trailers?: Pair[] | null;
  policy?: string | null;
}): Request {
  const host = parts.headers?.find(([name]) => lower(name) === "host")?.[1];
  const authority = parts.authority === undefined ? (host ?? "localhost") : fromText(parts.authority);
  const properties = new Map<ByteString, ByteString>();
  if (parts.policy != null) properties.set(fromText(ROUTE_POLICY.join("\0")), fromText(parts.policy));
  const trailers = parts.trailers?.length ? parts.trailers : null;
  return {
    headers: [
      [":method", fromText(parts.method ?? "GET")],
      [":path", parts.path ?? "/"],
      [":scheme", fromText(parts.scheme ?? "https")],
      [":authority", authority],
      ...(parts.headers ?? []).filter(([name]) => lower(name) !== "host"),
    ],
    body: parts.body ?? "",
    endOfStream: parts.body == null && trailers === null,
    trailers,
    properties,
  };
}
