/**
 * Three data servers as processes of their own, over one log of so many rows, and a reader for them.
 *
 * Keys from a real ceremony; the log's bytes are what a gateway writes, served from this process. Ten
 * patients, three vital signs a second; respiratory rate has gaps, so that a question over all three
 * cannot be answered from summaries and is scanned.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sign, verify } from '@vitalshare/edge/identity/node';
import {
  loadGatewayKeys,
  loadParty,
  loadServerKeys,
  saveAddresses,
} from '@vitalshare/edge/keys/node';
import { toBase64Url } from '@vitalshare/edge/seal';
import type { ServerParty } from '../data-server/runs.ts';
import { type TestColumn, TestLog, type TestWorld } from '../data-server/world.fixture.ts';
import { COMMIT_EVERY_MS, LOG_REPLY_BYTES_MAX } from '../limits.ts';
import { parseHead } from '../messages/messages.ts';
import { platform, type ReaderParty, type Surroundings } from '../reader/reader.ts';

const PATIENTS = 10;
const FRAME_ROWS = 3_600;
const FRAMES_A_BATCH = 20;
const SERVERS = 3;
const START_SECOND = 1_700_000_000;
const command = fileURLToPath(new URL('../../simulator/vitalshare.mjs', import.meta.url));

export interface ThreeServers {
  readonly party: ReaderParty;
  readonly world: Surroundings;
  /** kB of anonymous memory of each server, as Linux counts it now. */
  anonymousKb(): number[];
  /** Seconds of CPU that each has had. */
  cpuSeconds(): number[];
  close(): Promise<void>;
}

export async function startThreeServers(
  folder: string,
  rows: number,
  say: (sentence: string) => void,
  threshold: 1 | 2 = 1,
): Promise<ThreeServers> {
  const make = [command, 'keys', 'make', '--dir', folder, '--threshold', String(threshold)];
  const made = spawnSync(process.execPath, make);
  if (made.status !== 0) throw new Error(`keys make: ${made.stderr.toString()}`);
  say(`splitting ${rows} rows of three vital signs ...`);
  const log = makeLog(testWorld(folder), rows);
  const host = await serveLog(log);
  const gateway = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
  const children: ChildProcess[] = [];
  try {
    const ports = await Promise.all(Array.from({ length: SERVERS }, freePort));
    const dataServers = ports.map((port) => `http://127.0.0.1:${port}`);
    for (const [i, port] of ports.entries()) {
      const dir = join(folder, `server-${i + 1}`);
      saveAddresses(dir, { listen: { host: '127.0.0.1', port }, gateway, dataServers });
      const child = spawn(
        process.execPath,
        [command, 'data-server', '--joint', '--json', '--dir', dir],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      children.push(child);
      await ready(child);
    }
    say('each of three servers derives its shares ...');
    await Promise.all(dataServers.map((url) => reached(url, log)));
    // Chunks rest, and summaries of them are kept, once they are committed.
    await new Promise((resolve) => setTimeout(resolve, COMMIT_EVERY_MS + 2_000));
    saveAddresses(join(folder, 'researcher'), { gateway, dataServers });
    const party = loadParty(join(folder, 'researcher'));
    return {
      party,
      world: { ...platform, sign, verify },
      anonymousKb: () => children.map(({ pid }) => anonymousKb(pid!)),
      cpuSeconds: () => children.map(({ pid }) => cpuSeconds(pid!)),
      close: () => stop(children, host),
    };
  } catch (error) {
    await stop(children, host);
    throw error;
  }
}

/** The parties of a world's folder, as the log fixture wants them. */
function testWorld(folder: string): TestWorld {
  const gateway = loadParty(join(folder, 'gateway'));
  const keys = loadGatewayKeys(join(folder, 'gateway'));
  const dataServers = Array.from({ length: SERVERS }, (_, i): ServerParty => {
    const dir = join(folder, `server-${i + 1}`);
    return { ...loadParty(dir), server: i + 1, keys: loadServerKeys(dir) };
  });
  return {
    ...gateway,
    gateway: gateway.identity,
    dataServers,
    researcher: loadParty(join(folder, 'researcher')).identity,
    physician: loadParty(join(folder, 'physician')).identity,
    split: keys.split,
    logKey: keys.log,
  };
}

function makeLog(world: TestWorld, rows: number): TestLog {
  const log = new TestLog(world);
  for (let patient = 1; patient <= PATIENTS; patient++) log.stay(patient, `bench-${patient}`);
  log.commit();
  const perPatient = Math.ceil(rows / PATIENTS);
  let pending = 0;
  for (let from = 0; from < perPatient; from += FRAME_ROWS) {
    const seconds = Array.from(
      { length: Math.min(FRAME_ROWS, perPatient - from) },
      (_, i) => START_SECOND + from + i,
    );
    for (let patient = 1; patient <= PATIENTS; patient++) {
      log.frame(patient, {
        'heart-rate': readings(seconds, 600, 400),
        spo2: readings(seconds, 900, 100),
        'respiratory-rate': readings(
          seconds.filter((second) => second % 16 !== 0),
          100,
          200,
        ),
      });
      if (++pending % FRAMES_A_BATCH === 0) log.commit();
    }
  }
  if (pending % FRAMES_A_BATCH !== 0) log.commit();
  return log;
}

/** Pseudo-random readings: what they are does not matter, that they differ does. */
const readings = (seconds: readonly number[], least: number, width: number): TestColumn =>
  new Map(seconds.map((second) => [second, least + ((second * 2_654_435_761) % width)]));

/** `GET /logs` and `GET /log/<log>`, as a gateway serves them (PROTOCOL.md, section 2). */
async function serveLog(log: TestLog): Promise<Server> {
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://127.0.0.1');
    if (url.pathname === '/logs') {
      const { name, position, hash, created } = log;
      const head = { log: name, position, hash: toBase64Url(hash), time: created };
      response.end(JSON.stringify([head]));
      return;
    }
    const bytes = replyFrom(log, Number(url.searchParams.get('from')));
    const waitMs = bytes.length === 0 ? Number(url.searchParams.get('wait')) : 0;
    setTimeout(() => response.end(bytes), waitMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Whole batches from `from` on, as many as fit into one reply. */
function replyFrom(log: TestLog, from: number): Uint8Array {
  const batches: Uint8Array[] = [];
  let length = 0;
  for (const { position, bytes } of log.batches) {
    if (position < from) continue;
    if ((length += bytes.length) > LOG_REPLY_BYTES_MAX) break;
    batches.push(bytes);
  }
  return Buffer.concat(batches);
}

async function ready(child: ChildProcess): Promise<void> {
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line.length > 0) return;
  }
  throw new Error('a data server ended before it was ready');
}

/** One that nobody had a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function reached(url: string, log: TestLog): Promise<void> {
  for (;;) {
    const response = await fetch(new URL('/head', url));
    const { heads } = parseHead(new Uint8Array(await response.arrayBuffer()));
    if ((heads[log.name]?.position ?? 0) >= log.position) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function anonymousKb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)![1]);
}

/** Linux counts hundredths. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function stop(children: readonly ChildProcess[], host: Server): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode !== null) return;
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await closed;
    }),
  );
  host.closeAllConnections();
  await new Promise((resolve) => host.close(resolve));
}
