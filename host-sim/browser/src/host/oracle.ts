// Reading the module's verdicts from what a host sees: its log and its metrics.

import { ERROR, type LogLine } from "./process.ts";
import type { Rejected } from "./vm.ts";

const REFUSED = "configuration refused: ";
const WARNING = "configuration warning: ";
const REASON = ".refused.reason.";
const STEP = "claimgate step ";

/** What a configuration was refused for, each as `PATH: problem`; never empty. */
export function mistakes(rejected: Rejected): string[] {
  const grave = rejected.log.filter(({ level }) => level >= ERROR).map(({ text }) => text);
  const named = grave.filter((text) => text.startsWith(REFUSED)).map((text) => text.slice(REFUSED.length));
  return named.length > 0 ? named : [rejected.reason, ...grave];
}

/** What the module finds legal but unwise in a configuration, each as `PATH: text`, without repeats. */
export function warnings(log: LogLine[]): string[] {
  const found = log.filter(({ text }) => text.startsWith(WARNING)).map(({ text }) => text.slice(WARNING.length));
  return [...new Set(found)];
}

/** Why a request was refused, by the counter that moved between two snapshots, or by the module's audit line. */
export function refusal(before: Map<string, bigint>, after: Map<string, bigint>, log: LogLine[]): string | null {
  for (const [name, value] of after) {
    const at = name.indexOf(REASON);
    if (at >= 0 && (before.get(name) ?? 0n) < value) return name.slice(at + REASON.length);
  }
  for (const { text } of log) {
    const line = text.startsWith("{") ? parsed(text) : null;
    if (line && "claimgate" in line && typeof line["reason"] === "string") return line["reason"];
  }
  return null;
}

/** A step of a decision, as the module in its explain mode logs it. */
export type Step = { step: string } & Record<string, unknown>;

/** The steps of the last run through the line: a request that waited for keys ran through it more than once. */
export function steps(log: LogLine[]): Step[] {
  const told = log
    .filter(({ text }) => text.startsWith(STEP))
    .map(({ text }) => parsed(text.slice(STEP.length)))
    .filter((step): step is Step => typeof step?.["step"] === "string");
  const start = told.findLastIndex(({ step }) => step === "strip");
  return told.slice(Math.max(start, 0));
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
