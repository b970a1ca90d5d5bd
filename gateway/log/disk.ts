/**
 * The disk the log stands on: what it needs of a file system and nothing else, so that every fault
 * can be injected. `node-disk.ts` is the real one, `memory-disk.fixture.ts` the one that fails on command.
 *
 * Every method may reject with what the system said; nothing is durable before `sync` resolves.
 */
export interface DiskFile {
  size(): Promise<number>;
  /** Up to `length` bytes from `at`; fewer at the end of the file. */
  read(at: number, length: number): Promise<Uint8Array>;
  /** All of `bytes` at `at`, or rejects with some of them written. */
  write(at: number, bytes: Uint8Array): Promise<void>;
  truncate(length: number): Promise<void>;
  /** What was written is on the medium. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface Disk {
  /** Names of the files; the folder is made where it is missing. */
  list(): Promise<string[]>;
  /** The file of that name, made durably where it is missing. */
  open(name: string): Promise<DiskFile>;
}
