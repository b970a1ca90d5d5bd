/**
 * For `two-worlds.test.ts`: what t servers and the researcher hold together when one of two worlds was
 * split, shared, multiplied, masked and opened by the real code; turned into numbers to learn from.
 *
 *   worlds     three readings each, equal in count, Σx and Σx²: 0 has 700, 740, 750; 1 has 710, 720, 760
 *   view       d of every reading; every share, mask keystream and zero-share of servers 1 … t;
 *              every server's partial of Σx and of Σx² as the researcher opened it
 *   residuals  for each world: what each number would be off by if that world were true and what the
 *              view lacks (one keystream, one zero-share) were nothing
 *
 * If anything leaks which world it is, some residual is small, or its bits are, in one world more often.
 */
import { getBigInt, P, type FieldVector } from '@vitalshare/edge/field';
import { sha256, utf8, concatBytes } from '@vitalshare/edge/seal';
import {
  fOfSet,
  indicesOf,
  MaskKeys,
  setsOf,
  setsOfServer,
  type SharingConfig,
  streamElements,
  USE,
} from '@vitalshare/edge/sharing';
import { deriveShares, grantElements } from '@vitalshare/edge/sharing/derive';
import { splitFrame } from '@vitalshare/edge/sharing/split';
import { zeroKey, zeroShares } from '@vitalshare/edge/sharing/zero';
import { hmacSha256 } from '@vitalshare/edge/seal';
import { elementOf, MomentsKernel } from './data-server/moments-kernel.ts';

export const WORLDS = [
  [700, 740, 750],
  [710, 720, 760],
] as const;
const ROWS = 3;
/** Runs that share a frame and an answer: columns of one frame, products of one binding. */
const RUNS_A_FRAME = 40;
const STAY = 'stay';

export interface Run {
  readonly world: 0 | 1;
  readonly features: Float64Array;
}

/**
 * `as built`, or a guard seen failing: the zero-shares left out, or in place with the one key that
 * servers 1 … t lack handed to them.
 */
export type Guard = 'as built' | 'zero-shares left out' | 'last zero key known';

export function* runs(
  config: SharingConfig,
  count: number,
  guard: Guard,
  seed: string,
): Generator<Run> {
  const deal = new Deal(config, seed);
  for (let made = 0, frame = 1; made < count; frame++) {
    for (const run of deal.frame(frame, guard)) if (made++ < count) yield run;
  }
}

class Deal {
  readonly #config: SharingConfig;
  readonly #seed: string;
  readonly #masks: readonly number[];
  readonly #gateway: MaskKeys;
  readonly #servers: readonly MaskKeys[];
  readonly #zero: ReadonlyMap<number, Uint8Array>;
  readonly #view: View;

  constructor(config: SharingConfig, seed: string) {
    this.#config = config;
    this.#seed = seed;
    this.#masks = setsOf(config);
    const context = { log: this.#draw('log').slice(0, 16), epoch: 1, run: 1, generation: 1 };
    const root = (mask: number): [number, Uint8Array] => [mask, this.#draw(`root ${mask}`)];
    this.#gateway = new MaskKeys(config, context, new Map(this.#masks.map(root)));
    this.#servers = serversOf(config).map(
      (j) => new MaskKeys(config, context, new Map(setsOfServer(config, j).map(root))),
    );
    this.#zero = new Map(
      this.#masks.map((mask) => [
        mask,
        zeroKey(indicesOf(mask).map((j) => this.#draw(`zero ${mask} ${j}`))),
      ]),
    );
    this.#view = new View(config);
  }

