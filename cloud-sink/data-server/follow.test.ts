import { describe, expect, it } from 'vitest';
import { makeIdentity, signer, verifier } from '@vitalshare/edge/identity/node';
import { utf8 } from '@vitalshare/edge/seal';
import { KIND } from '../messages/batch.ts';
import { HELD_HEADER, WAITING_HEADER } from '../messages/signed-head.ts';
import { Ahead } from './ahead.ts';
import { Applier } from './apply.ts';
import { followAll, followOnce } from './follow.ts';
import { HeadWatch } from './heads/watch.ts';
import { MemoryStore } from './store-memory.fixture.ts';
import { column, logHost, makeWorld, random, TestLog } from './world.fixture.ts';

const T = 1_700_000_000;

/** A follower whose waits take no time; `host` may be changed while it runs. */
function follow(log: TestLog, store = new MemoryStore(), ahead?: Ahead) {
  const applier = new Applier(log.world.dataServers[0]!, store);
  if (ahead) applier.onCommit({ begun: () => ahead.turn() });
  const stop = new AbortController();
  const said: string[] = [];
  const waits: number[] = [];
  const state = { host: logHost([log]) };
  const watch = new HeadWatch({
    ...{ applier, store, clock: Date.now, report: () => undefined },
    hasEnd: () => Promise.reject(new Error('nobody else is here')),
  });
  const done = followAll({
    gateway: 'http://gateway.test/',
    ...{ applier, watch, ahead },
    verify: verifier(log.world.gateway.sign),
    fetch: (...request) => state.host(...request),
    sleep: (ms) => {
      waits.push(ms);
      return new Promise((resolve) => setTimeout(resolve, 1));
    },
    report: (sentence) => said.push(sentence),
    signal: stop.signal,
  });
  const end = async () => {
    stop.abort();
    await done;
  };
  return { applier, watch, said, waits, state, done, end };
}

const reached = (applier: Applier, log: TestLog) =>
  applier.reached({ [log.name]: log.position }, new Promise(() => undefined));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** The files of `ahead.ts`, as a kill leaves them. */
function memoryFiles() {
  const file = () => {
    let kept = Buffer.alloc(0);
    return {
      read: () => Promise.resolve(new Uint8Array(kept)),
      append: (bytes: Uint8Array) => Promise.resolve(void (kept = Buffer.concat([kept, bytes]))),
      clear: () => Promise.resolve(void (kept = Buffer.alloc(0))),
      close: () => Promise.resolve(),
    };
  };
  return [file(), file()] as const;
}

