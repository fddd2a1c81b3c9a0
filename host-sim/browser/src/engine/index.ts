// The engine without a page, for tests in Node.

export { issuers, parse } from "./configuration.ts";
export { Evaluator } from "./engine.ts";
export { Keys } from "./keys.ts";
export { ALGORITHMS, type Session } from "./session.ts";
export { make } from "./token.ts";
export { sessionOf } from "../page/gallery.ts";
export { fromReplay, toReplay } from "../page/replay-file.ts";
export * from "../replay/index.ts";
