import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addGaussian, gaussianAt } from './bumps.ts';
import { Canvas } from './canvas.ts';
import { Noise } from './noise.ts';
import { makeRandom } from './random.ts';
import { ECG_SHAPES, PULSE, shareOfLeadI } from './shapes.ts';

describe('a Gaussian by two multiplications a sample', () => {
  it('is that of its slow twin, wherever it lies', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -400, max: 1400, noNaN: true }),
        fc.double({ min: 0.5, max: 150, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        (centre, sigma, height) => {
          const fast = new Float64Array(1000);
          addGaussian(fast, centre, sigma, height);
          for (let i = 0; i < fast.length; i++) {
            const error = Math.abs(fast[i]! - gaussianAt(i, centre, sigma, height));
            // At its very edge one of the two may leave it out.
            expect(error).toBeLessThan(1e-9 + 4e-6 * Math.abs(height));
            if (Math.abs(i - centre) < 4.9 * sigma) expect(error).toBeLessThan(1e-9);
          }
        },
      ),
    );
  });
});

describe('one beat of the ECG at 60 a minute', () => {
  const canvas = new Canvas(1000);
  canvas.draw(ECG_SHAPES.sinus, 1000, 1000, 1);
  const at = (afterMs: number): number => canvas.samples[1000 + afterMs]!;

  // a·b² of McSharry's table I over that of R: P 0.25, Q -1/6, R 1, S -1/4, T 0.4.
  it.each([
    ['P', -167, 0.25],
    ['R', 0, 1],
    ['T', 250, 0.4],
  ])('has %s at %d ms, %d of R high', (_wave, atMs, height) => {
    expect(at(atMs)).toBeCloseTo(height, 1);
  });

  it('dips at Q and S and is quiet before P', () => {
    expect(at(-42)).toBeLessThan(-0.1);
    expect(at(42)).toBeLessThan(-0.2);
    expect(Math.abs(at(-400))).toBeLessThan(0.001);
  });

  it('agrees with the differential equation of the paper', () => {
    // Eq. (1) for z without the baseline term, dt = 10 µs, from a quiet angle once around.
    const thetas = [-Math.PI / 3, -Math.PI / 12, 0, Math.PI / 12, Math.PI / 2];
    const a = [1.2, -5, 30, -7.5, 0.75];
    const b = [0.25, 0.1, 0.1, 0.1, 0.4];
    let z = 0;
    const step = 2 * Math.PI * 1e-5;
    for (let k = 0; k < 100_000; k++) {
      const theta = -0.8 * Math.PI + k * step;
      thetas.forEach((center, i) => {
        const distance = theta - center;
        z -= step * a[i]! * distance * Math.exp(-(distance ** 2) / (2 * b[i]! ** 2));
      });
      const atMs = (theta * 1000) / (2 * Math.PI);
      if (k % 5000 === 0) expect(Math.abs(at(Math.round(atMs)) - z / 0.3)).toBeLessThan(0.02);
    }
  });
});

describe('leads', () => {
  // cos φ over cos(φ − 60°): along I, halfway between I and II, along II.
  it.each([
    [0, 2],
    [30, 1],
    [60, 0.5],
    [90, 0],
  ])('of a wave at %d°: I is %d of II', (axisDeg, share) => {
    expect(shareOfLeadI(axisDeg)).toBeCloseTo(share, 9);
  });
});

describe('one pulse', () => {
  it('is highest at the systolic wave and lower at the dicrotic one', () => {
    const canvas = new Canvas(1000);
    canvas.draw(PULSE, 0, 1000, 1);
    expect(canvas.samples[180]).toBeCloseTo(1, 1);
    expect(canvas.samples[420]).toBeCloseTo(0.35, 1);
    expect(canvas.samples[950]).toBeLessThan(0.001);
  });

  it('goes on in the next second, and nothing is left after four', () => {
    const [whole, turned] = [new Canvas(100), new Canvas(100)];
    whole.draw(PULSE, 900, 1000, 1);
    turned.draw(PULSE, 900, 1000, 1);
    turned.turn();
    expect([...turned.samples.subarray(0, 300)]).toEqual([...whole.samples.subarray(100)]);
    for (let second = 0; second < 3; second++) turned.turn();
    expect(Math.max(...turned.samples)).toBe(0);
  });
});

describe('noise', () => {
  it('has mean 0, deviation 1, the kurtosis of four bytes, and no memory', () => {
    const samples = new Float64Array(200_000);
    new Noise(makeRandom(5)).addTo(samples, 0, samples.length, 1);
    const mean = (of: (x: number, i: number) => number): number =>
      samples.reduce((sum, x, i) => sum + of(x, i), 0) / samples.length;
    expect(Math.abs(mean((x) => x))).toBeLessThan(0.01);
    expect(mean((x) => x * x)).toBeCloseTo(1, 1);
    // 3 − 6/5/4 of a sum of four uniform numbers.
    expect(mean((x) => x ** 4)).toBeCloseTo(2.7, 1);
    expect(Math.abs(mean((x, i) => x * (samples[i - 1] ?? 0)))).toBeLessThan(0.01);
  });

  it('goes on where it was', () => {
    const [whole, parts] = [new Float64Array(100), new Float64Array(100)];
    new Noise(makeRandom(6)).addTo(whole, 0, 100, 2);
    const noise = new Noise(makeRandom(6));
    noise.addTo(parts, 0, 37, 2);
    noise.addTo(parts, 37, 100, 2);
    expect(parts).toEqual(whole);
  });
});
