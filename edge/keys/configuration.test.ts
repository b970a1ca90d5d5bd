import fc from 'fast-check';
import { rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { CanonicalError, canonicalJson, parseCanonical } from './canonical.ts';
import { configDigest, ConfigurationError, parseConfiguration } from './configuration.ts';
import { loadMember } from './party.ts';
import { joinedWorld } from './world.fixture.ts';

describe('canonical JSON', () => {
  it('has sorted keys and no white space', () => {
    const value = { b: [1, true, 'ä'], a: { '10': -7, '9': 0 } };
    expect(canonicalJson(value)).toBe('{"a":{"10":-7,"9":0},"b":[1,true,"ä"]}');
  });

  it.each([
    ['null', { a: null }],
    ['a fraction', 0.5],
    ['more than 53 bits', 2 ** 53],
    ['not a number', NaN],
    ['a lone surrogate', '\ud800'],
    ['a hole', new Array(1)],
    ['bytes', new Uint8Array(2)],
    ['undefined', undefined],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalJson(value)).toThrow(CanonicalError);
  });

  it('refuses nesting that would spend the stack', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 10_000; i++) deep = [deep];
    expect(() => canonicalJson(deep)).toThrow(CanonicalError);
  });

  it('is one spelling: read back it is the same, any other spelling is refused', () => {
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.boolean(),
        fc.maxSafeInteger().map((number) => number + 0),
        fc.string({ unit: 'grapheme' }),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }),
      ),
    })).value;
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        const bytes = new TextEncoder().encode(text);
        expect(canonicalJson(parseCanonical(bytes))).toBe(text);
        const spaced = new TextEncoder().encode(` ${text}`);
        expect(() => parseCanonical(spaced)).toThrow(CanonicalError);
      }),
    );
  });
});

describe('the configuration [PROTO-1]', () => {
  const world = joinedWorld(3, 1);
  afterAll(() => rmSync(world.root, { recursive: true, force: true }));
  const { configuration } = loadMember(world.gateway);
  const without = (field: string): unknown =>
    Object.fromEntries(Object.entries(configuration).filter(([name]) => name !== field));

  it('has the digest of its canonical JSON, whatever the order of its members', () => {
    const turned = parseConfiguration(Object.fromEntries(Object.entries(configuration).reverse()));
    // Written out by hand from PROTOCOL.md, apart from the implementation.
    const one = ({ name, role, sign, seal }: Record<'name' | 'role' | 'sign' | 'seal', string>) =>
      `{"name":"${name}","role":"${role}","seal":"${seal}","sign":"${sign}"}`;
    const text =
      `{"dataServers":[${configuration.dataServers.map(one).join(',')}],"gateway":` +
      `${one(configuration.gateway)},"generation":1,"minimumCohort":5,"physicians":[],` +
      `"researchers":[${configuration.researchers.map(one).join(',')}],"servers":3,"threshold":1,` +
      `"version":1,"vitalshare":"configuration","world":"${configuration.world}"}`;
    expect(configDigest(turned)).toBe(createHash('sha256').update(text).digest('base64url'));
  });

  it('refuses a missing or an unknown field', () => {
    for (const field of Object.keys(configuration)) {
      expect(() => parseConfiguration(without(field)), field).toThrow(ConfigurationError);
    }
    expect(() => parseConfiguration({ ...configuration, note: 'x' })).toThrow(ConfigurationError);
    const gateway = { ...configuration.gateway, signSecret: 'x' };
    expect(() => parseConfiguration({ ...configuration, gateway })).toThrow(ConfigurationError);
  });

  it.each([
    { threshold: 3 },
    { threshold: 0 },
    { servers: 4 },
    { servers: 17 },
    { version: 2 },
    { minimumCohort: 0 },
    { minimumCohort: 2.5 },
    { world: 'AAAA' },
    { researchers: {} },
  ])('refuses %o', (change) => {
    expect(() => parseConfiguration({ ...configuration, ...change })).toThrow(ConfigurationError);
  });

  it('refuses one key in two places: it would be two of t + 1', () => {
    const [first, second, third] = configuration.dataServers;
    const dataServers = [first, { ...second, sign: first!.sign }, third];
    expect(() => parseConfiguration({ ...configuration, dataServers })).toThrow(/every sign key/);
    const gateway = { ...configuration.gateway, seal: first!.seal };
    expect(() => parseConfiguration({ ...configuration, gateway })).toThrow(/every seal key/);
  });

  it('refuses a party in the place of another role', () => {
    const [researcher] = configuration.researchers;
    const dataServers = [...configuration.dataServers.slice(1), researcher];
    expect(() => parseConfiguration({ ...configuration, dataServers, researchers: [] })).toThrow(
      /dataServers\[2\]\.role/,
    );
  });
});
