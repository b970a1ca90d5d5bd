/** Made pulses and breaths for tests, and a way to run a detector over them. */
import type { Estimate, SampleSink } from './stream.ts';

/** Uniform in [0, 1): mulberry32. */
export function uniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Mean 0, deviation 1: twelve uniform ones. */
export function normal(seed: number): () => number {
  const draw = uniform(seed);
  return () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += draw();
    return sum;
  };
}

/** Noise that forgets in `memoryS`: 0 is white. */
export function noise(seed: number, rateHz: number, memoryS: number): () => number {
  const draw = normal(seed);
  const keep = memoryS > 0 ? Math.exp(-1 / (rateHz * memoryS)) : 0;
  let state = 0;
  return () => (state = keep * state + Math.sqrt(1 - keep * keep) * draw());
}

const bump = (t: number, at: number, width: number): number =>
  Math.exp(-(((t - at) / width) ** 2) / 2);

/** A pulse of height 1 and its dicrotic wave, `sinceS` after it came, where beats are `rrS` apart. */
export function pulseShape(sinceS: number, rrS: number): number {
  const scale = Math.sqrt(rrS);
  return bump(sinceS / scale, 0.18, 0.07) + 0.35 * bump(sinceS / scale, 0.42, 0.1);
}

/** Of a pulse's height, 12 breaths a minute: what tells it from a machine. */
export const BREATH_SWAY = 0.06;

/** A pleth whose next interval is asked for at every beat; its heights sway with breath. */
export function pleth(
  seconds: number,
  rateHz: number,
  intervalS: (atS: number) => number,
  sway: number = BREATH_SWAY,
): number[] {
  const beats = [-2];
  while (beats.at(-1)! < seconds + 2) beats.push(beats.at(-1)! + intervalS(beats.at(-1)!));
  let at = 1;
  return Array.from({ length: Math.round(seconds * rateHz) }, (_, i) => {
    const t = i / rateHz;
    while (beats[at + 1]! <= t) at++;
    const [before, last, next] = [beats[at - 1]!, beats[at]!, beats[at + 1]!];
    const height = (beatS: number) => 1 + sway * Math.sin((2 * Math.PI * beatS) / 5);
    return (
      height(before) *
        pulseShape(t - before, last - before) *
        (t - before < 2 * (last - before) ? 1 : 0) +
      height(last) * pulseShape(t - last, next - last)
    );
  });
}

export const sampled = (seconds: number, rateHz: number, at: (t: number) => number): number[] =>
  Array.from({ length: Math.round(seconds * rateHz) }, (_, i) => at(i / rateHz));

/** NaN is a missing sample. */
export function run(
  make: (onEstimate: (estimate: Estimate) => void) => SampleSink,
  samples: readonly number[],
  rateHz: number,
): Estimate[] {
  const estimates: Estimate[] = [];
  const sink = make((estimate) => estimates.push(estimate));
  sink.begin(0, rateHz);
  for (const value of samples) {
    if (Number.isNaN(value)) sink.missing('no-data');
    else sink.sample(value);
  }
  sink.end();
  return estimates;
}

/** How often each answer came: 'number', or the reason why there was none. */
export function answers(estimates: readonly Estimate[]): Record<string, number> {
  const count: Record<string, number> = {};
  for (const estimate of estimates) {
    const answer = estimate.value === null ? estimate.reason : 'number';
    count[answer] = (count[answer] ?? 0) + 1;
  }
  return count;
}
