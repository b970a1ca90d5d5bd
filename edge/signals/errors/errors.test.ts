/** Each error on signals made by hand, where what is right can be counted. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findVital } from '../../vital/vital.ts';
import { SegmentStream } from '../stream.ts';
import { Disagreement } from './disagreement.ts';
import { GapFiller } from './gap-fill.ts';
import { Confusion, uniformOf } from './inject.fixture.ts';
import { NumericErrors, numericErrors } from './numeric-errors.ts';
import { SpikeGauge } from './spike-gauge.ts';
import type { StreamError } from './stream-error.ts';
import { ECG_BOUNDS, WaveformErrors } from './waveform-errors.ts';

const RATE_HZ = 250;

/** Ten seconds of a 1 Hz wave of ±0.5 mV with a little noise that never stands still. */
const wave = (seconds = 10): Float64Array =>
  Float64Array.from(
    { length: seconds * RATE_HZ },
    (_, i) => 0.5 * Math.sin((2 * Math.PI * i) / RATE_HZ) + 0.01 * (i % 2),
  );

function told(samples: Float64Array, cut = samples.length): StreamError[] {
  const errors: StreamError[] = [];
  const stream = new SegmentStream(new WaveformErrors(ECG_BOUNDS, (error) => errors.push(error)));
  for (let at = 0; at < samples.length; at += cut) {
    const part = samples.subarray(at, at + cut);
    const startUs = (1e6 * at) / RATE_HZ;
    stream.push({ startUs, rateMilliHz: 250_000, gain: 1, baseline: 0, samples: part });
  }
  return errors;
}

/** Roughly normal: a sum of twelve, with a seed per sample. */
function gauss(i: number): number {
  const uniform = uniformOf(1 + 7_919 * i);
  let sum = -6;
  for (let k = 0; k < 12; k++) sum += uniform();
  return sum;
}

const rows = (name: string, values: readonly (number | null)[]): StreamError[] => {
  const errors: StreamError[] = [];
  const checks = numericErrors(name, (error) => errors.push(error));
  values.forEach((value, second) => checks.row(1e6 * second, value));
  return errors;
};

