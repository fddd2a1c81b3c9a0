// The page's keys: made by WebCrypto when a token first needs one, two for each algorithm, and never written anywhere.

import type { Algorithm } from "./session.ts";
import { encode, encodeText } from "./base64url.ts";

export interface KeyPair {
  sign: CryptoKey;
  /** The public key, or the secret of a symmetric one. */
  jwk: Record<string, unknown>;
}

export type Role = "issuer" | "other";

interface Suite {
  generate: AlgorithmIdentifier | RsaHashedKeyGenParams | EcKeyGenParams | HmacKeyGenParams;
  sign: AlgorithmIdentifier | RsaPssParams | EcdsaParams;
}

const rsa = (name: string): RsaHashedKeyGenParams => ({
  name, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256",
});
const ecdsa = (curve: string, hash: string): Suite => ({
  generate: { name: "ECDSA", namedCurve: curve },
  sign: { name: "ECDSA", hash },
});

const SUITES: Record<Algorithm, Suite> = {
  RS256: { generate: rsa("RSASSA-PKCS1-v1_5"), sign: { name: "RSASSA-PKCS1-v1_5" } },
  PS256: { generate: rsa("RSA-PSS"), sign: { name: "RSA-PSS", saltLength: 32 } },
  ES256: ecdsa("P-256", "SHA-256"),
  ES384: ecdsa("P-384", "SHA-384"),
  ES512: ecdsa("P-521", "SHA-512"),
  EdDSA: { generate: { name: "Ed25519" }, sign: { name: "Ed25519" } },
  HS256: { generate: { name: "HMAC", hash: "SHA-256", length: 256 }, sign: { name: "HMAC" } },
};

/** The page's keys by algorithm and role. */
export class Keys {
  #pairs: Map<string, Promise<KeyPair>>;
  #made: (name: string, pair: KeyPair) => void;

  /** `made` hears of each new key, so that a restarted worker can be given it again. */
  constructor(kept: Map<string, KeyPair>, made: (name: string, pair: KeyPair) => void) {
    this.#pairs = new Map([...kept].map(([name, pair]) => [name, Promise.resolve(pair)]));
    this.#made = made;
  }

  pair(algorithm: Algorithm, role: Role): Promise<KeyPair> {
    const name = `${algorithm} ${role}`;
    let pair = this.#pairs.get(name);
    if (!pair) {
      pair = generate(algorithm);
      this.#pairs.set(name, pair);
      pair.then((made) => this.#made(name, made), () => this.#pairs.delete(name));
    }
    return pair;
  }

  async sign(algorithm: Algorithm, role: Role, header: string, payload: string): Promise<string> {
    const { sign } = await this.pair(algorithm, role);
    const signed = `${encodeText(header)}.${encodeText(payload)}`;
    const signature = await crypto.subtle.sign(SUITES[algorithm].sign, sign, new TextEncoder().encode(signed));
    return `${signed}.${encode(new Uint8Array(signature))}`;
  }
}

/** The `kid` of the page's key for an algorithm. */
export function kid(algorithm: Algorithm): string {
  return `page-${algorithm.toLowerCase()}`;
}

async function generate(algorithm: Algorithm): Promise<KeyPair> {
  const symmetric = algorithm === "HS256";
  const usages: KeyUsage[] = ["sign", "verify"];
  const made = await crypto.subtle.generateKey(SUITES[algorithm].generate as EcKeyGenParams, symmetric, usages);
  const isPair = "publicKey" in made;
  const { key_ops: _ops, ext: _ext, ...jwk } = await crypto.subtle.exportKey("jwk", isPair ? made.publicKey : made);
  return { sign: isPair ? made.privateKey : made, jwk: { ...jwk, alg: algorithm, kid: kid(algorithm), use: "sig" } };
}
