/**
 * What of this server's store is damaged and waits to be mended, kept over restarts. [PROTO-45]
 *
 *   found    a value failed its checksum ─► quarantined: whoever needs it is refused by name
 *   mended   the value made again, its summaries dropped, the quarantine lifted: in one commit
 *
 * For whoever mends (`mender.ts` from the log; shares from peers): `list` says what is open; of a chunk
 * of a column `chunkOf` gives stay, vital signs (two: a product column) and number. While a damage is
 * open no frame is applied to its chunk, so the chunk is that as of the log's position in the books.
 * `Applier.mend(damage, value)` puts the value made again: for a chunk the bytes of `encodeShares` and,
 * where it is one vital sign, of `encodeArrivals`. Summaries never are damages: they are found again.
 *
 *   key     table u8 ‖ key of the value; of a chunk that of its shares, whichever of the two it was
 *   value   JSON {"open": boolean, "peers"?: {"from", "named", "checked"}}: the record of the repair,
 *           where other servers made it again (`from-peers.ts`)
 */
import { toHex } from '@vitalshare/edge/seal';
import { DAMAGES_MAX } from '../limits.ts';
import { StoreDamage } from './checked-store.ts';
import { decodeJson, encodeJson } from './json.ts';
import { chunkKey, chunkOfKey, type ColumnKey } from './keys.ts';
import { type Put, type Store, type Table, TABLES } from './store.ts';

export interface Damage {
  readonly table: DamagedTable;
  /** Of the value; begins with log u16 and, but for tags and batches, stay u32. */
  readonly key: Uint8Array;
}

/** What is kept of a repair by other servers [PROTO-49]. */
export interface ByPeers {
  /** Servers it came from, and servers shown to be wrong, rising. */
  readonly from: readonly number[];
  readonly named: readonly number[];
  readonly checked: 'verified' | 'partly' | 'unchecked';
}

interface Stored {
  readonly open: boolean;
  readonly peers?: ByPeers;
}

const DAMAGED = ['shares', 'products', 'frames', 'bins', 'tags', 'batches'] as const;
export type DamagedTable = (typeof DAMAGED)[number];

/** The chunk of a column that a damage is about; undefined where it is a value of another table. */
export function chunkOf({ table, key }: Damage): (ColumnKey & { chunk: number }) | undefined {
  if (table !== 'shares' && table !== 'products') return undefined;
  const vitals = [...key.subarray(6, key.length - 4)];
  return { log: logOf(key), stay: stayOf(key)!, vitals, chunk: chunkOfKey(key) };
}

export const logOf = (key: Uint8Array): number => viewOf(key).getUint16(0);

/** Undefined for a value that is of no one stay. */
export const stayOf = (key: Uint8Array): number | undefined =>
  key.length === 10 ? undefined : viewOf(key).getUint32(2);

export class Damages {
  readonly #open = new Map<string, Damage>();
  /** Not in the store yet, and of these what the commit under way writes. */
  readonly #changed = new Map<string, Damage>();
  #landing = new Map<string, boolean>();
  readonly #byPeers = new Map<string, { readonly damage: Damage; readonly peers: ByPeers }>();
  readonly #listeners = new Set<(found: Damage) => void>();
  #fail: (error: StoreDamage) => void = () => undefined;
  /** Since this process began; made again from the log, and by other servers. */
  readonly counts = { found: 0, log: 0, peers: 0 };
  /** Rejects when the store as a whole is damaged, and must be made again from the log. */
  readonly whole: Promise<never>;

