// The functions of Envoy that modules call by name.

import type { Process } from "./process.ts";
import { Status } from "./status.ts";

/** Calls a function; null where there is none of that name. */
export function foreignFunction(name: string, args: Uint8Array, process: Process): Uint8Array | Status | null {
  switch (name) {
    case "verify_signature":
      return process.verifySignature ? verifySignature(args, process.verifySignature) : null;
    case "clear_route_cache":
    case "set_envoy_filter_state":
      return new Uint8Array(0);
    default:
      return null;
  }
}

const VALID = new Uint8Array([0x08, 0x01]);

/** Envoy's answer to a message of hash, public key, signature and text (fields 1 to 4). */
function verifySignature(
  message: Uint8Array,
  verify: (hash: string, spki: Uint8Array, signature: Uint8Array, text: Uint8Array) => boolean,
): Uint8Array | Status {
  const fields = lengthDelimited(message);
  const spki = fields?.get(2);
  if (!fields || !spki?.length) return Status.BadArgument;
  const empty = new Uint8Array(0);
  const hash = new TextDecoder().decode(fields.get(1) ?? empty).toLowerCase();
  if (!["sha224", "sha256", "sha384", "sha512"].includes(hash)) return failure("Invalid hash function.");
  try {
    const valid = verify(hash, spki, fields.get(3) ?? empty, fields.get(4) ?? empty);
    return valid ? VALID : failure("Failed to verify digest. Error code: 0");
  } catch {
    return failure("Failed to initialize digest verify.");
  }
}

function failure(text: string): Uint8Array {
  return new Uint8Array([0x12, text.length, ...new TextEncoder().encode(text)]);
}

/** The fields of a protobuf message that has no others than length-delimited ones; null where it does not parse. */
function lengthDelimited(message: Uint8Array): Map<number, Uint8Array> | null {
  const fields = new Map<number, Uint8Array>();
  let at = 0;
  const varint = (): number | null => {
    let value = 0;
    for (let shift = 0; shift < 49; shift += 7) {
      const byte = message[at++];
      if (byte === undefined) return null;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return null;
  };
  while (at < message.length) {
    const tag = varint();
    const length = tag !== null && (tag & 7) === 2 ? varint() : null;
    if (tag === null || length === null || at + length > message.length) return null;
    fields.set(Math.floor(tag / 8), message.subarray(at, at + length));
    at += length;
  }
  return fields;
}
