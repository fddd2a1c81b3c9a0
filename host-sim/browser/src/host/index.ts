// A proxy-wasm host that runs claimgate.wasm in any JavaScript engine, with Envoy's rules and nothing of Envoy's network.
//
//   const host = new Host(module, { now: 1_767_225_600n * SECOND, answer: (callout) => answer });
//   const rejected = host.configure(fromText(configuration));
//   const id = host.open(0, request({ path: "/orders", headers: [["authorization", `Bearer ${token}`]] }));
//   host.advanceUntilDecided(id, 30n * SECOND);
//   const { outcome } = host.finish(id);
//
// A host takes one configuration, and its clock stands still until it is moved. Envoy's routes, response bodies and gRPC calls
// are not here.

export * from "./bytes.ts";
export * from "./callout.ts";
export type { Pair } from "./headers.ts";
export { Host, type HostOptions, type StreamId } from "./host.ts";
export * from "./oracle.ts";
export { LEVELS, type LogLine, MILLISECOND, type Nanoseconds, SECOND, type VerifySignature } from "./process.ts";
export { type LocalReply, onTheWire, type Outcome, Report, type Request, request, ROUTE_POLICY } from "./stream.ts";
export type { Rejected } from "./vm.ts";
