import { describe, expect, it } from 'vitest';
import { signer } from '@vitalshare/edge/identity/node';
import { toBase64Url } from '@vitalshare/edge/seal';
import { type HeldHead, signHeld } from '../../messages/signed-head.ts';
import { StoreError } from '../store.ts';
import { MemoryStore } from '../store-memory.fixture.ts';
import { column, random, TestLog } from '../world.fixture.ts';
import { Alarms, idOf } from './alarms.ts';
import { Watchers } from './watchers.fixture.ts';

const T = 1_700_000_000;
const ALL = [1, 2, 3];

/** All servers hold the log up to 3: genesis, run, a stay. */
async function ward(servers = 3, threshold = 1) {
  const watchers = new Watchers(servers, threshold);
  const log = new TestLog(watchers.world);
  log.stay(1, 'bed-1').commit();
  const all = watchers.world.dataServers.map(({ server }) => server);
  await watchers.gossip();
  await watchers.follow(log, all);
  await watchers.gossip();
  return { watchers, log, all };
}

const more = (log: TestLog, spo2: number): TestLog => {
  log.frame(1, { spo2: column(T + spo2, [spo2]) }).commit();
  return log;
};

describe('heads that agree', () => {
  it('raise nothing, are countersigned, and bind', async () => {
    const { watchers, log } = await ward();
    for (let i = 0; i < 5; i++) {
      await watchers.follow(more(log, 900 + i), i % 2 === 0 ? ALL : [1, 2]); // 3 is behind at times
      await watchers.gossip();
    }
    expect(watchers.said).toEqual([]);
    for (const watch of watchers.watches) {
      expect(watch.held).toMatchObject([{ log: log.name, position: 8 }]);
      expect(() => watch.refuseForked({ [log.name]: 8 })).not.toThrow();
    }
  });

  it('[PROTO-41] are not countersigned before they are durable', async () => {
    const { watchers, log } = await ward();
    more(log, 900);
    const applier = watchers.appliers[0]!;
    const { BatchReader } = await import('../../messages/batch-reader.ts');
    const reader = new BatchReader({ head: applier.headOf(log.name), verify: () => true });
    for (const batch of reader.push(log.bytesFrom(3)!)) applier.apply(log.name, batch);
    watchers.list(log, 1);
    await watchers.watches[0]!.tick();
    expect(watchers.watches[0]!.held).toMatchObject([{ position: 3 }]);
    await applier.flush();
    expect(watchers.watches[0]!.held).toMatchObject([{ position: 4 }]);
  });
});

