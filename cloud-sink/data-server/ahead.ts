/**
 * Batches kept ahead of the commit, where a gateway acknowledges what servers hold [PROTO-44].
 *
 *   entry = log 16 B ‖ batch                             appended and synced, one reply of the log at a time
 *
 * A commit rewrites every chunk that is being filled, 32.5 kB for a few rows, so it comes every 20 s; a
 * batch as it came is 8 bytes a reading. What stands here survives a kill and is applied again at
 * the next start. Two files take turns: a commit begins, the other one fills, the first is emptied
 * when the commit has landed. Entries are verified when they are read, so a torn end is only an end.
 * What a start cannot apply (a damaged chunk in the way) or commit (a full disk) stays in them until it is.
 */
import { concatBytes, fromHex, toHex } from '@vitalshare/edge/seal';
import { AHEAD_BYTES_MAX } from '../limits.ts';
import { type Batch, decodeBatch, LogError, signedBytes } from '../messages/batch.ts';
import type { BatchReaderOptions } from '../messages/batch-reader.ts';
import type { Applier } from './apply.ts';
import { StoreDamage } from './checked-store.ts';
import { StoreError } from './store.ts';

export interface AheadFile {
  read(): Promise<Uint8Array>;
  /** Resolves when the bytes are on the medium; else rejects with StoreError and leaves what there was. */
  append(bytes: Uint8Array): Promise<void>;
  /** Need not be durable: what was committed is passed over. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

const LOG_BYTES = 16;

export class Ahead {
  readonly #files: readonly [AheadFile, AheadFile];
  #current: 0 | 1 = 0;
  #bytes = 0;
  /** Whether all that a start found, and could not apply, is in the commit that begins. */
  #isApplied = (): boolean => true;

  constructor(files: readonly [AheadFile, AheadFile]) {
    this.#files = files;
  }

  /** Whether a commit should not wait for the clock. */
  get full(): boolean {
    return this.#bytes >= AHEAD_BYTES_MAX;
  }

  /**
   * Applies and commits what the last process kept and did not commit; then both files are empty. Where
   * the store takes nothing or a chunk in the way is damaged, which is quarantined, they are not.
   * Resolves to the bytes that are no whole entry, torn by a crash or damaged: the log has them.
   */
  async recover(applier: Applier, verify: BatchReaderOptions['verify']): Promise<number> {
    const kept = await Promise.all(this.#files.map((file) => file.read()));
    const ends = new Map<string, number>();
    // Which of the two is older is not known: the chain says what continues.
    for (const bytes of kept) replay(bytes, applier, verify, ends);
    const unread = kept.map((bytes) => replay(bytes, applier, verify, ends));
    const unreadBytes = unread.reduce((sum, length) => sum + length, 0);
    this.#isApplied = () =>
      [...ends].every(([log, position]) => applier.headOf(log).position >= position);
    try {
      await applier.flush();
      if (this.#isApplied()) {
        await Promise.all(this.#files.map((file) => file.clear()));
        return unreadBytes;
      }
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
    this.#bytes = kept.reduce((sum, { length }) => sum + length, 0);
    return unreadBytes;
  }

  /** Resolves when these batches, applied already, are on the medium. */
  async keep(log: string, batches: readonly Batch[]): Promise<void> {
    if (batches.length === 0) return;
    const id = fromHex(log, LOG_BYTES);
    const bytes = concatBytes(...batches.flatMap((batch) => [id, batch.bytes]));
    this.#bytes += bytes.length;
    await this.#files[this.#current].append(bytes);
  }

  async close(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.close()));
  }

  /** A commit takes what was applied by now; call the result when it has landed. */
  turn(): () => Promise<void> {
    if (this.#bytes === 0 || !this.#isApplied()) return () => Promise.resolve();
    const file = this.#files[this.#current];
    this.#current = this.#current === 0 ? 1 : 0;
    this.#bytes = 0;
    return () => file.clear();
  }
}

/**
 * Stops at the first entry that is torn, or not what the gateway signed; returns the bytes from there on,
 * and of entries that continue nothing: a rotten log id is no part of what is signed. Behind one that a damaged chunk
 * keeps from being applied it goes on, for `ends`: how far each log goes that this start cannot apply.
 */
function replay(
  bytes: Uint8Array,
  applier: Applier,
  verify: BatchReaderOptions['verify'],
  ends: Map<string, number>,
): number {
  let at = 0;
  let strayBytes = 0;
  while (at + LOG_BYTES < bytes.length) {
    const log = toHex(bytes.subarray(at, at + LOG_BYTES));
    const head = applier.headOf(log);
    try {
      const found = decodeBatch(bytes.subarray(at + LOG_BYTES), head.position);
      if (!found || !verify(signedBytes(found.batch.hash), found.signature))
        return strayBytes + bytes.length - at;
      const { batch } = found;
      const entryBytes = LOG_BYTES + batch.bytes.length;
      at += entryBytes;
      if (ends.has(log)) ends.set(log, Math.max(ends.get(log)!, batch.position + batch.count));
      else if (batch.position === head.position) applyOrWait(log, batch, applier, ends);
      else if (batch.position > head.position) strayBytes += entryBytes;
    } catch (error) {
      if (error instanceof LogError) return strayBytes + bytes.length - at;
      throw error;
    }
  }
  return strayBytes + bytes.length - at;
}

function applyOrWait(log: string, batch: Batch, applier: Applier, ends: Map<string, number>): void {
  try {
    applier.apply(log, batch);
  } catch (error) {
    if (!(error instanceof StoreDamage)) throw error;
    applier.damages.found(error);
    ends.set(log, batch.position + batch.count);
  }
}
