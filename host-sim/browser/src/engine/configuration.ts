// As much of a configuration as the page needs to fill in a token and to answer callouts. What it means, the module says.

import type { Session } from "./session.ts";

export interface Issuer {
  name: string;
  issuer: string;
  audience: string | null;
  types: unknown[];
  clusters: string[];
  urls: string[];
  discovery: string | null;
  jwksHost: string | null;
  inline: boolean;
}

export interface Route {
  name: string;
  method: string;
  host: string;
  path: string;
}

type Json = Record<string, unknown>;

/** A value as an object; an empty one for anything else. */
export function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

export function parse(config: string): Json {
  try {
    return object(JSON.parse(config));
  } catch {
    return {};
  }
}

export function issuers(config: Json): Issuer[] {
  return list(config["issuers"]).map((entry, index) => {
    const issuer = object(entry);
    const keys = object(issuer["keys"]);
    const known = (...names: string[]) => names.map((name) => text(keys[name])).filter((value) => value !== null);
    return {
      name: text(issuer["name"]) ?? `issuers[${index}]`,
      issuer: text(issuer["issuer"]) ?? "",
      audience: text(list(issuer["audiences"])[0]),
      types: list(issuer["types"]),
      clusters: known("cluster", "jwks_cluster"),
      urls: known("jwks_uri", "discovery"),
      discovery: text(keys["discovery"]),
      jwksHost: text(list(keys["jwks_hosts"])[0]),
      inline: "inline" in keys,
    };
  });
}

/** A request that each rule matches, as far as its `match` says. */
export function routes(config: Json, session: Session): Route[] {
  const rules = list(config["routes"]).map((entry, index) => {
    const rule = object(entry);
    const match = object(rule["match"]);
    const template = text(match["template"])?.replace(/\{[^}]*\}/g, "1").replaceAll("**", "any").replaceAll("*", "any");
    return {
      name: text(rule["name"]) ?? `routes[${index}]`,
      method: text(list(match["methods"])[0]) ?? session.method,
      host: text(list(match["hosts"])[0])?.replace("*", "any") ?? session.host,
      path: text(match["path"]) ?? text(match["prefix"]) ?? template ?? "/",
    };
  });
  return [...rules, { name: "default_route", method: session.method, host: session.host, path: "/no/rule/names/this" }];
}

/** The issuer whose keys a callout asks for. */
export function issuerOf(url: string, cluster: string, all: Issuer[]): Issuer | null {
  const named = all.filter(({ clusters }) => clusters.includes(cluster));
  const exact = named.find(({ urls }) => urls.includes(url));
  if (exact || named.length <= 1) return exact ?? named[0] ?? null;
  const shared = ({ issuer }: Issuer) => {
    let at = 0;
    while (at < url.length && url[at] === issuer[at]) at += 1;
    return at;
  };
  return named.reduce((best, next) => (shared(next) > shared(best) ? next : best));
}

/** Whether a URL is where a provider's metadata is. */
export function isDiscovery(url: string, issuer: Issuer): boolean {
  return url === issuer.discovery || /\/\.well-known\/(openid-configuration|oauth-authorization-server)/.test(url);
}
