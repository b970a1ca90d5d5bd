/**
 * Π base_i^exponent_i mod a modulus, many bases with short exponents, as they come: Pippenger's buckets
 * (Bernstein, Doumen, Lange, Oosterwijk, "Faster batch forgery identification", 2012, section 4).
 *
 *   Each exponent is cut into digits of w bits. At each place, bases with one digit d share a bucket B_d;
 *   Π B_d^d = Π_d (B_max ··· B_d), two multiplications a bucket. Places are joined by w squarings.
 *
 * A term costs ⌈bits/w⌉ multiplications, not bits squarings and bits/2 multiplications.
 */
const WINDOW_BITS_MAX = 12;

export class MultiPower {
  readonly #modulus: bigint;
  readonly #exponentBits: number;
  readonly #windowBits: number;
  readonly #places: (bigint | undefined)[][];

  /** `terms` is about how many there will be: it decides the window and nothing else. */
  constructor(modulus: bigint, exponentBits: number, terms: number) {
    this.#modulus = modulus;
    this.#exponentBits = exponentBits;
    this.#windowBits = windowFor(exponentBits, terms);
    const places = Math.ceil(exponentBits / this.#windowBits);
    this.#places = Array.from({ length: places }, () => []);
  }

  /** Throws RangeError unless 0 ≤ exponent < 2^exponentBits. */
  add(base: bigint, exponent: bigint): void {
    if (exponent < 0n || exponent >> BigInt(this.#exponentBits) !== 0n) {
      throw new RangeError(`an exponent has at most ${this.#exponentBits} bits and no sign`);
    }
    const step = BigInt(this.#windowBits);
    const mask = (1n << step) - 1n;
    let rest = exponent;
    for (const buckets of this.#places) {
      const digit = Number(rest & mask);
      rest >>= step;
      if (digit === 0) continue;
      const bucket = buckets[digit];
      buckets[digit] = bucket === undefined ? base : (bucket * base) % this.#modulus;
    }
  }

  /** Of all terms so far. */
  product(): bigint {
    let result = 1n;
    for (const buckets of this.#places.toReversed()) {
      for (let i = 0; i < this.#windowBits && result !== 1n; i++) {
        result = (result * result) % this.#modulus;
      }
      let above = 1n;
      for (let digit = (1 << this.#windowBits) - 1; digit > 0; digit--) {
        const bucket = buckets[digit];
        if (bucket !== undefined) above = (above * bucket) % this.#modulus;
        if (above !== 1n) result = (result * above) % this.#modulus;
      }
    }
    return result;
  }
}

/** The window with the fewest multiplications. */
function windowFor(exponentBits: number, terms: number): number {
  let best = 1;
  const cost = (w: number): number => Math.ceil(exponentBits / w) * (terms + 2 ** (w + 1));
  for (let w = 2; w <= WINDOW_BITS_MAX; w++) if (cost(w) < cost(best)) best = w;
  return best;
}