describe('waveform errors', () => {
  it('tells nothing of a wave', () => expect(told(wave(60))).toEqual([]));

  it('tells a flat line after 1.5 s, with the time it began', () => {
    const samples = wave().fill(0.123, 1_000, 1_500);
    const [error, ...more] = told(samples);
    expect(more).toEqual([]);
    expect(error!.kind).toBe('flat-line');
    expect(error!.fromUs).toBe(4_000_000);
    expect(error!.foundUs).toBeLessThanOrEqual(5_500_000);
    expect(error!.toUs).toBe(6_000_000);
  });

  it.each([
    ['a converter that flips its last bit of 5 µV', (i: number) => 0.005 * (i % 2)],
    ['noise of 2 µV', (i: number) => 0.002 * gauss(i)],
    ['hum of 20 µV', (i: number) => 0.02 * Math.sin((2 * Math.PI * 50 * i) / RATE_HZ)],
  ])('tells a flat line under %s, once', (_, noise) => {
    const samples = wave().map((value, i) => (i >= 1_000 && i < 1_750 ? 0.2 + noise(i) : value));
    const [error, ...more] = told(samples);
    expect(more).toEqual([]);
    expect(error!.kind).toBe('flat-line');
    expect(Math.abs(error!.fromUs - 4e6)).toBeLessThanOrEqual(50_000);
    expect(error!.foundUs - 4e6).toBeLessThanOrEqual(1_550_000);
  });

  it('lets a heart pause for 1.4 s', () => {
    expect(told(wave().fill(0.123, 1_000, 1_350))).toEqual([]);
  });

  it.each([
    ['data-lost', NaN],
    ['out-of-bounds', 6],
  ] as const)('tells %s of every second sample once, until half a second is good', (kind, bad) => {
    const samples = wave().map((value, i) =>
      i >= 1_000 && i < 1_500 && i % 2 === 0 ? bad : value,
    );
    expect(told(samples)).toEqual([
      { kind, fromUs: 4_000_000, foundUs: 4_000_000, toUs: 5_996_000 },
    ]);
    const apart = wave().fill(bad, 1_000, 1_010).fill(bad, 1_140, 1_150);
    expect(told(apart)).toHaveLength(2);
  });

  it('tells a drift of 2 mV before 2.4 mV, though a gap of 3 s comes every minute', () => {
    for (const perSecond of [0.02, -0.05]) {
      const samples = wave(240).map(
        (value, i) => value + perSecond * Math.max(0, i / RATE_HZ - 60),
      );
      const errors: StreamError[] = [];
      const wide = { ...ECG_BOUNDS, min: -20, max: 20 };
      const stream = new SegmentStream(new WaveformErrors(wide, (error) => errors.push(error)));
      const shape = { rateMilliHz: 250_000, gain: 1, baseline: 0 };
      for (let second = 0; second < 240; second += 60) {
        const part = samples.subarray(second * RATE_HZ, (second + 57) * RATE_HZ);
        stream.push({ ...shape, startUs: 1e6 * second, samples: part });
      }
      const drifts = errors.filter(({ kind }) => kind === 'drift');
      expect(drifts).toHaveLength(1);
      const offMv = Math.abs(perSecond) * (drifts[0]!.foundUs / 1e6 - 60);
      expect(offMv).toBeGreaterThan(1.8);
      expect(offMv).toBeLessThan(2.4);
      expect(errors).toHaveLength(4);
    }
  });

  it('takes where a baseline has stood for a minute for its place, and tells when it leaves', () => {
    const stepped = wave(300).map((value, i) => {
      const second = i / RATE_HZ;
      return value + (second >= 30 && second < 200 ? 3 : 0);
    });
    const [up, down, ...more] = told(stepped);
    expect(more).toEqual([]);
    expect([up!.kind, down!.kind]).toEqual(['drift', 'drift']);
    expect(up!.foundUs / 1e6).toBeLessThan(36);
    expect(up!.toUs! / 1e6).toBeGreaterThan(85);
    expect(up!.toUs! / 1e6).toBeLessThan(105);
    expect(down!.foundUs / 1e6).toBeGreaterThan(200);
  });

  it('tells a flat line from the first sample on, all there is', () => {
    expect(told(new Float64Array(500)).map(({ kind }) => kind)).toEqual(['flat-line']);
  });

  it('tells no spike of the beats after a flat line, however long it was', () => {
    const beats = wave(60);
    for (let i = 100; i < beats.length; i += RATE_HZ) beats[i]! += 1;
    const kinds = told(beats.fill(0.123, 20 * RATE_HZ, 35 * RATE_HZ)).map(({ kind }) => kind);
    expect(kinds).toEqual(['flat-line']);
  });

  it('tells a value no ECG has, at once, and nothing else of it', () => {
    const samples = wave().fill(6, 1_000, 1_010);
    expect(told(samples)).toEqual([
      { kind: 'out-of-bounds', fromUs: 4_000_000, foundUs: 4_000_000, toUs: 4_040_000 },
    ]);
  });

  it('tells missing samples, a gap between segments, and silence', () => {
    expect(told(wave().fill(NaN, 1_000, 1_100))).toEqual([
      { kind: 'data-lost', fromUs: 4_000_000, foundUs: 4_000_000, toUs: 4_400_000 },
    ]);
    const errors: StreamError[] = [];
    const checks = new WaveformErrors(ECG_BOUNDS, (error) => errors.push(error));
    const stream = new SegmentStream(checks);
    const shape = { rateMilliHz: 250_000, gain: 1, baseline: 0, samples: wave(1) };
    stream.push({ ...shape, startUs: 0 });
    stream.push({ ...shape, startUs: 61_000_000 });
    checks.tick(62_500_000);
    const gap = ['data-lost', 1_000_000, 61_000_000];
    const seen = () => errors.map(({ kind, fromUs, foundUs }) => [kind, fromUs, foundUs]);
    expect(seen()).toEqual([gap]);
    checks.tick(63_000_000);
    expect(seen()).toEqual([gap, ['data-lost', 62_000_000, 63_000_000]]);
  });

  it('tells a spike of one or two samples, and not a step or the beats', () => {
    for (const width of [1, 2]) {
      const samples = wave();
      for (let i = 1_500; i < 1_500 + width; i++) samples[i]! += 1.5;
      const [error, ...more] = told(samples);
      expect([error!.kind, error!.fromUs, more]).toEqual(['spike', 6_000_000, []]);
    }
    const step = wave().map((value, i) => (i < 1_500 ? value : value + 1.5));
    expect(told(step)).toEqual([]);
  });

  it('does not depend on how samples were cut into segments', () => {
    const samples = wave(20).fill(0.3, 1_000, 1_500).fill(NaN, 2_000, 2_100);
    samples[3_000]! += 2;
    const whole = told(samples);
    expect(whole).toHaveLength(3);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), (cut) => {
        expect(told(samples, cut)).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it('says nothing of a lead that is off: the node says so itself', () => {
    const errors: StreamError[] = [];
    const stream = new SegmentStream(new WaveformErrors(ECG_BOUNDS, (error) => errors.push(error)));
    const shape = { rateMilliHz: 250_000, gain: 1, baseline: 0, startUs: 0 };
    stream.push({ ...shape, samples: new Float64Array(1_000), leadOff: true });
    expect(errors).toEqual([]);
  });

  it('finds no spike where its threshold is removed: the gauge is what tells', () => {
    const gauge = new SpikeGauge(RATE_HZ, 8, Infinity);
    const samples = wave();
    samples[1_500]! += 3;
    expect(samples.map((value) => gauge.step(value)).every((length) => length === 0)).toBe(true);
  });
});

describe('numeric errors', () => {
  const steady = (count: number, value = 80): number[] =>
    Array.from({ length: count }, (_, i) => value + (i % 2));

  it('tells a heart rate that stands still for three minutes', () => {
    const [error] = rows('heart-rate', [...steady(10), ...Array<number>(200).fill(85)]);
    expect(error).toMatchObject({ kind: 'flat-line', fromUs: 10e6, foundUs: 190e6 });
  });

  it('lets SpO₂ stand still for eight minutes, and not for half an hour', () => {
    expect(rows('spo2', Array<number>(480).fill(97))).toEqual([]);
    expect(rows('spo2', Array<number>(1_802).fill(97))).toMatchObject([{ kind: 'flat-line' }]);
  });

  it('tells spikes of one and two rows, a new level not', () => {
    const spike = [...steady(10), 160, ...steady(10), 160, 161, ...steady(10)];
    expect(rows('heart-rate', spike).map(({ kind, fromUs, toUs }) => [kind, fromUs, toUs])).toEqual(
      [
        ['spike', 10e6, 11e6],
        ['spike', 21e6, 23e6],
      ],
    );
    expect(rows('heart-rate', [...steady(10), ...steady(60, 160)])).toEqual([]);
  });

  it('tells what no patient has, and rows that are absent or never came', () => {
    expect(rows('spo2', [97, 98, 104, 97])).toMatchObject([{ kind: 'out-of-bounds', fromUs: 2e6 }]);
    expect(rows('spo2', [97, null, null, 98])).toEqual([
      { kind: 'data-lost', fromUs: 1e6, foundUs: 1e6, toUs: 3e6 },
    ]);
    const errors: StreamError[] = [];
    const checks = new NumericErrors(findVital('spo2')!, (error) => errors.push(error));
    for (const second of [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11]) {
      checks.row(1e6 * second, 97 + (second % 2));
    }
    expect(errors).toEqual([{ kind: 'data-lost', fromUs: 9e6, foundUs: 10e6, toUs: 10e6 }]);
  });

  it.each([NaN, Infinity, -Infinity])('takes %s for no reading', (value) => {
    expect(rows('spo2', [97, value, 98])).toEqual([
      { kind: 'data-lost', fromUs: 1e6, foundUs: 1e6, toUs: 2e6 },
    ]);
  });

  const timed = (seconds: readonly number[]): StreamError[] => {
    const errors: StreamError[] = [];
    const checks = numericErrors('heart-rate', (error) => errors.push(error));
    seconds.forEach((second, i) => checks.row(1e6 * second, 80 + (i % 2)));
    return errors;
  };
  const grid = (count: number, step = 1, from = 0): number[] =>
    Array.from({ length: count }, (_, i) => from + i * step);

  it('ignores a row that is not newer, and goes on as if it had not come', () => {
    const errors: StreamError[] = [];
    const checks = numericErrors('heart-rate', (error) => errors.push(error));
    for (let second = 0; second < 40; second++) {
      checks.row(1e6 * second, 80 + (second % 2));
      checks.row(1e6 * second, 500);
      checks.row(1e6 * (second - 7), null);
      checks.row(NaN, 80);
    }
    expect(errors).toEqual([]);
    expect(timed([...grid(20), 19, 3, 20, 23])).toMatchObject([{ fromUs: 21e6, foundUs: 23e6 }]);
  });

  it('takes jitter of 0.45 s for no loss', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const uniform = uniformOf(seed);
      expect(timed(grid(600).map((second) => second + 0.9 * (uniform() - 0.5)))).toEqual([]);
    }
  });

  it('learns the pace anew when rows come half as often, and then misses one again', () => {
    const slow = grid(60, 2, 22);
    const told = timed([...grid(21), ...slow, slow.at(-1)! + 4]);
    expect(told.filter(({ fromUs }) => fromUs > 31e6)).toMatchObject([
      { kind: 'data-lost', fromUs: 142e6, foundUs: 144e6 },
    ]);
  });

  it('names a vital sign it does not know', () => {
    expect(() => numericErrors('height', () => undefined)).toThrow('got height');
  });
});

