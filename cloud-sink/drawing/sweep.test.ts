import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pen } from './pen.ts';
import { Sweep, drawSweep } from './sweep.ts';

type Stroke = { alpha: number; points: ['move' | 'line', number, number][] };

/** Records what a canvas would have been told. */
function recorder() {
  const strokes: Stroke[] = [];
  const dots: { x: number; y: number; radius: number }[] = [];
  let points: Stroke['points'] = [];
  const pen: Pen = {
    strokeStyle: '',
    fillStyle: '',
    lineWidth: 0,
    lineJoin: '',
    lineCap: '',
    globalAlpha: 1,
    beginPath: () => (points = []),
    moveTo: (x, y) => points.push(['move', x, y]),
    lineTo: (x, y) => points.push(['line', x, y]),
    arc: (x, y, radius) => dots.push({ x, y, radius }),
    stroke: () => strokes.push({ alpha: pen.globalAlpha, points }),
    fill: () => undefined,
  };
  return { pen, strokes, dots };
}

/** 4 px/mm at 25 mm/s: 100 px a second, so 10 ms is one pixel and 400 px hold four seconds. */
const VIEW = {
  widthPx: 400,
  pxPerSecond: 100,
  eraseBarPx: 24,
  lineWidthPx: 1.75,
  color: 'green',
  baselinePx: 80,
  pxPerUnit: 40,
};
const flat = (count: number, value = 1) => new Float32Array(count).fill(value);
const draw = (sweep: Sweep, playheadMs: number) => {
  const recorded = recorder();
  drawSweep(recorded.pen, sweep, { ...VIEW, playheadMs });
  const now = recorded.strokes.find(({ alpha }) => alpha === 1)?.points ?? [];
  const before = recorded.strokes.find(({ alpha }) => alpha === 0.55)?.points ?? [];
  return { ...recorded, now, before };
};

describe('a sweep', () => {
  it('writes 25 mm a second: 2.5 s after the turn the head is 62.5 mm = 250 px from the left', () => {
    const sweep = new Sweep();
    sweep.add({ startMs: 4_000, rateHz: 100, values: flat(251) });
    const { now, dots } = draw(sweep, 6_500);
    expect(now[0]).toEqual(['move', 0, 40]);
    expect(now.at(-1)).toEqual(['line', 250, 40]);
    expect(dots).toEqual([{ x: 250, y: 40, radius: 1.75 * 1.4 }]);
  });

  it('draws nothing that the playhead has not reached', () => {
    const sweep = new Sweep();
    sweep.add({ startMs: 4_000, rateHz: 100, values: flat(400) });
    expect(Math.max(...draw(sweep, 5_000).now.map(([, x]) => x))).toBe(100);
  });

  it('keeps the sweep before right of the erase bar, and nothing under the bar', () => {
    const sweep = new Sweep();
    sweep.add({ startMs: 0, rateHz: 100, values: flat(501) });
    const { now, before } = draw(sweep, 5_000);
    expect(now.at(-1)![1]).toBe(100);
    expect(before[0]).toEqual(['move', 124, 40]);
    expect(before.at(-1)![1]).toBeCloseTo(399, 6);
    expect([...now, ...before].filter(([, x]) => x > 100 && x < 124)).toEqual([]);
  });

  it('lifts the pen at a missing sample', () => {
    const values = flat(5);
    values[2] = NaN;
    const sweep = new Sweep();
    sweep.add({ startMs: 4_000, rateHz: 100, values });
    expect(draw(sweep, 4_040).now.map(([what, x]) => [what, x])).toEqual([
      ['move', 0],
      ['line', 1],
      ['move', 3],
      ['line', 4],
    ]);
  });

  it('lifts the pen between segments with a hole, not between segments that meet', () => {
    const sweep = new Sweep();
    sweep.add({ startMs: 4_000, rateHz: 100, values: flat(10) });
    sweep.add({ startMs: 4_100, rateHz: 100, values: flat(10) });
    sweep.add({ startMs: 4_300, rateHz: 100, values: flat(10) });
    const moves = draw(sweep, 4_400).now.filter(([what]) => what === 'move');
    expect(moves.map(([, x]) => x)).toEqual([0, 30]);
  });

  it('ends where the data ended while the erase bar goes on, without a dot', () => {
    const sweep = new Sweep();
    sweep.add({ startMs: 0, rateHz: 100, values: flat(501) });
    const { now, before, dots } = draw(sweep, 6_000);
    expect(now.at(-1)![1]).toBe(100);
    expect(before[0]![1]).toBe(224);
    expect(dots).toEqual([]);
    const later = draw(sweep, 7_900);
    expect(later.before).toEqual([]);
  });

  it('places an up-stroke above: 1 mV at 40 px a mV stands 40 px over the baseline', () => {
    const sweep = new Sweep();
    sweep.add({ startMs: 0, rateHz: 100, values: Float32Array.of(0, 1, -0.5) });
    expect(draw(sweep, 20).now.map(([, , y]) => y)).toEqual([80, 40, 100]);
  });

  it('draws only what is newer where the canvas holds the rest', () => {
    const sweep = new Sweep();
    sweep.add({ startMs: 0, rateHz: 100, values: flat(501) });
    const { pen, strokes, dots } = recorder();
    drawSweep(pen, sweep, { ...VIEW, playheadMs: 5_000 }, 4_900);
    expect(strokes.map(({ points }) => [points[0], points.at(-1)])).toEqual([
      [
        ['move', 90, 40],
        ['line', 100, 40],
      ],
    ]);
    expect(dots.length).toBe(1);
  });

  it('is exact at times of today', () => {
    const startMs = 1_795_000_000_000; // a multiple of 4,000 ms
    const sweep = new Sweep();
    sweep.add({ startMs, rateHz: 250, values: flat(500) });
    const { now } = draw(sweep, startMs + 1_000);
    expect(now.length).toBe(251);
    expect(now.at(-1)![1]).toBeCloseTo(100, 2);
  });
});

