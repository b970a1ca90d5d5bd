/**
 * m from m·G for m in a known range: baby steps and giant steps (Shanks 1971), each over a whole line of
 * points at once (`edwards.ts`) and with both signs for the price of one, for y(P) = y(−P).
 *
 *   baby   a table of y(j·B), 1 ≤ j ≤ reach, B = 4·G:      53 bits of y: 32 are the tag, the top 24 the slot
 *   giant  y(T + i·(2·reach + 1)·B) for every i that the range needs, T = 4·(m·G − middle·G)
 *   found  j ∈ {±j} is tried against m·G itself, so a tag that two points share costs a little time
 *
 * The table is public and the same for all: 2^20 steps are 16 MiB, made once a process. It is not kept on
 * a disk: to read 16 MiB and their SHA-256 in JavaScript takes as long as to make it (3.5 against 3.0 s).
 */
import { ElgamalError } from './error.ts';
import { affineOf, alongLine, fourTimes, type Stride, stridesOf } from './edwards.ts';
import { G, IDENTITY, modOrder, type Point, timesPublic } from './group.ts';

/** Points on either side of a centre that share an inversion. */
const LINE = 256;
const WIDTH = 2 * LINE + 1;

/** Numbers from `low` to `high`, both in. */
export interface Range {
  readonly low: bigint;
  readonly high: bigint;
}

export interface BabySteps {
  /** ± so far the table reaches. */
  readonly reach: number;
  /** Per slot: 32 bits of y, and j, 0 where the slot is free. */
  readonly tags: Uint32Array;
  readonly steps: Uint32Array;
}

/** At least 2^`bits` baby steps in slots of twice as many. Tells how far it is, in steps. */
export function makeBabySteps(
  bits: number,
  progress: (done: number, total: number) => void = () => undefined,
): BabySteps {
  if (!Number.isInteger(bits) || bits < 10 || bits > 24) {
    throw new RangeError(`a table of baby steps has 2^10 to 2^24 of them, asked 2^${bits}`);
  }
  const lines = Math.ceil((2 ** bits - LINE) / WIDTH);
  const reach = LINE + lines * WIDTH;
  const slots = 2 ** (bits + 1);
  const table = { reach, tags: new Uint32Array(slots), steps: new Uint32Array(slots) };
  const base = fourTimes(G);
  const strides = stridesOf(base, LINE);
  strides.forEach(({ y }, i) => put(table, y, i + 1));
  const jump = timesPublic(base, BigInt(WIDTH));
  const [above, below] = [new Array<bigint>(LINE), new Array<bigint>(LINE)];
  for (let line = 1, centre = jump; line <= lines; line++, centre = centre.add(jump)) {
    const at = affineOf(centre);
    alongLine(at, strides, above, below);
    put(table, at.y, line * WIDTH);
    for (let i = 0; i < LINE; i++) {
      put(table, above[i]!, line * WIDTH + i + 1);
      put(table, below[i]!, line * WIDTH - i - 1);
    }
    if (line % 64 === 0) progress(line * WIDTH, reach);
  }
  return table;
}

/** Searches the ranges one after another; `null` where m is in none of them. */
export class Logarithms {
  readonly #table: BabySteps;
  readonly #giant: bigint;
  readonly #strides: readonly Stride[];
  readonly #jump: Point;

  constructor(table: BabySteps) {
    this.#table = table;
    this.#giant = 2n * BigInt(table.reach) + 1n;
    const step = timesPublic(fourTimes(G), this.#giant);
    this.#strides = stridesOf(step, LINE);
    this.#jump = timesPublic(step, BigInt(WIDTH));
  }

  find(point: Point, ranges: readonly Range[]): bigint | null {
    for (const range of ranges) {
      const found = this.#findIn(point, range);
      if (found !== null) return found;
    }
    return null;
  }

  /** The same, but throws ElgamalError `bound` where m is in none of them. */
  of(point: Point, ranges: readonly Range[]): bigint {
    const found = this.find(point, ranges);
    if (found !== null) return found;
    throw new ElgamalError('bound', 'what was decrypted is no number within the bound');
  }

  #findIn(point: Point, { low, high }: Range): bigint | null {
    if (low > high) return null;
    const middle = (low + high) / 2n;
    const half = high - middle > middle - low ? high - middle : middle - low;
    // Giant steps to either side of the middle, in lines of WIDTH.
    const giants = (half + BigInt(this.#table.reach)) / this.#giant;
    const lines = Number((giants + BigInt(LINE)) / BigInt(WIDTH));
    const target = point.subtract(multipleOf(middle));
    const first = fourTimes(target);
    let [up, down] = [first, first];
    for (let line = 0; line <= lines; line++) {
      for (const [sign, centre] of line === 0
        ? [[1, up] as const]
        : [[1, up] as const, [-1, down] as const]) {
        const found = this.#along(centre, sign * line * WIDTH, target);
        if (found === null) continue;
        const value = middle + found;
        return value >= low && value <= high ? value : null;
      }
      up = up.add(this.#jump);
      down = down.subtract(this.#jump);
    }
    return null;
  }

  /** n with target = n·G, where centre = 4·target + giants·step and n is near it. */
  #along(centre: Point, giants: number, target: Point): bigint | null {
    const at = affineOf(centre);
    const [above, below] = [new Array<bigint>(LINE), new Array<bigint>(LINE)];
    alongLine(at, this.#strides, above, below);
    for (let i = -1; i < LINE; i++) {
      const found =
        i < 0
          ? this.#at(at.y, giants, target)
          : (this.#at(above[i]!, giants + i + 1, target) ??
            this.#at(below[i]!, giants - i - 1, target));
      if (found !== null) return found;
    }
    return null;
  }

  /** y is of 4·target + giants·step; is that a baby step? */
  #at(y: bigint, giants: number, target: Point): bigint | null {
    for (const step of y === 1n ? [0] : stepsAt(this.#table, y)) {
      for (const signed of [BigInt(step), -BigInt(step)]) {
        const n = signed - BigInt(giants) * this.#giant;
        if (multipleOf(n).equals(target)) return n;
      }
    }
    return null;
  }
}

/** n·G of a public n; a negative small one is as fast as a positive. */
const multipleOf = (n: bigint): Point =>
  n < 0n ? timesPublic(G, -n).negate() : n === 0n ? IDENTITY : timesPublic(G, modOrder(n));

function put({ tags, steps }: BabySteps, y: bigint, step: number): void {
  const bits = Number(BigInt.asUintN(53, y));
  let slot = Math.floor(bits / 2 ** 29) & (steps.length - 1);
  while (steps[slot] !== 0) slot = (slot + 1) & (steps.length - 1);
  tags[slot] = bits >>> 0;
  steps[slot] = step;
}

/** Mostly none. */
function stepsAt({ tags, steps }: BabySteps, y: bigint): number[] {
  const bits = Number(BigInt.asUintN(53, y));
  const tag = bits >>> 0;
  const found: number[] = [];
  let slot = Math.floor(bits / 2 ** 29) & (steps.length - 1);
  for (; steps[slot] !== 0; slot = (slot + 1) & (steps.length - 1)) {
    if (tags[slot] === tag) found.push(steps[slot]!);
  }
  return found;
}
