// A whole host on a clock that stands still: a canary, workers, timers and callouts, in one deterministic order.

import { type ByteString, fromText } from "./bytes.ts";
import type { Answer, Callout, CalloutOutcome, Responder } from "./callout.ts";
import type { Pair } from "./headers.ts";
import { type LogLine, type Nanoseconds, Process, SECOND, type VerifySignature } from "./process.ts";
import { type Outcome, Report, type Request } from "./stream.ts";
import { CANARY, isRejected, type Rejected, Vm } from "./vm.ts";

export interface HostOptions {
  /** Default: 1. */
  workers?: number;
  /** Whether a configuration is first tried on a VM that is thrown away. Default: true, as in Envoy. */
  canary?: boolean;
  /** The VM's own configuration. Default: none. */
  vmConfiguration?: string;
  /** Where the wall clock starts. Default: 2026-01-01T00:00:00Z. */
  now?: Nanoseconds;
  /** Answers callouts. Default: nothing listens. */
  answer?: Responder;
  /** Envoy's `verify_signature`. Default: the host has no such function, and the module uses its own code. */
  verifySignature?: VerifySignature | undefined;
}

/** A stream within a host. */
export interface StreamId {
  worker: number;
  generation: number;
  context: number;
}

const START = 1_767_225_600n * SECOND;

/** A worker: its VM, its streams' reports, and how its VMs died. */
interface Worker {
  number: number;
  vm: Vm;
  root: number;
  generation: number;
  failed: string | null;
  noted: boolean;
  traps: string[];
  reports: Map<string, Report>;
  refused: number;
}

interface Planned {
  at: Nanoseconds;
  callout: Callout;
  outcome: CalloutOutcome;
}

/** A host that takes one configuration. A worker whose VM trapped gets a new one with the next request. */
export class Host {
  readonly process: Process;
  calloutCount = 0;

  #module: WebAssembly.Module;
  #workers: Worker[] = [];
  #workerCount: number;
  #canary: boolean;
  #answer: Responder;
  #planned: Planned[] = [];
  #configuration: ByteString = "";

  constructor(module: WebAssembly.Module, options: HostOptions = {}) {
    this.#module = module;
    this.#workerCount = options.workers ?? 1;
    this.#canary = options.canary ?? true;
    this.#answer = options.answer ?? (() => ({ after: 0n, outcome: { kind: "connect-failure" } }));
    const vmConfiguration = fromText(options.vmConfiguration ?? "");
    this.process = new Process(options.now ?? START, vmConfiguration, options.verifySignature);
  }