describe('[S8] a gateway that signs two continuations', () => {
  it('[PROTO-42] is caught by every server, with the positions that differ', async () => {
    const { watchers, log } = await ward();
    const other = log.restored(); // The true keys: a run record at 3, and on from there.
    await watchers.follow(more(more(log, 900), 901), [1]);
    await watchers.follow(more(other, 950), [2, 3]);
    await watchers.gossip();
    expect(watchers.alarms(1)).toMatchObject([
      {
        kind: 'two-stories',
        log: log.name,
        positions: { from: 3, to: 5 },
        servers: { ours: [1], theirs: [2, 3] },
      },
    ]);
    for (const server of [2, 3]) {
      expect(watchers.alarms(server)).toMatchObject([
        { kind: 'two-stories', positions: { from: 3 }, servers: { ours: [2, 3], theirs: [1] } },
      ]);
    }
    expect(watchers.said[0]).toBe(
      `1: ALARM two-stories: the gateway signed two continuations of log ${log.name}: positions from 3 to 4 differ between server 1 and servers 2 and 3; start the gateway again, it will begin a new log`,
    );
    expect(watchers.said).toHaveLength(3);
  });

  it('[PROTO-43] is answered for up to there and no further, after a restart too', async () => {
    const { watchers, log } = await ward();
    const other = log.restored();
    await watchers.follow(more(log, 900), [1]);
    await watchers.follow(more(other, 950), [2, 3]);
    await watchers.gossip();
    await watchers.follow(more(log, 901), [1]);
    await watchers.gossip();
    const refused = { code: 'log-forked', numbers: { agreed: 3, asked: 4 } };
    for (const server of ALL) {
      watchers.start(server);
      const watch = watchers.watches[server - 1]!;
      expect(() => watch.refuseForked({ [log.name]: 3 })).not.toThrow();
      expect(() => watch.refuseForked({ [log.name]: 4 })).toThrow(expect.objectContaining(refused));
    }
  });

  it('[PROTO-43] changes nothing for q servers that hold one story, and stops the one that does not', async () => {
    const { watchers, log, all } = await ward(4, 1); // q = 3
    const other = log.restored();
    await watchers.follow(more(log, 900), [4]);
    await watchers.follow(more(more(other, 950), 951), [1, 2, 3]);
    await watchers.gossip();
    await watchers.follow(more(more(log, 901), 902), [4]);
    await watchers.follow(more(other, 952), [1, 2, 3]);
    await watchers.gossip();
    for (const server of all) expect(watchers.kinds(server)).toEqual(['two-stories']);
    for (const server of [1, 2, 3]) {
      const watch = watchers.watches[server - 1]!;
      expect(() => watch.refuseForked({ [log.name]: 7 })).not.toThrow();
      expect(watch.isOutvoted(log.name)).toBe(false);
    }
    expect(() => watchers.watches[3]!.refuseForked({ [log.name]: 4 })).toThrow('two continuations');
    expect(watchers.watches[3]!.isOutvoted(log.name)).toBe(true);
  });

  it('is caught by a server that stands still behind the others', async () => {
    const { watchers, log } = await ward();
    const other = log.restored();
    await watchers.follow(more(log, 900), [1]);
    await watchers.follow(other, [2, 3]); // At 4, as server 1 is; nobody is asked before they go on.
    await watchers.follow(more(more(other, 950), 951), [2, 3]);
    await watchers.gossip();
    expect(watchers.kinds(1)).toEqual(['two-stories']);
  });

  it('is caught by a server that goes on and never catches up with the others', async () => {
    const { watchers, log } = await ward();
    const other = log.restored();
    for (let row = 0; row < 3; row++) {
      await watchers.follow(more(log, 900 + row), [1]);
      await watchers.follow(more(more(other, 950 + 2 * row), 951 + 2 * row), [2, 3]);
      await watchers.gossip(1);
    }
    // Of both stories together it signed shorter logs after longer ones.
    expect(watchers.kinds(1)).toEqual(['rolled-back', 'two-stories']);
  });

  it('is not caught by servers that do not ask each other', async () => {
    const { watchers, log } = await ward();
    const other = log.restored();
    await watchers.follow(more(log, 900), [1]);
    await watchers.follow(more(other, 950), [2, 3]);
    for (const watch of watchers.watches) await watch.tick();
    expect(watchers.said).toEqual([]);
  });

  it('is told though the other side does not say what it holds', async () => {
    const { watchers, log } = await ward();
    const other = log.restored();
    watchers.mute.add(1).add(2).add(3);
    await watchers.follow(more(more(log, 900), 901), [1]);
    await watchers.follow(more(other, 950), [2, 3]);
    await watchers.gossip();
    // Two signed heads prove it; where they part is known no better than what both once vouched for.
    for (const server of ALL) {
      expect(watchers.alarms(server)).toMatchObject([
        { kind: 'two-stories', positions: { from: 3 } },
      ]);
      expect(watchers.alarms(server)[0]!.evidence.length).toBeGreaterThan(1);
    }
    expect(watchers.said[0]).toMatch(
      /two continuations .* from 3 or later to 4 differ \(from which on/,
    );
    watchers.mute.clear();
    await watchers.gossip();
    expect(watchers.alarms(1)).toMatchObject([
      { kind: 'two-stories', positions: { from: 3, to: 5 } },
    ]);
  });

  it('is told of a log host alone that rewrote the log and does not answer', async () => {
    const { watchers, log } = await ward();
    const copy = log.restored();
    await watchers.follow(more(log, 900), ALL);
    watchers.mute.add(0);
    watchers.nowMs += 1_000;
    watchers.list(copy, 1);
    await watchers.watches[0]!.tick();
    expect(watchers.kinds(1)).toContain('two-stories');
  });

  it('finds the position among many batches', async () => {
    const { watchers, log } = await ward();
    for (let i = 0; i < 100; i++) more(log, 500 + i);
    const other = log.restored();
    for (let i = 0; i < 100; i++) more(i % 3 === 0 ? other : log, 700 + i);
    await watchers.follow(log, [1]);
    await watchers.follow(other, [2, 3]);
    await watchers.gossip();
    expect(watchers.alarms(1)).toMatchObject([{ positions: { from: 103 } }]);
  });
});

describe('[S8] a gateway that rolls back', () => {
  it('[PROTO-42] is caught by the first shorter head it signs', async () => {
    const { watchers, log } = await ward();
    const copy = log.restored();
    more(log, 900);
    await watchers.follow(more(log, 901), ALL);
    watchers.nowMs += 1_000;
    watchers.list(copy, 1); // Signed now, at position 4: it was at 5.
    const evidence = [{ position: 5 }, { position: 4 }];
    expect(watchers.alarms(1)).toMatchObject([
      { kind: 'rolled-back', positions: { from: 4, to: 5 }, evidence },
    ]);
  });

  it('is no problem any more once its operator said so, until it rolls back again', async () => {
    const { watchers, log } = await ward();
    const copy = log.restored();
    const shorter = log.restored();
    more(copy, 900);
    await watchers.follow(more(more(more(log, 900), 901), 902), ALL);
    const open = () => watchers.watches[0]!.alarms.lasting('rolled-back');
    watchers.nowMs += 1_000;
    watchers.list(copy, 1); // At 5: it was at 6.
    expect([open(), watchers.said.length]).toEqual([1, 1]);
    const alarm = watchers.alarms(1)[0]!;
    watchers.acknowledged.set(idOf(alarm), watchers.nowMs);
    await watchers.watches[0]!.tick();
    expect(watchers.alarms(1)[0]).toEqual({ ...alarm, acknowledged: watchers.nowMs });
    watchers.start(1);
    watchers.nowMs += 1_000;
    watchers.list(copy, 1);
    expect(open()).toBe(0);
    expect(watchers.said.filter((each) => each.includes('ALARM rolled-back'))).toHaveLength(1);

    watchers.list(shorter, 1); // At 4: the acknowledgement was about 5.
    await watchers.watches[0]!.tick();
    expect(open()).toBe(1);
    expect(watchers.said.filter((each) => each.includes('ALARM rolled-back'))).toHaveLength(2);
  });

  it('and continues otherwise, is caught telling two stories to each server alone', async () => {
    const { watchers, log } = await ward();
    const copy = log.restored();
    await watchers.follow(more(log, 900), ALL);
    watchers.nowMs += 1_000;
    watchers.list(copy, 1); // At 4 as well, with a run record where a frame was.
    await watchers.watches[0]!.tick();
    expect(watchers.kinds(1)).toContain('two-stories');
    // All servers hold one story, so questions go on.
    await watchers.gossip();
    expect(() => watchers.watches[0]!.refuseForked({ [log.name]: 4 })).not.toThrow();
  });

  it('is seen through by a server whose store was rebuilt from the shorter log', async () => {
    const { watchers, log } = await ward();
    const copy = log.restored();
    await watchers.follow(more(more(log, 900), 901), ALL);
    await watchers.gossip();
    watchers.start(1, new MemoryStore());
    await watchers.follow(more(copy, 950), [1]); // 5 records, as the others have.
    // Not before it heard the others.
    expect(watchers.watches[0]!.held).toEqual([]);
    await watchers.gossip();
    expect(watchers.kinds(1)).toContain('two-stories');
    expect(() => watchers.watches[0]!.refuseForked({ [log.name]: 5 })).toThrow('two continuations');
    expect(watchers.watches[0]!.held.filter(({ position }) => position > 3)).toEqual([]);
  });
});

describe('a disk that takes nothing', () => {
  it('[PROTO-46] ends no watch; alarms and heads are kept when it has room', async () => {
    const { watchers, log } = await ward();
    const copy = log.restored();
    await watchers.follow(more(more(log, 900), 901), ALL);
    const [watch, store] = [watchers.watches[0]!, watchers.stores[0]!];
    const commit = store.commit.bind(store);
    store.commit = () => Promise.reject(new StoreError('no space left on device'));
    watchers.nowMs += 30_000;
    watchers.list(copy, 1);
    await watch.tick();
    await expect(watch.keep(true)).rejects.toThrow('no space left');
    store.commit = commit;
    watchers.nowMs += 30_000;
    await watch.tick();
    watchers.start(1);
    expect(watchers.kinds(1)).toEqual(['rolled-back', 'two-stories']);
    expect(watchers.watches[0]!.heldOf(log.name)).toMatchObject({ position: 5 });
  });
});

it('[PROTO-46] a server whose own disk is full says of nobody that he withholds a log', async () => {
  const { watchers, log } = await ward();
  const [watch, applier] = [watchers.watches[0]!, watchers.appliers[0]!];
  const shown = async (ms: number): Promise<void> => {
    watchers.nowMs += ms;
    watchers.list(log, 1);
    await watch.tick();
  };
  applier.commitFault = new StoreError('no space left on device');
  more(log, 900);
  for (let i = 0; i < 5; i++) await shown(20_000);
  applier.commitFault = undefined;
  await shown(20_000);
  expect(watchers.kinds(1)).toEqual([]);
  await shown(20_000);
  expect(watchers.kinds(1)).toEqual(['withheld']);
});

describe('[S8] a log host without keys', () => {
  it('[PROTO-42] that serves an older copy has no fresh head to show', async () => {
    const { watchers, log } = await ward();
    const signedMs = watchers.nowMs;
    watchers.list(log, 1, signedMs);
    watchers.nowMs = signedMs + 61_000;
    watchers.list(log, 1, signedMs);
    watchers.list(log, 1, signedMs);
    expect(watchers.kinds(1)).toEqual(['stale-head']);
    watchers.list(log, 1);
    expect(watchers.alarms(1)).toMatchObject([{ until: watchers.nowMs }]);
  });

  it('that strips the signatures has none either, and one that lists the log no more withholds it', async () => {
    const { watchers, log } = await ward();
    const watch = watchers.watches[0]!;
    watchers.nowMs += 61_000;
    for (let i = 0; i < 2; i++) watch.listed([{ log: log.name, head: null }]);
    watch.listed([]);
    watchers.nowMs += 31_000;
    watch.listed([]);
    await watch.tick();
    expect(watchers.kinds(1)).toEqual(['stale-head', 'withheld']);
  });

  it('that ends before a head the gateway signed withholds the rest', async () => {
    const { watchers, log } = await ward();
    watchers.list(more(log, 900), 1); // Shown, and not served.
    watchers.nowMs += 31_000;
    await watchers.watches[0]!.tick();
    expect(watchers.said).toEqual([]); // Its host may be down: nothing came since.
    watchers.list(log, 1);
    await watchers.watches[0]!.tick();
    expect(watchers.alarms(1)).toMatchObject([
      { kind: 'withheld', positions: { from: 3, to: 4 }, evidence: [{ position: 4 }] },
    ]);
    await watchers.follow(log, [1]);
    await watchers.watches[0]!.tick();
    expect(watchers.alarms(1)).toMatchObject([{ until: watchers.nowMs }]);
  });
});

it('alarms are so many at most, the newest of them, whatever logs a gateway invents', () => {
  const alarms = new Alarms(
    new MemoryStore(),
    () => 0,
    () => undefined,
  );
  for (let i = 0; i < 300; i++) {
    alarms.raise(`log ${i}`, { kind: 'stale-head', log: '', detail: `${i}`, evidence: [] });
  }
  expect([alarms.list.length, alarms.list[0]!.detail]).toEqual([256, '44']);
});

describe('[S8] a single server that lies stops nobody', () => {
  /** Signed by server 3, who may sign what it likes. */
  async function told(lie: (held: HeldHead) => HeldHead) {
    const { watchers, log } = await ward();
    await watchers.follow(more(log, 900), ALL);
    const { identity } = watchers.world.dataServers[2]!;
    const config = watchers.world.configDigest;
    watchers.lies.set(3, (held) =>
      held.map((each) => {
        const told = lie(each);
        return signHeld(config, told, { server: 3, heldAt: told.heldAt }, signer(identity));
      }),
    );
    await watchers.gossip();
    for (const server of [1, 2]) {
      const watch = watchers.watches[server - 1]!;
      expect(() => watch.refuseForked({ [log.name]: 4 })).not.toThrow();
      expect(watch.isOutvoted(log.name)).toBe(false);
    }
    return watchers;
  }

  it.each<[string, (held: HeldHead) => HeldHead]>([
    ['a position the signature is not of', (held) => ({ ...held, position: 3 })],
    ['a hash of its own', (held) => ({ ...held, hash: toBase64Url(random(32)) })],
    ['another log', (held) => ({ ...held, log: 'ab'.repeat(16) })],
    ['a later time', (held) => ({ ...held, time: held.time + 1 })],
  ])('with %s: it is named', async (_name, lie) => {
    const watchers = await told(lie);
    for (const server of [1, 2]) {
      const [alarm, ...others] = watchers.alarms(server);
      expect(others).toEqual([]);
      expect(alarm).toMatchObject({ kind: 'false-statement', evidence: [{ server: 3 }] });
      expect(alarm!.detail).toMatch(/^server 3 states a head .* that the gateway did not sign/);
    }
  });

  it('with an old statement: it is true', async () => {
    const { watchers, log } = await ward();
    const old = watchers.watches[2]!.held;
    watchers.lies.set(3, () => [...old]);
    await watchers.follow(more(log, 900), ALL);
    await watchers.gossip();
    expect(watchers.said).toEqual([]);
  });

  it('with the statement of another server: it is not its own', async () => {
    const { watchers } = await ward();
    watchers.lies.set(3, () => watchers.watches[1]!.held);
    await watchers.gossip();
    expect(watchers.alarms(1)).toMatchObject([
      { detail: expect.stringMatching(/server 3 .* that server did not sign/) as string },
    ]);
  });

  it.each([true, false])(
    'about where a fork parts: not before what it vouched for, nor past its head (%s)',
    async (claim) => {
      const { watchers, log } = await ward();
      const other = log.restored();
      await watchers.follow(more(more(log, 900), 901), [1, 2]);
      await watchers.follow(other, [3]);
      watchers.ends.set(3, claim);
      await watchers.gossip();
      expect(watchers.alarms(1)).toMatchObject([{ kind: 'two-stories', positions: { from: 3 } }]);
    },
  );
});
