/**
 * For `encrypted-worlds.test.ts`: what is seen of encrypted sums in one of two worlds, made by the code of
 * the protocol and turned into numbers to learn from.
 *
 *   opened      the worlds have one result. The reader with t servers: their shares, and the whole number
 *               Σ_j m_j that is opened, of three products of degree 2t a run
 *   encrypted   the worlds differ in the result. t servers alone: a number of one more, with its proof
 *   decrypting  likewise: its proof beside a partial decryption of a number
 *
 * Residuals are what each would be off by if that world were true.
 */
import { randomBytes } from 'node:crypto';
import { P } from '@vitalshare/edge/field';
import { concatBytes, sha256, utf8 } from '@vitalshare/edge/seal';
import { weightAtZero } from '@vitalshare/edge/sharing/additive';
import { additiveShares } from './data-server/elgamal/desk.ts';
import { encrypt, encryptProven } from './elgamal/cipher.ts';
import { decodeScalar, G, invertScalar, modOrder, times } from './elgamal/group.ts';
import { decryptPartially } from './elgamal/threshold.ts';
import { inverse, mod, numbersOf, type Run } from './two-worlds.fixture.ts';

const random = (n: number) => new Uint8Array(randomBytes(n));
const zeros = (n: number) => new Uint8Array(n);
const element = (): bigint => mod(BigInt(`0x${Buffer.from(random(16)).toString('hex')}`));
const coin = (): 0 | 1 => (random(1)[0]! & 1 ? 1 : 0);

export type OpenedGuard = 'as built' | 'zero-shares left out' | 'not reduced mod p';

/** Equal in count, Σx and Σx². */
const READINGS = [
  [700n, 740n, 750n],
  [710n, 720n, 760n],
] as const;
const PRODUCTS = 3;

/** S is all n = 2t + 1 servers; 1 … t are with the reader. */
export function* openedRuns(threshold: number, count: number, guard: OpenedGuard): Generator<Run> {
  const set = Array.from({ length: 2 * threshold + 1 }, (_, i) => i + 1);
  const [ours, theirs] = [set.slice(0, threshold), set.slice(threshold)];
  const pairs = pairKeysOf(set);
  const weights = new Map(set.map((j) => [j, weightAtZero(set, j)]));
  const send = (j: number, share: bigint, binding: Uint8Array): bigint => {
    if (guard === 'as built') return additiveShares(set, j, pairs(j), binding, [share])[0]!;
    const weighted = weights.get(j)! * share;
    return guard === 'not reduced mod p' ? weighted : mod(weighted);
  };
  for (let run = 0; run < count; run++) {
    const world = coin();
    const features: number[] = [];
    for (let m = 0; m < PRODUCTS; m++) {
      const binding = random(32);
      // By row: its shares at servers 1 … t, which with the reading decide all others.
      const own = READINGS[world].map(() => ours.map(element));
      const made = READINGS.map((readings) => theirs.map((j) => product(readings, own, j)));
      const rest = theirs.reduce((sum, j, i) => sum + send(j, made[world]![i]!, binding), 0n);
      const fits = made.flatMap((shares) => {
        const weighted = shares.map((share, i) => weights.get(theirs[i]!)! * share);
        return [weighted.map(mod), weighted].map((each) =>
          Number(each.reduce((sum, m) => sum + m, 0n) === rest),
        );
      });
      features.push(...fits, ...numbersOf(mod(rest)), Number(rest / P));
    }
    yield { world, features: Float64Array.from(features) };
  }
}

/** Server j's share of Σ x², from readings and the shares of servers 1 … t of each. */
function product(
  readings: readonly bigint[],
  own: readonly (readonly bigint[])[],
  j: number,
): bigint {
  return mod(
    readings.reduce((sum, x, row) => {
      const values = [x, ...own[row]!];
      const share = values.reduce((v, y, i) => v + y * basis(values.length, i, j), 0n);
      return sum + mod(share) ** 2n;
    }, 0n),
  );
}

const known = new Map<string, bigint>();

