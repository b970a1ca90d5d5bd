import { describe, expect, it } from 'vitest';
import { toSigned } from '@vitalshare/edge/field';
import { keyId } from '@vitalshare/edge/identity';
import { openAnswer } from '@vitalshare/edge/sharing/open';
import { findVital } from '@vitalshare/edge/vital';
import type { MomentsQuery } from '../messages/query.ts';
import { answerMoments, checkWrap } from './answer-moments.ts';
import type { Applier } from './apply.ts';
import { appliers, applyLog, column, makeWorld, TestLog, type TestWorld } from './world.fixture.ts';

const T = 1_700_000_000;
const breathe = () => Promise.resolve();

function ask(
  world: TestWorld,
  log: TestLog | Record<string, number>,
  part: Partial<MomentsQuery>,
): MomentsQuery {
  const asOf = log instanceof TestLog ? { [log.name]: log.position } : log;
  return { version: 1, asOf, vitals: ['heart-rate'], degree: 2, where: {}, ...part };
}

async function open(world: TestWorld, servers: readonly Applier[], query: MomentsQuery) {
  const asker = keyId(world.researcher);
  const answers = await Promise.all(
    servers.map((server) => answerMoments(server, query, asker, breathe)),
  );
  const { threshold, servers: n } = world.configuration;
  const config = { servers: n, threshold };
  const opened = (degree: number, pick: (answer: (typeof answers)[number]) => readonly bigint[]) =>
    pick(answers[0]!).map((_, i) => {
      const values = answers.map((answer) => ({ server: answer.server, value: pick(answer)[i]! }));
      return Number(toSigned(openAnswer(config, degree, values).value));
    });
  const degree = 2 * threshold > n - 1 ? threshold : 2 * threshold;
  return {
    answers,
    count: answers[0]!.count,
    patients: answers[0]!.patients,
    sums: opened(threshold, ({ sums }) => sums),
    products: opened(degree, ({ products }) => products),
  };
}

const refusal = (code: string) => expect.objectContaining({ code }) as Error;

