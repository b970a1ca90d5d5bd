import { describe, expect, it } from 'vitest';
import {
  LEADS,
  VITALS,
  WAVEFORMS,
  findVital,
  inRange,
  magnitudeMax,
  toFixedPoint,
  vitalOfCode,
} from './vital.ts';

describe('the vocabulary', () => {
  // LOINC and UCUM as printed in the FHIR R4 vital-signs profile.
  it.each([
    ['heart-rate', '8867-4', '/min'],
    ['pulse-rate', '8889-8', '/min'],
    ['spo2', '59408-5', '%'],
    ['respiratory-rate', '9279-1', '/min'],
    ['body-temperature', '8310-5', 'Cel'],
    ['systolic-pressure', '8480-6', 'mm[Hg]'],
    ['diastolic-pressure', '8462-4', 'mm[Hg]'],
  ])('%s is LOINC %s in %s', (name, loinc, unit) => {
    expect(findVital(name)).toMatchObject({ loinc, unit });
  });

  it('names and codes are unique over vital signs and waveforms', () => {
    const all = [...VITALS, ...WAVEFORMS];
    expect(new Set(all.map((entry) => entry.code)).size).toBe(all.length);
    expect(new Set(all.map((entry) => entry.name)).size).toBe(all.length);
    expect(new Set(LEADS).size).toBe(LEADS.length);
  });

  it('keeps tenths of a beat and thousandths of a degree', () => {
    expect(toFixedPoint(findVital('heart-rate')!, 72.3)).toBe(723);
    expect(toFixedPoint(findVital('body-temperature')!, 36.6)).toBe(36600);
    expect(vitalOfCode(5)?.name).toBe('body-temperature');
    expect(() => toFixedPoint(findVital('spo2')!, NaN)).toThrow(RangeError);
  });

  it('knows both ends of a plausible range', () => {
    const skin = findVital('skin-temperature')!;
    expect(inRange(skin, -20000)).toBe(true);
    expect(inRange(skin, -20001)).toBe(false);
    expect(inRange(skin, 60000)).toBe(true);
    expect(inRange(skin, 60001)).toBe(false);
    expect(inRange(skin, 1.5)).toBe(false);
    expect(magnitudeMax(skin)).toBe(60000);
  });
});
