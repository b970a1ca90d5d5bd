/**
 * [PROTO-15] through the server's own answer. The real vocabulary needs 320 million rows to come near
 * half the field, so here heart rate reaches 620,000,000 steps: 3 · 620,000,000² = 1.1532e18 is
 * above p/2 = 1.1529e18, and two rows stay below.
 */
import { describe, expect, it, vi } from 'vitest';
import { keyId } from '@vitalshare/edge/identity';
import { answerMoments } from './answer-moments.ts';
import { appliers, column, makeWorld, TestLog } from './world.fixture.ts';

vi.mock('@vitalshare/edge/vital', async (importOriginal) => {
  const actual = await importOriginal<typeof import('@vitalshare/edge/vital')>();
  const findVital = (name: string) => {
    const vital = actual.findVital(name);
    return name === 'heart-rate' && vital ? { ...vital, max: 620_000_000 / vital.scale } : vital;
  };
  return { ...actual, findVital };
});

const T = 1_700_000_000;

describe('a question whose answer could wrap', () => {
  it('[PROTO-15] is refused by its rows, before a number leaves the server', async () => {
    const world = makeWorld();
    const log = new TestLog(world);
    log.stay(1, 'bed-1').frame(1, {
      'heart-rate': column(T, [600, 610]),
      spo2: column(T, [970, 980]),
    });
    log.stay(2, 'bed-2').frame(2, {
      'heart-rate': column(T + 2, [620]),
      spo2: column(T + 2, [990]),
    });
    log.commit();
    const [server] = appliers(world, [log]);
    const ask = (vitals: readonly string[], degree: 0 | 1 | 2, to: number) => {
      const query = { version: 1, asOf: { [log.name]: log.position }, where: {}, to } as const;
      const asker = keyId(world.researcher);
      return answerMoments(server!, { ...query, vitals, degree }, asker, () => Promise.resolve());
    };
    const refusal = {
      code: 'could-wrap',
      numbers: { count: 3, magnitude: 620_000_000 },
    };
    await expect(ask(['heart-rate'], 2, T + 3)).rejects.toMatchObject(refusal);
    await expect(ask(['spo2', 'heart-rate'], 2, T + 3)).rejects.toMatchObject(refusal);
    expect((await ask(['heart-rate'], 2, T + 2)).count).toBe(2);
    expect((await ask(['heart-rate'], 1, T + 3)).count).toBe(3);
    expect((await ask(['heart-rate'], 0, T + 3)).count).toBe(3);
    expect((await ask(['spo2'], 2, T + 3)).count).toBe(3);
  });
});
