/**
 * Rhythms that turn at a moment, on 100 patients nobody has seen: each flag within 10 s of its
 * onset, and none before. The first seed is drawn afresh and printed; ARRHYTHMIA_SEED runs one
 * again.
 */
import { randomInt } from 'node:crypto';
import { EcgMonitor, SegmentStream, type EcgReport } from '@vitalshare/edge/signals';
import { describe, expect, it } from 'vitest';
import { BODY_WAVEFORMS, makeBody, type BodyRhythm } from '../bodies/bodies.ts';

const FIRST_SEED = Number(process.env['ARRHYTHMIA_SEED'] ?? randomInt(2 ** 31));
const PATIENTS = 100;
console.log(`arrhythmias: ARRHYTHMIA_SEED=${FIRST_SEED}, ${PATIENTS} patients each`);

/** The reports of a patient whose rhythm turns at `onsetS`. */
function reportsOf(seed: number, kind: BodyRhythm, onsetS: number, seconds: number): EcgReport[] {
  const reports: EcgReport[] = [];
  const stream = new SegmentStream(new EcgMonitor({ onSecond: (report) => reports.push(report) }));
  const body = makeBody(seed, 1, { rhythms: [{ fromS: onsetS, rhythm: kind }] });
  const { sampleRateMilliHz: rateMilliHz, gain, baseline } = BODY_WAVEFORMS.ecg;
  for (let second = 0; second < seconds; second++) {
    const samples = body.next(1000).ecg;
    stream.push({ startUs: second * 1e6, rateMilliHz, gain, baseline, samples });
  }
  return reports;
}

/** Between 12 and 20 s, so that no window of the detectors starts with the rhythm. */
const onsetOf = (seed: number): number => 12 + ((seed % 80) / 80) * 8;

describe(`100 patients from seed ${FIRST_SEED}`, () => {
  it.each(['vt', 'vf', 'asystole'] as const)(
    '%s is flagged within 10 s, and not before',
    (kind) => {
      const late: string[] = [];
      for (let seed = FIRST_SEED; seed < FIRST_SEED + PATIENTS; seed++) {
        const onsetS = onsetOf(seed);
        const reports = reportsOf(seed, kind, onsetS, Math.ceil(onsetS) + 10);
        const before = reports.filter(({ atUs }) => atUs <= onsetS * 1e6);
        if (before.some(({ flags }) => flags.length > 0)) late.push(`${seed}: before`);
        const first = reports.find(({ flags }) => flags.includes(kind));
        if (!(first !== undefined && first.atUs / 1e6 - onsetS <= 10)) late.push(`${seed}: late`);
      }
      expect(late).toEqual([]);
    },
  );

  it('no heart rate is given while nothing beats', () => {
    for (const kind of ['vf', 'asystole'] as const) {
      for (let seed = FIRST_SEED; seed < FIRST_SEED + 10; seed++) {
        const reports = reportsOf(seed, kind, 15, 45);
        const numbers = reports.slice(25).filter(({ heartRate }) => heartRate.value !== null);
        expect(numbers, `${kind}, seed ${seed}`).toEqual([]);
      }
    }
  });

  it.each([
    ['bradycardia', 40],
    ['tachycardia', 40],
    ['af', 100],
  ] as const)('%s is flagged within %d s', (kind, seconds) => {
    const missed: number[] = [];
    for (let seed = FIRST_SEED; seed < FIRST_SEED + 10; seed++) {
      const reports = reportsOf(seed, kind, 15, 15 + seconds);
      if (!reports.some(({ flags }) => flags.includes(kind))) missed.push(seed);
    }
    expect(missed).toEqual([]);
  });

  it('ectopic beats raise no flag', () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + 10; seed++) {
      const flags = reportsOf(seed, 'pvcs', 15, 75).flatMap((report) => report.flags);
      expect(flags, `seed ${seed}`).toEqual([]);
    }
  });
});
