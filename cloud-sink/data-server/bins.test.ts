/** Counts by bin at the data servers: kept, as of a snapshot, digested, masked, refused. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fieldVector, P } from '@vitalshare/edge/field';
import { keyId } from '@vitalshare/edge/identity';
import { fromBase64Url, toBase64Url } from '@vitalshare/edge/seal';
import { openAnswer } from '@vitalshare/edge/sharing/open';
import type { BinsAnswer } from '../messages/bins-answer.ts';
import { encodeMaskedBins } from '../messages/bins-record.ts';
import { KIND } from '../messages/batch.ts';
import type { BinsQuery } from '../messages/query.ts';
import { answerBins, checkSquares } from './answer-bins.ts';
import { Applier } from './apply.ts';
import { answerMoments } from './answer-moments.ts';
import { MemoryStore } from './store-memory.fixture.ts';
import type { Put } from './store.ts';
import { applyLog, column, makeWorld, TestLog, type TestWorld } from './world.fixture.ts';

/** 300 · 5,666,667. */
const T = 1_700_000_100;
const breathe = () => Promise.resolve();
const minutes = (...rates: number[]) =>
  column(
    T,
    rates.map((rate) => 10 * rate),
  );

class Servers {
  readonly world: TestWorld;
  readonly all: { applier: Applier; store: MemoryStore }[];

  constructor(world: TestWorld, logs: readonly TestLog[]) {
    this.world = world;
    this.all = world.dataServers.map((party) => {
      const store = new MemoryStore();
      const applier = new Applier(party, store);
      for (const log of logs) applyLog(applier, log);
      return { applier, store };
    });
  }

  follow(log: TestLog): void {
    for (const { applier } of this.all) applyLog(applier, log);
  }

  ask(query: BinsQuery, asker = keyId(this.world.researcher)): Promise<BinsAnswer[]> {
    return Promise.all(
      this.all.map(async ({ applier, store }) => {
        await applier.flush();
        return answerBins(applier, store, query, asker, breathe);
      }),
    );
  }
}

const ask = (log: TestLog, more: Partial<BinsQuery> = {}): BinsQuery => ({
  version: 1,
  asOf: { [log.name]: log.position },
  vital: 'heart-rate',
  where: {},
  ...more,
});

function opened(
  { configuration }: TestWorld,
  answers: readonly BinsAnswer[],
  list: 'sums' | 'weighted' | 'products',
): number[] {
  const degree = list === 'products' ? 2 * configuration.threshold : configuration.threshold;
  return answers[0]![list].map((_, i) =>
    Number(
      openAnswer(
        configuration,
        degree,
        answers.map(({ server, [list]: values }) => ({ server, value: values[i]! })),
      ).value,
    ),
  );
}

/** Bin → count, of those that hold some. */
const some = (counts: readonly number[]) =>
  Object.fromEntries(counts.flatMap((count, bin) => (count === 0 ? [] : [[bin, count]])));

/** Heart rates 60, 70 and 80 are bins 6, 8 and 10. */
function smallLog(world = makeWorld()): TestLog {
  const log = new TestLog(world);
  log.stay(1, 'bed-1').frame(1, { 'heart-rate': minutes(60, 60, 70) });
  log.bins(1, 'heart-rate', T, [60, 60, 70]);
  log.stay(2, 'bed-2').frame(2, { 'heart-rate': minutes(80, 70) });
  log.bins(2, 'heart-rate', T, [80, 70]).commit();
  return log;
}

/** So many more patients, each with one reading of 200, bin 25. */
function others(log: TestLog, patients: number, from = 11): TestLog {
  for (let number = from; number < from + patients; number++) {
    log.stay(number, `other-${number}`).frame(number, { 'heart-rate': minutes(200) });
    log.bins(number, 'heart-rate', T, [200]);
  }
  log.commit();
  return log;
}

