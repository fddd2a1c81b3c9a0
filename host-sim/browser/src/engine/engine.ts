// Runs the module over a session: the configuration as it is written, each token, each route.

import {
  type Answer, asText, type Callout, calloutUrl, fromText, Host, LEVELS, type LogLine, mistakes, type Pair, refusal,
  request, SECOND, steps, toText, toHex, warnings,
} from "../host/index.ts";
import { members } from "../replay/raw.ts";
import { settle, soon } from "../replay/index.ts";
import { isDiscovery, type Issuer, issuerOf, issuers, object, parse, routes } from "./configuration.ts";
import type { Keys } from "./keys.ts";
import type { Algorithm, Cell, Decision, Header, KeySource, Result, Session, Token, TokenView } from "./session.ts";
import { make, takeApart } from "./token.ts";

/** How many routes are tried at once. */
const MOST_ROUTES = 60;
const PATIENCE = 30n * SECOND;
/** How much of a log line or a body is kept, in UTF-16 units. */
const SHOWN = 20_000;

/** A host that has taken a configuration and has had the time to fetch keys. */
interface Stage {
  host: Host;
  mistakes: string[];
  warnings: string[];
  callouts: Decision["callouts"];
  answers: Result["answers"];
}

/** Evaluates sessions, each on a host of its own, so that no token is remembered from the session before. */
export class Evaluator {
  #module: WebAssembly.Module;
  #keys: Keys;
  #spare: { key: string; stage: Stage } | null = null;
  #prepare: (() => void) | null = null;

  constructor(module: WebAssembly.Module, keys: Keys) {
    this.#module = module;
    this.#keys = keys;
  }

  /** Sets up a host for a session that differs from the last in no more than tokens and request: the next one usually is. */
  prepare(): void {
    this.#prepare?.();
    this.#prepare = null;
  }

