// Collects the page's examples from the manual: each fenced block of JSON that is a configuration, with the claims after it.
// A `json` block is a whole configuration; `json top`, `json issuer` and `json route` are members for the smallest one; a
// `json token` block has claims that the configuration before it admits, and a `json refused REASON` block has claims that take
// the place of those, null to take one out. Configurations for other hosts than Envoy are left out: they are for another module.

import { readdirSync, readFileSync } from "node:fs";

const ORDER = ["providers.md", "configuration.md"];

export function collect(folder) {
  const pages = readdirSync(folder).filter((name) => name.endsWith(".md")).sort();
  const ordered = [...ORDER, ...pages.filter((name) => !ORDER.includes(name))];
  return ordered.flatMap((name) => examples(readFileSync(`${folder}/${name}`, "utf8"))).filter(({ config }) => config.host !== "generic");
}

function examples(text) {
  const found = [];
  const page = /^# (.*)$/m.exec(text)?.[1] ?? "";
  let title = page;
  let block = null;
  for (const line of text.split("\n")) {
    const fence = /^\s*```(.*)$/.exec(line);
    if (block && fence) {
      const [kind, body] = block;
      block = null;
      const last = found.findLast(({ reason }) => reason === null);
      const refused = /^json refused (\w+)$/.exec(kind)?.[1];
      if (kind === "json token" && last.claims === null) last.claims = JSON.parse(body);
      else if (kind === "json token") found.push({ ...last, claims: JSON.parse(body) });
      else if (refused) found.push({ ...last, title: `${title}: ${refused}`, claims: changed(last.claims, JSON.parse(body)), reason: refused });
      else if (/^json($| (top|issuer|route)$)/.test(kind)) found.push({ page, title, config: around(kind, JSON.parse(body)), claims: null, reason: null });
    } else if (block) {
      block[1] += `${line}\n`;
    } else if (fence) {
      block = [fence[1].trim(), ""];
    } else if (/^#+ /.test(line)) {
      title = line.replace(/^#+ /, "").replaceAll("`", "");
    }
  }
  return numbered(found);
}

/** The token's claims with others in their place; of several changes in a row each is made to the admitted token. */
function changed(claims, changes) {
  return Object.fromEntries(Object.entries({ ...claims, ...changes }).filter(([, value]) => value !== null));
}

function around(kind, members) {
  if (kind === "json") return members;
  const issuer = {
    name: "workforce", issuer: "https://login.workforce.example", audiences: ["orders"],
    keys: { jwks_uri: "https://login.workforce.example/keys", cluster: "workforce" },
  };
  if (kind === "json issuer") return { issuers: [{ ...issuer, ...members }] };
  if (kind === "json route") return { issuers: [issuer], routes: [members] };
  return { issuers: [issuer], ...members };
}

/** Titles that several examples have get a number. */
function numbered(found) {
  const counts = new Map();
  return found.map((example) => {
    const count = (counts.get(example.title) ?? 0) + 1;
    counts.set(example.title, count);
    return count === 1 ? example : { ...example, title: `${example.title} (${count})` };
  });
}
