/** The whole gateway with real MQTT clients: each outcome of WIRE.md's table, and what attacks get. */
import { randomBytes } from 'node:crypto';
import { signer } from '@vitalshare/edge/identity/node';
import { numericColumn, type Frame } from '@vitalshare/edge/wire';
import { findWaveform } from '@vitalshare/edge/vital';
import { afterEach, describe, expect, it } from 'vitest';
import { Bench, type TestNode } from './gateway.fixture.ts';
import { createLog } from './log/start-run.ts';
import { MemoryDisk } from './log/memory-disk.fixture.ts';

const benches: Bench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) {
    await bench.stop();
    bench.remove();
  }
});

async function ward(disk = new MemoryDisk()): Promise<{ bench: Bench; node: TestNode }> {
  const bench = new Bench(disk);
  benches.push(bench);
  const credential = await bench.enroll('bed-1');
  await bench.start();
  return { bench, node: await bench.connect(credential) };
}

/** A minute after boot, with a clock. */
const frameOf = (bench: Bench, more: Partial<Frame> = {}): Frame => ({
  deviceTimeUs: 60_000_000,
  bootTimeMs: bench.nowMs - 60_000,
  columns: [numericColumn('heart-rate', 58, [71, null, 72])],
  segments: [],
  events: [],
  ...more,
});

const lastAnswer = (node: TestNode) => {
  const { boot, sequence, missing, refused } = node.answers.at(-1)!;
  return { boot, sequence, missing, refused };
};

describe('a frame', () => {
  it('is durable, masked and answered', async () => {
    const { bench, node } = await ward();
    await node.send(node.sealed(1, 1, frameOf(bench)));
    await expect.poll(() => node.answers.length).toBe(1);
    expect(lastAnswer(node)).toEqual({ boot: 1, sequence: 1, missing: [], refused: [] });
    const [frame] = await bench.frames();
    expect(frame).toMatchObject({ stay: 1, counter: 1, segments: [], products: [] });
    expect(frame!.columns).toHaveLength(1);
    const column = frame!.columns[0]!;
    expect([column.vital, column.rows, ...column.presence]).toEqual([1, 3, 0b101]);
    // 1.8e9 s is boot + 60 s, row 0 is boot + 58 s.
    expect(column.start).toBe(1_799_999_998);
    expect((await bench.status()).counters).toMatchObject({ accepted: 1, duplicate: 0 });
  });

  it('failure 10: replay, double count, batch mismatch: sent again it is acknowledged again and stored once, over a restart too [WIRE-15]', async () => {
    const { bench, node } = await ward();
    const bytes = node.sealed(1, 1, frameOf(bench));
    await node.send(bytes);
    await node.send(bytes);
    await expect.poll(() => node.answers.length).toBe(2);
    expect((await bench.status()).counters).toMatchObject({ accepted: 1, duplicate: 1 });
    const { log } = bench.gateway!;
    const { position } = (await bench.status()).log;
    const [head] = (await logsOf(bench)).filter((each) => each.log === log);
    await bench.stop();
    bench.serversKnow({ [log]: { position, hash: head!.hash } });
    await bench.start();
    expect(bench.gateway!.log).toBe(log);
    const again = await bench.connect(node.credential);
    await again.send(bytes);
    await expect.poll(() => again.answers.length).toBe(1);
    expect(lastAnswer(again)).toMatchObject({ boot: 1, sequence: 1 });
    expect((await bench.status()).counters).toMatchObject({ accepted: 0, duplicate: 1 });
    expect(await bench.frames()).toHaveLength(1);
  });

  it('sent twice at once is stored once', async () => {
    const { bench, node } = await ward();
    const bytes = node.sealed(1, 1, frameOf(bench));
    await Promise.all([node.send(bytes), node.send(bytes), node.send(bytes)]);
    expect((await bench.status()).counters).toMatchObject({ accepted: 1, duplicate: 2 });
    expect(await bench.frames()).toHaveLength(1);
  });

  it('names what is missing before it', async () => {
    const { bench, node } = await ward();
    await node.send(node.sealed(1, 4, frameOf(bench)));
    await expect.poll(() => node.answers.length).toBe(1);
    expect(lastAnswer(node)).toMatchObject({ sequence: 4, missing: [{ first: 1, last: 3 }] });
  });

  it('keeps a plausible reading and drops one out of range, per reading', async () => {
    const { bench, node } = await ward();
    const columns = [
      numericColumn('heart-rate', 58, [71, 351, 72]),
      numericColumn('spo2', 58, [101, 101, 101]),
    ];
    await node.send(node.sealed(1, 1, frameOf(bench, { columns })));
    const [frame] = await bench.frames();
    expect(frame!.columns.map(({ vital, presence }) => [vital, ...presence])).toEqual([[1, 0b101]]);
    const { counters } = await bench.status();
    expect(counters).toMatchObject({ accepted: 1, 'out-of-range': 4 });
  });

  it('without a clock gets its time from its first arrival, for good [WIRE-6]', async () => {
    const { bench, node } = await ward();
    const { deviceTimeUs, columns, segments, events } = frameOf(bench);
    const clockless = { deviceTimeUs, columns, segments, events };
    await node.send(node.sealed(7, 1, clockless));
    bench.nowMs += 5_000;
    await node.send(node.sealed(7, 2, clockless));
    await bench.stop();
    await bench.start();
    const again = await bench.connect(node.credential);
    bench.nowMs += 5_000;
    await again.send(again.sealed(7, 3, clockless));
    const logs = (await logsOf(bench)).map(({ log }) => log);
    const all = (await Promise.all(logs.map((log) => bench.frames(log)))).flat();
    expect(all.map(({ columns }) => columns[0]!.start)).toEqual([
      1_799_999_998, 1_799_999_998, 1_799_999_998,
    ]);
  });
});

