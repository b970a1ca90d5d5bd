/** When a checkpoint is written: only of what stands in the log, stays announced among it [S1]. */
import { describe, expect, it } from 'vitest';
import { CountedCells } from '../ingest/counted-cells.ts';
import { ReplayWindow } from '../window/replay-window.ts';
import { Checkpoints, type CheckpointParts } from './checkpoints.ts';
import { runOptions, tools } from './log.fixture.ts';
import type { MaskedLog } from './masked-log.ts';
import { MemoryDisk } from './memory-disk.fixture.ts';

const LOG = 'ab'.repeat(16);
const point = {
  ...{ head: { position: 3, hash: new Uint8Array(32) }, time: 0, bytes: 100 * 2 ** 20 },
  ...{ lastOffset: 0, places: [] },
};

/** Of a log with 100 MiB that no checkpoint covers. */
async function written(log: Pick<MaskedLog, 'isIdle' | 'failing'>, how: 'tick' | 'close') {
  const disk = new MemoryDisk();
  const parts: CheckpointParts = {
    ...{ disk, run: 1, salt: new Uint8Array(32), ended: new Map(), coveredBytes: 0 },
    log: { ...log, log: LOG, point } as unknown as MaskedLog,
    genesis: { log: LOG, config: runOptions.configDigest, created: 1, continues: [] },
    ...{ window: new ReplayWindow(), cells: new CountedCells(), sign: tools.sign },
  };
  const checkpoints = new Checkpoints(parts);
  if (how === 'tick') checkpoints.tick([]);
  await checkpoints.close([]);
  return await disk.list();
}

describe('a checkpoint', () => {
  it.each(['tick', 'close'] as const)('is written of an idle log (%s)', async (how) => {
    expect(await written({ isIdle: true, failing: undefined }, how)).toEqual(['checkpoint-0']);
  });

  it.each(['tick', 'close'] as const)(
    'is not while a batch, with a stay announced in it perhaps, is on its way (%s)',
    async (how) => {
      expect(await written({ isIdle: false, failing: undefined }, how)).toEqual([]);
    },
  );

  it('is not where the log closed on a disk that took no more: what was announced is not in it', async () => {
    expect(await written({ isIdle: true, failing: 'ENOSPC' }, 'close')).toEqual([]);
  });
});
