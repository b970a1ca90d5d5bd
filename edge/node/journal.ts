/**
 * The door `@vitalshare/edge/journal/node`: what a node keeps, in a folder.
 *
 *   <folder>/boot               the last boot handed out, in decimal; written to a temporary file,
 *                               synced, renamed, and the folder synced before the boot is used
 *   <folder>/frames-<boot>.log  that boot's frames (journal-file.ts); removed when all are settled
 *
 * `durable: 'process'` survives the death of the process (the page cache has every append);
 * `'power'` also survives a power cut (every append is synced before it resolves). The boot
 * counter survives both, always [S12].
 *
 * A write that finds the disk full is cut off again, so that the file goes on when there is room; one that
 * failed otherwise ends its file, for nobody knows what it holds.
 *
 * A folder that was emptied, restored or copied would repeat boots, and with them nonces; so a boot
 * is never below what the clock says (boot-clock.ts). Limit: one process per folder, and a clock
 * that was right at least as often as the folder was not. In doubt enrol the node again.
 */
import { mkdir, open, readdir, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { JOURNAL_COMPACT_BYTES_MIN } from '../limits.ts';
import type { Range } from '../wire/answer.ts';
import {
  erasedRecord,
  eraseRange,
  KEPT_FRAME_OFFSET,
  keptRecord,
  scanRecords,
  type Place,
} from './journal-file.ts';
import { bootOfClock } from './boot-clock.ts';
import { isDiskFull } from './disk-full.ts';
import type { Journal, KeptBoot } from './memory-journal.ts';
import { systemTime } from './time.ts';

export const JOURNAL_ERRORS = {
  'boot-lost': 'frames are there and the boot counter is not, or it is not a number',
  'boots-used-up': 'the boot counter is at its end',
} as const;
export type JournalErrorCode = keyof typeof JOURNAL_ERRORS;

/** The folder cannot be used without risking a nonce twice; the node must be enrolled again. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
  readonly code: JournalErrorCode;
  constructor(code: JournalErrorCode, folder: string) {
    super(
      `journal ${folder}: ${JOURNAL_ERRORS[code]}; enrol this node again with an empty journal`,
    );
    this.code = code;
  }
}

export interface DiskJournalOptions {
  /** Default 'process'. */
  readonly durable?: 'process' | 'power';
  /** Milliseconds UTC; where boots jump ahead to (boot-clock.ts). */
  readonly clock?: () => number;
}

/** For the operator: what `cutBytes` above 0 means. */
export const cutText = (cutBytes: number): string =>
  `the journal was damaged or torn: ${cutBytes} bytes behind its last whole record were cut off. Frames in them were not acknowledged and are lost, unless a crash tore the last one, which was never sent.`;

interface BootFile {
  readonly boot: number;
  file: FileHandle;
  frames: Map<number, Place>;
  /** Of the frames kept. */
  frameBytes: number;
  fileBytes: number;
  /**
   * A write failed: nobody knows what the file ends with, and nothing is appended to it any more.
   * Where it holds no frame it goes with the next boot.
   */
  broken: boolean;
}

const BOOT_MAX = 0xffffffff;
const FRAMES_FILE = /^frames-([1-9][0-9]*)\.log$/;

export class DiskJournal implements Journal {
  readonly #folder: string;
  readonly #syncs: boolean;
  readonly #clock: () => number;
  readonly #files = new Map<number, BootFile>();
  #boot = 0;
  #bytesKept = 0;
  #cutBytes = 0;
  /** The last write found no room. */
  #isFull = false;
  /** One operation at a time: appends, erasures and compaction move the same file. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(folder: string, options: DiskJournalOptions) {
    this.#folder = folder;
    this.#syncs = options.durable === 'power';
    this.#clock = options.clock ?? systemTime.clock;
  }

  get bytesKept(): number {
    return this.#bytesKept;
  }

  /** Bytes of torn or damaged records that were cut off when the folder was read. */
  get cutBytes(): number {
    return this.#cutBytes;
  }

