/**
 * A stay that moves, as statistics and history see it: what was measured stays with its stay, and a
 * stay's labels are those of its newest record before the snapshot [PROTO-12] [PROTO-13].
 */
import { describe, expect, it } from 'vitest';
import { keyId } from '@vitalshare/edge/identity';
import { openAnswer } from '@vitalshare/edge/sharing/open';
import type { Snapshot } from '../messages/query.ts';
import { answerMoments } from './answer-moments.ts';
import { answerHistory } from './history.ts';
import { Applier } from './apply.ts';
import { MemoryStore } from './store-memory.fixture.ts';
import { applyLog, column, makeWorld, TestLog } from './world.fixture.ts';

const T = 1_700_000_000;
const breathe = () => Promise.resolve();

async function made(log: TestLog) {
  const { world } = log;
  const servers = world.dataServers.map((party) => {
    const store = new MemoryStore();
    const applier = new Applier(party, store);
    applyLog(applier, log);
    return { applier, store };
  });
  for (const { applier } of servers) await applier.flush();
  const asker = keyId(world.researcher);
  /** Count and sum of heart rates by label, as of a position; the code of a refusal. */
  const sum = async (position: number, where: Record<string, string>) => {
    const asOf: Snapshot = { [log.name]: position };
    const query = { version: 1, asOf, vitals: ['heart-rate'], degree: 1, where } as const;
    try {
      const answers = await Promise.all(
        servers.map(({ applier }) => answerMoments(applier, query, asker, breathe)),
      );
      const words = answers.map(({ server, sums }) => ({ server, value: sums[0]! }));
      return [answers[0]!.count, Number(openAnswer(world.configuration, 1, words).value)];
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  /** First seconds of the parts of a stay's history. */
  const history = async (stay: string) => {
    const { applier, store } = servers[0]!;
    const asOf = { [log.name]: log.position };
    const query = { version: 1, asOf, stay, channel: 'heart-rate' } as const;
    const { parts } = await answerHistory(applier, store, query, breathe);
    return parts.map(({ header }) =>
      new DataView(header.buffer, header.byteOffset).getUint32(1, true),
    );
  };
  return { sum, history };
}

describe('a stay that moves between wards', () => {
  it('counts whole under its newest label, and under the old one as of before', async () => {
    const log = new TestLog(makeWorld());
    log.stay(1, 'bed-1', { ward: 'north' }).stay(2, 'bed-2', { ward: 'north' });
    log.frame(1, { 'heart-rate': column(T, [700]) }).frame(2, { 'heart-rate': column(T, [5]) });
    const before = log.commit();
    log.stay(1, 'bed-1', { ward: 'south' });
    log.frame(1, { 'heart-rate': column(T + 1, [30]) }).commit();
    const { sum, history } = await made(log);
    expect(await sum(before, { ward: 'north' })).toEqual([2, 705]);
    expect(await sum(before, { ward: 'south' })).toBe('unknown-label');
    expect(await sum(log.position, { ward: 'south' })).toEqual([2, 730]);
    expect(await sum(log.position, { ward: 'north' })).toEqual([1, 5]);
    expect(await history('bed-1')).toEqual([T, T + 1]);
  });
});

describe('a node that is given to another stay', () => {
  it('leaves the rows before where they are; those after are the other stay’s, in sums and history', async () => {
    const log = new TestLog(makeWorld());
    log.stay(1, 'strap-1', { ward: 'north' }, 'patient-1');
    log.frame(1, { 'heart-rate': column(T, [700]) }).commit();
    log.stay(2, 'bed-9', { ward: 'south' }, 'patient-9');
    log.frame(2, { 'heart-rate': column(T + 1, [30]) }).commit();
    const { sum, history } = await made(log);
    expect(await sum(log.position, { ward: 'north' })).toEqual([1, 700]);
    expect(await sum(log.position, { ward: 'south' })).toEqual([1, 30]);
    expect(await history('strap-1')).toEqual([T]);
    expect(await history('bed-9')).toEqual([T + 1]);
  });
});
