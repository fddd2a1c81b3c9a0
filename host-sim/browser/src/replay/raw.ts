// The members of a JSON object as they are written: the module judges repeated members, spacing and numbers itself, so a
// configuration or a key set must reach it byte for byte.

/** The text of each member's value, in order. The object must be sound JSON. */
export function members(text: string): [string, string][] {
  const out: [string, string][] = [];
  let at = skipSpace(text, skipSpace(text, 0) + 1);
  while (text[at] === '"') {
    const nameEnd = endOfString(text, at);
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = endOfValue(text, start);
    out.push([JSON.parse(text.slice(at, nameEnd)) as string, text.slice(start, end)]);
    at = skipSpace(text, end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return out;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \t\n\r".includes(text[at]!)) at += 1;
  return at;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; ) {
    const unit = text[at]!;
    if (unit === '"') {
      at = endOfString(text, at);
      if (depth === 0) return at;
      continue;
    }
    if (unit === "{" || unit === "[") depth += 1;
    else if (unit === "}" || unit === "]") {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && ", \t\n\r".includes(unit)) {
      return at;
    }
    at += 1;
  }
  return text.length;
}
