// The right side of the page: what came of the session.

import type { Cell, Decision, Header, Result, Session } from "../engine/session.ts";
import { addresses, inWords } from "./claims.ts";
import { byId, copyButton, draw, finding, h } from "./dom.ts";
import { line } from "./line.ts";

/** Draws a result. */
export function show(session: Session, result: Result): void {
  banner(session, result);
  const { decision } = result;
  const token = result.tokens[session.selected];
  draw(byId("steps"), decision && line(decision), () => (decision ? line(decision).map(step) : []));
  draw(byId("groups"), identity(decision), () => groups(decision));
  draw(byId("routes"), [result.routes, result.moreRoutes], () => routes(result));
  draw(byId("outcome"), [decision?.sent, decision?.upstream, decision?.response], () => outcome(decision));
  draw(byId("addresses"), [token?.claims, session.now], () => claims(token?.claims, session.now));
  draw(byId("matrix"), [result.tokens.map(({ name }) => name), result.routes], () => matrix(result));
  draw(byId("log"), [decision?.log, decision?.callouts, decision?.filterState, result.milliseconds], () => log(result));
}

/** Says that the engine itself failed. */
export function showProblem(problem: string): void {
  verdict("trap", "Not evaluated", problem);
}

function verdict(kind: string, headline: string, sentence: string): void {
  byId("verdict").dataset["kind"] = kind;
  draw(byId("verdict-line"), headline, () => [headline]);
  draw(byId("verdict-sentence"), sentence, () => [sentence]);
}

function banner(session: Session, { mistakes, decision, tokens }: Result): void {
  if (mistakes.length > 0) {
    const count = mistakes.length === 1 ? "" : ` (${mistakes.length} findings)`;
    return verdict("config", `Configuration refused${count}`, finding(mistakes[0] ?? ""));
  }
  if (!decision) return verdict("wait", "Nothing decided", "");
  const problem = tokens[session.selected]?.problem;
  if (problem != null) return verdict("trap", "The token was not made", problem);
  const status = decision.status === null ? "" : ` ${decision.status}`;
  switch (decision.verdict) {
    case "admit":
      if (decision.wouldRefuse) {
        const { reason, sentence } = decision.wouldRefuse;
        return verdict("report", `Admitted, not enforced: ${reason}`, sentence);
      }
      return verdict("admit", "Admitted", who(decision));
    case "refuse":
      return verdict("refuse", `Refused${status} ${decision.reason ?? ""}`, decision.sentence ?? "");
    case "answer":
      return verdict("answer", `Answered${status}`, "The filter answered this request itself.");
    case "pending":
      return verdict("pending", "Held", "The request waits for the issuer's keys, and was given up after 30 seconds.");
    case "trap":
      return verdict("trap", `The module trapped${status}`, decision.trap ?? "");
  }
}

function who(decision: Decision): string {
  const found = identity(decision);
  const subject = typeof found?.["subject"] === "string" ? found["subject"] : null;
  if (subject !== null) return `as ${subject}`;
  return found ? "with an identity that has no subject" : "without an identity";
}

function identity(decision: Decision | null): Record<string, unknown> | undefined {
  return decision?.steps.find(({ step }) => step === "identity");
}

const MARKS = { passed: "✓", stopped: "✕", skipped: "·" };

function step({ name, state, told }: ReturnType<typeof line>[number]): HTMLElement {
  const words = { passed: "passed", stopped: "stopped here", skipped: "skipped" }[state];
  return h("li", { class: state },
    h("span", { class: "mark", role: "img", "aria-label": words }, MARKS[state]),
    h("span", { class: "name" }, name),
    h("span", { class: "told" }, ...told.map((part) => (typeof part === "string" ? part : h("code", {}, part.code)))));
}

type Json = Record<string, unknown>;

function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter((one): one is Json => typeof one === "object" && one !== null) : [];
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function table(headings: string[], rows: HTMLElement[], label: string): HTMLElement {
  const head = h("thead", {}, h("tr", {}, ...headings.map((heading) => h("th", { scope: "col" }, heading))));
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, h("table", {}, head, h("tbody", {}, ...rows)));
}

function row(first: string | Node, ...cells: (string | Node)[]): HTMLElement {
  return h("tr", {}, h("th", { scope: "row" }, first), ...cells.map((cell) => h("td", {}, cell)));
}

function none(text: string): HTMLElement {
  return h("p", { class: "note" }, text);
}

function groups(decision: Decision | null): (HTMLElement | null)[] {
  const found = identity(decision);
  if (!found) return [none("No verified identity.")];
  const mapping = objects(found["mapping"]);
  const scopes = objects(found["scopes"]);
  return [
    found["group_overage"] === true ? none("The provider has too many groups to list: none are known.") : null,
    mapping.length === 0
      ? none("The token names no groups.")
      : table(["In the token", "Becomes"], mapping.map(({ external, groups: mapped }) => {
          const became = strings(mapped);
          return row(String(external), became.length === 0 ? h("span", { class: "dropped plain" }, "dropped") : became.join(", "));
        }), "Group mapping"),
    strings(found["granted"]).length > 0 ? h("p", { class: "note" }, "Granted by other claims: ", h("code", {}, strings(found["granted"]).join(", "))) : null,
    found["email_unverified"] === true ? none("The mail address is left out: the token says that it is not verified.") : null,
    h("p", { class: "note" }, "Groups: ", h("code", {}, strings(found["groups"]).join(", ") || "none")),
    scopes.length === 0
      ? none("No scopes.")
      : table(["Scope", "From"], scopes.map(({ scope, granted_to_group: group }) => {
          return row(String(scope), h("span", { class: "plain" }, typeof group === "string" ? `group ${group}` : "the token"));
        }), "Scopes"),
  ];
}

