/**
 * A gateway whose disk is full or slow, whose pages and followers misbehave: a whole one in this process,
 * its log on a disk that fails on command and on a small one that is really full. Limits are small here.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectNode } from '@vitalshare/edge/mqtt';
import { memoryJournal, Node } from '@vitalshare/edge/loop';
import { numericColumn } from '@vitalshare/edge/wire';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { Bench } from '../gateway.fixture.ts';
import type { Disk } from '../log/disk.ts';
import { MemoryDisk } from '../log/memory-disk.fixture.ts';
import { nodeDisk } from '../log/node-disk.ts';

const knobs = vi.hoisted(() => ({
  // Some thirty records: less than one node's window.
  ...{ LOG_QUEUE_BYTES_MAX: 40_000, PUBACK_HOLD_MS_MAX: 50 },
  ...{ HTTP_PAGE_PER_SECOND_MAX: 1, HTTP_PAGE_BURST: 100, HTTP_CONNECTIONS_MAX: 40 },
  HTTP_CONNECTIONS_PER_ADDRESS_MAX: 30,
  ...{ HTTP_LOG_PER_SECOND_MAX: 100, HTTP_LOG_BURST: 20, LIVE_CLIENTS_MAX: 2 },
}));
vi.mock('../limits.ts', async (importOriginal) => {
  const mocked = { ...(await importOriginal<Record<string, unknown>>()) };
  for (const name of Object.keys(knobs) as (keyof typeof knobs)[]) {
    Object.defineProperty(mocked, name, { get: () => knobs[name], enumerable: true });
  }
  return mocked;
});
const usual = { ...knobs };
const OFF = 1e9;

const root = mkdtempSync(join(tmpdir(), 'vitalshare-operations-'));
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
  Object.assign(knobs, usual);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const hold = (value: () => unknown) => vi.waitFor(value, { timeout: 15_000, interval: 20 });

async function ward(disk: Disk = new MemoryDisk()) {
  const bench = new Bench(disk);
  const credential = await bench.enroll('strap-07');
  await bench.start();
  const url = `http://127.0.0.1:${bench.gateway!.httpPort}`;
  const ticking = setInterval(() => bench.tick(), 50);
  undo.push(async () => {
    clearInterval(ticking);
    await bench.stop();
    bench.remove();
  });
  const get = async (path: string) => {
    const response = await fetch(url + path);
    return { status: response.status, text: await response.text() };
  };
  const metric = async (name: string): Promise<number> => {
    const { text } = await get('/metrics');
    const line = text.split('\n').find((each) => each.startsWith(`vitalshare_gateway_${name} `));
    return Number(line?.split(' ')[1]);
  };
  return { bench, credential, url, get, metric };
}

/** A real node, one heart rate a frame: frame i speaks of second i. */
function startNode({ bench, credential }: Awaited<ReturnType<typeof ward>>) {
  const node = new Node({
    credential: { ...credential, mqttUrl: `mqtt://127.0.0.1:${bench.gateway!.mqttPort}` },
    journal: memoryJournal(),
  });
  const connection = connectNode(node);
  undo.push(async () => {
    await node.close();
    await connection.close();
  });
  const bootTimeMs = bench.nowMs - 3_600_000;
  const offer = (second: number): void => {
    const columns = [numericColumn('heart-rate', second, [60 + (second % 60)], 4)];
    void node.offer({
      deviceTimeUs: 1e6 * (second + 1),
      bootTimeMs,
      columns,
      segments: [],
      events: [],
    });
  };
  return { node, ready: connection.ready, offer };
}

/** The newest second a page that watches has been told. */
async function watch(url: string): Promise<() => number> {
  const abort = new AbortController();
  undo.push(() => abort.abort());
  const response = await fetch(`${url}/live`, { signal: abort.signal });
  let [text, newest] = ['', 0];
  void (async () => {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text = (text + Buffer.from(chunk).toString()).slice(-4_096);
      for (const [, second] of text.matchAll(/"second":(\d+)/g))
        newest = Math.max(newest, Number(second));
    }
  })().catch(() => undefined);
  return () => newest;
}

interface Fillable {
  readonly disk: Disk;
  readonly fill: () => void;
  readonly free: () => void;
}

function memory(): Fillable {
  const disk = new MemoryDisk();
  return { disk, fill: () => disk.fail('full', OFF), free: () => disk.fail('full', 0) };
}

