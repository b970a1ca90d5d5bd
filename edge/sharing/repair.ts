/**
 * Rebuilding one server's lost shares from other servers, where nothing is opened and no helper
 * learns a share [S5] (SHARING.md, Repair).
 *
 *   helper i sends   f(i) + g(i),  g = Σ_{A∌j} ρ_A·f_A      to j alone                  [SHARE-22]
 *   j interpolates   f(j) + g(j) = f(j)                      from t + 1 or more          [SHARE-23]
 *
 * f_A is 0 at every server outside A, so g(j) = 0; helper i needs ρ_A of the sets with i in and j not.
 *
 * **What j learns**, with t − 1 others C beside it: its own shares. Of the ρ_A it lacks exactly that
 * of A* = all but j and C (any other A without j has a member in C). h = f + g has degree t, so its t
 * values at j and C, which they can compute, and h(0) = f(0) + Σ_{A∌j} ρ_A decide it. ρ_A* is uniform
 * to them, so h(0) is, whatever f(0): h, and with it all that j receives, follows from what they had
 * and a coin. Helpers receive nothing, so they learn nothing.
 *
 * One ρ_A under two different f would give j the difference of two readings: the binding names all
 * that decides f, and a nonce that a helper takes once [S9].
 *
 * This is no opening: the point of evaluation is a server's, 1 … n, where a polynomial is that
 * server's own share. At 0 it would be the reading, and no function here can be told to look there.
 */
import { elementCount, type FieldVector, fieldVector, getBigInt } from '../field/field.ts';
import { P, setBigInt } from '../field/field.ts';
import { add, invert, multiply } from '../field/textbook.ts';
import { concatBytes, hmacSha256 } from '../seal/seal.ts';
import { addMasks } from './masks.ts';
import { checkConfig, fOfSet, indicesOf, setsOfServer, type SharingConfig } from './sets.ts';
import { checkElements } from './stream.ts';

/** The lost share is server `missing`'s, the one that helps is `helper`, the keys are its Z_A. */
export interface Helping {
  readonly helper: number;
  readonly missing: number;
  readonly keys: ReadonlyMap<number, Uint8Array>;
}

/**
 * shares[m] += g(helper), m from 0 [SHARE-22]. `binding` is 32 bytes and never the same for other
 * shares. Throws RangeError where a key is missing, or for a server that would help itself.
 */
export function maskForRepair(
  config: SharingConfig,
  { helper, missing, keys }: Helping,
  binding: Uint8Array,
  shares: FieldVector,
): void {
  checkServer(config, helper);
  checkServer(config, missing);
  if (helper === missing) throw new RangeError(`server ${helper} cannot help itself`);
  if (binding.length !== 32) throw new RangeError('a binding has 32 bytes');
  checkElements(0, elementCount(shares));
  const without = setsOfServer(config, helper).filter((mask) => !(mask & (1 << (missing - 1))));
  const streams = without.map((mask) => {
    const key = keys.get(mask);
    if (!key) throw new RangeError(`no zero-share key for servers ${indicesOf(mask).join(', ')}`);
    return hmacSha256(key, binding);
  });
  const factors = fieldVector(without.length);
  without.forEach((mask, i) => setBigInt(factors, i, fOfSet(config, mask, helper)));
  if (shares.length > 0) addMasks(shares, concatBytes(...streams), factors, 0);
}

/** What one helper sent. */
export interface MaskedShares {
  readonly server: number;
  readonly shares: FieldVector;
}

/** As [SHARE-17] names what may be claimed; never more than that table. */
export type RepairChecked = 'verified' | 'partly' | 'unchecked';

export interface Repaired {
  readonly shares: FieldVector;
  readonly checked: RepairChecked;
  /** Servers whose answers fit, rising. */
  readonly from: readonly number[];
  /** Servers whose answers are shown to be wrong, rising. */
  readonly named: readonly number[];
}

