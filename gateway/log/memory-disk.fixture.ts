/**
 * A disk in memory that fails on command, for tests of what stands on `Disk`.
 *
 * It keeps what was written and what was synced apart: `crash()` is a power cut, after which only
 * the synced bytes are there, and of each later write as many leading bytes as the test says.
 */
import type { Disk, DiskFile } from './disk.ts';

type Fault = 'write' | 'sync' | 'read' | 'full';

export class MemoryDisk implements Disk {
  /** The next calls of a kind fail; `full` fails writes with ENOSPC after half of their bytes. */
  readonly #faults = new Map<Fault, number>();
  readonly files = new Map<string, { written: Uint8Array; synced: Uint8Array }>();
  /** How often each fault was met. */
  met = 0;
  syncs = 0;
  reads = 0;
  /** By reads, whether or not the file had them. */
  askedBytes = 0;
  /** While set, syncs wait for it. */
  gate: Promise<void> | undefined;

  fail(fault: Fault, times = 1): void {
    this.#faults.set(fault, times);
  }

  /** A power cut: unsynced bytes are gone but for the first `tornBytes` of what was appended. */
  crash(tornBytes = 0): void {
    for (const file of this.files.values()) {
      const kept = Math.min(file.written.length, file.synced.length + tornBytes);
      const left = file.written.slice(0, Math.max(kept, 0));
      left.set(file.synced.subarray(0, left.length));
      file.written = left;
      file.synced = left.slice();
    }
  }

  list(): Promise<string[]> {
    return Promise.resolve([...this.files.keys()]);
  }

  open(name: string): Promise<DiskFile> {
    let file = this.files.get(name);
    if (file === undefined) {
      file = { written: new Uint8Array(0), synced: new Uint8Array(0) };
      this.files.set(name, file);
    }
    return Promise.resolve(this.#file(file));
  }

  #file(file: { written: Uint8Array; synced: Uint8Array }): DiskFile {
    return {
      size: () => Promise.resolve(file.written.length),
      read: (at, length) => {
        this.reads += 1;
        this.askedBytes += length;
        return this.#meets('read')
          ? Promise.reject(systemError('EIO'))
          : Promise.resolve(file.written.slice(at, at + length));
      },
      write: (at, bytes) => {
        const full = this.#meets('full');
        const torn = full || this.#meets('write');
        const part = torn ? bytes.subarray(0, bytes.length >> 1) : bytes;
        const grown = new Uint8Array(Math.max(file.written.length, at + part.length));
        grown.set(file.written);
        grown.set(part, at);
        file.written = grown;
        return torn ? Promise.reject(systemError(full ? 'ENOSPC' : 'EIO')) : Promise.resolve();
      },
      truncate: (length) => {
        file.written = file.written.slice(0, length);
        return Promise.resolve();
      },
      sync: async () => {
        await this.gate;
        this.syncs += 1;
        if (this.#meets('sync')) throw systemError('EIO');
        file.synced = file.written.slice();
      },
      close: () => Promise.resolve(),
    };
  }

  #meets(fault: Fault): boolean {
    const left = this.#faults.get(fault) ?? 0;
    if (left === 0) return false;
    this.#faults.set(fault, left - 1);
    this.met += 1;
    return true;
  }
}

const systemError = (code: string): Error =>
  Object.assign(new Error(code), { code, syscall: 'fails' });