/** 256 kB that are really full. */
function small(): Fillable | null {
  const folder = join(root, 'small');
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return null;
  }
  undo.push(() => execFileSync('umount', ['-l', folder]));
  const ballast = join(folder, 'ballast');
  return {
    disk: nodeDisk(join(folder, 'logs')),
    fill: () => {
      try {
        for (let kilobytes = 4; ; kilobytes += 4)
          writeFileSync(ballast, Buffer.alloc(1024 * kilobytes));
      } catch {
        return;
      }
    },
    free: () => rmSync(ballast),
  };
}

async function fullDisk({ disk, fill, free }: Fillable): Promise<void> {
  const w = await ward(disk);
  const { get, metric, bench, url } = w;
  const { node, ready, offer } = startNode(w);
  await ready;
  const missing = async () =>
    (JSON.parse((await get('/readyz')).text) as { missing: { what: string }[] }).missing.map(
      ({ what }) => what,
    );
  const newest = await watch(url);
  const bootSecond = bench.nowMs / 1000 - 3_600;
  let second = 0;
  for (; second < 5; second++) offer(second);
  await node.drained();
  expect(node.counts.settled).toBe(5);

  fill();
  // More than a window of 64, more than the queue: then one frame now and then, as sensors send them.
  for (; second < 100; second++) offer(second);
  await hold(async () => expect((await bench.status()).log.failing).toBe('ENOSPC'));
  const told = newest();
  await hold(() => {
    offer(second++);
    expect(newest()).toBeGreaterThan(Math.max(told, bootSecond + 100));
  });
  const before = newest();
  await hold(() => {
    offer(second++);
    expect(newest()).toBeGreaterThan(before + 5);
  });
  // Acknowledging stands still, nobody was sent away, memory is bounded, and everything says so.
  expect(node.isConnected).toBe(true);
  expect(node.counts.live).toBeGreaterThan(0);
  expect(await metric('log_failing')).toBe(1);
  expect(await metric('log_queue_bytes')).toBeLessThan(40_000 + 2_048);
  const { counters, nodes } = await bench.status();
  expect([nodes[0]!.connected, counters['unsettled']! > 0]).toEqual([true, true]);
  const settled = node.counts.settled;
  expect([(await get('/readyz')).status, (await get('/healthz')).status]).toEqual([503, 200]);
  expect(await missing()).toContain('log-writable');
  expect(bench.said.some((sentence) => sentence.includes('the disk of the log is full'))).toBe(
    true,
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(node.counts.settled).toBe(settled);

  free();
  await hold(() => expect([node.bufferedFrames, node.counts.settled]).toEqual([0, second]));
  expect(await bench.frames()).toHaveLength(second);
  await hold(async () => expect(await missing()).not.toContain('log-writable'));
  expect(bench.said.at(-1)).toBe('the log is written again.');
}

describe('a gateway whose disk is full', () => {
  it('stops acknowledging, not working, and goes on by itself', () => fullDisk(memory()), 40_000);

  const isRoot = process.getuid?.() === 0 && small() !== null;
  for (const each of undo.splice(0)) each();
  it.skipIf(!isRoot)(
    'does so on 256 kB that are really full (skips where tmpfs cannot be mounted)',
    () => fullDisk(small()!),
    40_000,
  );

  it('that is slow slows the acknowledgement, and loses nothing', async () => {
    const disk = new MemoryDisk();
    const w = await ward(disk);
    const { node, ready, offer } = startNode(w);
    await ready;
    const slow = setInterval(
      () => void (disk.gate = new Promise((resolve) => setTimeout(resolve, 200))),
      200,
    );
    undo.push(() => clearInterval(slow));
    disk.gate = new Promise((resolve) => setTimeout(resolve, 200));
    for (let second = 0; second < 100; second++) offer(second);
    await node.drained();
    expect(await w.bench.frames()).toHaveLength(100);
    expect(node.counts).toMatchObject({ settled: 100, dropped: 0 });
    const { text } = await w.get('/metrics');
    const sum = /log_sync_seconds_sum (\S+)/.exec(text)![1];
    expect(Number(sum)).toBeGreaterThan(0.2);
  }, 40_000);
});

describe('a follower that is slow or stopped', () => {
  it('costs the ward nothing: it reads nothing and the rest goes on', async () => {
    knobs.LOG_QUEUE_BYTES_MAX = OFF;
    const w = await ward();
    const { node, ready, offer } = startNode(w);
    await ready;
    for (let second = 0; second < 50; second++) offer(second);
    await node.drained();
    const port = w.bench.gateway!.httpPort;
    for (let i = 0; i < 10; i++) {
      const socket = createConnection(port, '127.0.0.1');
      socket.on('error', () => undefined).pause();
      undo.push(() => socket.destroy());
      socket.write(
        `GET /log/${w.bench.gateway!.log}?from=0 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`.repeat(2),
      );
    }
    const fromMs = performance.now();
    for (let second = 50; second < 100; second++) offer(second);
    await node.drained();
    expect(node.counts.settled).toBe(100);
    expect(performance.now() - fromMs).toBeLessThan(2_000);
  });
});

describe('a host that holds connections', () => {
  const hold = async (port: number) => {
    const dial = async (localAddress: string) => {
      const socket = createConnection({ port, host: '127.0.0.1', localAddress });
      socket.on('error', () => undefined).resume();
      undo.push(() => socket.destroy());
      await new Promise((done) => socket.once('connect', done));
      return socket;
    };
    for (let i = 0; i < 40; i++) await dial('127.0.0.2');
    await new Promise((later) => setTimeout(later, 50));
    const follower = await dial('127.0.0.3');
    let heard = '';
    follower.on('data', (chunk) => (heard += String(chunk)));
    follower.write('GET /logs HTTP/1.1\r\nhost: x\r\n\r\n');
    await new Promise((later) => setTimeout(later, 200));
    return heard.split('\r\n')[0];
  };
  it('does not keep the followers out', async () => {
    const { bench, get } = await ward();
    expect(await hold(bench.gateway!.httpPort)).toBe('HTTP/1.1 200 OK');
    expect((await get('/metrics')).text).toContain('limited_total{limit="http-connections"} 10');
  });
  it('would without the limit', async () => {
    knobs.HTTP_CONNECTIONS_PER_ADDRESS_MAX = OFF;
    expect(await hold((await ward()).bench.gateway!.httpPort)).toBe('');
  });
});

describe('an address that asks the page in a loop', () => {
  const flood = async (get: (path: string) => Promise<{ status: number }>) => {
    const statuses: number[] = [];
    for (let i = 0; i < 130; i++) statuses.push((await get('/status.json')).status);
    return statuses.filter((status) => status === 429).length;
  };
  it('is refused, and the log is served all the same', async () => {
    const { get, url } = await ward();
    expect(await flood(get)).toBeGreaterThan(20);
    const response = await fetch(`${url}/status.json`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await response.json()).toMatchObject({ code: 'too-many', status: 429 });
    expect((await get('/logs')).status).toBe(200);
  });
  it('would be answered for ever without the limit', async () => {
    knobs.HTTP_PAGE_BURST = OFF;
    expect(await flood((await ward()).get)).toBe(0);
  });
  it('for the log is slowed, not refused', async () => {
    knobs.HTTP_PAGE_BURST = OFF;
    const { get } = await ward();
    const fromMs = performance.now();
    for (let i = 0; i < 60; i++) expect((await get('/logs')).status).toBe(200);
    // 20 at once, 40 more at 100 a second; the bench's waits are 20 ms at most.
    expect(performance.now() - fromMs).toBeGreaterThan(300);
    const { text } = await get('/metrics');
    expect(text).toMatch(/limited_total\{limit="log-rate"\} [1-9]/);
  });
  it('with more pages than there may be is told so, and counted', async () => {
    const { url, get } = await ward();
    for (let i = 0; i < 3; i++) await watch(url);
    await hold(async () =>
      expect((await get('/metrics')).text).toContain('limited_total{limit="pages"} 1'),
    );
  });
});

describe('metrics', () => {
  it('are for names of this machine, and say how frames ended', async () => {
    const w = await ward();
    const { node, ready, offer } = startNode(w);
    await ready;
    for (let second = 0; second < 10; second++) offer(second);
    await node.drained();
    const { text } = await w.get('/metrics');
    for (const line of [
      'vitalshare_gateway_outcomes_total{outcome="accepted"} 10',
      'vitalshare_gateway_outcomes_total{outcome="bad-seal"} 0',
      'vitalshare_gateway_acknowledgement_seconds_count 10',
      'vitalshare_gateway_nodes_connected 1',
      'vitalshare_gateway_nodes_silent 0',
      'vitalshare_gateway_window_ranges 1',
      'vitalshare_gateway_log_failing 0',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).not.toContain('strap-07');
    const status = await new Promise((resolve) => {
      const headers = { host: 'ward.example' };
      request(`${w.url}/metrics`, { headers }, ({ statusCode }) => resolve(statusCode)).end();
    });
    expect(status).toBe(404);
  });
});
