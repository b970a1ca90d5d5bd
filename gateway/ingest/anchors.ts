/**
 * When a boot without a clock began: fixed once, at the first frame of it that is accepted, and the
 * same for ever after, through restarts too.                                              [WIRE-6]
 *
 *   anchors.jsonl    ["<node id>",boot,anchorMs]\n      one line a boot, synced before its first
 *                                                       frame is appended
 *
 * A torn last line is a boot none of whose frames were accepted: it is cut off. Anything else that is
 * not a line is damage, refused at start: to forget an anchor would move its boot's rows. A gateway
 * restored without the file fixes such boots anew; nothing else depends on it.
 */
import { crc32 } from 'node:zlib';
import { UserError } from '@vitalshare/edge/command/node';
import { utf8 } from '@vitalshare/edge/seal';
import type { DiskFile } from '../log/disk.ts';

export const ANCHORS_FILE = 'anchors.jsonl';

export class Anchors {
  readonly #file: DiskFile;
  readonly #known: Map<string, { anchorMs: number; durable: Promise<void> }>;
  #end: number;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: DiskFile, known: ReadonlyMap<string, number>, end: number) {
    this.#file = file;
    const durable = Promise.resolve();
    this.#known = new Map([...known].map(([key, anchorMs]) => [key, { anchorMs, durable }]));
    this.#end = end;
  }

  /** Throws UserError on damage: what to do is the operator's choice. */
  static async open(file: DiskFile): Promise<Anchors> {
    const size = await file.size();
    // Latin-1: characters are bytes, whatever the damage.
    const text = Buffer.from(await file.read(0, size)).toString('latin1');
    const lines = text.split('\n');
    const tail = lines.pop()!;
    const known = new Map<string, number>();
    for (const [index, line] of lines.entries()) {
      const parsed = parseLine(line);
      if (parsed === null) throw damaged(index + 1);
      known.set(parsed.key, parsed.anchorMs);
    }
    if (!TORN.test(tail)) throw damaged(lines.length + 1);
    const end = size - tail.length;
    if (end < size) await file.truncate(end);
    return new Anchors(file, known, end);
  }

  get(id: bigint, boot: number): number | undefined {
    return this.#known.get(keyOf(id, boot))?.anchorMs;
  }

  /** Resolves when it is durable; the first call of a boot decides, every later one waits for it. */
  fix(id: bigint, boot: number, anchorMs: number): Promise<void> {
    const key = keyOf(id, boot);
    const known = this.#known.get(key);
    if (known !== undefined) return known.durable;
    const said = [String(id), boot, anchorMs] as const;
    const line = utf8(`${JSON.stringify([...said, crcOf(...said)])}\n`);
    const durable = this.#writing.then(() => this.#append(line));
    this.#writing = durable.catch(() => undefined);
    this.#known.set(key, { anchorMs, durable });
    durable.catch(() => this.#known.delete(key));
    return durable;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  async #append(line: Uint8Array): Promise<void> {
    // A try that failed may have left a longer line, whose end would read as damage.
    if ((await this.#file.size()) > this.#end) await this.#file.truncate(this.#end);
    await this.#file.write(this.#end, line);
    await this.#file.sync();
    this.#end += line.length;
  }
}

const keyOf = (id: bigint, boot: number): string => `${id.toString()}/${boot}`;

/** A flipped bit in a digit would else be another time. Lines of older versions have none. */
const crcOf = (id: string, boot: number, anchorMs: number): number =>
  crc32(`${id} ${boot} ${anchorMs}`);

/** What a crash leaves of a line: some of its characters, or the zeros of a file that only grew. */
const TORN = /^[\d",[\]-]*\0*$/;

function parseLine(line: string): { key: string; anchorMs: number } | null {
  const match = /^\["(\d{1,19})",(\d{1,10}),(-?\d{1,16})(?:,(\d{1,10}))?\]$/.exec(line);
  if (match === null) return null;
  const [id, boot, anchorMs] = [match[1]!, Number(match[2]), Number(match[3])];
  if (match[4] !== undefined && Number(match[4]) !== crcOf(id, boot, anchorMs)) return null;
  return { key: keyOf(BigInt(id), boot), anchorMs };
}

const damaged = (line: number): UserError =>
  new UserError(
    `${ANCHORS_FILE} line ${line} is damaged; restore the file from a copy, or move it away to start without it (what nodes without a clock send on from their present boot may then move in time).`,
  );
