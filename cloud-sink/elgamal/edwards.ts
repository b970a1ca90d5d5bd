/**
 * Many points of one line at once: the y of C ± i·S for i = 1 … s, by affine addition with one inversion
 * for all (Montgomery's trick), 5.5 multiplications a point where a projective addition and its own
 * inversion take some 20.
 *
 *   −x² + y² = 1 + d·x²y² over 2^255 − 19        y(P ± Q) = (y_P·y_Q ± x_P·x_Q) / (1 ∓ d·x_P·x_Q·y_P·y_Q)
 *
 * complete for all points, as −1 is a square and d is none (Bernstein, Birkner, Joye, Lange, Peters,
 * AFRICACRYPT 2008). A point of ristretto255 has four such pairs (x, y); four times it has one, and y
 * tells P but for its sign.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import type { Point } from './group.ts';

const { p: FIELD, d: D } = ed25519.Point.CURVE();

export interface Affine {
  readonly x: bigint;
  readonly y: bigint;
}

/** 4·P, whichever of its pairs P is held as. */
export const fourTimes = (point: Point): Point => point.double().double();

/** Of a point that `fourTimes` made, or a sum of such. */
export const affineOf = (point: Point): Affine => point.toAffine();

/** What is kept of i·S for every addition. */
export interface Stride extends Affine {
  /** d·x·y */
  readonly dxy: bigint;
}

/** 1·S … count·S. */
export function stridesOf(step: Point, count: number): Stride[] {
  const strides: Stride[] = [];
  for (let i = 0, at = step; i < count; i++, at = at.add(step)) {
    const { x, y } = affineOf(at);
    strides.push({ x, y, dxy: mod(mod(x * y) * D) });
  }
  return strides;
}

/** Writes y(C + i·S) to `above[i − 1]` and y(C − i·S) to `below[i − 1]`. */
export function alongLine(
  { x, y }: Affine,
  strides: readonly Stride[],
  above: bigint[],
  below: bigint[],
): void {
  const xy = mod(x * y);
  let product = 1n;
  // above: d·xyxy, then the y of the sum; below: the products of denominators before this one.
  for (let i = 0; i < strides.length; i++) {
    const e = mod(xy * strides[i]!.dxy);
    above[i] = e;
    below[i] = product;
    product = mod(product * (1n - mod(e * e) + FIELD));
  }
  let inverse = invert(product);
  for (let i = strides.length - 1; i >= 0; i--) {
    const stride = strides[i]!;
    const e = above[i]!;
    const one = mod(inverse * below[i]!);
    inverse = mod(inverse * (1n - mod(e * e) + FIELD));
    const yy = y * stride.y;
    const xx = x * stride.x;
    above[i] = mod(mod(yy + xx) * mod((1n + e) * one));
    below[i] = mod(mod(yy - xx + FIELD * FIELD) * mod((1n - e + FIELD) * one));
  }
}

/** value mod 2^255 − 19, of 0 ≤ value < 2^511: 2^255 ≡ 19. */
function mod(value: bigint): bigint {
  const once = (value & LOW) + 19n * (value >> 255n);
  const twice = (once & LOW) + 19n * (once >> 255n);
  return twice >= FIELD ? twice - FIELD : twice;
}
const LOW = (1n << 255n) - 1n;

const invert = (value: bigint): bigint => ed25519.Point.Fp.inv(value);
