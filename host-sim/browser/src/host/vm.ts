// One VM of a worker: it runs the module's callbacks and carries out what they ask for.

import type { ByteString } from "./bytes.ts";
import { type CalloutOutcome, deliver } from "./callout.ts";
import { HeaderMap, type Pair } from "./headers.ts";
import { imports } from "./imports.ts";
import type { LogLine, Nanoseconds, Process } from "./process.ts";
import { VmState } from "./state.ts";
import { Trap } from "./status.ts";
import { type LocalReply, onTheWire, type Outcome, type Report, type Request, Stream } from "./stream.ts";

/** A configuration that the module did not accept. */
export interface Rejected {
  reason: string;
  log: LogLine[];
}

/** The number of the throw-away VM on which a configuration is tried. */
export const CANARY = -1;

export class Vm extends VmState {
  /** How the VM died. A dead VM is not called again. */
  trap: string | null = null;

  /** Instantiates the module and runs its initialisation. Throws where the module does not start on this host. */
  constructor(module: WebAssembly.Module, process: Process, number: number, generation: number) {
    super(process, number, generation);
    this.exports = new WebAssembly.Instance(module, imports(module, this)).exports;
    const entry = "_initialize" in this.exports ? ["_initialize", "main"] : ["_start"];
    for (const name of entry) {
      this.#run(name, name === "main" ? [0, 0] : [], 0);
      if (this.trap !== null) throw new Trap(this.trap);
    }
    this.phase = "idle";
  }

  // Root contexts.

  /** Adds a root context with a configuration; its number, or why the module refuses it. */
  addRoot(configuration: ByteString): number | Rejected {
    const id = this.allocateContext();
    this.roots.set(id, { configuration, tick: null });
    this.configuring = id;
    this.configureLog = [];
    let answer: number | null = this.#call(id, "proxy_on_context_create", [id, 0], 0) === null ? null : 1;
    const sizes = [
      ["proxy_on_vm_start", this.process.vmConfiguration.length],
      ["proxy_on_configure", configuration.length],
    ] as const;
    for (const [name, size] of sizes) {
      if (answer) answer = this.#call(id, name, [id, size], 1);
    }
    this.configuring = null;
    const log = this.configureLog;
    this.configureLog = null;
    this.#settle();
    if (answer) return id;
    if (answer === null) return { reason: this.trap ?? "", log };
    this.roots.delete(id);
    return { reason: "the module refused the configuration", log };
  }

  /** When the next timer is due, and whose it is. */
  nextTick(): { due: Nanoseconds; root: number } | null {
    if (this.trap !== null) return null;
    let next: { due: Nanoseconds; root: number } | null = null;
    for (const [root, { tick }] of this.roots) {
      if (tick && (next === null || tick.due < next.due)) next = { due: tick.due, root };
    }
    return next;
  }

  tick(root: number): void {
    this.#call(root, "proxy_on_tick", [root], 0);
    const tick = this.roots.get(root)?.tick;
    if (tick) tick.due = this.process.clock.steady + tick.period;
    this.#settle();
  }

  /** Ends a callout; one that was cancelled or had its answer is ignored. */
  deliver(token: number, outcome: CalloutOutcome): void {
    const root = this.callouts.get(token);
    if (root === undefined) return;
    this.callouts.delete(token);
    const delivery = deliver(outcome);
    this.delivery = { ...delivery, root };
    const counts = [delivery.headers?.length ?? 0, delivery.body?.length ?? 0, 0];
    this.#call(root, "proxy_on_http_call_response", [root, token, ...counts], 0);
    this.delivery = null;
    this.#settle();
  }

  // Streams.

  /** Creates a stream and shows the filter its request. */
  open(root: number, request: Request): number {
    const id = this.allocateContext();
    const stream = new Stream(root, request);
    const count = stream.requestHeaders.size;
    this.streams.set(id, stream);
    let action = this.#call(id, "proxy_on_context_create", [id, root], 0);
    if (action !== null) action = this.#call(id, "proxy_on_request_headers", [id, count, Number(request.endOfStream)], 0);
    if (action === null) {
      this.#failForTrap(id);
      return id;
    }
    if (action === 0 && !this.stopNext) this.#sendUpstream(id);
    else stream.paused = true;
    this.#settle();
    return id;
  }

  outcome(id: number): Outcome | undefined {
    return (this.streams.get(id)?.report ?? this.finished.get(id))?.outcome;
  }

  /** Shows the filter the upstream's response headers, `:status` first. */
  respond(id: number, headers: Pair[], endOfStream: boolean): void {
    this.#showResponse(id, headers, endOfStream);
    this.#settle();
  }

  /** Ends a stream, by the client's going away where it is still held; its report. */
  finish(id: number): Report | undefined {
    const stream = this.streams.get(id);
    if (stream && !stream.isDecided) stream.report.outcome = { kind: "disconnected" };
    this.#end(id);
    this.#settle();
    const report = this.finished.get(id);
    this.finished.delete(id);
    return report;
  }