  *frame(counter: number, guard: Guard): Generator<Run> {
    const bits = this.#draw(`worlds ${counter}`);
    const worlds = Array.from({ length: RUNS_A_FRAME }, (_, m) =>
      (bits[m >> 3]! >> (m & 7)) & 1 ? 1 : 0,
    );
    const header = new Uint8Array(0);
    const columns = worlds.map((world) => ({ header, values: WORLDS[world] }));
    const split = splitFrame(this.#gateway, STAY, counter, { columns, products: [], segments: [] });
    const d = new Uint32Array(2 * ROWS * RUNS_A_FRAME);
    split.columns.forEach((column, m) => d.set(column.masked, 2 * ROWS * m));
    const shares = this.#servers.map((keys, i) =>
      deriveShares(keys, i + 1, USE.numeric, STAY, counter, d),
    );
    const binding = this.#draw(`binding ${counter}`);
    const masked = guard !== 'zero-shares left out';
    const zeros = this.#servers.map((_, i) =>
      masked ? this.#zeros(i + 1, binding) : new Array<bigint>(RUNS_A_FRAME).fill(0n),
    );
    const known = masked ? this.#knownZeros(binding, guard) : zeros;
    const streams = this.#knownStreams(counter);
    for (const [m, world] of worlds.entries()) {
      const own = shares.map((vector) => vector.subarray(2 * ROWS * m, 2 * ROWS * (m + 1)));
      const partials = own.map(momentsOf);
      const features = this.#view.features({
        d: elementsOf(d.subarray(2 * ROWS * m, 2 * ROWS * (m + 1))),
        streams: streams.slice(ROWS * m, ROWS * (m + 1)),
        shares: own.slice(0, this.#config.threshold).map(elementsOf),
        sums: partials.map(({ sum }) => sum),
        products: partials.map(({ product }, i) => (product + zeros[i]![m]!) % P),
        knownZeros: known.map((of) => of[m]!),
      });
      yield { world, features };
    }
  }

  #zeros(server: number, binding: Uint8Array): bigint[] {
    return zeroShares(this.#config, server, this.#zero, binding, RUNS_A_FRAME);
  }

  /** Servers 1 … t know every set but the one of all others; they can undo the rest of each mask. */
  #knownZeros(binding: Uint8Array, guard: Guard): bigint[][] {
    const { threshold } = this.#config;
    const isAll = guard === 'last zero key known';
    const held = this.#masks.filter((mask) => isAll || indicesOf(mask)[0]! <= threshold);
    const zetas = held.map((mask) => {
      const zeta = new Uint32Array(2 * RUNS_A_FRAME * threshold);
      streamElements(hmacSha256(this.#zero.get(mask)!, binding), 0, 0, zeta);
      return elementsOf(zeta);
    });
    return serversOf(this.#config).map((j) =>
      Array.from({ length: RUNS_A_FRAME }, (_, m) =>
        held.reduce((sum, mask, i) => {
          const powers = Array.from({ length: threshold }, (_, e) => BigInt(j) ** BigInt(e + 1));
          const own = powers.reduce((s, power, e) => s + power * zetas[i]![m * threshold + e]!, 0n);
          return (sum + fOfSet(this.#config, mask, j) * (own % P)) % P;
        }, 0n),
      ),
    );
  }

  /** Σ ψ_A over the sets that servers 1 … t hold, element by element. */
  #knownStreams(counter: number): bigint[] {
    const sums = new Array<bigint>(ROWS * RUNS_A_FRAME).fill(0n);
    const seen = new Set<number>();
    for (const keys of this.#servers.slice(0, this.#config.threshold)) {
      for (const mask of keys.masks) {
        if (seen.has(mask)) continue;
        seen.add(mask);
        const stream = grantElements(keys, mask, STAY, counter, 0, sums.length);
        elementsOf(stream).forEach((value, i) => (sums[i] = (sums[i]! + value) % P));
      }
    }
    return sums;
  }

  #draw(label: string): Uint8Array {
    return sha256(concatBytes(utf8(this.#seed), utf8(label)));
  }
}

const serversOf = ({ servers }: SharingConfig): number[] =>
  Array.from({ length: servers }, (_, i) => i + 1);

const elementsOf = (vector: FieldVector): bigint[] =>
  Array.from({ length: vector.length / 2 }, (_, i) => getBigInt(vector, i));

const kernel = new MomentsKernel();
const PLANE_BYTES = 16_000;

/** A data server's own arithmetic. */
function momentsOf(shares: FieldVector): { sum: bigint; product: bigint } {
  const { buffer, byteOffset } = kernel.planes(0);
  for (let i = 0; i < ROWS; i++) {
    new Uint32Array(buffer, byteOffset, ROWS)[i] = shares[2 * i]!;
    new Uint32Array(buffer, byteOffset + PLANE_BYTES, ROWS)[i] = shares[2 * i + 1]!;
  }
  const [low, high, productLow, productHigh] = kernel.ofChunk(1, ROWS, 2);
  return { sum: elementOf(low!, high!), product: elementOf(productLow!, productHigh!) };
}

interface Seen {
  readonly d: readonly bigint[];
  readonly streams: readonly bigint[];
  /** By server of the coalition, then row. */
  readonly shares: readonly (readonly bigint[])[];
  /** By server, all of them. */
  readonly sums: readonly bigint[];
  readonly products: readonly bigint[];
  readonly knownZeros: readonly bigint[];
}

class View {
  readonly #config: SharingConfig;
  /** By server: weights at 0 and 1 … t of the value there of a polynomial of degree t. */
  readonly #weights: readonly (readonly bigint[])[];
  /** Rows of the inverse Vandermonde matrix over 2t + 1 servers: coefficients 1 … 2t. */
  readonly #coefficients: readonly (readonly bigint[])[];

  constructor(config: SharingConfig) {
    this.#config = config;
    const { threshold } = config;
    const base = Array.from({ length: threshold + 1 }, (_, i) => i);
    this.#weights = serversOf(config).map((j) => base.map((i) => lagrange(base, i)(j)));
    const points = serversOf(config).slice(0, 2 * threshold + 1);
    const columns = points.map((i) => coefficientsOf(points, i));
    this.#coefficients = Array.from({ length: 2 * threshold }, (_, k) =>
      columns.map((column) => column[k + 1]!),
    );
  }

  features({ d, streams, shares, sums, products, knownZeros }: Seen): Float64Array {
    const bare = products.map((product, j) => mod(product - knownZeros[j]!));
    const residuals = WORLDS.flatMap((readings) => {
      const lines = readings.map((x, i) => [BigInt(x), ...shares.map((own) => own[i]!)]);
      const at = this.#weights.map((weights) =>
        lines.map((line) => mod(line.reduce((v, y, k) => v + y * weights[k]!, 0n))),
      );
      const offProducts = bare.map((product, j) =>
        mod(product - at[j]!.reduce((v, q) => v + q * q, 0n)),
      );
      return [
        ...readings.map((x, i) => mod(d[i]! + streams[i]! - BigInt(x))),
        ...sums.map((sum, j) => mod(sum - at[j]!.reduce((v, q) => v + q, 0n))),
        ...offProducts,
        ...this.#coefficients.map((row) => mod(dot(row, offProducts))),
      ];
    });
    const raw = [...d, ...shares.flat(), ...sums, ...products];
    raw.push(...this.#coefficients.map((row) => mod(dot(row, products))));
    return Float64Array.from([...residuals, ...raw].flatMap(numbersOf));
  }
}

/** How large an element is, either sign, in bits; where it lies in the field; its lowest bits. */
export function numbersOf(element: bigint): number[] {
  const size = element > P / 2n ? P - element : element;
  return [
    Math.log2(Number(size) + 1) / 60,
    Number(element) / Number(P),
    Number(element & 1n),
    Number((element >> 1n) & 1n),
  ];
}

export const mod = (value: bigint): bigint => ((value % P) + P) % P;

const dot = (a: readonly bigint[], b: readonly bigint[]): bigint =>
  a.reduce((sum, x, i) => sum + x * b[i]!, 0n);

export function inverse(value: bigint): bigint {
  let result = 1n;
  for (let e = P - 2n, base = mod(value); e > 0n; e >>= 1n, base = (base * base) % P) {
    if (e & 1n) result = (result * base) % P;
  }
  return result;
}

/** The basis polynomial that is 1 at `i` and 0 at the other points, as a function. */
const lagrange =
  (points: readonly number[], i: number) =>
  (at: number): bigint =>
    points
      .filter((k) => k !== i)
      .reduce((v, k) => mod(v * BigInt(at - k) * inverse(BigInt(i - k))), 1n);

/** The same, as coefficients from the constant on. */
const coefficientsOf = (points: readonly number[], i: number): bigint[] =>
  points
    .filter((k) => k !== i)
    .reduce<bigint[]>(
      (poly, k) => {
        const scale = inverse(BigInt(i - k));
        return [0n, ...poly].map((c, e) => mod((c - BigInt(k) * (poly[e] ?? 0n)) * scale));
      },
      [1n],
    );
