/**
 * The fuzzer's randomness: sfc32 (C. Doty-Humphrey, PractRand), seeded from (seed, target, case), so
 * that any case can be made again by itself.
 */
export interface Random {
  /** 0 to 2^32 − 1. */
  readonly u32: () => number;
  /** 0 to `below` − 1. */
  readonly below: (below: number) => number;
  readonly chance: (oneIn: number) => boolean;
  readonly pick: <T>(items: readonly T[]) => T;
  readonly bytes: (length: number) => Uint8Array;
}

/** FNV-1a, 32 bits: a name as a part of a seed. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

export function randomOf(seed: number, name: number, index: number): Random {
  let [a, b, c, counter] = [seed | 0, name | 0, index | 0, 1];
  const u32 = (): number => {
    const out = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + out;
    return out >>> 0;
  };
  for (let i = 0; i < 12; i++) u32();
  const below = (limit: number): number => Math.floor((u32() / 2 ** 32) * limit);
  return {
    u32,
    below,
    chance: (oneIn) => below(oneIn) === 0,
    pick: (items) => items[below(items.length)]!,
    bytes: (length) => {
      const bytes = new Uint8Array(length);
      for (let i = 0; i < length; i++) bytes[i] = u32();
      return bytes;
    },
  };
}
