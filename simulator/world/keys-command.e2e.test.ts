import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadGatewayKeys, loadMember, loadServerKeys } from '@vitalshare/edge/keys/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const COMMAND = fileURLToPath(new URL('../../vitalshare.ts', import.meta.url));
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'vitalshare-keys-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function vitalshare(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['--import', 'tsx', COMMAND, ...args], { encoding: 'utf8' });
}

/** Every 43-character base64url word of a folder's secret files. */
function secretsOf(folder: string): string[] {
  return ['identity.json', 'keys.json']
    .map((name) => join(folder, name))
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').match(/(?<=")[\w-]{43}(?=")/g) ?? []);
}

describe('vitalshare keys make [S10]', () => {
  it('makes worlds that share no key, whoever asks for one', () => {
    const [first, second] = ['a', 'b'].map((name) => {
      const dir = join(root, name);
      const made = vitalshare('keys', 'make', '--dir', dir, '--json');
      expect(made.status, made.stderr).toBe(0);
      const folders = readdirSync(dir).sort();
      expect(folders).toEqual([
        'gateway',
        'physician',
        'researcher',
        'server-1',
        'server-2',
        'server-3',
      ]);
      const { configDigest } = loadMember(join(dir, 'gateway'));
      expect(JSON.parse(made.stdout)).toEqual({
        event: 'made',
        dir,
        servers: 3,
        threshold: 1,
        minimumCohort: 5,
        config: configDigest,
      });
      for (const folder of folders) {
        expect(loadMember(join(dir, folder)).configDigest).toBe(configDigest);
      }
      return folders.map((folder) => secretsOf(join(dir, folder)));
    });
    // Identities: 4 words each. Keys: 3 + log + tag at the gateway, 2 + log + 2 at a server.
    expect(first!.map((secrets) => secrets.length)).toEqual([9, 4, 4, 9, 9, 9]);
    const all = new Set(first!.flat());
    expect(second!.flat().filter((secret) => all.has(secret))).toEqual([]);
  });

  it('has no seed', () => {
    const dir = join(root, 'seeded');
    const refused = vitalshare('keys', 'make', '--dir', dir, '--seed', '1');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain("Unknown option '--seed'");
    expect(existsSync(dir)).toBe(false);
  });

  it('never overwrites a world', () => {
    const dir = join(root, 'a');
    const digest = (): string =>
      createHash('sha256')
        .update(readFileSync(join(dir, 'server-1/keys.json')))
        .digest('hex');
    const before = digest();
    const again = vitalshare('keys', 'make', '--dir', dir);
    expect(again.status).toBe(1);
    expect(again.stderr).toMatch(/is not empty; keys are never overwritten/);
    expect(again.stderr).not.toContain('    at ');
    expect(digest()).toBe(before);
  });

  it.each([
    [['--servers', '3', '--threshold', '3'], /threshold must be a whole number from 1 to 2/],
    [['--servers', '16', '--threshold', '8'], /need 12870 keys/],
    [['--servers', '17'], /--servers must be a whole number from 2 to 16/],
    [['--minimum-cohort', '0'], /--minimum-cohort must be a whole number from 1/],
  ])('refuses %j with a sentence and exit code 2', (options, sentence) => {
    const dir = join(root, 'refused');
    const { status, stderr } = vitalshare('keys', 'make', '--dir', dir, ...options);
    expect(status).toBe(2);
    expect(stderr).toMatch(sentence);
    expect(existsSync(dir)).toBe(false);
  });
});

it('makes the same kind of world by hand, with files carried between hosts [S10]', () => {
  const hosts = join(root, 'hosts');
  const carried = join(root, 'carried');
  for (const folder of [hosts, carried]) spawnSync('mkdir', ['-p', folder]);
  const host = (name: string): string => join(hosts, name);
  const carry = (name: string, text: string): string => {
    const file = join(carried, name);
    writeFileSync(file, text);
    return file;
  };
  const run = (...args: string[]): string => {
    const { status, stdout, stderr } = vitalshare('keys', ...args);
    expect(status, stderr).toBe(0);
    return stdout;
  };
  const roles = { gateway: 'gateway', one: 'data-server', two: 'data-server', res: 'researcher' };
  const publics = Object.entries(roles).map(([name, role]) =>
    carry(`${name}.public.json`, run('identity', '--dir', host(name), '--role', role)),
  );
  const configuration = carry('configuration.json', run('configuration', ...publics));
  const step = (verb: string, name: string, ...files: string[]): string =>
    run(verb, '--dir', host(name), '--configuration', configuration, ...files);
  const messages = [
    carry('gateway.messages', step('deal', 'gateway')),
    carry('one.messages', step('contribute', 'one')),
    carry('two.messages', step('contribute', 'two')),
  ];
  const early = vitalshare('keys', 'accept', '--dir', host('one'), messages[2]!);
  expect([early.status, early.stderr]).toEqual([
    1,
    expect.stringContaining('the message of gateway is missing'),
  ]);
  step('accept', 'one', ...messages);
  step('accept', 'two', ...messages);
  step('accept', 'res');
  const gateway = loadGatewayKeys(host('gateway'));
  const one = loadServerKeys(host('one'));
  const two = loadServerKeys(host('two'));
  // n = 2, t = 1: each set is one server alone.
  expect([...one.split.get(1)!.keys()]).toEqual([1]);
  expect([...two.split.get(1)!.keys()]).toEqual([2]);
  expect(one.split.get(1)!.get(1)).toEqual(gateway.split.get(1));
  expect(loadMember(host('res')).identity.role).toBe('researcher');
  const publicWords = new Set(readFileSync(configuration, 'utf8').match(/[\w-]{43}/g));
  const secrets = ['gateway', 'one', 'two', 'res']
    .flatMap((name) => secretsOf(host(name)))
    .filter((word) => !publicWords.has(word));
  // Two secrets of each identity; 2 + log + tag, twice 1 + log + 1.
  expect(secrets).toHaveLength(8 + 4 + 6);
  for (const name of readdirSync(carried)) {
    const text = readFileSync(join(carried, name), 'utf8');
    for (const secret of secrets) expect(text, name).not.toContain(secret);
  }
});
