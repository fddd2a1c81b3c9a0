// The JSON editors: completion and hover from the schema, marks from the module's findings.

import { autocompletion, closeBrackets, closeBracketsKeymap, type CompletionContext, completionKeymap, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting, syntaxTree } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import type { SyntaxNode } from "@lezer/common";
import { tags } from "@lezer/highlight";
import { h } from "./dom.ts";
import { locate, membersOf, pathOf } from "./places.ts";
import type { Schemas } from "./schema.ts";

/** Colours are the page's variables, so that both schemes are one theme. */
const highlight = HighlightStyle.define([
  { tag: tags.propertyName, class: "tok-name" },
  { tag: tags.string, class: "tok-string" },
  { tag: [tags.number, tags.bool, tags.null], class: "tok-atom" },
  { tag: tags.punctuation, class: "tok-punctuation" },
]);

const theme = EditorView.theme({
  "&": { fontSize: "13px", backgroundColor: "var(--field)", color: "var(--text)" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--text)", padding: "8px 0" },
  ".cm-gutters": { backgroundColor: "var(--field)", color: "var(--faint)", border: "none" },
  ".cm-activeLine": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { backgroundColor: "var(--line-active)" },
  "&.cm-focused": { outline: "none" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--selection)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--selection)", outline: "none" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--border)", borderRadius: "6px", maxWidth: "min(34rem, 90vw)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)" },
  ".cm-diagnostic": { fontFamily: "var(--sans)", padding: "6px 10px" },
  // Without the pictures of the lint package, which the page's policy refuses.
  ".cm-lint-marker": { width: "0.55em", height: "0.55em", margin: "0.4em 0.1em", borderRadius: "50%", content: "none" },
  ".cm-lint-marker-error": { content: "none", backgroundColor: "var(--bad)" },
  ".cm-lint-marker-warning": { content: "none", backgroundColor: "var(--warn)" },
  ".cm-lintRange": { backgroundImage: "none", textDecoration: "underline wavy 1px", textUnderlineOffset: "3px" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecorationColor: "var(--bad)" },
  ".cm-lintRange-warning": { backgroundImage: "none", textDecorationColor: "var(--warn)" },
  ".cm-lintRange-active": { backgroundColor: "transparent" },
});

/**
 * Text that replaces a selection. Left to itself Chromium keeps the replaced text's colours by a style attribute, which the
 * page's policy refuses with a message in the console.
 */
const replacing = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { data, inputType, isComposing } = event;
    const { from, to, empty } = view.state.selection.main;
    if (inputType !== "insertText" || data === null || empty || isComposing) return false;
    const insert = () => view.state.update(view.state.replaceSelection(data), { userEvent: "input.type", scrollIntoView: true });
    const handled = view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, data, insert));
    if (!handled) view.dispatch(insert());
    event.preventDefault();
    return true;
  },
});

export interface Editor {
  view: EditorView;
  get(): string;
  set(text: string): void;
  /** Marks findings, each `PATH: problem`. */
  mark(mistakes: string[], warnings: string[]): void;
}

/** An editor in a place, which says when its text changes. */
export function editor(place: HTMLElement, label: string, schemas: Schemas | null, changed: () => void): Editor {
  let quiet = false;
  const view = new EditorView({
    parent: place,
    state: EditorState.create({
      extensions: [
        history(), drawSelection(), indentOnInput(), indentUnit.of("  "), bracketMatching(), closeBrackets(), highlightActiveLine(),
        json(), syntaxHighlighting(highlight), theme, replacing, EditorView.lineWrapping,
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
        schemas ? [lineNumbers(), lintGutter(), autocompletion({ override: [completions(schemas)], icons: false }), hover(schemas)] : [],
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !quiet) changed();
        }),
      ],
    }),
  });
  return {
    view,
    get: () => view.state.doc.toString(),
    set(text) {
      if (text === view.state.doc.toString()) return;
      quiet = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
      quiet = false;
    },
    mark(mistakes, warnings) {
      const marks = (findings: string[], severity: Diagnostic["severity"]) =>
        findings.map((finding): Diagnostic => ({ ...locate(view.state, finding), severity }));
      view.dispatch(setDiagnostics(view.state, [...marks(mistakes, "error"), ...marks(warnings, "warning")]));
    },
  };
}

/** The object around a position and whether a name or a value belongs there. */
function surroundings(state: EditorState, pos: number): { object: SyntaxNode | null; property: SyntaxNode | null; array: SyntaxNode | null } {
  for (let node: SyntaxNode | null = syntaxTree(state).resolveInner(pos, -1); node; node = node.parent) {
    if (node.name === "Property") {
      const key = node.getChild("PropertyName");
      if (key && pos > key.to) return { object: null, property: node, array: null };
    }
    if (node.name === "Array") return { object: null, property: null, array: node };
    if (node.name === "Object") return { object: node, property: null, array: null };
  }
  return { object: null, property: null, array: null };
}

function completions(schemas: Schemas) {
  return (context: CompletionContext): CompletionResult | null => {
    const { state, pos } = context;
    const word = context.matchBefore(/"?[\w$:-]*/);
    const from = word?.from ?? pos;
    if (from === pos && !context.explicit) return null;
    const { object, property, array } = surroundings(state, from);
    const closing = state.sliceDoc(pos, pos + 1) === '"' && state.sliceDoc(from, from + 1) === '"' ? pos + 1 : pos;
    if (object) {
      const present = new Set(membersOf(state, object).filter(({ key }) => key.to < from || key.from > pos).map(({ name }) => name));
      const offered = [...schemas.members(pathOf(state, object))].filter(([name]) => !present.has(name));
      const options = offered.map(([name, info]) => ({
        label: name,
        ...(info !== "" && { info }),
        apply: (view: EditorView, _completion: unknown, start: number) => {
          const colon = /^\s*:/.test(view.state.sliceDoc(closing, closing + 20)) ? "" : ": ";
          const insert = `${JSON.stringify(name)}${colon}`;
          view.dispatch({ changes: { from: start, to: closing, insert }, selection: { anchor: start + insert.length } });
        },
      }));
      return { from, filter: true, validFor: /^"?[\w$:-]*$/, ...strip(state.sliceDoc(from, pos), options) };
    }
    const path = property ? valuePath(state, property) : array ? [...pathOf(state, array), 0] : null;
    if (!path) return null;
    const options = schemas.values(path).map((label) => ({ label }));
    return options.length > 0 ? { from, to: closing, options } : null;
  };
}

/** A name that is begun with a quote is completed by what follows the quote. */
function strip<T extends { label: string }>(typed: string, options: T[]): { options: T[] } {
  return { options: typed.startsWith('"') ? options.map((option) => ({ ...option, label: `"${option.label}"` })) : options };
}

function valuePath(state: EditorState, property: SyntaxNode) {
  const key = property.getChild("PropertyName");
  return key ? pathOf(state, key) : null;
}

function hover(schemas: Schemas) {
  return hoverTooltip((view, pos, side) => {
    const node = syntaxTree(view.state).resolveInner(pos, side);
    if (node.name !== "PropertyName") return null;
    const path = pathOf(view.state, node);
    const description = schemas.describe(path);
    if (description === "") return null;
    const values = schemas.values(path);
    return {
      pos: node.from,
      end: node.to,
      create: () => ({
        dom: h("div", { class: "hover" }, h("strong", {}, String(path.at(-1))), h("p", {}, description),
          values.length > 0 && h("p", { class: "faint" }, values.join("  "))),
      }),
    };
  });
}