describe('a frame that is refused for good', () => {
  it.each([
    ['unknown-version', [2, 0]],
    ['unknown-vital', [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 9, 0, 77, 4, 0, 0, 0, 0, 1, 0, 0]],
    ['malformed', [1, 0, 0]],
  ])('is acknowledged as refused and leaves its place only: %s', async (reason, payload) => {
    const { bench, node } = await ward();
    const bytes = node.sealed(1, 1, Uint8Array.from(payload));
    await node.send(bytes);
    await expect.poll(() => node.answers.length).toBe(1);
    expect(lastAnswer(node)).toMatchObject({ sequence: 1, refused: [{ first: 1, last: 1 }] });
    const [frame] = await bench.frames();
    expect(frame).toMatchObject({ columns: [], segments: [], products: [] });
    await node.send(bytes);
    const status = await bench.status();
    expect(status.counters).toMatchObject({ [reason]: 1, accepted: 0, duplicate: 1 });
    expect(status.nodes[0]!.refused[reason]!.count).toBe(1);
  });

  it('is one whose time lies before 1970', async () => {
    const { bench, node } = await ward();
    await node.send(node.sealed(1, 1, frameOf(bench, { bootTimeMs: -100_000 })));
    expect((await bench.status()).counters).toMatchObject({ malformed: 1 });
  });
});

describe('a frame from the future', () => {
  it('is neither stored nor answered, and taken once its time has come', async () => {
    const { bench, node } = await ward();
    const bytes = node.sealed(1, 1, frameOf(bench, { bootTimeMs: bench.nowMs + 60_001 }));
    await node.send(bytes); // 120.001 s ahead.
    expect((await bench.status()).counters).toMatchObject({ 'far-future': 1, accepted: 0 });
    expect(await bench.frames()).toEqual([]);
    bench.nowMs += 1;
    await node.send(bytes);
    await expect.poll(() => node.answers.length).toBe(1);
    expect((await bench.status()).counters).toMatchObject({ 'far-future': 1, accepted: 1 });
  });

  it('is also one whose waveform reaches there', async () => {
    const { bench, node } = await ward();
    const segment = {
      ...({ waveform: findWaveform('ecg')!, lead: 'II', unit: 'mV', leadOff: false } as const),
      ...{ saturated: false, quality: 4, startUs: 60_000_000, rateMilliHz: 1, gain: 1 },
      ...{ baseline: 0, samples: new Int16Array(2) }, // One sample, 1,000 s later the next.
    };
    await node.send(node.sealed(1, 1, frameOf(bench, { columns: [], segments: [segment] })));
    expect((await bench.status()).counters).toMatchObject({ 'far-future': 1 });
  });
});

