import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withoutSum } from '../seal/seal.ts';
import { urlAt } from './addresses.ts';
import { loadGatewayKeys, loadServerKeys } from './key-files.ts';
import { loadParty, saveAddresses } from './party.ts';
import { keyedWorld, type TestWorld } from './world.fixture.ts';

let world: TestWorld;
const ADDRESSES = {
  listen: { host: '127.0.0.1', port: 8101 },
  gateway: 'http://127.0.0.1:8080',
  dataServers: ['http://127.0.0.1:8101', 'http://127.0.0.1:8102', 'http://127.0.0.1:8103'],
};

beforeAll(() => {
  world = keyedWorld(3, 1);
  for (const folder of [world.gateway, ...world.servers]) saveAddresses(folder, ADDRESSES);
});
afterAll(() => rmSync(world.root, { recursive: true, force: true }));

/** The error of `load` after `file` was changed by `edit`; the file is put back. */
function faultAfter(
  file: string,
  edit: (text: string) => string,
  load: () => unknown,
): { code: unknown; message: string } {
  const text = readFileSync(file, 'utf8');
  try {
    writeFileSync(file, edit(text));
    load();
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      return { code: error.code, message: error.message };
    }
    throw error;
  } finally {
    writeFileSync(file, text);
  }
  return { code: 'no error', message: '' };
}

describe('the URL of a host and a port', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:8080'],
    ['gateway.ward.lan', 'http://gateway.ward.lan:8080'],
    ['::1', 'http://[::1]:8080'],
  ])('%s', (host, url) => {
    expect(urlAt('http', { host, port: 8080 })).toBe(url);
  });
});

describe('loadParty', () => {
  it('tells a data server its index and its addresses', () => {
    const party = loadParty(world.servers[1]!);
    expect(party.server).toBe(2);
    expect(party.identity.name).toBe('server 2');
    expect(party.addresses).toEqual(ADDRESSES);
    expect(party.configDigest).toBe(loadParty(world.gateway).configDigest);
    expect(loadParty(world.gateway).server).toBeUndefined();
  });

  it('names a missing file and what to do', () => {
    expect(() => loadParty(join(world.root, 'nobody'))).toThrow(
      /nobody.identity\.json is missing; make this party with `vitalshare keys make`/,
    );
    expect(() => loadParty(world.researcher)).toThrow(
      /addresses\.json is missing; `vitalshare up`/,
    );
  });

  it.each(['identity.json', 'configuration.json', 'addresses.json'])(
    'refuses a damaged %s and shows nothing of it',
    (name) => {
      const file = join(world.gateway, name);
      const secret = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I';
      for (const edit of [
        (): string => '',
        (): string => `{"signSecret": "${secret}"`,
        (): string => `{"sign": "${secret}"}`,
        (text: string): string => text.slice(0, -20),
      ]) {
        const { code, message } = faultAfter(file, edit, () => loadParty(world.gateway));
        expect(code).toBe('damaged');
        expect(message).toContain(`${file} is damaged`);
        expect(message).not.toContain('c2VjcmV0');
      }
    },
  );

  it('refuses the configuration of a world it is not part of', () => {
    const other = keyedWorld(3, 1);
    const foreign = readFileSync(join(other.gateway, 'configuration.json'), 'utf8');
    const file = join(world.gateway, 'configuration.json');
    expect(
      faultAfter(
        file,
        () => foreign,
        () => loadParty(world.gateway),
      ).code,
    ).toBe('mismatch');
    rmSync(other.root, { recursive: true, force: true });
  });

  it.skipIf(process.platform === 'win32')('refuses secrets that others may read', () => {
    const file = join(world.gateway, 'identity.json');
    for (const mode of [0o640, 0o604, 0o660]) {
      chmodSync(file, mode);
      expect(() => loadParty(world.gateway)).toThrow(`chmod 600 ${file}`);
    }
    chmodSync(file, 0o600);
  });

  it('replaces addresses whole and leaves no temporary file', () => {
    saveAddresses(world.gateway, ADDRESSES);
    expect(readdirSync(world.gateway).sort()).toEqual([
      'addresses.json',
      'configuration.json',
      'identity.json',
      'keys.json',
    ]);
  });
});

describe('loadGatewayKeys and loadServerKeys', () => {
  const parsed = (text: string): { split: Record<string, string>; log: string; tag: string } =>
    withoutSum(JSON.parse(text)) as { split: Record<string, string>; log: string; tag: string };

  it('refuse the folder of the other role', () => {
    expect(() => loadGatewayKeys(world.servers[0]!)).toThrow('expected the gateway');
    expect(() => loadServerKeys(world.gateway)).toThrow('expected a data server');
  });

  it('refuse a gateway that holds a zero key, or not every set', () => {
    const file = join(world.gateway, 'keys.json');
    const load = (): unknown => loadGatewayKeys(world.gateway);
    const withZero = (text: string): string => JSON.stringify({ ...parsed(text), zero: {} });
    expect(faultAfter(file, withZero, load).message).toContain('must not hold zero keys');
    const lessOne = (text: string): string => {
      const keys = parsed(text);
      return JSON.stringify({ ...keys, split: { '3': keys.split['3'], '5': keys.split['5'] } });
    };
    expect(faultAfter(file, lessOne, load).message).toContain('exactly the sets 3, 5, 6');
  });

  it('refuse a data server that holds a set it is not in', () => {
    const file = join(world.servers[0]!, 'keys.json');
    const gateway = parsed(readFileSync(join(world.gateway, 'keys.json'), 'utf8'));
    const foreign = (text: string): string =>
      JSON.stringify({ ...parsed(text), split: { '1': gateway.split } });
    const { code, message } = faultAfter(file, foreign, () => loadServerKeys(world.servers[0]!));
    expect(code).toBe('damaged');
    expect(message).toContain('exactly the sets 3, 5');
  });
});
