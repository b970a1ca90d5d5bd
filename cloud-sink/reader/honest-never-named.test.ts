/**
 * [S6] No lie of at most t servers names an honest one, or makes a wrong number "verified": 10,000
 * random trials on the judge itself, against liars who see everything and act together.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { P } from '@vitalshare/edge/field';
import type { MomentsAnswer } from '../messages/messages.ts';
import { ReaderError } from './errors.ts';
import { MOMENTS, productDegree } from './moments-question.ts';
import { groupAnswers, openGroup } from './open-group.ts';
import { momentsOf, serversNeeded } from './open-moments.ts';

const CONFIGS = [
  [3, 1],
  [4, 1],
  [5, 1],
  [6, 1],
  [3, 2],
  [4, 2],
  [5, 2],
  [7, 2],
  [9, 2],
  [7, 3],
  [10, 3],
] as const;

/** mulberry32: a trial is its seed, which fast-check prints and shrinks. */
function makeRandom(seed: number) {
  let state = seed | 0;
  const word = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  const below = (n: number): number => word() % n;
  const element = (): bigint => ((BigInt(word()) << 32n) | BigInt(word())) % P;
  const shuffled = <T>(items: readonly T[]): T[] => {
    const left = [...items];
    return items.map(() => left.splice(below(left.length), 1)[0]!);
  };
  return { below, element, shuffled };
}
type Random = ReturnType<typeof makeRandom>;

const horner = (coefficients: readonly bigint[], at: number): bigint =>
  coefficients.reduceRight((value, c) => (value * BigInt(at) + c) % P, 0n);

/** What liars add to one moment of degree `degree`. */
type Lie = (server: number) => bigint;

/** Moves the liars onto another polynomial, on which `degree` honest servers of their choice lie too. */
function coordinated(random: Random, degree: number, honest: readonly number[]): Lie {
  const kept = random.shuffled(honest).slice(0, random.below(degree + 1));
  const factor = random.element();
  return (server) =>
    kept.reduce((value, other) => (value * (P + BigInt(server - other))) % P, factor);
}

function lieOf(random: Random, degree: number, honest: readonly number[]): Lie {
  const shift = random.element();
  const lies: Lie[] = [
    () => shift,
    () => random.element(),
    () => 1n,
    () => 0n,
    coordinated(random, degree, honest),
    coordinated(random, degree, honest),
  ];
  return lies[random.below(lies.length)]!;
}

interface Trial {
  readonly config: { readonly servers: number; readonly threshold: number };
  readonly degree: 0 | 1 | 2;
  readonly liars: readonly number[];
  readonly answers: readonly MomentsAnswer[];
  readonly truth: readonly bigint[];
}

function makeTrial(random: Random): Trial {
  const [servers, threshold] = CONFIGS[random.below(CONFIGS.length)]!;
  const config = { servers, threshold };
  const degree = random.below(8) === 0 ? 0 : random.below(2) === 0 ? 1 : 2;
  const all = Array.from({ length: servers }, (_, i) => i + 1);
  const order = random.shuffled(all);
  const liars = order.slice(0, random.below(threshold + 1)).sort((a, b) => a - b);
  const honest = all.filter((server) => !liars.includes(server));
  const vitals = degree === 0 ? 0 : 1 + random.below(2);
  const degrees = [
    ...Array.from({ length: vitals }, () => threshold),
    ...Array.from({ length: degree === 2 ? (vitals * (vitals + 1)) / 2 : 0 }, () =>
      productDegree(config),
    ),
  ];
  const moments = degrees.map((d) => {
    const coefficients = Array.from({ length: d + 1 }, () => random.element());
    // One lie for all liars, so that they can act together; in some moments none.
    const lie = random.below(3) === 0 ? () => 0n : lieOf(random, d, honest);
    return { coefficients, lie };
  });
  const clear = random.below(4);
  const answering = all.filter(() => random.below(8) > 0);
  const answers = answering.map((server): MomentsAnswer => {
    const isLiar = liars.includes(server);
    const words = moments.map(({ coefficients, lie }) =>
      isLiar ? (horner(coefficients, server) + lie(server)) % P : horner(coefficients, server),
    );
    return {
      server,
      generation: 1,
      config: '',
      query: '',
      data: isLiar && clear === 1 ? 'other' : 'same',
      asOf: {},
      count: isLiar && clear === 2 ? 8 : 7,
      patients: isLiar && clear === 3 ? random.below(3) : 2,
      sums: words.slice(0, vitals),
      products: words.slice(vitals),
    };
  });
  const truth = moments.map(({ coefficients }) => coefficients[0]!);
  return { config, degree, liars, answers, truth };
}

const canonical = (value: bigint): bigint => ((value % P) + P) % P;

const openMoments = (config: Trial['config'], degree: 0 | 1 | 2, group: readonly MomentsAnswer[]) =>
  momentsOf(openGroup(config, MOMENTS.form(config), serversNeeded(config, degree), group));

