/**
 * The scorers of BIDMC and of the hypoxia study on the shared recordings, against their targets,
 * and on tables that are not what they say.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bidmcScorer } from './bidmc.ts';
import { oximetryScorer } from './oximetry.ts';
import { eventRate, scoreRate, type RateScore } from './rates.ts';
import type { Files } from './scorer.ts';

const DATA = '../shared/data';
const files: Files = {
  exists: existsSync,
  read: (path) => new Uint8Array(readFileSync(path)),
};
const rates = (row: unknown, key: string) => (row as Record<string, RateScore>)[key]!;

describe.skipIf(!existsSync(`${DATA}/vitals-bidmc`))(
  `BIDMC (skipped without ${DATA}/vitals-bidmc)`,
  () => {
    it('01: pulse, breathing and heart rate are within the targets', () => {
      const record = bidmcScorer.recordOf(`${DATA}/vitals-bidmc/bidmc_01_Signals.csv`, files)!;
      expect(record).toBe(`${DATA}/vitals-bidmc/bidmc_01`);
      const row = bidmcScorer.score(record, files, bidmcScorer.detectors[0]!);
      const pulse = rates(row, 'pulseRate');
      expect(pulse.windows).toBe(30);
      expect(pulse.within5Share).toBeGreaterThanOrEqual(0.95);
      expect(pulse.acceptedShare).toBeGreaterThanOrEqual(0.7);
      expect(rates(row, 'heartRate').within5Share).toBeGreaterThanOrEqual(0.95);
      expect(rates(row, 'respiratoryRateImpedance').meanAbsoluteError).toBeLessThanOrEqual(1.5);
      expect(rates(row, 'respiratoryRatePleth').meanAbsoluteError).toBeLessThanOrEqual(2.5);
      expect(rates(row, 'respiratoryRateEcg').meanAbsoluteError).toBeLessThanOrEqual(2.5);
    });

    it('53: without signals there is the monitor’s own error, and no other', () => {
      const row = bidmcScorer.score(`${DATA}/vitals-bidmc/bidmc_53`, files, 'monitor');
      expect(row['pulseRate']).toBeNull();
      expect(rates(row, 'respiratoryRateMonitor').windows).toBe(29);
      expect(bidmcScorer.cells(row)[1]).toBe('–');
    });
  },
);

describe.skipIf(!existsSync(`${DATA}/spo2-hypoxia`))(
  `smartphone hypoxia study (skipped without ${DATA}/spo2-hypoxia)`,
  () => {
    it('100006: pulse is within the target, the ratio falls with saturation', () => {
      const record = oximetryScorer.recordOf(`${DATA}/spo2-hypoxia/gt/100006.csv`, files)!;
      const row = oximetryScorer.score(record, files, 'pulse');
      const pulse = rates(row, 'pulseRate');
      expect(pulse.windows).toBe(52);
      expect(pulse.within5Share).toBeGreaterThanOrEqual(0.95);
      expect(pulse.acceptedShare).toBeGreaterThanOrEqual(0.7);
      expect(row['ratioCorrelation']).toBeLessThan(-0.8);
    });
  },
);

describe('scoring a rate', () => {
  const at = (second: number, value: number | null) =>
    value === null
      ? ({ atUs: second * 1e6, value, bars: 0, reason: 'noise' } as const)
      : ({ atUs: second * 1e6, value, bars: 4 } as const);

  it('looks at the ends of 16 s windows, and counts what is there', () => {
    const estimates = [at(16, 60), at(17, 999), at(32, null), at(48, 66), at(64, 62)];
    const score = scoreRate(estimates, (endS) => (endS === 64 ? NaN : 60), 70);
    expect(score).toEqual({
      ...{ windows: 3, accepted: 2, acceptedShare: 2 / 3 },
      ...{ meanAbsoluteError: 3, within5Share: 0.5 },
    });
  });

  it('of nothing is null, not zero', () => {
    expect(scoreRate([], () => 60, 40)).toMatchObject({ accepted: 0, meanAbsoluteError: null });
    expect(scoreRate([], () => NaN, 40)).toMatchObject({ windows: 0, acceptedShare: null });
  });

  it('events a minute are from first to last in the window', () => {
    expect(eventRate([0, 3, 6, 9, 12], 10, 32)).toBe(20);
    expect(eventRate([0, 30], 32, 32)).toBeNaN();
  });
});

it('names its own records only', () => {
  const none: Files = { exists: () => false, read: () => new Uint8Array() };
  expect(bidmcScorer.recordOf('bidmc_01_Numerics.csv', none)).toBeNull();
  expect(oximetryScorer.recordOf('gt/1.csv', none)).toBeNull();
  expect(oximetryScorer.recordOf('100.hea', files)).toBeNull();
});