describe('an attacker', () => {
  it('who alters any byte of a frame gets it refused and the connection closed', async () => {
    const { bench, node } = await ward();
    const good = node.sealed(1, 1, frameOf(bench));
    let sender = node;
    for (let at = 0; at < good.length; at++) {
      const bytes = good.slice();
      bytes[at]! ^= 1 << (at % 8);
      await sender.refusedWith(bytes);
      sender = await bench.connect(node.credential);
    }
    const { counters } = await bench.status();
    expect(counters['bad-seal']! + counters['wrong-epoch']!).toBe(good.length);
    expect(counters['wrong-epoch']).toBe(2); // Its two bytes of the header.
    expect(counters['accepted']).toBe(0);
    expect(await bench.frames()).toEqual([]);
    await sender.send(good);
    expect((await bench.status()).counters).toMatchObject({ accepted: 1 });
  });

  it('who is enrolled cannot pass another node’s frame as its own, or speak for it', async () => {
    const { bench, node } = await ward();
    const other = await bench.connect(await bench.enroll('bed-2'));
    const stolen = node.sealed(1, 1, frameOf(bench));
    await other.refusedWith(stolen);
    expect((await bench.status()).counters).toMatchObject({ 'bad-seal': 1 });
    const third = await bench.connect(await bench.enroll('bed-3'));
    third.client.publish('vitalshare/bed-1/up', Buffer.from(stolen), { qos: 1 });
    await expect.poll(() => third.client.connected).toBe(false);
    expect((await bench.status()).counters).toMatchObject({ 'wrong-topic': 1, accepted: 0 });
    expect(node.client.connected).toBe(true);
  });

  it('with a wrong key or a wrong key epoch gets nowhere', async () => {
    const { bench, node } = await ward();
    const { credential } = node;
    const wrongKey = { ...credential, upKey: credential.downKey };
    const impostor = await bench.connect(wrongKey);
    await impostor.refusedWith(impostor.sealed(1, 1, frameOf(bench)));
    const wrongEpoch = await bench.connect({ ...credential, keyEpoch: 2 });
    await wrongEpoch.refusedWith(wrongEpoch.sealed(1, 1, frameOf(bench)));
    expect((await bench.status()).counters).toMatchObject({ 'bad-seal': 1, 'wrong-epoch': 1 });
  });

  it('who sends more than 65,536 bytes is cut off', async () => {
    const { bench, node } = await ward();
    await node.refusedWith(new Uint8Array(65_537));
    expect((await bench.status()).counters).toMatchObject({ 'too-large': 1 });
  });

  it('with a node’s name on another site is not shown the ward', async () => {
    const { bench } = await ward();
    const url = `http://127.0.0.1:${bench.gateway!.httpPort}`;
    const { request } = await import('node:http');
    const statusFor = (path: string, host: string): Promise<number> =>
      new Promise((resolve, reject) => {
        request(`${url}${path}`, { headers: { host } }, (response) => {
          response.destroy();
          resolve(response.statusCode!);
        })
          .on('error', reject)
          .end();
      });
    expect(await statusFor('/live', 'evil.example')).toBe(404);
    expect(await statusFor('/status.json', 'evil.example')).toBe(404);
    expect(await statusFor('/status.json', 'localhost')).toBe(200);
  });
});

