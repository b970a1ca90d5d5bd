/**
 * Several numbers in one plaintext, side by side: Σ v_i · 2^(width·i). Adding adds slot by slot, a factor
 * multiplies them all, as long as no slot outgrows its width; whoever packs bounds what will come of it.
 */
export interface Slots {
  readonly widthBits: number;
  readonly count: number;
}

/** How many fit below a modulus of `keyBits` bits. */
export const slotsIn = (keyBits: number, widthBits: number): number =>
  Math.floor((keyBits - 1) / widthBits);

/** Throws RangeError where a number is negative or too wide, or there are too many. */
export function pack({ widthBits, count }: Slots, values: readonly bigint[]): bigint {
  if (values.length > count) {
    throw new RangeError(`${count} slots take at most as many numbers, got ${values.length}`);
  }
  const width = BigInt(widthBits);
  return values.reduceRight((packed, value, i) => {
    if (value < 0n || value >> width !== 0n) {
      throw new RangeError(`slot ${i} has ${widthBits} bits and no sign`);
    }
    return (packed << width) | value;
  }, 0n);
}

/** All slots; the last one takes whatever stands above it. */
export function unpack({ widthBits, count }: Slots, packed: bigint): bigint[] {
  return Array.from({ length: count }, (_, i) => {
    const rest = packed >> BigInt(widthBits * i);
    return i === count - 1 ? rest : BigInt.asUintN(widthBits, rest);
  });
}
