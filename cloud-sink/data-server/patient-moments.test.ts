/** Moments over patients' means: what they open to, what they refuse, and what they must not tell. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { P, toSigned } from '@vitalshare/edge/field';
import { keyId } from '@vitalshare/edge/identity';
import { openAnswer } from '@vitalshare/edge/sharing/open';
import { findVital, type Vital } from '@vitalshare/edge/vital';
import { patientWeights, scaleMax } from '../messages/patient-weights.ts';
import { type MomentsQuery, parseMomentsQuery } from '../messages/query.ts';
import { canonicalBytes } from '../messages/canonical.ts';
import { encodeMomentsAnswer, parseMomentsAnswer } from '../messages/answer-bodies.ts';
import { answerMoments } from './answer-moments.ts';
import { patientMoments } from './patient-moments.ts';
import type { MemberSums } from './moments.ts';
import { appliers, column, makeWorld, TestLog } from './world.fixture.ts';

const T = 1_700_000_000;
const breathe = () => Promise.resolve();
const vitals = (...names: string[]): Vital[] => names.map((name) => findVital(name)!);

/** Two patients with one stay, one with two; heart rate around its middle, 1750, and SpO2, 500. */
function ward(servers = 3, threshold = 1, minimumCohort = 1) {
  const world = makeWorld(servers, threshold, minimumCohort);
  const log = new TestLog(world);
  log.stay(1, 'a-1', {}, 'anna').stay(2, 'b-1', {}, 'bea').stay(3, 'a-2', {}, 'anna');
  log.stay(4, 'c-1', {}, 'cora');
  log.frame(1, { 'heart-rate': column(T, [1700, 1800, 1790]), spo2: column(T, [490, 510, 505]) });
  log.frame(2, {
    'heart-rate': column(T, [1900, 1950, 1750, 1760]),
    spo2: column(T, [400, 410, 520]),
  });
  log.frame(3, { 'heart-rate': column(T, [1760]), spo2: column(T, [500]) });
  log.frame(4, { 'heart-rate': column(T, [1650, 1640]), spo2: column(T, [600, 610]) });
  log.commit();
  const ask = (part: Partial<MomentsQuery>): MomentsQuery => ({
    ...{ version: 1, asOf: { [log.name]: log.position }, vitals: ['heart-rate', 'spo2'] },
    ...{ degree: 2, where: {}, unit: 'patient', ...part },
  });
  const nodes = appliers(world, [log]);
  const answers = (query: MomentsQuery) =>
    Promise.all(nodes.map((node) => answerMoments(node, query, keyId(world.researcher), breathe)));
  return { world, ask, answers };
}

const refusal = (code: string, numbers: object) =>
  expect.objectContaining({ code, numbers }) as Error;

