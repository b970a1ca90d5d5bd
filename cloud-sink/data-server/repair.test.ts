/** A damaged value at one server, rebuilt by the others: the same bytes, the same answers. [S5] */
import { afterEach, describe, expect, it } from 'vitest';
import { type FieldVector, getBigInt, P } from '@vitalshare/edge/field';
import { type Identity, keyId } from '@vitalshare/edge/identity';
import { concatBytes, fromBase64Url, toBase64Url } from '@vitalshare/edge/seal';
import { openAnswer } from '@vitalshare/edge/sharing/open';
import { maskForRepair } from '@vitalshare/edge/sharing/repair';
import { openSealedAnswer } from '../messages/answer.ts';
import { canonicalBytes } from '../messages/canonical.ts';
import { parseProblem } from '../messages/problem.ts';
import { decodeRepairAnswer, type RepairPart, type RepairQuery } from '../messages/repair.ts';
import { signRequest } from '../messages/signature.ts';
import { answerMoments } from './answer-moments.ts';
import { RepairDesk } from './answer-repair.ts';
import { Applier } from './apply.ts';
import { StoreDamage } from './checked-store.ts';
import { rebuild, RebuildError, rebuiltText } from './from-peers.ts';
import type { Damage } from './damages.ts';
import { partOf as partOfDamage } from './mend-peers.ts';
import { mendAll } from './mender.ts';
import { RepairWorld, rowsOf } from './repair.fixture.ts';
import { heldPart } from './repair-part.ts';
import { repairBinding } from './masked-products.ts';
import type { Put } from './store.ts';
import { applyLog, column, makeWorld, random, TestLog } from './world.fixture.ts';

