/**
 * Powers of one base, by a table of base^(d·2^(w·i)) for every digit d of w bits at every place i
 * (Brickell, Gordon, McCurley, Wilson 1992): no squarings, one multiplication a digit.
 *
 * Which entries are read depends on the exponent: not for a machine shared with whoever watches its cache.
 */
export class FixedPower {
  readonly modulus: bigint;
  readonly #windowBits: number;
  readonly #table: readonly (readonly bigint[])[];

  constructor(base: bigint, modulus: bigint, exponentBits: number, windowBits: number) {
    this.modulus = modulus;
    this.#windowBits = windowBits;
    const places = Math.ceil(exponentBits / windowBits);
    let unit = base % modulus;
    this.#table = Array.from({ length: places }, () => {
      const powers = [1n];
      for (let d = 1; d < 1 << windowBits; d++) powers.push((powers[d - 1]! * unit) % modulus);
      unit = (powers.at(-1)! * unit) % modulus;
      return powers;
    });
  }

  /** Throws RangeError where the exponent has more bits than the table. */
  of(exponent: bigint): bigint {
    const mask = (1n << BigInt(this.#windowBits)) - 1n;
    const step = BigInt(this.#windowBits);
    let result = 1n;
    let rest = exponent;
    for (const powers of this.#table) {
      const digit = Number(rest & mask);
      if (digit > 0) result = (result * powers[digit]!) % this.modulus;
      rest >>= step;
    }
    if (rest !== 0n) throw new RangeError('the exponent has more bits than the table');
    return result;
  }
}
