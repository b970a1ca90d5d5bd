import { describe, expect, it } from 'vitest';
import { BeatBreath, type BeatOfBreath } from './beat-breath.ts';
import { BeatHeights } from './beat-heights.ts';
import type { Estimate } from './stream.ts';
import { answers, normal } from './waves.fixture.ts';

interface Sway {
  readonly height?: number;
  readonly level?: number;
  readonly interval?: number;
}

/** Asked once a second, as at the bedside. */
function ask(beats: readonly BeatOfBreath[], seconds: number): Estimate[] {
  const breath = new BeatBreath();
  const estimates: Estimate[] = [];
  let next = 0;
  for (let second = 1; second <= seconds; second++) {
    while (next < beats.length && beats[next]!.atUs <= second * 1e6) breath.push(beats[next++]!);
    estimates.push(breath.estimate(second * 1e6));
  }
  return estimates;
}

function swaying(seconds: number, heartRate: number, breaths: number, sway: Sway, seed = 1) {
  const draw = normal(seed);
  const beats: BeatOfBreath[] = [];
  for (let atS = 0; atS < seconds;) {
    const chest = Math.sin((2 * Math.PI * breaths * atS) / 60);
    const jitter = () => 0.02 * draw();
    beats.push({
      atUs: atS * 1e6,
      height: 1 + (sway.height ?? 0) * chest + jitter(),
      level: (sway.level ?? 0) * chest + jitter(),
    });
    atS += (60 / heartRate) * (1 + (sway.interval ?? 0) * chest + jitter());
  }
  return beats;
}

/** Beats whose height, level and interval are noise, each with a memory. */
function wandering(seconds: number, heartRate: number, kept: number, seed: number): BeatOfBreath[] {
  const draw = normal(1000 + seed);
  const beats: BeatOfBreath[] = [];
  let [height, level, interval] = [0, 0, 0];
  for (let atS = 0; atS < seconds; atS += (60 / heartRate) * (1 + 0.02 * interval)) {
    [height, level, interval] = [
      kept * height + draw(),
      kept * level + draw(),
      kept * interval + draw(),
    ];
    beats.push({ atUs: atS * 1e6, height: 1 + 0.05 * height, level: 0.05 * level });
  }
  return beats;
}

describe('respiratory rate from heartbeats', () => {
  it.each([
    [60, 12],
    [75, 18],
    [90, 24],
    [120, 40],
    [70, 6],
  ])('at %d beats a minute finds %d breaths', (heartRate, breaths) => {
    const sway = { height: 0.1, level: 0.1, interval: 0.05 };
    const estimates = ask(swaying(120, heartRate, breaths, sway), 120);
    const { value } = estimates.at(-1)!;
    expect(value).not.toBeNull();
    expect(Math.abs(value! - breaths)).toBeLessThan(0.5);
  });

  it('two modulations of the three are enough, one is not', () => {
    const two = ask(swaying(120, 80, 15, { height: 0.1, interval: 0.05 }), 120).at(-1)!;
    expect(Math.abs(two.value! - 15)).toBeLessThan(0.5);
    const one = ask(swaying(120, 80, 15, { interval: 0.05 }), 120).at(-1)!;
    expect(one).toMatchObject({ value: null, reason: 'noise' });
  });

  it('one ectopic beat in twelve takes no number away', () => {
    const beats = swaying(120, 80, 15, { height: 0.1, level: 0.1, interval: 0.05 }).map(
      (beat, i) => (i % 12 === 0 ? { ...beat, height: 3, atUs: beat.atUs - 200_000 } : beat),
    );
    expect(Math.abs(ask(beats, 120).at(-1)!.value! - 15)).toBeLessThan(0.7);
  });

  it('below 70 beats a minute all three are asked for', () => {
    const two = ask(swaying(140, 60, 12, { height: 0.1, interval: 0.05 }), 140);
    // Noise agrees now and then; 70 and more where two are enough.
    expect(answers(two)['number'] ?? 0).toBeLessThan(10);
    const three = ask(swaying(140, 60, 12, { height: 0.1, level: 0.1, interval: 0.05 }), 140);
    expect(three.at(-1)!.value).toBeCloseTo(12, 0);
  });

  it('is believed when 15 seconds in a row agree, not before', () => {
    const sway = { height: 0.1, level: 0.1, interval: 0.05 };
    const estimates = ask(swaying(120, 90, 18, sway), 120);
    const first = estimates.findIndex(({ value }) => value !== null) + 1;
    expect(first).toBeGreaterThanOrEqual(62);
    expect(first).toBeLessThanOrEqual(65);
    expect(answers(estimates.slice(0, first - 1))).toEqual({ learning: first - 1 });
  });

  it('at the low end of the band there is none: it may be the slope of something slower', () => {
    const sway = { height: 0.1, level: 0.1, interval: 0.05 };
    expect(answers(ask(swaying(150, 80, 5, sway), 150))['number'] ?? 0).toBe(0);
  });

  // Both kinds are what modulations are without breath; 1,200 seconds of each.
  it.each([
    [50, 0],
    [60, 0],
    [75, 0],
    [90, 0],
    [50, 0.8],
    [60, 0.8],
    [75, 0.8],
    [90, 0.8],
  ])(
    'of noise at %d beats a minute, %d of it kept from beat to beat, under 1 in 20',
    (rate, kept) => {
      let numbers = 0;
      for (let seed = 0; seed < 3; seed++) {
        numbers += answers(ask(wandering(400, rate, kept, seed), 400))['number'] ?? 0;
      }
      expect(numbers).toBeLessThan(60);
    },
  );

  it('says why there is none: no beats, not enough, beats that ceased', () => {
    const breath = new BeatBreath();
    expect(breath.estimate(1e6)).toMatchObject({ value: null, reason: 'too-few-beats' });
    breath.push({ atUs: 2e6, height: 1, level: 0 });
    expect(breath.estimate(3e6)).toMatchObject({ value: null, reason: 'learning' });
    expect(breath.estimate(9e6)).toMatchObject({ value: null, reason: 'too-few-beats' });
  });

  it('beats that are all alike give no number', () => {
    const beats = Array.from({ length: 120 }, (_, i) => ({ atUs: i * 8e5, height: 1, level: 0 }));
    expect(ask(beats, 90).at(-1)).toMatchObject({ value: null, reason: 'noise' });
  });
});

describe('the height of a QRS', () => {
  it('is from its lowest to its highest, its level what lies before', () => {
    const heights = new BeatHeights();
    heights.begin(5e6, 250);
    // A beat of 1.5 mV on a baseline of 0.2, R at sample 500, S two samples later.
    for (let i = 0; i < 700; i++) heights.sample(i === 500 ? 1.2 : i === 502 ? -0.3 : 0.2);
    const beat = heights.at(5e6 + 500 * 4000)!;
    expect(beat.height).toBeCloseTo(1.5, 9);
    expect(beat.level).toBeCloseTo(0.2, 9);
  });

  it('of a beat that is gone, or not yet there, is null', () => {
    const heights = new BeatHeights();
    heights.begin(0, 100);
    for (let i = 0; i < 3000; i++) heights.sample(0);
    expect(heights.at(1e6)).toBeNull();
    expect(heights.at(40e6)).toBeNull();
    expect(heights.at(28e6)).not.toBeNull();
  });
});