describe('counts by bin', () => {
  it('add up over stays, windows and increments, and open to plain counts [PROTO-36]', async () => {
    const log = smallLog();
    const servers = new Servers(log.world, [log]);
    log.frame(1, { 'heart-rate': column(T + 290, [700]) }).bins(1, 'heart-rate', T, [70]);
    log.frame(1, { 'heart-rate': column(T + 300, [600]) }).bins(1, 'heart-rate', T + 300, [60]);
    log.commit();
    servers.follow(log);
    const answers = await servers.ask(ask(log));
    expect(some(opened(log.world, answers, 'sums'))).toEqual({ 6: 3, 8: 3, 10: 1 });
    expect(answers[0]).toMatchObject({
      count: 7,
      rows: 7,
      patients: 2,
      squares: 5n ** 2n + 2n ** 2n,
    });
    expect(new Set(answers.map(({ data }) => data)).size).toBe(1);
    const late = await servers.ask(ask(log, { from: T + 300, to: T + 600 }));
    expect(some(opened(log.world, late, 'sums'))).toEqual({ 6: 1 });
    expect(late[0]).toMatchObject({ count: 1, rows: 1, patients: 1 });
    const first = await servers.ask(ask(log, { to: T + 300, stays: ['bed-1'] }));
    expect(some(opened(log.world, first, 'sums'))).toEqual({ 6: 2, 8: 2 });
  });

  it('are as of a snapshot: an increment at or behind it does not count [PROTO-37]', async () => {
    const log = smallLog();
    const before = log.position;
    const servers = new Servers(log.world, [log]);
    const [early] = await servers.ask(ask(log));
    log
      .frame(1, { 'heart-rate': column(T + 100, [800]) })
      .bins(1, 'heart-rate', T, [80])
      .commit();
    servers.follow(log);
    const asOf = (position: number) => servers.ask(ask(log, { asOf: { [log.name]: position } }));
    expect((await asOf(before))[0]).toEqual(early);
    // The frame counts as a row one position before its increment does.
    expect((await asOf(before + 1))[0]).toMatchObject({ count: 5, rows: 6 });
    expect((await asOf(before + 2))[0]).toMatchObject({ count: 6, rows: 6 });
  });

  it('that were never sent show: fewer are counted than there are', async () => {
    const log = smallLog();
    log.frame(1, { 'heart-rate': column(T + 3, [600, 600]) }).commit();
    log
      .frame(1, { spo2: column(T, [970]) })
      .bins(1, 'spo2', T, [97])
      .commit();
    const servers = new Servers(log.world, [log]);
    expect((await servers.ask(ask(log)))[0]).toMatchObject({ count: 5, rows: 7 });
  });

  it('are refused with a counter that does not rise, which starts anew with a run [SHARE-21]', async () => {
    const log = smallLog();
    log.bins(1, 'heart-rate', T, [100], 1).bins(1, 'heart-rate', T, [110], 1).commit();
    log.startRun();
    log.bins(1, 'heart-rate', T, [60], 1).commit();
    const servers = new Servers(log.world, [log]);
    const answers = await servers.ask(ask(log));
    expect(some(opened(log.world, answers, 'sums'))).toEqual({ 6: 3, 8: 2, 10: 1 });
    const { counters } = servers.all[0]!.applier.books.log(log.name)!;
    expect(counters).toMatchObject({ 'counter-reused': 2, bins: 3 });
  });

  it('of a stay nobody announced, of another number of bins, or not well formed are passed over', async () => {
    const log = smallLog();
    const nobody = { stay: 9, counter: 1, vital: 1, window: T, readings: 1 };
    const bytes = encodeMaskedBins({ ...nobody, masked: fieldVector(28) });
    log.record({ kind: KIND.bins, bytes });
    log.counts(1, 1, T, [5, 5], 10, 2).record({ kind: KIND.bins, bytes: new Uint8Array(7) });
    // A vital sign newer than this server: kept, and no answer is about it.
    log.counts(1, 200, T, [1, 2], 3, 3).commit();
    const servers = new Servers(log.world, [log]);
    const answers = await servers.ask(ask(log));
    expect(answers[0]).toMatchObject({ count: 5, patients: 2 });
    expect(some(opened(log.world, answers, 'sums'))).toEqual({ 6: 2, 8: 2, 10: 1 });
    const { counters } = servers.all[0]!.applier.books.log(log.name)!;
    expect(counters).toMatchObject({ malformed: 1, 'unknown-stay': 1, bins: 4 });
  });

  it('survive a kill: what was not committed is read again, nothing twice', async () => {
    const log = smallLog();
    let isDead = false;
    const store = new (class extends MemoryStore {
      override commit(puts: readonly Put[]): Promise<void> {
        return isDead ? Promise.resolve() : super.commit(puts);
      }
    })();
    const party = log.world.dataServers[0]!;
    const before = new Applier(party, store);
    applyLog(before, log);
    await before.flush();
    log.bins(1, 'heart-rate', T, [80]).commit();
    applyLog(before, log);
    isDead = true;
    await before.flush();
    isDead = false;
    const after = new Applier(party, store);
    applyLog(after, log);
    await after.flush();
    const asker = keyId(log.world.researcher);
    const answer = await answerBins(after, store, ask(log), asker, breathe);
    const [never] = await new Servers(log.world, [log]).ask(ask(log));
    expect(answer).toEqual(never);
    expect(answer.count).toBe(6);
  });

  it('of two logs add up; an old log without any is a log', async () => {
    const world = makeWorld();
    const old = new TestLog(world, 1_600_000_000_000);
    old
      .stay(1, 'bed-1')
      .frame(1, { 'heart-rate': column(T - 300, [600, 600]) })
      .commit();
    const log = smallLog(world);
    const servers = new Servers(world, [log, old]);
    const asOf = { [old.name]: old.position, [log.name]: log.position };
    expect((await servers.ask(ask(log, { asOf })))[0]).toMatchObject({ count: 5, rows: 7 });
    old.bins(1, 'heart-rate', T - 300, [60, 60]).commit();
    servers.follow(old);
    asOf[old.name] = old.position;
    const answers = await servers.ask(ask(log, { asOf }));
    expect(answers[0]).toMatchObject({ count: 7, rows: 7, patients: 2 });
    expect(some(opened(world, answers, 'sums'))).toEqual({ 6: 4, 8: 2, 10: 1 });
  });
});