describe('a revoked node', () => {
  it('is put off at the next refresh and not let in again', async () => {
    const { bench, node } = await ward();
    const { nodeFiles, writeEntry } = await import('./registry/node-files.ts');
    const entry = (await nodeFiles(bench.folder).read('bed-1'))!;
    await writeEntry(bench.folder, { ...entry, revoked: true });
    bench.tick();
    await expect.poll(() => node.client.connected).toBe(false);
    await expect(bench.connect(node.credential)).rejects.toThrow();
  });
});

describe('a node that is enrolled while the gateway runs', () => {
  it('is shown connected at once', async () => {
    const { bench } = await ward();
    await bench.connect(await bench.enroll('bed-2'));
    const shown = async () => (await bench.status()).nodes.find(({ node }) => node === 'bed-2');
    await expect.poll(async () => (await shown())?.connected).toBe(true);
  });
});

describe('node files that cannot be listed', () => {
  it('put nobody off, are told once, and are never read twice at once', async () => {
    const { bench, node } = await ward();
    const failing = Object.assign(new Error(), { code: 'EMFILE', syscall: 'scandir' });
    let reads = 0;
    bench.files.names = () => {
      reads += 1;
      return Promise.reject(failing);
    };
    for (let i = 0; i < 3; i++) {
      bench.tick();
      await new Promise(setImmediate);
    }
    expect(reads).toBe(3);
    expect(bench.said).toEqual([
      'the node files cannot be read (EMFILE); who is admitted stays as it was until they can.',
    ]);
    let list: ((names: string[]) => void) | undefined;
    bench.files.names = () => {
      reads += 1;
      return new Promise((resolve) => (list = resolve));
    };
    for (let i = 0; i < 3; i++) bench.tick();
    expect(reads).toBe(4);
    list!(['bed-1']);
    await node.send(node.sealed(1, 1, frameOf(bench)));
  });
});

describe('an error of the gateway itself', () => {
  it('over HTTP is told to the operator, once, and not to the client', async () => {
    const { bench } = await ward();
    const error = new RangeError('the cause');
    bench.page = () => Promise.reject(error);
    for (let i = 0; i < 2; i++) {
      const response = await fetch(`http://127.0.0.1:${bench.gateway!.httpPort}/`);
      expect(response.status).toBe(500);
      expect(await response.text()).not.toContain('the cause');
    }
    expect(bench.said).toEqual([`an error in the gateway: ${error.stack}`]);
  });
});

describe('a disk that fails', () => {
  it('between append and acknowledgement leaves the frame with the node', async () => {
    const disk = new MemoryDisk();
    const { bench, node } = await ward(disk);
    const bytes = node.sealed(1, 1, frameOf(bench));
    disk.fail('sync', 1_000_000);
    let acknowledged = false;
    const sent = node.send(bytes).then(
      () => (acknowledged = true),
      () => undefined,
    );
    await expect.poll(async () => (await bench.status()).log.failing).toBe('EIO');
    // Far longer than an answer takes that waits for no disk.
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect([acknowledged, node.answers.length]).toEqual([false, 0]);
    expect(await bench.frames()).toEqual([]);

    // The power goes before it is durable: what a new process finds is the disk as it was synced.
    await bench.stop();
    await sent;
    disk.crash(100);
    disk.fail('sync', 0);
    await bench.start();
    const again = await bench.connect(node.credential);
    await again.send(bytes);
    expect((await bench.status()).counters).toMatchObject({ accepted: 1, duplicate: 0 });
    expect(acknowledged).toBe(false);
  });

  it('acknowledges once it holds, without the node doing anything', async () => {
    const disk = new MemoryDisk();
    const { bench, node } = await ward(disk);
    disk.fail('full', 1_000_000);
    const sent = node.send(node.sealed(1, 1, frameOf(bench)));
    await expect.poll(async () => (await bench.status()).log.failing).toBe('ENOSPC');
    disk.fail('full', 0);
    await sent;
    expect((await bench.status()).log.failing).toBe('');
    expect(await bench.frames()).toHaveLength(1);
  });
});

