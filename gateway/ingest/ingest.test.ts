/** What a frame's node is told, and when, on a real log whose disk the test holds or fails. */
import { randomBytes } from 'node:crypto';
import { encodePayload, numericColumn, openAnswer, sealFrame } from '@vitalshare/edge/wire';
import { describe, expect, it } from 'vitest';
import { acknowledgeDurable } from '../acknowledge/acknowledge.ts';
import { Refusal } from '../broker/refusal.ts';
import { bench } from '../log/log.fixture.ts';
import { MemoryDisk } from '../log/memory-disk.fixture.ts';
import { enroll } from '../registry/enroll.ts';
import { ReplayWindow } from '../window/replay-window.ts';
import { Tags } from '../window/tag.ts';
import { Anchors } from './anchors.ts';
import { Answers } from './answers.ts';
import { Bins } from './bins.ts';
import { CountedCells } from './counted-cells.ts';
import { Counters } from './counters.ts';
import { Ingest } from './ingest.ts';
import { Stays } from './stays.ts';

const NOW_MS = 1_800_000_000_000;
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const clock = (): number => NOW_MS;
/** Far longer than an answer takes that waits for nothing. */
const absence = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

async function ward(disk: MemoryDisk) {
  const { log, keys } = await bench(disk);
  const made = enroll({ node: 'bed-1', labels: {}, mqttUrl: 'mqtt://127.0.0.1:1' }, random);
  const { entry, credential } = made;
  const window = new ReplayWindow();
  const counters = new Counters();
  const sent: Uint8Array[] = [];
  const refused: string[] = [];
  const time = { ms: 0 };
  const send = (_node: string, sealed: Uint8Array): void => void sent.push(sealed);
  const ingest = new Ingest({
    ...{ window, counters, keys, log, clock },
    entryOf: (node) => (node === entry.node ? entry : undefined),
    tags: new Tags(random(32)),
    anchors: await Anchors.open(await new MemoryDisk().open('anchors')),
    stays: new Stays(new Map()),
    bins: new Bins({ keys, log, clock, cells: new CountedCells() }),
    acknowledge: acknowledgeDurable(window),
    answers: new Answers({ window, clock, random, send }),
    timing: { nowMs: () => time.ms, acknowledged: () => undefined },
    watcher: {
      frame: () => undefined,
      refused: (_entry, reason, detail) => refused.push(`${reason}: ${detail}`),
    },
  });
  const seal = (payload: Uint8Array, boot = 1): Uint8Array =>
    sealFrame({ ...credential, boot, sequence: 1 }, payload);
  const answered = (): number[] =>
    sent.map((bytes) => openAnswer('bed-1', credential.downKey, bytes)!.sequence);
  const settled = (): boolean => window.has({ id: entry.id, boot: 1, sequence: 1 });
  return { log, ingest, seal, answered, settled, counters, window, refused, time };
}

const READING = encodePayload({
  ...{ deviceTimeUs: 60_000_000, bootTimeMs: NOW_MS - 60_000 },
  ...{ columns: [numericColumn('heart-rate', 58, [71])], segments: [], events: [] },
});

describe.each([
  ['a reading', READING, 'accepted'],
  ['a frame refused for good', Uint8Array.of(1, 0, 0), 'malformed'],
])('%s', (_, payload, outcome) => {
  it('failure 11: acknowledged before durable: it is neither acknowledged, answered, settled nor counted [WIRE-12]', async () => {
    const disk = new MemoryDisk();
    const { ingest, seal, answered, settled, counters } = await ward(disk);
    let release = (): void => undefined;
    disk.gate = new Promise((resolve) => (release = resolve));
    let acknowledged = false;
    const taken = ingest.frame('bed-1', seal(payload)).then(() => (acknowledged = true));
    await absence();
    expect([acknowledged, settled(), answered()]).toEqual([false, false, []]);
    expect(counters.toJSON()).toMatchObject({ [outcome]: 0 });

    release();
    await taken;
    await expect.poll(answered).toEqual([1]);
    expect(settled()).toBe(true);
    expect(counters.toJSON()).toMatchObject({ [outcome]: 1 });
  });

  it('stays with its node where the log gives it up', async () => {
    const disk = new MemoryDisk();
    const { log, ingest, seal, answered, settled, counters } = await ward(disk);
    disk.fail('sync', 1_000_000);
    const taken = ingest.frame('bed-1', seal(payload));
    const refused = expect(taken).rejects.toThrow(
      new Refusal('unsettled', 'the frame could not be made durable'),
    );
    await expect.poll(() => log.failing).toBe('EIO');
    await log.close();
    await refused;
    await absence();
    expect([settled(), answered()]).toEqual([false, []]);
    expect(counters.toJSON()).toMatchObject({ [outcome]: 0 });
  });
});

describe('a node that raises its boot with every frame', () => {
  it('cannot fill the replay window: a thousand boots, then one a minute', async () => {
    const { ingest, seal, window, refused, time, counters } = await ward(new MemoryDisk());
    const frames = Array.from({ length: 1_003 }, (_, i) => seal(READING, i + 1));
    const settled = await Promise.all(frames.map((frame) => ingest.frame('bed-1', frame)));
    expect(settled.filter(Boolean)).toHaveLength(1_000);
    expect(window.size.boots).toBe(1_000);
    expect(refused).toEqual(Array(3).fill('unsettled: it started anew too often'));
    expect(counters.toJSON()).toMatchObject({ accepted: 1_000, unsettled: 3 });
    // Nothing is lost: the node keeps them, and they are taken when their minute has come.
    time.ms = 60_000;
    expect(await ingest.frame('bed-1', frames[1_001]!)).toBe(true);
    expect(await ingest.frame('bed-1', frames[1_002]!)).toBe(false);
    // What it was let in with goes on.
    expect(await ingest.frame('bed-1', frames[0]!)).toBe(true);
  });
});
