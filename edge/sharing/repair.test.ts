/** One server's shares rebuilt by the others: right, masked, checked, and never at 0. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { P, type FieldVector, fieldVector, getBigInt, setBigInt } from '../field/field.ts';
import { maskForRepair, type MaskedShares, missingShares } from './repair.ts';
import * as repairDoor from './repair.ts';
import { openAnswer } from './open.ts';
import { fOfSet, indicesOf, setsOf, setsOfServer, type SharingConfig } from './sets.ts';
import { streamElements } from './stream.ts';
import { hmacSha256 } from '../seal/seal.ts';

const CONFIGS = [
  [3, 1],
  [4, 1],
  [5, 2],
  [7, 3],
] as const;

const keyOf = (mask: number) => Uint8Array.from({ length: 32 }, (_, i) => (mask * 37 + i) & 0xff);
const binding = (seed: number) => new Uint8Array(32).fill(seed);
const keysOf = (config: SharingConfig, server: number) =>
  new Map(setsOfServer(config, server).map((mask) => [mask, keyOf(mask)]));

/** Server `at`'s share of each polynomial; coefficients, the constant first. */
function sharesAt(polynomials: readonly (readonly bigint[])[], at: number): FieldVector {
  const shares = fieldVector(polynomials.length);
  polynomials.forEach((c, m) => {
    setBigInt(
      shares,
      m,
      c.reduceRight((value, each) => value * BigInt(at) + each, 0n),
    );
  });
  return shares;
}

function answersOf(
  config: SharingConfig,
  missing: number,
  helpers: readonly number[],
  polynomials: readonly (readonly bigint[])[],
  bound = binding(1),
): MaskedShares[] {
  return helpers.map((helper) => {
    const shares = sharesAt(polynomials, helper);
    maskForRepair(config, { helper, missing, keys: keysOf(config, helper) }, bound, shares);
    return { server: helper, shares };
  });
}

const others = ({ servers }: SharingConfig, missing: number) =>
  Array.from({ length: servers }, (_, i) => i + 1).filter((server) => server !== missing);

const elementsOf = (vector: FieldVector) =>
  Array.from({ length: vector.length / 2 }, (_, m) => getBigInt(vector, m));

const element = fc.bigInt({ min: 0n, max: P - 1n });