describe('the log at start [S1]', () => {
  it('is a new one where the servers know more, and their tags count as received', async () => {
    const disk = new MemoryDisk();
    const { bench, node } = await ward(disk);
    const old = bench.gateway!.log;
    await node.send(node.sealed(1, 1, frameOf(bench)));
    const copy = [...disk.files].map(([name, { written, synced }]) => ({ name, written, synced }));
    await node.send(node.sealed(1, 2, frameOf(bench)));
    const later = await bench.frames();
    const { position } = (await bench.status()).log;
    const [head] = await logsOf(bench);
    await bench.stop();

    disk.files.clear();
    for (const { name, ...file } of copy) disk.files.set(name, file);
    bench.serversKnow({ [old]: { position, hash: head!.hash } });
    bench.tagsOf = (_log, from) => ({
      next: position,
      tags: from < position ? [later[1]!.tag] : [],
    });
    await bench.start();
    expect(bench.gateway!.log).not.toBe(old);
    expect(bench.said.join()).toContain('older copy');
    const again = await bench.connect(node.credential);
    await again.send(again.sealed(1, 2, frameOf(bench)));
    await expect.poll(() => again.answers.length).toBe(1);
    expect(lastAnswer(again)).toMatchObject({ sequence: 2, missing: [] });
    expect((await bench.status()).counters).toMatchObject({ accepted: 0, duplicate: 1 });
  });

  it('is a new one where another past of it is known', async () => {
    const { bench } = await ward();
    const { log } = bench.gateway!;
    const { position } = (await bench.status()).log;
    await bench.stop();
    bench.serversKnow({ [log]: { position, hash: 'A'.repeat(43) } });
    await bench.start();
    expect(bench.gateway!.log).not.toBe(log);
  });

  it('is a new one where too few servers can be asked, and says so', async () => {
    const { bench } = await ward();
    const { log } = bench.gateway!;
    await bench.stop();
    bench.serversKnow({});
    bench.heads = bench.heads.slice(0, 1);
    await bench.start();
    expect(bench.gateway!.log).not.toBe(log);
    expect(bench.said).toEqual([
      'only 1 of 3 data servers answered, 2 are needed to know that this folder is no older copy: a new log begins.',
    ]);
    expect((await logsOf(bench)).map((each) => each.log).sort()).toEqual(
      [log, bench.gateway!.log].sort(),
    );
  });
});

describe('a gateway that could ask nobody at start [S1]', () => {
  it('takes the tags it lacks once the servers answer, and from one that failed half-way', async () => {
    const disk = new MemoryDisk();
    const { bench, node } = await ward(disk);
    const old = bench.gateway!.log;
    const bytes = node.sealed(1, 1, frameOf(bench));
    await node.send(bytes);
    const [frame] = await bench.frames();
    const [head] = await logsOf(bench);
    await bench.stop();
    disk.files.clear(); // Restored without its logs.

    await bench.start();
    let asked = 0;
    bench.tagsOf = (_log, from) => {
      asked += 1;
      if (asked <= 3) throw new Error('the line broke'); // Every server once.
      const { position } = head!;
      return { next: position, tags: from < position ? [frame!.tag] : [] };
    };
    bench.serversKnow({ [old]: { position: head!.position, hash: head!.hash } });
    await expect.poll(() => asked).toBeGreaterThanOrEqual(9); // Then two calls each.
    const again = await bench.connect(node.credential);
    await again.send(bytes);
    expect((await bench.status()).counters).toMatchObject({ accepted: 0, duplicate: 1 });
  });
});