/** Over the points 0 … size − 1: 1 at `i` and 0 at the others, at `at`. */
function basis(size: number, i: number, at: number): bigint {
  const name = `${size} ${i} ${at}`;
  let value = known.get(name);
  if (value === undefined) {
    value = Array.from({ length: size }, (_, k) => k)
      .filter((k) => k !== i)
      .reduce((v, k) => mod(v * BigInt(at - k) * inverse(BigInt(i - k))), 1n);
    known.set(name, value);
  }
  return value;
}

function pairKeysOf(set: readonly number[]): (server: number) => ReadonlyMap<number, Uint8Array> {
  const seed = random(32);
  const key = (i: number, j: number) =>
    sha256(concatBytes(seed, Uint8Array.of(Math.min(i, j), Math.max(i, j))));
  const all = set.map((j) => new Map(set.filter((i) => i !== j).map((i) => [i, key(i, j)])));
  return (server) => all[server - 1]!;
}

const CONTEXT = utf8('a context');
const RESULTS = [700n, 710n] as const;

export type EncryptedGuard = 'as built' | 'randomness left out' | 'nonces left out';

/** Under a key of which the t servers have no more than they could have drawn. */
export function* encryptedRuns(count: number, guard: EncryptedGuard): Generator<Run> {
  const Y = times(G, modOrder(element() * element()));
  Y.precompute(8);
  const guesses = RESULTS.map((m) => times(G, m));
  for (let made = 0; made < count; made++) {
    const world = coin();
    let drawn = 0;
    // In order: r, then the nonces k and l.
    const draw = (n: number) => {
      const isRandomness = drawn++ === 0;
      const isOut = guard === (isRandomness ? 'randomness left out' : 'nonces left out');
      return isOut ? zeros(n) : random(n);
    };
    const { ciphertext, proof } = encryptProven(Y, RESULTS[world], CONTEXT, draw);
    const [c, w] = [scalarAt(proof, 0), scalarAt(proof, 2)];
    yield {
      world,
      features: Float64Array.from([
        // b = m·G without r, w = c·m without l.
        ...guesses.map((guess) => Number(ciphertext.b.equals(guess))),
        ...RESULTS.map((m) => Number(modOrder(c * m) === w)),
        ...numbersAt(ciphertext.a.toBytes()),
        ...numbersAt(ciphertext.b.toBytes()),
        ...numbersAt(proof),
      ]),
    };
  }
}

export type DecryptingGuard = 'as built' | 'nonces left out';

/** One ciphertext a world, of which many partials are made: only their proofs are judged. */
export function* decryptingRuns(count: number, guard: DecryptingGuard): Generator<Run> {
  const secret = modOrder(element() * element());
  const Y = times(G, secret);
  const digest = sha256(utf8('a key'));
  const key = { publicKey: Y, verification: [Y], threshold: 0, digest };
  const numbers = RESULTS.map((m) => encrypt(Y, m, random));
  for (const { a } of numbers) a.precompute(8);
  const guesses = RESULTS.map((m) => times(G, m));
  for (let made = 0; made < count; made++) {
    const world = coin();
    const nonce = guard === 'as built' ? random : zeros;
    const { proof } = decryptPartially(key, 1, secret, numbers[world]!, CONTEXT, nonce);
    // z = c·d without k: then d is known, and the number with it.
    const d = modOrder(scalarAt(proof, 1) * invertScalar(scalarAt(proof, 0)));
    const isKey = times(G, d).equals(Y);
    const opened = isKey ? numbers[world]!.b.subtract(times(numbers[world]!.a, d)) : undefined;
    const fits = guesses.map((guess) => Number(opened?.equals(guess) ?? false));
    yield { world, features: Float64Array.from([...fits, ...numbersAt(proof)]) };
  }
}

const scalarAt = (bytes: Uint8Array, i: number): bigint =>
  decodeScalar(bytes.subarray(32 * i, 32 * (i + 1)), 'a scalar');

/** Of each 32 bytes: where they lie, their lowest bits. */
const numbersAt = (bytes: Uint8Array): number[] =>
  Array.from({ length: bytes.length / 32 }, (_, i) => {
    const [first, last] = [bytes[32 * i]!, bytes[32 * i + 31]!];
    return [first / 255, last / 255, first & 1, (first >> 1) & 1];
  }).flat();