  /** Reads the folder; `openDiskJournal` calls it. */
  async load(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const boots = (await readdir(this.#folder))
      .flatMap((name) => FRAMES_FILE.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
    this.#boot = await this.#readBoot(boots.at(-1) ?? 0);
    for (const boot of boots) await this.#loadFrames(boot);
  }

  openBoot(): Promise<number> {
    return this.#inTurn(async () => {
      for (const kept of this.#files.values()) {
        // A disk that refuses for hours would leave one open file a frame.
        if (kept.broken && kept.frames.size === 0) await this.#remove(kept);
      }
      if (this.#boot >= BOOT_MAX) throw new JournalError('boots-used-up', this.#folder);
      const boot = Math.max(this.#boot + 1, bootOfClock(this.#clock()));
      this.#boot = boot; // Taken even if what follows fails.
      await replaceFile(this.#folder, 'boot', Buffer.from(`${boot}\n`));
      const file = await open(this.#path(boot), 'ax+', 0o600);
      const empty = { frames: new Map(), frameBytes: 0, fileBytes: 0 };
      const kept = { boot, file, ...empty, broken: true };
      this.#files.set(boot, kept);
      await syncFolder(this.#folder);
      kept.broken = false;
      return boot;
    });
  }

  append(boot: number, sequence: number, bytes: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      const kept = this.#files.get(boot);
      if (kept === undefined || kept.broken || kept.frames.has(sequence)) {
        throw new RangeError('journal: expected an open boot and a new sequence');
      }
      const record = keptRecord(sequence, bytes);
      await this.#write(kept, record, this.#syncs);
      const offset = kept.fileBytes + KEPT_FRAME_OFFSET;
      kept.frames.set(sequence, { offset, length: bytes.length });
      kept.fileBytes += record.length;
      kept.frameBytes += bytes.length;
      this.#bytesKept += bytes.length;
    });
  }

  read(boot: number, sequence: number): Promise<Uint8Array | null> {
    return this.#inTurn(async () => {
      const kept = this.#files.get(boot);
      const place = kept?.frames.get(sequence);
      return kept === undefined || place === undefined ? null : await readPlace(kept.file, place);
    });
  }

  erase(boot: number, ranges: readonly Range[]): Promise<void> {
    return this.#inTurn(async () => {
      const kept = this.#files.get(boot);
      if (kept === undefined) return;
      for (const { first, last } of ranges) {
        eraseRange(kept.frames, first, last, ({ length }) => {
          kept.frameBytes -= length;
          this.#bytesKept -= length;
        });
      }
      if (kept.frames.size === 0 && boot !== this.#boot) return this.#remove(kept);
      if (kept.broken) return;
      if (kept.frames.size === 0 && (this.#isFull || kept.fileBytes >= JOURNAL_COMPACT_BYTES_MIN)) {
        // Nothing is left to keep: the file gives its room back, which a full disk may need most.
        await kept.file.truncate(0);
        kept.fileBytes = 0;
        return;
      }
      const record = Buffer.concat(ranges.map(({ first, last }) => erasedRecord(first, last)));
      await this.#write(kept, record, false);
      kept.fileBytes += record.length;
      await this.#compact(kept);
    });
  }

  pending(): Promise<readonly KeptBoot[]> {
    return this.#inTurn(() => {
      const files = [...this.#files.values()].filter(({ frames }) => frames.size > 0);
      const kept = files.map(({ boot, frames }) => ({ boot, sequences: [...frames.keys()] }));
      return Promise.resolve(kept);
    });
  }

  /** Closes the files; nothing is lost without it. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      for (const { file } of this.#files.values()) await file.close();
      this.#files.clear();
    });
  }

  /** Appends a record, or leaves the file as it was, or broken. */
  async #write(kept: BootFile, record: Buffer, syncs: boolean): Promise<void> {
    kept.broken = true;
    try {
      await kept.file.appendFile(record);
      if (syncs) await kept.file.datasync();
      this.#isFull = false;
    } catch (error) {
      this.#isFull = isDiskFull(error);
      if (!this.#isFull) throw error;
      await kept.file.truncate(kept.fileBytes);
      kept.broken = false;
      throw error;
    }
    kept.broken = false;
  }

  /** A file that is mostly settled frames is written anew with what is left. */
  async #compact(kept: BootFile): Promise<void> {
    if (kept.fileBytes < JOURNAL_COMPACT_BYTES_MIN + 2 * kept.frameBytes) return;
    const records: Buffer[] = [];
    const frames = new Map<number, Place>();
    let fileBytes = 0;
    for (const [sequence, place] of kept.frames) {
      const record = keptRecord(sequence, await readPlace(kept.file, place));
      frames.set(sequence, { offset: fileBytes + KEPT_FRAME_OFFSET, length: place.length });
      records.push(record);
      fileBytes += record.length;
    }
    await replaceFile(this.#folder, `frames-${kept.boot}.log`, Buffer.concat(records));
    const file = await open(this.#path(kept.boot), 'a+', 0o600);
    await kept.file.close();
    Object.assign(kept, { file, frames, fileBytes });
  }

  async #remove(kept: BootFile): Promise<void> {
    this.#files.delete(kept.boot);
    await kept.file.close();
    await rm(this.#path(kept.boot), { force: true });
  }

  async #readBoot(newestFile: number): Promise<number> {
    const text = await readFile(join(this.#folder, 'boot'), 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    });
    if (text === null && newestFile === 0) return 0;
    if (text === null || !/^[1-9][0-9]{0,9}\n$/.test(text)) {
      throw new JournalError('boot-lost', this.#folder);
    }
    return Math.max(Number(text), newestFile);
  }

  async #loadFrames(boot: number): Promise<void> {
    const file = await open(this.#path(boot), 'a+', 0o600);
    const bytes = await file.readFile();
    const { frames, wholeBytes } = scanRecords(bytes);
    let frameBytes = 0;
    for (const { length } of frames.values()) frameBytes += length;
    const kept = { boot, file, frames, frameBytes, fileBytes: wholeBytes, broken: false };
    this.#cutBytes += bytes.length - wholeBytes;
    this.#bytesKept += frameBytes;
    if (frames.size === 0) return this.#remove(kept);
    await file.truncate(wholeBytes); // So that what is appended later does not follow a torn record.
    this.#files.set(boot, kept);
  }

  #path(boot: number): string {
    return join(this.#folder, `frames-${boot}.log`);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

/** Throws JournalError on a folder that has lost its boot counter. */
export async function openDiskJournal(
  folder: string,
  options: DiskJournalOptions = {},
): Promise<DiskJournal> {
  const journal = new DiskJournal(folder, options);
  await journal.load();
  return journal;
}

async function readPlace(file: FileHandle, { offset, length }: Place): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await file.read(bytes, 0, length, offset);
  if (bytesRead !== length) throw new Error('journal: a file became shorter while it was open');
  return bytes;
}

/** Replaces a file as a whole, durably: afterwards it is the old one or the new one. */
async function replaceFile(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(folder, `${name}.new`);
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(folder, name));
  await syncFolder(folder);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
