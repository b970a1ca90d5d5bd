/**
 * What the ward must still know after a restart, and what happened, without a reading: states (by key,
 * the last one counts) and the newest events, on the gateway's disk.
 *
 *   ward-0.jsonl, ward-1.jsonl    the one of the greater generation is read
 *   <crc32> vitalshare ward journal 1 <generation, 12 digits>\n        written last: zeros until then
 *   <crc32, 8 hex digits> ["state",key,value] | ["state",key] | ["event",value] \n …
 *
 * Memory is the truth while the gateway runs. A file that has grown, was damaged, or could not be written
 * is followed by the other one, written whole from memory; so a disk that fails costs durability for as
 * long as it fails, and never a state. Damage is named at start, what is whole is read, the gateway goes on.
 */
import { crc32 } from 'node:zlib';
import { utf8 } from '@vitalshare/edge/seal';
import type { Say } from '@vitalshare/edge/operations';
import {
  JOURNAL_BYTES_MAX,
  JOURNAL_EVENTS_MAX,
  JOURNAL_LINE_BYTES_MAX,
  JOURNAL_READ_BYTES_MAX,
  JOURNAL_STATES_MAX,
} from '../limits.ts';
import type { Disk, DiskFile } from '../log/disk.ts';
import { causeOf } from '../say-once.ts';

export const JOURNAL_FILES = ['ward-0.jsonl', 'ward-1.jsonl'] as const;
const HEAD = /^vitalshare ward journal 1 (\d{12})\n$/;
const headOf = (generation: number): Uint8Array =>
  utf8(withCrc(`vitalshare ward journal 1 ${String(generation).padStart(12, '0')}`));
const HEAD_BYTES = 48;

type Line = readonly ['state', string, unknown?] | readonly ['event', unknown];

interface Read {
  readonly turn: number;
  readonly generation: number;
  readonly bytes: number;
  readonly lines: readonly Line[];
  readonly damaged: number;
  readonly tornBytes: number;
}

export class Journal {
  readonly #files: readonly DiskFile[];
  readonly #say: Say;
  readonly #states = new Map<string, unknown>();
  #events: unknown[] = [];
  #turn = 0;
  #generation = 0;
  #end = 0;
  /** When it was last written whole. */
  #wholeBytes = 0;
  /** The file at hand does not say what memory knows: the other one is to be written. */
  #isStale = true;
  #waiting: Line[] = [];
  #pumping: Promise<void> | undefined;
  #failing: string | undefined;

  private constructor(files: readonly DiskFile[], say: Say) {
    this.#files = files;
    this.#say = say;
  }

  /** Never rejects for what stands in the files. */
  static async open(disk: Disk, say: Say): Promise<Journal> {
    const files = await Promise.all(JOURNAL_FILES.map((name) => disk.open(name)));
    const journal = new Journal(files, say);
    const reads: Read[] = [];
    for (const [turn, file] of files.entries()) {
      const read = await readFile(file, turn).catch((error: unknown) => {
        say(unreadText(JOURNAL_FILES[turn]!, error), WARN);
        return undefined;
      });
      if (read !== undefined) reads.push(read);
    }
    const newest = reads.sort((a, b) => b.generation - a.generation)[0];
    if (newest !== undefined) journal.#take(newest);
    return journal;
  }

  get states(): ReadonlyMap<string, unknown> {
    return this.#states;
  }

  /** Oldest first. */
  get events(): readonly unknown[] {
    return this.#events;
  }

  /** Why the disk does not take it; undefined while all is well. */
  get failing(): string | undefined {
    return this.#failing;
  }

