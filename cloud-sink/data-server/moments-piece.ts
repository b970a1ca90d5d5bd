/**
 * A piece of a question: the chunks of one stay, in one log, that one block of summaries covers.
 *
 * A summary answers for a chunk that the question takes whole, as long as no frame later than the
 * snapshot has changed it; of three vital signs and more only where all are present in the same
 * slots [PROTO-21]. What it cannot answer is scanned: settled chunks by the pool, if there are enough
 * of them, and what is not in the store yet here. What was scanned whole becomes a summary.
 */
import { ProblemError } from '../messages/problem.ts';
import type { ScanPart } from './cells.ts';
import { CHUNK_SECONDS } from './chunk.ts';
import { type ListedChunk, listChunks } from './chunk-list.ts';
import { FLAG, FLAGS, recordWords } from './chunk-record.ts';
import { type Member, scanParts } from './cohort.ts';
import type { Columns } from './columns.ts';
import { MomentsKernel } from './moments-kernel.ts';
import { type Layout, type MomentsTotal, pairsLayout, scanLayout } from './moments-total.ts';
import { Scan, type ScanPlan } from './scan.ts';
import { blockOf, isUsable, pairsOf, recordAt } from './summaries.ts';

export interface Piece {
  readonly member: Member;
  readonly parts: readonly ScanPart[];
  readonly chunks: readonly ListedChunk[];
  /** Blocks of summaries, by pair; undefined where they are no help. */
  readonly blocks: readonly Uint32Array[] | undefined;
  /** Chunk → its place among the records of the pool. */
  readonly pooled: ReadonlyMap<number, number>;
  readonly records: Promise<Uint32Array> | undefined;
  /** Of `Columns` when it was made. */
  readonly landings: number;
}

/** Records of chunks scanned here, and which chunk has which place among them. */
interface Scanned {
  readonly records: Uint32Array;
  readonly places: ReadonlyMap<number, number>;
}

/** Chunks scanned here between two breaths: 1 ms for two vital signs, 6 for eight. */
const CHUNKS_A_BREATH = 32;
/** Pieces from summaries between two breaths: as long. */
const PIECES_A_BREATH = 32;
/** Below this a worker is not worth the message: 16 chunks take some 0.3 ms. */
const POOL_CHUNKS_MIN = 16;

let kernel: MomentsKernel | undefined;

export class Pieces {
  readonly #columns: Columns;
  readonly #plan: ScanPlan;
  readonly #breathe: () => Promise<void>;
  readonly #scan: Scan;
  readonly #pairs: readonly [number, number][];
  readonly #scanLayout: Layout;
  readonly #pairsLayout: Layout;
  /** Chunks since the last breath, and pieces. */
  #scanned = 0;
  #added = 0;

  constructor(columns: Columns, plan: ScanPlan, breathe: () => Promise<void>) {
    const { vitals, degree, from, to, productColumns } = plan;
    this.#columns = columns;
    this.#plan = { vitals, degree, from, to, productColumns };
    this.#breathe = breathe;
    this.#scan = new Scan(columns, (kernel ??= new MomentsKernel()));
    this.#pairs = pairsOf(vitals.length);
    this.#scanLayout = scanLayout(vitals.length);
    this.#pairsLayout = pairsLayout(vitals);
  }

