/**
 * Damaged values made again from the log, read once more from its first position. [PROTO-45]
 *
 *   log ─► verified as ever ─► a second applier that derives only what is damaged ─► Applier.mend
 *
 * The same bytes give the same shares and the same arrivals, since a cell keeps its first reading in
 * log order [PROTO-9]. A product column needs its factors' cells, so these are derived beside it. It
 * ends at the position of the books, whose hash must be that of the log served now.
 */
import { constantTimeEqual } from '@vitalshare/edge/seal';
import { LogError } from '../messages/batch.ts';
import type { MaskedFrame } from '../messages/masked-frame.ts';
import { Applier, type Only } from './apply.ts';
import { StoreDamage } from './checked-store.ts';
import { chunksOfFrame } from './check-frames.ts';
import { chunkOf, type Damage, idOf } from './damages.ts';
import { type FollowOptions, followOnce } from './follow.ts';
import { chunkKey, type ColumnKey } from './keys.ts';
import type { Put, Store, Table } from './store.ts';

/** Mends `damages`, all of one log. Throws what following throws, and LogError of another log. */
export async function rebuildFromLog(
  options: FollowOptions,
  log: string,
  damages: readonly Damage[],
): Promise<void> {
  const { applier } = options;
  const wanted = wantedOf(damages);
  const store = new KeptStore(wanted);
  const { index } = applier.books.log(log)!;
  const second = new Applier(applier.party, store, { only: onlyOf(index, wanted) });
  const end = (): number => applier.headOf(log).position;
  do {
    while (second.headOf(log).position < end()) {
      await followOnce({ ...options, applier: second }, log, end);
      options.signal.throwIfAborted();
    }
    await second.flush();
  } while (second.headOf(log).position < end());
  // From here to the last mend in one turn: nothing is applied in between.
  const [now, then] = [second.headOf(log), applier.headOf(log)];
  if (!constantTimeEqual(now.hash, then.hash)) {
    throw new LogError('fork', now.position, 'the log served now is not the one that was applied');
  }
  for (const damage of damages) {
    const value = store.get(damage.table, damage.key);
    const arrivals = store.get('arrivals', damage.key);
    if (value) applier.mend(damage, value, arrivals);
    // No record of the log belongs there: its key is not the one that was written.
    else applier.damages.found(new StoreDamage(damage.table, damage.key, 'missing'));
  }
}

/** Ids of the values to derive: the damaged, and of a product column its factors. */
function wantedOf(damages: readonly Damage[]): ReadonlySet<string> {
  const wanted = new Set(damages.map(idOf));
  for (const damage of damages) {
    const column = chunkOf(damage);
    for (const vital of column?.vitals ?? []) {
      const key = chunkKey({ ...column!, vitals: [vital] }, column!.chunk);
      wanted.add(idOf({ table: 'shares', key }));
    }
  }
  return wanted;
}

function onlyOf(index: number, wanted: ReadonlySet<string>): Only {
  const wantsChunk = (column: ColumnKey, number: number): boolean => {
    const table = column.vitals.length === 1 ? 'shares' : 'products';
    return wanted.has(idOf({ table, key: chunkKey(column, number) }));
  };
  const wantsFrame = (frame: MaskedFrame): boolean => {
    for (const { number, ...column } of chunksOfFrame(index, frame)) {
      if (wantsChunk(column, number)) return true;
    }
    return false;
  };
  return { index, wantsFrame, wantsChunk };
}

/** Keeps, in memory, of what is committed only what is wanted. */
class KeptStore implements Store {
  readonly #wanted: ReadonlySet<string>;
  readonly #kept = new Map<string, Put>();

  constructor(wanted: ReadonlySet<string>) {
    this.#wanted = wanted;
  }

  get(table: Table, key: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const kept = this.#kept.get(idIn(table, key));
    return kept && new Uint8Array(kept.value);
  }

  read(table: Table, key: Uint8Array, use: (value: Uint8Array) => void): boolean {
    const value = this.get(table, key);
    if (value) use(value);
    return value !== undefined;
  }

  keys(table: Table, start: Uint8Array, end: Uint8Array): Iterable<Uint8Array> {
    return [...this.#kept.values()]
      .filter((put) => put.table === table)
      .map(({ key }) => key.slice())
      .filter((key) => Buffer.compare(key, start) >= 0 && Buffer.compare(key, end) < 0)
      .sort((a, b) => Buffer.compare(a, b));
  }

  last(table: Table, start: Uint8Array, end: Uint8Array): Uint8Array | undefined {
    return [...this.keys(table, start, end)].at(-1);
  }

  commit(puts: readonly Put[]): Promise<void> {
    for (const { table, key, value } of puts) {
      const of = table === 'arrivals' ? 'shares' : table;
      if (!this.#wanted.has(idIn(of, key))) continue;
      this.#kept.set(idIn(table, key), { table, key: key.slice(), value: value.slice() });
    }
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const idIn = (table: Table, key: Uint8Array): string =>
  `${table} ${Buffer.from(key).toString('hex')}`;
