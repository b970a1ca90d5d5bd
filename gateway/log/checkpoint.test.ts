/** A start from a checkpoint knows what a start from the first byte knows, or does not use it. */
import { verifier } from '@vitalshare/edge/identity/node';
import { encodeMaskedFrame, encodeStay, KIND } from '@vitalshare/cloud-sink/messages';
import { fromBase64Url } from '@vitalshare/edge/seal';
import { beforeEach, describe, expect, it } from 'vitest';
import { CountedCells } from '../ingest/counted-cells.ts';
import { ReplayWindow } from '../window/replay-window.ts';
import { Tags } from '../window/tag.ts';
import { encodeCheckpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { columnsOfFrame } from './frame-cells.ts';
import { bench, gateway, runOptions, tools } from './log.fixture.ts';
import type { MaskedLog } from './masked-log.ts';
import { MemoryDisk } from './memory-disk.fixture.ts';
import { type KnownLog, openLogs } from './open-logs.ts';
import type { ScanPoint } from './scan.ts';
import { startRun } from './start-run.ts';

const tags = new Tags(new Uint8Array(32).fill(9));
let disk: MemoryDisk;
let home: MemoryDisk;
let log: MaskedLog;

/** Frame `sequence` of one node: second `sequence` of its heart rate. */
const frame = (sequence: number) => ({
  kind: KIND.frame,
  bytes: encodeMaskedFrame({
    stay: 1,
    counter: sequence,
    tag: tags.make({ id: 7n, boot: 3, sequence, refused: sequence === 5 }),
    columns: [
      {
        ...{ vital: 1, start: 1_700_000_000 + sequence, rows: 1, presence: Uint8Array.of(1) },
        ...{ masked: Uint32Array.of(sequence, 0), commitment: new Uint8Array(16) },
      },
    ],
    products: [],
    segments: [],
  }),
});

interface Start {
  readonly known: readonly KnownLog[];
  readonly window: ReplayWindow;
  readonly cells: CountedCells;
  readonly said: string[];
  readonly usedCheckpoint: boolean;
}

async function start(): Promise<Start> {
  const [window, cells, said] = [new ReplayWindow(), new CountedCells(), [] as string[]];
  const say = (sentence: string): void => void said.push(sentence);
  const verify = verifier(gateway.sign);
  let usedCheckpoint = false;
  const known = await openLogs(
    disk,
    {
      ...{ logKey: runOptions.keys.log, verify },
      tags: (some) => {
        for (const name of tags.read(Buffer.concat(some))) window.add(name);
      },
      frame: (stay, record) => {
        for (const column of columnsOfFrame(record)) cells.take(stay, column);
      },
      from: async (files) => {
        const found = await readCheckpoint(home, files, verify, say);
        if (found === undefined) return undefined;
        usedCheckpoint = true;
        window.load(found.window);
        cells.load(found.cells.map(([key, bits]) => [key, fromBase64Url(bits)] as const));
        return found.points;
      },
    },
    tools,
    say,
  );
  return { known, window, cells, said, usedCheckpoint };
}

/** What a start knows, to be compared. */
const known = ({ known: logs, window, cells }: Start) => ({
  logs: logs.map(({ scanned: { head, bytes, time, lastRun, stays, genesis, point } }) => ({
    ...{ head, bytes, time, lastRun, genesis, stays: [...stays], places: point?.places },
  })),
  window: [...window.entries()],
  cells: [...cells.entries()].map(([key, bits]) => [key, [...bits]]),
});

async function checkpoint(turn = 0): Promise<void> {
  const now = await start();
  const points = new Map<string, ScanPoint>();
  for (const { log: each, scanned } of now.known) points.set(each.log, scanned.point!);
  const bytes = encodeCheckpoint(points, now.window, now.cells, tools.sign);
  await writeCheckpoint(home, turn, bytes);
}

beforeEach(async () => {
  [disk, home] = [new MemoryDisk(), new MemoryDisk()];
  ({ log } = await bench(disk));
  const stay = { number: 1, stay: 'bed-1', tag: 'x', admitted: true, labels: {} };
  await log.append({ kind: KIND.stay, bytes: encodeStay(stay) });
  for (const sequence of [1, 2, 3, 5]) await log.append(frame(sequence));
});

describe('a start from a checkpoint', () => {
  it('knows what a start from the first byte knows, and reads only what follows', async () => {
    await checkpoint();
    for (const sequence of [4, 8, 9]) await log.append(frame(sequence));
    const { length } = disk.files.get(`${log.log}.log`)!.written;
    disk.askedBytes = 0;
    const quick = await start();
    expect(quick.usedCheckpoint).toBe(true);
    expect(disk.askedBytes).toBeLessThan(length);
    home = new MemoryDisk();
    const whole = await start();
    expect(whole.usedCheckpoint).toBe(false);
    expect(known(quick)).toEqual(known(whole));
    expect(quick.window.has({ id: 7n, boot: 3, sequence: 5 })).toBe(true);
    expect(quick.window.has({ id: 7n, boot: 3, sequence: 6 })).toBe(false);
    expect(quick.window.settled(7n, 3, 9)).toEqual({
      ...{ sequence: 9, missing: [{ first: 6, last: 7 }], refused: [{ first: 5, last: 5 }] },
    });
  });

  it('takes the newer of two, and the older where the newer was torn', async () => {
    await checkpoint(0);
    await log.append(frame(4));
    await checkpoint(1);
    const newer = await start();
    expect([newer.usedCheckpoint, newer.said]).toEqual([true, []]);
    const torn = home.files.get('checkpoint-1')!;
    torn.written = torn.written.slice(0, -30);
    const older = await start();
    expect([older.usedCheckpoint, older.said]).toEqual([
      true,
      ['checkpoint-1 is torn or damaged; it is ignored.'],
    ]);
    expect(known(older)).toEqual(known(newer));
  });

  it('goes from the live log, as a gateway writes it while it runs', async () => {
    const { known: logs, window, cells } = await start();
    const { genesis, run, salt, stays } = logs[0]!.scanned.point!;
    const point = { ...log.point, genesis, run, salt, stays };
    expect(point).toEqual(logs[0]!.scanned.point);
    const bytes = encodeCheckpoint(new Map([[log.log, point]]), window, cells, tools.sign);
    await writeCheckpoint(home, 0, bytes);
    expect((await start()).usedCheckpoint).toBe(true);
  });
});

describe('a checkpoint is ignored with a sentence, and the logs are read whole', () => {
  const refused = async (sentence: RegExp): Promise<void> => {
    const { usedCheckpoint, said } = await start();
    expect(usedCheckpoint).toBe(false);
    expect(said).toEqual([expect.stringMatching(sentence)]);
  };

  it('where any bit of it flipped', async () => {
    await checkpoint();
    const file = home.files.get('checkpoint-0')!;
    const good = file.written.slice();
    for (let at = 0; at < good.length; at += 7) {
      file.written = good.slice();
      file.written[at]! ^= 1 << (at & 7);
      await refused(/^checkpoint-0 is torn or damaged; it is ignored\.$/);
    }
  });

  it('where the log is an older copy: it knows less than the checkpoint', async () => {
    const file = disk.files.get(`${log.log}.log`)!;
    const older = file.written.slice();
    await log.append(frame(4));
    await checkpoint();
    file.written = older;
    await refused(/^the checkpoint knows more of log .* cut short or an older copy; .* read whole/);
  });

  it('where the log went on in another way from an older copy', async () => {
    const file = disk.files.get(`${log.log}.log`)!;
    const older = file.written.slice();
    await log.append(frame(4));
    await checkpoint();
    file.written = older;
    const { known: logs } = await start();
    await startRun(logs[0]!.log, 2, runOptions);
    await refused(/^the checkpoint knows another batch at position 8 of log .*; .* read whole/);
  });

  it('where a log of it is not here any more', async () => {
    await checkpoint();
    disk.files.delete(`${log.log}.log`);
    const { usedCheckpoint, said } = await start();
    expect(usedCheckpoint).toBe(false);
    expect(said[0]).toMatch(/^the checkpoint knows log .*, which is not here any more/);
  });
});