export class RepairError extends Error {
  override readonly name = 'RepairError';
  readonly code: 'too-few' | 'disagree';
  constructor(code: 'too-few' | 'disagree', message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Server `missing`'s shares from those of helpers, each masked under the same binding [SHARE-23].
 * Throws RepairError where there are too few or they do not fit, RangeError on a caller's mistake.
 */
export function missingShares(
  config: SharingConfig,
  missing: number,
  answers: readonly MaskedShares[],
): Repaired {
  checkConfig(config);
  checkServer(config, missing);
  const sorted = [...answers].sort((a, b) => a.server - b.server);
  checkAnswers(config, missing, sorted);
  const needed = config.threshold + 1;
  if (sorted.length < needed) {
    throw new RepairError(
      'too-few',
      `a share is rebuilt from ${needed} other servers, got ${sorted.length}`,
    );
  }
  const named = new Set<number>();
  for (;;) {
    const rest = sorted.filter(({ server }) => !named.has(server));
    const at = misfitOf(config, rest);
    if (at === undefined) return rebuilt(config, missing, rest, named);
    for (const server of blamed(config, rest, at)) named.add(server);
  }
}

function rebuilt(
  config: SharingConfig,
  missing: number,
  rest: readonly MaskedShares[],
  named: ReadonlySet<number>,
): Repaired {
  const needed = config.threshold + 1;
  const spare = rest.length - needed;
  const checked = spare >= config.threshold ? 'verified' : spare > 0 ? 'partly' : 'unchecked';
  return {
    shares: combined(config, rest.slice(0, needed), missing),
    checked,
    from: rest.map(({ server }) => server),
    named: [...named].sort((a, b) => a - b),
  };
}

/** The first element in which the answers lie on no one polynomial of degree t. */
function misfitOf(config: SharingConfig, rest: readonly MaskedShares[]): number | undefined {
  const base = rest.slice(0, config.threshold + 1);
  let first: number | undefined;
  for (const { server, shares } of rest.slice(config.threshold + 1)) {
    const fits = combined(config, base, server);
    const word = fits.findIndex((each, i) => each !== shares[i]);
    if (word >= 0) first = Math.min(first ?? Infinity, word >>> 1);
  }
  return first;
}

/**
 * Who is wrong in element `at`: 2t + 1 others agree there [S6]. There are at most C(15, t + 1) choices
 * of who is right, and C(n, t) is at most 500. Throws RepairError `disagree`.
 */
function blamed(config: SharingConfig, rest: readonly MaskedShares[], at: number): number[] {
  const agreeing = 2 * config.threshold + 1;
  const words = rest.map(({ server, shares }) => ({
    server,
    shares: shares.subarray(2 * at, 2 * at + 2),
  }));
  if (rest.length > agreeing) {
    for (const base of choices(words, config.threshold + 1)) {
      const wrong = words.filter(({ server, shares }) => {
        const fits = combined(config, base, server);
        return fits[0] !== shares[0] || fits[1] !== shares[1];
      });
      if (words.length - wrong.length >= agreeing) return wrong.map(({ server }) => server);
    }
  }
  throw new RepairError(
    'disagree',
    `the answers of servers ${rest.map(({ server }) => server).join(', ')} do not fit one ` +
      `polynomial; ${agreeing} that agree are needed to say who is wrong`,
  );
}

/** The polynomials through `base`, t + 1 servers, at server `at`: never at 0 [SHARE-23]. */
function combined(config: SharingConfig, base: readonly MaskedShares[], at: number): FieldVector {
  checkServer(config, at);
  const weights = base.map(({ server: i }) => weightOf(base, i, at));
  const result = fieldVector(elementCount(base[0]!.shares));
  for (let m = 0; m < elementCount(result); m++) {
    let value = 0n;
    base.forEach(({ shares }, k) => (value += weights[k]! * getBigInt(shares, m)));
    setBigInt(result, m, value);
  }
  return result;
}

/** Π (at − k)/(i − k) over the other servers k of `base`. */
function weightOf(base: readonly MaskedShares[], i: number, at: number): bigint {
  let [above, below] = [1n, 1n];
  for (const { server: k } of base) {
    if (k === i) continue;
    above = multiply(above, element(at - k));
    below = multiply(below, element(i - k));
  }
  return multiply(above, invert(below));
}

const element = (value: number): bigint => add(P, BigInt(value));

function* choices<Item>(items: readonly Item[], count: number): Generator<Item[]> {
  if (count === 0) yield [];
  else {
    for (let i = 0; i + count <= items.length; i++) {
      for (const others of choices(items.slice(i + 1), count - 1)) yield [items[i]!, ...others];
    }
  }
}

function checkServer({ servers }: SharingConfig, server: number): void {
  if (Number.isInteger(server) && server >= 1 && server <= servers) return;
  throw new RangeError(`a server index is 1 to ${servers}, got ${server}`);
}

function checkAnswers(
  config: SharingConfig,
  missing: number,
  sorted: readonly MaskedShares[],
): void {
  sorted.forEach(({ server, shares }, index) => {
    checkServer(config, server);
    if (server === missing) throw new RangeError(`server ${server} cannot help itself`);
    if (sorted[index - 1]?.server === server) throw new RangeError(`server ${server} stands twice`);
    if (shares.length !== sorted[0]!.shares.length) {
      throw new RangeError('every helper sends as many shares');
    }
  });
}
