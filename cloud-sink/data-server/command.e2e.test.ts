import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { toBase64Url } from '@vitalshare/edge/seal';
import { VITALS } from '@vitalshare/edge/vital';
import { parseHead } from '../messages/heads.ts';
import { column, logHost, makeWorld, TestLog, type TestWorld } from './world.fixture.ts';

const T = 1_700_000_000;
const START = join(import.meta.dirname, 'start.ts');
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

interface Run {
  readonly child: ChildProcess;
  readonly said: { out: string; err: string };
  readonly ended: Promise<number | null>;
}

const run = (...args: string[]): Run =>
  watch(spawn(process.execPath, ['--import', 'tsx', START, ...args]));

/** On a disk where no file may grow beyond `blocks` of 512 bytes (POSIX ulimit -f). */
const runFull = (blocks: number, ...args: string[]): Run => {
  const script = `ulimit -f ${blocks} && exec "$@"`;
  return watch(
    spawn('sh', ['-c', script, 'sh', process.execPath, '--import', 'tsx', START, ...args]),
  );
};

function watch(child: ChildProcess): Run {
  const said = { out: '', err: '' };
  child.stdout!.on('data', (text: Buffer) => (said.out += text.toString()));
  child.stderr!.on('data', (text: Buffer) => (said.err += text.toString()));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  undo.push(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, said, ended };
}

async function until<Value>(
  probe: () => Promise<Value | undefined> | Value | undefined,
): Promise<Value> {
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'vitalshare-server-'));
  undo.push(() => rmSync(made, { recursive: true }));
  return made;
}

