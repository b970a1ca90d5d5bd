/**
 * A key that nobody has: made by all n servers without a dealer, used by any t + 1 of them.
 *
 *   server i   f_i of degree t, random;  commits to A_ik = f_ik·G and proves that it knows f_i0
 *              gives server j the number f_i(j), which must fit:  f_i(j)·G = Σ_k j^k·A_ik        (Feldman)
 *   key        Y = Σ_i A_i0;   secret share of j: d_j = Σ_i f_i(j);   V_j = d_j·G, known to all
 *
 * Every contribution is checked by everybody, and a wrong one names who made it; there is no key then.
 * All n must take part once: with one honest among them Y is uniform, for every server commits to a
 * hash of its A_i before it sees another's (Gennaro, Jarecki, Krawczyk, Rabin, J. Cryptology 20 (2007):
 * without that, who speaks last can bend Y), and the proof of f_i0 keeps it from being the others'
 * negative. Who stops halfway stops the key, and is known. Disqualifying and going on, as theirs does,
 * would need a broadcast that n − 1 cheaters cannot split; n hospitals can telephone instead.
 */
import { concatBytes, sha256, utf8 } from '@vitalshare/edge/seal';
import type { SharingConfig } from '@vitalshare/edge/sharing';
import { scalarsOf } from './cipher.ts';
import { ElgamalError } from './error.ts';
import {
  challengeOf,
  decodeNonzeroPoint,
  encodeScalar,
  G,
  IDENTITY,
  modOrder,
  type Point,
  type Random,
  randomScalar,
  type Scalar,
  sumOf,
  times,
  timesPublic,
} from './group.ts';

/** What a server shows all others: 32 bytes a coefficient, and 64 of proof. */
export interface Dealing {
  readonly commitments: readonly Uint8Array[];
  readonly proof: Uint8Array;
}

export interface OwnDealing {
  readonly shown: Dealing;
  /** From the constant on; secret. */
  readonly coefficients: readonly Scalar[];
}

export interface JointKey {
  /** Y. */
  readonly publicKey: Point;
  /** V_j, the j-th server j's. */
  readonly verification: readonly Point[];
  readonly threshold: number;
  /** Names the key: SHA-256 of all dealings. */
  readonly digest: Uint8Array;
}

/** `context` names the world and the dealer: `dealingContext`. */
export function makeDealing(threshold: number, context: Uint8Array, random: Random): OwnDealing {
  const coefficients = Array.from({ length: threshold + 1 }, () => randomScalar(random));
  const points = coefficients.map((coefficient) => times(G, coefficient));
  const k = randomScalar(random);
  const c = dealingChallenge(context, points, times(G, k));
  const z = modOrder(k + c * coefficients[0]!);
  return {
    shown: {
      commitments: points.map((point) => point.toBytes()),
      proof: concatBytes(encodeScalar(c), encodeScalar(z)),
    },
    coefficients,
  };
}

/** What a server says before it shows its dealing. */
export const dealingDigest = (context: Uint8Array, { commitments, proof }: Dealing): Uint8Array =>
  sha256(concatBytes(utf8('vitalshare elgamal dealing 1'), context, ...commitments, proof));

/** The world's configuration digest of 32 bytes, the share generation and the dealer. */
export function dealingContext(
  configDigest: Uint8Array,
  generation: number,
  dealer: number,
): Uint8Array {
  const tail = new Uint8Array(5);
  new DataView(tail.buffer).setUint32(0, generation, true);
  tail[4] = dealer;
  return concatBytes(configDigest, tail);
}

/** Throws ElgamalError `dealing`, `point`, `scalar` or `proof`, which names the dealer. */
export function checkDealing(
  threshold: number,
  dealer: number,
  context: Uint8Array,
  { commitments, proof }: Dealing,
): readonly Point[] {
  return blaming(dealer, () => {
    if (commitments.length !== threshold + 1) {
      const got = `${threshold + 1} commitments, got ${commitments.length}`;
      throw new ElgamalError('dealing', `a dealing has ${got}`);
    }
    const points = commitments.map((bytes) => decodeNonzeroPoint(bytes, 'a commitment'));
    const [c, z] = scalarsOf(proof, 2, 'a proof of a dealing');
    const shown = timesPublic(G, z!).subtract(timesPublic(points[0]!, c!));
    if (dealingChallenge(context, points, shown) === c) return points;
    throw new ElgamalError('proof', 'a proof of a dealing does not hold');
  });
}

/** f_i(j), for server j alone. */
export const shareFor = (coefficients: readonly Scalar[], server: number): Scalar =>
  coefficients.reduceRight((value, f) => modOrder(value * BigInt(server) + f), 0n);

/** Throws ElgamalError `share`, which names the dealer. */
export function checkShare(
  points: readonly Point[],
  dealer: number,
  server: number,
  share: Scalar,
): void {
  if (times(G, share).equals(valueAt(points, server))) return;
  const message = `the share of the key that server ${dealer} dealt does not fit its commitments`;
  throw new ElgamalError('share', message, [dealer]);
}

/** Of all dealings, checked, in the order of servers. Throws ElgamalError `dealing`. */
export function jointKey(
  { servers, threshold }: SharingConfig,
  dealings: readonly (readonly Point[])[],
): JointKey {
  if (dealings.length !== servers) {
    throw new ElgamalError('dealing', `a key takes ${servers} dealings, got ${dealings.length}`);
  }
  const sums = Array.from({ length: threshold + 1 }, (_, k) =>
    sumOf(dealings.map((points) => points[k]!)),
  );
  const verification = Array.from({ length: servers }, (_, i) => valueAt(sums, i + 1));
  // Each is uniform where one dealer is honest, so this shows that none is.
  if ([sums[0]!, ...verification].some((point) => point.is0())) {
    throw new ElgamalError('dealing', 'the dealings add up to no key');
  }
  const all = dealings.flatMap((points) => points.map((point) => point.toBytes()));
  const digest = sha256(concatBytes(utf8('vitalshare elgamal key 1'), ...all));
  return { publicKey: sums[0]!, verification, threshold, digest };
}

/** d_j, of the shares that all dealers gave server j. */
export const secretShare = (shares: readonly Scalar[]): Scalar =>
  modOrder(shares.reduce((sum, share) => sum + share, 0n));

/** Σ_k at^k·A_k. */
const valueAt = (points: readonly Point[], at: number): Point =>
  points.reduceRight((value, point) => timesPublic(value, BigInt(at)).add(point), IDENTITY);

const dealingChallenge = (context: Uint8Array, points: readonly Point[], shown: Point): Scalar =>
  challengeOf('dealing', context, [...points, shown]);

function blaming<T>(server: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ElgamalError)) throw error;
    throw new ElgamalError(error.code, `server ${server}: ${error.message}`, [server]);
  }
}
