// Byte strings: raw bytes as a string with one UTF-16 unit, 0 to 255, for each byte. Header names and values are bytes, not
// text, and a string compares, joins and serves as a key in a map.

/** Raw bytes, one UTF-16 unit for each. */
export type ByteString = string;

const CHUNK = 8192;
const encoder = new TextEncoder();
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

export function fromBytes(bytes: Uint8Array): ByteString {
  let out = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    out += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return out;
}

export function toBytes(bytes: ByteString): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) out[at] = bytes.charCodeAt(at);
  return out;
}

/** The UTF-8 bytes of a text. */
export function fromText(text: string): ByteString {
  return fromBytes(encoder.encode(text));
}

/** The text that the bytes are in UTF-8, with U+FFFD for what is not. */
export function toText(bytes: ByteString): string {
  return lossy.decode(toBytes(bytes));
}

/** The text that the bytes are in UTF-8; null if they are not. */
export function asText(bytes: ByteString): string | null {
  try {
    return strict.decode(toBytes(bytes));
  } catch {
    return null;
  }
}

/** A to Z in lower case, every other byte as it is. */
export function lower(bytes: ByteString): ByteString {
  return /[A-Z]/.test(bytes) ? bytes.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : bytes;
}

export function toHex(bytes: ByteString): string {
  return Array.from(toBytes(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes of an even number of hexadecimal digits; null for anything else. */
export function fromHex(hex: string): ByteString | null {
  if (hex.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(hex)) return null;
  return hex.replace(/../g, (pair) => String.fromCharCode(parseInt(pair, 16)));
}
