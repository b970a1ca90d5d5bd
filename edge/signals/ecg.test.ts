import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawEcg, every, makeNoise, type DrawnBeat } from './ecg.fixture.ts';
import { EcgMonitor, type EcgBeat, type EcgReport } from './ecg.ts';
import { SegmentStream, type SignalSegment } from './stream.ts';

const RATE_HZ = 250;

function watch(...segments: SignalSegment[]): { beats: EcgBeat[]; reports: EcgReport[] } {
  const beats: EcgBeat[] = [];
  const reports: EcgReport[] = [];
  const stream = new SegmentStream(
    new EcgMonitor({
      onBeat: (beat) => beats.push(beat),
      onSecond: (report) => reports.push(report),
    }),
  );
  for (const segment of segments) stream.push(segment);
  stream.close();
  return { beats, reports };
}

const segment = (
  samples: Float64Array | Int16Array,
  { rateHz = RATE_HZ, startS = 0, leadOff = false } = {},
): SignalSegment => ({
  ...{ startUs: startS * 1e6, rateMilliHz: rateHz * 1000, gain: 1, baseline: 0, samples, leadOff },
});

function ecg(
  beats: readonly DrawnBeat[],
  seconds: number,
  noiseMv = 0.02,
  rateHz = RATE_HZ,
): Float64Array {
  const noise = makeNoise(9);
  return drawEcg(beats, rateHz, seconds, () => noiseMv * noise());
}

const reasonsOf = (reports: readonly EcgReport[]): unknown[] => [
  ...new Set(
    reports.map(({ reason, heartRate }) => [reason, heartRate.value === null]).map(String),
  ),
];

describe('an ECG monitor', () => {
  it('says 75 a minute with four bars for a clean 75 a minute, once it has learnt', () => {
    const { reports } = watch(segment(ecg(every(0.8, 30), 30)));
    expect(reports.map(({ atUs }) => atUs)).toEqual(
      Array.from({ length: 30 }, (_, i) => (i + 1) * 1e6),
    );
    expect(reasonsOf(reports.slice(0, 4))).toEqual(['learning,true']);
    for (const { heartRate, bars, flags } of reports.slice(5)) {
      expect(heartRate.value).toBeCloseTo(75, 0);
      expect([bars, flags]).toEqual([4, []]);
    }
  });

  it('depends on the samples alone, not on how they were cut', () => {
    const values = ecg(
      every(0.7, 40, (i) => (i % 7 === 6 ? { mV: 2, isWide: true } : {})),
      40,
      0.1,
    );
    values.fill(NaN, 3000, 3300);
    const whole = watch(segment(values));
    const cut = (lengths: readonly number[]): SignalSegment[] => {
      const pieces: SignalSegment[] = [];
      let from = 0;
      for (const length of [...lengths, values.length]) {
        pieces.push(segment(values.subarray(from, from + length), { startS: from / RATE_HZ }));
        from = Math.min(values.length, from + length);
      }
      return pieces;
    };
    expect(watch(...cut(new Array<number>(values.length).fill(1)))).toEqual(whole);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 })), (lengths) => {
        expect(watch(...cut(lengths))).toEqual(whole);
      }),
      { numRuns: 10 },
    );
  });

  it('tells wide beats that are unlike the others from narrow ones', () => {
    const drawn = every(0.8, 60, (index) => (index % 5 === 4 ? { mV: 1.5, isWide: true } : {}));
    const { beats } = watch(segment(ecg(drawn, 60)));
    expect(beats).toHaveLength(drawn.length);
    const seen = beats.map(({ isVentricular }) => isVentricular);
    expect(seen).toEqual(drawn.map(({ isWide }) => isWide === true));
  });

  it('takes a bundle branch block for no tachycardia: wide, but the usual beat', () => {
    const drawn = every(0.5, 60, () => ({ isWide: true }));
    const slow = every(0.8, 20, () => ({ isWide: true }));
    const fast = drawn.map(({ atS, ...beat }) => ({ ...beat, atS: atS + 20 }));
    const { reports } = watch(segment(ecg([...slow, ...fast], 75)));
    expect(reports.flatMap(({ flags }) => flags)).toEqual([]);
  });

  it('gives the same numbers for an ECG turned over, or in another unit', () => {
    const values = ecg(every(0.8, 30), 30);
    const numbers = (factor: number): unknown =>
      watch(segment(values.map((value) => factor * value))).reports.map(({ heartRate, bars }) => [
        heartRate.value,
        bars,
      ]);
    for (const factor of [-1, 1000]) expect(numbers(factor)).toEqual(numbers(1));
  });

  it('starts anew behind a long gap, and bridges a short one', () => {
    const values = ecg(every(0.8, 30), 30);
    const second = (startS: number) => watch(segment(values), segment(values, { startS })).reports;
    expect(
      second(60)
        .slice(30, 34)
        .map(({ reason }) => reason),
    ).toEqual(['learning', 'learning', 'learning', 'learning']);
    expect(
      second(31)
        .slice(31)
        .every(({ heartRate }) => heartRate.value !== null),
    ).toBe(true);
  });
});

describe('an ECG monitor and signals that are none', () => {
  const beats = every(0.8, 30);
  const noise = makeNoise(4);
  const cases: [string, SignalSegment, string[]][] = [
    ['all missing', segment(new Int16Array(5000).fill(-32768)), ['no-data,true']],
    ['the lead off', segment(ecg(beats, 20), { leadOff: true }), ['lead-off,true']],
    ['a constant', segment(new Float64Array(5000).fill(0.7)), ['learning,true', 'flat,true']],
    ['a single sample', segment(Float64Array.of(1)), []],
    ['no samples', segment(new Float64Array(0)), []],
    ['1 Hz', segment(ecg(beats, 20, 0, 1), { rateHz: 1 }), ['rate-too-low,true']],
    [
      'an amplifier at its end',
      segment(ecg(beats, 20).map((_, i) => (i % 500 < 400 ? 5 : (i % 7) / 2))),
      ['learning,true', 'saturated,true'],
    ],
    ['noise', segment(Float64Array.from({ length: 5000 }, noise)), ['learning,true', 'noise,true']],
  ];

  it.each(cases)('answers %s by name', (_, piece, reasons) => {
    expect(reasonsOf(watch(piece).reports).filter((reason) => reason !== ',false')).toEqual(
      reasons,
    );
  });

  it('takes 10 kHz', () => {
    const { reports, beats: found } = watch(
      segment(ecg(beats, 20, 0.02, 10_000), { rateHz: 10_000 }),
    );
    expect(found).toHaveLength(25);
    expect(reports.at(-1)!.heartRate.value).toBeCloseTo(75, 0);
  });

  it('the lead comes off and back: absent in between, trusted again within 10 s', () => {
    const values = ecg(every(0.8, 60), 60);
    const piece = (fromS: number, toS: number, leadOff = false) =>
      segment(values.subarray(fromS * RATE_HZ, toS * RATE_HZ), { startS: fromS, leadOff });
    const { reports } = watch(piece(0, 20), piece(20, 30, true), piece(30, 60));
    expect(reports[21]).toMatchObject({
      bars: 0,
      reason: 'lead-off',
      heartRate: { value: null },
      flags: [],
    });
    expect(reports.slice(20, 30).flatMap(({ flags }) => flags)).toEqual([]);
    expect(reports[42]!.heartRate.value).toBeCloseTo(75, 0);
  });
});