/** Serves the log over real HTTP; returns its address. */
async function gatewayOf(logs: readonly TestLog[]): Promise<string> {
  const host = logHost(logs);
  const server = createServer((request, response) => {
    void host(`http://gateway.test${request.url!}`).then(async (reply) => {
      response.statusCode = reply.status;
      response.end(Buffer.from(await reply.arrayBuffer()));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The party folder of server 1. */
function partyFolder(world: TestWorld, gateway: string): string {
  const made = join(folder(), 'server-1');
  mkdirSync(made, { mode: 0o700 });
  const { identity, keys } = world.dataServers[0]!;
  const keyMap = (map: ReadonlyMap<number, Uint8Array>) =>
    Object.fromEntries([...map].map(([mask, key]) => [mask, toBase64Url(key)]));
  const nobody = 'http://127.0.0.1:9';
  const files = {
    identity,
    configuration: world.configuration,
    addresses: {
      listen: { host: '127.0.0.1', port: 0 },
      gateway,
      dataServers: world.dataServers.map(() => nobody),
    },
    keys: {
      split: { 1: keyMap(keys.split.get(1)!) },
      log: toBase64Url(keys.log),
      zero: keyMap(keys.zero),
    },
  };
  for (const [name, value] of Object.entries(files)) {
    const file = join(made, `${name}.json`);
    writeFileSync(file, JSON.stringify(value));
    chmodSync(file, 0o600);
  }
  return made;
}

const READY = /^data server 1 of 3 listens at (http:\/\/127\.0\.0\.1:\d+)\n$/;

async function positionAt(url: string, log: TestLog): Promise<number> {
  const reply = await fetch(`${url}/head`);
  const head = parseHead(new Uint8Array(await reply.arrayBuffer()));
  return head.heads[log.name]?.position ?? 0;
}

const reached = (url: string, log: TestLog) =>
  until(async () => ((await positionAt(url, log)) === log.position ? true : undefined));

describe('the process of a data server', () => {
  it('says once where it listens, follows the log, survives kill -9 and ends on SIGTERM', async () => {
    const world = makeWorld();
    const log = new TestLog(world);
    log
      .stay(1, 'bed-1')
      .frame(1, { spo2: column(T, [970, 971]) })
      .commit();
    const dir = partyFolder(world, await gatewayOf([log]));

    // Stopped once, so that something is on disk when the next one is killed.
    const before = run('--dir', dir);
    await reached(await until(() => READY.exec(before.said.out)?.[1]), log);
    before.child.kill('SIGTERM');
    expect(await before.ended).toBe(0);

    const first = run('--dir', dir);
    const url = await until(() => READY.exec(first.said.out)?.[1]);
    log.frame(1, { spo2: column(T + 1, [980, 981]) }).commit();
    await reached(url, log);
    const twin = run('--dir', dir);
    expect(await twin.ended).toBe(1);
    expect(twin.said.err).toMatch(
      `a data server already runs on ${dir} as process ${first.child.pid}`,
    );
    first.child.kill('SIGKILL');
    await first.ended;

    const second = run('--dir', dir, '--json');
    const ready = await until(() => (second.said.out.endsWith('\n') ? second.said.out : undefined));
    const line = JSON.parse(ready) as {
      ready: boolean;
      server: number;
      servers: number;
      url: string;
    };
    expect(line).toMatchObject({ ready: true, server: 1, servers: 3 });
    await reached(line.url, log);
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    expect([first.said.err, second.said.err]).toEqual(['', '']);

    // What was applied before the end is there at once, without a gateway.
    const quiet = partyFolderWithout(dir);
    const third = run('--dir', quiet);
    const again = await until(() => READY.exec(third.said.out)?.[1]);
    expect(await positionAt(again, log)).toBe(log.position);
    // Said once, and only when it lasts.
    await until(() => third.said.err || undefined);
    third.child.kill('SIGINT');
    expect(await third.ended).toBe(0);
    expect(third.said.err).toMatch(
      /^data server 1: the gateway: no connection.*; trying again\.\n$/,
    );
  });

  it.each([
    ['without --dir', [], 2, /--dir is missing/],
    [
      'with a folder that is not there',
      ['--dir', '/nowhere/server-1'],
      1,
      /identity\.json is missing; make/,
    ],
    ['with an option nobody knows', ['--port', '1'], 2, /Unknown option '--port'/],
  ])('fails %s with one sentence', async (_name, args, code, sentence) => {
    const { said, ended } = run(...args);
    expect(await ended).toBe(code);
    expect(said.err).toMatch(sentence);
    expect(said.err.trim().split('\n')).toHaveLength(1);
    expect(said.out).toBe('');
  });

  it('ends on a full disk with one sentence, and goes on when there is room again', async () => {
    const world = makeWorld();
    const log = new TestLog(world);
    // Each stay costs a chunk of 32.5 kB: one that is committed, then 4 MB on a disk of 1 MB.
    log.stay(1, 'bed-1').frame(1, { spo2: column(T, [970]) });
    log.commit();
    const dir = partyFolder(world, await gatewayOf([log]));
    const first = run('--dir', dir);
    await reached(await until(() => READY.exec(first.said.out)?.[1]), log);
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    const committed = log.position;

    const numbers = Array.from({ length: 130 }, (_, i) => i + 2);
    for (const number of numbers) {
      log.stay(number, `bed-${number}`).frame(number, { spo2: column(T, [970]) });
    }
    log.commit();
    const sentence =
      /^vitalshare data-server: the store in \S+ cannot be used \(.+\); free or repair that disk and start again, nothing that was committed is lost\.\n$/;
    const full = runFull(2_048, '--dir', dir);
    await reached(await until(() => READY.exec(full.said.out)?.[1]), log);
    full.child.kill('SIGTERM');
    expect(await full.ended).toBe(1);
    expect(full.said.err).toMatch(sentence);

    // Too much to hold until the clock says so: the commit comes from the following.
    // T % 4000 = 0, so these two seconds are in two chunks: 130 · 8 · 2 of them.
    const names = VITALS.slice(0, 8).map(({ name }) => name);
    const across = column(T + 3999, [0, 0]);
    const columns = Object.fromEntries(names.map((name) => [name, across]));
    for (const number of numbers) log.frame(number, columns);
    log.commit();
    const alone = runFull(2_048, '--dir', dir);
    expect(await alone.ended).toBe(1);
    expect(alone.said.err).toMatch(sentence);

    const addresses = readFileSync(join(dir, 'addresses.json'), 'utf8');
    const quiet = run('--dir', partyFolderWithout(dir));
    const held = await until(() => READY.exec(quiet.said.out)?.[1]);
    expect(await positionAt(held, log)).toBe(committed);
    quiet.child.kill('SIGKILL');
    await quiet.ended;
    setFile(dir, 'addresses', JSON.parse(addresses) as unknown);
    const last = run('--dir', dir);
    await reached(await until(() => READY.exec(last.said.out)?.[1]), log);
    last.child.kill('SIGTERM');
    expect(await last.ended).toBe(0);
    expect(last.said.err).toBe('');
  });

  it('fails without keys, on a taken port and in the folder of another role', async () => {
    const world = makeWorld();
    const log = new TestLog(world);
    const gateway = await gatewayOf([log]);

    const keyless = partyFolder(world, gateway);
    rmSync(join(keyless, 'keys.json'));
    const taken = partyFolder(world, gateway);
    const { port } = new URL(gateway);
    setFile(taken, 'addresses', {
      listen: { host: '127.0.0.1', port: Number(port) },
      gateway,
      dataServers: [gateway, gateway, gateway],
    });
    const foreign = partyFolder(world, gateway);
    setFile(foreign, 'identity', world.researcher);

    const runs = [keyless, taken, foreign].map((dir) => run('--dir', dir));
    expect(await Promise.all(runs.map(({ ended }) => ended))).toEqual([1, 1, 1]);
    expect(runs[0]!.said.err).toMatch(/keys\.json is missing; the key ceremony writes it/);
    expect(runs[1]!.said.err).toMatch(/is taken by another process; stop that one or change/);
    expect(runs[2]!.said.err).toMatch(/is the folder of a researcher/);
    for (const { said } of runs) expect(said.err.trim().split('\n')).toHaveLength(1);
  });
});

function setFile(dir: string, name: string, value: unknown): void {
  writeFileSync(join(dir, `${name}.json`), JSON.stringify(value), { mode: 0o600 });
}

/** The same folder, its gateway gone. */
function partyFolderWithout(dir: string): string {
  const gone = 'http://127.0.0.1:9';
  setFile(dir, 'addresses', {
    listen: { host: '127.0.0.1', port: 0 },
    gateway: gone,
    dataServers: [gone, gone, gone],
  });
  return dir;
}
