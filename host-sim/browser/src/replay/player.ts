// `claimgate replay` in JavaScript: many requests, each with what came of it, in the command's own format.

import {
  type Answer,
  asText,
  type ByteString,
  fromText,
  Host,
  MILLISECOND,
  mistakes,
  type Nanoseconds,
  type Pair,
  refusal,
  type Report,
  SECOND,
  toHex,
  type VerifySignature,
} from "../host/index.ts";
import { answerTo, readLine } from "./line.ts";

/** How long timers and callouts run before a request, after a new configuration or a jump forward. */
const SETTLING = 20n * MILLISECOND;
/** How much of a jump forward passes in time: longer than a callout takes. */
const LIVED = 10n * SECOND;
/** How long a held request is driven. */
const PATIENCE = 30n * SECOND;

type Bytes = string | { hex: string };
type Output = Record<string, unknown>;

/** Plays lines one after the other; what a line leaves behind lasts until another configuration. */
export class Player {
  #module: WebAssembly.Module;
  #workers: number;
  #verifySignature: VerifySignature | undefined;
  #answers = new Map<string, Answer>();
  #stage: { configuration: string; host: Host; refused: string | null } | null = null;
  #now: Nanoseconds | null = null;
  #turn = 0;

  constructor(module: WebAssembly.Module, workers = 1, verifySignature?: VerifySignature) {
    this.#module = module;
    this.#workers = workers;
    this.#verifySignature = verifySignature;
  }

  /** Plays a line; its line of output. Throws for a line that cannot be used. */
  play(text: string): string {
    return JSON.stringify(this.#play(text));
  }

  #play(text: string): Output {
    const line = readLine(text);
    if (line.reset) {
      if (this.#stage) this.#stage = this.#staged(this.#stage.configuration, line.now);
      if (line.request === null && line.configuration === null) return { id: line.id, verdict: "reset" };
    }
    if (line.answers) this.#answers = line.answers;
    let fresh = line.reset;
    if (line.configuration !== null && this.#stage?.configuration !== line.configuration) {
      this.#stage = this.#staged(line.configuration, line.now);
      fresh = true;
    }
    this.#turn += 1;
    if (!this.#stage) throw new Error("no config here or on any line before");
    const { host, refused } = this.#stage;
    if (refused !== null) return { id: line.id, verdict: "bad_config", reason: refused };
    if (!line.request) throw new Error("no request");
    const calls = fresh ? 0 : host.calloutCount;
    const traps = host.traps().length;
    settle(host, line.now, fresh);
    const before = host.process.metrics.snapshot();
    const id = host.open(this.#turn % this.#workers, line.request);
    if (host.advanceUntilDecided(id, PATIENCE) && host.outcome(id).kind === "upstream") {
      host.respond(id, [[":status", "200"]], true);
    }
    const undecided = !host.isDecided(id);
    const report = host.finish(id);
    host.takeLog();
    this.#now = host.process.clock.wall;
    const reason = refusal(before, host.process.metrics.snapshot(), report.log);
    return decision(line.id, report, undecided, reason, host.calloutCount - calls, host.traps()[traps]);
  }

  #staged(configuration: string, now: Nanoseconds | null) {
    const host = new Host(this.#module, {
      workers: this.#workers,
      verifySignature: this.#verifySignature,
      answer: (callout) => answerTo(callout, this.#answers),
    });
    const wall = now ?? this.#now;
    if (wall !== null) host.setNow(wall);
    const rejected = host.configure(fromText(configuration));
    return { configuration, host, refused: rejected && mistakes(rejected).join("; ") };
  }
}

/** Sets the clock, and after a new configuration or a jump forward runs what is due. The request finds exactly `now`. */
export function settle(host: Host, given: Nanoseconds | null, fresh: boolean): void {
  const { wall } = host.process.clock;
  const now = given ?? wall;
  const forward = now > wall ? now - wall : 0n;
  const lived = forward < LIVED ? forward : LIVED;
  host.setNow(now - lived);
  host.advance(fresh && lived < SETTLING ? SETTLING : lived);
  host.setNow(now);
}

function decision(
  id: unknown,
  report: Report,
  undecided: boolean,
  reason: string | null,
  callouts: number,
  trap: string | undefined,
): Output {
  const out: Output = {
    id, verdict: "pending", status: null, reason: null, upstream_headers: null, upstream_trailers: undefined,
    response_headers: [], response_body: undefined, callouts, hostcalls: report.hostcalls, trapped: trap !== undefined, trap,
  };
  const { outcome } = report;
  if (undecided) return out;
  switch (outcome.kind) {
    case "upstream":
      out["verdict"] = "admit";
      out["upstream_headers"] = pairs(outcome.headers);
      if (outcome.trailers) out["upstream_trailers"] = pairs(outcome.trailers);
      break;
    case "local-reply":
      out["verdict"] = reason === null ? "reply" : "refuse";
      out["status"] = outcome.reply.status;
      out["reason"] = reason;
      out["response_headers"] = pairs(outcome.reply.headers);
      out["response_body"] = shown(outcome.reply.body);
      break;
    case "failed":
      out["verdict"] = "refuse";
      out["status"] = outcome.status;
      out["trapped"] = true;
      break;
    default:
  }
  return out;
}

function pairs(headers: Pair[]): [Bytes, Bytes][] {
  return headers.map(([name, value]) => [shown(name), shown(value)]);
}

/** Text where the bytes are UTF-8, `{"hex": "ff00"}` where they are not. */
function shown(bytes: ByteString): Bytes {
  return asText(bytes) ?? { hex: toHex(bytes) };
}
