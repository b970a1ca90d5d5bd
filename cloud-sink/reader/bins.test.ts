/** Distributions from real data servers in one process, against plain counting, and liars among them. */
import { describe, expect, it } from 'vitest';
import { findVital, type Vital } from '@vitalshare/edge/vital';
import type { BinsAnswer } from '../messages/messages.ts';
import { askDistribution } from './bin-statistics.ts';
import { verifyEvidence } from './evidence.ts';
import type { DistributionStatistic } from './statistic-table.ts';
import { fill, plainCounts, T, wardOf } from './counted-ward.fixture.ts';
import type { Bin, Quantile } from './quantiles.ts';
import { TestServers } from './servers.fixture.ts';

const heart = findVital('heart-rate')!;
const P = 2_305_843_009_213_693_951n;

const nothing = () => ({});
const ask = (
  servers: TestServers,
  statistic: DistributionStatistic,
  more: { at?: number[]; from?: number; to?: number; stays?: string[]; vital?: Vital } = {},
) =>
  askDistribution(
    servers.researcher,
    { statistic, vital: heart, at: [], where: {}, ...more },
    { world: servers.world, waitMs: 100, graceMs: 200 },
  );

describe.each([
  [3, 1, 'verified'],
  [4, 1, 'verified'],
  [5, 2, 'verified'],
  [3, 2, 'unchecked'],
] as const)('%i servers, threshold %i', (n, t, checked) => {
  it('a histogram is plain counting, and quantiles are within their bounds', async () => {
    const ward = wardOf(3, 400);
    const servers = new TestServers(n, t);
    fill(servers, ward, nothing);
    const all = [...ward.values()].flat();
    const { result, notes } = await ask(servers, 'histogram');
    expect((result.value as Bin[]).map(({ count }) => count)).toEqual(plainCounts(all));
    expect(result).toMatchObject({ count: 1200, rows: 1200, patients: 3, unit: '/min', checked });
    expect(notes).toEqual([]);
    const sorted = all.sort((a, b) => a - b);
    const { result: median } = await ask(servers, 'median');
    expect(median.low! <= sorted[599]! && sorted[599]! <= median.high!).toBe(true);
    expect(Math.abs((median.value as number) - sorted[599]!)).toBeLessThan(5);
    const { result: some } = await ask(servers, 'quantile', { at: [0.05, 0.95] });
    const quantiles = some.value as Quantile[];
    expect(quantiles.map(({ at }) => at)).toEqual([0.05, 0.95]);
    for (const { at, low, high } of quantiles) {
      const truth = sorted[Math.ceil(at * 1200) - 1]!;
      expect(low <= truth && truth <= high).toBe(true);
    }
  });
});

describe('what an answer says of its readings', () => {
  it('names how many there are where some were never counted, and widens its bounds', async () => {
    const servers = new TestServers(3, 1);
    fill(servers, new Map([['bed-1', wardOf(1, 300).get('bed-1')!]]), nothing);
    const values = Array.from({ length: 100 }, () => 2_500);
    servers.append('bed-1', [{ vital: 'heart-rate', start: T + 300, values }]);
    const { result } = await ask(servers, 'quantile', { at: [0.9] });
    expect(result).toMatchObject({ count: 300, rows: 400 });
    // Rank 360 of 400 is above all that were counted: nothing but the plausible range is certain.
    expect(result.value).toMatchObject([{ high: 350 }]);
    const first = await ask(servers, 'quantile', { at: [0.9], to: T + 300 });
    expect(first.result).toMatchObject({ count: 300, rows: 300 });
    expect((first.result.value as Quantile[])[0]!.high).toBeLessThan(80);
  });

  it('says so where more were counted than there are', async () => {
    const servers = new TestServers(3, 1);
    fill(servers, wardOf(1, 10), nothing);
    servers.countBins('bed-1', 'heart-rate', T, [70, 71]);
    const { result, notes } = await ask(servers, 'median');
    expect(result).toMatchObject({ count: 12, rows: 10 });
    expect(notes).toEqual(['12 readings are counted, more than the 10 rows there are.']);
  });

  it('is a sentence where nothing is counted', async () => {
    const servers = new TestServers(3, 1, 1);
    servers.append('bed-1', [{ vital: 'heart-rate', start: T, values: [700] }]);
    await expect(ask(servers, 'median')).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(
        /0 patients have readings counted by bin.*, 1 are needed/,
      ) as string,
    });
    await expect(ask(servers, 'median', { stays: ['bed-7'] })).rejects.toThrow(
      'There is no stay bed-7',
    );
  });
});