/** 300 · 5,666,668, and 400 s before a chunk ends. */
const T = 1_700_000_400 - 4_000 + 3_200;
const open: RepairWorld[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

const rates = (count: number, first: number) =>
  column(
    T + first,
    Array.from({ length: count }, (_, i) => (i % 7 === 3 ? undefined : 700 + ((first + i) % 90))),
  );

/** Two stays, two vital signs over two chunks with gaps, an ECG, bins. */
async function made(servers: number, threshold: number) {
  const world = makeWorld(servers, threshold);
  const log = new TestLog(world);
  log.stay(1, 'bed-1').stay(2, 'bed-2').commit();
  const segment = {
    ...{ channel: 64, lead: 2, unit: 1, startMicros: T * 1e6, rateMilliHz: 250_000 },
    ...{ gain: 200, baseline: 0, count: 500, plaintext: random(1002) },
  };
  log.frame(1, { 'heart-rate': rates(600, 0), spo2: column(T, [970, 971, 972]) }, [segment]);
  log.frame(1, { 'heart-rate': rates(900, 300), spo2: column(T + 10, [980, 981]) }).commit();
  log.frame(2, { 'heart-rate': rates(40, 5) });
  log.bins(1, 'heart-rate', T - (T % 300), [71, 72, 90]);
  log.bins(1, 'heart-rate', T - (T % 300), [64]).commit();
  const repair = new RepairWorld(world, [log]);
  open.push(repair);
  await repair.flush();
  return { world, log, repair };
}

const partOf = (repair: RepairWorld, row: Put): RepairPart =>
  partOfDamage(repair.of(1).applier, row as Damage)!;

const TABLES = ['shares', 'products', 'bins', 'frames', 'tags', 'batches'] as const;

function lostRows(repair: RepairWorld, server: number): { row: Put; whole: Uint8Array }[] {
  const { store } = repair.of(server);
  return TABLES.flatMap((table) => rowsOf(store, table)).map((row) => {
    const arrivals = row.table === 'shares' ? store.get('arrivals', row.key)! : new Uint8Array(0);
    return { row, whole: concatBytes(row.value, arrivals) };
  });
}

const logOf = (repair: RepairWorld, server: number, log: TestLog) =>
  repair.of(server).applier.books.log(log.name)!;

/** The share of a row's first cell, one more. */
async function lie(repair: RepairWorld, server: number): Promise<void> {
  const { store } = repair.of(server);
  const [row] = rowsOf(store, 'shares');
  const value = row!.value.slice();
  const slot = value.findIndex((byte) => byte !== 0) * 8;
  const at = 500 + 4 * (slot + Math.log2(value[slot / 8]! & -value[slot / 8]!));
  value[at]! ^= 1;
  await store.commit([{ ...row!, value }]);
}

const firstCells = (repair: RepairWorld): RepairPart =>
  partOf(repair, rowsOf(repair.of(1).store, 'shares')[0]!);

describe.each([
  [3, 1, 'unchecked'],
  [4, 1, 'verified'],
  [4, 2, 'unchecked'],
  [5, 2, 'partly'],
  [7, 3, 'partly'],
] as const)('(%i, %i)', (servers, threshold, checked) => {
  it('[PROTO-49] every value of a store comes back byte for byte', async () => {
    const { log, repair } = await made(servers, threshold);
    const all = lostRows(repair, 2);
    const kinds = [...new Set(all.map(({ row }) => row.table))];
    // [SHARE-10] Products are columns at (4, 2) alone.
    expect(kinds).toEqual(
      TABLES.filter((each) => each !== 'products' || servers === 2 * threshold),
    );
    const firsts = kinds.map((kind) => all.find(({ row }) => row.table === kind)!);
    for (const { row, whole } of servers < 5 ? all : firsts) {
      const part = partOf(repair, row);
      const rebuilt = await rebuild(repair.peersOf(2), logOf(repair, 2, log), part);
      expect(Buffer.compare(rebuilt.value, whole), part.kind).toBe(0);
      expect(rebuilt.from).toEqual(repair.servers.map((_, i) => i + 1).filter((j) => j !== 2));
      const hasShares = row.table === 'shares' || row.table === 'products' || row.table === 'bins';
      expect(rebuilt.checked).toBe(hasShares ? checked : 'verified');
    }
  });
});

describe('a rebuilt value', () => {
  it('[PROTO-49] is as of this server’s own position, however far the others are', async () => {
    const { log, repair } = await made(3, 1);
    const lost = lostRows(repair, 2);
    log.frame(1, { 'heart-rate': rates(50, 1_300), spo2: column(T + 13, [990]) }).commit();
    for (const server of [1, 3]) applyLog(repair.of(server).applier, log);
    for (const { row, whole } of lost.filter(({ row }) => row.table === 'shares')) {
      const rebuilt = await rebuild(repair.peersOf(2), logOf(repair, 2, log), partOf(repair, row));
      expect(Buffer.compare(rebuilt.value, whole)).toBe(0);
    }
  });

  it('[PROTO-49] serves the statistic as before: one `data`, one mean', async () => {
    const { world, log, repair } = await made(3, 1);
    const asOf = { [log.name]: log.position };
    const query = { version: 1, asOf, vitals: ['heart-rate'], degree: 1, where: {} } as const;
    const ask = async (applier: Applier) =>
      answerMoments(applier, query, keyId(world.researcher), () => Promise.resolve());
    const before = await Promise.all(repair.servers.map(({ applier }) => ask(applier)));
    const { store } = repair.of(2);
    const { row, whole } = lostRows(repair, 2)[0]!;
    const zeros = { ...row, value: new Uint8Array(row.value.length) };
    await store.commit([zeros, { ...zeros, table: 'arrivals', value: new Uint8Array(0) }]);
    const damaged = await ask(new Applier(world.dataServers[1]!, store));
    expect(damaged.data).not.toBe(before[1]!.data);

    const rebuilt = await rebuild(repair.peersOf(2), logOf(repair, 2, log), partOf(repair, row));
    expect(rebuilt.value).toEqual(whole);
    const [value, arrivals] = [rebuilt.value.slice(0, 32_500), rebuilt.value.slice(32_500)];
    await store.commit([
      { ...row, value },
      { ...row, table: 'arrivals', value: arrivals },
    ]);
    const after = await ask(new Applier(world.dataServers[1]!, store));
    expect(after).toEqual(before[1]);
    const words = [before[0]!, after].map(({ server, sums }) => ({ server, value: sums[0]! }));
    const whole3 = before.map(({ server, sums }) => ({ server, value: sums[0]! }));
    const { configuration } = world;
    expect(openAnswer(configuration, 1, words).value).toBe(
      openAnswer(configuration, 1, whole3).value,
    );
  });
});

describe('helpers that do not help', () => {
  it('[PROTO-49] (3, 1): one down is too few, and says who', async () => {
    const { log, repair } = await made(3, 1);
    repair.down.add(3);
    const asked = rebuild(repair.peersOf(2), logOf(repair, 2, log), firstCells(repair));
    await expect(asked).rejects.toThrow(
      /2 other servers are needed, 1 helped; server 3: it cannot/,
    );
  });

  it('[PROTO-49] behind, or without it, is a refusal of its own', async () => {
    const { log, repair } = await made(3, 1);
    log.frame(1, { spo2: column(T + 50_000, [960]) }).commit();
    applyLog(repair.of(2).applier, log);
    const ask = (part: RepairPart) => rebuild(repair.peersOf(2), logOf(repair, 2, log), part);
    await expect(ask(firstCells(repair))).rejects.toThrow(/server 1: .*has not read the log/);
    for (const server of [1, 3]) applyLog(repair.of(server).applier, log);
    const nowhere = { ...firstCells(repair), chunk: 7 } as RepairPart;
    await expect(ask(nowhere)).rejects.toThrow(/server 3: .*no such thing/);
  });

  it('[PROTO-49] (3, 2): cannot, whoever they are', async () => {
    const { log, repair } = await made(3, 2);
    const asked = rebuild(repair.peersOf(2), logOf(repair, 2, log), firstCells(repair));
    await expect(asked).rejects.toThrow(/with 3 servers and threshold 2 .* from the log alone/);
    expect(repair.sent).toEqual([]);
  });

  it('[PROTO-49] (3, 1): a wrong share goes unseen, and the operator is told so', async () => {
    const { log, repair } = await made(3, 1);
    const { whole } = lostRows(repair, 2)[0]!;
    await lie(repair, 3);
    const part = firstCells(repair);
    const rebuilt = await rebuild(repair.peersOf(2), logOf(repair, 2, log), part);
    expect(Buffer.compare(rebuilt.value, whole)).not.toBe(0);
    expect(rebuiltText(part, rebuilt)).toMatch(
      /^heart-rate of bed-1, chunk \d+ rebuilt from servers 1 and 3 \(unchecked: .*vitalshare audit/,
    );
  });

  it('[PROTO-49] (4, 1): a wrong share is detected; (5, 1): and named', async () => {
    const four = await made(4, 1);
    await lie(four.repair, 3);
    const part = firstCells(four.repair);
    const asked = rebuild(four.repair.peersOf(2), logOf(four.repair, 2, four.log), part);
    await expect(asked).rejects.toThrow(/servers 1, 3, 4 do not fit one polynomial/);

    const five = await made(5, 1);
    await lie(five.repair, 3);
    const { whole } = lostRows(five.repair, 2)[0]!;
    const rebuilt = await rebuild(five.repair.peersOf(2), logOf(five.repair, 2, five.log), part);
    expect(rebuilt).toMatchObject({ checked: 'verified', named: [3], from: [1, 4, 5] });
    expect(rebuilt.value).toEqual(whole);
    expect(rebuiltText(part, rebuilt)).toMatch(/Wrong was what server 3 sent/);
  });

  it('[PROTO-49] (4, 1): other cells than t + 1 hold are left out by name; half and half is refused', async () => {
    const { log, repair } = await made(4, 1);
    const part = firstCells(repair);
    const { whole } = lostRows(repair, 2)[0]!;
    const forget = async (server: number) => {
      const { store } = repair.of(server);
      const [row] = rowsOf(store, 'arrivals');
      await store.commit([{ ...row!, value: row!.value.slice(12) }]);
    };
    await forget(4);
    const rebuilt = await rebuild(repair.peersOf(2), logOf(repair, 2, log), part);
    expect(rebuilt).toMatchObject({ checked: 'unchecked', named: [4], from: [1, 3] });
    expect(rebuilt.value).toEqual(whole);
    repair.down.add(3);
    await expect(rebuild(repair.peersOf(2), logOf(repair, 2, log), part)).rejects.toThrow(
      /servers 1, 4 do not hold the same; 2 that agree are needed/,
    );
  });

  it('[PROTO-49] (5, 1): two that hold one thing and two that hold another are refused', async () => {
    const { log, repair } = await made(5, 1);
    const part = firstCells(repair);
    for (const server of [4, 5]) {
      const { store } = repair.of(server);
      const [row] = rowsOf(store, 'arrivals');
      await store.commit([{ ...row!, value: row!.value.slice(12) }]);
    }
    await expect(rebuild(repair.peersOf(2), logOf(repair, 2, log), part)).rejects.toThrow(
      /servers 1, 3, 4, 5 do not hold the same/,
    );
  });

  it('[PROTO-48] from another log than its own are faults, not help', async () => {
    const { log, repair } = await made(3, 1);
    const { store } = repair.of(3);
    const last = rowsOf(store, 'batches').at(-1)!;
    await store.commit([{ ...last, value: random(32) }]);
    const asked = rebuild(repair.peersOf(2), logOf(repair, 2, log), firstCells(repair));
    await expect(asked).rejects.toThrow(/1 helped; server 3: it answered over another log/);
  });

  it('throws one kind of error', async () => {
    const { log, repair } = await made(3, 1);
    [1, 3].forEach((server) => repair.down.add(server));
    const asked = rebuild(repair.peersOf(2), logOf(repair, 2, log), firstCells(repair));
    await expect(asked).rejects.toBeInstanceOf(RebuildError);
  });
});

describe('a server whose disk rots when the log is gone [PROTO-45]', () => {
  /** Server 2 started again after a bit of `table` flipped; the log host answers as `gateway` does. */
  async function rotten(
    table: Damage['table'],
    gateway: () => Promise<Response>,
    [servers, threshold] = [3, 1],
  ) {
    const all = await made(servers, threshold);
    const { world, repair } = all;
    const { store } = repair.of(2);
    const before = TABLES.flatMap((each) => rowsOf(store, each));
    const [{ key }] = rowsOf(store, table) as [Put];
    const bytes = store.inner.get(table, key)!;
    bytes[bytes.length >> 1]! ^= 4;
    await store.inner.commit([{ table, key, value: bytes }]);
    const applier = new Applier(world.dataServers[1]!, store);
    const stop = new AbortController();
    const said: string[] = [];
    const pauses: number[] = [];
    const fetch: typeof globalThis.fetch = (url, init) =>
      new URL(url).hostname.startsWith('server-')
        ? repair.fetch(url as URL, init ?? {})
        : gateway();
    const options = {
      ...{ gateway: 'http://gateway.test', applier, verify: () => true, fetch },
      signal: stop.signal,
      report: (sentence: string) => said.push(sentence),
      sleep: (ms: number) => {
        pauses.push(ms);
        return new Promise<void>((resolve) => setTimeout(resolve, 1));
      },
      peers: { ...repair.peersOf(2), fetch, signal: stop.signal },
    };
    const mending = mendAll(options);
    const error = () => applier.damages.found(new StoreDamage(table, key, 'checksum'));
    const end = async () => {
      stop.abort();
      await mending;
    };
    return { ...all, applier, store, before, said, pauses, error, end };
  }

  const gone = () => Promise.resolve(new Response(null, { status: 404 }));

  it.each(['shares', 'bins', 'frames', 'tags', 'batches'] as const)(
    '[PROTO-49] of %s: is whole again by the others, byte for byte, and keeps a record of it',
    async (table) => {
      const { world, applier, store, before, said, error, end } = await rotten(table, gone);
      error();
      await expect.poll(() => said.length).toBe(3);
      await end();
      expect(said[1]).toMatch(/ rebuilt from servers 1 and 3 \((unchecked: .*audit|verified)/);
      expect(said[2]).toMatch(/is whole again\.$/);
      await applier.flush();
      expect(TABLES.flatMap((each) => rowsOf(store, each))).toEqual(before);
      const checked = table === 'shares' || table === 'bins' ? 'unchecked' : 'verified';
      const { damages } = new Applier(world.dataServers[1]!, store);
      expect([damages.list, damages.byPeers.map(({ peers }) => peers)]).toEqual([
        [],
        [{ from: [1, 3], named: [], checked }],
      ]);
    },
  );

  it('[PROTO-47] without the help of one whose own value is in quarantine', async () => {
    const { repair, said, error, end } = await rotten('shares', gone, [4, 1]);
    const helper = repair.of(1);
    const [{ key }] = rowsOf(helper.store, 'shares') as [Put];
    helper.applier.damages.found(new StoreDamage('shares', key, 'checksum'));
    error();
    await expect.poll(() => said.length).toBe(3);
    await end();
    expect(said[1]).toMatch(/ rebuilt from servers 3 and 4 /);
  });

  it('[PROTO-49] products at (4, 2)', async () => {
    const { store, before, said, error, end } = await rotten('products', gone, [4, 2]);
    error();
    await expect.poll(() => said.length).toBe(3);
    await end();
    expect(TABLES.flatMap((each) => rowsOf(store, each))).toEqual(before);
  });

  it('[PROTO-49] waits for a log host out of reach, and asks the others after ten tries', async () => {
    const away = () => Promise.reject<Response>(new TypeError('fetch failed'));
    const { repair, said, error, pauses, end } = await rotten('shares', away);
    error();
    await expect.poll(() => said.length, { timeout: 5_000 }).toBe(4);
    await end();
    expect(said[1]).toMatch(/cannot be made again from the log \(fetch failed\)/);
    expect(said[2]).toMatch(/ rebuilt from servers 1 and 3/);
    expect(repair.sent.length).toBe(2);
    expect(pauses.filter((ms) => ms === 60_000).length).toBeGreaterThanOrEqual(10);
  });

  it('[PROTO-49] says that neither can', async () => {
    const { repair, applier, said, error, end } = await rotten('shares', gone);
    repair.down.add(1);
    error();
    await expect.poll(() => said.length).toBe(2);
    await end();
    expect(said[1]).toMatch(
      /from the log \(the log host answered 404 .*\) nor by the other servers \(2 other servers are needed, 1 helped; server 1/,
    );
    expect(applier.damages.list.length).toBe(1);
  });

  it('[PROTO-47] helps nobody with what it holds damaged itself', async () => {
    const { log, repair } = await made(3, 1);
    const { store } = repair.of(3);
    const [{ key }] = rowsOf(store, 'shares') as [Put];
    // Zeros, the checksum too: with them in its answer, server 2 would know the mask.
    const value = new Uint8Array(store.inner.get('shares', key)!.length);
    await store.inner.commit([{ table: 'shares', key, value }]);
    const asked = rebuild(repair.peersOf(2), logOf(repair, 2, log), firstCells(repair));
    await expect(asked).rejects.toThrow(/1 helped; server 3: .*holds heart-rate of stay bed-1/);
    // Quarantined: not even when the bytes are well again, until they are mended.
    expect(repair.of(3).applier.damages.list.length).toBe(1);
  });
});

/** One request to helper 1 by `asker`; the answer opened, or the refusal. */
async function post(
  { world, repair }: Awaited<ReturnType<typeof made>>,
  asker: Identity,
  query: object,
  nonce = random(16),
  nowMs = repair.clock.ms,
): Promise<FieldVector> {
  const body = new Uint8Array(canonicalBytes(query));
  const { identity } = world.dataServers[0]!;
  const headers = signRequest({
    ...{ method: 'POST', path: '/repair', body, server: keyId(identity), identity: asker, nowMs },
    random: () => nonce,
  });
  const url = new URL('http://server-1.test/repair');
  const reply = await repair.fetch(url, { headers, body, method: 'POST' });
  const bytes = new Uint8Array(await reply.arrayBuffer());
  if (!reply.ok) throw parseProblem(JSON.parse(new TextDecoder().decode(bytes)))!;
  const sent = { signature: headers['signature']!, body };
  const plain = openSealedAnswer(asker, identity.sign, sent, bytes);
  return decodeRepairAnswer(query as RepairQuery, plain).masked;
}

const refused = (code: string, detail = /./) =>
  expect.objectContaining({ code, message: expect.stringMatching(detail) as string }) as Error;

describe('who may ask, and how often', () => {
  it('[PROTO-47] data servers of the configuration and nobody else, who is refused by name', async () => {
    const all = await made(3, 1);
    const { world, log, repair } = all;
    const query = { version: 1, log: log.name, position: log.position, ...firstCells(repair) };
    for (const asker of [world.researcher, world.physician, world.gateway]) {
      const detail = new RegExp(`asked by a ${asker.role}, needs a data-server`);
      await expect(post(all, asker, query)).rejects.toEqual(refused('not-admitted', detail));
    }
    const stranger = makeWorld().dataServers[1]!.identity;
    await expect(post(all, stranger, query)).rejects.toEqual(refused('not-admitted'));
    const [own, other] = world.dataServers.map(({ identity }) => identity);
    await expect(post(all, own!, query)).rejects.toEqual(refused('bad-request', /help itself/));
    expect((await post(all, other!, query)).length).toBeGreaterThan(100);
  });

  it('[PROTO-47] what is no question is refused before anything is read', async () => {
    const all = await made(3, 1);
    const { world, log, repair } = all;
    const asker = world.dataServers[1]!.identity;
    const good = { version: 1, log: log.name, position: log.position, ...firstCells(repair) };
    const bad: object[] = [
      { ...good, version: 2 },
      { ...good, position: 0 },
      { ...good, kind: 'readings' },
      { ...good, vital: 256 },
      { ...good, chunk: -1 },
      { ...good, more: 1 },
      { ...good, kind: 'products', vitals: [2, 1] },
      { ...good, kind: 'bins', window: 301, at: 1 },
      { version: 1, log: log.name, position: 3, kind: 'tags', at: 3 },
    ];
    for (const query of bad) {
      await expect(post(all, asker, query)).rejects.toEqual(refused('bad-request'));
    }
    const elsewhere = { ...good, log: 'ab'.repeat(16) };
    await expect(post(all, asker, elsewhere)).rejects.toEqual(refused('behind'));
  });

  it('[PROTO-47] 240 a minute, then it is told to wait', async () => {
    const all = await made(3, 1);
    const { world, log, repair } = all;
    const query = { version: 1, log: log.name, position: log.position, kind: 'batch', at: 0 };
    const { applier, store } = repair.of(1);
    const desk = new RepairDesk(applier, store, () => repair.clock.ms);
    const asker = { keyId: keyId(world.dataServers[1]!.identity) };
    for (let i = 0; i < 240; i++) desk.admit(asker);
    expect(() => desk.admit(asker)).toThrow(refused('too-many'));
    expect(() => desk.admit({ keyId: 'another' })).not.toThrow();
    repair.clock.ms += 60_000;
    expect(() => desk.admit(asker)).not.toThrow();
    await post(all, world.dataServers[1]!.identity, query);
  });
});

describe('[PROTO-48] one mask, one use [S9]', () => {
  /** A server that is well and curious: two questions whose cells it knows to differ. */
  async function curious() {
    const all = await made(3, 1);
    const { log, repair } = all;
    const part = firstCells(repair);
    const query = { version: 1, log: log.name, position: log.position, ...part };
    const asker = all.world.dataServers[1]!.identity;
    return { ...all, query, asker };
  }

  it('a nonce is taken once, whatever is asked under it', async () => {
    const { query, asker, ...all } = await curious();
    const nonce = random(16);
    await post(all, asker, query, nonce);
    const replayed = refused('replayed');
    await expect(post(all, asker, query, nonce)).rejects.toEqual(replayed);
    const earlier = { ...query, position: query.position - 3 };
    await expect(post(all, asker, earlier, nonce)).rejects.toEqual(replayed);
    await expect(post(all, asker, query, nonce, all.repair.clock.ms - 5_000)).rejects.toEqual(
      replayed,
    );
  });

  it('a nonce that was forgotten comes with another time, and so with another mask', async () => {
    const { query, asker, ...all } = await curious();
    const nonce = random(16);
    const first = await post(all, asker, query, nonce);
    all.repair.clock.ms += 300_000;
    const second = await post(all, asker, query, nonce);
    expect(second.length).toBe(first.length);
    const same = Array.from(first).filter((word, i) => word === second[i]);
    expect(same.length).toBeLessThan(4);
  });

  it('is bound to all that decides the cells: any other of it is another mask', async () => {
    const { world } = await made(3, 1);
    const party = world.dataServers[0]!;
    const [query, data, asker] = [random(32), random(32), toBase64Url(random(16))];
    const once = { nonce: toBase64Url(random(16)), createdMs: 1_000 };
    const bound = (
      bearer: Parameters<typeof repairBinding>[0],
      ...rest: [typeof once, Uint8Array, Uint8Array, string]
    ) => toBase64Url(repairBinding(bearer, ...rest));
    const { configuration } = party;
    const bearer = { configDigest: party.configDigest, configuration };
    const all = [
      bound(bearer, once, query, data, asker),
      bound(bearer, { ...once, createdMs: 2_000 }, query, data, asker),
      bound(bearer, { ...once, nonce: toBase64Url(random(16)) }, query, data, asker),
      bound(bearer, once, random(32), data, asker),
      bound(bearer, once, query, random(32), asker),
      bound(bearer, once, query, data, toBase64Url(random(16))),
      bound({ ...bearer, configDigest: toBase64Url(random(32)) }, once, query, data, asker),
      bound(
        { ...bearer, configuration: { ...configuration, generation: 2 } },
        once,
        query,
        data,
        asker,
      ),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(fromBase64Url(all[0]!, 32).length).toBe(32);
  });

  /** Helpers 1 and 3 asked as of two positions; what server 2 opens from the difference of cell 0. */
  async function difference(isBound: boolean): Promise<bigint> {
    const world = makeWorld(3, 1);
    const log = new TestLog(world);
    log.stay(1, 'bed-1').frame(1, { 'heart-rate': column(T + 10, [720]) });
    const early = log.commit();
    const late = log.frame(1, { 'heart-rate': column(T + 5, [835]) }).commit();
    const repair = new RepairWorld(world, [log]);
    open.push(repair);
    const once = { keyId: '', nonce: toBase64Url(random(16)), createdMs: repair.clock.ms };
    const constant = random(32);
    const part = { kind: 'cells', stay: 'bed-1', vital: 1, chunk: Math.floor(T / 4_000) } as const;
    const firstOf = (helper: number, position: number): bigint => {
      const { applier, store } = repair.of(helper);
      const query = { ...part, version: 1, log: log.name, position } as const;
      if (isBound) {
        const desk = new RepairDesk(applier, store, () => repair.clock.ms);
        const asker = world.configuration.dataServers[1]!;
        return getBigInt(desk.answer(query, asker, once).masked, 0);
      }
      const shares = heldPart(applier, store, query)!.shares.slice();
      const { keys } = world.dataServers[helper - 1]!;
      const helping = { helper, missing: 2, keys: keys.zero };
      maskForRepair(world.configuration, helping, constant, shares);
      return getBigInt(shares, 0);
    };
    await repair.flush();
    const words = [1, 3].map((server) => ({
      server,
      value: (firstOf(server, late) + P - firstOf(server, early)) % P,
    }));
    return openAnswer(world.configuration, 1, words).value;
  }

  it('without the binding, one nonce over two positions gives a difference of readings away', async () => {
    expect(await difference(false)).toBe(835n - 720n);
  });

  it('with it, it does not, even if the nonce were taken twice', async () => {
    expect(await difference(true)).not.toBe(835n - 720n);
  });
});
