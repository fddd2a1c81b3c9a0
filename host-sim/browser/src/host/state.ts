// What a host keeps for one VM: the data that host calls read and write.

import type { ByteString } from "./bytes.ts";
import type { Callout, Delivery } from "./callout.ts";
import { ERROR, type LogLine, MetricIds, type Nanoseconds, type Process } from "./process.ts";
import { Trap } from "./status.ts";
import type { LocalReply, Report, Stream } from "./stream.ts";

/** A root context: one configuration in the VM. */
interface Root {
  configuration: ByteString;
  tick: { period: Nanoseconds; due: Nanoseconds } | null;
}

/** What a host call leaves to be done after the callback in which it was made. */
export type Deferred = { kind: "reply"; stream: number; reply: LocalReply } | { kind: "resume"; stream: number; response: boolean };

const ALLOCATORS = ["proxy_on_memory_allocate", "malloc"];
/** How much of a VM's error lines is added to the report of its trap, in UTF-16 units. */
const LAST_WORDS = 2000;

export class VmState {
  readonly process: Process;
  readonly number: number;
  readonly generation: number;
  readonly metricIds: MetricIds;
  readonly streams = new Map<number, Stream>();
  readonly roots = new Map<number, Root>();
  /** The root context of each callout that has no answer yet, by its token. */
  readonly callouts = new Map<number, number>();
  readonly finished = new Map<number, Report>();
  phase: "initialising" | "allocating" | "callback" | "idle" = "initialising";
  started: Callout[] = [];
  delivery: (Delivery & { root: number }) | null = null;
  configuring: number | null = null;
  /** The context whose callback runs. */
  current = 0;
  /** The context that the module put in its place; 0 for none. */
  effective = 0;
  stopNext = false;
  anomalies: string[] = [];
  deferred: Deferred[] = [];
  exports: WebAssembly.Exports = {};

  protected configureLog: LogLine[] | null = null;
  protected lastWords = "";

  #nextContext = 1;
  #nextToken = 1;
  #random: bigint;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  constructor(process: Process, number: number, generation: number) {
    this.process = process;
    this.number = number;
    this.generation = generation;
    this.metricIds = new MetricIds(process.metrics);
    const seed = BigInt.asUintN(64, BigInt(number + 1) * 0x9e37_79b9_7f4a_7c15n) ^ (BigInt(generation) << 48n);
    this.#random = seed === 0n ? 1n : seed;
  }

  // Memory.

  /** The module's memory as it is now; a view of it is void once the module grows it. */
  memory(): Uint8Array<ArrayBuffer> {
    const { buffer } = this.exports["memory"] as WebAssembly.Memory;
    if (this.#bytes.buffer !== buffer) this.#bytes = new Uint8Array(buffer as ArrayBuffer);
    return this.#bytes;
  }

  /** Has the module allocate memory and copies bytes into it; the address. */
  allocate(bytes: Uint8Array): number {
    const name = ALLOCATORS.find((allocator) => allocator in this.exports);
    if (name === undefined) throw new Trap("no allocator");
    const outer = this.phase;
    this.phase = "allocating";
    const address = (this.exports[name] as (size: number) => number)(bytes.length) >>> 0;
    this.phase = outer;
    if (address === 0) throw new Trap(`the module could not allocate ${bytes.length} bytes`);
    this.memory().set(bytes, address);
    return address;
  }

  // Contexts.

  /** The context that host calls act on: the effective one while it exists, otherwise the callback's. */
  get context(): number {
    return this.effective !== 0 && this.knows(this.effective) ? this.effective : this.current;
  }

  knows(context: number): boolean {
    return this.roots.has(context) || this.streams.has(context);
  }

  get rootContext(): number {
    return this.streams.get(this.context)?.root ?? this.context;
  }

  get stream(): Stream | undefined {
    return this.streams.get(this.context);
  }

  // What host calls leave behind.

  countHostcall(): void {
    const stream = this.streams.get(this.current);
    if (stream) stream.report.hostcalls += 1;
  }

  allocateContext(): number {
    return this.#nextContext++;
  }

  allocateToken(): number {
    for (;;) {
      const token = this.#nextToken;
      this.#nextToken = (this.#nextToken + 1) >>> 0;
      if (token !== 0 && !this.callouts.has(token)) return token;
    }
  }

  writeLog(level: number, text: string): void {
    if (level >= ERROR && !text.startsWith("note: ") && this.lastWords.length < LAST_WORDS) {
      this.lastWords += `: ${text.trim()}`;
    }
    const line = { level, vm: this.number, context: this.context, text };
    this.stream?.report.log.push(line);
    this.configureLog?.push(line);
    this.process.log.push(line);
  }

  anomaly(context: number, text: string): void {
    const report = this.streams.get(context)?.report ?? this.finished.get(context);
    report?.anomalies.push(text);
    this.anomalies.push(`context ${context}: ${text}`);
  }

  nextRandom(): bigint {
    this.#random = BigInt.asUintN(64, this.#random ^ (this.#random << 13n));
    this.#random ^= this.#random >> 7n;
    this.#random = BigInt.asUintN(64, this.#random ^ (this.#random << 17n));
    return this.#random;
  }
}
