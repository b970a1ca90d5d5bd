/**
 * Products of two servers' shares, under the key of the one [S14]. Of rows of v additive shares
 *
 *   owner i        c_r = Enc_i(Σ_a x_{r,a}·2^(W·a))                              to j, one a row
 *   multiplier j   for each b:  Π_r c_r^(y_{r,b}) · Enc_i(ρ_b; full width)         back to i
 *                  keeps −ρ_{a,b} mod p, where ρ_b = Σ_a ρ_{a,b}·2^(W·a)
 *   owner i        slots of the plaintext: Σ_r x_{r,a}·y_{r,b} + ρ_{a,b}, mod p
 *
 * Shares are below 2^61, so a total is below 2^B, B = 122 + ⌈log2 rows⌉, and W = B + 82. **ρ_b is uniform mod N**:
 * what i decrypts is uniform whatever it sent, honest ciphertexts or not; a slot overflows, and the sum is then
 * wrong, with probability 2^−82. ρ_{a,b} mod p is uniform but for 2^−80 too, so V mod p and −ρ mod p are a
 * fresh additive sharing of the product between i and j. For the product of a and b the two of (a, b)
 * and (b, a) are added.
 */
import { P } from '@vitalshare/edge/field';
import { JOINT_BLINDING_BITS } from '../../limits.ts';
import { randomBelow } from '../../paillier/integers.ts';
import { MultiPower } from '../../paillier/multi-power.ts';
import {
  type Masks,
  pack,
  PaillierError,
  type PrivateKey,
  type PublicKey,
  type Slots,
  slotsIn,
  unpack,
} from '../../paillier/paillier.ts';

const SHARE_BITS = 61;

/** Throws PaillierError `key-too-small` where `vitals` slots do not fit. */
export function productSlots(keyBits: number, vitals: number, rows: number): Slots {
  const totalBits = 2 * SHARE_BITS + Math.ceil(Math.log2(Math.max(rows, 1)));
  const widthBits = totalBits + JOINT_BLINDING_BITS + 2;
  // One bit more than the modulus's own bound, so that a total wraps as rarely as a slot does.
  if (slotsIn(keyBits - 1, widthBits) >= vitals) return { widthBits, count: vitals };
  throw new PaillierError(
    'key-too-small',
    `${vitals} slots of ${widthBits} bits do not fit a modulus of ${keyBits} bits`,
  );
}

/** [PROTO-62] One row for everybody it is sent to. */
export const encryptRow = (
  key: PublicKey,
  masks: Masks,
  slots: Slots,
  row: readonly bigint[],
): bigint => key.encrypt(pack(slots, row), masks);

/** What the multiplier sends back and what it keeps. */
export interface Multiplied {
  readonly ciphertexts: readonly bigint[];
  /** Of each product a ≤ b in the order (1,1), (1,2) …, its additive share. */
  readonly kept: readonly bigint[];
}

/** Where ρ and r come from; tests leave one of them out, or make it too small. */
export interface Blinding {
  readonly mask: () => bigint;
  readonly rerandomise: (ciphertext: bigint) => bigint;
}

/** [PROTO-64] Full width, both. */
export const blindingOf = (
  key: PublicKey,
  random: (lengthBytes: number) => Uint8Array,
): Blinding => ({
  mask: () => randomBelow(key.n, random),
  rerandomise: (ciphertext) => key.rerandomise(ciphertext),
});

/** The multiplier's side, row by row as ciphertexts come. */
export class Multiplier {
  readonly #key: PublicKey;
  readonly #slots: Slots;
  readonly #products: readonly MultiPower[];

  constructor(key: PublicKey, slots: Slots, rows: number) {
    this.#key = key;
    this.#slots = slots;
    this.#products = Array.from(
      { length: slots.count },
      () => new MultiPower(key.nSquare, SHARE_BITS, rows),
    );
  }

  /** A checked ciphertext of the owner's row, and one's own shares of it. */
  add(ciphertext: bigint, row: readonly bigint[]): void {
    this.#products.forEach((product, b) => product.add(ciphertext, row[b]!));
  }

  finish({ mask, rerandomise }: Blinding): Multiplied {
    const masks = this.#products.map(mask);
    const ciphertexts = this.#products.map((product, b) =>
      rerandomise(this.#key.addPlain(product.product(), masks[b]!)),
    );
    const slots = masks.map((each) => unpack(this.#slots, each));
    return { ciphertexts, kept: pairSums(slots).map((sum) => (P - sum) % P) };
  }
}

/** The owner's side: its additive share of each product, of checked ciphertexts. */
export function openProducts(
  key: PrivateKey,
  slots: Slots,
  ciphertexts: readonly bigint[],
): bigint[] {
  return pairSums(ciphertexts.map((each) => unpack(slots, key.decrypt(each))));
}

/** What a server multiplies alone: its own shares by its own. */
export function ownProducts(rows: readonly (readonly bigint[])[], vitals: number): bigint[] {
  const sums: bigint[] = [];
  for (let a = 0; a < vitals; a++) {
    for (let b = a; b < vitals; b++) {
      sums.push(rows.reduce((sum, row) => sum + row[a]! * row[b]!, 0n) % P);
    }
  }
  return sums;
}

/** (a, b) and (b, a) together, a = b twice: both orders of two servers. */
function pairSums(slots: readonly (readonly bigint[])[]): bigint[] {
  return slots.flatMap((_, a) => slots.slice(a).map((own, i) => (slots[a]![a + i]! + own[a]!) % P));
}