const VERDICTS = { admit: "admitted", refuse: "", answer: "answered", pending: "held", trap: "trapped" };

function shown({ verdict: kind, status, reason }: Cell): HTMLElement {
  const good = kind === "admit" || kind === "answer";
  const text = kind === "refuse" ? `${status ?? ""} ${reason ?? ""}` : VERDICTS[kind];
  return h("span", { class: good ? "good" : "bad" }, good ? "✓ " : "✕ ", text);
}

function target({ method, host, path }: { method: string; host: string; path: string }): string {
  return `${method} ${host}${path}`;
}

function routes({ routes: rows, moreRoutes }: Result): (HTMLElement | null)[] {
  if (rows.length === 0) return [none("No configuration to try.")];
  const index = rows[0]!.cells.length === 1 ? 0 : null;
  if (index === null) return [none("See the matrix.")];
  return [
    table(["Rule", "Tried with", "Result"], rows.map((one) => row(one.rule, target(one), shown(one.cells[index]!))), "Rules and this token"),
    moreRoutes > 0 ? none(`${moreRoutes} more rules were not tried.`) : null,
  ];
}

function matrix({ routes: rows, tokens, moreRoutes }: Result): (HTMLElement | null)[] {
  if (rows.length === 0) return [none("No configuration to try.")];
  const whole = rows.every(({ cells }) => cells.length === tokens.length);
  if (!whole) return [none("Being evaluated…")];
  const body = rows.map((one) => row(h("span", {}, one.rule, h("br"), h("span", { class: "faint" }, target(one))), ...one.cells.map(shown)));
  const made = table(["Rule", ...tokens.map(({ name }) => name)], body, "Every rule with every token");
  made.classList.add("matrix");
  return [made, moreRoutes > 0 ? none(`${moreRoutes} more rules were not tried.`) : null];
}

function headerRows(headers: Header[], kind: (header: Header) => string): HTMLElement[] {
  return headers.map((header) => h("tr", {}, h("td", { class: "plain" }, kind(header)), h("th", { scope: "row" }, header[0]), h("td", {}, header[1])));
}

function outcome(decision: Decision | null): HTMLElement[] {
  if (!decision) return [none("No request was decided.")];
  const same = (all: Header[], [name, value]: Header) => all.some(([other, given]) => other === name && given === value);
  const { sent, upstream, response } = decision;
  if (upstream) {
    const set = upstream.filter((header) => !same(sent, header));
    const removed = sent.filter((header) => !same(upstream, header));
    const kept = upstream.filter((header) => same(sent, header));
    return [table(["Change", "Header", "Value"], [
      ...headerRows(set, () => "set"),
      ...headerRows(removed.map(([name, value]) => [name, /^(authorization|cookie)$/.test(name) ? "…" : value]), () => "removed"),
      ...headerRows(kept, () => "kept"),
    ], "Headers that go to the service")];
  }
  if (!response) return [none("Nothing went to the service.")];
  return [
    h("p", { class: "note" }, "Nothing went to the service. The client gets:"),
    table(["Header", "Value"], [[":status", String(decision.status ?? "")] as Header, ...response.headers].map(([name, value]) => row(name, value)), "Headers that the client gets"),
    response.body === "" ? none("No body.") : h("p", {}, h("code", {}, response.body)),
  ];
}

function claims(given: unknown, now: number): HTMLElement[] {
  const { claims: found, more } = addresses(given);
  if (found.length === 0) return [none("No token whose claims can be read.")];
  const rows = found.map(({ address, value }) => {
    const words = inWords(address, safely(value), now);
    return h("tr", {}, h("th", { scope: "row" }, address),
      h("td", {}, value, words === null ? null : h("span", { class: "plain faint" }, `  ${words}`)),
      h("td", { class: "end" }, copyButton(address, `Copy the address ${address}`)));
  });
  return [none("As the token says; the decision above tells whether it is true."), table(["Address", "Value", "Copy"], rows, "Addresses of claims"), ...(more ? [none("There are more.")] : [])];
}

function safely(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}

function log({ decision, milliseconds, warnings }: Result): (HTMLElement | null)[] {
  const lines = (items: HTMLElement[]) => h("ul", { class: "lines" }, ...items);
  const callouts = decision?.callouts ?? [];
  const state = decision?.filterState ?? [];
  return [
    h("h2", {}, "Log of the module"),
    decision && decision.log.length > 0
      ? lines(decision.log.map(({ level, text }) => h("li", {}, h("span", { class: "level" }, level), text)))
      : none("No lines."),
    h("h2", {}, "Callouts"),
    callouts.length > 0
      ? lines(callouts.map(({ url, cluster, answer }) => h("li", {}, `${url} to cluster ${cluster}: ${answer}`)))
      : none("None: the keys were at hand."),
    state.length > 0 ? h("h2", {}, "Filter state") : null,
    state.length > 0 ? lines(state.map(([path, value]) => h("li", {}, `${path} = ${value}`))) : null,
    warnings.length > 0 ? none(`${warnings.length} warnings stand under the configuration.`) : null,
    none(`Evaluated in ${milliseconds.toFixed(0)} ms.`),
  ];
}
