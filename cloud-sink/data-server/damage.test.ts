/** Flipped bits in a store: named, quarantined, never answered over, mended byte for byte. */
import { crc32 } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { verifier } from '@vitalshare/edge/identity/node';
import { answerMoments } from './answer-moments.ts';
import { Applier } from './apply.ts';
import { CheckedStore, StoreDamage } from './checked-store.ts';
import { orDamaged, placeOf, placeText } from './damage-text.ts';
import type { Damage } from './damages.ts';
import { mendAll } from './mender.ts';
import { faultOf } from './faults.ts';
import { makeWard, T, type Ward } from './rotten.fixture.ts';
import { MemoryStore } from './store-memory.fixture.ts';
import { applyLog, column, logHost, random, TestLog } from './world.fixture.ts';

const FIRST = Uint8Array.of(0);
const breathe = () => Promise.resolve();

const stops: AbortController[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop.abort()));

/** A server on the same store that was started after the damage, with a mender if there is a log. */
function restarted({ world, store }: Ward, host?: typeof fetch) {
  const applier = new Applier(world.dataServers[0]!, store);
  const stop = new AbortController();
  stops.push(stop);
  const said: string[] = [];
  const follow = {
    gateway: 'http://gateway.test',
    applier,
    verify: verifier(world.gateway.sign),
    fetch: host ?? (() => Promise.reject(new TypeError('fetch failed'))),
    sleep: (_ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 50);
        signal.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve();
        });
      }),
    report: (sentence: string) => said.push(sentence),
    signal: stop.signal,
  };
  return { applier, said, follow, mending: mendAll(follow) };
}

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** What a researcher's question gives at this server, without what is random in it. */
async function ask({ applier }: Pick<Ward, 'applier'>, log: TestLog, to?: number) {
  const vitals = ['heart-rate', 'spo2'];
  const query = { version: 1, asOf: { [log.name]: log.position }, vitals, where: {} } as const;
  const asked = { ...query, degree: 2 as const, ...(to && { to }) };
  const asker = Buffer.alloc(16).toString('base64url');
  return orDamaged(applier, () => answerMoments(applier, asked, asker, breathe));
}