describe('disagreement', () => {
  it('waits 15 s, forgives absent rows, and ends when they agree', () => {
    const errors: StreamError[] = [];
    const checks = new Disagreement((error) => errors.push(error));
    for (let second = 0; second < 60; second++) {
      const pulse = second >= 20 && second < 40 ? 120 : 80;
      checks.row(1e6 * second, 82, second === 30 ? null : pulse);
    }
    expect(errors).toEqual([{ kind: 'disagreement', fromUs: 20e6, foundUs: 35e6, toUs: 40e6 }]);
  });
});

describe('a confusion matrix', () => {
  it('counts what is told of one truth twice as told once of nothing', () => {
    const confusion = new Confusion();
    const error = { kind: 'spike', fromUs: 1e6, foundUs: 1e6, toUs: 1e6 } as const;
    confusion.add([{ kind: 'spike', fromUs: 1e6, toUs: 1e6 }], [error, { ...error }]);
    expect([confusion.recall('spike'), confusion.precision('spike')]).toEqual([1, 0.5]);
  });
});

describe('gap filling', () => {
  it('marks every row for what it is and leaves the readings alone', () => {
    const filler = new GapFiller(2);
    const readings = [null, 5, null, null, null, 6];
    expect(readings.map((value) => filler.row(value))).toEqual([
      { value: null, provenance: 'absent' },
      { value: 5, provenance: 'measured' },
      { value: 5, provenance: 'held' },
      { value: 5, provenance: 'held' },
      { value: null, provenance: 'absent' },
      { value: 6, provenance: 'measured' },
    ]);
    expect(readings).toEqual([null, 5, null, null, null, 6]);
    expect(() => new GapFiller(-1)).toThrow(RangeError);
  });
});
