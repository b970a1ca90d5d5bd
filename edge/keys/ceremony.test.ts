import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { toBase64Url, toHex } from '../seal/seal.ts';
import { loadGatewayKeys, loadServerKeys } from './key-files.ts';
import { type KeyMessage, sealMessage } from './message.ts';
import { loadMember } from './party.ts';
import { exchange, joinedWorld, keyedWorld, random, type TestWorld } from './world.fixture.ts';
import { acceptMessages, contributeZero } from './zero-keys.ts';
import { dealSplitKeys } from './deal.ts';
import { joinWorld, makeOwnIdentity } from './ceremony.ts';

const worlds: TestWorld[] = [];
const kept = (world: TestWorld): TestWorld => {
  worlds.push(world);
  return world;
};
afterEach(() => {
  for (const { root } of worlds.splice(0)) rmSync(root, { recursive: true, force: true });
});

const codeOf = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
  return 'no error';
};

describe('the key ceremony [S10]', () => {
  // Sets of (5, 2) are the C(5, 2) = 10 choices of 3 servers; each server is in C(4, 2) = 6.
  it.each([
    { servers: 3, threshold: 1, sets: 3, own: 2 },
    { servers: 5, threshold: 2, sets: 10, own: 6 },
    { servers: 2, threshold: 1, sets: 2, own: 1 },
    { servers: 4, threshold: 3, sets: 4, own: 1 },
  ])('gives $servers servers, threshold $threshold exactly their keys', (world) => {
    const folders = kept(keyedWorld(world.servers, world.threshold));
    const gateway = loadGatewayKeys(folders.gateway);
    expect(gateway.split.size).toBe(world.sets);
    const zeroOfSet = new Map<number, string>();
    folders.servers.forEach((folder, index) => {
      const keys = loadServerKeys(folder);
      const split = keys.split.get(1)!;
      expect([split.size, keys.zero.size]).toEqual([world.own, world.own]);
      expect(toHex(keys.log)).toBe(toHex(gateway.log));
      for (const [mask, key] of split) {
        expect((mask >> index) & 1, 'a set this server is not in').toBe(1);
        expect(toHex(key)).toBe(toHex(gateway.split.get(mask)!));
      }
      for (const [mask, key] of keys.zero) {
        expect(zeroOfSet.get(mask) ?? toHex(key), 'members differ').toBe(toHex(key));
        zeroOfSet.set(mask, toHex(key));
      }
    });
    expect(new Set(zeroOfSet.values()).size).toBe(world.sets);
  });

  it('leaves every threshold of servers without at least one set', () => {
    const folders = kept(keyedWorld(5, 2));
    const held = folders.servers.map((folder) => [...loadServerKeys(folder).split.get(1)!.keys()]);
    for (let a = 0; a < 5; a++) {
      for (let b = 0; b < a; b++) {
        const together = new Set([...held[a]!, ...held[b]!]);
        expect(together.size, `servers ${b + 1} and ${a + 1}`).toBe(9);
      }
    }
  });

  it('leaves the gateway folder without a zero key, in any file', () => {
    const folders = kept(keyedWorld(3, 1));
    const secrets = folders.servers.flatMap((folder) =>
      Object.values(zeroText(join(folder, 'keys.json'))),
    );
    expect(secrets).toHaveLength(6);
    for (const name of readdirSync(folders.gateway)) {
      const text = readFileSync(join(folders.gateway, name), 'utf8');
      for (const secret of secrets) expect(text).not.toContain(secret);
    }
  });

  it('makes every key anew in every world', () => {
    const texts = [kept(keyedWorld(3, 1)), kept(keyedWorld(3, 1))].map((world) =>
      [world.gateway, ...world.servers].flatMap((folder) => [
        ...Object.values(zeroText(join(folder, 'keys.json'))),
        ...keyTexts(join(folder, 'keys.json')),
        ...keyTexts(join(folder, 'identity.json')),
      ]),
    );
    expect(texts[0]!.length).toBeGreaterThan(20);
    expect(texts[0]!.filter((text) => texts[1]!.includes(text))).toEqual([]);
  });

  it('writes folders and secrets for their owner only', () => {
    const folders = kept(keyedWorld(3, 1));
    expect(statSync(folders.servers[0]!).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folders.servers[0]!)) {
      expect(statSync(join(folders.servers[0]!, name)).mode & 0o777, name).toBe(0o600);
    }
    expect(readdirSync(folders.servers[0]!).sort()).toEqual([
      'configuration.json',
      'identity.json',
      'keys.json',
    ]);
  });

  it('is done once: no step overwrites what stands', () => {
    const world = kept(keyedWorld(3, 1));
    const other = kept(joinedWorld(3, 1));
    const [server] = world.servers;
    const before = readFileSync(join(server!, 'keys.json'), 'utf8');
    expect(codeOf(() => makeOwnIdentity(server!, 'again', 'data-server', random))).toBe('exists');
    expect(codeOf(() => contributeZero(server!, random))).toBe('exists');
    expect(codeOf(() => acceptMessages(server!, []))).toBe('exists');
    const foreign = loadMember(other.gateway).configuration;
    expect(codeOf(() => joinWorld(server!, foreign))).toBe('mismatch');
    expect(readFileSync(join(server!, 'keys.json'), 'utf8')).toBe(before);
  });

  it('seals the same keys again where messages were lost', () => {
    const world = kept(joinedWorld(3, 1));
    exchange(world);
    const inbox = exchange(world);
    world.servers.forEach((folder, index) => acceptMessages(folder, inbox.get(index + 1)!));
    const [first, second] = world.servers.map((folder) => loadServerKeys(folder).zero);
    expect(toHex(first!.get(0b011)!)).toBe(toHex(second!.get(0b011)!));
  });

  it('lets only the gateway deal and only data servers contribute', () => {
    const world = kept(joinedWorld(3, 1));
    expect(codeOf(() => dealSplitKeys(world.servers[0]!, random))).toBe('mismatch');
    expect(codeOf(() => contributeZero(world.gateway, random))).toBe('mismatch');
    expect(codeOf(() => contributeZero(world.researcher, random))).toBe('mismatch');
  });
});

