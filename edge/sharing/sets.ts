/**
 * Servers, threshold, and the sets of n − t servers that each hold one key (SHARING.md, Configuration).
 *
 *   f_A(z) = Π_{i∉A} (1 − z/i) mod p       degree t, 1 at 0, 0 at every server outside A
 */
import { P } from '../field/field.ts';
import { invert, multiply, subtract } from '../field/textbook.ts';

export interface SharingConfig {
  /** n, 2 to 16. */
  readonly servers: number;
  /** t, 1 to n − 1: any t learn nothing, any t + 1 can open. */
  readonly threshold: number;
}

/** More sets than this cost more keystream than a reading is worth [S21]. */
export const SETS_MAX = 500;

export class SharingError extends Error {
  override readonly name = 'SharingError';
}

/** Throws SharingError where n or t is out of bounds or C(n, t) exceeds SETS_MAX [SHARE-2] [SHARE-3]. */
export function checkConfig({ servers, threshold }: SharingConfig): void {
  if (!Number.isInteger(servers) || servers < 2 || servers > 16) {
    throw new SharingError(`servers must be a whole number from 2 to 16, got ${servers}`);
  }
  if (!Number.isInteger(threshold) || threshold < 1 || threshold >= servers) {
    throw new SharingError(
      `threshold must be a whole number from 1 to ${servers - 1} with ${servers} servers, got ${threshold}`,
    );
  }
  const sets = binomial(servers, threshold);
  if (sets > SETS_MAX) {
    throw new SharingError(
      `${servers} servers with threshold ${threshold} need ${sets} keys a reading; at most ${SETS_MAX} are allowed`,
    );
  }
}

/** By n and t: at most 120 of them, and a reader asks for the same one at every part it opens. */
const known = new Map<number, readonly number[]>();

/** All sets as masks (bit j − 1 for server j), rising [SHARE-3]. */
export function setsOf(config: SharingConfig): readonly number[] {
  checkConfig(config);
  const { servers, threshold } = config;
  const found = known.get(servers * 16 + threshold);
  if (found) return found;
  const masks: number[] = [];
  for (let mask = 0; mask < 1 << servers; mask++) {
    if (indicesOf(mask).length === servers - threshold) masks.push(mask);
  }
  const frozen = Object.freeze(masks);
  known.set(servers * 16 + threshold, frozen);
  return frozen;
}

export const setsOfServer = (config: SharingConfig, server: number): number[] =>
  setsOf(config).filter((mask) => (mask & (1 << (server - 1))) !== 0);

/** The servers of a mask, rising from 1. */
export function indicesOf(mask: number): number[] {
  const indices: number[] = [];
  for (let index = 1; index <= 16; index++) if (mask & (1 << (index - 1))) indices.push(index);
  return indices;
}

/** 1/i for server indices: an inversion costs 120 multiplications, and answers ask for few. */
const inverses = Array.from({ length: 17 }, (_, i) => (i === 0 ? 0n : invert(BigInt(i))));

/** f_A at the point `at` [SHARE-4]. */
export function fOfSet(config: SharingConfig, mask: number, at: number): bigint {
  let value = 1n;
  for (let i = 1; i <= config.servers; i++) {
    if (mask & (1 << (i - 1))) continue;
    value = multiply(value, subtract(1n, multiply(BigInt(at) % P, inverses[i]!)));
  }
  return value;
}

function binomial(n: number, k: number): number {
  let value = 1;
  for (let i = 1; i <= k; i++) value = (value * (n - k + i)) / i;
  return Math.round(value);
}
