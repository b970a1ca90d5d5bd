import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryJournal } from '@vitalshare/edge/loop';
import { ReplayJournal, unfinishedPlan } from './progress.ts';

const PLAN = {
  recording: 'ab'.repeat(32),
  startMs: 1_700_000_000_000,
  spanMs: 1000,
  endMs: 1_700_000_060_000,
};
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitalshare-progress-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the place of a replay', () => {
  it('is exact after any crash: no frame is offered twice, none is left out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ frames: fc.nat(9), settled: fc.nat(9) }), { maxLength: 6 }),
        async (lives) => {
          writeFileSync(join(folder, 'replay.json'), '');
          rmSync(join(folder, 'replay.json'));
          const disk = memoryJournal();
          const kept: number[] = [];
          for (const { frames, settled } of lives) {
            const journal = await ReplayJournal.open(disk, folder, PLAN);
            expect(journal.nextPlace).toBe(kept.length);
            const boot = await journal.openBoot();
            for (let sequence = 1; sequence <= frames; sequence++) {
              await journal.append(boot, sequence, new Uint8Array(30));
              kept.push(journal.nextPlace);
              journal.nextPlace += 1;
            }
            const last = Math.min(settled, frames);
            if (last > 0) await journal.erase(boot, [{ first: 1, last }]);
            // The process dies here: nothing is closed.
          }
          expect(kept).toEqual(kept.map((_, place) => place));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('begins anew once finished', async () => {
    const first = await ReplayJournal.open(memoryJournal(), folder, PLAN);
    expect(unfinishedPlan(folder)).toEqual(PLAN);
    first.finish();
    expect(unfinishedPlan(folder)).toBeUndefined();
    const second = await ReplayJournal.open(memoryJournal(), folder, { ...PLAN, spanMs: 500 });
    expect(second.nextPlace).toBe(0);
    expect(unfinishedPlan(folder)?.spanMs).toBe(500);
  });

  it.each(['', '{', 'null', '{"plan":{}}', '{"plan":{"startMs":1},"boots":{},"erased":{}}'])(
    'a damaged file (%j) is named with what to do',
    (text) => {
      writeFileSync(join(folder, 'replay.json'), text);
      expect(() => unfinishedPlan(folder)).toThrow(/replay\.json is damaged; remove it/);
      expect(readFileSync(join(folder, 'replay.json'), 'utf8')).toBe(text);
    },
  );
});
