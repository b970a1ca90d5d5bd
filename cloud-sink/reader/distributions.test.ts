/**
 * Distribution functions against published tables and against exact values.
 *
 * Tables: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.1 to 1.3.6.7.3 (normal, t, F), as
 * printed. Closed forms: t with 1 degree of freedom is Cauchy, P(|T| > t) = 1 − (2/π)·arctan t; with
 * 2, 1 − t/√(2 + t²); F(2, b) has the tail (1 + 2f/b)^(−b/2). Long values: mpmath's `betainc` at 40
 * digits; SciPy 1.17.1 agrees to 12.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Distributions, loadDistributions } from './distributions.ts';

let dists: Distributions;
beforeAll(async () => {
  dists = await loadDistributions();
});

const near = (got: number, expected: number, relative: number): void =>
  expect(Math.abs(got - expected) / Math.abs(expected)).toBeLessThanOrEqual(relative);

describe('published tables', () => {
  it.each([
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [5, 2.571],
    [10, 2.228],
    [30, 2.042],
    [100, 1.984],
  ])('95 %% of t with %i degrees of freedom lies within %f', (degrees, t) => {
    expect(dists.tWithin(0.95, degrees)).toBeCloseTo(t, 3);
    expect(dists.tTails(t, degrees)).toBeCloseTo(0.05, 4);
  });

  it.each([
    [1, 10, 4.965],
    [2, 9, 4.256],
    [3, 20, 3.098],
    [10, 100, 1.927],
  ])('F(%i, %i) exceeds %f with probability 0.05', (above, below, f) => {
    expect(dists.fTail(f, above, below)).toBeCloseTo(0.05, 4);
  });

  it('1.95996 and 2.57583 hold 95 and 99 % of a normal', () => {
    expect(dists.normalWithin(0.95)).toBeCloseTo(1.959963984540054, 12);
    expect(dists.normalWithin(0.99)).toBeCloseTo(2.575829303548901, 12);
  });
});

describe('closed forms', () => {
  const points = [1e-8, 1e-3, 0.3, 0.999, 1, 1.001, 4, 60, 1e4];

  it('t with one and two degrees of freedom', () => {
    for (const t of points) {
      const cauchy = t < 1 ? 1 - (2 / Math.PI) * Math.atan(t) : (2 / Math.PI) * Math.atan(1 / t);
      near(dists.tTails(t, 1), cauchy, 1e-13);
      near(dists.tTails(-t, 1), cauchy, 1e-13);
      const root = Math.sqrt(2 + t * t);
      near(dists.tTails(t, 2), 2 / (root * (root + t)), 1e-12);
    }
  });

  it('F with two degrees of freedom above', () => {
    for (const f of points) {
      for (const below of [1, 2, 3.7, 12, 250]) {
        const tail = Math.exp((-below / 2) * Math.log1p((2 * f) / below));
        if (tail > 1e-280) near(dists.fTail(f, 2, below), tail, 1e-11);
      }
    }
  });

  it('a tail below the smallest double is 0, and an interval undoes its tail', () => {
    expect(dists.tTails(1e8, 50)).toBe(0);
    expect(dists.tTails(Infinity, 5)).toBe(0);
    expect(dists.fTail(0, 3, 4)).toBe(1);
    for (const degrees of [0.9, 1, 2.97, 17, 400]) {
      for (const confidence of [0.5, 0.8, 0.95, 0.999]) {
        near(dists.tTails(dists.tWithin(confidence, degrees), degrees), 1 - confidence, 1e-10);
      }
    }
  });
});

describe('values to 18 digits', () => {
  it.each([
    [1.7, 2.97, 0.188611866603098282],
    [2, 5.7, 0.0949326529714124813],
    [10, 30, 4.57525140822961319e-11],
    [2, 100_000, 0.0455029634575064632],
    [0.1, 1_000_000, 0.920344345492043162],
  ])('t beyond %f, %f degrees of freedom', (t, degrees, tails) => {
    near(dists.tTails(t, degrees), tails, degrees > 10_000 ? 1e-9 : 1e-12);
  });

  it.each([
    [3.1, 2, 9, 0.0945790934024923542],
    [20, 3, 10_000, 6.41076277818966298e-13],
    [1, 20, 100.25, 0.469183499072332671],
    [0.1, 7, 5.5, 0.995930197849335994],
  ])('F beyond %f, %i and %f degrees of freedom', (f, above, below, tail) => {
    near(dists.fTail(f, above, below), tail, 1e-10);
  });

  it.each([
    [0.95, 2.97, 3.2007094484462179],
    [0.9, 11.5, 1.78876627515423006],
    [0.99, 1000, 2.58075469806595108],
    [0.95, 1_000_000, 1.95996635681410704],
  ])('%f of t lies within, %f degrees of freedom', (confidence, degrees, t) => {
    near(dists.tWithin(confidence, degrees), t, degrees > 10_000 ? 1e-9 : 1e-10);
  });
});