describe('failure 15: bit rot accepted as truth: a value with flipped bits [PROTO-45]', () => {
  it.each(['shares', 'arrivals', 'products', 'frames', 'bins', 'tags', 'batches'] as const)(
    'of %s, whichever bit, is found out, and is mended from the log byte for byte',
    async (table) => {
      const ward = await makeWard(3, table === 'products' ? 2 : 1);
      const before = ward.store.dump();
      const keys = ward.store.all(table);
      const key = keys[keys.length >> 1]!;
      const length = ward.store.inner.get(table, key)!.length;
      for (const bit of [0, 1, 8 * length - 1, ...random(12).map((byte) => byte * 31)]) {
        ward.store.flip(table, key, bit);
        expect(() => ward.store.get(table, key)).toThrow(StoreDamage);
        ward.store.flip(table, key, bit);
        expect(ward.store.get(table, key)).toBeDefined();
      }
      ward.store.flip(table, key, 77);
      const { applier, said } = restarted(ward, logHost([ward.log]));
      applier.damages.found(new StoreDamage(table, key, 'checksum'));
      await until(() => applier.damages.list.length === 0 && said.length >= 2);
      await applier.flush();
      expect(ward.store.dump()).toEqual(before);
      expect(said).toEqual([
        expect.stringMatching(/is damaged on disk; it is made again from the log/),
        expect.stringMatching(/is whole again\.$/),
      ]);
      expect(new Applier(ward.world.dataServers[0]!, ward.store).damages.list).toEqual([]);
    },
  );

  it('answers no question that needs it, says who, what and when, and goes on with others', async () => {
    const ward = await makeWard();
    const whole = await ask(ward, ward.log);
    const [key] = ward.store.all('shares').slice(1);
    ward.store.flip('shares', key!, 7);
    const { applier } = restarted(ward);
    const problem = expect.objectContaining({
      code: 'damaged',
      status: 503,
      message: expect.stringMatching(
        /^server 1 holds heart-rate of stay bed-1 \(log [0-9a-f]{8}\) from 2023-11-14T23:20:00Z to 2023-11-15T00:26:40Z damaged/,
      ) as string,
      numbers: { server: 1, from: T + 4_000, to: T + 8_000 },
    }) as Error;
    await expect(ask({ applier }, ward.log)).rejects.toEqual(problem);
    // Quarantined over a restart, though the bytes read well again.
    await applier.flush();
    ward.store.flip('shares', key!, 7);
    const again = restarted(ward);
    expect(again.said[0]).toMatch(/^heart-rate of stay bed-1 .* is still damaged on disk\.$/);
    await expect(ask(again, ward.log)).rejects.toEqual(problem);
    expect((await ask(again, ward.log, T + 4_000)).count).toBe(90);
    const mended = restarted(ward, logHost([ward.log]));
    await until(() => mended.applier.damages.list.length === 0);
    expect(await ask(mended, ward.log)).toEqual(whole);
  });

  it('an answer from summaries is refused too, and summaries are dropped with the mending', async () => {
    const ward = await makeWard();
    const whole = await ask(ward, ward.log);
    await ward.applier.flush();
    expect(ward.store.all('summaries')).toHaveLength(2);
    const [key] = ward.store.all('shares');
    ward.store.flip('shares', key!, 7);
    const { applier } = restarted(ward, logHost([ward.log]));
    applier.damages.found(new StoreDamage('shares', key!, 'checksum'));
    await expect(ask({ applier }, ward.log)).rejects.toThrow(/damaged/);
    await until(() => applier.damages.list.length === 0);
    expect(await ask({ applier }, ward.log)).toEqual(whole);
  });

  it('a damaged summary is no damage: it is found again', async () => {
    const ward = await makeWard();
    const whole = await ask(ward, ward.log);
    await ward.applier.flush();
    for (const key of ward.store.all('summaries')) ward.store.flip('summaries', key, 400);
    const { applier } = restarted(ward);
    expect(await ask({ applier }, ward.log)).toEqual(whole);
    await applier.flush();
    for (const key of ward.store.all('summaries'))
      expect(ward.store.get('summaries', key)).toBeDefined();
  });

  it('holds up the frames that would change it, and they are applied once it is mended', async () => {
    const ward = await makeWard();
    const [key] = ward.store.all('shares');
    ward.store.flip('shares', key!, 7);
    const state = { isUp: false };
    const host = logHost([ward.log]);
    const { applier, follow } = restarted(ward, (...asked) =>
      state.isUp ? host(...asked) : Promise.reject(new TypeError('fetch failed')),
    );
    const before = applier.headOf(ward.log.name).position;
    ward.log.frame(2, { spo2: column(T + 50, [970]) });
    ward.log.frame(1, { 'heart-rate': column(T + 500, [700]) }).commit();
    expect(() => applyLog(applier, ward.log)).toThrow(StoreDamage);
    expect(applier.headOf(ward.log.name).position).toBe(before);
    state.isUp = true;
    const { followAll } = await import('./follow.ts');
    void followAll(follow);
    await until(() => applier.headOf(ward.log.name).position === ward.log.position);
    await applier.flush();
    const fresh = new Applier(ward.world.dataServers[0]!, new MemoryStore());
    applyLog(fresh, ward.log);
    expect((await ask({ applier }, ward.log)).data).toBe(
      (await ask({ applier: fresh }, ward.log)).data,
    );
    expect(applier.books.logs[0]!.counters).toEqual(fresh.books.logs[0]!.counters);
  });

  it('is not mended from a log that tells another story', async () => {
    const ward = await makeWard();
    const [key] = ward.store.all('shares');
    ward.store.flip('shares', key!, 7);
    const fork = new TestLog(ward.world, ward.log.created, ward.log.id);
    fork.stay(1, 'bed-1').stay(2, 'bed-2');
    for (let i = 0; i < 9; i++) fork.frame(1, { spo2: column(T + i, [970]) }).commit();
    const { applier, said } = restarted(ward, logHost([fork]));
    applier.damages.found(new StoreDamage('shares', key!, 'checksum'));
    await until(() => said.length >= 2);
    expect(said[1]).toMatch(
      /cannot be made again from the log \(log position \d+: the log served now is not/,
    );
    expect(applier.damages.list).toHaveLength(1);
  });

  it('under the key of another value fails too', async () => {
    const ward = await makeWard();
    const [a, b] = ward.store.all('shares');
    const value = ward.store.inner.get('shares', a!)!;
    await ward.store.inner.commit([{ table: 'shares', key: b!, value }]);
    expect(() => ward.store.get('shares', b!)).toThrow(StoreDamage);
    await ward.store.inner.commit([{ table: 'products', key: a!, value }]);
    expect(() => ward.store.get('products', a!)).toThrow(StoreDamage);
  });
});

describe('a store that lost a key, or its books [PROTO-45]', () => {
  it('is found out before a question is answered with fewer rows', async () => {
    const ward = await makeWard();
    const [, lost] = ward.store.all('shares');
    const thin = new (class extends MemoryStore {
      override *keys(...range: Parameters<MemoryStore['keys']>): Iterable<Uint8Array> {
        for (const key of ward.store.keys(...range)) {
          if (range[0] !== 'shares' || Buffer.compare(key, lost!) !== 0) yield key;
        }
      }
      override get(...of: Parameters<MemoryStore['get']>) {
        return ward.store.inner.get(...of);
      }
    })();
    const applier = new Applier(ward.world.dataServers[0]!, new CheckedStore(thin));
    await expect(ask({ applier }, ward.log)).rejects.toThrow(
      'the store of server 1 is damaged and is made again from the log',
    );
    await expect(applier.damages.whole).rejects.toThrow('a value of shares is missing');
    // The tally is what told: with one that lost the key too, the answer has fewer rows.
    const blind = new Applier(ward.world.dataServers[0]!, new CheckedStore(thin));
    const held = blind.books.stay(1, 1)!.chunks!['1']!;
    held.count -= 1;
    held.digest ^= crc32(lost!);
    held.digest >>>= 0;
    expect((await ask({ applier: blind }, ward.log)).count).toBeLessThan(
      (await ask(ward, ward.log)).count,
    );
  });

  it('is made again where it is of an earlier version', async () => {
    expect(faultOf((await makeWard()).store)).toBe('is of an earlier version');
    expect(faultOf(new MemoryStore())).toBeUndefined();
  });

  it.each(['logs', 'stays', 'runs'] as const)(
    'is made again whole where %s is damaged',
    async (table) => {
      const ward = await makeWard();
      const format = { table: 'format', key: FIRST, value: Uint8Array.of(2) } as const;
      await ward.store.commit([format]);
      expect(faultOf(ward.store)).toBeUndefined();
      ward.store.flip(table, ward.store.all(table)[0]!, 9);
      expect(faultOf(ward.store)).toBe('has damaged books');
    },
  );
});

it('a damage in words has no value in it', async () => {
  const { applier, store } = await makeWard();
  const places = (['products', 'shares', 'frames', 'bins', 'tags', 'batches'] as const).flatMap(
    (table) =>
      store
        .all(table)
        .slice(0, 1)
        .map((key): Damage => ({ table, key })),
  );
  expect(
    places.map((damage) => placeText(placeOf(applier.books, damage)).replace(/log \w{8}/, 'log L')),
  ).toEqual([
    'heart-rate of stay bed-1 (log L) from 2023-11-14T22:13:20Z to 2023-11-14T23:20:00Z',
    'kept frame of stay bed-1 (log L) from 2023-11-14T22:13:20Z to 2023-11-14T22:14:20Z',
    'counts of spo2 of stay bed-1 (log L) from 2023-11-14T22:10:00Z to 2023-11-14T22:15:00Z',
    'tags at position 2 of log L',
    'batch hashes at position 0 of log L',
  ]);
});