describe('moments over shares', () => {
  it('[PROTO-12] open to the moments of the readings, negative ones too, over frames, chunks and stays', async () => {
    const world = makeWorld(3, 1);
    const log = new TestLog(world);
    log.stay(1, 'bed-1').stay(2, 'bed-2');
    // T % 4000 = 0, so T + 3999 is the last second of its chunk.
    log.frame(1, {
      'heart-rate': column(T + 3998, [600, undefined, 610, 620]),
      'skin-temperature': column(T + 3997, [1, -20_000, 2, -19_999, 31_000]),
    });
    log.frame(2, {
      'heart-rate': column(T, [700, 0]),
      'skin-temperature': column(T, [-1, 60_000]),
    });
    log.commit();
    const query = ask(world, log, { vitals: ['heart-rate', 'skin-temperature'] });
    const result = await open(world, appliers(world, [log]), query);
    // Rows: bed-1 at T+3998 (600, −20000), T+4000 (610, −19999), T+4001 (620, 31000); bed-2 both.
    expect(result.count).toBe(5);
    expect(result.patients).toBe(2);
    expect(result.sums).toEqual([600 + 610 + 620 + 700, -20_000 - 19_999 + 31_000 - 1 + 60_000]);
    expect(result.products).toEqual([
      600 ** 2 + 610 ** 2 + 620 ** 2 + 700 ** 2,
      600 * -20_000 + 610 * -19_999 + 620 * 31_000 - 700,
      20_000 ** 2 + 19_999 ** 2 + 31_000 ** 2 + 1 + 60_000 ** 2,
    ]);
    expect(new Set(result.answers.map(({ data }) => data)).size).toBe(1);
  });

  it.each([
    [4, 1],
    [5, 2],
    [2, 1],
    [3, 2],
  ])('opens with %i servers and threshold %i', async (n, t) => {
    const world = makeWorld(n, t);
    const log = new TestLog(world);
    for (const number of [1, 2]) {
      log.stay(number, `bed-${number}`).frame(number, {
        'heart-rate': column(T, [600, 610, undefined]),
        spo2: column(T + 1, [970, 980]),
      });
    }
    log.commit();
    const query = ask(world, log, { vitals: ['spo2', 'heart-rate'] });
    const { count, sums, products } = await open(world, appliers(world, [log]), query);
    expect(count).toBe(2);
    expect(sums).toEqual([2 * 970, 2 * 610]);
    expect(products).toEqual([2 * 970 ** 2, 2 * 970 * 610, 2 * 610 ** 2]);
  });

  it('answers degree 0 and 1 without what was not asked for', async () => {
    const world = makeWorld();
    const log = new TestLog(world);
    log
      .stay(1, 'bed-1')
      .frame(1, { spo2: column(T, [970, 980]) })
      .commit();
    const servers = appliers(world, [log]);
    const zero = await open(world, servers, ask(world, log, { vitals: ['spo2'], degree: 0 }));
    expect([zero.count, zero.sums, zero.products]).toEqual([2, [], []]);
    const one = await open(world, servers, ask(world, log, { vitals: ['spo2'], degree: 1 }));
    expect([one.count, one.sums, one.products]).toEqual([2, [1950], []]);
  });

  it('keeps from ≤ second < to, where and stays', async () => {
    const world = makeWorld();
    const log = new TestLog(world);
    log.stay(1, 'a', { arm: 'x' }).stay(2, 'b', { arm: 'y', site: 'n' }).stay(3, 'c', { arm: 'y' });
    for (const number of [1, 2, 3]) {
      log.frame(number, { 'heart-rate': column(T, [number, 10 * number, 100 * number]) });
    }
    log.commit();
    const servers = appliers(world, [log]);
    const sum = async (part: Partial<MomentsQuery>) =>
      (await open(world, servers, ask(world, log, { degree: 1, ...part }))).sums[0];
    expect(await sum({ from: T + 1 })).toBe(660);
    expect(await sum({ to: T + 1 })).toBe(6);
    expect(await sum({ from: T + 1, to: T + 2 })).toBe(60);
    expect(await sum({ where: { arm: 'y' } })).toBe(555);
    expect(await sum({ where: { arm: 'y', site: 'n' } })).toBe(222);
    expect(await sum({ stays: ['a', 'c'] })).toBe(444);
    expect(await sum({ stays: ['a', 'c'], where: { arm: 'y' } })).toBe(333);
    await expect(sum({ stays: ['a', 'z'] })).rejects.toEqual(refusal('unknown-stay'));
    await expect(sum({ where: { arm: 'z' } })).rejects.toEqual(refusal('unknown-label'));
    await expect(sum({ where: { constructor: 'x' } })).rejects.toEqual(refusal('unknown-label'));
  });

  it('[PROTO-9] keeps the first reading of a cell in log order', async () => {
    const world = makeWorld();
    const log = new TestLog(world);
    log.stay(1, 'bed-1');
    log.frame(1, { 'heart-rate': column(T, [1, undefined, 3]) });
    log.frame(1, { 'heart-rate': column(T, [50, 2, 50, 4]) });
    log.commit();
    const servers = appliers(world, [log]);
    const { sums, count } = await open(world, servers, ask(world, log, { degree: 1 }));
    expect([count, sums]).toEqual([4, [10]]);
    expect(servers[0]!.books.log(log.name)!.counters['cell-taken']).toBe(2);
  });

  it('[PROTO-9] lays logs over each other by genesis, whatever arrived first', async () => {
    const world = makeWorld();
    const later = new TestLog(world, 2_000);
    const earlier = new TestLog(world, 1_000);
    later.stay(1, 'bed-1', { from: 'later' }).frame(1, { 'heart-rate': column(T, [100, 200]) });
    earlier.stay(9, 'bed-1', { from: 'earlier' }).frame(9, { 'heart-rate': column(T, [1]) });
    later.commit();
    earlier.commit();
    const both = { [later.name]: later.position, [earlier.name]: earlier.position };
    for (const order of [
      [later, earlier],
      [earlier, later],
    ]) {
      const servers = appliers(world, order);
      const { sums } = await open(world, servers, ask(world, both, { degree: 1 }));
      expect(sums).toEqual([201]);
      // Without the earlier log, its cell is the later one's.
      const one = { [later.name]: later.position };
      expect((await open(world, servers, ask(world, one, { degree: 1 }))).sums).toEqual([300]);
      const labelled = ask(world, both, { degree: 1, where: { from: 'later' } });
      expect((await open(world, servers, labelled)).count).toBe(2);
    }
  });

  it('[PROTO-13] answers as of an earlier position, records and labels alike', async () => {
    const world = makeWorld();
    const log = new TestLog(world);
    log.stay(1, 'bed-1', { arm: 'x' }).frame(1, { 'heart-rate': column(T, [1, undefined, 3]) });
    const first = log.commit();
    log.frame(1, { 'heart-rate': column(T, [9, 20, 9]) });
    const second = log.commit();
    log.stay(1, 'bed-1', { arm: 'y' }).frame(1, { 'heart-rate': column(T + 4000, [400]) });
    log.commit();
    const servers = appliers(world, [log]);
    const sum = async (position: number, where: Record<string, string> = {}) => {
      const query = ask(world, { [log.name]: position }, { degree: 1, where });
      return (await open(world, servers, query)).sums[0];
    };
    expect(await sum(first)).toBe(4);
    expect(await sum(second)).toBe(24);
    expect(await sum(second, { arm: 'x' })).toBe(24);
    expect(await sum(log.position, { arm: 'y' })).toBe(424);
    await expect(sum(second, { arm: 'y' })).rejects.toEqual(refusal('unknown-label'));
    await expect(sum(0)).rejects.toEqual(refusal('cohort-too-small'));
    // The same snapshot has the same digest, however far the server has come since.
    const query = ask(world, { [log.name]: second }, {});
    const before = (await open(world, servers, query)).answers[0]!;
    log.frame(1, { 'heart-rate': column(T + 1, [7, 7, 7, 7]) }).commit();
    for (const server of servers) applyLog(server, log);
    expect((await open(world, servers, query)).answers[0]).toEqual(before);
  });

  it('[PROTO-14] refuses fewer patients than the minimum cohort, counting tags, not stays', async () => {
    const world = makeWorld(3, 1, 2);
    const log = new TestLog(world);
    log.stay(1, 'a', {}, 'patient').stay(2, 'b', {}, 'patient').stay(3, 'c', {}, 'other');
    log.frame(1, { spo2: column(T, [970]) }).frame(2, { spo2: column(T, [980]) });
    log.frame(3, { 'heart-rate': column(T, [600]) }).commit();
    const [server] = appliers(world, [log]);
    const answer = answerMoments(
      server!,
      ask(world, log, { vitals: ['spo2'], degree: 0 }),
      keyId(world.researcher),
      breathe,
    );
    await expect(answer).rejects.toMatchObject({
      code: 'cohort-too-small',
      numbers: { patients: 1, minimum: 2 },
    });
  });

  it('[PROTO-33] holds products over a second to the patients that those of means need', async () => {
    const world = makeWorld(3, 1, 2);
    const log = new TestLog(world);
    const readings = { 'heart-rate': 600, spo2: 970, 'skin-temperature': 31_000 };
    const frame = (number: number, rows: number) =>
      Object.fromEntries(
        Object.entries(readings).map(([vital, x]) => [
          vital,
          column(T, new Array<number>(rows).fill(x + number)),
        ]),
      );
    for (const number of [1, 2]) log.stay(number, `bed-${number}`);
    log.frame(1, frame(1, 61)).frame(2, frame(2, 60)).commit();
    const servers = appliers(world, [log]);
    const vitals = Object.keys(readings);
    const asked = (part: Partial<MomentsQuery>) =>
      open(world, servers, ask(world, log, { vitals, ...part }));
    const refused = { code: 'cohort-too-small', numbers: { patients: 2, minimum: 4 } };
    await expect(asked({ from: T, to: T + 1 })).rejects.toMatchObject(refused);
    // 60 + 59 rows are fewer than 60 a patient, 60 + 60 are not.
    await expect(asked({ from: T + 1 })).rejects.toMatchObject(refused);
    expect((await asked({ to: T + 60 })).count).toBe(120);
    expect((await asked({})).products).toHaveLength(6);
    // Without products of two vital signs the minimum is all that is asked.
    expect((await asked({ to: T + 1, degree: 1 })).patients).toBe(2);
    expect((await asked({ to: T + 1, vitals: ['spo2'] })).patients).toBe(2);
  });

  it('[S18] refuses a product of readings from different frames where products are columns', async () => {
    const world = makeWorld(2, 1);
    const log = new TestLog(world);
    log.stay(1, 'bed-1').frame(1, { spo2: column(T, [970]) });
    log.frame(1, { 'heart-rate': column(T, [600, 610]), spo2: column(T + 1, [980]) });
    log.stay(2, 'bed-2').frame(2, { 'heart-rate': column(T + 1, [1]), spo2: column(T + 1, [2]) });
    log.commit();
    const servers = appliers(world, [log]);
    const both = { vitals: ['heart-rate', 'spo2'] };
    await expect(open(world, servers, ask(world, log, both))).rejects.toEqual(
      refusal('products-across-frames'),
    );
    const result = await open(world, servers, ask(world, log, { ...both, from: T + 1 }));
    expect(result.products).toEqual([610 ** 2 + 1, 610 * 980 + 2, 980 ** 2 + 4]);
  });

  it('[SHARE-10] multiplies within the last slot of a chunk and the first of the next', async () => {
    const world = makeWorld(3, 2);
    const log = new TestLog(world);
    for (const number of [1, 2]) {
      log.stay(number, `bed-${number}`).frame(number, {
        'heart-rate': column(T + 3_998, [600, 610, 620]),
        spo2: column(T + 3_998, [950, 960, 970]),
      });
    }
    log.commit();
    const servers = appliers(world, [log]);
    const at = async (second: number) => {
      const part = { vitals: ['heart-rate', 'spo2'], from: second, to: second + 1 };
      return (await open(world, servers, ask(world, log, part))).products;
    };
    expect(await at(T + 3_999)).toEqual([2 * 610 ** 2, 2 * 610 * 960, 2 * 960 ** 2]);
    expect(await at(T + 4_000)).toEqual([2 * 620 ** 2, 2 * 620 * 970, 2 * 970 ** 2]);
  });

  it('[PROTO-17] [S9] masks products differently for every question, reader and set of rows', async () => {
    const world = makeWorld();
    const log = new TestLog(world);
    log
      .stay(1, 'bed-1')
      .frame(1, { spo2: column(T, [970, 980]) })
      .commit();
    const [server] = appliers(world, [log]);
    const query = ask(world, log, { vitals: ['spo2'] });
    const product = async (asked: MomentsQuery, asker = keyId(world.researcher)) =>
      (await answerMoments(server!, asked, asker, breathe)).products[0];
    const first = await product(query);
    expect(await product(query)).toBe(first);
    expect(await product({ ...query, from: T })).not.toBe(first);
    expect(await product({ ...query, to: T + 1 })).not.toBe(first);
    expect(await product(query, keyId(world.physician))).not.toBe(first);
    // More of the log, the same rows: another question.
    log.frame(1, { 'heart-rate': column(T, [600]) }).commit();
    applyLog(server!, log);
    expect(await product(ask(world, log, { vitals: ['spo2'] }))).not.toBe(first);
  });

  it('[PROTO-15] refuses what could exceed half the field', () => {
    // Skin temperature reaches 60,000 steps; (2^61 − 1)/2 / 60,000² is 320,255,973.5.
    const skin = [findVital('spo2')!, findVital('skin-temperature')!];
    expect(() => checkWrap(320_255_973, skin, 2)).not.toThrow();
    expect(() => checkWrap(320_255_974, skin, 2)).toThrow(refusal('could-wrap'));
    expect(() => checkWrap(320_255_974, skin, 1)).not.toThrow();
    expect(() => checkWrap(2 ** 45, skin, 1)).toThrow(refusal('could-wrap'));
    expect(() => checkWrap(2 ** 53, skin, 0)).not.toThrow();
  });
});