describe('what an answer is bound to', () => {
  it('[PROTO-38] names the rows, the increments and whose they are', async () => {
    const log = smallLog();
    const servers = new Servers(log.world, [log]);
    const query = ask(log);
    const [answer] = await servers.ask(query);
    const sha256 = (...parts: readonly Uint8Array[]) =>
      createHash('sha256').update(Buffer.concat(parts)).digest();
    const { applier } = servers.all[0]!;
    const moments = await answerMoments(
      applier,
      { version: 1, asOf: query.asOf, vitals: ['heart-rate'], degree: 0, where: {} },
      keyId(log.world.researcher),
      breathe,
    );
    // Genesis, run, stay, frame, bins, stay, frame, bins: the increments are 4 and 7.
    const record = (position: number) => {
      const bytes = Buffer.alloc(28);
      bytes.writeUInt32LE(T, 0);
      bytes.set(log.id, 4);
      bytes.writeBigUInt64LE(BigInt(position), 20);
      return bytes;
    };
    const one = Buffer.from([1, 0, 0, 0]);
    const expected = sha256(
      fromBase64Url(moments.data, 32),
      ...[Buffer.from('bed-1\0tag-bed-1\0'), one, sha256(record(4))],
      ...[Buffer.from('bed-2\0tag-bed-2\0'), one, sha256(record(7))],
    );
    expect(answer!.data).toBe(toBase64Url(expected));
  });

  it('[PROTO-39] [S9] masks no product twice alike: another asker, other data, another mask', async () => {
    const log = others(smallLog(), 8);
    const servers = new Servers(log.world, [log]);
    const query = ask(log, { cells: [0, 8] });
    const askers = [keyId(log.world.researcher), keyId(log.world.physician)];
    const [mine, theirs] = await Promise.all(askers.map((asker) => servers.ask(query, asker)));
    const before = mine![0]!.products;
    expect(mine![0]!.sums).toEqual(theirs![0]!.sums);
    expect(before.map((product, i) => product === theirs![0]!.products[i])).toEqual([
      false,
      false,
      false,
    ]);
    // The same question twice has the same answer, or a retry would not decode.
    expect((await servers.ask(query))[0]).toEqual(mine![0]);
    log.bins(1, 'heart-rate', T, [60]).commit();
    servers.follow(log);
    const later = await servers.ask(query);
    expect(later[0]!.products).toEqual(before);
    const asOf = { [log.name]: log.position };
    const moved = await servers.ask({ ...query, asOf });
    expect(moved[0]!.data).not.toBe(mine![0]!.data);
  });

  it('hands no product out bare: server shares of Σ c² are not what it would compute alone', async () => {
    const log = others(smallLog(), 8);
    const servers = new Servers(log.world, [log]);
    const stays = ['bed-1', 'bed-2', ...Array.from({ length: 8 }, (_, i) => `other-${i + 11}`)];
    const each = await Promise.all(stays.map((stay) => servers.ask(ask(log, { stays: [stay] }))));
    const masked = await servers.ask(ask(log, { cells: [0, 8] }));
    for (const [j, { products }] of masked.entries()) {
      const bare = each.reduce((sum, answers) => {
        const low = answers[j]!.sums.slice(0, 8).reduce((a, b) => (a + b) % P, 0n);
        return (sum + low * low) % P;
      }, 0n);
      expect(products[0]).not.toBe(bare);
    }
    // 60 60 | 70, then nothing | 80 70, then eight of nothing | 200.
    expect(opened(log.world, masked, 'products')).toEqual([4, 2, 1 + 4 + 8]);
  });
});

