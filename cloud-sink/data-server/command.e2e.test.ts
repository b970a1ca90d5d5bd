import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { toBase64Url } from '@vitalshare/edge/seal';
import { VITALS } from '@vitalshare/edge/vital';
import { parseHead } from '../messages/heads.ts';
import { CheckedStore } from './checked-store.ts';
import { LmdbStore } from './store-lmdb.ts';
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

const UNSHARE = ['-Urmpf', '--kill-child'];
const canMount =
  spawnSync('unshare', [...UNSHARE, 'mount', '-t', 'tmpfs', 'none', tmpdir()]).status === 0;

/** A data server on a disk of its own, full until `$GO/room` is there; after `$GO/end` it is scrubbed. */
const ON_A_SMALL_DISK = `
  mount -t tmpfs -o size=100m none "$DISK" && cp -r "$PARTY/." "$DISK" || exit 8
  head -c 90000000 /dev/zero > "$DISK/ballast"
  "$NODE" --import tsx "$START" --dir "$DISK" & server=$!
  while [ ! -e "$GO/room" ]; do sleep 0.1; done
  rm "$DISK/ballast"
  while [ ! -e "$GO/end" ]; do sleep 0.1; done
  kill -TERM $server; wait $server || exit 9
  "$NODE" --import tsx "$START" scrub --json --dir "$DISK"`;

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

  it('[PROTO-46] goes on answering on a full disk, says so once, and has all of it when there is room', async () => {
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
    // Too much to hold until the clock says so: the commit comes from the following.
    // T % 4000 = 0, so these two seconds are in two chunks: 130 · 8 · 2 of them.
    const names = VITALS.slice(0, 8).map(({ name }) => name);
    const across = column(T + 3999, [0, 0]);
    const columns = Object.fromEntries(names.map((name) => [name, across]));
    for (const number of numbers) log.frame(number, columns);
    log.commit();
    const full = runFull(2_048, '--dir', dir);
    const url = await until(() => READY.exec(full.said.out)?.[1]);
    const sentence =
      /^data server 1: the store takes nothing \(.+\); free that disk: it goes on answering .*\.\n/;
    await until(() => sentence.exec(full.said.err) ?? undefined);
    const held = await positionAt(url, log);
    log.frame(2, { spo2: column(T + 1, [970]) }).commit();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await positionAt(url, log)).toBe(held);
    full.child.kill('SIGTERM');
    expect(await full.ended).toBe(1);
    expect(full.said.err.split('\n').slice(1)).toEqual([
      expect.stringMatching(
        /^vitalshare data-server: the store in \S+ cannot be used \(.+\); free or repair that disk and start again, nothing that was committed is lost\.$/,
      ),
      '',
    ]);

    const addresses = readFileSync(join(dir, 'addresses.json'), 'utf8');
    const quiet = run('--dir', partyFolderWithout(dir));
    const alone = await until(() => READY.exec(quiet.said.out)?.[1]);
    expect(await positionAt(alone, log)).toBe(committed);
    quiet.child.kill('SIGKILL');
    await quiet.ended;
    setFile(dir, 'addresses', JSON.parse(addresses) as unknown);
    const last = run('--dir', dir);
    await reached(await until(() => READY.exec(last.said.out)?.[1]), log);
    last.child.kill('SIGTERM');
    expect(await last.ended).toBe(0);
    expect(last.said.err).toBe('');
  });

  it.skipIf(!canMount)(
    `[PROTO-46] fills a disk of 100 MB and recovers by itself${canMount ? '' : ' (skips where no tmpfs can be mounted)'}`,
    async () => {
      const world = makeWorld();
      const log = new TestLog(world);
      const names = VITALS.slice(0, 8).map(({ name }) => name);
      const across = column(T + 3999, [0, 0]);
      const columns = Object.fromEntries(names.map((name) => [name, across]));
      for (let number = 1; number <= 130; number++) {
        log.stay(number, `bed-${number}`).frame(number, columns);
      }
      log.commit();
      const go = folder();
      const env = {
        ...process.env,
        ...{ PARTY: partyFolder(world, await gatewayOf([log])), DISK: folder(), GO: go },
        ...{ NODE: process.execPath, START },
      };
      const full = watch(spawn('unshare', [...UNSHARE, 'sh', '-c', ON_A_SMALL_DISK], { env }));
      const url = await until(() => READY.exec(full.said.out)?.[1]);
      await reached(url, log);
      await until(() => /the store takes nothing/.exec(full.said.err) ?? undefined);
      log.frame(1, { spo2: column(T + 5_000, [980]) }).commit();
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(await positionAt(url, log)).toBe(log.position - 1);
      writeFileSync(join(go, 'room'), '');
      await reached(url, log);
      await until(() => /takes what came again; nothing was lost/.exec(full.said.err) ?? undefined);
      writeFileSync(join(go, 'end'), '');
      expect(await full.ended).toBe(0);
      const report = full.said.out.trim().split('\n').at(-1)!;
      const values = { shares: 130 * 8 * 2, arrivals: 130 * 8 * 2, frames: 131, stays: 130 };
      expect(JSON.parse(report)).toMatchObject({ whole: true, values });
      expect(full.said.err.match(/the store takes nothing/g)).toHaveLength(1);
    },
  );

  it('[PROTO-45] names a share whose bit flipped, refuses nothing else and mends it from the log', async () => {
    const world = makeWorld();
    const log = new TestLog(world);
    log
      .stay(1, 'bed-1')
      .frame(1, { spo2: column(T, [970, 971]) })
      .frame(1, { spo2: column(T + 5_000, [980]) });
    log.commit();
    const dir = partyFolder(world, await gatewayOf([log]));
    const first = run('--dir', dir);
    await reached(await until(() => READY.exec(first.said.out)?.[1]), log);
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    const inspect = run('inspect', '--dir', dir, '--json');
    expect(await inspect.ended).toBe(0);
    expect(JSON.parse(inspect.said.out)).toMatchObject({
      vitals: { spo2: { rows: 3 } },
      damages: [],
    });

    const file = join(dir, 'store/data.mdb');
    const store = new CheckedStore(new LmdbStore(join(dir, 'store'), { readOnly: true }));
    const [key] = store.keys('shares', Uint8Array.of(0), new Uint8Array(11).fill(255));
    const value = store.inner.get('shares', key!)!;
    await store.close();
    const bytes = readFileSync(file);
    const at = bytes.indexOf(value);
    expect(at).toBeGreaterThan(0);
    bytes[at + 501]! ^= 4;
    writeFileSync(file, bytes);

    const scrub = run('scrub', '--dir', dir);
    expect(await scrub.ended).toBe(1);
    expect(scrub.said.out).toMatch(
      /^damaged: spo2 of stay bed-1 \(log [0-9a-f]{8}\) from 2023-11-14T22:13:20Z to 2023-11-14T23:20:00Z\n.* 1 damaged\n/,
    );
    // The next frame into that chunk finds it: it waits, the chunk is mended, it goes on.
    const second = run('--dir', dir);
    const url = await until(() => READY.exec(second.said.out)?.[1]);
    log.frame(1, { spo2: column(T + 2, [972]) }).commit();
    await reached(url, log);
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    expect(second.said.err).toMatch(
      /^data server 1: spo2 of stay bed-1 .* is damaged on disk; .*\n.* is whole again\.\n$/,
    );
    const after = run('scrub', '--dir', dir, '--json');
    expect(await after.ended).toBe(0);
    expect(JSON.parse(after.said.out)).toMatchObject({ whole: true, damages: [] });
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
