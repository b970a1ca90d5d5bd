/** χ² between groups from real data servers in one process, against plain arithmetic. */
import { describe, expect, it } from 'vitest';
import { findVital } from '@vitalshare/edge/vital';
import type { BinsAnswer, Catalogue } from '../messages/messages.ts';
import { chiSquared, mergeBins } from './chi-squared.ts';
import { askComparison } from './compare-bins.ts';
import { EDGES, fill, plainCounts, type Ward, wardOf } from './counted-ward.fixture.ts';
import { sumsOf } from './patients.fixture.ts';
import { TestServers } from './servers.fixture.ts';
import { askStatistic } from './statistic.ts';

const heart = findVital('heart-rate')!;
const P = 2_305_843_009_213_693_951n;

const compare = (servers: TestServers, more: { by?: string; stays?: string[] } = {}) =>
  askComparison(
    servers.researcher,
    { vital: heart, where: {}, by: 'arm', ...more },
    { world: servers.world, waitMs: 100, graceMs: 200 },
  );

describe('χ² between groups', () => {
  const arm = (stay: string) => ({ arm: Number(stay.slice(4)) % 2 === 0 ? 'a' : 'b' });
  const sides = (ward: Ward) =>
    ['a', 'b'].map((side) =>
      [...ward]
        .filter(([stay]) => arm(stay).arm === side)
        .map(([, readings]) => plainCounts(readings)),
    );

  it.each([
    [3, 1],
    [5, 2],
  ])('equals plain arithmetic with %i servers and threshold %i', async (n, t) => {
    const ward = wardOf(24, 60);
    const servers = new TestServers(n, t);
    fill(servers, ward, arm);
    const { result } = await compare(servers);
    const groups = sides(ward);
    const pooled = plainCounts([...ward.values()].flat()).map(BigInt);
    const firsts = mergeBins(pooled, 12, 10)!;
    const merged = groups.map((group) =>
      group.map((counts) =>
        firsts.map((first, i) => counts.slice(first, firsts[i + 1]).reduce((a, b) => a + b, 0)),
      ),
    );
    const expected = chiSquared(merged.map(sumsOf));
    expect(result.value).toMatchObject({ ...expected });
    expect(result.value.p).toBeGreaterThan(0);
    expect(result.value.p).toBeLessThan(1);
    expect(result).toMatchObject({
      ...{ count: 24 * 60, rows: 24 * 60, patients: 24, by: 'arm', unit: '1' },
      groups: [
        { group: 'a', patients: 12, count: 12 * 60 },
        { group: 'b', patients: 12, count: 12 * 60 },
      ],
      checked: 'unchecked',
    });
    expect(result.cells.map(({ low }) => low)).toEqual(firsts.map((first) => EDGES[first]));
    result.cells.forEach(({ counts }, cell) => {
      expect(counts).toEqual(
        merged.map((group) => group.reduce((sum, patient) => sum + patient[cell]!, 0)),
      );
    });
  });

  it('is refused where it cannot be had, in a sentence', async () => {
    const small = new TestServers(3, 1);
    fill(small, wardOf(6, 20), arm);
    await expect(compare(small)).rejects.toThrow(
      /needs at least 10 patients in each group.*a has 3/,
    );
    await expect(compare(small, { by: 'ward' })).rejects.toThrow(
      'No stay asked about carries a label ward. Labels: arm.',
    );
    await expect(compare(small, { stays: ['bed-2', 'bed-4'] })).rejects.toThrow(
      'chi-squared compares 2 to 16 values of the label arm; there is 1 (a).',
    );
    const across = new TestServers(3, 2);
    fill(across, wardOf(2, 20), arm);
    await expect(compare(across)).rejects.toThrow(
      /products of counts, which only 5 data servers or more can answer.*this world has 3/,
    );
    const cohort = new TestServers(3, 1, 4);
    fill(cohort, wardOf(6, 20), arm);
    await expect(compare(cohort)).rejects.toThrow(/^Group a: .*3 patients have.*4 are needed/);
  });

  it('is refused for a patient in two groups, and for bins that all fall together', async () => {
    const servers = new TestServers(3, 1);
    const flat: Ward = new Map([...wardOf(20, 2).keys()].map((stay) => [stay, [71, 72]]));
    fill(servers, flat, arm);
    await expect(compare(servers)).rejects.toThrow(
      'Nearly all readings of heart-rate fall into one bin',
    );
    servers.label('bed-1', { arm: 'b' }, 'tag-bed-2');
    await expect(compare(servers)).rejects.toMatchObject({ code: 'dependent' });
  });

  it('is not refused because one catalogue invents a patient in two groups; two are believed', async () => {
    const servers = new TestServers(3, 1);
    fill(servers, wardOf(24, 40), arm);
    const catalogue = (told: Catalogue): Catalogue => ({
      ...told,
      stays: told.stays.map((stay) => ({ ...stay, tag: told.stays[0]!.tag })),
    });
    const asked = { statistic: 't-test', vitals: [heart], where: {}, by: 'arm' } as const;
    const options = { world: servers.world, waitMs: 100, graceMs: 200 };
    servers.lies.set(1, { catalogue });
    expect((await compare(servers)).result.patients).toBe(24);
    expect((await askStatistic(servers.researcher, asked, options)).result.patients).toBe(24);
    servers.lies.set(2, { catalogue });
    await expect(compare(servers)).rejects.toMatchObject({ code: 'dependent' });
  });

  it.each(['t-test', 'anova'] as const)(
    '%s refuses a patient in two groups as well',
    async (statistic) => {
      const servers = new TestServers(3, 1);
      fill(servers, wardOf(8, 5), arm);
      const asked = { statistic, vitals: [heart], where: {}, by: 'arm' };
      const ask = (stays?: string[]) =>
        askStatistic(
          servers.researcher,
          { ...asked, stays },
          { world: servers.world, graceMs: 200 },
        );
      expect((await ask()).result.patients).toBe(8);
      servers.label('bed-1', { arm: 'b' }, 'tag-bed-2');
      await expect(ask()).rejects.toMatchObject({ code: 'dependent' });
      expect((await ask(['bed-1', 'bed-3', 'bed-4', 'bed-6'])).result.patients).toBe(4);
    },
  );

  it('[PROTO-39] asks for so few cells as the minimum cohort lets the servers answer', async () => {
    const eleven = new TestServers(3, 1, 11);
    fill(eleven, wardOf(24, 40), arm);
    expect((await compare(eleven)).result.cells).toHaveLength(2);
    const twelve = new TestServers(3, 1, 12);
    fill(twelve, wardOf(24, 40), arm);
    await expect(compare(twelve)).rejects.toThrow(
      /needs at least 13 patients in each group.*has 12/,
    );
  });

  it('shows a lie in a product by the totals, though products are unchecked at (3, 1)', async () => {
    const servers = new TestServers(3, 1);
    fill(servers, wardOf(24, 40), arm);
    const bins = (answer: BinsAnswer): BinsAnswer => ({
      ...answer,
      products: answer.products.map((product, i) => (i === 0 ? (product + 7n) % P : product)),
    });
    servers.lies.set(1, { bins });
    await expect(compare(servers)).rejects.toMatchObject({ code: 'impossible' });
  });
});