describe('moments over patients [PROTO-30]', () => {
  it('open to Σ w(m − c) and Σ w(m − c)(m′ − c′) over tags, not stays', async () => {
    const { world, ask, answers } = ward();
    const got = await answers(ask({}));
    // Rows with both: anna 3 + 1, bea 3, cora 2; 4 · 4 = 16, so a = 4, round(16/3) = 5, 8.
    // D of heart rate: −50+50+40+10 = 50; 150+200+0 = 350; −100−110 = −210.
    // D of SpO2: −10+10+5+0 = 5; −100−90+20 = −170; 100+110 = 210.
    const opened = (degree: number, pick: (answer: (typeof got)[number]) => readonly bigint[]) =>
      pick(got[0]!).map((_, i) => {
        const values = got.map((each) => ({ server: each.server, value: pick(each)[i]! }));
        return Number(toSigned(openAnswer(world.configuration, degree, values).value));
      });
    expect([got[0]!.count, got[0]!.patients]).toEqual([9, 3]);
    // w = 16², 15², 16².
    expect(got[0]!.weights).toEqual([737n, 65_536n + 50_625n + 65_536n]);
    expect(opened(1, ({ sums }) => sums)).toEqual([
      16 * 4 * 50 + 25 * 3 * 350 - 64 * 2 * 210,
      16 * 4 * 5 - 25 * 3 * 170 + 64 * 2 * 210,
    ]);
    expect(opened(2, ({ products }) => products)).toEqual([
      200 ** 2 + 1750 ** 2 + 1680 ** 2,
      200 * 20 - 1750 * 850 - 1680 ** 2,
      20 ** 2 + 850 ** 2 + 1680 ** 2,
    ]);
  });

  it('weights are equal where rows are, and what they are is worked out here', () => {
    const [heart] = vitals('heart-rate');
    // ⌊√((2p − 1)/(9 · 1750² · 2))⌋: 2 patients may have 289,238 rows each, 80 hours of seconds.
    expect(scaleMax(2, [heart!])).toBe(289_238n);
    expect(patientWeights([7, 7, 7], [heart!])).toMatchObject({ factors: [4n, 4n, 4n] });
    expect(patientWeights([2, 5], [heart!])!.factors).toEqual([10n, 4n]);
    // Near the bound C is the bound: 289,238 / 289,238 and 289,238 / 100,000 = 2.89.
    expect(patientWeights([289_238, 100_000], [heart!])!.factors).toEqual([1n, 3n]);
  });

  it('is a part of the question, so masks and digests are bound to it', async () => {
    const { ask, answers } = ward();
    const body = (query: object) => parseMomentsQuery(canonicalBytes(query));
    const { unit, ...ofRows } = ask({});
    expect(unit).toBe('patient');
    expect(body(ask({}))).toEqual(ask({}));
    const [patient, row] = [await answers(ask({})), await answers(ofRows)];
    expect(patient[0]!.data).toBe(row[0]!.data);
    expect(patient[0]!.query).not.toBe(row[0]!.query);
    expect(row[0]).not.toHaveProperty('weights');
    for (const bad of [{ unit: 'row' }, { unit: 'stay' }, { unit: 'patient', degree: 0 }]) {
      expect(() => body({ ...ofRows, ...bad })).toThrow(/unit/);
    }
  });

  it('[PROTO-34] carries two positive integers, or none', async () => {
    const { ask, answers } = ward();
    const [answer] = await answers(ask({ degree: 1 }));
    expect(answer!.products).toEqual([]);
    expect(parseMomentsAnswer(encodeMomentsAnswer(answer!))).toEqual(answer);
    const text = new TextDecoder().decode(encodeMomentsAnswer(answer!));
    for (const weights of [
      '["1"]',
      '["1","0"]',
      '["01","1"]',
      '[1,1]',
      `["1","${'9'.repeat(38)}"]`,
    ]) {
      const bytes = new TextEncoder().encode(
        text.replace(/"weights":\[[^\]]*\]/, `"weights":${weights}`),
      );
      expect(() => parseMomentsAnswer(bytes)).toThrow(/weights/);
    }
  });
});

describe('what is refused', () => {
  const member = (tag: string, rows: number, sum: bigint) =>
    ({ member: { version: { tag } }, rows, sums: [sum] }) as unknown as MemberSums;

  it('[PROTO-31] one row more than cannot wrap, before a number leaves', () => {
    const heart = vitals('heart-rate');
    const ask = (rows: number) =>
      patientMoments([member('a', rows, 0n), member('b', 1, 0n)], heart, 2);
    expect(ask(289_238).weights[0]).toBeGreaterThan(0n);
    expect(() => ask(289_239)).toThrow(
      refusal('could-wrap', { patients: 2, rows: 289_239, allowed: 289_238 }),
    );
  });

  it('[PROTO-31] the bound holds for every cohort: no result of readings in range reaches p/2', () => {
    const cohort = fc.array(fc.integer({ min: 1, max: 400_000 }), { minLength: 1, maxLength: 40 });
    const names = fc.constantFrom('heart-rate', 'spo2', 'body-temperature', 'consciousness');
    fc.assert(
      fc.property(cohort, names, (rows, name) => {
        const [vital] = vitals(name);
        const top = BigInt(vital!.max * vital!.scale);
        const all = rows.map((n, i) => member(String(i), n, BigInt(n) * top));
        const safe = scaleMax(rows.length, [vital!]);
        fc.pre(BigInt(Math.max(...rows)) <= safe);
        const { sums, products } = patientMoments(all, [vital!], 2);
        // Every reading at the top of its range: as far from the middle as can be.
        const { factors } = patientWeights(rows, [vital!])!;
        const half = top - BigInt(Math.floor((vital!.min + vital!.max) * vital!.scale) / 2);
        const exact = rows.reduce((sum, n, i) => sum + (factors[i]! * BigInt(n) * half) ** 2n, 0n);
        expect(products[0]).toBe(exact);
        expect(exact * 2n).toBeLessThan(P);
        expect(toSigned(sums[0]!)).toBeGreaterThan(0n);
      }),
    );
  });

  it('[PROTO-32] products where 2t > n − 1; sums are answered', async () => {
    const { ask, answers } = ward(3, 2);
    await expect(answers(ask({}))).rejects.toThrow(
      refusal('products-across-frames', { servers: 3, threshold: 2 }),
    );
    expect((await answers(ask({ degree: 1 })))[0]!.sums).toHaveLength(2);
  });

  it('[PROTO-33] products of v vital signs over fewer than k + v − 1 patients', async () => {
    const { ask, answers } = ward(3, 1, 3);
    await expect(answers(ask({}))).rejects.toThrow(
      refusal('cohort-too-small', { patients: 3, minimum: 4 }),
    );
    expect((await answers(ask({ vitals: ['spo2'] })))[0]!.patients).toBe(3);
    expect((await answers(ask({ degree: 1 })))[0]!.patients).toBe(3);
  });
});