describe('a message of the ceremony that is not what it should be', () => {
  it('stores nothing, and the true ones are still taken', () => {
    const world = kept(joinedWorld(3, 1));
    const inbox = exchange(world);
    const foreign = exchange(kept(joinedWorld(3, 1)));
    const [server] = world.servers;
    const mine = inbox.get(1)!;
    const [split, zeroOf2, zeroOf3] = mine as [KeyMessage, KeyMessage, KeyMessage];
    const refuse = (messages: unknown[]): unknown =>
      codeOf(() => acceptMessages(server!, messages));

    const others = inbox.get(2)!;
    expect(refuse([others[0], zeroOf2, zeroOf3])).toBe('not-for-us');
    expect(refuse([{ ...others[0]!, to: split.to }, zeroOf2, zeroOf3])).toBe('bad-signature');
    expect(refuse([{ ...split, sealed: flipped(split.sealed) }, zeroOf2, zeroOf3])).toBe(
      'bad-signature',
    );
    expect(refuse([{ ...split, signature: '' }, zeroOf2, zeroOf3])).toBe('bad-signature');
    expect(refuse([{ ...split, from: zeroOf2.from }, zeroOf2, zeroOf3])).toBe('stranger');
    expect(refuse([{ ...split, kind: 'zero' }, zeroOf2, zeroOf3])).toBe('stranger');
    expect(refuse([{ ...zeroOf3, from: zeroOf2.from }, split])).toBe('bad-signature');
    expect(refuse([...foreign.get(1)!])).toBe('wrong-world');
    expect(refuse([split, zeroOf2])).toBe('missing');
    expect(refuse([zeroOf2, zeroOf3])).toBe('missing');
    expect(refuse([split, zeroOf2, zeroOf2, zeroOf3])).toBe('twice');
    for (const value of [null, 7, 'text', [], {}, { ...split, extra: 1 }]) {
      expect(refuse([value])).toBe('malformed');
    }
    expect(readdirSync(server!)).not.toContain('keys.json');
    acceptMessages(server!, mine);
    expect(loadServerKeys(server!).zero.size).toBe(2);
  });

  // Epochs are u16 wherever they are written: keys.json with another would never load again.
  it.each([0, 65_536, '1'])('takes no key of epoch %j', (epoch) => {
    const world = kept(joinedWorld(3, 1));
    const inbox = exchange(world);
    const server = world.servers[0]!;
    const [, zeroOf2, zeroOf3] = inbox.get(1)!;
    const { log } = loadGatewayKeys(world.gateway);
    const split = Object.fromEntries(
      [...loadGatewayKeys(world.gateway).split]
        .filter(([mask]) => mask & 1)
        .map(([mask, key]) => [mask, toBase64Url(key)]),
    );
    const content = { epoch, split, log: toBase64Url(log) };
    const { identity } = loadMember(server);
    const message = sealMessage(loadMember(world.gateway), identity, 'split', content, random);
    const accept = (): void => acceptMessages(server, [message, zeroOf2, zeroOf3]);
    expect(accept).toThrow('epoch must be a whole number from 1 to 65535');
    expect(readdirSync(server)).not.toContain('keys.json');
  });

  it('says nothing of its content to who carries it', () => {
    const world = kept(joinedWorld(3, 1));
    const carried = JSON.stringify([...exchange(world).values()]);
    const secrets = [
      ...keyTexts(join(world.gateway, 'keys.json')),
      ...keyTexts(join(world.servers[0]!, 'contributions.json')),
    ];
    expect(secrets.length).toBeGreaterThan(6);
    for (const secret of secrets) expect(carried).not.toContain(secret);
  });
});

/** Another first character: other bytes, still base64url. */
const flipped = (text: string): string => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);

/** Every 32-byte value of a file. */
const keyTexts = (file: string): string[] =>
  readFileSync(file, 'utf8').match(/(?<=")[\w-]{43}(?=")/g) ?? [];

function zeroText(file: string): Record<string, string> {
  const parsed = JSON.parse(readFileSync(file, 'utf8')) as { zero?: Record<string, string> };
  return parsed.zero ?? {};
}
