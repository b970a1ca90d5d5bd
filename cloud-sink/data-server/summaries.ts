/**
 * Summaries: the moments of chunks that are scanned no more, for every vital sign and pair of them
 * that was asked for.
 *
 *   block   version u32 ‖ 0 u32 ‖ 128 records (`chunk-record.ts`)     of a stay in one log, vital
 *           signs a ≤ b by code, chunks 128·block to 128·block + 127
 *
 * A record stands in its block from the first question that scanned the chunk whole until the chunk
 * changes; it is written and taken out in the same commit as the shares it speaks of. One of a < b is
 * over the rows where both are present. A reader checks that its snapshot reaches past the record's
 * newest position. A block of another version counts as empty, so a change of what a record or a leaf
 * means makes them anew.
 */
import { SUMMARY_BLOCKS_PENDING_MAX } from '../limits.ts';
import { StoreDamage } from './checked-store.ts';
import { FLAG, FLAGS, newestOf, pairOf, recordWords } from './chunk-record.ts';
import { blockOfSummaryKey, type ColumnKey, summaryKey, vitalsOfSummaryKey } from './keys.ts';
import type { Put, Store } from './store.ts';

export const BLOCK_CHUNKS = 128;
/** Other with every change of chunk, record or leaf. */
const VERSION = 1;
const HEAD_WORDS = 2;

/** A stay in one log. */
type Stay = Pick<ColumnKey, 'log' | 'stay'>;

interface Block {
  readonly key: Uint8Array;
  readonly words: Uint32Array;
}

export const blockOf = (number: number): number => Math.floor(number / BLOCK_CHUNKS);

/** Where a chunk's record begins in a block of a pair (`vitals` 2) or of one vital sign (1). */
export const recordAt = (number: number, vitals: number): number =>
  HEAD_WORDS + recordWords(vitals) * (number % BLOCK_CHUNKS);

/** [PROTO-21] Whether the record at `at` may answer a question as of `before`. */
export const isUsable = (block: Uint32Array, at: number, before: number): boolean =>
  (block[at + FLAGS]! & FLAG.whole) !== 0 && newestOf(block, at) < before;

/** The records a stored block of pairs (`vitals` 2) or of one vital sign holds, by place in it. */
export function* keptRecords(
  value: Uint8Array<ArrayBuffer>,
  vitals: number,
): Generator<{ readonly place: number; readonly record: Uint32Array }> {
  const words = new Uint32Array(value.buffer);
  if (words[0] !== VERSION) return;
  for (let place = 0; place < BLOCK_CHUNKS; place++) {
    const at = recordAt(place, vitals);
    if (words[at + FLAGS] === 0) continue;
    yield { place, record: words.subarray(at, at + recordWords(vitals)) };
  }
}

export class Summaries {
  readonly #store: Store;
  #changed = new Map<string, Block>();
  #landing = new Map<string, Block>();
  /** Stay → pairs that have any block, `a.b`; read from the store when first needed. */
  readonly #pairs = new Map<string, Map<string, readonly [number, number]>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** For reading, until the next change; `a` ≤ `b`. */
  block(stay: Stay, a: number, b: number, block: number): Uint32Array | undefined {
    const id = blockId(stay, a, b, block);
    const held = this.#changed.get(id) ?? this.#landing.get(id);
    if (held) return held.words;
    const value = this.#stored(summaryKey(stay, a, b, block));
    if (value?.length !== 4 * blockWords(a, b)) return undefined;
    const words = new Uint32Array(value.buffer);
    return words[0] === VERSION ? words : undefined;
  }

  /**
   * Keeps what a scan of a whole chunk, settled since, found: a record of the vital signs as asked.
   * Beyond what may be pending it is dropped, and found again by a later question.
   */
  keep(
    stay: Stay,
    vitals: readonly number[],
    number: number,
    records: Uint32Array,
    at: number,
  ): void {
    const k = vitals.length;
    const flags = records[at + FLAGS]!;
    if ((flags & FLAG.whole) === 0 || (flags & FLAG.moments) === 0) return;
    // Of three and more, a record over the rows of all says nothing of a pair unless all are equal.
    if (k > 2 && (flags & FLAG.equal) === 0) return;
    for (const [i, j] of pairsOf(k)) {
      const [first, second] = vitals[i]! <= vitals[j]! ? [i, j] : [j, i];
      const block = this.#change(stay, vitals[first]!, vitals[second]!, blockOf(number));
      if (!block) continue;
      const isPair = k <= 2 && first <= second;
      const record = isPair
        ? records.subarray(at, at + recordWords(k))
        : pairOf(records, at, k, first, second);
      block.set(record, recordAt(number, i === j ? 1 : 2));
    }
  }