describe('three patients cannot be read from one sum [PROTO-33]', () => {
  const ROWS = [97, 100, 103];
  /** Known beforehand: each mean within 20/min of 80/min, so |D| within 200 steps a row. */
  const MIDDLE = 800 - 1750;

  /** How many (D_1, D_2, D_3) in that box give the sum Σ A_i·D_i of the true ones. */
  function candidates(factors: readonly bigint[]): number {
    const weights = ROWS.map((n, i) => Number(factors[i]! ** 2n) * n);
    const divisor = weights.reduce(gcd);
    const [a1, a2, a3] = weights.map((a) => a / divisor) as [number, number, number];
    const truth = [71_234, -88_765, -90_111].map((d, i) => MIDDLE * ROWS[i]! + (d % 9_000));
    const sum = a1 * truth[0]! + a2 * truth[1]! + a3 * truth[2]!;
    const [low, high] = [MIDDLE - 200, MIDDLE + 200];
    const g = gcd(a2, a3);
    const [m2, m3] = [a2 / g, a3 / g];
    const inverse = inverseOf(m2 % m3, m3);
    let found = 0;
    for (let d1 = low * ROWS[0]!; d1 <= high * ROWS[0]!; d1++) {
      const rest = sum - a1 * d1;
      if (rest % g !== 0) continue;
      // d2 ≡ rest/a2 mod m3, and d3 = (rest − a2·d2)/a3 in its box bounds d2 once more.
      const start = Number((BigInt(mod(rest / g, m3)) * BigInt(inverse)) % BigInt(m3));
      const least = Math.max(low * ROWS[1]!, Math.ceil((rest - a3 * high * ROWS[2]!) / a2));
      const most = Math.min(high * ROWS[1]!, Math.floor((rest - a3 * low * ROWS[2]!) / a2));
      const firstAt = least + mod(start - least, m3);
      if (firstAt <= most) found += Math.floor((most - firstAt) / m3) + 1;
    }
    return found;
  }

  it('with the weights of this protocol twelve million candidates remain', () => {
    expect(candidates(patientWeights(ROWS, vitals('heart-rate'))!.factors)).toBe(11_968_071);
  });

  it('with weights as alike as the field allows, three', () => {
    const widest = scaleMax(3, vitals('heart-rate'));
    const factors = ROWS.map((n) => (2n * widest + BigInt(n)) / BigInt(2 * n));
    // One of them is the truth.
    expect(candidates(factors)).toBe(3);
  });

  const mod = (a: number, m: number): number => ((a % m) + m) % m;
  function gcd(a: number, b: number): number {
    return b === 0 ? Math.abs(a) : gcd(b, a % b);
  }
  function inverseOf(a: number, m: number): number {
    let [r0, r1, s0, s1] = [a, m, 1, 0];
    while (r1 !== 0) {
      const q = Math.floor(r0 / r1);
      [r0, r1, s0, s1] = [r1, r0 - q * r1, s1, s0 - q * s1];
    }
    return mod(s0, m);
  }
});
