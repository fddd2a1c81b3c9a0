// Thousands of replay lines from the manual's examples: tokens of every algorithm, good and bad, over requests, clocks and
// providers that behave and misbehave. The same seed gives the same lines but for keys and signatures.

import { webcrypto } from "node:crypto";
import { collect } from "../gallery.mjs";

globalThis.crypto ??= webcrypto;

const NOW = 1_767_225_600;

export async function* corpus({ engine, module, manual, seed = 1 }) {
  const { ALGORITHMS, Evaluator, Keys, issuers, make, parse, sessionOf, toReplay } = engine;
  const keys = new Keys(new Map(), () => {});
  const evaluator = new Evaluator(module, keys);
  const random = generator(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  for (const example of collect(manual)) {
    const session = sessionOf(example, NOW);
    session.tokens = ALGORITHMS.map((algorithm) => ({ ...session.tokens[0], name: algorithm, algorithm }));
    const result = await evaluator.evaluate(session, false);
    const base = JSON.parse(toReplay(session, result).split("\n")[0]);
    const known = issuers(parse(session.config));
    const tokens = await variants(session.tokens[0], known, ALGORITHMS, (token) => make(token, known.find(({ name }) => name === token.issuer), NOW, keys));
    let now = NOW;
    yield { ...base, id: `${example.title}: the example`, reset: true };
    yield* tokens.map(([name, token]) => ({ ...base, config: undefined, id: `${example.title}: ${name}`, request: request(pick, token, true) }));
    for (let index = 0; index < 90; index++) {
      const [name, token] = random() < 0.4 ? tokens[0] : pick(tokens);
      if (random() < 0.1) now += pick([1, 30, 61, 300, 700, 4000, -20, -400]);
      const line = { id: `${example.title}: ${name}, ${index}`, now, request: request(pick, token, random() < 0.3) };
      if (random() < 0.06) line.jwks = misbehaving(pick, base.jwks);
      else if (random() < 0.06) line.jwks = base.jwks;
      if (random() < 0.02) line.reset = true;
      yield line;
    }
  }
}

/** Named tokens, or null for none. */
async function variants(token, known, algorithms, make) {
  const claims = JSON.parse(token.claims);
  const made = [];
  const add = async (name, changes, edit = (text) => text) => made.push([name, edit(await make({ ...token, ...changes }))]);
  const withClaims = (members) => ({ claims: JSON.stringify({ ...claims, ...members }) });
  for (const algorithm of algorithms) await add(`signed with ${algorithm}`, { algorithm });
  await add("another key", { key: "other" });
  await add("expired", withClaims({ exp: NOW - 100 }));
  await add("expired within the skew", withClaims({ exp: NOW - 30 }));
  await add("not yet valid", withClaims({ nbf: NOW + 1000 }));
  await add("no expiry", withClaims({ exp: null }));
  await add("another audience", withClaims({ aud: "elsewhere" }));
  await add("another issuer", withClaims({ iss: "https://evil.example" }));
  await add("no subject", withClaims({ sub: null }));
  await add("odd subject", withClaims({ sub: "a,b%\u0000\u00e9\u{1f600}" }));
  await add("many groups", withClaims({ groups: Array.from({ length: 600 }, (_, index) => `g${index}`) }));
  await add("groups of any case", withClaims({ groups: ["engineering", "ENGINEERING", "Engineering", 7, null] }));
  await add("numbers", withClaims({ sub: 12345678901234567890, exp: NOW + 100.5 }));
  await add("another typ", { header: '{"typ":"logout+jwt"}' });
  await add("no kid", { header: '{"kid":null}' });
  await add("unknown kid", { header: '{"kid":"nobody"}' });
  await add("crit", { header: '{"crit":["exp"]}' });
  await add("last character changed", {}, (text) => text.slice(0, -2) + (text.at(-2) === "A" ? "B" : "A") + text.at(-1));
  await add("payload changed", {}, (text) => text.replace(/\.(.)/, (_, unit) => `.${unit === "e" ? "f" : "e"}`));
  await add("cut short", {}, (text) => text.slice(0, -20));
  await add("padded", {}, (text) => `${text}==`);
  made.push(["no token", null], ["not a token", "opaque"], ["empty", ""], ["very long", "a".repeat(40_000)]);
  return made;
}

const PATHS = ["/", "/orders", "/orders/1", "/orders?access_token=a.b.c", "/admin", "/a//b", "/%2e%2e/x", "/healthz", "/v1/agents/7/run",
  "/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp", "/mcp", "*", "", "/%00", "/\u00e9"];
const HOSTS = ["api.example.com", "localhost", "API.EXAMPLE.COM:443", "evil.example", ""];
const SPOOFED = [["x-auth-subject", "root"], ["X_Auth_Groups", "admins"], ["x-auth-issuer", ""], ["cookie", "a=1; id=x"],
  ["x-forwarded-for", "10.0.0.1"], ["content-type", "application/grpc"], ["origin", "https://app.example"],
  ["access-control-request-method", "GET"], ["authorization", "Basic YTpi"], ["x-raw", { hex: "ff00fe" }], ["x-api-token", "abc"]];

function request(pick, token, plain) {
  const headers = plain ? [] : Array.from({ length: pick([0, 0, 1, 2, 4]) }, () => pick(SPOOFED));
  const scheme = plain ? "Bearer" : pick(["Bearer", "Bearer", "Bearer", "bearer", "BEARER", "Bearer ", "DPoP", "Token", ""]);
  if (token !== null) headers.push([plain ? "authorization" : pick(["authorization", "Authorization", "authorization", "x-api-token"]), `${scheme} ${token}`]);
  const whole = {
    method: plain ? "GET" : pick(["GET", "GET", "POST", "OPTIONS", "HEAD", "DELETE"]),
    path: plain ? "/" : pick(PATHS),
    authority: plain ? "api.example.com" : pick(HOSTS),
    headers,
  };
  if (!plain && pick([1, 2, 3, 4, 5]) === 1) whole.body = '{"a":1}';
  if (!plain && pick([1, 2, 3, 4, 5, 6, 7, 8]) === 1) whole.trailers = [["x-auth-subject", "root"], ["x-trailer", "1"]];
  if (!plain && pick([1, 2, 3, 4, 5, 6, 7, 8]) === 1) whole.policy = pick(["admin", "orders", "nobody"]);
  return whole;
}

function misbehaving(pick, jwks) {
  const answers = [{ status: 500 }, { timeout: true }, { reset: true }, { body: "<html>" }, { status: 304 }, { truncated: true, body: "{" },
    { keys: [] }, { status: 200, body: "", headers: [["content-encoding", "gzip"]] }, { status: 429, headers: [["retry-after", "7"]] },
    { after: 4000, status: 503 }, { issuer: "https://evil.example" }];
  return Object.fromEntries(Object.keys(jwks).map((url) => [url, pick(answers)]));
}

/** A small generator of numbers in [0, 1): xorshift. */
function generator(seed) {
  let state = seed || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