describe.each(CONFIGS)('(%i, %i): a lost share', (servers, threshold) => {
  const config = { servers, threshold };
  const polynomials = fc.array(
    fc.array(element, { minLength: threshold + 1, maxLength: threshold + 1 }),
    { minLength: 1, maxLength: 9 },
  );

  it('[SHARE-22] [SHARE-23] is rebuilt by any t + 1 others, and by more', () => {
    fc.assert(
      fc.property(
        polynomials,
        fc.integer({ min: 1, max: servers }),
        fc.integer({ min: threshold + 1, max: servers - 1 }),
        fc.infiniteStream(fc.nat()),
        (lines, missing, count, draws) => {
          const pool = others(config, missing);
          const helpers = Array.from(
            { length: count },
            () => pool.splice(Number(draws.next().value) % pool.length, 1)[0]!,
          );
          const repaired = missingShares(
            config,
            missing,
            answersOf(config, missing, helpers, lines),
          );
          expect(repaired.shares).toEqual(sharesAt(lines, missing));
          expect(repaired.from).toEqual(helpers.sort((a, b) => a - b));
          expect(repaired.named).toEqual([]);
          const spare = count - threshold - 1;
          expect(repaired.checked).toBe(
            spare >= threshold ? 'verified' : spare > 0 ? 'partly' : 'unchecked',
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('[SHARE-22] is g of the paper: 0 at the one that asks, of degree t, from keys it has not', () => {
    for (const missing of [1, servers]) {
      const without = setsOf(config).filter((mask) => !indicesOf(mask).includes(missing));
      expect(without.some((mask) => keysOf(config, missing).has(mask))).toBe(false);
      const g = (at: number) =>
        without.reduce((sum, mask) => {
          const rho = fieldVector(3);
          streamElements(hmacSha256(keyOf(mask), binding(1)), 0, 0, rho);
          return (sum + fOfSet(config, mask, at) * getBigInt(rho, 2)) % P;
        }, 0n);
      expect(g(missing)).toBe(0n);
      const nothing = [[0n], [0n], [0n]];
      for (const { server, shares } of answersOf(
        config,
        missing,
        others(config, missing),
        nothing,
      )) {
        expect(getBigInt(shares, 2)).toBe(g(server));
      }
      expect(g(0)).not.toBe(0n);
    }
  });
});

it('[SHARE-23] (3, 2): where t = n − 1 the others are too few, for their shares say nothing of it', () => {
  const config = { servers: 3, threshold: 2 };
  const answers = answersOf(config, 2, [1, 3], [[5n, 6n, 7n]]);
  expect(() => missingShares(config, 2, answers)).toThrow(/from 3 other servers, got 2/);
});

describe('who lies', () => {
  const lines = [
    [5n, 9n],
    [P - 3n, 77n],
    [8n, 1n],
  ];
  const lying = (config: SharingConfig, liars: readonly number[], at = 1) =>
    answersOf(config, 2, others(config, 2), lines).map(({ server, shares }) => {
      const word = (getBigInt(shares, at) + 1n + BigInt(server)) % P;
      if (liars.includes(server)) setBigInt(shares, at, word);
      return { server, shares };
    });

  it('[SHARE-23] (3, 1): is not seen by two helpers, and the answer says so', () => {
    const config = { servers: 3, threshold: 1 };
    const { checked, shares } = missingShares(config, 2, lying(config, [3]));
    expect(checked).toBe('unchecked');
    expect(shares).not.toEqual(sharesAt(lines, 2));
  });

  it('[SHARE-23] (4, 1): is detected, and nothing is rebuilt', () => {
    const config = { servers: 4, threshold: 1 };
    expect(() => missingShares(config, 2, lying(config, [3]))).toThrow(
      expect.objectContaining({ name: 'RepairError', code: 'disagree' }) as Error,
    );
  });

  it('[SHARE-23] (5, 1): is named, and the share is rebuilt from the others', () => {
    const config = { servers: 5, threshold: 1 };
    for (const liar of others(config, 2)) {
      const { named, from, checked, shares } = missingShares(config, 2, lying(config, [liar]));
      expect([named, checked, from.length]).toEqual([[liar], 'verified', 3]);
      expect(shares).toEqual(sharesAt(lines, 2));
    }
  });

  it('[SHARE-23] (9, 2): two who lie in different elements are both named', () => {
    const config = { servers: 9, threshold: 2 };
    const answers = lying(config, [4], 0);
    const second = answers.find(({ server }) => server === 7)!;
    setBigInt(second.shares, 2, (getBigInt(second.shares, 2) + 1n) % P);
    const { named, shares } = missingShares(config, 2, answers);
    expect(named).toEqual([4, 7]);
    expect(shares).toEqual(sharesAt(lines, 2));
  });

  it('[SHARE-23] (5, 2): no two liars can have an honest one blamed', () => {
    const config = { servers: 5, threshold: 2 };
    const honest = lines.map((line) => [...line, 4n]);
    const answers = answersOf(config, 2, [1, 3, 4, 5], honest);
    setBigInt(answers[0]!.shares, 0, 123n);
    setBigInt(answers[1]!.shares, 0, 456n);
    expect(() => missingShares(config, 2, answers)).toThrow(/5 that agree are needed/);
  });
});

describe('what it refuses', () => {
  const config = { servers: 3, threshold: 1 };
  const keys = keysOf(config, 1);
  const answers = answersOf(config, 2, [1, 3], [[1n, 2n]]);

  it('[SHARE-23] never looks at 0, nor anywhere but at a server of the configuration', () => {
    for (const at of [0, -1, 4, 17, 1.5, NaN, P as unknown as number]) {
      expect(() => missingShares(config, at, answers)).toThrow(/a server index is 1 to 3/);
      const helping = { helper: 1, missing: at, keys };
      expect(() => maskForRepair(config, helping, binding(1), fieldVector(1))).toThrow(
        /a server index is 1 to 3/,
      );
    }
    expect(Object.keys(repairDoor).sort()).toEqual([
      'RepairError',
      'maskForRepair',
      'missingShares',
    ]);
  });

  it('too few, a server twice, the one that asks, lists that differ in length, a missing key', () => {
    expect(() => missingShares(config, 2, answers.slice(1))).toThrow(/from 2 other servers, got 1/);
    expect(() => missingShares(config, 2, [answers[0]!, answers[0]!])).toThrow(/stands twice/);
    expect(() => missingShares(config, 1, answers)).toThrow(/cannot help itself/);
    const short = { server: 3, shares: fieldVector(2) };
    expect(() => missingShares(config, 2, [answers[0]!, short])).toThrow(/as many shares/);
    const mask = (helping: Parameters<typeof maskForRepair>[1], bound = binding(1)) =>
      maskForRepair(config, helping, bound, fieldVector(1));
    expect(() => mask({ helper: 1, missing: 1, keys })).toThrow(/cannot help itself/);
    expect(() => mask({ helper: 1, missing: 2, keys: new Map() })).toThrow(/no zero-share key/);
    expect(() => mask({ helper: 1, missing: 2, keys }, new Uint8Array(31))).toThrow(/32 bytes/);
  });
});

describe('a mask used twice [S9]', () => {
  const config = { servers: 3, threshold: 1 };
  const [first, second] = [
    [720n, 41n],
    [835n, 42n],
  ];
  /** What server 2 would open from the difference of what helpers 1 and 3 sent at two times. */
  const difference = (bindings: readonly ReturnType<typeof binding>[]) => {
    const sent = [first, second].map((line, i) =>
      answersOf(config, 2, [1, 3], [line], bindings[i]),
    );
    const words = [0, 1].map((k) => ({
      server: sent[0]![k]!.server,
      value: (getBigInt(sent[1]![k]!.shares, 0) + P - getBigInt(sent[0]![k]!.shares, 0)) % P,
    }));
    return openAnswer(config, 1, words).value;
  };

  it('gives the difference of two readings away', () => {
    expect(difference([binding(1), binding(1)])).toBe(115n);
  });

  it('under another binding is another mask, and gives nothing', () => {
    const seen = new Set(
      Array.from({ length: 50 }, (_, i) => difference([binding(1), binding(2 + i)])),
    );
    expect(seen.size).toBe(50);
    expect(seen.has(115n)).toBe(false);
  });

  it('gives shares of every element a mask of its own', () => {
    const [{ shares }] = answersOf(config, 2, [1], Array<bigint[]>(64).fill([0n])) as [
      MaskedShares,
    ];
    expect(new Set(elementsOf(shares)).size).toBe(64);
  });
});