  /** Throws StoreDamage where its own table is damaged. */
  constructor(store: Store) {
    this.whole = new Promise<never>((_resolve, reject) => (this.#fail = reject));
    this.whole.catch(() => undefined); // A server without anybody who awaits it goes on refusing.
    const end = new Uint8Array([TABLES.length]);
    for (const stored of store.keys('damages', new Uint8Array([0]), end)) {
      const table = TABLES[stored[0]!]!;
      const { open, peers } = decodeJson(store.get('damages', stored)!) as Stored;
      if (!isDamaged(table)) continue;
      const damage = { table, key: stored.slice(1) };
      if (open) this.#open.set(idOf(damage), damage);
      else if (peers) this.#byPeers.set(idOf(damage), { damage, peers });
    }
  }

  /** Open ones, in the order in which they were found. */
  get list(): readonly Damage[] {
    return [...this.#open.values()];
  }

  /** What other servers made again, and how far that was checked. */
  get byPeers(): readonly { readonly damage: Damage; readonly peers: ByPeers }[] {
    return [...this.#byPeers.values()];
  }

  /** `tell` hears of each once. */
  onFound(tell: (found: Damage) => void): void {
    this.#listeners.add(tell);
  }

  /** The one value an error is about; undefined where it is more, or nothing that is mended. */
  damageOf({ table, key, isWhole }: StoreDamage): Damage | undefined {
    const of = table === 'arrivals' ? 'shares' : table;
    return !isWhole && isDamaged(of) ? { table: of, key } : undefined;
  }

  /** What a read threw: quarantined from here on, or, where it is not one value, the end (`whole`). */
  found(error: StoreDamage): void {
    const damage = this.damageOf(error);
    if (error.isWhole || this.#open.size >= DAMAGES_MAX) this.#fail(error);
    else if (damage && !this.#open.has(idOf(damage)) && !this.#changed.has(idOf(damage))) {
      this.#open.set(idOf(damage), damage);
      this.#changed.set(idOf(damage), damage);
      this.#byPeers.delete(idOf(damage));
      this.counts.found++;
      for (const tell of this.#listeners) tell(damage);
    }
  }

  /** Throws StoreDamage where one of the column's chunks from `first` to `last` is open. */
  check(column: ColumnKey, first: number, last: number): void {
    if (this.#open.size === 0) return;
    const [from, to] = [chunkKey(column, first), chunkKey(column, Math.min(last, 0xffffffff))];
    const table = column.vitals.length === 1 ? 'shares' : 'products';
    for (const damage of this.#open.values()) {
      const isIn =
        damage.table === table &&
        damage.key.length === from.length &&
        Buffer.compare(damage.key, from) >= 0 &&
        Buffer.compare(damage.key, to) <= 0;
      if (isIn) throw new StoreDamage(damage.table, damage.key, 'quarantined');
    }
  }

  /** Its value is in the next commit; `peers` where other servers made it again. */
  lift(damage: Damage, peers?: ByPeers): void {
    if (peers) this.#byPeers.set(idOf(damage), { damage, peers });
    this.counts[peers ? 'peers' : 'log']++;
    this.#open.delete(idOf(damage));
    this.#changed.set(idOf(damage), damage);
  }

  /** What the next commit must write; call `landed` when it has. */
  takePuts(): Put[] {
    this.#landing = new Map([...this.#changed.keys()].map((id) => [id, this.#open.has(id)]));
    return [...this.#changed].map(([id, { table, key }]) => ({
      table: 'damages',
      key: Uint8Array.of(TABLES.indexOf(table), ...key),
      value: encodeJson(this.#stored(id)),
    }));
  }

  #stored(id: string): Stored {
    const open = this.#landing.get(id)!;
    const peers = this.#byPeers.get(id)?.peers;
    return { open, ...(!open && peers && { peers }) };
  }

  landed(): void {
    for (const [id, isOpen] of this.#landing) {
      if (this.#open.has(id) === isOpen) this.#changed.delete(id);
    }
    this.#landing = new Map();
  }
}

const isDamaged = (table: Table): table is DamagedTable =>
  (DAMAGED as readonly Table[]).includes(table);

export const idOf = ({ table, key }: Damage): string => `${table} ${toHex(key)}`;

const viewOf = (key: Uint8Array): DataView => new DataView(key.buffer, key.byteOffset, key.length);
