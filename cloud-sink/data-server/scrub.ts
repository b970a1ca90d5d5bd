/**
 * Walks everything a data server keeps and says what is damaged: the background of a running server,
 * and `vitalshare data-server scrub` beside it. [PROTO-45]
 *
 *   every value    its checksum; listed by lmdb's cursor, found again from the root
 *   summaries      moments of every chunk computed again from its shares
 *   keys           how many there are and which, against the books (`page-check.ts`)
 *
 * A generator, so that whoever runs it decides when it goes on: each step is one value, and what one
 * step compares is of one moment, whatever a running server commits in between.
 */
import { StoreDamage } from './checked-store.ts';
import { recordWords } from './chunk-record.ts';
import { CHUNK_SECONDS } from './chunk.ts';
import { Columns } from './columns.ts';
import { decodeJson } from './json.ts';
import { blockOfSummaryKey, vitalsOfSummaryKey } from './keys.ts';
import { MomentsKernel } from './moments-kernel.ts';
import { Scan } from './scan.ts';
import { type Store, type Table, TABLES } from './store.ts';
import { BLOCK_CHUNKS, keptRecords } from './summaries.ts';

/** One value was looked at. */
export interface ScrubStep {
  readonly table: Table;
  readonly bytes: number;
  /** What is wrong with it. */
  readonly damage?: StoreDamage;
  /** A summary that its shares do not give. */
  readonly stale?: Uint8Array;
}

const FIRST = Uint8Array.of(0);
const BEHIND = new Uint8Array(32).fill(0xff);
/** Keys listed at once. */
const KEYS = 256;

export function* scrubValues(store: Store): Generator<ScrubStep> {
  const summaries = new SummaryCheck(store);
  for (const table of TABLES) {
    for (const key of keysInPieces(store, table)) {
      let bytes = 0;
      try {
        const isThere = store.read(table, key, (value) => (bytes = value.length));
        if (!isThere) throw new StoreDamage(table, key, 'missing');
        const isStale = table === 'summaries' && !summaries.holds(key);
        yield { table, bytes, ...(isStale && { stale: key }) };
      } catch (error) {
        if (!(error instanceof StoreDamage)) throw error;
        yield { table, bytes, damage: error };
        if (error.fault === 'broken') return;
      }
    }
  }
}

/** A cursor does not stay open while others commit. */
function* keysInPieces(store: Store, table: Table): Generator<Uint8Array> {
  let from = FIRST;
  for (;;) {
    const keys: Uint8Array[] = [];
    for (const key of store.keys(table, from, BEHIND)) {
      keys.push(key);
      if (keys.length === KEYS) break;
    }
    yield* keys;
    const last = keys.at(-1);
    if (keys.length < KEYS || !last) return;
    from = Uint8Array.of(...last, 0);
  }
}

/** Computes what summaries hold again. */
class SummaryCheck {
  readonly #store: Store;
  readonly #scan: Scan;

  constructor(store: Store) {
    this.#store = store;
    this.#scan = new Scan(new Columns(store), new MomentsKernel());
  }

  /** Whether every record of a block is what its shares give. A chunk that is damaged is told elsewhere. */
  holds(key: Uint8Array): boolean {
    const view = new DataView(key.buffer, key.byteOffset);
    const [log, stay] = [view.getUint16(0), view.getUint32(2)];
    const [a, b] = vitalsOfSummaryKey(key);
    const vitals = a === b ? [a] : [a, b];
    const first = blockOfSummaryKey(key) * BLOCK_CHUNKS;
    const value = this.#store.get('summaries', key)!;
    for (const { place, record } of keptRecords(value, vitals.length)) {
      const found = this.#compute(log, stay, vitals, first + place);
      if (found && !equal(found, record, recordWords(vitals.length))) return false;
    }
    return true;
  }

  #compute(log: number, stay: number, vitals: number[], number: number): Uint32Array | undefined {
    const from = number * CHUNK_SECONDS;
    const range = { from, to: from + CHUNK_SECONDS };
    const plan = { vitals, degree: 2, ...range, productColumns: false } as const;
    try {
      const id = logId(this.#store, log);
      const part = { id, log, stay, before: Number.MAX_SAFE_INTEGER };
      return this.#scan.chunks(plan, [part], [number]);
    } catch (error) {
      if (error instanceof StoreDamage) return undefined;
      throw error;
    }
  }
}

function logId(store: Store, index: number): Uint8Array {
  const key = Uint8Array.of(index >>> 8, index & 0xff);
  const { log } = decodeJson(store.get('logs', key)!) as { log: string };
  return new Uint8Array(Buffer.from(log, 'hex'));
}

const equal = (a: Uint32Array, b: Uint32Array, words: number): boolean =>
  Array.from({ length: words }, (_, i) => a[i] === b[i]).every(Boolean);
