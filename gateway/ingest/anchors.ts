/**
 * When a boot without a clock began: fixed once, at the first frame of it that is accepted, and the
 * same for ever after, through restarts too.                                              [WIRE-6]
 *
 *   anchors.jsonl    ["<node id>",boot,anchorMs]\n      one line a boot, synced before its first
 *                                                       frame is appended
 *
 * A torn last line is a boot none of whose frames were accepted: it is cut off. A gateway restored
 * without the file fixes such a boot anew; nothing else depends on it.
 */
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

  static async open(file: DiskFile): Promise<Anchors> {
    const size = await file.size();
    const text = new TextDecoder().decode(await file.read(0, size));
    const known = new Map<string, number>();
    let end = 0;
    for (const line of text.split('\n').slice(0, -1)) {
      const parsed = parseLine(line);
      if (parsed === null) break;
      known.set(parsed.key, parsed.anchorMs);
      end += line.length + 1;
    }
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
    const line = utf8(`${JSON.stringify([String(id), boot, anchorMs])}\n`);
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
    await this.#file.write(this.#end, line);
    await this.#file.sync();
    this.#end += line.length;
  }
}

const keyOf = (id: bigint, boot: number): string => `${id.toString()}/${boot}`;

/** ASCII throughout, so characters are bytes. */
function parseLine(line: string): { key: string; anchorMs: number } | null {
  const match = /^\["(\d{1,19})",(\d{1,10}),(-?\d{1,16})\]$/.exec(line);
  if (match === null) return null;
  return { key: keyOf(BigInt(match[1]!), Number(match[2])), anchorMs: Number(match[3]) };
}
