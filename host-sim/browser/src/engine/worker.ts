// The worker in which the module runs: the page stays responsive while a large configuration is evaluated.

import { Evaluator } from "./engine.ts";
import { type KeyPair, Keys } from "./keys.ts";
import type { Result, Session } from "./session.ts";

export type ToWorker =
  | { kind: "start"; wasm: ArrayBuffer; keys: Map<string, KeyPair> }
  | { kind: "evaluate"; id: number; session: Session; matrix: boolean };

export type FromWorker =
  | { kind: "result"; id: number; result: Result }
  | { kind: "failed"; id: number; problem: string }
  | { kind: "key"; name: string; pair: KeyPair };

let evaluator: Promise<Evaluator>;

const post = (message: FromWorker) => (self as unknown as Worker).postMessage(message);

self.onmessage = async ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "start") {
    const keys = new Keys(data.keys, (name, pair) => post({ kind: "key", name, pair }));
    evaluator = WebAssembly.compile(data.wasm).then((module) => new Evaluator(module, keys));
    return;
  }
  try {
    const ready = await evaluator;
    post({ kind: "result", id: data.id, result: await ready.evaluate(data.session, data.matrix) });
    ready.prepare();
  } catch (error) {
    post({ kind: "failed", id: data.id, problem: error instanceof Error ? error.message : String(error) });
  }
};