describe('a gateway that still asks its data servers', () => {
  /** Restarted where nobody answered: a new log, and the old one to be compared. */
  async function asking() {
    const disk = new MemoryDisk();
    const { bench } = await ward(disk);
    const [head] = await logsOf(bench);
    await bench.stop();
    await bench.start();
    return { bench, disk, head: head! };
  }

  it('ends with its question when it is stopped, and asks no more', async () => {
    const { bench } = await asking();
    const asked: AbortSignal[] = [];
    bench.headOf = (_server, signal) =>
      new Promise((_resolve, reject) => {
        asked.push(signal);
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
    await expect.poll(() => asked.length).toBe(3);
    const startedMs = performance.now();
    await bench.stop();
    expect(asked.map(({ aborted }) => aborted)).toEqual([true, true, true]);
    expect(performance.now() - startedMs).toBeLessThan(1_000); // A question may take 2 s.
  });

  it('says once that it cannot read its own log, and compares it when it can', async () => {
    const { bench, disk, head } = await asking();
    bench.said.length = 0;
    disk.fail('read', 3);
    bench.serversKnow({ [head.log]: { position: head.position, hash: head.hash } });
    let asked = 0;
    const { headOf } = bench;
    bench.headOf = (server, signal) => {
      asked += 1;
      return headOf(server, signal);
    };
    await expect.poll(() => asked).toBe(12); // Three servers: three times in vain, then once more.
    await new Promise((resolve) => setTimeout(resolve, 100)); // Five more rounds, if there were any.
    expect([asked, disk.met]).toEqual([12, 3]);
    expect(bench.said).toEqual([
      'its own log cannot be read to compare it with the data servers (EIO); trying again.',
    ]);
  });
});

describe('a folder of many logs', () => {
  it('is told from 200 on, and how to make no more', async () => {
    const disk = new MemoryDisk();
    const { bench } = await ward(disk);
    await bench.stop();
    const { identity, configDigest } = bench.party;
    const tools = {
      sign: signer(identity),
      clock: () => bench.nowMs,
      sleep: () => Promise.resolve(),
    };
    const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
    while (disk.files.size < 198) await createLog(disk, { configDigest, random }, [], tools);
    await bench.start();
    expect(bench.said.join()).not.toContain('logs,');
    await bench.stop();
    await bench.start();
    expect(bench.said.at(-1)).toMatch(
      /^this folder holds 200 logs, .*start the data servers before/,
    );
  });
});

interface LogHead {
  readonly log: string;
  readonly position: number;
  readonly hash: string;
}

async function logsOf(bench: Bench): Promise<LogHead[]> {
  const response = await fetch(`http://127.0.0.1:${bench.gateway!.httpPort}/logs`);
  return (await response.json()) as LogHead[];
}

describe('a node whose ECG stands still', () => {
  it('is found, and is well again; its frames are kept all the same', async () => {
    const { bench, node } = await ward();
    const bootTimeMs = bench.nowMs - 60_000;
    const send = async (second: number, isStill: boolean): Promise<void> => {
      bench.nowMs = bootTimeMs + 1_000 * (second + 1);
      const samples = Int16Array.from({ length: 250 }, (_, i) => (isStill ? 7 : (i * 37) % 200));
      const segment = {
        ...({ waveform: findWaveform('ecg')!, lead: 'II', unit: 'mV', leadOff: false } as const),
        ...{ saturated: false, quality: 4, startUs: 1e6 * second, rateMilliHz: 250_000 },
        ...{ gain: 200, baseline: 0, samples },
      };
      const more = { deviceTimeUs: 1e6 * (second + 1), bootTimeMs, columns: [] };
      const frame = frameOf(bench, { ...more, segments: [segment] });
      await node.send(node.sealed(1, second, frame));
    };
    for (let second = 60; second < 65; second++) await send(second, second >= 62);
    const still = (await bench.status()).sensors;
    // Boot is 1,799,999,940 s, and the channel stood still from its second 62 on.
    const fault = {
      node: 'bed-1',
      channel: 'ecg.II',
      kind: 'flat-line',
      sinceMs: 1_800_000_001_996,
    };
    expect(still.faulty).toEqual([fault]);
    expect(still.errors).toMatchObject({ 'flat-line': 1, spike: 0, 'data-lost': 0 });
    for (let second = 65; second < 77; second++) await send(second, false);
    const { sensors, counters } = await bench.status();
    expect(sensors).toMatchObject({ faulty: [], errors: { 'flat-line': 1 } });
    expect(counters).toMatchObject({ accepted: 17 });
  });
});
