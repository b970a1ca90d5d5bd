/**
 * Paillier's cryptosystem (Eurocrypt 1999), the half that anybody has: with g = 1 + N
 *
 *   Enc(m; r) = (1 + m·N)·r^N mod N²                 0 ≤ m < N
 *   Enc(a)·Enc(b) = Enc(a + b)      Enc(a)^k = Enc(k·a)      Enc(a)·r^N = Enc(a)
 *
 * r^N is the *mask*: where it comes from decides how fast and under which assumption (`fixed-base.ts`).
 * Encryption hides m under the decisional composite residuosity assumption; nothing here says that a
 * ciphertext was made by whom, or of what: it is malleable, that is its use.
 */
import { PAILLIER_KEY_BITS_MAX, PAILLIER_KEY_BITS_MIN } from '../limits.ts';
import type { Arithmetic, Power } from './arithmetic.ts';
import { PaillierError } from './errors.ts';
import { bitLength, fromBytes, gcd, inverse, mod, randomUnit, toBytes } from './integers.ts';

/** Gives r^N mod N², each once. */
export interface Masks {
  next(): bigint;
}

export class PublicKey {
  readonly n: bigint;
  readonly nSquare: bigint;
  readonly bits: number;
  /** A ciphertext on the wire, big-endian. */
  readonly ciphertextBytes: number;
  /** r uniform among all units: what a ciphertext needs that leaves for good [S14]. */
  readonly fullWidth: Masks;
  readonly #power: Power;

  /**
   * `bitsMin` is lower in tests alone. Throws PaillierError `key-too-small` or `malformed-key`: nothing
   * of this says that the modulus is well formed (`modulus-proof.ts`).
   */
  constructor(arithmetic: Arithmetic, n: bigint, bitsMin = PAILLIER_KEY_BITS_MIN) {
    this.bits = checkModulus(n, bitsMin);
    this.n = n;
    this.nSquare = n * n;
    this.ciphertextBytes = Math.ceil(this.bits / 4);
    this.#power = arithmetic.power(this.nSquare);
    const { random } = arithmetic;
    this.fullWidth = { next: () => this.#power(randomUnit(n, random), n) };
  }

  /** Throws RangeError unless 0 ≤ message < N. */
  encrypt(message: bigint, masks: Masks = this.fullWidth): bigint {
    return (this.withoutMask(message) * masks.next()) % this.nSquare;
  }

  /** 1 + m·N: an encryption that hides nothing, to add a known number with. */
  withoutMask(message: bigint): bigint {
    if (message < 0n || message >= this.n) {
      throw new RangeError(`a plaintext is in [0, N), got ${bitLength(message)} bits`);
    }
    return 1n + message * this.n;
  }

  /** Of sums taken mod N. */
  add(a: bigint, b: bigint): bigint {
    return (a * b) % this.nSquare;
  }

  /** Adds a known number. */
  addPlain(ciphertext: bigint, message: bigint): bigint {
    return this.add(ciphertext, this.withoutMask(mod(message, this.n)));
  }

  negate(ciphertext: bigint): bigint {
    return inverse(ciphertext, this.nSquare);
  }

  /** k·m for any whole k, in time that grows with its bits; the result's mask is k times as known. */
  multiply(ciphertext: bigint, factor: bigint): bigint {
    if (factor < 0n) return this.multiply(this.negate(ciphertext), -factor);
    return this.#power(ciphertext, factor);
  }

  /** The same plaintext under a mask nobody has seen. */
  rerandomise(ciphertext: bigint, masks: Masks = this.fullWidth): bigint {
    return this.add(ciphertext, masks.next());
  }

  /** Throws PaillierError unless all are in (0, N²) and invertible: checked at the door, then trusted. */
  check(ciphertexts: readonly bigint[]): void {
    let product = 1n;
    for (const [i, each] of ciphertexts.entries()) {
      this.checkRange(each, i);
      product = (product * (each % this.n)) % this.n;
    }
    // A product has an inverse only where all its factors have: one gcd for all of them.
    if (gcd(product, this.n) === 1n) return;
    const wrong = ciphertexts.findIndex((each) => gcd(each, this.n) !== 1n);
    throw notInvertible(wrong);
  }

  /** The half of `check` that costs nothing; `place` is for its message. */
  checkRange(ciphertext: bigint, place: number): void {
    if (ciphertext > 0n && ciphertext < this.nSquare) return;
    throw new PaillierError('ciphertext-range', `ciphertext ${place} is not in (0, N²)`);
  }

  toBytes(ciphertexts: readonly bigint[]): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.ciphertextBytes * ciphertexts.length);
    ciphertexts.forEach((each, i) => {
      bytes.set(toBytes(each, this.ciphertextBytes), this.ciphertextBytes * i);
    });
    return bytes;
  }

  /** As many as there must be, checked. Throws PaillierError. */
  fromBytes(bytes: Uint8Array, count: number): bigint[] {
    const width = this.ciphertextBytes;
    if (bytes.length !== width * count) {
      throw new PaillierError(
        'ciphertext-range',
        `${count} ciphertexts have ${width * count} bytes, got ${bytes.length}`,
      );
    }
    const ciphertexts = Array.from({ length: count }, (_, i) =>
      fromBytes(bytes.subarray(width * i, width * (i + 1))),
    );
    this.check(ciphertexts);
    return ciphertexts;
  }
}

export const notInvertible = (place: number): PaillierError =>
  new PaillierError('ciphertext-not-invertible', `ciphertext ${place} has no inverse mod N`);

/** The modulus's bits. Throws PaillierError. */
export function checkModulus(n: bigint, bitsMin: number): number {
  const bits = n > 0n ? bitLength(n) : 0;
  if (bits < bitsMin) {
    throw new PaillierError('key-too-small', `a modulus has at least ${bitsMin} bits, got ${bits}`);
  }
  if (bits > PAILLIER_KEY_BITS_MAX) {
    const most = PAILLIER_KEY_BITS_MAX;
    throw new PaillierError('malformed-key', `a modulus has at most ${most} bits, got ${bits}`);
  }
  if ((n & 1n) === 0n) throw new PaillierError('malformed-key', 'an even modulus');
  return bits;
}
