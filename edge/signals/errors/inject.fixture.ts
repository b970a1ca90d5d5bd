/**
 * For tests: faults put into recordings, each with what it is and when, and what was told compared with
 * it as a confusion matrix.
 */
import { STREAM_ERRORS, type StreamError, type StreamErrorKind } from './stream-error.ts';

export interface Truth {
  readonly kind: StreamErrorKind;
  readonly fromUs: number;
  readonly toUs: number;
}

/** In [0, 1); the seed is printed by whoever draws one (xorshift32, Marsaglia 2003). */
export function uniformOf(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

export interface Injected {
  /** NaN is missing. */
  readonly samples: Float64Array;
  readonly truths: readonly Truth[];
}

/**
 * One fault every `everySeconds` from `firstSeconds` on, kinds drawn at random; drift has a test of
 * its own.
 */
export function injectIntoWaveform(
  samples: Float64Array,
  rateHz: number,
  { peakToPeak, max }: { readonly peakToPeak: number; readonly max: number },
  uniform: () => number,
  everySeconds = 12,
): Injected {
  const spoiled = samples.slice();
  const truths: Truth[] = [];
  const kinds = ['flat-line', 'out-of-bounds', 'data-lost', 'spike'] as const;
  const last = samples.length / rateHz - everySeconds;
  for (let second = 12; second < last; second += everySeconds) {
    const kind = kinds[Math.floor(uniform() * kinds.length)]!;
    const from = Math.floor((second + uniform() * 2) * rateHz);
    const count =
      kind === 'spike'
        ? Math.ceil(uniform() * 0.008 * rateHz)
        : Math.floor((kind === 'flat-line' ? 2.5 + 2 * uniform() : 0.1 + 2 * uniform()) * rateHz);
    const sign = uniform() < 0.5 ? -1 : 1;
    // Within what the channel can be, or it is out of bounds instead.
    const up = samples[from]! < 0;
    const room = 0.98 * (max + Math.abs(samples[from]!));
    const spike = (up ? 1 : -1) * Math.min(room, peakToPeak * (1 + uniform()));
    for (let i = from; i < from + count; i++) {
      if (kind === 'flat-line') spoiled[i] = samples[from]!;
      else if (kind === 'data-lost') spoiled[i] = NaN;
      else if (kind === 'out-of-bounds') spoiled[i] = sign * max * (1.1 + 0.5 * uniform());
      else spoiled[i] = samples[i]! + spike;
    }
    const [fromUs, toUs] = [(1e6 * from) / rateHz, (1e6 * (from + count)) / rateHz];
    truths.push({ kind, fromUs, toUs });
  }
  return { samples: spoiled, truths };
}

const NONE = 'none';
type Cell = StreamErrorKind | typeof NONE;

/**
 * Truths by row, what was told by column; `none` is a fault not told, or one told where there is
 * none.
 */
export class Confusion {
  readonly #cells = new Map<string, number>();
  readonly #truths = new Map<StreamErrorKind, number>();
  readonly #found = new Map<StreamErrorKind, number>();
  readonly delaysUs = new Map<StreamErrorKind, number>();

  /** `slackUs` before and after a truth in which what is told belongs to it. */
  add(truths: readonly Truth[], told: readonly StreamError[], slackUs = 1_000_000): void {
    const belongs = (truth: Truth, error: StreamError): boolean =>
      error.fromUs <= truth.toUs + slackUs && (error.toUs ?? Infinity) >= truth.fromUs - slackUs;
    for (const truth of truths) {
      const own = told.filter((error) => error.kind === truth.kind && belongs(truth, error));
      count(this.#truths, truth.kind);
      if (own.length === 0) {
        this.#add(truth.kind, NONE);
        continue;
      }
      count(this.#found, truth.kind);
      const delayUs = Math.min(...own.map(({ foundUs }) => foundUs - truth.fromUs));
      this.delaysUs.set(truth.kind, Math.max(delayUs, this.delaysUs.get(truth.kind) ?? 0));
    }
    for (const error of told) {
      const same = truths.find((truth) => truth.kind === error.kind && belongs(truth, error));
      const other = same ?? truths.find((truth) => belongs(truth, error));
      this.#add(other?.kind ?? NONE, error.kind);
    }
  }

  recall(kind: StreamErrorKind): number {
    return (this.#found.get(kind) ?? 0) / (this.#truths.get(kind) ?? 0);
  }

  precision(kind: StreamErrorKind): number {
    const rows = [...STREAM_ERRORS, NONE].map((row) => this.#cells.get(`${row} ${kind}`) ?? 0);
    return (this.#cells.get(`${kind} ${kind}`) ?? 0) / rows.reduce((a, b) => a + b, 0);
  }

  table(): string {
    const cells = [...STREAM_ERRORS, NONE];
    const head = ['truth \\ told', ...cells];
    const rows = cells.map((row) => [
      row,
      ...cells.map((column) => String(this.#cells.get(`${row} ${column}`) ?? 0)),
    ]);
    return [head, ...rows].map((row) => row.map((cell) => cell.padEnd(14)).join('')).join('\n');
  }

  #add(row: Cell, column: Cell): void {
    count(this.#cells, `${row} ${column}`);
  }
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
