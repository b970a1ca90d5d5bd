import { describe, expect, it } from 'vitest';
import { ecgAt, plethAt } from './waves.ts';

/** Beats a second apart, around the one at 0. */
const STEADY = { beforeMs: -1000, lastMs: 0, nextMs: 1000 };

describe('one beat of the ECG at 60 a minute', () => {
  // a·b² of McSharry's table I over that of R: P 0.25, Q -1/6, R 1, S -1/4, T 0.4.
  it.each([
    ['P', 1000 - 1000 / 6, 0.25],
    ['R', 0, 1],
    ['T', 250, 0.4],
  ])('has %s at %d ms, %d of R high', (_wave, atMs, height) => {
    expect(ecgAt(atMs, STEADY)).toBeCloseTo(height, 1);
  });

  it('dips at Q and S and is quiet before P', () => {
    expect(ecgAt(1000 - 42, STEADY)).toBeLessThan(-0.1);
    expect(ecgAt(42, STEADY)).toBeLessThan(-0.2);
    expect(Math.abs(ecgAt(600, STEADY))).toBeLessThan(0.001);
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
      if (k % 5000 !== 0) continue;
      const atMs = ((theta / (2 * Math.PI) + 1) % 1) * 1000;
      expect(Math.abs(ecgAt(atMs, STEADY) - z / 0.3)).toBeLessThan(0.01);
    }
  });
});

describe('one pulse', () => {
  it('is highest at the systolic wave and lower at the dicrotic one', () => {
    expect(plethAt(180, STEADY)).toBeCloseTo(1, 1);
    expect(plethAt(420, STEADY)).toBeCloseTo(0.35, 1);
    expect(plethAt(800, STEADY)).toBeLessThan(0.02);
  });

  it('has no step where one beat hands over to the next', () => {
    const after = { beforeMs: 0, lastMs: 1000, nextMs: 2000 };
    expect(Math.abs(plethAt(1000, STEADY) - plethAt(1000, after))).toBeLessThan(0.001);
    expect(Math.abs(ecgAt(1000, STEADY) - ecgAt(1000, after))).toBeLessThan(0.001);
  });
});
