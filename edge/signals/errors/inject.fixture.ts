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

/** Of a channel, in its unit. */
export interface Swing {
  readonly peakToPeak: number;
  readonly max: number;
  /** A flat line hums with up to four fifths of this, peak to peak, at 50 Hz. */
  readonly still: number;
}

/** One fault every `everySeconds` from `firstSeconds` on, kinds drawn at random; drift has a test of its own. */
export function injectIntoWaveform(
  samples: Float64Array,
  rateHz: number,
  { peakToPeak, max, still }: Swing,
  uniform: () => number,
  everySeconds = 9,
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
    const hum = 0.4 * still * uniform();
    // Within what the channel can be, or it is out of bounds instead.
    const up = samples[from]! < 0;
    const room = 0.98 * (max + Math.abs(samples[from]!));
    const spike = (up ? 1 : -1) * Math.min(room, peakToPeak * (0.75 + 1.25 * uniform()));
    for (let i = from; i < from + count; i++) {
      if (kind === 'flat-line') {
        spoiled[i] = samples[from]! + hum * Math.sin((2 * Math.PI * 50 * i) / rateHz);
      }
      if (kind === 'data-lost') spoiled[i] = NaN;
      else if (kind === 'out-of-bounds') spoiled[i] = sign * max * (1.1 + 0.5 * uniform());
      else if (kind === 'spike') spoiled[i] = samples[i]! + spike;
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

  /**
   * `slackUs` before and after a truth in which what is told belongs to it; one to one, so that what is
   * told of a truth a second time is told where there is none.
   */
  add(truths: readonly Truth[], told: readonly StreamError[], slackUs = 1_000_000): void {
    const belongs = (truth: Truth, error: StreamError): boolean =>
      error.fromUs <= truth.toUs + slackUs && (error.toUs ?? Infinity) >= truth.fromUs - slackUs;
    const taken = new Set<StreamError>();
    for (const truth of truths) {
      const own = told.find(
        (error) => error.kind === truth.kind && !taken.has(error) && belongs(truth, error),
      );
      count(this.#truths, truth.kind);
      if (own === undefined) {
        this.#add(truth.kind, NONE);
        continue;
      }
      taken.add(own);
      count(this.#found, truth.kind);
      this.#add(truth.kind, own.kind);
      const delayUs = own.foundUs - truth.fromUs;
      this.delaysUs.set(truth.kind, Math.max(delayUs, this.delaysUs.get(truth.kind) ?? 0));
    }
    for (const error of told) {
      if (taken.has(error)) continue;
      const other = truths.find((truth) => truth.kind !== error.kind && belongs(truth, error));
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
