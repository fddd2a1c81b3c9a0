// Places in a JSON text: from a position to its path, and from a finding's path to its range.

import { syntaxTree } from "@codemirror/language";
import type { EditorState } from "@codemirror/state";
import type { SyntaxNode } from "@lezer/common";
import type { Path } from "./schema.ts";

const VALUES = new Set(["Object", "Array", "String", "Number", "True", "False", "Null"]);

function isValue(node: SyntaxNode): boolean {
  return VALUES.has(node.name);
}

export function text(state: EditorState, node: { from: number; to: number }): string {
  return state.sliceDoc(node.from, node.to);
}

/** The name that a property's name node spells. */
export function nameOf(state: EditorState, node: SyntaxNode): string {
  const raw = text(state, node);
  try {
    return JSON.parse(raw) as string;
  } catch {
    return raw.replace(/^"|"$/g, "");
  }
}

function elements(array: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = array.firstChild; child; child = child.nextSibling) if (isValue(child)) found.push(child);
  return found;
}

/** The path of a value node. */
export function pathOf(state: EditorState, value: SyntaxNode): Path {
  const path: Path = [];
  for (let node: SyntaxNode = value; node.parent; node = node.parent) {
    const { parent } = node;
    if (parent.name === "Property" && parent.firstChild) path.unshift(nameOf(state, parent.firstChild));
    if (parent.name === "Array") {
      const before = elements(parent).filter(({ from }) => from < node.from);
      path.unshift(before.length);
    }
  }
  return path;
}

/** The members that an object has. */
export function membersOf(state: EditorState, object: SyntaxNode): { name: string; key: SyntaxNode; value: SyntaxNode | null }[] {
  return object.getChildren("Property").flatMap((property) => {
    const key = property.getChild("PropertyName");
    const value = property.lastChild && isValue(property.lastChild) ? property.lastChild : null;
    return key ? [{ name: nameOf(state, key), key, value }] : [];
  });
}

/** A finding of the module: its place in the text and what it says. */
export interface Finding {
  from: number;
  to: number;
  message: string;
}

/** Finds the place of `PATH: problem`: as much of the path as the text has. */
export function locate(state: EditorState, finding: string): Finding {
  const byte = /at byte (\d+)/.exec(finding);
  if (finding.startsWith(": ") && byte) {
    const before = new TextDecoder().decode(new TextEncoder().encode(state.doc.toString()).subarray(0, Number(byte[1])));
    const at = Math.min(before.length, state.doc.length);
    return { from: Math.max(at - 1, 0), to: at, message: finding.slice(2) };
  }
  let node = syntaxTree(state).topNode.firstChild;
  let range: { from: number; to: number } = { from: 0, to: 0 };
  let rest = finding;
  while (node) {
    const index = node.name === "Array" ? /^\[(\d+)\]/.exec(rest) : null;
    if (index) {
      const element: SyntaxNode | undefined = elements(node)[Number(index[1])];
      if (!element) break;
      rest = rest.slice(index[0].length);
      node = range = element;
      continue;
    }
    const name = rest.replace(/^\./, "");
    const member: ReturnType<typeof membersOf>[number] | undefined = membersOf(state, node)
      .filter((candidate) => name.startsWith(candidate.name) && /^(\.|\[|: )/.test(name.slice(candidate.name.length)))
      .sort((a, b) => b.name.length - a.name.length)[0];
    if (!member) break;
    rest = name.slice(member.name.length);
    range = member.key;
    node = member.value;
  }
  if (node && node.name !== "Object" && node.name !== "Array" && range.from !== 0) range = node;
  return { from: range.from, to: Math.max(range.to, range.from), message: finding.replace(/^: /, "") };
}
