// What all VMs of one host share: clock, shared data, metrics, log, and the functions that modules call by name.

import type { ByteString } from "./bytes.ts";
import { Status } from "./status.ts";

/** A duration or a point in time, in nanoseconds. */
export type Nanoseconds = bigint;

export const MILLISECOND: Nanoseconds = 1_000_000n;
export const SECOND: Nanoseconds = 1_000_000_000n;

/** A clock that stands still until it is moved. */
export class Clock {
  /** Since the Unix epoch; may be set back. */
  wall: Nanoseconds;
  /** Since the host was made; timers and callouts run on it. */
  steady: Nanoseconds = 0n;

  constructor(wall: Nanoseconds) {
    this.wall = wall;
  }

  /** Moves both clocks forward to a steady time; does nothing where that is past. */
  moveTo(steady: Nanoseconds): void {
    if (steady <= this.steady) return;
    this.wall += steady - this.steady;
    this.steady = steady;
  }
}

/** The key-value store, with Envoy's rules of compare-and-swap. */
export class SharedData {
  #lastCas = 0;
  #values = new Map<ByteString, { value: ByteString; cas: number }>();

  get(key: ByteString): { value: ByteString; cas: number } | undefined {
    return this.#values.get(key);
  }

  /** Writes a value. A `cas` of 0 always writes, and so does any for a key that is not there. */
  set(key: ByteString, value: ByteString, cas: number): Status {
    const current = this.#values.get(key)?.cas;
    if (current !== undefined && cas !== 0 && cas !== current) return Status.CasMismatch;
    this.#lastCas += 1;
    this.#values.set(key, { value, cas: this.#lastCas });
    return Status.Ok;
  }
}

const KINDS = ["counter", "gauge", "histogram"] as const;
type MetricKind = 0 | 1 | 2;

/** Metrics, one of each name and kind for the whole host. */
export class Metrics {
  #values = new Map<string, bigint>();

  /** Every metric's value by its name. */
  snapshot(): Map<string, bigint> {
    const sorted = [...this.#values].sort(([a], [b]) => (a < b ? -1 : 1));
    return new Map(sorted.map(([key, value]) => [key.slice(0, key.lastIndexOf("\0")), value]));
  }

  get(key: string): bigint {
    return this.#values.get(key) ?? 0n;
  }

  set(key: string, value: bigint): void {
    this.#values.set(key, value);
  }
}

/** One VM's numbers for metrics. The kind is in the two low bits, and each definition gets a new number. */
export class MetricIds {
  #keys: [string[], string[], string[]] = [[], [], []];
  #metrics: Metrics;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  define(kind: number, name: string): number | null {
    if (!(kind in KINDS)) return null;
    const keys = this.#keys[kind as MetricKind];
    const key = `${name}\0${kind}`;
    this.#metrics.set(key, this.#metrics.get(key));
    keys.push(key);
    return ((keys.length - 1) << 2) | kind;
  }

  increment(id: number, offset: bigint): Status {
    const key = this.#key(id);
    if (key === null) return this.#missing(id);
    const kind = id & 3;
    if (kind === 2 || (kind === 0 && offset <= 0n)) return Status.BadArgument;
    const sum = this.#metrics.get(key) + offset;
    this.#metrics.set(key, sum < 0n ? 0n : sum);
    return Status.Ok;
  }

  record(id: number, sample: bigint): Status {
    const key = this.#key(id);
    if (key === null) return Status.NotFound;
    const before = this.#metrics.get(key);
    const byKind = [before + sample, sample, before + 1n];
    this.#metrics.set(key, byKind[id & 3] ?? before);
    return Status.Ok;
  }

  value(id: number): bigint | Status {
    const key = this.#key(id);
    if (key === null) return this.#missing(id);
    return (id & 3) === 2 ? Status.BadArgument : this.#metrics.get(key);
  }

  #key(id: number): string | null {
    return this.#keys[(id & 3) as MetricKind]?.[id >>> 2] ?? null;
  }

  #missing(id: number): Status {
    return (id & 3) in KINDS ? Status.NotFound : Status.BadArgument;
  }
}

export const LEVELS = ["trace", "debug", "info", "warn", "error", "critical"] as const;
/** The level at which a line reports a failure. */
export const ERROR = 4;

/** A line that a module logged. `vm` is -1 for the canary and a worker's number otherwise. */
export interface LogLine {
  level: number;
  vm: number;
  context: number;
  text: string;
}

/** Verifies a signature as BoringSSL's `EVP_DigestVerify` does with default parameters; throws for a key that is not one. */
export type VerifySignature = (hash: string, spki: Uint8Array, signature: Uint8Array, text: Uint8Array) => boolean;

/** The state of a host outside its VMs: it outlives any of them. */
export class Process {
  clock: Clock;
  sharedData = new SharedData();
  metrics = new Metrics();
  log: LogLine[] = [];
  vmConfiguration: ByteString;
  verifySignature: VerifySignature | undefined;

  constructor(now: Nanoseconds, vmConfiguration: ByteString, verifySignature: VerifySignature | undefined) {
    this.clock = new Clock(now);
    this.vmConfiguration = vmConfiguration;
    this.verifySignature = verifySignature;
  }
}
