// Each claim with the address under which the configuration finds it.

export interface Claim {
  address: string;
  value: string;
}

/** The most claims that are listed. */
const MOST = 500;

/** The claims of a token, members of objects and elements of lists among them. */
export function addresses(claims: unknown): { claims: Claim[]; more: boolean } {
  const found: Claim[] = [];
  const visit = (value: unknown, path: string[]): void => {
    if (found.length > MOST) return;
    if (Array.isArray(value)) {
      const scalars = value.filter((element) => typeof element !== "object");
      if (scalars.length > 0 || value.length === 0) found.push({ address: address(path), value: JSON.stringify(value) });
      value.forEach((element) => typeof element === "object" && visit(element, [...path, "*"]));
    } else if (typeof value === "object" && value !== null) {
      const members = Object.entries(value);
      if (members.length === 0) found.push({ address: address(path), value: "{}" });
      for (const [name, member] of members) visit(member, [...path, name]);
    } else {
      found.push({ address: address(path), value: JSON.stringify(value) });
    }
  };
  if (typeof claims === "object" && claims !== null && !Array.isArray(claims)) {
    for (const [name, value] of Object.entries(claims)) visit(value, [name]);
  }
  return { claims: found.slice(0, MOST), more: found.length > MOST };
}

/** A top-level member's name; JSONPath for what is inside it. */
function address(path: string[]): string {
  if (path.length === 1) return path[0]!;
  const quoted = (part: string) => `'${part.replace(/['\\]/g, "\\$&")}'`;
  return `$${path.map((part) => (part === "*" ? "[*]" : `[${quoted(part)}]`)).join("")}`;
}

/** A time in words, where a claim is one. */
export function inWords(name: string, value: unknown, now: number): string | null {
  if (!["exp", "iat", "nbf", "auth_time"].includes(name) || typeof value !== "number" || !Number.isFinite(value)) return null;
  const away = Math.abs(value - now);
  const units: [string, number][] = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, seconds] = units.find(([, size]) => away >= size) ?? ["second", 1];
  const count = Math.floor(away / seconds);
  const span = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return value >= now ? `in ${span}` : `${span} ago`;
}
