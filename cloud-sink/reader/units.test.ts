import { findVital, VITALS } from '@vitalshare/edge/vital';
import { describe, expect, it } from 'vitest';
import { unitOf } from './statistic-table.ts';

const vital = (name: string) => findVital(name)!;

describe('units of results, UCUM', () => {
  it.each([
    ['spo2', '%2'],
    ['heart-rate', '/min2'],
    ['body-temperature', 'Cel2'],
    ['systolic-pressure', 'mm[Hg]2'],
    ['consciousness', '1'],
    ['oxygen', 'L2/min2'],
  ])('the variance of %s is in %s', (name, unit) => {
    expect(unitOf('variance', [vital(name)])).toBe(unit);
  });

  it.each([
    ['heart-rate', 'spo2', '%/min'],
    ['spo2', 'heart-rate', '%/min'],
    ['heart-rate', 'respiratory-rate', '/min2'],
    ['systolic-pressure', 'body-temperature', 'mm[Hg].Cel'],
    ['systolic-pressure', 'heart-rate', 'mm[Hg]/min'],
    ['heart-rate', 'consciousness', '/min'],
    ['oxygen', 'heart-rate', 'L/min2'],
  ])('the covariance of %s and %s is in %s', (a, b, unit) => {
    expect(unitOf('covariance', [vital(a), vital(b)])).toBe(unit);
  });

  it('mean and sd keep the unit, count and correlation have none', () => {
    for (const each of VITALS) {
      expect(unitOf('mean', [each])).toBe(each.unit);
      expect(unitOf('sd', [each])).toBe(each.unit);
      expect(unitOf('count', [each])).toBe('1');
    }
    expect(unitOf('correlation', [vital('heart-rate'), vital('spo2')])).toBe('1');
  });

  it('a regression is in the unit of what it explains', () => {
    expect(unitOf('regression', [vital('heart-rate'), vital('spo2')])).toBe('/min');
  });
});
