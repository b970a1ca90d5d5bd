/** What can happen to a file, and to a disk, by lot. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { makeRandom, type Random } from '../bodies/random.ts';

/** Flips one bit of a byte in `from` ≤ byte < `to`. */
export function flipBit(
  file: string,
  { uniform }: Random,
  from = 0,
  to = statSync(file).size,
): void {
  const at = from + Math.floor(uniform() * (to - from));
  const descriptor = openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  readSync(descriptor, byte, 0, 1, at);
  byte[0]! ^= 1 << Math.floor(uniform() * 8);
  writeSync(descriptor, byte, 0, 1, at);
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** Cuts off at least `least` bytes, at most all. */
export function cutTail(file: string, { uniform }: Random, least = 3): void {
  const { size } = statSync(file);
  truncateSync(file, Math.floor(uniform() * Math.max(1, size - least)));
}

/** Writes what no program of ours wrote there. */
export function scribble(file: string, { uniform }: Random, bytes = 24): void {
  const descriptor = openSync(file, 'w', 0o600);
  writeSync(descriptor, Buffer.from(Array.from({ length: bytes }, () => uniform() * 256)));
  closeSync(descriptor);
}

/** Where `needle` first stands in a file; undefined where it does not. */
export function placeOf(file: string, needle: Uint8Array): number | undefined {
  const at = readFileSync(file).indexOf(needle);
  return at < 0 ? undefined : at;
}

/** A small file system in memory in the place of `folder`, with what the folder holds. */
export class SmallDisk {
  readonly folder: string;
  readonly #ballast: string;

  /** Throws where this account may not mount. */
  constructor(folder: string, megabytes: number) {
    this.folder = folder;
    this.#ballast = join(folder, 'ballast');
    const aside = `${folder}.aside`;
    cpSync(folder, aside, { recursive: true });
    try {
      const options = ['-o', `size=${megabytes}m,mode=700`];
      execFileSync('mount', ['-t', 'tmpfs', ...options, 'tmpfs', folder], { stdio: 'pipe' });
      cpSync(aside, folder, { recursive: true });
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
  }

  /** Not a byte is free afterwards. */
  fill(): void {
    const descriptor = openSync(this.#ballast, 'a');
    try {
      for (const bytes of [2 ** 20, 4096]) {
        const block = Buffer.alloc(bytes);
        try {
          while (writeSync(descriptor, block) === bytes);
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
        }
      }
    } finally {
      closeSync(descriptor);
    }
  }

  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  /** Lets go of it; what it held is gone. */
  unmount(): void {
    execFileSync('umount', ['-l', this.folder], { stdio: 'pipe' });
  }
}

/** Why no small disk can be mounted here; undefined where one can. */
export function whyNoSmallDisk(folder: string): string | undefined {
  const probe = join(folder, 'probe');
  mkdirSync(probe, { recursive: true });
  try {
    new SmallDisk(probe, 1).unmount();
    return undefined;
  } catch {
    return 'this account may not mount a tmpfs; run it as root or under unshare -Urm';
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}

/** A stream of lots of its own for each damage, so that leaving one out shifts no other. */
export const lotsOf = (seed: number, name: string): Random => makeRandom(seed, crc32(name));
