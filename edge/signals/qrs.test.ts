import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawEcg, every, makeNoise, type DrawnBeat } from './ecg.fixture.ts';
import { QRS_DETECTORS } from './qrs-detectors.ts';
import { SegmentStream, type SignalSegment } from './stream.ts';

const NAMES = Object.keys(QRS_DETECTORS);

/** Seconds of the beats that a detector finds in one lead. */
function find(
  values: Float64Array | Int16Array,
  rateHz: number,
  { detector = 'slope', cuts = [values.length], gain = 1, baseline = 0 } = {},
): number[] {
  const beatsS: number[] = [];
  const stream = new SegmentStream(QRS_DETECTORS[detector]!(({ atUs }) => beatsS.push(atUs / 1e6)));
  let from = 0;
  for (const length of [...cuts, values.length]) {
    const samples = values.slice(from, from + length);
    const startUs = (from * 1e6) / rateHz;
    const segment: SignalSegment = { startUs, rateMilliHz: rateHz * 1000, gain, baseline, samples };
    stream.push(segment);
    from += length;
  }
  stream.close();
  return beatsS;
}

/** Every drawn beat within 75 ms, and nothing else. */
function expectBeats(foundS: readonly number[], beats: readonly DrawnBeat[]): void {
  expect(foundS).toHaveLength(beats.length);
  beats.forEach(({ atS }, index) => {
    expect(Math.abs(foundS[index]! - atS), `beat at ${atS} s`).toBeLessThan(0.075);
  });
}

describe.each(NAMES)('%s', (detector) => {
  it.each([50, 100, 125, 128, 250, 360, 500, 1000, 10_000])(
    'finds every beat at %d Hz',
    (rateHz) => {
      const beats = every(0.8, 20);
      expectBeats(find(drawEcg(beats, rateHz, 20), rateHz, { detector }), beats);
    },
  );

  it('needs no unit and no polarity', () => {
    const beats = every(0.7, 20);
    const ecg = drawEcg(beats, 250, 20, makeNoise(1));
    const noisy = ecg.map((value, i) => drawn[i]! + 0.05 * (value - drawn[i]!));
    const plain = find(noisy, 250, { detector });
    expectBeats(plain, beats);
    for (const factor of [-1, 0.001, 4000]) {
      expect(
        find(
          noisy.map((value) => factor * value),
          250,
          { detector },
        ),
      ).toEqual(plain);
    }
  });
  const drawn = drawEcg(every(0.7, 20), 250, 20);

  it('finds the same however the samples are cut', () => {
    const noise = makeNoise(7);
    const ecg = drawEcg(every(0.8, 30), 250, 30, () => 0.1 * noise());
    const samples = Int16Array.from(ecg, (value) => Math.round(200 * value + 1024));
    samples.fill(-32768, 2000, 2100);
    const options = { detector, gain: 200, baseline: 1024 };
    const whole = find(samples, 250, options);
    expect(whole.length).toBeGreaterThan(30);
    const single = new Array<number>(samples.length).fill(1);
    expect(find(samples, 250, { ...options, cuts: single })).toEqual(whole);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 })), (cuts) => {
        expect(find(samples, 250, { ...options, cuts })).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('answers signals that are none with no beats', () => {
    for (const [values, rateHz] of [
      [new Float64Array(5000).fill(NaN), 250],
      [new Int16Array(5000).fill(-32768), 250],
      [new Float64Array(5000).fill(0.3), 250],
      [Float64Array.of(1), 250],
      [new Float64Array(0), 250],
      [drawEcg(every(0.8, 60), 1, 60), 1],
    ] as const) {
      expect(find(values, rateHz, { detector })).toEqual([]);
    }
  });
});

