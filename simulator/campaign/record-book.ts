/**
 * A node's own record of what happened to its frames, outside of the world that is killed and damaged:
 * append-only, one entry of 12 bytes a write.
 *
 *   entry   boot u32 ‖ sequence u32 ‖ index u32        little-endian
 *
 * An append is one write to a file opened for appending, so kill -9 leaves it whole or absent.
 */
import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';

export interface Entry {
  readonly boot: number;
  readonly sequence: number;
  /** Of the frame among those of its node; 0 where it is not known. */
  readonly index: number;
}

export const ENTRY_BYTES = 12;

export class RecordBook {
  readonly #descriptor: number;

  constructor(file: string) {
    this.#descriptor = openSync(file, 'a', 0o600);
  }

  append({ boot, sequence, index }: Entry): void {
    const bytes = Buffer.alloc(ENTRY_BYTES);
    bytes.writeUInt32LE(boot, 0);
    bytes.writeUInt32LE(sequence, 4);
    bytes.writeUInt32LE(index, 8);
    writeSync(this.#descriptor, bytes);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** Entries in a book that may not have begun. */
export const entryCount = (file: string): number =>
  Math.floor((statSync(file, { throwIfNoEntry: false })?.size ?? 0) / ENTRY_BYTES);

/** Entries from the `from`th on. */
export function readEntries(file: string, from = 0): Entry[] {
  if (entryCount(file) <= from) return [];
  const bytes = readFileSync(file);
  return Array.from({ length: Math.floor(bytes.length / ENTRY_BYTES) - from }, (_, i) => {
    const at = (from + i) * ENTRY_BYTES;
    return {
      boot: bytes.readUInt32LE(at),
      sequence: bytes.readUInt32LE(at + 4),
      index: bytes.readUInt32LE(at + 8),
    };
  });
}
