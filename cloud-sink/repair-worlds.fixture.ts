/**
 * For `repair-worlds.test.ts`: what server j and t − 1 others hold together after helpers sent j their
 * masked shares, in one of two worlds that agree in all of these servers' own shares; as numbers.
 *
 *   worlds     a reading of 700 or of 760, on polynomials through the same t shares of the coalition
 *   view       own shares, every masked share as it came, and the same with what the coalition knows
 *              of the mask taken off; each opened at 0, and off by what each world would have there
 *   guards     `as built`; `mask left out`; `last key known`, that of all servers but the coalition
 *
 * The arithmetic of the shares and masks is the real code's.
 */
import { type FieldVector, fieldVector, getBigInt, P, setBigInt } from '@vitalshare/edge/field';
import { concatBytes, sha256, utf8 } from '@vitalshare/edge/seal';
import {
  fOfSet,
  indicesOf,
  setsOf,
  setsOfServer,
  type SharingConfig,
} from '@vitalshare/edge/sharing';
import { openAnswer } from '@vitalshare/edge/sharing/open';
import { maskForRepair, missingShares } from '@vitalshare/edge/sharing/repair';
import { streamElements } from '@vitalshare/edge/sharing';
import { hmacSha256 } from '@vitalshare/edge/seal';
import { inverse, mod, numbersOf, type Run } from './two-worlds.fixture.ts';

export const READINGS = [700n, 760n] as const;
export type RepairGuard = 'as built' | 'mask left out' | 'last key known';
const RUNS_A_BINDING = 200;

/** Coalition: servers 1 … t, of which server 1 asks; all others help. */
export function* repairRuns(
  config: SharingConfig,
  count: number,
  guard: RepairGuard,
  seed: string,
): Generator<Run> {
  const draw = (label: string) => sha256(concatBytes(utf8(seed), utf8(label)));
  const keys = new Map(setsOf(config).map((mask) => [mask, draw(`key ${mask}`)]));
  for (let made = 0, at = 0; made < count; at++) {
    const batch = batchOf(config, keys, draw(`binding ${at}`), draw(`worlds ${at}`), guard);
    for (const run of batch) if (made++ < count) yield run;
  }
}

function batchOf(
  config: SharingConfig,
  keys: ReadonlyMap<number, Uint8Array>,
  binding: Uint8Array,
  coins: Uint8Array,
  guard: RepairGuard,
): Run[] {
  const { servers, threshold } = config;
  const own = Array.from({ length: threshold }, (_, i) => i + 1);
  const helpers = Array.from({ length: servers - 1 }, (_, i) => i + 2);
  const worlds = Array.from({ length: RUNS_A_BINDING }, (_, m) =>
    (coins[m >> 3]! >> (m & 7)) & 1 ? 1 : 0,
  );
  const held = uniform(coins, RUNS_A_BINDING * threshold);
  const lines = worlds.map((world, m) => [
    { server: 0, value: READINGS[world] },
    ...own.map((server, i) => ({ server, value: getBigInt(held, m * threshold + i) })),
  ]);
  const sent = helpers.map((helper) => {
    const shares = fieldVector(RUNS_A_BINDING);
    lines.forEach((line, m) => setBigInt(shares, m, lagrange(line, helper)));
    const mine = new Map(setsOfServer(config, helper).map((mask) => [mask, keys.get(mask)!]));
    if (guard !== 'mask left out') {
      maskForRepair(config, { helper, missing: 1, keys: mine }, binding, shares);
    }
    return { server: helper, shares };
  });
  const { shares: repaired } = missingShares(config, 1, sent);
  const known = guard === 'mask left out' ? [] : knownMasks(config, keys, binding, guard);
  return worlds.map((world, m) => {
    const line = lines[m]!.slice(1);
    if (getBigInt(repaired, m) !== line[0]!.value) throw new Error('the repair is wrong');
    const bare = sent.map(({ server, shares }) => ({
      server,
      value: mod(getBigInt(shares, m) - knownAt(config, known, server, m)),
    }));
    const opened = openAnswer(config, threshold, bare).value;
    const raw = sent.map(({ server, shares }) => ({ server, value: getBigInt(shares, m) }));
    const features = [
      opened,
      ...READINGS.map((reading) => mod(opened - reading)),
      openAnswer(config, threshold, raw).value,
      ...bare.map(({ value }) => value),
      ...raw.map(({ value }) => value),
      ...line.map(({ value }) => value),
    ];
    return { world: world, features: Float64Array.from(features.flatMap(numbersOf)) };
  });
}

interface Known {
  readonly mask: number;
  readonly rho: FieldVector;
}

/** ρ_A of sets without server 1 that some other of the coalition is in; with the guard, of all. */
function knownMasks(
  config: SharingConfig,
  keys: ReadonlyMap<number, Uint8Array>,
  binding: Uint8Array,
  guard: RepairGuard,
): Known[] {
  return setsOf(config)
    .filter((mask) => !indicesOf(mask).includes(1))
    .filter((mask) => guard === 'last key known' || indicesOf(mask)[0]! <= config.threshold)
    .map((mask) => {
      const rho = fieldVector(RUNS_A_BINDING);
      streamElements(hmacSha256(keys.get(mask)!, binding), 0, 0, rho);
      return { mask, rho };
    });
}

const knownAt = (config: SharingConfig, known: readonly Known[], at: number, m: number): bigint =>
  known.reduce((sum, { mask, rho }) => sum + fOfSet(config, mask, at) * getBigInt(rho, m), 0n) % P;

function uniform(seed: Uint8Array, count: number): FieldVector {
  const vector = fieldVector(count);
  streamElements(seed, 1, 0, vector);
  return vector;
}

/** The polynomial through `points` at `at`. */
function lagrange(points: readonly { server: number; value: bigint }[], at: number): bigint {
  let sum = 0n;
  for (const { server: i, value } of points) {
    let [above, below] = [value, 1n];
    for (const { server: k } of points) {
      if (k === i) continue;
      above = mod(above * BigInt(at - k));
      below = mod(below * BigInt(i - k));
    }
    sum += above * inverse(below);
  }
  return mod(sum);
}