describe('the samples kept', () => {
  it('are sorted, and none is kept twice', () => {
    const sweep = new Sweep();
    sweep.add({ startMs: 2_000, rateHz: 100, values: flat(100, 3) });
    sweep.add({ startMs: 0, rateHz: 100, values: flat(100, 1) });
    sweep.add({ startMs: 500, rateHz: 100, values: flat(200, 2) });
    sweep.add({ startMs: 500, rateHz: 100, values: flat(200, 9) });
    expect(sweep.segments.map(({ startMs, values }) => [startMs, values.length])).toEqual([
      [0, 100],
      [1_000, 100],
      [2_000, 100],
    ]);
    expect(sweep.endMs).toBe(3_000);
    expect(sweep.extent(0, 3_000)).toEqual({ lo: 1, hi: 3 });
  });

  it('stay in order without overlap, whatever comes', () => {
    const segment = fc.record({
      startMs: fc.integer({ min: 0, max: 5_000 }).map((x) => x * 4),
      count: fc.integer({ min: 1, max: 500 }),
    });
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 30 }), (segments) => {
        const sweep = new Sweep();
        for (const { startMs, count } of segments) {
          sweep.add({ startMs, rateHz: 250, values: flat(count) });
        }
        const times: number[] = [];
        sweep.each(-Infinity, Infinity, (timeMs) => times.push(timeMs));
        for (let i = 1; i < times.length; i++) expect(times[i]! > times[i - 1]!).toBe(true);
      }),
    );
  });

  it('are let go of once they ended before a moment', () => {
    const sweep = new Sweep();
    sweep.add({ startMs: 0, rateHz: 100, values: flat(100) });
    sweep.add({ startMs: 1_000, rateHz: 100, values: flat(100) });
    sweep.forget(1_000);
    expect(sweep.segments.map(({ startMs }) => startMs)).toEqual([1_000]);
    sweep.forget(2_000);
    expect(sweep.endMs).toBeNull();
    expect(sweep.extent(0, 9_000)).toBeNull();
  });

  it('refuse a rate that is none', () => {
    const sweep = new Sweep();
    expect(() => sweep.add({ startMs: 0, rateHz: 0, values: flat(1) })).toThrow(RangeError);
    expect(() => sweep.add({ startMs: 0, rateHz: NaN, values: flat(1) })).toThrow(RangeError);
  });
});
