/**
 * What becomes of readings when clocks, counters and people do what they do: the table "When clocks
 * are wrong …" of README.md, each line a test here that bears its name.
 */
import { numericColumn, type Frame } from '@vitalshare/edge/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { Bench, type TestNode } from './gateway.fixture.ts';
import { writeEntry } from './registry/node-files.ts';

const benches: Bench[] = [];
const zone = process.env['TZ'];
afterEach(async () => {
  for (const bench of benches.splice(0)) {
    await bench.stop();
    bench.remove();
  }
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

async function ward(): Promise<{ bench: Bench; node: TestNode }> {
  const bench = new Bench();
  benches.push(bench);
  const credential = await bench.enroll('strap-1', { ward: 'north' });
  await bench.start();
  return { bench, node: await bench.connect(credential) };
}

/** One heart rate at second `second` of a boot that began at `bootTimeMs`, if the node has a clock. */
function beat(second: number, rate: number, bootTimeMs?: number): Frame {
  return {
    deviceTimeUs: second * 1e6,
    ...(bootTimeMs === undefined ? {} : { bootTimeMs }),
    columns: [numericColumn('heart-rate', second, [rate])],
    segments: [],
    events: [],
  };
}

const startsOf = async (bench: Bench): Promise<number[]> =>
  (await bench.frames()).flatMap(({ columns }) => columns.map(({ start }) => start));

const countersOf = async (bench: Bench) => (await bench.status()).counters;

describe('failure 20: clock skew, daylight saving, a sequence number reused after a restart', () => {
  it('a node’s clock ahead: kept by the node and shown, taken when its time has come', async () => {
    const { bench, node } = await ward();
    const early = node.sealed(1, 1, beat(0, 71, bench.nowMs + 90_000));
    await node.send(early);
    expect(await startsOf(bench)).toEqual([1_800_000_090]); // Within 120 s: early, not wrong.
    const future = node.sealed(1, 2, beat(0, 72, bench.nowMs + 3_600_000));
    await node.send(future);
    expect(await countersOf(bench)).toMatchObject({ accepted: 1, 'far-future': 1 });
    expect((await bench.status()).nodes[0]!.refused['far-future']!.count).toBe(1);
    expect(node.answers.map(({ sequence }) => sequence)).toEqual([1]);
    bench.nowMs += 3_600_000;
    await node.send(future);
    expect(await startsOf(bench)).toEqual([1_800_000_090, 1_800_003_600]);
    await expect.poll(() => node.answers.at(-1)?.sequence).toBe(2);
  });

  it('a node’s clock behind: kept at the seconds it says, never moved', async () => {
    const { bench, node } = await ward();
    await node.send(node.sealed(1, 1, beat(5, 71, bench.nowMs - 86_400_000)));
    expect(await startsOf(bench)).toEqual([1_800_000_000 - 86_400 + 5]);
    expect(await countersOf(bench)).toMatchObject({ accepted: 1, 'far-future': 0 });
  });

  it('a node’s clock that jumps: rows of one boot follow device time, those of the next the new clock', async () => {
    const { bench, node } = await ward();
    const bootTimeMs = bench.nowMs - 100_000;
    await node.send(node.sealed(1, 1, beat(10, 71, bootTimeMs)));
    await node.send(node.sealed(1, 2, beat(11, 72, bootTimeMs))); // Its clock was set; its boot was not.
    await node.send(node.sealed(2, 1, beat(0, 73, bootTimeMs - 7_200_000)));
    const second = bootTimeMs / 1000;
    expect(await startsOf(bench)).toEqual([second + 10, second + 11, second - 7_200]);
  });

  it('the gateway’s clock set back: what now seems to come is kept by the nodes until it is right', async () => {
    const { bench, node } = await ward();
    const rightMs = bench.nowMs;
    bench.nowMs -= 600_000;
    const frame = node.sealed(1, 1, beat(0, 71, rightMs));
    await node.send(frame);
    expect(await startsOf(bench)).toEqual([]);
    expect(node.answers).toEqual([]);
    bench.nowMs = rightMs;
    await node.send(frame);
    expect(await startsOf(bench)).toEqual([rightMs / 1000]);
  });

  it('the gateway’s clock that jumps: a boot without a clock keeps the anchor of its first frame [WIRE-6]', async () => {
    const { bench, node } = await ward();
    await node.send(node.sealed(1, 1, beat(60, 71)));
    bench.nowMs += 5 * 86_400_000;
    await node.send(node.sealed(1, 2, beat(61, 72)));
    bench.nowMs -= 10 * 86_400_000;
    await node.send(node.sealed(1, 3, beat(62, 73)));
    // Ten days ahead of the gateway's clock now, so the third is kept by the node.
    expect(await startsOf(bench)).toEqual([1_800_000_000, 1_800_000_001]);
    bench.nowMs += 5 * 86_400_000;
    await node.send(node.sealed(1, 3, beat(62, 73)));
    expect(await startsOf(bench)).toEqual([1_800_000_000, 1_800_000_001, 1_800_000_002]);
  });

  it.each([
    // Europe: clocks go back at 01:00 UTC on 2026-10-25, forward at 01:00 UTC on 2026-03-29.
    ['Europe/Berlin', '2026-10-25T00:59:58Z', -120, -60],
    ['Europe/Berlin', '2026-03-29T00:59:58Z', -60, -120],
    // Lord Howe Island: by half an hour, back at 15:00 UTC on 2026-04-04.
    ['Australia/Lord_Howe', '2026-04-04T14:59:58Z', -660, -630],
  ])(
    'daylight saving of %s at %s: rows are UTC seconds, none twice and none left out',
    async (tz, start, before, after) => {
      process.env['TZ'] = tz;
      const startMs = Date.parse(start);
      // The zone is in force in this process: its clocks do change here.
      const offsets = [startMs, startMs + 4_000].map((ms) => new Date(ms).getTimezoneOffset());
      expect(offsets).toEqual([before, after]);
      const { bench, node } = await ward();
      for (let second = 0; second < 5; second++) {
        bench.nowMs = startMs + 1000 * second;
        await node.send(node.sealed(1, second + 1, beat(second, 70 + second, startMs)));
      }
      const first = startMs / 1000;
      expect(await startsOf(bench)).toEqual([0, 1, 2, 3, 4].map((second) => first + second));
      expect(await countersOf(bench)).toMatchObject({ accepted: 5, duplicate: 0 });
    },
  );

  it('a sequence number reused after a restart: nothing stored changes, and it is counted', async () => {
    const { bench, node } = await ward();
    await node.send(node.sealed(1, 1, beat(0, 71, bench.nowMs)));
    const before = await bench.frames();
    // Started again without its counter: boot 1, sequence 1 once more, with another reading.
    await node.send(node.sealed(1, 1, beat(9, 99, bench.nowMs)));
    expect(await bench.frames()).toEqual(before);
    expect(await countersOf(bench)).toMatchObject({ accepted: 1, duplicate: 1 });
  });
});

describe('gaps', () => {
  it('are known, asked for and shown, and closed by what comes late', async () => {
    const { bench, node } = await ward();
    const send = (sequence: number) =>
      node.send(node.sealed(1, sequence, beat(sequence, 71, bench.nowMs - 60_000)));
    await send(1);
    await send(5);
    await expect.poll(() => node.answers.at(-1)?.missing).toEqual([{ first: 2, last: 4 }]);
    const missing = async () => (await bench.status()).nodes[0]!.missing;
    expect(await missing()).toBe(3);
    await send(3);
    expect(await missing()).toBe(2);
    await send(2);
    await send(4);
    expect(await missing()).toBe(0);
    await expect.poll(() => node.answers.at(-1)).toMatchObject({ sequence: 5, missing: [] });
  });
});

describe('a stay that moves', () => {
  async function change(bench: Bench, more: object): Promise<void> {
    const entry = (await bench.files.read('strap-1'))!;
    await writeEntry(bench.folder, { ...entry, ...more });
    bench.tick();
    // Registry files are read in the background of that tick.
    await expect
      .poll(async () => (await bench.status()).nodes[0])
      .toMatchObject('stay' in more ? { bed: more.stay } : {});
  }

  it('to another ward: the same stay, announced again before the next frame', async () => {
    const { bench, node } = await ward();
    await node.send(node.sealed(1, 1, beat(0, 71, bench.nowMs)));
    await change(bench, { labels: { ward: 'south' } });
    await expect
      .poll(async () => ((await bench.status()) as unknown as { beds: unknown[] }).beds)
      .toEqual([expect.objectContaining({ bed: 'strap-1', labels: { ward: 'south' } })]);
    await node.send(node.sealed(1, 2, beat(1, 72, bench.nowMs)));
    expect((await bench.frames()).map(({ stay, counter }) => [stay, counter])).toEqual([
      [1, 1],
      [1, 2],
    ]);
  });

  it('a node given to another stay: from the next frame taken on, with all that it kept', async () => {
    const { bench, node } = await ward();
    await node.send(node.sealed(1, 1, beat(0, 71, bench.nowMs)));
    await change(bench, { stay: 'bed-9', tag: 'patient-9' });
    // Measured before the change and kept by the node: the new stay's, by arrival.
    await node.send(node.sealed(1, 2, beat(1, 72, bench.nowMs)));
    // Already durable in the old stay: a duplicate, not a reading of the new one.
    await node.send(node.sealed(1, 1, beat(0, 71, bench.nowMs)));
    expect((await bench.frames()).map(({ stay, counter }) => [stay, counter])).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect(await countersOf(bench)).toMatchObject({ accepted: 2, duplicate: 1 });
    const { beds } = (await bench.status()) as unknown as { beds: { bed: string }[] };
    expect(beds.map(({ bed }) => bed)).toEqual(['bed-9']);
  });
});