  /** Evaluates a session. With `matrix`, every route is tried with every token. */
  async evaluate(session: Session, matrix: boolean): Promise<Result> {
    const started = performance.now();
    const config = parse(session.config);
    const known = issuers(config);
    const tokens = await Promise.all(session.tokens.map((token) => view(token, known, session.now, this.#keys)));
    const sets = await keySets(session, known, this.#keys);
    const configRun = withKeys(session, known, sets);
    const { host, ...found } = this.#stage(session, known, sets, configRun);
    const result: Result = {
      ...found, tokens, decision: null, routes: [], moreRoutes: 0, jwks: Object.fromEntries(sets), configRun, milliseconds: 0,
    };
    if (found.mistakes.length === 0) {
      const now = host.process.clock.wall;
      const selected = tokens[session.selected];
      result.decision = decide(host, session, session, selected);
      result.decision.callouts = found.callouts;
      const all = routes(config, session);
      const tried = matrix ? tokens : selected ? [selected] : [];
      result.routes = all.slice(0, MOST_ROUTES).map((route) => {
        const cells = tried.map((token) => {
          host.setNow(now);
          return cell(decide(host, session, route, token));
        });
        return { rule: route.name, method: route.method, host: route.host, path: route.path, cells };
      });
      result.moreRoutes = Math.max(all.length - MOST_ROUTES, 0);
    }
    result.milliseconds = performance.now() - started;
    return result;
  }

  #stage(session: Session, known: Issuer[], sets: Map<string, string>, configRun: string): Stage {
    const key = JSON.stringify([configRun, session.now, session.keys, [...sets]]);
    const make = () => set(this.#module, session, known, sets, configRun);
    const stage = this.#spare?.key === key ? this.#spare.stage : make();
    this.#spare = null;
    this.#prepare = () => (this.#spare = { key, stage: make() });
    return stage;
  }
}

function set(module: WebAssembly.Module, session: Session, known: Issuer[], sets: Map<string, string>, configRun: string): Stage {
  const callouts: Decision["callouts"] = [];
  const answers: Result["answers"] = [];
  const host = new Host(module, {
    canary: false,
    vmConfiguration: '{"mode":"explain"}',
    now: BigInt(Math.floor(session.now)) * SECOND,
    answer: (callout) => {
      const { answer, told, replay } = answerTo(callout, session, known, sets);
      const url = calloutUrl(callout);
      callouts.push({ url, cluster: callout.cluster, answer: told });
      answers.push({ url, answer: replay });
      return answer;
    },
  });
  const rejected = host.configure(fromText(configRun));
  const log = rejected?.log ?? host.takeLog();
  if (!rejected) settle(host, host.process.clock.wall, true);
  return { host, mistakes: rejected ? mistakes(rejected) : [], warnings: warnings(log), callouts, answers };
}

async function view(token: Token, known: Issuer[], now: number, keys: Keys): Promise<TokenView> {
  const { name } = token;
  if (token.kind === "pasted") return takeApart(name, token.text.trim());
  const empty = { name, text: null, problem: null, header: null, claims: null };
  if (token.kind === "none") return empty;
  try {
    return takeApart(name, await make(token, known.find((issuer) => issuer.name === token.issuer), now, keys));
  } catch (error) {
    return { ...empty, problem: error instanceof Error ? error.message : String(error) };
  }
}

function decide(host: Host, session: Session, target: { method: string; host: string; path: string }, token: TokenView | undefined): Decision {
  const headers = readHeaders(session.headers);
  if (token?.text != null) headers.push(["authorization", fromText(`Bearer ${token.text}`)]);
  const sent = request({ method: target.method, path: fromText(target.path), authority: target.host, headers });
  const before = host.process.metrics.snapshot();
  const traps = host.traps().length;
  host.takeLog();
  const id = host.open(0, sent);
  if (host.advanceUntilDecided(id, PATIENCE) && host.outcome(id).kind === "upstream") {
    host.respond(id, [[":status", "200"]], true);
  }
  const pending = !host.isDecided(id);
  const report = host.finish(id);
  const log = host.takeLog();
  const told = steps(log);
  const reason = refusal(before, host.process.metrics.snapshot(), log);
  const trap = host.traps()[traps] ?? (report.outcome.kind === "failed" ? report.outcome.message : null);
  const end = told.at(-1);
  const { outcome } = report;
  const reply = outcome.kind === "local-reply" ? outcome.reply : null;
  const verdict =
    trap !== null ? "trap" : pending ? "pending" : outcome.kind === "upstream" ? "admit" : reason === null ? "answer" : "refuse";
  return {
    verdict,
    status: reply?.status ?? (outcome.kind === "failed" ? outcome.status : null),
    reason,
    sentence: typeof end?.["sentence"] === "string" ? end["sentence"] : null,
    wouldRefuse: end?.["verdict"] === "would_refuse" ? { reason: String(end["reason"]), sentence: String(end["sentence"]) } : null,
    steps: told,
    sent: shown(sent.headers),
    upstream: outcome.kind === "upstream" ? shown(outcome.headers) : null,
    response: reply && { headers: shown(reply.headers), body: toText(reply.body).slice(0, SHOWN) },
    callouts: [],
    filterState: shown(report.propertiesSet).map(([path, value]) => [path.replaceAll("\0", "."), value]),
    log: log.filter(isMessage).map(({ level, text }) => ({ level: LEVELS[level] ?? "info", text: text.slice(0, SHOWN) })),
    trap,
  };
}

/** Whether a line is for a person: not a step, which is shown as such. */
function isMessage({ text }: LogLine): boolean {
  return !text.startsWith("claimgate step ");
}

function cell({ verdict, status, reason }: Decision): Cell {
  return { verdict, status, reason };
}

function readHeaders(lines: string): Pair[] {
  return lines.split("\n").flatMap((line): Pair[] => {
    const colon = line.indexOf(":", 1);
    if (colon < 0) return [];
    return [[fromText(line.slice(0, colon).trim()), fromText(line.slice(colon + 1).trim())]];
  });
}

function shown(pairs: Pair[]): Header[] {
  const text = (bytes: string) => asText(bytes) ?? `0x${toHex(bytes)}`;
  return pairs.map(([name, value]) => [text(name), text(value)]);
}

// Keys.

/** The key set that each issuer serves, as JSON text; nothing for one whose keys are unavailable or as configured. */
async function keySets(session: Session, known: Issuer[], keys: Keys): Promise<Map<string, string>> {
  const sets = new Map<string, string>();
  for (const { name } of known) {
    const source = sourceOf(session, name);
    if (source.kind === "pasted") sets.set(name, source.jwks);
    if (source.kind !== "page") continue;
    const used = session.tokens.flatMap((token) => (token.kind === "made" && token.issuer === name ? [token.algorithm] : []));
    const algorithms = new Set<Algorithm>(used.length > 0 ? used : ["RS256"]);
    const pairs = await Promise.all([...algorithms].map((algorithm) => keys.pair(algorithm, "issuer").catch(() => null)));
    sets.set(name, JSON.stringify({ keys: pairs.flatMap((pair) => (pair ? [pair.jwk] : [])) }, null, 2));
  }
  return sets;
}

export function sourceOf(session: Session, issuer: string): KeySource {
  return Object.hasOwn(session.keys, issuer) ? session.keys[issuer]! : { kind: "page" };
}

/** The configuration as it is written; with other keys in the place of inline ones where the session says so. */
function withKeys(session: Session, known: Issuer[], sets: Map<string, string>): string {
  const replaced = known.filter(({ name, inline }) => inline && sets.has(name));
  if (replaced.length === 0) return session.config;
  const raw = new Map(members(session.config));
  const entries = object(JSON.parse(session.config))["issuers"] as unknown[];
  const issuersText = entries.map((entry, index) => {
    const issuer = known[index];
    const set = issuer && replaced.includes(issuer) ? sets.get(issuer.name) : undefined;
    if (set === undefined) return JSON.stringify(entry);
    const kept = members(JSON.stringify(entry)).filter(([name]) => name !== "keys");
    return `{${[...kept, ["keys", `{"inline":${set}}`]].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;
  });
  raw.set("issuers", `[${issuersText.join(",")}]`);
  return `{${[...raw].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;
}

/** What a callout gets, in a word what that is, and how a replay file says it; nothing there where nobody answers. */
interface Given {
  answer: Answer;
  told: string;
  replay: unknown;
}

/** A key set or metadata that a replay file has as it is; null for any other text. */
function documentIn(text: string): unknown {
  const value = parse(text);
  return "keys" in value || "issuer" in value ? value : null;
}

function answerTo(callout: Callout, session: Session, known: Issuer[], sets: Map<string, string>): Given {
  const url = calloutUrl(callout);
  const issuer = issuerOf(url, callout.cluster, known);
  const body = (text: string, type: string, told: string, status = 200): Given => ({
    answer: soon({ kind: "response", response: { status, headers: [["content-type", type]], body: fromText(text) } }),
    told,
    replay: documentIn(text) ?? { status, body: text, headers: [["content-type", type]] },
  });
  const refused = (told: string): Given => ({ answer: soon({ kind: "connect-failure" }), told, replay: undefined });
  if (!issuer) return refused("no issuer has this cluster");
  const source = sourceOf(session, issuer.name);
  if (source.kind === "unavailable") {
    switch (source.how) {
      case "status":
        return body("", "text/plain", "500", 500);
      case "timeout":
        return { answer: { after: null, outcome: { kind: "timeout" } }, told: "timeout", replay: { timeout: true } };
      case "reset":
        return { answer: soon({ kind: "reset" }), told: "connection reset", replay: { reset: true } };
      case "html":
        return body("<!doctype html><title>Sign in</title>", "text/html", "an HTML page");
    }
  }
  if (isDiscovery(url, issuer)) {
    const at = issuer.jwksHost === null ? new URL(url).origin : `https://${issuer.jwksHost}`;
    return body(JSON.stringify({ issuer: issuer.issuer, jwks_uri: `${at}/page/keys` }), "application/json", "metadata");
  }
  const set = sets.get(issuer.name);
  return set === undefined ? refused("no connection") : body(set, "application/json", `keys of ${issuer.name}`);
}
