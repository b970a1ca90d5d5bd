/**
 * For `two-worlds.test.ts`: what all servers of an answering set but one, and the researcher, hold together
 * after a joint answer about one of two worlds; turned into numbers to learn from. The protocol is the real
 * code, its key one of 256 bits.
 *
 *   worlds     three readings, equal in Σx and Σx²: 0 has 701, 705, 706; 1 has 702, 703, 707
 *   view       the others' shares; what each owner among them decrypts, and its ciphertext's Jacobi symbol; the
 *              honest server's rows where one multiplies them; the honest server's answer
 *   residuals  for each world: what is left of each number if that world were true and nothing were blinded
 */
import { randomBytes } from 'node:crypto';
import { P } from '@vitalshare/edge/field';
import { weightAtZero } from '@vitalshare/edge/sharing/additive';
import { fixedBase } from '../../paillier/fixed-base.ts';
import { mod, randomBelow } from '../../paillier/integers.ts';
import { ARITHMETICS, testKey } from '../../paillier/keys.fixture.ts';
import { portablePower } from '../../paillier/portable.ts';
import { numbersOf, type Run } from '../../two-worlds.fixture.ts';
import {
  type Blinding,
  blindingOf,
  encryptRow,
  Multiplier,
  openProducts,
  ownProducts,
  productSlots,
} from './cross-products.ts';

export const WORLDS: readonly (readonly bigint[])[] = [
  [701n, 705n, 706n],
  [702n, 703n, 707n],
];
const ROWS = 3;

/** `as built`, or one of the blindings left out or too small. */
export const GUARDS = [
  'as built',
  'ρ left out',
  'ρ uniform mod p',
  'r^N of the product left out',
  'r^N of the product from a short base',
  'r^N of the rows left out',
] as const;
export type Guard = (typeof GUARDS)[number];

const key = testKey(256, ARITHMETICS.portable);
const { n, nSquare } = key.public;
const slots = productSlots(key.public.bits, 1, ROWS);
const shortBase = fixedBase(ARITHMETICS.portable, key.public);
/** Any r that an owner likes: products of two of these. */
const some = Array.from({ length: 256 }, () => key.public.fullWidth.next());
const pick = (): bigint => some[randomBytes(1)[0]!]!;
const anyMask = { next: () => (pick() * pick()) % nSquare };

function blindingFor(guard: Guard): Blinding {
  const built = blindingOf(key.public, randomBytes);
  switch (guard) {
    case 'ρ left out':
      return { ...built, mask: () => 0n };
    case 'ρ uniform mod p':
      return { ...built, mask: () => randomBelow(P, randomBytes) };
    case 'r^N of the product left out':
      return { ...built, rerandomise: (ciphertext) => ciphertext };
    case 'r^N of the product from a short base':
      return { ...built, rerandomise: (c) => key.public.rerandomise(c, shortBase) };
    default:
      return built;
  }
}

/** One run: `set` answers, all of it but `honest` collude. */
export function runOf(set: readonly number[], honest: number, guard: Guard): Run {
  const world = (randomBytes(1)[0]! & 1) as 0 | 1;
  const shares = sharesOf(WORLDS[world]!, set);
  const own = shares.get(honest)!;
  const known = set.filter((server) => server !== honest);
  // What each world would make of the honest server's shares.
  const suspected = WORLDS.map((readings) =>
    readings.map((x, r) =>
      mod(
        known.reduce((rest, j) => rest - shares.get(j)![r]!, x),
        P,
      ),
    ),
  );
  const blinding = blindingFor(guard);
  let answer = ownProducts(
    own.map((x) => [x]),
    1,
  )[0]!;
  const features: number[] = [];
  for (const owner of known.filter((each) => each < honest)) {
    const rows = shares.get(owner)!;
    const sent = rows.map((x) => encryptRow(key.public, anyMask, slots, [x]));
    const multiplier = new Multiplier(key.public, slots, ROWS);
    sent.forEach((each, r) => multiplier.add(each, [own[r]!]));
    const { ciphertexts, kept } = multiplier.finish(blinding);
    answer += kept[0]!;
    features.push(...asOwner(rows, sent, ciphertexts[0]!, suspected));
  }
  const masks = guard === 'r^N of the rows left out' ? { next: () => 1n } : anyMask;
  const mine = own.map((x) => encryptRow(key.public, masks, slots, [x]));
  for (const other of known.filter((each) => each > honest)) {
    const multiplier = new Multiplier(key.public, slots, ROWS);
    mine.forEach((each, r) => multiplier.add(each, [shares.get(other)![r]!]));
    const { ciphertexts } = multiplier.finish(blindingOf(key.public, randomBytes));
    answer += openProducts(key, slots, ciphertexts)[0]!;
    features.push(...asMultiplier(mine, suspected));
  }
  for (const rows of suspected) {
    features.push(
      ...numbersOf(
        mod(
          answer -
            ownProducts(
              rows.map((x) => [x]),
              1,
            )[0]!,
          P,
        ),
      ),
    );
  }
  features.push(
    ...numbersOf(answer % P),
    ...known.flatMap((j) => shares.get(j)!.flatMap(numbersOf)),
  );
  return { world, features: Float64Array.from(features) };
}

/** Additive shares over the set, of shares on random polynomials of degree |set| − 1. */
function sharesOf(
  readings: readonly bigint[],
  set: readonly number[],
): ReadonlyMap<number, readonly bigint[]> {
  const polynomials = readings.map((x) => [
    x,
    ...set.slice(1).map(() => randomBelow(P, randomBytes)),
  ]);
  return new Map(
    set.map((server) => {
      const weight = weightAtZero(set, server);
      const at = (polynomial: readonly bigint[]): bigint =>
        polynomial.reduceRight((value, c) => (value * BigInt(server) + c) % P, 0n);
      return [server, polynomials.map((each) => (weight * at(each)) % P)];
    }),
  );
}

function asOwner(
  rows: readonly bigint[],
  sent: readonly bigint[],
  ciphertext: bigint,
  suspected: readonly (readonly bigint[])[],
): number[] {
  const opened = key.decrypt(ciphertext);
  const symbols = sent.map(jacobi);
  const symbol = jacobi(ciphertext);
  return suspected.flatMap((theirs) => {
    const total = theirs.reduce((sum, y, r) => sum + y * rows[r]!, 0n);
    const rest = mod(opened - total, n);
    const parity = theirs.reduce(
      (sign, y, r) => ((y & 1n) === 1n ? sign * symbols[r]! : sign),
      symbol,
    );
    return [...sizeOf(rest), rest < P ? 1 : 0, ...numbersOf(rest % P), parity];
  });
}

/** Does a row's ciphertext say that it holds the suspected share? */
const asMultiplier = (
  sent: readonly bigint[],
  suspected: readonly (readonly bigint[])[],
): number[] =>
  suspected.flatMap((theirs) =>
    sent.flatMap((each, r) => sizeOf(mod((each - 1n) / n - theirs[r]!, n))),
  );

/** In bits, from either end of 0 … N. */
const sizeOf = (value: bigint): number[] => {
  const least = value > n / 2n ? n - value : value;
  return [Math.log2(Number(least) + 1) / 256, Number(least & 1n)];
};

const halves = [key.p, key.q].map((prime) => ({ prime, power: portablePower(prime) }));
const jacobi = (value: bigint): number =>
  halves.reduce(
    (sign, { prime, power }) => (power(value % prime, (prime - 1n) / 2n) === 1n ? sign : -sign),
    1,
  );
