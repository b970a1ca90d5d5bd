/**
 * From Shamir shares to additive ones, for an answering set S (PROTOCOL.md, Encrypted sums).
 *
 *   a_j = λ_j·s_j + z_j mod p        Σ_{j∈S} λ_j·s_j = the value at 0,   Σ_{j∈S} z_j = 0
 *   z_j = Σ_{i∈S, i>j} ζ_ij − Σ_{i∈S, i<j} ζ_ij,     ζ_ij from the key of i and j under a binding
 *
 * λ_j is 1 at j and 0 at the rest of S, so S must have more members than the polynomial's degree.
 * Of h honest members each two share a key nobody else has, so to everybody else their a_j are
 * uniform but for their sum: at any n and t, t = n − 1 too, where replicated zero keys mask nothing.
 */
import { fieldVector, getBigInt, P } from '../field/field.ts';
import { add, invert, multiply, subtract } from '../field/textbook.ts';
import { concatBytes, hkdfExtract, hmacSha256, sharedPoint, utf8 } from '../seal/seal.ts';
import { streamElements } from './stream.ts';

/** λ_j(0) over the set, which rises and holds `server`. [PROTO-80] */
export function weightAtZero(set: readonly number[], server: number): bigint {
  checkSet(set, server);
  let above = 1n;
  let below = 1n;
  for (const other of set) {
    if (other === server) continue;
    above = multiply(above, BigInt(other));
    below = multiply(below, (BigInt(other - server) + P) % P);
  }
  return multiply(above, invert(below));
}

/** Of one server: its X25519 secret and its place, the public keys of all servers, the world. */
export interface Pairing {
  readonly server: number;
  readonly secret: Uint8Array;
  /** The j-th is server j's, 32 bytes. */
  readonly publicKeys: readonly Uint8Array[];
  /** 32 bytes [PROTO-1]. */
  readonly configDigest: Uint8Array;
}

/**
 * The key of `server` and each other one [PROTO-81]. Throws RangeError on a public key of small order,
 * which the configuration does not let in.
 */
export function pairKeys(pairing: Pairing): ReadonlyMap<number, Uint8Array> {
  const { server, secret, publicKeys, configDigest } = pairing;
  const keys = new Map<number, Uint8Array>();
  for (const [i, publicKey] of publicKeys.entries()) {
    const other = i + 1;
    if (other === server) continue;
    const shared = sharedPoint(secret, publicKey);
    if (shared === null) throw new RangeError(`the seal key of server ${other} is of small order`);
    const [low, high] = [Math.min(server, other), Math.max(server, other)];
    const bound = [configDigest, publicKeys[low - 1]!, publicKeys[high - 1]!];
    keys.set(other, hkdfExtract(utf8('vitalshare pair 1'), concatBytes(shared, ...bound)));
  }
  return keys;
}

/**
 * `count` additive shares of zero of `server`, fresh for every binding of 32 bytes, which must name the
 * set and all that decides what is masked [S9] [S15].
 */
export function additiveZeros(
  set: readonly number[],
  server: number,
  keys: ReadonlyMap<number, Uint8Array>,
  binding: Uint8Array,
  count: number,
): bigint[] {
  checkSet(set, server);
  if (binding.length !== 32) throw new RangeError('a binding has 32 bytes');
  const zeros = new Array<bigint>(count).fill(0n);
  for (const other of set) {
    if (other === server) continue;
    const key = keys.get(other);
    if (!key) throw new RangeError(`no key of servers ${server} and ${other}`);
    const stream = fieldVector(count);
    streamElements(hmacSha256(key, binding), 0, 0, stream);
    const apply = server < other ? add : subtract;
    for (let m = 0; m < count; m++) zeros[m] = apply(zeros[m]!, getBigInt(stream, m));
  }
  return zeros;
}

function checkSet(set: readonly number[], server: number): void {
  const rises = set.every((each, i) => Number.isInteger(each) && each > (set[i - 1] ?? 0));
  if (!rises) throw new RangeError('a set of servers must rise from 1, each once');
  if (!set.includes(server)) throw new RangeError(`server ${server} is not in the set`);
}
