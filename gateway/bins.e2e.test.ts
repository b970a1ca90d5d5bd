/** Counts by bin of a whole gateway, over a restart and a kill: each cell at most once, in the log. */
import {
  BatchReader,
  decodeMaskedBins,
  decodeRecords,
  decodeRunRecord,
  EMPTY_HEAD,
  KIND,
  logRunKey,
} from '@vitalshare/cloud-sink/messages';
import { verifier } from '@vitalshare/edge/identity/node';
import { loadGatewayKeys } from '@vitalshare/edge/keys/node';
import { fromBase64Url, fromHex, toBase64Url } from '@vitalshare/edge/seal';
import { type Frame, numericColumn } from '@vitalshare/edge/wire';
import { afterAll, expect, it } from 'vitest';
import { Bench } from './gateway.fixture.ts';
import { MemoryDisk } from './log/memory-disk.fixture.ts';

const disk = new MemoryDisk();
const bench = new Bench(disk);
afterAll(async () => {
  await bench.stop();
  bench.remove();
});

/** Boot at a multiple of 300 s. */
const frameOf = (start: number, values: (number | null)[]): Frame => ({
  ...{ deviceTimeUs: 1e6 * (start + values.length), bootTimeMs: 1_799_999_700_000 },
  ...{ columns: [numericColumn('heart-rate', start, values)], segments: [], events: [] },
});

/** [counter, readings] of every bins record on the disk, run by run. */
function increments(): [number, number][][] {
  const [name, { written }] = [...disk.files].find(([file]) => file.endsWith('.log'))!;
  const log = name.replace('.log', '');
  const { log: logKey } = loadGatewayKeys(bench.folder);
  const reader = new BatchReader({ head: EMPTY_HEAD, verify: verifier(bench.party.identity.sign) });
  let key: Uint8Array | null = null;
  const runs: [number, number][][] = [];
  for (const batch of reader.push(written)) {
    for (const { kind, bytes } of decodeRecords(batch, key)) {
      if (kind === KIND.run) {
        const { run, salt } = decodeRunRecord(bytes);
        key = logRunKey(logKey, fromBase64Url(salt, 32), fromHex(log, 16), run);
        runs.push([]);
      }
      if (kind !== KIND.bins) continue;
      const { counter, readings } = decodeMaskedBins(bytes);
      runs.at(-1)!.push([counter, readings]);
    }
  }
  return runs;
}

/** The next start continues this log: enough servers know no more of it. */
function serversKnowAll(): void {
  const { written } = [...disk.files].find(([file]) => file.endsWith('.log'))![1];
  const reader = new BatchReader({ head: EMPTY_HEAD, verify: () => true });
  Array.from(reader.push(written));
  const { position, hash } = reader.head;
  const [name] = [...disk.files.keys()].filter((file) => file.endsWith('.log'));
  bench.serversKnow({ [name!.replace('.log', '')]: { position, hash: toBase64Url(hash) } });
}

it('are appended when it closes, when they are over, and never twice of one cell', async () => {
  const credential = await bench.enroll('bed-1');
  await bench.start();
  let node = await bench.connect(credential);
  await node.send(node.sealed(1, 1, frameOf(0, [60, 61, null, 63])));
  await node.send(node.sealed(1, 2, frameOf(3, [90, 91])));
  await bench.stop();
  expect(increments()).toEqual([[[1, 4]]]);

  serversKnowAll();
  await bench.start();
  node = await bench.connect(credential);
  // Cells the log holds already, in frames it does not: only seconds 2 and 5 are new.
  await node.send(node.sealed(1, 3, frameOf(0, [80, 80, 80, 80, 80, 80])));
  expect(increments()).toEqual([[[1, 4]], []]);
  bench.nowMs = 1_800_000_076_000;
  bench.tick();
  await expect.poll(increments).toEqual([[[1, 4]], [[1, 2]]]);
  await bench.stop();
});

it('that were not appended are lost in a kill, and the frames are not', async () => {
  serversKnowAll();
  await bench.start();
  const credential = await bench.enroll('bed-2');
  const node = await bench.connect(credential);
  await node.send(node.sealed(1, 1, frameOf(0, [70, 71])));
  expect(await bench.frames()).toHaveLength(4);
  disk.crash();
  const left = new Map([...disk.files].map(([name, file]) => [name, { ...file }]));
  await bench.stop();
  for (const [name, file] of left) disk.files.set(name, file);

  serversKnowAll();
  await bench.start();
  expect(await bench.frames()).toHaveLength(4);
  const again = await bench.connect(credential);
  await again.send(again.sealed(1, 2, frameOf(0, [70, 71, 72])));
  await bench.stop();
  expect(increments()).toEqual([[[1, 4]], [[1, 2]], [], [[1, 1]]]);
});
