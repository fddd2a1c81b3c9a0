// The engine as the page sees it: one evaluation at a time, the latest session next, and an end to one that takes too long.

import type { KeyPair } from "../engine/keys.ts";
import type { Result, Session } from "../engine/session.ts";
import type { FromWorker, ToWorker } from "../engine/worker.ts";

/** After how long an evaluation is given up, in milliseconds. */
const PATIENCE = 20_000;

type Listener = (session: Session, result: Result | { problem: string }) => void;

export class Engine {
  #script: string;
  #wasm: ArrayBuffer;
  #listener: Listener;
  #worker: Worker | null = null;
  #keys = new Map<string, KeyPair>();
  #running: { id: number; session: Session; timer: ReturnType<typeof setTimeout> } | null = null;
  #next: { session: Session; matrix: boolean } | null = null;
  #lastId = 0;

  constructor(script: string, wasm: ArrayBuffer, listener: Listener) {
    this.#script = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    this.#wasm = wasm;
    this.#listener = listener;
  }

  /** Evaluates a session; one that waits is dropped for it. */
  evaluate(session: Session, matrix: boolean): void {
    this.#next = { session: structuredClone(session), matrix };
    this.#advance();
  }

  #advance(): void {
    if (this.#running || !this.#next) return;
    const { session, matrix } = this.#next;
    this.#next = null;
    this.#lastId += 1;
    const timer = setTimeout(() => this.#giveUp(`the module ran for ${PATIENCE / 1000} seconds and was stopped`), PATIENCE);
    this.#running = { id: this.#lastId, session, timer };
    this.#worker ??= this.#start();
    this.#post({ kind: "evaluate", id: this.#lastId, session, matrix });
  }

  #start(): Worker {
    const worker = new Worker(this.#script);
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.kind === "key") this.#keys.set(data.name, data.pair);
      else if (data.id === this.#running?.id) this.#done(data.kind === "result" ? data.result : { problem: data.problem });
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#giveUp(event.message || "the worker failed");
    };
    const start: ToWorker = { kind: "start", wasm: this.#wasm, keys: this.#keys };
    worker.postMessage(start);
    return worker;
  }

  #post(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #giveUp(problem: string): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#done({ problem });
  }

  #done(result: Result | { problem: string }): void {
    if (!this.#running) return;
    clearTimeout(this.#running.timer);
    const { session } = this.#running;
    this.#running = null;
    if (!this.#next) this.#listener(session, result);
    this.#advance();
  }
}
