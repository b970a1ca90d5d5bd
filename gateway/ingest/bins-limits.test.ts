/** The limits of counting by bin, at a size where each is met: 1,000 queued bytes, 4 and 6 windows. */
import { decodePayload, encodePayload, numericColumn } from '@vitalshare/edge/wire';
import { KIND } from '@vitalshare/cloud-sink/messages';
import { expect, it, vi } from 'vitest';
import { bench, frameRecord } from '../log/log.fixture.ts';
import { MemoryDisk } from '../log/memory-disk.fixture.ts';
import { Bins } from './bins.ts';
import { CountedCells } from './counted-cells.ts';
import { placeFrame } from './place.ts';

vi.mock('../limits.ts', async (importOriginal) => ({
  ...(await importOriginal<typeof import('../limits.ts')>()),
  LOG_QUEUE_BYTES_MAX: 1_000,
  LOG_QUEUE_RECORD_BYTES: 0,
  BINS_PENDING_MAX: 4,
  BINS_WINDOWS_MAX: 6,
}));

/** 300 · 6,000,000. */
const T = 1_800_000_000;

const columns = (start: number) =>
  placeFrame(
    decodePayload(
      encodePayload({
        ...{ deviceTimeUs: 1e6 * (start + 1), segments: [], events: [] },
        columns: [numericColumn('heart-rate', start, [60])],
      }),
    ),
    1_000 * T,
  ).columns;

async function world() {
  const disk = new MemoryDisk();
  const { log, keys } = await bench(disk);
  const cells = new CountedCells();
  const appended: number[] = [];
  const append = log.append.bind(log);
  vi.spyOn(log, 'append').mockImplementation((record) => {
    if (record.kind === KIND.bins)
      appended.push(new DataView(record.bytes.buffer).getUint32(13, true));
    return append(record);
  });
  const bins = new Bins({ keys, log, cells, clock: () => 1_000 * (T + 1_000_000) });
  return { disk, log, bins, cells, appended };
}

it('counts wait while the log takes nothing, and no mask is spent on them', async () => {
  const { bins, log, disk, appended } = await world();
  let release = (): void => undefined;
  disk.gate = new Promise((resolve) => (release = resolve));
  const queued: Promise<unknown>[] = [];
  for (let i = 0; !log.full; i++) queued.push(log.append(frameRecord(i)));
  for (let i = 0; i < 6; i++) bins.count('bed-1', 1, columns(300 * i));
  bins.flush();
  bins.tick();
  expect(appended).toEqual([]);
  release();
  await Promise.all(queued);
  bins.flush();
  await log.close();
  expect(appended).toEqual([0, 1, 2, 3, 4].map((i) => T + 300 * i));
});

it('no more windows wait than the limit: the oldest is appended', async () => {
  const { bins, log, appended } = await world();
  for (let i = 0; i < 6; i++) bins.count('bed-1', 1, columns(300 * i));
  expect(appended).toEqual([T, T + 300]);
  await log.close();
});

it('windows are forgotten beyond the limit, never the half of it that was touched last', () => {
  const cells = new CountedCells();
  const take = (window: number): number => {
    let fresh = 0;
    const presence = Uint8Array.of(1);
    const column = { vital: 1, start: T + 300 * window, rows: 1, presence };
    cells.take('bed-1', column, () => (fresh += 1));
    return fresh;
  };
  for (let window = 0; window < 6; window++) expect(take(window)).toBe(1);
  expect(take(0)).toBe(0);
  for (const window of [4, 5, 0]) expect(take(window)).toBe(0);
  // 0, 4 and 5 are young, so 6 makes them old and forgets 1 to 3.
  expect(take(6)).toBe(1);
  for (const window of [0, 5]) expect(take(window)).toBe(0);
  expect(take(1)).toBe(1);
});
