// The straight line of a decision: its steps in order, what each saw, and which one stopped the request.

import type { Step } from "../host/index.ts";
import type { Decision } from "../engine/session.ts";

export interface LineStep {
  name: string;
  state: "passed" | "stopped" | "skipped";
  /** What the step saw; text in `code` is the request's or the configuration's. */
  told: Told[];
}

export type Told = string | { code: string };

const LINE: [step: string, name: string][] = [
  ["strip", "Identity headers"],
  ["rule", "Rule"],
  ["credential", "Credential"],
  ["parse", "Token"],
  ["issuer", "Issuer"],
  ["verify", "Signature"],
  ["identity", "Claims"],
  ["authorise", "Authorisation"],
];

/** Arranges what the module told along the line. */
export function line(decision: Decision): LineStep[] {
  const told = new Map(decision.steps.map((step) => [step.step, step]));
  const reached = LINE.filter(([step]) => told.has(step)).map(([step]) => step);
  const last = LINE.findIndex(([step]) => step === reached.at(-1));
  const ended = decision.wouldRefuse !== null || (decision.verdict !== "admit" && decision.verdict !== "answer");
  const denied = told.get("rule")?.["access"] === "deny";
  const stop = !ended ? -1 : denied && reached.at(-1) === "rule" ? last : last + 1;
  const known = new Set(LINE.map(([step]) => step).concat("verdict"));
  const steps = LINE.map(([step, name], index): LineStep => {
    const seen = told.get(step);
    if (index === stop) return { name, state: "stopped", told: [decision.sentence ?? decision.reason ?? decision.trap ?? ""] };
    if (seen) return { name, state: "passed", told: saw(seen) };
    if (step === "authorise" && decision.verdict === "admit" && told.has("identity")) {
      return { name, state: "passed", told: ["The caller may do this."] };
    }
    return { name, state: "skipped", told: [stop >= 0 && index > stop ? "not reached" : "not needed"] };
  });
  const others = decision.steps.filter(({ step }) => !known.has(step));
  return [...steps, ...others.map((step): LineStep => ({ name: step.step, state: "passed", told: [{ code: JSON.stringify(step) }] }))];
}

function saw(step: Step): Told[] {
  const text = (name: string) => (step[name] == null ? null : String(step[name]));
  const pair = (label: string, name: string): Told[] => {
    const value = text(name);
    return value === null ? [] : [`${label} `, { code: value }, "  "];
  };
  switch (step.step) {
    case "strip": {
      const removed = Array.isArray(step["removed"]) ? step["removed"].map(String) : [];
      return removed.length === 0 ? ["none sent by the client"] : ["removed ", { code: removed.join(", ") }];
    }
    case "rule":
      return [text("name") === null ? "no name, " : { code: text("name")! }, ` access ${text("access") ?? "?"}`];
    case "credential":
      return ["found in ", { code: text("found_in") ?? "?" }];
    case "parse":
      return [...pair("alg", "alg"), ...pair("kid", "kid"), ...pair("typ", "typ"), ...pair("iss", "iss")];
    case "issuer":
      return [{ code: text("name") ?? "?" }, ` as `, { code: text("issuer") ?? "?" }];
    case "verify":
      return [text("signature") ?? "valid"];
    case "identity": {
      const shown = ["subject", "username", "email", "client", "actor", "acr"] as const;
      return shown.flatMap((name) => pair(name, name));
    }
    default:
      return [];
  }
}