  /** Those of a member, by rising second. */
  *of(member: Member): Iterable<Piece> {
    const parts = scanParts(member);
    const { vitals, from, to } = this.#plan;
    const chunks = listChunks(this.#columns, parts, vitals, from, to);
    for (let at = 0, end = 0; at < chunks.length; at = end) {
      const { number, part } = chunks[at]!;
      while (chunks[end]?.part === part && blockOf(chunks[end]!.number) === blockOf(number)) end++;
      yield this.#piece(member, parts, chunks.slice(at, end));
    }
  }

  /** Waits for the pool, scans what is left. Throws ProblemError `products-across-frames`. */
  async addTo(total: MomentsTotal, piece: Piece): Promise<void> {
    const { member, blocks, chunks } = piece;
    const k = this.#plan.vitals.length;
    const pool = await piece.records;
    const summaries = k === 1 ? 1 : 2;
    let here: Scanned = { records: new Uint32Array(0), places: new Map<number, number>() };
    for (let i = 0; i < chunks.length; i++) {
      const chunk = chunks[i]!;
      const own = here.places.get(chunk.number);
      const pooled = pool && piece.pooled.get(chunk.number);
      if (own !== undefined) {
        total.add(member, this.#scanLayout, [here.records], recordWords(k) * own);
      } else if (pool && pooled !== undefined) {
        const at = recordWords(k) * pooled;
        this.#checkFrames(pool[at + FLAGS]!);
        total.add(member, this.#scanLayout, [pool], at);
        if (piece.landings === this.#columns.landings) this.#keep(piece, chunk, pool, at);
      } else if (blocks && this.#isSummarised(piece, chunk)) {
        total.add(member, this.#pairsLayout, blocks, recordAt(chunk.number, summaries));
      } else {
        if (this.#scanned >= CHUNKS_A_BREATH) {
          this.#scanned = 0;
          await this.#breathe();
        }
        here = this.#scanHere(piece, i);
        total.add(member, this.#scanLayout, [here.records], 0);
      }
    }
    if (++this.#added % PIECES_A_BREATH === 0) await this.#breathe();
  }

  /** The chunk at `from` and those after it that nobody else scans, as far as a breath reaches. */
  #scanHere(piece: Piece, from: number): Scanned {
    const chunks: ListedChunk[] = [];
    for (let i = from; i < piece.chunks.length && chunks.length < CHUNKS_A_BREATH; i++) {
      const chunk = piece.chunks[i]!;
      const isLeft = !piece.pooled.has(chunk.number) && !this.#isSummarised(piece, chunk);
      if (i === from || isLeft) chunks.push(chunk);
    }
    this.#scanned += chunks.length;
    const numbers = chunks.map(({ number }) => number);
    const records = this.#scan.chunks(this.#plan, piece.parts, numbers);
    const words = recordWords(this.#plan.vitals.length);
    chunks.forEach((chunk, i) => {
      this.#checkFrames(records[words * i + FLAGS]!);
      this.#keep(piece, chunk, records, words * i);
    });
    return { records, places: new Map(numbers.map((number, i) => [number, i])) };
  }

  #piece(member: Member, parts: readonly ScanPart[], chunks: readonly ListedChunk[]): Piece {
    const { pool, landings } = this.#columns;
    const blocks = this.#blocks(parts, chunks[0]!);
    const piece = { member, parts, chunks, blocks, landings, pooled: new Map<number, number>() };
    const missing = pool ? chunks.filter((chunk) => !this.#isSummarised(piece, chunk)) : [];
    if (!pool || missing.length < POOL_CHUNKS_MIN) return { ...piece, records: undefined };
    const numbers = missing
      .map(({ number }) => number)
      .filter((number) => this.#isSettled(parts, number));
    // A worker has no list of chunks: it is told of one part only, and what is missing there is lost.
    const { part } = chunks[0]!;
    const records =
      part < 0 ? undefined : pool.scan({ plan: this.#plan, parts: [parts[part]!], numbers });
    if (!records) return { ...piece, records };
    records.catch(() => undefined); // Whoever adds the piece hears of it.
    const pooled = new Map(numbers.map((number, i) => [number, i]));
    return { ...piece, pooled, records };
  }

  #blocks(parts: readonly ScanPart[], { number, part }: ListedChunk): Uint32Array[] | undefined {
    const { vitals, degree, productColumns } = this.#plan;
    if (part < 0 || (degree === 2 && productColumns)) return undefined;
    const blocks: Uint32Array[] = [];
    for (const [i, j] of this.#pairs) {
      const [a, b] = [vitals[i]!, vitals[j]!].sort((x, y) => x - y);
      const block = this.#columns.summaries.block(parts[part]!, a!, b!, blockOf(number));
      if (!block) return undefined;
      blocks.push(block);
    }
    return blocks;
  }

  #isSummarised({ blocks, parts }: Pick<Piece, 'blocks' | 'parts'>, chunk: ListedChunk): boolean {
    const { vitals, from, to } = this.#plan;
    const start = CHUNK_SECONDS * chunk.number;
    if (!blocks || from > start || to < start + CHUNK_SECONDS) return false;
    const at = recordAt(chunk.number, vitals.length === 1 ? 1 : 2);
    const { before } = parts[chunk.part]!;
    const mustBeEqual = vitals.length > 2 ? FLAG.equal : 0;
    for (const block of blocks) {
      if (!isUsable(block, at, before)) return false;
      if ((block[at + FLAGS]! & mustBeEqual) !== mustBeEqual) return false;
    }
    return true;
  }

  /** Of a chunk that rested from before it was read until now. */
  #keep({ parts }: Piece, chunk: ListedChunk, record: Uint32Array, at: number): void {
    const { summaries } = this.#columns;
    const { vitals, degree, productColumns } = this.#plan;
    if (chunk.part < 0 || (degree === 2 && productColumns)) return;
    if (!this.#isSettled(parts, chunk.number)) return;
    summaries.keep(parts[chunk.part]!, vitals, chunk.number, record, at);
  }

  #isSettled(parts: readonly ScanPart[], number: number): boolean {
    return parts.every(({ log, stay }) =>
      this.#plan.vitals.every((vital) =>
        this.#columns.isSettled({ log, stay, vitals: [vital] }, number),
      ),
    );
  }

  #checkFrames(flags: number): void {
    if ((flags & FLAG.acrossFrames) === 0) return;
    throw new ProblemError(
      'products-across-frames',
      'some row has both vital signs, but from different frames; with this many servers ' +
        'products exist within a frame only',
    );
  }
}
