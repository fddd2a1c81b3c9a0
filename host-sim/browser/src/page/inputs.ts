// The left side of the page: the session as fields, and the fields as a session.

import { type Issuer, issuers, parse } from "../engine/configuration.ts";
import { ALGORITHMS, type KeySource, type MadeToken, type Result, type Session, type Token } from "../engine/session.ts";
import { byId, draw, finding, h } from "./dom.ts";
import { type Editor, editor } from "./editor.ts";
import type { Schemas } from "./schema.ts";

const input = (id: string) => byId<HTMLInputElement>(id);
const select = (id: string) => byId<HTMLSelectElement>(id);
const area = (id: string) => byId<HTMLTextAreaElement>(id);

const SOURCES: [value: string, label: string][] = [
  ["page", "the page's keys"],
  ["pasted", "a key set of yours"],
  ["configured", "as configured"],
  ["status", "unavailable: status 500"],
  ["timeout", "unavailable: no answer"],
  ["reset", "unavailable: connection reset"],
  ["html", "unavailable: an HTML page"],
];

/** The longest token that is kept, in UTF-16 units: more than the module takes, and little enough to be laid out at once. */
const LONGEST = 200_000;

export class Inputs {
  session: Session;
  #changed: () => void;
  #config: Editor;
  #claims: Editor;
  #header: Editor;
  #result: Result | null = null;

