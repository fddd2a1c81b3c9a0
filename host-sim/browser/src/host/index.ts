// A proxy-wasm host that runs claimgate.wasm in any JavaScript engine, with Envoy's rules and nothing of Envoy's network.

export * from "./bytes.ts";
export * from "./callout.ts";
export type { Pair } from "./headers.ts";
export { Host, type HostOptions, type StreamId } from "./host.ts";
export * from "./oracle.ts";
export { LEVELS, type LogLine, MILLISECOND, type Nanoseconds, SECOND, type VerifySignature } from "./process.ts";
export { type LocalReply, onTheWire, type Outcome, Report, type Request, request, ROUTE_POLICY } from "./stream.ts";
export type { Rejected } from "./vm.ts";
