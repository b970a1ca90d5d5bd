/**
 * What a node keeps until the gateway has settled it, and the boot counter its nonces rest on; the
 * contract, and the journal that lives in memory. `journal.ts` keeps the same on a disk.
 *
 * A journal in memory forgets its boot counter with the process. Under a credential that outlives
 * the process it must not begin at 0 again [S12]: pass `bootOfClock(clock())`, or use a disk.
 */
import type { Range } from '../wire/answer.ts';

export interface Journal {
  /** The next boot, never handed out before; durable before it is returned [WIRE-4]. */
  openBoot(): Promise<number>;
  /** Keeps a sealed frame. Resolves when it is as durable as this journal promises. */
  append(boot: number, sequence: number, bytes: Uint8Array): Promise<void>;
  /** The frame as it was kept, byte for byte, or `null` where it was erased or never kept. */
  read(boot: number, sequence: number): Promise<Uint8Array | null>;
  /** Erases settled frames. One that comes back after a crash is only sent once more. */
  erase(boot: number, ranges: readonly Range[]): Promise<void>;
  /** All that is kept, in the order it is to be sent: boots and sequences ascending. */
  pending(): Promise<readonly KeptBoot[]>;
  /** Bytes of the frames kept. */
  readonly bytesKept: number;
}

export interface KeptBoot {
  readonly boot: number;
  readonly sequences: readonly number[];
}

export class MemoryJournal implements Journal {
  #boot: number;
  #bytesKept = 0;
  readonly #boots = new Map<number, Map<number, Uint8Array>>();

  constructor(lastBoot: number) {
    this.#boot = lastBoot;
  }

  get bytesKept(): number {
    return this.#bytesKept;
  }

  openBoot(): Promise<number> {
    this.#boot += 1;
    this.#boots.set(this.#boot, new Map());
    return Promise.resolve(this.#boot);
  }

  append(boot: number, sequence: number, bytes: Uint8Array): Promise<void> {
    const frames = this.#boots.get(boot);
    if (frames === undefined || frames.has(sequence)) {
      return Promise.reject(new RangeError('journal: expected an open boot and a new sequence'));
    }
    frames.set(sequence, bytes.slice());
    this.#bytesKept += bytes.length;
    return Promise.resolve();
  }

  read(boot: number, sequence: number): Promise<Uint8Array | null> {
    return Promise.resolve(this.#boots.get(boot)?.get(sequence)?.slice() ?? null);
  }

  erase(boot: number, ranges: readonly Range[]): Promise<void> {
    const frames = this.#boots.get(boot);
    if (frames === undefined) return Promise.resolve();
    for (const [sequence, bytes] of frames) {
      if (!ranges.some(({ first, last }) => sequence >= first && sequence <= last)) continue;
      frames.delete(sequence);
      this.#bytesKept -= bytes.length;
    }
    if (frames.size === 0 && boot !== this.#boot) this.#boots.delete(boot);
    return Promise.resolve();
  }

  pending(): Promise<readonly KeptBoot[]> {
    const kept = [...this.#boots].map(([boot, frames]) => ({
      boot,
      sequences: [...frames.keys()],
    }));
    return Promise.resolve(kept.filter(({ sequences }) => sequences.length > 0));
  }
}

/** `lastBoot`: no boot up to this one is handed out; at least the last one under the credential. */
export const memoryJournal = (lastBoot = 0): Journal => new MemoryJournal(lastBoot);