  /** Undefined forgets the key. What is set is there at once, and durable after `durable`. */
  set(key: string, value: unknown): void {
    if (value === undefined) {
      if (!this.#states.delete(key)) return;
      this.#waiting.push(['state', key]);
      return;
    }
    if (!this.#states.has(key) && this.#states.size >= JOURNAL_STATES_MAX) return;
    this.#states.set(key, value);
    this.#waiting.push(['state', key, value]);
  }

  add(event: unknown): void {
    this.#events.push(event);
    if (this.#events.length >= 2 * JOURNAL_EVENTS_MAX) {
      this.#events = this.#events.slice(-JOURNAL_EVENTS_MAX);
    }
    this.#waiting.push(['event', event]);
  }

  /** Resolves true when all that was told is on the medium, false where the disk does not take it now. */
  async durable(): Promise<boolean> {
    while (this.#waiting.length > 0 || this.#failing !== undefined || this.#pumping !== undefined) {
      this.#pumping ??= this.#commit().finally(() => (this.#pumping = undefined));
      await this.#pumping;
      if (this.#failing !== undefined) return false;
    }
    return true;
  }

  async close(): Promise<void> {
    await this.durable();
    for (const file of this.#files) await file.close();
  }

  #take({ turn, generation, bytes, lines, damaged, tornBytes }: Read): void {
    for (const line of lines) {
      if (line[0] === 'event') this.#events.push(line[1]);
      else if (line.length === 2) this.#states.delete(line[1]);
      else this.#states.set(line[1], line[2]);
    }
    this.#events = this.#events.slice(-JOURNAL_EVENTS_MAX);
    this.#turn = turn;
    this.#generation = generation;
    this.#end = bytes;
    this.#isStale = damaged > 0 || tornBytes > 0;
    if (tornBytes > 0) this.#say(tornText(tornBytes), WARN);
    if (damaged > 0) this.#say(damagedText(JOURNAL_FILES[turn]!, damaged), WARN);
  }

  async #commit(): Promise<void> {
    // What happens in the same turn is written together.
    await Promise.resolve();
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      const bytes = utf8(waiting.map(textOf).join(''));
      const bytesMax = Math.max(JOURNAL_BYTES_MAX, 2 * this.#wholeBytes);
      if (this.#isStale || this.#end + bytes.length > bytesMax) await this.#writeWhole();
      else {
        const file = this.#files[this.#turn]!;
        await file.write(this.#end, bytes);
        await file.sync();
        this.#end += bytes.length;
      }
      if (this.#failing !== undefined) this.#say('the ward’s journal is written again.');
      this.#failing = undefined;
    } catch (error) {
      // Nobody knows what of it is on the medium.
      this.#isStale = true;
      const cause = causeOf(error);
      if (this.#failing === undefined) this.#say(failingText(cause), WARN);
      this.#failing = cause;
    }
  }

  /** Into the other file; until its head is written, the one at hand is the newest there is. */
  async #writeWhole(): Promise<void> {
    const states = [...this.#states].map(([key, value]): Line => ['state', key, value]);
    this.#events = this.#events.slice(-JOURNAL_EVENTS_MAX);
    const events = this.#events.map((event): Line => ['event', event]);
    // All that waits is in memory already.
    this.#waiting = [];
    const bytes = utf8([...events, ...states].map(textOf).join(''));
    const turn = 1 - this.#turn;
    const generation = this.#generation + 1;
    const file = this.#files[turn]!;
    await file.truncate(0);
    await file.write(HEAD_BYTES, bytes);
    await file.sync();
    await file.write(0, headOf(generation));
    await file.sync();
    this.#turn = turn;
    this.#generation = generation;
    this.#end = HEAD_BYTES + bytes.length;
    this.#wholeBytes = this.#end;
    this.#isStale = false;
  }
}

/** Undefined where none was written whole; throws TypeError on a damaged head. */
async function readFile(file: DiskFile, turn: number): Promise<Read | undefined> {
  const size = await file.size();
  const bytes = Buffer.from(await file.read(0, Math.min(size, JOURNAL_READ_BYTES_MAX)));
  if (bytes.subarray(0, HEAD_BYTES).every((byte) => byte === 0)) return undefined;
  const first = bytes.toString('latin1', 0, HEAD_BYTES);
  const head = HEAD.exec(`${checked(first.slice(0, -1)) ?? ''}${first.at(-1) ?? ''}`);
  if (head === null) throw new TypeError('its head is damaged');
  const lines: Line[] = [];
  let damaged = 0;
  let at = HEAD_BYTES;
  for (let end = bytes.indexOf(10, at); end >= 0; end = bytes.indexOf(10, at)) {
    const isLine = end - at <= JOURNAL_LINE_BYTES_MAX;
    const line = isLine ? checked(bytes.toString('utf8', at, end)) : undefined;
    if (line === undefined) damaged += 1;
    else lines.push(JSON.parse(line) as Line);
    at = end + 1;
  }
  const tornBytes = size - at;
  return { turn, generation: Number(head[1]), bytes: at, lines, damaged, tornBytes };
}

const crcOf = (text: string): string => crc32(text).toString(16).padStart(8, '0');
const withCrc = (text: string): string => `${crcOf(text)} ${text}\n`;
const textOf = (line: Line): string => withCrc(JSON.stringify(line));

/** What stands behind a checksum that holds; undefined where it does not. */
function checked(line: string): string | undefined {
  const text = line.slice(9);
  return line.slice(0, 9) === `${crcOf(text)} ` ? text : undefined;
}

const WARN = { event: 'ward-journal', level: 'warn' } as const;
const tornText = (bytes: number): string =>
  `the last append to the ward’s journal was cut off by a crash (${bytes} bytes); nothing of it was confirmed.`;
const damagedText = (name: string, lines: number): string =>
  `${name} is damaged in ${lines} ${lines === 1 ? 'place' : 'places'}: alarms, limits or standby of some beds may be forgotten. Look at every bed.`;
const unreadText = (name: string, error: unknown): string =>
  `${name} cannot be read (${error instanceof TypeError ? error.message : causeOf(error)}); what only it knew of alarms, limits and standby is forgotten. Look at every bed.`;
const failingText = (cause: string): string =>
  `the ward’s journal cannot be written (${cause}); alarms go on, and what is done now is forgotten if the gateway stops.`;
