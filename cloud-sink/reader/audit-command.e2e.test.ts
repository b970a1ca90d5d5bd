/**
 * `vitalshare audit` and the evidence of `vitalshare stats` against four real data servers over HTTP,
 * one of whose disks has flipped a bit: what is typed, what comes out, which exit code.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { type Command, runCommand } from '@vitalshare/edge/command/node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type DataServer, startDataServer } from '../data-server/server.ts';
import { MemoryStore } from '../data-server/store-memory.fixture.ts';
import { column, logHost, makeWorld, random, TestLog } from '../data-server/world.fixture.ts';
import { command as auditCommand } from './audit-command.ts';
import { command as statsCommand } from './stats-command.ts';

/** Second 4,000 · 447,500: slot 0 of its chunk. */
const START = 1_790_000_000;
const world = makeWorld(4, 1, 1);
const log = new TestLog(world);
let dir = '';
let servers: DataServer[] = [];

async function ran(command: Command, ...argv: string[]) {
  let [out, err] = ['', ''];
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
  try {
    const code = await runCommand('it', command, argv);
    return { code, out, err };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}
const folderOf = (role: string): string => join(dir, role);
const audit = (...argv: string[]) => ran(auditCommand, ...argv, '--dir', dir);

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'vitalshare-audit-'));
  log.stay(1, 'bed-1').stay(2, 'bed-2');
  log.frame(1, { 'heart-rate': column(START, [720, 740]), spo2: column(START, [970, 965]) });
  log.frame(2, { 'heart-rate': column(START, [910, 905]), spo2: column(START, [930, 941]) });
  log.commit();
  servers = await Promise.all(
    world.dataServers.map((party) =>
      startDataServer({
        party,
        store: new MemoryStore(),
        gateway: 'http://gateway.test',
        host: '127.0.0.1',
        port: 0,
        clock: () => Date.now(),
        random,
        fetch: logHost([log]),
        sleep: async (ms, signal) => {
          await setTimeout(ms, undefined, { signal }).catch(() => undefined);
        },
        breathe: () => setImmediate(),
        report: (sentence) => process.stderr.write(`${sentence}\n`),
      }),
    ),
  );
  const dataServers = servers.map(({ port }) => `http://127.0.0.1:${port}`);
  const parties = { researcher: world.researcher, physician: world.physician };
  const administrator = { 'server-3': world.dataServers[2]!.identity };
  for (const [name, identity] of Object.entries({ ...parties, ...administrator })) {
    mkdirSync(folderOf(name), { mode: 0o700 });
    const put = (file: string, value: unknown) =>
      writeFileSync(join(folderOf(name), file), JSON.stringify(value), { mode: 0o600 });
    put('identity.json', identity);
    put('configuration.json', world.configuration);
    put('addresses.json', { gateway: 'http://127.0.0.1:9', dataServers });
  }
  const asOf = { [log.name]: log.position };
  await Promise.all(servers.map(({ applier }) => applier.reached(asOf, setTimeout(20_000))));
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  rmSync(dir, { recursive: true, force: true });
});

describe('vitalshare audit', () => {
  it('says that shares fit together, to a researcher and to an administrator', async () => {
    const fits =
      '8 shares of heart-rate and spo2 at servers 1, 2, 3 and 4 fit together (verified).\n';
    expect(await audit('heart-rate', 'spo2')).toEqual({ code: 0, out: fits, err: '' });
    const own = await ran(auditCommand, 'spo2', '--dir', folderOf('server-3'), '--json');
    expect(own.code).toBe(0);
    expect(JSON.parse(own.out)).toEqual({
      vitals: ['spo2'],
      count: 4,
      servers: [1, 2, 3, 4],
      verdict: 'verified',
      named: [],
      asOf: { [log.name]: log.position },
    });
  });

  it('wrong calls give a sentence', async () => {
    expect(await audit()).toMatchObject({ code: 2, err: /Name a vital sign/ });
    expect((await audit('hart-rate')).err).toMatch(/Did you mean heart-rate/);
    const physician = await ran(auditCommand, 'spo2', '--dir', folderOf('physician'));
    expect([physician.code, physician.out]).toEqual([1, '']);
    expect(physician.err).toMatch(/an audit needs a researcher or a data server/);
    expect((await audit('--evidence', join(dir, 'nowhere'))).code).toBe(2);
  });

  it('after a bit flipped, the server is named; so it is by a statistic, with evidence', async () => {
    const { books, columns } = servers[1]!.applier;
    const key = { log: books.logs[0]!.index, stay: 2, vitals: [1] };
    const chunk = columns.change(key, 447_500);
    chunk.lows[0] = chunk.lows[0]! ^ 4;
    expect(await audit('heart-rate', 'spo2')).toEqual({
      code: 1,
      out: 'server 2 keeps wrong shares or miscounts them, of 8 shares of heart-rate and spo2 at servers 1, 2, 3 and 4.\n',
      err: '',
    });
    expect((await audit('spo2')).code).toBe(0);

    const file = join(dir, 'evidence.json');
    const stats = ['mean', 'heart-rate', '--evidence', file, '--dir', dir];
    const mean = await ran(statsCommand, ...stats);
    expect(mean.code).toBe(0);
    expect(mean.out).toMatch(
      /is 81\.875 \/min, over 4 rows .* from servers 1, 3 and 4 \(verified\)/,
    );
    expect(mean.err).toMatch(/the evidence against server 2 is in .*evidence\.json/);
    expect(mean.err).toMatch(/server 2: it answered wrongly and was left out/);
    expect(statSync(file).mode & 0o077).toBe(0);
    const held = readFileSync(file, 'utf8');
    expect(held).not.toContain(world.researcher.signSecret);
    expect(held).not.toContain(world.researcher.sealSecret);

    // Whoever has the configuration can check it, as often as it takes.
    const checked = await ran(auditCommand, '--evidence', file, '--dir', folderOf('physician'));
    expect([checked.code, checked.err]).toEqual([0, '']);
    expect(checked.out).toMatch(
      /evidence\.json proves that server 2 answered a question about heart-rate/,
    );
    expect(await ran(statsCommand, ...stats)).toMatchObject({ code: 2, out: '' });

    const forged = join(dir, 'forged.json');
    writeFileSync(forged, held.replace(/"named": \[\s*2\s*\]/, '"named": [3]'));
    const refused = await audit('--evidence', forged);
    expect([refused.code, refused.out]).toEqual([1, '']);
    expect(refused.err).toMatch(/proves nothing: .* show server 2 to be wrong, not who is accused/);
  });

  it('no file is written where nobody is named', async () => {
    const file = join(dir, 'none.json');
    const mean = await ran(statsCommand, 'mean', 'spo2', '--evidence', file, '--dir', dir);
    expect([mean.code, mean.err, existsSync(file)]).toEqual([0, '', false]);
  });
});