describe('following the log', () => {
  it('leaves no wait behind where every reply brings something at once', async () => {
    const log = new TestLog(makeWorld()).stay(1, 'bed-1');
    log.commit();
    const applier = new Applier(log.world.dataServers[0]!, new MemoryStore());
    const { signal } = new AbortController();
    const waiting = new Set<AbortSignal>();
    const options = {
      ...{ gateway: 'http://gateway.test/', applier, fetch: logHost([log]), signal },
      verify: verifier(log.world.gateway.sign),
      report: () => undefined,
      sleep: (_ms: number, until: AbortSignal) =>
        new Promise<void>((resolve) => {
          waiting.add(until);
          until.addEventListener('abort', () => {
            waiting.delete(until);
            resolve();
          });
        }),
    };
    for (const row of [0, 1, 2]) {
      log.frame(1, { spo2: column(T + row, [970]) }).commit();
      await followOnce(options, log.name);
    }
    expect(waiting.size).toBe(0);
  });

  it('[PROTO-44] makes durable what somebody waits for, with what came before that', async () => {
    const log = new TestLog(makeWorld());
    const store = new MemoryStore();
    const files = memoryFiles();
    const { applier, watch, state, end } = follow(log, store, new Ahead(files));
    log.stay(1, 'bed-1').commit();
    await reached(applier, log); // Nobody waits: it is applied, and on no medium.
    expect(watch.durableOf(log.name)).toBe(0);
    watch.fromPeer(2, []); // Compared with somebody, it may vouch for a log that is new to it.
    const told: (string | null)[] = [];
    const well = state.host;
    state.host = async (input, init) => {
      told.push(new Headers(init?.headers).get(HELD_HEADER));
      const reply = await well(input, init);
      reply.headers.set(WAITING_HEADER, '1');
      return reply;
    };
    for (const row of [0, 1, 2]) {
      log.frame(1, { spo2: column(T + row, [970]) }).commit();
      await reached(applier, log);
    }
    await until(() => told.some((line) => line?.startsWith(`${log.position} `)));
    await end(); // Killed: nothing is committed any more.
    const next = new Applier(log.world.dataServers[0]!, store);
    expect(next.headOf(log.name).position).toBeLessThan(log.position);
    await new Ahead(files).recover(next, verifier(log.world.gateway.sign));
    expect(next.headOf(log.name).position).toBe(log.position);
  });

  it('[PROTO-44] tells that it holds nothing whose bytes are not on the medium yet', async () => {
    const log = new TestLog(makeWorld());
    const files = memoryFiles();
    const landing: (() => void)[] = [];
    const slow = files.map((file) => ({
      ...file,
      append: async (bytes: Uint8Array) => {
        await new Promise<void>((resolve) => landing.push(resolve));
        await file.append(bytes);
      },
    })) as unknown as typeof files;
    const { applier, watch, state, end } = follow(log, new MemoryStore(), new Ahead(slow));
    await reached(applier, log);
    watch.fromPeer(2, []);
    await applier.flush();
    const well = state.host;
    state.host = async (input, init) => {
      const reply = await well(input, init);
      reply.headers.set(WAITING_HEADER, '1');
      return reply;
    };
    log.stay(1, 'bed-1').commit();
    await until(() => landing.length > 0);
    await new Promise((later) => setTimeout(later, 20));
    expect(applier.headOf(log.name).position).toBe(log.position);
    expect(watch.durableOf(log.name)).toBeLessThan(log.position);
    expect(watch.heldOf(log.name)?.position ?? 0).toBeLessThan(log.position);
    for (const land of landing) land();
    await until(() => watch.heldOf(log.name)?.position === log.position);
    await end();
  });

  it('applies what is there, what comes later, and logs that are new', async () => {
    const log = new TestLog(makeWorld());
    const logs = [log];
    const { applier, said, state, end } = follow(log);
    state.host = logHost(logs);
    await reached(applier, log);
    log
      .stay(1, 'bed-1')
      .frame(1, { spo2: column(T, [970]) })
      .commit();
    await reached(applier, log);
    const next = new TestLog(log.world, log.created + 1);
    next.stay(1, 'bed-1').commit();
    logs.push(next);
    await reached(applier, next);
    expect(applier.books.logs.map((each) => each.log)).toEqual([log.name, next.name]);
    await end();
    expect(said).toEqual([]);
  });

  it('does not ask a host in a loop that says at once that there is nothing', async () => {
    const log = new TestLog(makeWorld());
    const pauses: (() => void)[] = [];
    const once = followOnce(
      {
        gateway: 'http://gateway.test',
        applier: new Applier(log.world.dataServers[0]!, new MemoryStore()),
        verify: verifier(log.world.gateway.sign),
        fetch: () => Promise.resolve(new Response('')),
        sleep: () => new Promise((resolve) => pauses.push(resolve)),
        report: () => undefined,
        signal: new AbortController().signal,
      },
      log.name,
    );
    let isOver = false;
    void once.then(() => (isOver = true));
    await new Promise((later) => setTimeout(later, 20));
    expect(isOver).toBe(false);
    for (const end of pauses) end();
    await once;
  });

  it('keeps nothing of a request that is over: it asks for years', async () => {
    const log = new TestLog(makeWorld());
    const { state, end } = follow(log);
    const well = state.host;
    const signals: AbortSignal[] = [];
    state.host = (input, init) => {
      signals.push(init!.signal!);
      return well(input, init);
    };
    await until(() => signals.length >= 20);
    // Only those of the list of logs and of the log may be under way.
    expect(signals.filter(({ aborted }) => !aborted).length).toBeLessThanOrEqual(2);
    await end();
  });

  it('waits a gateway out, doubling its waits, and says so once', async () => {
    const log = new TestLog(makeWorld());
    const { applier, said, waits, state, end } = follow(log);
    const well = state.host;
    state.host = () =>
      Promise.reject(new TypeError('fetch failed', { cause: codeError('ECONNREFUSED') }));
    await until(() => waits.filter((ms) => ms === 10_000).length >= 2);
    // 5,000 is the pause between two lists of logs.
    const distinct = [...new Set(waits)].filter((ms) => ms !== 5_000).sort((x, y) => x - y);
    expect(distinct).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000]);
    state.host = well;
    await reached(applier, log);
    await until(() => said.length >= 2);
    await end();
    expect(said.slice(0, 2)).toEqual([
      'the gateway: no connection (ECONNREFUSED); trying again.',
      'the gateway: well again.',
    ]);
  });

  it('[S8] keeps its head when the host tells another story, and goes on with the true one', async () => {
    const log = new TestLog(makeWorld());
    log.stay(1, 'bed-1').commit();
    const { applier, said, state, end } = follow(log);
    const well = state.host;
    await reached(applier, log);
    const fork = new TestLog(log.world, log.created, log.id);
    fork.stay(1, 'bed-7').commit();
    fork.stay(2, 'bed-8').commit();
    state.host = logHost([fork]);
    await until(() => said.some((sentence) => sentence.includes('another log')));
    expect(applier.headOf(log.name)).toEqual({ position: 3, hash: log.hash });
    state.host = well;
    log.stay(2, 'bed-2').commit();
    await reached(applier, log);
    await end();
    expect(applier.books.names).toEqual(['bed-1', 'bed-2']);
    expect(said.filter((sentence) => sentence.includes('another log'))).toHaveLength(1);
  });

  it('applies what stands before a forged batch and nothing from there', async () => {
    const log = new TestLog(makeWorld());
    log.stay(1, 'bed-1').commit();
    const stranger = signer(makeIdentity('stranger', 'gateway', random));
    log.append(1, [{ kind: KIND.stay, bytes: utf8('{}') }], new Uint8Array(32), stranger);
    const { applier, said, end } = follow(log);
    await until(() => said.length > 0);
    expect(applier.headOf(log.name).position).toBe(3);
    expect(said).toEqual([
      `log ${log.name}: refused, log position 3: the batch is not signed by the gateway; trying again.`,
    ]);
    await end();
  });

  it.each([
    ['a proxy page', () => new Response('<html>')],
    ['a failure', () => new Response(null, { status: 502 })],
    ['a list without end', () => new Response(endless())],
    ['more logs than there can be', () => Response.json(new Array(4_097).fill({}))],
  ])('bears %s instead of the list of logs', async (_name, reply) => {
    const log = new TestLog(makeWorld());
    const { applier, said, state, end } = follow(log);
    const well = state.host;
    state.host = () => Promise.resolve(reply());
    await until(() => said.some((each) => /^the gateway: .*trying again\.$/.test(each)));
    state.host = well;
    await reached(applier, log);
    await end();
  });

  it.each([
    ['rubbish', () => new Response(Buffer.from(random(500)))],
    ['bytes without end', () => new Response(endless())],
    ['half a batch', (log: TestLog) => new Response(Buffer.from(log.bytesFrom(0)!.slice(0, -1)))],
  ])('bears %s instead of a log', async (_name, reply) => {
    const log = new TestLog(makeWorld());
    const { applier, said, state, end } = follow(log);
    const well = state.host;
    state.host = (input, init) =>
      typeof input === 'string' && input.endsWith('/logs')
        ? well(input, init)
        : Promise.resolve(reply(log));
    await until(() => said.some((sentence) => sentence.startsWith('log ')));
    state.host = well;
    await reached(applier, log);
    await end();
  });

  it('ends with the reason when this server itself cannot go on', async () => {
    const log = new TestLog(makeWorld());
    class BrokenStore extends MemoryStore {
      override get(...key: Parameters<MemoryStore['get']>): Uint8Array<ArrayBuffer> | undefined {
        if (key[0] === 'shares') throw new Error('MDB_CORRUPTED');
        return super.get(...key);
      }
    }
    const { done } = follow(log, new BrokenStore());
    log
      .stay(1, 'bed-1')
      .frame(1, { spo2: column(T, [970]) })
      .commit();
    await expect(done).rejects.toThrow('MDB_CORRUPTED');
  });
});

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1 << 20).fill(0x56)),
  });
}

const codeError = (code: string): Error => Object.assign(new Error(code), { code });