  constructor(session: Session, schemas: Schemas, changed: () => void) {
    this.session = session;
    this.#changed = changed;
    const made = (name: "claims" | "header") => (text: string) => this.#token((token) => token.kind === "made" && (token[name] = text));
    this.#config = editor(byId("config"), "Configuration, JSON", schemas, () => {
      session = this.session;
      session.config = this.#config.get();
      this.#drawIssuers();
      this.#changed();
    });
    this.#claims = editor(byId("claims"), "Claims, JSON", null, () => made("claims")(this.#claims.get()));
    this.#header = editor(byId("header"), "Header, JSON", null, () => made("header")(this.#header.get()));
    this.#listen();
    this.load(session);
  }

  /** Shows another session. */
  load(session: Session): void {
    this.session = session;
    this.#config.set(session.config);
    for (const name of ["method", "host", "path"] as const) input(name).value = session[name];
    area("headers").value = session.headers;
    input("now").value = instant(session.now);
    this.#drawIssuers();
    this.#drawToken();
    this.#changed();
  }

  /** Marks the module's findings, and shows the tokens that were made. */
  show(result: Result): void {
    this.#result = result;
    this.#config.mark(result.mistakes, result.warnings);
    const findings = [...result.mistakes.map((text) => [text, ""]), ...result.warnings.map((text) => [text, "warning"])];
    draw(byId("findings"), findings, () => findings.slice(0, 100).map(([text, kind]) => h("li", { class: kind! }, finding(text!))));
    byId("config-note").textContent = result.mistakes.length > 0 ? "" : result.warnings.length > 0 ? "accepted, with warnings" : "accepted";
    const token = result.tokens[this.session.selected];
    byId("token-problem").textContent = token?.problem ?? "";
    draw(byId("encoded"), token?.text, () => (token?.text ? encoded(token.text, () => this.#paste(token.text!)) : []));
    for (const [name, set] of Object.entries(result.jwks)) {
      const shown = document.querySelector<HTMLTextAreaElement>(`textarea[data-issuer="${CSS.escape(name)}"]`);
      if (shown?.readOnly && shown.value !== set) shown.value = set;
    }
  }

  #listen(): void {
    for (const name of ["method", "host", "path"] as const) {
      input(name).addEventListener("input", () => this.#set({ [name]: input(name).value }));
    }
    area("headers").addEventListener("input", () => this.#set({ headers: area("headers").value }));
    input("now").addEventListener("input", () => this.#readNow());
    byId("now-present").addEventListener("click", () => {
      input("now").value = instant(Date.now() / 1000);
      this.#readNow();
    });
    input("token-name").addEventListener("input", () => {
      this.#token((token) => (token.name = input("token-name").value));
      this.#drawTokens();
    });
    select("token-kind").addEventListener("change", () => this.#setKind(select("token-kind").value));
    select("token-issuer").addEventListener("change", () => this.#made((token) => (token.issuer = select("token-issuer").value)));
    select("token-algorithm").addEventListener("change", () => {
      this.#made((token) => (token.algorithm = ALGORITHMS.find((name) => name === select("token-algorithm").value) ?? "RS256"));
    });
    select("token-key").addEventListener("change", () => {
      this.#made((token) => (token.key = select("token-key").value === "other" ? "other" : "issuer"));
    });
    area("token-text").addEventListener("input", () => {
      const long = area("token-text").value.length > LONGEST;
      if (long) area("token-text").value = area("token-text").value.slice(0, LONGEST);
      byId("token-cut").textContent = long ? `Cut after ${LONGEST.toLocaleString("en")} characters, which is more than the module takes.` : "";
      this.#token((token) => token.kind === "pasted" && (token.text = area("token-text").value));
    });
    select("token-algorithm").replaceChildren(...ALGORITHMS.map((name) => h("option", { value: name }, name)));
  }

  #set(members: Partial<Session>): void {
    Object.assign(this.session, members);
    this.#changed();
  }

  #readNow(): void {
    const text = input("now").value.trim();
    const seconds = /^\d+$/.test(text) ? Number(text) : Date.parse(/[zZ]$|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`) / 1000;
    const sound = Number.isFinite(seconds) && seconds >= 0 && seconds <= 253_402_300_799;
    input("now").setAttribute("aria-invalid", String(!sound));
    byId("now-problem").textContent = sound ? "" : "Expected a time as 2026-01-01T00:00:00Z, or seconds since 1970.";
    if (sound) this.#set({ now: seconds });
  }

  // Tokens.

  get #selected(): Token {
    return this.session.tokens[this.session.selected]!;
  }

  #token(change: (token: Token) => void): void {
    change(this.#selected);
    this.#changed();
  }

  #made(change: (token: MadeToken) => void): void {
    this.#token((token) => token.kind === "made" && change(token));
    this.#drawKeys();
  }

  #setKind(kind: string): void {
    const { name } = this.#selected;
    const text = this.#result?.tokens[this.session.selected]?.text ?? "";
    const issuer = issuers(parse(this.session.config))[0]?.name ?? "";
    const claims = '{\n  "sub": "alice"\n}';
    const token: Token =
      kind === "made" ? { kind, name, issuer, algorithm: "RS256", key: "issuer", claims, header: "{}" }
      : kind === "pasted" ? { kind, name, text }
      : { kind: "none", name };
    this.#replace(token);
  }

  /** Makes a made token one that is edited as text, with its issuer's keys kept beside it. */
  #paste(text: string): void {
    const token = this.#selected;
    if (token.kind === "made") {
      const set = this.#result?.jwks[token.issuer];
      if (set !== undefined) this.session.keys[token.issuer] = { kind: "pasted", jwks: set };
    }
    this.#replace({ kind: "pasted", name: token.name, text });
    this.#drawKeys();
    area("token-text").focus();
  }

  #replace(token: Token): void {
    this.session.tokens[this.session.selected] = token;
    this.#drawToken();
    this.#changed();
  }

  #drawTokens(): void {
    const { tokens, selected } = this.session;
    draw(byId("tokens"), [tokens.map(({ name }) => name), selected], () => [
      ...tokens.map(({ name }, index) =>
        h("button", { type: "button", "aria-pressed": index === selected, onclick: () => this.#choose(index) }, name || `token ${index + 1}`)),
      h("button", { type: "button", "aria-label": "Add a token like this one", onclick: () => this.#add() }, "+"),
      tokens.length > 1 ? h("button", { type: "button", "aria-label": "Remove this token", onclick: () => this.#remove() }, "−") : null,
    ]);
    byId("tokens").querySelectorAll("[aria-pressed]").forEach((button, index) => button.setAttribute("aria-pressed", String(index === selected)));
  }

  #choose(index: number): void {
    this.session.selected = index;
    this.#drawToken();
    byId("tokens").querySelectorAll("button")[index]?.focus();
    this.#changed();
  }

  #add(): void {
    const { tokens } = this.session;
    tokens.push({ ...structuredClone(this.#selected), name: `token ${tokens.length + 1}` });
    this.#choose(tokens.length - 1);
  }

  #remove(): void {
    this.session.tokens.splice(this.session.selected, 1);
    this.#choose(Math.max(this.session.selected - 1, 0));
  }

  #drawToken(): void {
    this.#drawTokens();
    const token = this.#selected;
    input("token-name").value = token.name;
    select("token-kind").value = token.kind;
    for (const kind of ["made", "pasted"]) {
      document.querySelectorAll<HTMLElement>(`.${kind}`).forEach((element) => (element.hidden = token.kind !== kind));
    }
    if (token.kind === "pasted") area("token-text").value = token.text;
    if (token.kind === "made") {
      this.#claims.set(token.claims);
      this.#header.set(token.header);
      select("token-algorithm").value = token.algorithm;
      select("token-key").value = token.key;
      select("token-issuer").value = token.issuer;
    }
    this.#drawKeys();
  }

  // Issuers and keys.

  #drawIssuers(): void {
    const names = issuers(parse(this.session.config)).map(({ name }) => name);
    const token = this.#selected;
    const all = token.kind === "made" && !names.includes(token.issuer) ? [...names, token.issuer] : names;
    draw(select("token-issuer"), all, () => all.map((name) => h("option", { value: name }, name || "none")));
    if (token.kind === "made") select("token-issuer").value = token.issuer;
    this.#drawKeys();
  }

  #drawKeys(): void {
    const known = issuers(parse(this.session.config)).slice(0, 50);
    const sources = known.map(({ name }) => this.#source(name).kind + ("how" in this.#source(name) ? (this.#source(name) as { how: string }).how : ""));
    draw(byId("keys"), [known.map(({ name, inline }) => [name, inline]), sources], () =>
      known.length === 0 ? [h("p", { class: "note" }, "The configuration names no issuers.")] : [h("div", { class: "keys" }, ...known.map((issuer) => this.#keysOf(issuer)))]);
  }

  #source(name: string): KeySource {
    return Object.hasOwn(this.session.keys, name) ? this.session.keys[name]! : { kind: "page" };
  }

  #keysOf({ name, inline }: Issuer): HTMLElement {
    const source = this.#source(name);
    const value = source.kind === "unavailable" ? source.how : source.kind;
    const offered = SOURCES.filter(([kind]) => (inline ? ["page", "pasted", "configured"].includes(kind) : kind !== "configured"));
    const choice = h("select", {}, ...offered.map(([kind, label]) => h("option", { value: kind, selected: kind === value }, label)));
    choice.addEventListener("change", () => {
      this.session.keys[name] = this.#chosen(choice.value, name);
      this.#drawKeys();
      this.#changed();
      document.querySelectorAll<HTMLSelectElement>("#keys select")[issuers(parse(this.session.config)).findIndex((issuer) => issuer.name === name)]?.focus();
    });
    const shown = source.kind === "page" || source.kind === "pasted";
    const label = h("label", {}, h("code", {}, name), choice);
    if (!shown) return h("div", {}, label);
    const set = h("textarea", { rows: 5, spellcheck: "false", "data-issuer": name, "aria-label": `Key set of ${name}`, readonly: source.kind === "page" });
    set.value = source.kind === "pasted" ? source.jwks : (this.#result?.jwks[name] ?? "");
    set.addEventListener("input", () => {
      this.session.keys[name] = { kind: "pasted", jwks: set.value };
      this.#changed();
    });
    const details = h("details", { open: source.kind === "pasted" }, h("summary", {}, "Key set"), set);
    return h("div", {}, label, details);
  }

  #chosen(value: string, name: string): KeySource {
    switch (value) {
      case "pasted":
        return { kind: "pasted", jwks: this.#result?.jwks[name] ?? '{ "keys": [] }' };
      case "page":
      case "configured":
        return { kind: value };
      default:
        return { kind: "unavailable", how: value as "status" | "timeout" | "reset" | "html" };
    }
  }
}

/** A token in its three parts, and a button that makes it one to edit. */
function encoded(text: string, paste: () => void): HTMLElement[] {
  const parts = text.split(".").flatMap((part, index) => [index > 0 ? "." : null, h("span", { class: `part-${index}` }, part)]);
  return [
    h("div", { class: "title" }, h("h3", {}, "Encoded"), h("button", { type: "button", class: "quiet", id: "edit-token", onclick: paste }, "Edit as text")),
    h("p", { tabindex: 0, role: "region", "aria-label": "The token, encoded" }, ...parts),
  ];
}

function instant(seconds: number): string {
  return new Date(Math.floor(seconds) * 1000).toISOString().replace(".000Z", "Z");
}
