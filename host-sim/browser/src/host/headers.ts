// Header maps with Envoy's rules, and the format in which they cross between host and module.

import { type ByteString, fromBytes, lower } from "./bytes.ts";

/** A header's name and value. */
export type Pair = [ByteString, ByteString];

/** The longest map that is handed to a module; a longer one is handed over empty. */
const MAX_PAIRS = 1024;
/** The largest serialised map that is handed to a module, in bytes; a larger one is handed over empty. */
const MAX_BYTES = 1 << 20;

/** Headers that Envoy keeps in one slot: a second value is appended to the first after a comma. */
const INLINE = new Set([
  "accept", "accept-encoding", "authorization", "cache-control", "connection", "content-encoding", "content-type",
  "expect", "grpc-timeout", "if-none-match", "keep-alive", "origin", "pragma", "proxy-authorization",
  "proxy-connection", "referer", "te", "transfer-encoding", "upgrade", "user-agent", "via", "x-forwarded-for",
  "x-forwarded-proto", "x-request-id",
]);

/** An ordered multimap of header names, which compare without case, to values. */
export class HeaderMap {
  #entries: Pair[] = [];

  constructor(pairs: Iterable<Pair> = []) {
    for (const [name, value] of pairs) this.add(name, value);
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Every header, in order, as it goes to the next hop. */
  entries(): Pair[] {
    return this.#entries.map(([name, value]) => [name, value]);
  }

  /** Every header as the module is shown it: none of a map that is too large to hand over. */
  shown(): Pair[] {
    const tooLarge = this.#entries.length > MAX_PAIRS || encodedLength(this.#entries) > MAX_BYTES;
    return tooLarge ? [] : this.entries();
  }

  /** The number of bytes of all names and values. */
  get byteSize(): number {
    return this.#entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  }

  /** The first value of a header. */
  value(name: ByteString): ByteString | undefined {
    const wanted = lower(name);
    return this.#entries.find(([entry]) => entry === wanted)?.[1];
  }

  add(given: ByteString, value: ByteString): void {
    const name = lower(given);
    const slot =
      name === "cookie" || INLINE.has(name) ? this.#entries.find(([entry]) => entry === name) : undefined;
    if (slot) {
      // Envoy adds neither an empty value nor a separator for it (`HeaderMapImpl::appendToHeader`).
      if (value === "") return;
      const glue = name === "cookie" ? "; " : ",";
      slot[1] = slot[1] === "" ? value : slot[1] + glue + value;
    } else {
      this.#entries.push([name, value]);
    }
  }

  remove(name: ByteString): void {
    const unwanted = lower(name);
    this.#entries = this.#entries.filter(([entry]) => entry !== unwanted);
  }

  replace(name: ByteString, value: ByteString): void {
    this.remove(name);
    this.add(name, value);
  }

  setAll(pairs: Pair[]): void {
    this.#entries = [];
    for (const [name, value] of pairs) this.add(name, value);
  }
}

function encodedLength(pairs: Pair[]): number {
  return pairs.reduce((sum, [name, value]) => sum + 10 + name.length + value.length, 4);
}

/** Writes pairs in the ABI's format: a count, lengths, then names and values with a NUL each. No pairs are no bytes. */
export function encode(pairs: Pair[]): Uint8Array<ArrayBuffer> {
  if (pairs.length === 0) return new Uint8Array(0);
  const out = new Uint8Array(encodedLength(pairs));
  const view = new DataView(out.buffer);
  view.setUint32(0, pairs.length, true);
  let at = 4 + pairs.length * 8;
  pairs.forEach(([name, value], index) => {
    view.setUint32(4 + index * 8, name.length, true);
    view.setUint32(8 + index * 8, value.length, true);
    for (const part of [name, value]) {
      for (let unit = 0; unit < part.length; unit++) out[at + unit] = part.charCodeAt(unit);
      at += part.length + 1;
    }
  });
  return out;
}

/** Reads the ABI's format; bytes that do not add up are no pairs, as in Envoy. */
export function decode(bytes: Uint8Array): Pair[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4) return [];
  const count = view.getUint32(0, true);
  if (count > bytes.length / 8 || 4 + count * 8 > bytes.length) return [];
  let at = 4 + count * 8;
  const pairs: Pair[] = [];
  for (let index = 0; index < count; index++) {
    const parts: ByteString[] = [];
    for (const offset of [4, 8]) {
      const end = at + view.getUint32(offset + index * 8, true);
      if (end > bytes.length) return [];
      parts.push(fromBytes(bytes.subarray(at, end)));
      at = end + 1;
    }
    pairs.push([parts[0]!, parts[1]!]);
  }
  return pairs;
}
