/**
 * Numbers from a body's waveforms against what the body says of itself. Seeds are drawn fresh and
 * named.
 */
import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  BeatBreath,
  BreathDetector,
  PulseDetector,
  SegmentStream,
  type Estimate,
  type SampleSink,
} from '@vitalshare/edge/signals';
import { BODY_WAVEFORMS, makeBody, type BodyReading } from './body.ts';
import { withApnoea, withMotion, withoutFinger } from './disturbances.ts';
import { makeRandom } from './random.ts';

const MINUTES = 3;
const SETTLED_S = 60;

interface Life {
  readonly pleth: Int16Array;
  readonly resp: Int16Array;
  readonly readings: readonly BodyReading[];
}

function live(seed: number): Life {
  const body = makeBody(seed, 1);
  const slices = Array.from({ length: MINUTES }, () => body.next(60_000));
  const joined = (name: 'pleth' | 'resp') =>
    Int16Array.from(slices.flatMap((slice) => [...slice[name]]));
  return {
    pleth: joined('pleth'),
    resp: joined('resp'),
    readings: slices.flatMap((slice) => slice.readings),
  };
}

function estimatesOf(
  channel: 'pleth' | 'resp',
  samples: Int16Array,
  make: (onEstimate: (estimate: Estimate) => void) => SampleSink,
): Estimate[] {
  const { sampleRateMilliHz: rateMilliHz, gain, baseline } = BODY_WAVEFORMS[channel];
  const estimates: Estimate[] = [];
  const stream = new SegmentStream(make((estimate) => estimates.push(estimate)));
  stream.push({ startUs: 0, rateMilliHz, gain, baseline, samples });
  stream.close();
  return estimates;
}

const pulseOf = (pleth: Int16Array) =>
  estimatesOf('pleth', pleth, (onEstimate) => new PulseDetector(onEstimate));
const breathOf = (resp: Int16Array) =>
  estimatesOf('resp', resp, (onEstimate) => new BreathDetector(onEstimate));
function swayOf(pleth: Int16Array): Estimate[] {
  const breath = new BeatBreath();
  return estimatesOf(
    'pleth',
    pleth,
    (onEstimate) =>
      new PulseDetector(({ atUs }) => onEstimate(breath.estimate(atUs)), {
        onBeat: (beat) => breath.push(beat),
      }),
  );
}

/** Errors of the settled numbers, and how often there was one. */
function compare(estimates: readonly Estimate[], readings: readonly BodyReading[], vital: string) {
  const truth = new Map(
    readings.filter((one) => one.vital.name === vital).map(({ atMs, value }) => [atMs, value]),
  );
  const settled = estimates.filter(({ atUs }) => atUs >= SETTLED_S * 1e6);
  const errors = settled.flatMap(({ atUs, value }) => {
    const real = truth.get(atUs / 1000);
    return value === null || real === undefined ? [] : [Math.abs(value - real)];
  });
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  return { mean, most: Math.max(...errors), share: errors.length / settled.length };
}

const reasons = (estimates: readonly Estimate[], fromS: number, toS: number) => [
  ...new Set(
    estimates
      .slice(fromS, toS)
      .map((estimate) => (estimate.value === null ? estimate.reason : 'number')),
  ),
];

describe('breathing from the pleth of many bodies', () => {
  it('is within 1.5 a minute on the mean where there is a number, and there is one in half of the seconds', () => {
    const compared = Array.from({ length: 20 }, () => {
      const { pleth, readings } = live(randomInt(2 ** 32));
      return compare(swayOf(pleth), readings, 'respiratory-rate');
    });
    const mean = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    const shares = compared.map(({ share }) => share);
    const errors = compared.filter(({ share }) => share > 0).map((each) => each.mean);
    expect(mean(errors)).toBeLessThan(1.5);
    expect(mean(shares)).toBeGreaterThan(0.5);
  });
});

const SEEDS = Array.from({ length: 6 }, () => randomInt(2 ** 32));

describe.each(SEEDS)('body of seed %d', (seed) => {
  const { pleth, resp, readings } = live(seed);

  it('pulse within 2 a minute on the mean, breathing within 1.5', () => {
    const pulse = compare(pulseOf(pleth), readings, 'pulse-rate');
    expect(pulse.mean).toBeLessThan(2);
    expect(pulse.share).toBeGreaterThan(0.95);
    const breath = compare(breathOf(resp), readings, 'respiratory-rate');
    expect(breath.mean).toBeLessThan(1.5);
    expect(breath.share).toBeGreaterThan(0.95);
  });

  it('25 s without a breath are an apnoea and no number', () => {
    const still = withApnoea(resp, { fromS: 90, toS: 125 }, 70, makeRandom(seed, 91));
    const estimates = breathOf(still);
    expect(reasons(estimates, 113, 124)).toEqual(['apnea']);
    expect(reasons(estimates, 60, 89)).toEqual(['number']);
    expect(reasons(estimates, 170, 180)).toEqual(['number']);
  });

  it('a moving hand has no number, and motion is the reason', () => {
    const moved = withMotion(pleth, { fromS: 90, toS: 95 }, makeRandom(seed, 92));
    const estimates = pulseOf(moved);
    expect(reasons(estimates, 93, 101)).toContain('motion');
    expect(reasons(estimates, 93, 101)).not.toContain('number');
    expect(reasons(estimates, 115, 170)).toEqual(['number']);
  });

  it('a clip on the bed has no number from its 12th second on', () => {
    const estimates = pulseOf(withoutFinger(pleth, { fromS: 90, toS: 180 }, makeRandom(seed, 93)));
    expect(reasons(estimates, 102, 180)).not.toContain('number');
  });
});