describe('slope', () => {
  it('finds wide beats among narrow ones, early and larger', () => {
    const beats = every(0.9, 60).flatMap((beat, index) =>
      index % 3 === 2
        ? []
        : [beat, ...(index % 3 === 1 ? [{ atS: beat.atS + 0.5, mV: 2, isWide: true }] : [])],
    );
    expectBeats(find(drawEcg(beats, 360, 60), 360), beats);
  });

  it('finds an early beat between two that are on time, when it is larger', () => {
    const beats = every(1, 40).flatMap((beat, index) =>
      index % 10 === 9 ? [beat, { atS: beat.atS + 0.45, mV: 1.8, isWide: true }] : [beat],
    );
    expectBeats(find(drawEcg(beats, 250, 40), 250), beats);
  });

  it('takes a lower bump between two beats on time for none', () => {
    const beats = every(1, 40);
    const bumps = [12.85, 25.9, 33.87].map((atS) => ({ atS, mV: 0.6 }));
    expect(drawEcg(bumps, 250, 40).some((value) => value > 0.5)).toBe(true);
    expectBeats(find(drawEcg([...beats, ...bumps], 250, 40), 250), beats);
  });

  it('looks again where a beat is due: one of a fifth of the height among large ones', () => {
    const beats = every(0.8, 40, (index) => (index % 12 === 11 ? { mV: 0.2 } : {}));
    expectBeats(find(drawEcg(beats, 250, 40), 250), beats);
  });

  it('finds nothing in pauses of 6 s with a little noise, and every beat around them', () => {
    const noise = makeNoise(3);
    const beats = every(0.8, 120).filter(({ atS }) => atS % 30 < 22);
    const ecg = drawEcg(beats, 250, 120, () => 0.02 * noise());
    expectBeats(find(ecg, 250), beats);
  });

  it('takes a baseline that jumps by 5 mV for no beat', () => {
    const beats = every(0.8, 60);
    const ecg = drawEcg(beats, 250, 60).map(
      (value, i) => value + 5 * (Math.floor((i / 250 + 4.3) / 8) % 2),
    );
    const found = find(ecg, 250);
    expect(found.length).toBeLessThanOrEqual(beats.length);
    expect(found.length).toBeGreaterThan(beats.length - 8);
  });

  it('goes on after a gap, and after an amplitude that falls to a tenth', () => {
    const beats = every(0.8, 60, (index) => ({ mV: index * 0.8 < 30 ? 2 : 0.2 }));
    const ecg = drawEcg(beats, 250, 60);
    ecg.fill(NaN, 10 * 250, 11.5 * 250);
    const found = find(ecg, 250);
    const seen = (fromS: number, toS: number) => found.filter((atS) => atS > fromS && atS < toS);
    expect(seen(0, 9.9)).toHaveLength(12);
    expect(seen(10, 11.4)).toHaveLength(0);
    expect(seen(11.7, 30.3)).toHaveLength(23);
    // The old height is forgotten 4 s after the last beat.
    expect(seen(40, 60).length).toBeGreaterThanOrEqual(23);
  });
});

/** Two minutes with a little noise, `beat` giving each beat and the interval to the next. */
function findDrawn(beat: (index: number) => { nextS: number } & Partial<DrawnBeat>, fromS = 0.5) {
  const noise = makeNoise(11);
  const beats: DrawnBeat[] = [];
  for (let atS = fromS, index = 0; atS < 119.4; index++) {
    const { nextS, ...drawn } = beat(index);
    beats.push({ atS, ...drawn });
    atS += nextS;
  }
  return {
    beats,
    foundS: find(
      drawEcg(beats, 360, 120, () => 0.03 * noise()),
      360,
    ),
  };
}

describe('slope, what lasts', () => {
  it.each([0.4, 0.5, 0.6, 0.7])('finds wide beats of %d mV, one after each of 1 mV', (mV) => {
    const { beats, foundS } = findDrawn((index) =>
      index % 2 === 0 ? { nextS: 0.6 } : { nextS: 1.1, mV, isWide: true },
    );
    expect(foundS.length).toBeGreaterThanOrEqual(0.95 * beats.length);
    expect(foundS.length).toBeLessThanOrEqual(beats.length);
  });

  it.each([0.6, 0.8, 1])('finds ventricular runs of %d mV among beats of 1.5 mV', (mV) => {
    const { beats, foundS } = findDrawn((index) =>
      index % 40 < 12 ? { nextS: 60 / 170, mV, isWide: true } : { nextS: 0.8, mV: 1.5 },
    );
    expect(foundS.length).toBeGreaterThanOrEqual(0.93 * beats.length);
    expect(foundS.length).toBeLessThanOrEqual(beats.length);
  });

  it.each([25, 26, 28, 34])('starts right at %d beats a minute', (perMinute) => {
    for (const fromS of [0.5, 1, 1.4]) {
      const { beats, foundS } = findDrawn(() => ({ nextS: 60 / perMinute }), fromS);
      expectBeats(foundS, beats);
    }
  });

  it('is not led down to the T waves by pauses of 6 s after every third beat', () => {
    const { beats, foundS } = findDrawn((index) => ({ nextS: index % 3 === 2 ? 6 : 0.8 }));
    expectBeats(foundS, beats);
  });

  it('takes P waves without beats for none, 100 a minute beside 35 beats', () => {
    const beats = Array.from({ length: 68 }, (_, index) => ({
      atS: 0.5 + (index * 60) / 35,
      mV: 0.8,
    }));
    const ecg = drawEcg(beats, 360, 120);
    for (let pS = 0.3; pS < 119; pS += 0.6) {
      for (let i = Math.ceil((pS - 0.1) * 360); i < (pS + 0.1) * 360; i++) {
        ecg[i]! += 0.25 * Math.exp(-((i / 360 - pS) ** 2) / (2 * 0.025 ** 2));
      }
    }
    expectBeats(find(ecg, 360), beats);
  });
});