describe('a server that lies about counts', () => {
  /** Moves this server's words so that one reading moves from a bin to another, or appears. */
  const shifted =
    (from: number | undefined, to: number) =>
    (answer: BinsAnswer): BinsAnswer => ({
      ...answer,
      sums: answer.sums.map((sum, i) => (sum + (i === to ? 1n : i === from ? P - 1n : 0n)) % P),
    });
  const lying = (n: number, t: number, lie: (answer: BinsAnswer) => BinsAnswer) => {
    const servers = new TestServers(n, t);
    fill(servers, wardOf(2, 60), nothing);
    servers.lies.set(2, { bins: lie });
    return servers;
  };

  it('is detected at (3, 1) and named at (4, 1) and (5, 1)', async () => {
    await expect(ask(lying(3, 1, shifted(8, 9)), 'histogram')).rejects.toMatchObject({
      code: 'disagree',
    });
    for (const n of [4, 5]) {
      const servers = lying(n, 1, shifted(8, 9));
      const { result, notes, named, evidence } = await ask(servers, 'histogram');
      expect(result.servers).not.toContain(2);
      expect(result.count).toBe(120);
      expect(notes).toEqual(['server 2: it answered wrongly and was left out']);
      expect(named).toEqual([2]);
      const { configuration } = servers.researcher;
      const proven = verifyEvidence(configuration, JSON.parse(JSON.stringify(evidence[0])));
      expect(proven.named).toEqual([2]);
      expect(proven.question).toMatchObject({ vital: 'heart-rate' });
      const plain = plainCounts([...wardOf(2, 60).values()].flat());
      expect((result.value as Bin[]).map(({ count }) => count)).toEqual(plain);
    }
  });

  it('is caught by the total where nobody could check it', async () => {
    const servers = lying(3, 1, shifted(undefined, 8));
    servers.down.add(3);
    await expect(ask(servers, 'histogram')).rejects.toMatchObject({ code: 'impossible' });
    // Where the total holds and no count goes below 0 nothing shows, and the claim says so.
    const plain = plainCounts([...wardOf(2, 60).values()].flat());
    const [low, high] = [plain.findIndex((n) => n > 1), plain.findLastIndex((n) => n > 1)];
    const even = lying(3, 1, shifted(low, high));
    even.down.add(3);
    const { result, reason } = await ask(even, 'histogram');
    expect(result).toMatchObject({ checked: 'unchecked', count: 120 });
    expect(reason).toMatch(/a wrong answer would not show; 3 that agree would verify it/);
    expect((result.value as Bin[]).map(({ count }) => count)).not.toEqual(plain);
  });

  it('is named for other numbers in clear over the same data, with evidence [PROTO-25]', async () => {
    for (const lie of [
      (answer: BinsAnswer): BinsAnswer => ({ ...answer, rows: answer.rows + 1 }),
      (answer: BinsAnswer): BinsAnswer => ({ ...answer, squares: answer.squares + 1n }),
    ]) {
      const servers = lying(3, 1, lie);
      const { result, notes, named, evidence } = await ask(servers, 'histogram');
      expect(result).toMatchObject({ servers: [1, 3], checked: 'unchecked' });
      expect([notes, named]).toEqual([['server 2: it answered wrongly and was left out'], [2]]);
      expect(verifyEvidence(servers.researcher.configuration, evidence[0]).named).toEqual([2]);
    }
  });

  it('of other data is left out, and refused where it cannot be told who is right', async () => {
    const other = (answer: BinsAnswer): BinsAnswer => ({ ...answer, data: answer.query });
    const { result, notes } = await ask(lying(3, 1, other), 'histogram');
    expect(result).toMatchObject({ servers: [1, 3], checked: 'unchecked' });
    expect(notes).toEqual(['server 2: it answered over other data than the others']);
    const servers = lying(3, 1, other);
    servers.down.add(3);
    await expect(ask(servers, 'histogram')).rejects.toMatchObject({ code: 'disagree' });
  });

  it('of another question, or of a form nobody asked for, is at fault itself', async () => {
    for (const lie of [
      (answer: BinsAnswer) => ({ ...answer, server: 3 }),
      (answer: BinsAnswer) => ({ ...answer, sums: answer.sums.slice(1) }),
      (answer: BinsAnswer) => ({ ...answer, weighted: [1n], products: [1n] }),
      (answer: BinsAnswer) => ({ ...answer, asOf: {} }),
    ]) {
      const { result, notes } = await ask(lying(3, 1, lie), 'median');
      expect(result.servers).toEqual([1, 3]);
      expect(notes).toEqual(['server 2: it answered another question']);
    }
  });
});