  /** The reports of all streams as far as they got. */
  reports(): Map<number, Report> {
    const live = [...this.streams].map(([id, stream]) => [id, stream.report] as const);
    return new Map([...live, ...this.finished]);
  }

  #sendUpstream(id: number): void {
    const stream = this.streams.get(id);
    if (!stream) return;
    stream.paused = false;
    stream.requestHeadersOpen = false;
    const outcome: Outcome = { kind: "upstream", headers: stream.requestHeaders.entries(), trailers: null };
    stream.report.outcome = outcome;
    const trailers = stream.requestTrailers;
    if (stream.requestBody !== "") {
      stream.requestBodyOpen = true;
      const action = this.#call(id, "proxy_on_request_body", [id, stream.requestBody.length, Number(!trailers)], 0);
      this.#afterPart(id, action, "the body");
    }
    if (trailers && this.streams.has(id)) {
      stream.requestTrailersOpen = true;
      const action = this.#call(id, "proxy_on_request_trailers", [id, trailers.size], 0);
      this.#afterPart(id, action, "the trailers");
      if (action === 0) outcome.trailers = trailers.entries();
    }
  }

  #afterPart(id: number, action: number | null, part: string): void {
    const stream = this.streams.get(id);
    if (stream) {
      stream.requestBodyOpen = false;
      stream.requestTrailersOpen = false;
    }
    if (action === null) this.#failForTrap(id);
    else if (action !== 0) this.anomaly(id, `a pause at ${part}, which went no further`);
    this.#settle();
  }

  #reply(id: number, reply: LocalReply): void {
    const stream = this.streams.get(id);
    if (!stream) return;
    if (stream.isDecided) {
      this.anomaly(id, "a local reply to a request that had gone upstream");
      return;
    }
    stream.report.outcome = { kind: "local-reply", reply };
    this.#showResponse(id, onTheWire(reply, stream.isGrpc), reply.body === "");
    this.#end(id);
  }

  #showResponse(id: number, headers: Pair[], endOfStream: boolean): void {
    const stream = this.streams.get(id);
    if (!stream) return;
    stream.responseHeaders = new HeaderMap(headers);
    stream.responseHeadersOpen = true;
    const count = stream.responseHeaders.size;
    this.#call(id, "proxy_on_response_headers", [id, count, Number(endOfStream)], 0);
    stream.responseHeadersOpen = false;
    stream.report.responseHeaders = stream.responseHeaders.entries();
  }

  #end(id: number): void {
    const stream = this.streams.get(id);
    if (!stream) return;
    stream.requestHeadersOpen = false;
    stream.logging = true;
    this.#call(id, "proxy_on_log", [id], 0);
    stream.logging = false;
    this.#call(id, "proxy_on_done", [id], 1);
    this.#call(id, "proxy_on_delete", [id], 0);
    this.streams.delete(id);
    this.finished.set(id, stream.report);
  }

  #failForTrap(id: number): void {
    const stream = this.streams.get(id);
    if (!stream) return;
    this.streams.delete(id);
    stream.report.outcome = { kind: "failed", status: 503, message: this.trap ?? "" };
    stream.report.responseHeaders = [[":status", "503"]];
    this.finished.set(id, stream.report);
  }

  /** Does what callbacks asked to have done after them. */
  #settle(): void {
    for (let next = this.deferred.shift(); next; next = this.deferred.shift()) {
      if (next.kind === "reply") {
        this.#reply(next.stream, next.reply);
      } else if (next.response) {
        this.anomaly(next.stream, "a response was resumed; this filter never holds one");
      } else {
        const stream = this.streams.get(next.stream);
        if (stream?.paused && !stream.replyPending && !stream.isDecided) this.#sendUpstream(next.stream);
        else this.anomaly(next.stream, "a resume of a stream that does not wait");
      }
    }
  }

  // Callbacks.

  /** Runs a callback in a context. One that the module lacks answers `absent`; null is a trap, or a VM that is dead. */
  #call(context: number, name: string, args: number[], absent: number): number | null {
    if (this.trap !== null) return null;
    this.current = context;
    this.effective = 0;
    this.stopNext = false;
    this.lastWords = "";
    this.phase = "callback";
    const result = this.#run(name, args, absent);
    this.current = 0;
    this.effective = 0;
    this.phase = "idle";
    return result;
  }

  #run(name: string, args: number[], absent: number): number | null {
    const callback = this.exports[name];
    if (typeof callback !== "function") return absent;
    try {
      return Number((callback as (...args: number[]) => number | undefined)(...args) ?? 0) >>> 0;
    } catch (error) {
      this.callouts.clear();
      this.started = [];
      this.deferred = [];
      this.trap = `${name}: ${error instanceof Error ? error.message : String(error)}${this.lastWords}`;
      return null;
    }
  }
}

/** Whether a configuration was refused. */
export function isRejected(answer: number | Rejected): answer is Rejected {
  return typeof answer === "object";
}

