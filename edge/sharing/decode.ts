/**
 * The nearest polynomial: what most answers lie on, when some are wrong (SHARING.md, Opening).
 *
 *   m answers (j, y_j), degree below k: the one polynomial that at most ⌊(m − k)/2⌋ of them miss
 *
 * Gao's decoder (S. Gao, "A new algorithm for decoding Reed-Solomon codes", 2003): with
 * g = Π (z − j) and h the polynomial through all answers, Euclid on (g, h) until the remainder's
 * degree is below (m + k)/2; the remainder over its cofactor is the polynomial, if it divides.
 * Some m² multiplications, where trying every k of 16 servers is up to 12,870 interpolations.
 *
 * The radius is enough: when at most t lie and k + t agree, the e others are liars, so e ≤ t and
 * m = e + (at least k + t) ≥ k + 2e.
 */
import { add, invert, multiply, subtract } from '../field/textbook.ts';

/** One server's word, 1-based. */
export interface ServerAnswer {
  readonly server: number;
  /** Below p. */
  readonly value: bigint;
}

/** Coefficients, the constant first; no zero at the end. */
type Polynomial = readonly bigint[];

/** Coefficients of the nearest polynomial of degree below `k`, or null. Answers of distinct servers. */
export function nearestPolynomial(answers: readonly ServerAnswer[], k: number): Polynomial | null {
  let [before, rest] = vanishingAndThrough(answers);
  let [cofactorBefore, cofactor]: [Polynomial, Polynomial] = [[], [1n]];
  while (2 * (rest.length - 1) >= answers.length + k) {
    const { quotient, remainder } = divide(before, rest);
    [before, rest] = [rest, remainder];
    [cofactorBefore, cofactor] = [cofactor, minus(cofactorBefore, times(quotient, cofactor))];
  }
  const { quotient, remainder } = divide(rest, cofactor);
  return remainder.length === 0 && quotient.length <= k ? quotient : null;
}

/** Horner's rule at a server's point. */
export const valueAt = (polynomial: Polynomial, server: number): bigint =>
  polynomial.reduceRight((value, c) => add(multiply(value, BigInt(server)), c), 0n);

/** Newton: both grow by one answer at a time. */
function vanishingAndThrough(answers: readonly ServerAnswer[]): [Polynomial, Polynomial] {
  let vanishing: Polynomial = [1n];
  let through: Polynomial = [];
  for (const { server, value } of answers) {
    const missing = subtract(value, valueAt(through, server));
    const factor = multiply(missing, invert(valueAt(vanishing, server)));
    through = minus(through, times([subtract(0n, factor)], vanishing));
    vanishing = times(vanishing, [subtract(0n, BigInt(server)), 1n]);
  }
  return [vanishing, through];
}

function divide(dividend: Polynomial, divisor: Polynomial) {
  const remainder = [...dividend];
  const quotient = new Array<bigint>(Math.max(0, dividend.length - divisor.length + 1)).fill(0n);
  const lead = invert(divisor.at(-1)!);
  for (let at = quotient.length - 1; at >= 0; at--) {
    const factor = multiply(remainder[at + divisor.length - 1]!, lead);
    quotient[at] = factor;
    divisor.forEach((c, i) => {
      remainder[at + i] = subtract(remainder[at + i]!, multiply(factor, c));
    });
  }
  return { quotient: trimmed(quotient), remainder: trimmed(remainder) };
}

function times(a: Polynomial, b: Polynomial): Polynomial {
  const product = new Array<bigint>(Math.max(0, a.length + b.length - 1)).fill(0n);
  a.forEach((x, i) => {
    b.forEach((y, j) => {
      product[i + j] = add(product[i + j]!, multiply(x, y));
    });
  });
  return trimmed(product);
}

const minus = (a: Polynomial, b: Polynomial): Polynomial =>
  trimmed(
    Array.from({ length: Math.max(a.length, b.length) }, (_, i) =>
      subtract(a[i] ?? 0n, b[i] ?? 0n),
    ),
  );

function trimmed(coefficients: bigint[]): Polynomial {
  while (coefficients.at(-1) === 0n) coefficients.pop();
  return coefficients;
}
