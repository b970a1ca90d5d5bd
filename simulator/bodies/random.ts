/**
 * Seeded random numbers: sfc32 (Doty-Humphrey, PractRand), its state filled by a splitmix32 over the
 * seeds. For simulated worlds; never for keys. `uniform` is the same bit for bit everywhere, `normal`
 * as far as two engines agree on logarithm and cosine.
 *
 * Every use takes a stream of its own, so that drawing more of one thing shifts nothing else.
 */

export interface Random {
  /** In [0, 1), 32 bits of it. */
  readonly uniform: () => number;
  /** Mean 0, standard deviation 1, magnitude below 6.7 (Box–Muller on 32 bits). */
  readonly normal: () => number;
}

export function makeRandom(...seeds: readonly number[]): Random {
  const draw = sfc32(splitmix32(seeds));
  const uniform = (): number => draw() / 2 ** 32;
  return {
    uniform,
    normal: () => {
      const radius = Math.sqrt(-2 * Math.log((draw() + 1) / 2 ** 32));
      return radius * Math.cos(2 * Math.PI * uniform());
    },
  };
}

function sfc32(seed: () => number): () => number {
  let [a, b, c, counter] = [seed(), seed(), seed(), 1];
  return () => {
    const out = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + out;
    return out >>> 0;
  };
}

/** Takes the seeds in one by one; [1, 23] and [12, 3] lead apart. */
function splitmix32(seeds: readonly number[]): () => number {
  let state = seeds.length;
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
  for (const seed of seeds) {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`seed: expected an integer, got ${seed}`);
    state = next() ^ seed;
    state = next() ^ Math.floor(seed / 2 ** 32);
  }
  return next;
}