describe('sums over patients in cells', () => {
  it.each([
    [3, 1],
    [4, 1],
    [5, 2],
  ])('open to plain arithmetic with %i servers and threshold %i [PROTO-37]', async (n, t) => {
    const world = makeWorld(n, t);
    const log = smallLog(world);
    // A second stay of the first patient: counts of one patient are added up before they are squared.
    log.stay(3, 'bed-3', {}, 'tag-bed-1').frame(3, { 'heart-rate': minutes(60, 200) });
    others(log.bins(3, 'heart-rate', T, [60, 200]), 13);
    const answers = await new Servers(world, [log]).ask(ask(log, { cells: [0, 8, 9] }));
    // Patient 1: 60 60 60 | 70 | 200, m = 5; patient 2: none | 70 | 80, m = 2;
    // thirteen of one reading in the last cell.
    expect(answers[0]).toMatchObject({ count: 20, rows: 20, patients: 15, squares: 42n });
    expect(opened(world, answers, 'sums')).toEqual([3, 2, 15]);
    expect(opened(world, answers, 'weighted')).toEqual([15, 7, 20]);
    expect(opened(world, answers, 'products')).toEqual([9, 3, 3, 2, 2, 15]);
  });

  it('are refused where products of shares do not open', async () => {
    const world = makeWorld(3, 2);
    const log = smallLog(world);
    const servers = new Servers(world, [log]);
    await expect(servers.ask(ask(log, { cells: [0, 8] }))).rejects.toMatchObject({
      code: 'needs-more-servers',
      numbers: { needed: 5, servers: 3 },
    });
    expect((await servers.ask(ask(log)))[0]!.count).toBe(5);
  });

  it('[PROTO-39] are refused where they leave one table: 5 patients in 10 cells', async () => {
    const world = makeWorld(3, 1, 5);
    const log = others(new TestLog(world), 5);
    const servers = new Servers(world, [log]);
    const cells = [0, 2, 4, 6, 8, 10, 12, 14, 16, 18];
    await expect(servers.ask(ask(log, { cells }))).rejects.toMatchObject({
      code: 'cohort-too-small',
      numbers: { patients: 5, minimum: 50 },
    });
    await expect(servers.ask(ask(log, { cells: [0, 8] }))).rejects.toMatchObject({
      numbers: { patients: 5, minimum: 10 },
    });
    expect((await servers.ask(ask(log)))[0]).toMatchObject({ patients: 5, products: [] });
    others(log, 4, 16);
    servers.follow(log);
    await expect(servers.ask(ask(log, { cells: [0, 8] }))).rejects.toMatchObject({
      numbers: { patients: 9, minimum: 10 },
    });
    others(log, 1, 20);
    servers.follow(log);
    expect((await servers.ask(ask(log, { cells: [0, 8] })))[0]!.products).toHaveLength(3);
  });

  it('[PROTO-39] need one patient more than the minimum cohort for each cell after the first', async () => {
    const world = makeWorld(3, 1, 15);
    const log = others(new TestLog(world), 16);
    const servers = new Servers(world, [log]);
    await expect(servers.ask(ask(log, { cells: [0, 8, 9] }))).rejects.toMatchObject({
      code: 'cohort-too-small',
      numbers: { patients: 16, minimum: 17 },
    });
    expect((await servers.ask(ask(log, { cells: [0, 8] })))[0]!.patients).toBe(16);
  });

  it('are refused where a product could wrap: 2·Σ m² must stay below p', () => {
    const edge = (P - 1n) / 2n;
    expect(() => checkSquares(edge)).not.toThrow();
    expect(() => checkSquares(edge + 1n)).toThrow(expect.objectContaining({ code: 'could-wrap' }));
  });
});

describe('a cohort', () => {
  it('of fewer patients with counted readings than the minimum is refused [PROTO-14]', async () => {
    const world = makeWorld(3, 1, 2);
    const log = smallLog(world);
    log
      .stay(3, 'bed-3')
      .frame(3, { 'heart-rate': minutes(70) })
      .commit();
    const servers = new Servers(world, [log]);
    const refusal = { code: 'cohort-too-small', numbers: { patients: 1, minimum: 2 } };
    const stays = ['bed-1', 'bed-3'];
    await expect(servers.ask(ask(log, { stays }))).rejects.toMatchObject(refusal);
    await expect(servers.ask(ask(log, { stays: ['bed-9'] }))).rejects.toMatchObject({
      code: 'unknown-stay',
    });
    await expect(servers.ask(ask(log, { from: T + 300 }))).rejects.toMatchObject({
      numbers: { patients: 0 },
    });
  });
});