  /** A chunk of this column is changing: what was kept of it holds no more. */
  forget(column: ColumnKey, number: number): void {
    const [vital] = column.vitals;
    for (const [a, b] of this.#pairsOfStay(column).values()) {
      if (a !== vital && b !== vital) continue;
      const at = recordAt(number, a === b ? 1 : 2);
      if ((this.block(column, a, b, blockOf(number))?.[at + FLAGS] ?? 0) === 0) continue;
      const block = this.#change(column, a, b, blockOf(number), true)!;
      block.fill(0, at, at + recordWords(a === b ? 1 : 2));
    }
  }

  /** An empty block in place of the stored one. */
  drop(key: Uint8Array): void {
    const [a, b] = vitalsOfSummaryKey(key);
    const view = new DataView(key.buffer, key.byteOffset);
    const stay = { log: view.getUint16(0), stay: view.getUint32(2) };
    const id = blockId(stay, a, b, blockOfSummaryKey(key));
    const words = new Uint32Array(blockWords(a, b));
    words[0] = VERSION;
    this.#changed.set(id, { key, words });
  }

  /** What the next commit must write, what did not land before too; call `landed` when it has. */
  takePuts(): Put[] {
    for (const [id, block] of this.#changed) this.#landing.set(id, block);
    this.#changed = new Map();
    return [...this.#landing.values()].map(({ key, words }): Put => ({
      table: 'summaries',
      key,
      value: new Uint8Array(words.buffer, words.byteOffset, words.byteLength),
    }));
  }

  landed(): void {
    this.#landing = new Map();
  }

  /** A damaged block counts as empty: what it held is found again by scanning. */
  #stored(key: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    try {
      return this.#store.get('summaries', key);
    } catch (error) {
      if (error instanceof StoreDamage && !error.isWhole) return undefined;
      throw error;
    }
  }

  #change(stay: Stay, a: number, b: number, block: number, must = false): Uint32Array | undefined {
    const id = blockId(stay, a, b, block);
    const changed = this.#changed.get(id);
    if (changed) return changed.words;
    if (!must && this.#changed.size >= SUMMARY_BLOCKS_PENDING_MAX) return undefined;
    const words = new Uint32Array(blockWords(a, b));
    words.set(this.block(stay, a, b, block) ?? [VERSION]);
    this.#changed.set(id, { key: summaryKey(stay, a, b, block), words });
    this.#pairsOfStay(stay).set(`${a}.${b}`, [a, b]);
    return words;
  }

  #pairsOfStay(stay: Stay): Map<string, readonly [number, number]> {
    const id = `${stay.log}.${stay.stay}`;
    let pairs = this.#pairs.get(id);
    if (!pairs) {
      pairs = new Map();
      const end = summaryKey({ ...stay, stay: stay.stay + 1 }, 0, 0, 0);
      for (const key of this.#store.keys('summaries', summaryKey(stay, 0, 0, 0), end)) {
        const [a, b] = vitalsOfSummaryKey(key);
        pairs.set(`${a}.${b}`, [a, b]);
      }
      this.#pairs.set(id, pairs);
    }
    return pairs;
  }
}

/** What k vital signs need: the one alone, or every two; places from 0. */
export const pairsOf = (k: number): [number, number][] =>
  k === 1
    ? [[0, 0]]
    : Array.from({ length: k }, (_, a) => a).flatMap((a) =>
        Array.from({ length: k - a - 1 }, (_, i): [number, number] => [a, a + 1 + i]),
      );

const blockWords = (a: number, b: number): number =>
  HEAD_WORDS + BLOCK_CHUNKS * recordWords(a === b ? 1 : 2);

const blockId = ({ log, stay }: Stay, a: number, b: number, block: number): string =>
  `${log}.${stay}.${a}.${b}.${block}`;