  /** Tries a configuration on a canary, then gives it to every worker; why the module refuses it, or null. */
  configure(configuration: ByteString): Rejected | null {
    if (this.#workers.length > 0) throw new Error("a host takes one configuration");
    this.#configuration = configuration;
    const tried = this.#canary ? this.#load(CANARY, 0) : null;
    if (tried && "reason" in tried) return tried;
    for (let number = 0; number < this.#workerCount; number++) {
      const loaded = this.#load(number, 0);
      if ("reason" in loaded) return loaded;
      const worker = {
        number, ...loaded, generation: 0, failed: null, noted: false, traps: [], reports: new Map(), refused: 0,
      };
      this.#workers.push(worker);
      this.#noteCallouts(worker);
    }
    return null;
  }

  /** Starts a request on a worker. */
  open(number: number, request: Request): StreamId {
    const worker = this.#worker(number);
    const dead = this.#revive(worker);
    if (dead !== null) return this.#fail(worker, dead);
    const context = worker.vm.open(worker.root, request);
    this.#note(worker);
    return { worker: number, generation: worker.generation, context };
  }

  outcome(id: StreamId): Outcome {
    const worker = this.#worker(id.worker);
    const live = id.generation === worker.generation ? worker.vm.outcome(id.context) : undefined;
    const outcome = live ?? worker.reports.get(key(id))?.outcome;
    if (!outcome) throw new Error("the stream's report was already taken");
    return outcome;
  }

  isDecided(id: StreamId): boolean {
    return this.outcome(id).kind !== "pending";
  }

  /** Shows the filter the upstream's response headers, `:status` first. */
  respond(id: StreamId, headers: Pair[], endOfStream: boolean): void {
    const worker = this.#worker(id.worker);
    if (id.generation === worker.generation) worker.vm.respond(id.context, headers, endOfStream);
    this.#note(worker);
  }

  /** Ends a stream, by the client's going away where it is still held, and takes its report. */
  finish(id: StreamId): Report {
    const worker = this.#worker(id.worker);
    const kept = worker.reports.get(key(id));
    worker.reports.delete(key(id));
    const report = kept ?? (id.generation === worker.generation ? worker.vm.finish(id.context) : undefined);
    this.#note(worker);
    if (!report) throw new Error("the stream's report was already taken");
    return report;
  }

  /** Lets time pass, with everything that is due in it. */
  advance(duration: Nanoseconds): void {
    const end = this.process.clock.steady + duration;
    while (this.#step(end));
    this.process.clock.moveTo(end);
  }

  /** Lets time pass until a stream is decided, for at most `patience`; whether it is. */
  advanceUntilDecided(id: StreamId, patience: Nanoseconds): boolean {
    const end = this.process.clock.steady + patience;
    while (!this.isDecided(id)) {
      if (!this.#step(end)) {
        this.process.clock.moveTo(end);
        return this.isDecided(id);
      }
    }
    return true;
  }

  /** Sets the wall clock, forward or back; timers and callouts do not notice. */
  setNow(sinceEpoch: Nanoseconds): void {
    this.process.clock.wall = sinceEpoch;
  }

  /** The lines logged since the last call. */
  takeLog(): LogLine[] {
    return this.process.log.splice(0);
  }

  /** How worker VMs died since the host was made, worker by worker. */
  traps(): string[] {
    return this.#workers.flatMap((worker) => worker.traps);
  }

  /** What no filter should do that live VMs saw it do. */
  anomalies(): string[] {
    return this.#workers.flatMap((worker) => worker.vm.anomalies);
  }

  #worker(number: number): Worker {
    const worker = this.#workers[number];
    if (!worker) throw new Error(`there is no worker ${number}`);
    return worker;
  }

  #load(number: number, generation: number): { vm: Vm; root: number } | Rejected {
    let vm: Vm;
    try {
      vm = new Vm(this.#module, this.process, number, generation);
    } catch (error) {
      return { reason: error instanceof Error ? error.message : String(error), log: [] };
    }
    const root = vm.addRoot(this.#configuration);
    return isRejected(root) ? root : { vm, root };
  }

  /** Gives a worker whose VM died a new one; why it has none, or null. */
  #revive(worker: Worker): string | null {
    if (worker.failed !== null) return worker.failed;
    if (worker.vm.trap === null) return null;
    for (const [context, report] of worker.vm.reports()) {
      worker.reports.set(key({ worker: worker.number, generation: worker.generation, context }), report);
    }
    worker.generation += 1;
    worker.noted = false;
    const loaded = this.#load(worker.number, worker.generation);
    if ("reason" in loaded) {
      worker.failed = "the worker did not survive its configuration";
      return loaded.reason;
    }
    worker.vm = loaded.vm;
    worker.root = loaded.root;
    return null;
  }

  #fail(worker: Worker, message: string): StreamId {
    worker.refused += 1;
    const id = { worker: worker.number, generation: worker.generation, context: 0xffff_ffff - worker.refused };
    const report = new Report();
    report.outcome = { kind: "failed", status: 503, message };
    worker.reports.set(key(id), report);
    return id;
  }

  #note(worker: Worker): void {
    if (worker.vm.trap !== null && !worker.noted) {
      worker.noted = true;
      worker.traps.push(worker.vm.trap);
    }
    this.#noteCallouts(worker);
  }

  /** Counts the callouts that a worker just started, and plans their ends. */
  #noteCallouts(worker: Worker): void {
    for (const callout of worker.vm.started.splice(0)) {
      this.calloutCount += 1;
      const answer: Answer = this.#answer(callout);
      const limit = callout.timeout;
      const now = this.process.clock.steady;
      if (answer.after !== null && (limit === null || answer.after < limit)) {
        this.#plan({ at: now + answer.after, callout, outcome: answer.outcome });
      } else if (limit !== null) {
        this.#plan({ at: now + limit, callout, outcome: { kind: "timeout" } });
      }
    }
  }

  #plan(planned: Planned): void {
    const order = ({ at, callout }: Planned) => [at, callout.vm, callout.generation, callout.token];
    const wanted = order(planned);
    const later = (other: Planned) => {
      const given = order(other);
      const differs = given.findIndex((part, index) => part !== wanted[index]);
      return differs >= 0 && given[differs]! > wanted[differs]!;
    };
    const at = this.#planned.findIndex(later);
    this.#planned.splice(at < 0 ? this.#planned.length : at, 0, planned);
  }

  /** Does the next thing that is due by `end`; false where there is none. An answer comes before a timer of the same time. */
  #step(end: Nanoseconds): boolean {
    let tick: { due: Nanoseconds; root: number; worker: Worker } | null = null;
    for (const worker of this.#workers) {
      const next = worker.vm.nextTick();
      if (next && (tick === null || next.due < tick.due)) tick = { ...next, worker };
    }
    const planned = this.#planned[0];
    if (planned && (tick === null || planned.at <= tick.due)) {
      if (planned.at > end) return false;
      this.process.clock.moveTo(planned.at);
      this.#planned.shift();
      const worker = this.#worker(planned.callout.vm);
      if (worker.generation === planned.callout.generation) worker.vm.deliver(planned.callout.token, planned.outcome);
      this.#note(worker);
      return true;
    }
    if (tick === null || tick.due > end) return false;
    this.process.clock.moveTo(tick.due);
    tick.worker.vm.tick(tick.root);
    this.#note(tick.worker);
    return true;
  }
}

function key({ worker, generation, context }: StreamId): string {
  return `${worker}.${generation}.${context}`;
}