/** Outcome in one word, for the tally. Throws where an honest server is named or a lie believed. */
function judgeTrial({ config, degree, liars, answers, truth }: Trial): string {
  const honestOf = (servers: readonly number[]) => servers.filter((each) => !liars.includes(each));
  try {
    const { group, apart } = groupAnswers(config, serversNeeded(config, degree), answers);
    expect(honestOf(apart.map(({ server }) => server))).toEqual([]);
    const opened = openMoments(config, degree, group);
    expect(honestOf(opened.named)).toEqual([]);
    expect(opened.servers.filter((each) => opened.named.includes(each))).toEqual([]);
    const { count, sums, products } = opened.moments;
    expect([count, opened.patients]).toEqual([7, 2]);
    if (opened.checked === 'verified') {
      expect([...sums, ...products].map(canonical)).toEqual(truth);
    }
    return opened.named.length > 0 ? 'named' : opened.checked;
  } catch (error) {
    if (!(error instanceof ReaderError)) throw error;
    expect(honestOf(error.named)).toEqual([]);
    return error.code;
  }
}

describe('an honest server is never named [S6]', () => {
  it('in 10,000 random trials with up to t liars who act together', () => {
    const tally = new Map<string, number>();
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const outcome = judgeTrial(makeTrial(makeRandom(seed)));
        tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
      }),
      { numRuns: 10_000 },
    );
    // The trials reach every claim there is.
    for (const outcome of ['verified', 'partly', 'unchecked', 'named', 'disagree', 'too-few']) {
      expect([outcome, (tally.get(outcome) ?? 0) > 100]).toEqual([outcome, true]);
    }
  });

  /** Blames whoever is off the polynomial of the largest group, one more than needed being enough. */
  function naive(words: readonly { server: number; value: bigint }[], degree: number): number[] {
    let best: readonly number[] = [];
    for (let mask = 0; mask < 1 << words.length; mask++) {
      const points = words.filter((_, i) => mask & (1 << i));
      if (points.length !== degree + 1) continue;
      const group = words.filter(({ server, value }) => through(points, server) === value);
      if (group.length > best.length) best = group.map(({ server }) => server);
    }
    if (best.length < degree + 2) return [];
    return words.map(({ server }) => server).filter((server) => !best.includes(server));
  }
  function through(points: readonly { server: number; value: bigint }[], at: number): bigint {
    return points.reduce((sum, { server: j, value }) => {
      let [above, below] = [value, 1n];
      for (const { server: i } of points) {
        if (i === j) continue;
        above = (above * canonical(BigInt(at - i))) % P;
        below = (below * canonical(BigInt(j - i))) % P;
      }
      return (sum + above * power(below, P - 2n)) % P;
    }, 0n);
  }
  function power(base: bigint, exponent: bigint): bigint {
    let result = 1n;
    for (let e = exponent; e > 0n; e >>= 1n, base = (base * base) % P) {
      if (e & 1n) result = (result * base) % P;
    }
    return result;
  }

  it('at (5, 2), where a decoder content with one to spare blames the honest', () => {
    // Liars 1 and 2 shift the sum by 1,000 and keep honest 3 and 4 on their polynomial:
    // Δ(z) = 1,000·(z − 3)(z − 4)/12.
    const config = { servers: 5, threshold: 2 };
    const coefficients = [4_000n, 123_456_789n, 987_654_321n];
    const twelfth = power(12n, P - 2n);
    const answers = [1, 2, 3, 4, 5].map((server): MomentsAnswer => {
      const delta = canonical(BigInt(1000 * (server - 3) * (server - 4)) * twelfth);
      const sum = (horner(coefficients, server) + (server < 3 ? delta : 0n)) % P;
      const rest = { generation: 1, config: '', query: '', data: '', asOf: {}, count: 7 };
      return { ...rest, server, patients: 2, sums: [sum], products: [] };
    });
    const words = answers.map(({ server, sums }) => ({ server, value: sums[0]! }));
    expect(naive(words, 2)).toEqual([5]); // An honest server.
    expect(through(words.slice(0, 3), 0)).toBe(5_000n);
    const error = (() => {
      try {
        return openMoments(config, 1, answers);
      } catch (reason) {
        return reason;
      }
    })();
    expect(error).toBeInstanceOf(ReaderError);
    expect([(error as ReaderError).code, (error as ReaderError).named]).toEqual(['disagree', []]);
  });

  it('the same trials catch that decoder', () => {
    let blamed = 0;
    for (let seed = 0; seed < 300; seed++) {
      const { config, liars, answers } = makeTrial(makeRandom(seed));
      const words = answers.map(({ server, sums }) => ({ server, value: sums[0] ?? 0n }));
      const named = naive(words, config.threshold);
      if (named.some((server) => !liars.includes(server))) blamed++;
    }
    expect(blamed).toBeGreaterThan(3);
  });
});
