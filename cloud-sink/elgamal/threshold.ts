/**
 * Decryption by any t + 1 servers, each with a proof (Chaum and Pedersen, CRYPTO '92) that its partial
 * was made with its share of the key.
 *
 *   server j    D_j = d_j·a,  and log_G V_j = log_a D_j:
 *               A = k·G, B = k·a;   c = H(context, V_j, a, b, D_j, A, B);   z = k + c·d_j      c ‖ z, 64 B
 *   who opens   b − Σ_j λ_j·D_j = m·G,  λ_j the Lagrange weights mod L;  then m (`logarithm.ts`)
 *
 * A proof shows decryption, and nothing of what was encrypted [S15].
 */
import { concatBytes } from '@vitalshare/edge/seal';
import { type Ciphertext, scalarsOf } from './cipher.ts';
import type { JointKey } from './distributed-key.ts';
import { ElgamalError } from './error.ts';
import {
  challengeOf,
  decodePoint,
  encodeScalar,
  G,
  invertScalar,
  modOrder,
  type Point,
  type Random,
  randomScalar,
  type Scalar,
  sumOf,
  times,
  timesPublic,
} from './group.ts';

export interface Partial {
  readonly server: number;
  /** D_j, 32 bytes. */
  readonly point: Uint8Array;
  /** 64 bytes. */
  readonly proof: Uint8Array;
}

export const PARTIAL_PROOF_BYTES = 64;

/** `context` names the key, the question, its asker and the server. */
export function decryptPartially(
  key: JointKey,
  server: number,
  share: Scalar,
  ciphertext: Ciphertext,
  context: Uint8Array,
  random: Random,
): Partial {
  const point = times(ciphertext.a, share);
  const k = randomScalar(random);
  const shown = [times(G, k), times(ciphertext.a, k)] as const;
  const c = partialChallenge(key, server, ciphertext, point, shown, context);
  const z = modOrder(k + c * share);
  return {
    server,
    point: point.toBytes(),
    proof: concatBytes(encodeScalar(c), encodeScalar(z)),
  };
}

/** D_j. Throws ElgamalError `point`, `scalar` or `proof`, which names the server. */
export function checkPartial(
  key: JointKey,
  { server, point: bytes, proof }: Partial,
  ciphertext: Ciphertext,
  context: Uint8Array,
): Point {
  const verification = key.verification[server - 1];
  if (verification === undefined) {
    throw new ElgamalError('too-few', `there is no server ${server}`);
  }
  try {
    const point = decodePoint(bytes, 'a partial decryption');
    const [c, z] = scalarsOf(proof, 2, 'a proof of decryption');
    const shown = [
      timesPublic(G, z!).subtract(timesPublic(verification, c!)),
      timesPublic(ciphertext.a, z!).subtract(timesPublic(point, c!)),
    ] as const;
    if (partialChallenge(key, server, ciphertext, point, shown, context) === c) return point;
    throw new ElgamalError('proof', 'a proof of decryption does not hold');
  } catch (error) {
    if (!(error instanceof ElgamalError)) throw error;
    throw new ElgamalError(error.code, `server ${server}: ${error.message}`, [server]);
  }
}

/** m·G from checked partials of t + 1 servers or more. Throws ElgamalError `too-few`. */
export function openPoint(
  { threshold }: JointKey,
  { b }: Ciphertext,
  partials: readonly { readonly server: number; readonly point: Point }[],
): Point {
  const servers = partials.map(({ server }) => server);
  const needed = threshold + 1;
  if (new Set(servers).size < needed || new Set(servers).size < servers.length) {
    const got = `${servers.length} of ${new Set(servers).size} servers`;
    throw new ElgamalError('too-few', `needs partial decryptions of ${needed} servers, got ${got}`);
  }
  const used = partials.slice(0, needed);
  const set = used.map(({ server }) => server);
  return b.subtract(
    sumOf(used.map(({ server, point }) => timesPublic(point, weight(set, server)))),
  );
}

/** The Lagrange weight of `server` at 0, mod L. */
function weight(set: readonly number[], server: number): Scalar {
  let above = 1n;
  let below = 1n;
  for (const other of set) {
    if (other === server) continue;
    above = modOrder(above * BigInt(other));
    below = modOrder(below * BigInt(other - server));
  }
  return modOrder(above * invertScalar(below));
}

const partialChallenge = (
  { verification }: JointKey,
  server: number,
  { a, b }: Ciphertext,
  point: Point,
  shown: readonly Point[],
  context: Uint8Array,
): Scalar => challengeOf('decryption', context, [verification[server - 1]!, a, b, point, ...shown]);
