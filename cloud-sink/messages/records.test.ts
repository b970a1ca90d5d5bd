import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeIdentity } from '@vitalshare/edge/identity/node';
import { toBase64Url, utf8 } from '@vitalshare/edge/seal';
import { setsOf, setsOfServer } from '@vitalshare/edge/sharing';
import { RecordError } from './record-error.ts';
import { decodeGenesis, decodeStay, encodeGenesis, encodeStay } from './records.ts';
import { decodeRunRecord, encodeRunRecord, openRunRecord, sealRunRecord } from './run-record.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function faultOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof RecordError) return error.code;
    throw error;
  }
  return 'none';
}

const LOG = '00112233445566778899aabbccddeeff';
const CONFIG = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';
const GENESIS = `{"config":"${CONFIG}","continues":[{"log":"${LOG}","position":7}],"created":1700000000000,"log":"${LOG}"}`;
const STAY =
  '{"admitted":true,"labels":{"arm":"A","ward":"n-1"},"number":3,"stay":"bed-1","tag":"t-9"}';

describe('genesis and stay records', () => {
  it('are the canonical JSON of the specification', () => {
    const genesis = decodeGenesis(utf8(GENESIS));
    expect(genesis).toEqual({
      log: LOG,
      config: CONFIG,
      created: 1_700_000_000_000,
      continues: [{ log: LOG, position: 7 }],
    });
    expect(text(encodeGenesis(genesis))).toBe(GENESIS);
    const stay = decodeStay(utf8(STAY));
    expect(stay).toEqual({
      number: 3,
      stay: 'bed-1',
      tag: 't-9',
      admitted: true,
      labels: { arm: 'A', ward: 'n-1' },
    });
    expect(text(encodeStay(stay))).toBe(STAY);
  });

  it.each([
    ['white space', STAY.replace(',', ', ')],
    ['another order', STAY.replace('"number":3,"stay":"bed-1"', '"stay":"bed-1","number":3')],
    ['a member twice', STAY.replace('"number":3', '"number":3,"number":3')],
    ['a member too many', STAY.replace('"tag"', '"t":1,"tag"')],
    ['a member too few', STAY.replace(',"tag":"t-9"', '')],
    ['null', STAY.replace('true', 'null')],
    ['a fraction', STAY.replace('3', '3.5')],
    ['a negative number', STAY.replace('3', '-3')],
    ['a number of 2^32', STAY.replace('3', '4294967296')],
    ['a stay in capitals', STAY.replace('bed-1', 'Bed-1')],
    ['a stay of 65 characters', STAY.replace('bed-1', 'b'.repeat(65))],
    ['an empty label', STAY.replace('"A"', '""')],
    ['a label with a line feed', STAY.replace('"A"', '"A\\n"')],
    ['a label that is no text', STAY.replace('"A"', '{}')],
    [
      '17 labels',
      STAY.replace(
        '{"arm":"A","ward":"n-1"}',
        JSON.stringify(Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'x']))),
      ),
    ],
    ['a byte order mark', '\uFEFF' + STAY],
    ['nothing', ''],
    ['a list', '[]'],
  ])('refuse %s', (_name, json) => {
    expect(faultOf(() => decodeStay(utf8(json)))).toBe('json');
  });

  it.each([
    ['a log of 15 bytes', GENESIS.replace(`"log":"${LOG}"}`, `"log":"${LOG.slice(2)}"}`)],
    ['a log in capitals', GENESIS.replaceAll(LOG, LOG.toUpperCase())],
    ['a digest of 31 bytes', GENESIS.replace(CONFIG, CONFIG.slice(0, -2))],
    ['time before 1970', GENESIS.replace('1700000000000', '-1')],
  ])('refuse %s in a genesis', (_name, json) => {
    expect(faultOf(() => decodeGenesis(utf8(json)))).toBe('json');
  });

  it('keep a label called __proto__ as a label', () => {
    const json = '{"admitted":false,"labels":{"__proto__":"x"},"number":0,"stay":"a","tag":"t"}';
    const stay = decodeStay(utf8(json));
    expect(Object.entries(stay.labels)).toEqual([['__proto__', 'x']]);
    expect(text(encodeStay(stay))).toBe(json);
  });

  it('encode nothing their decoders refuse', () => {
    const stay = decodeStay(utf8(STAY));
    expect(() => encodeStay({ ...stay, stay: 'Bed' })).toThrow(RangeError);
    expect(() => encodeStay({ ...stay, number: -1 })).toThrow(RangeError);
  });

  it('say RecordError and nothing else to any bytes', () => {
    const json = fc.oneof(
      fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
      fc.json().map(utf8Safe),
    );
    fc.assert(
      fc.property(json, (bytes) => {
        for (const decode of [decodeGenesis, decodeStay, decodeRunRecord]) {
          expect(faultOf(() => decode(bytes))).toBe('json');
        }
      }),
    );
  });
});

const utf8Safe = (json: string): Uint8Array => new TextEncoder().encode(json);

describe('the run record', () => {
  const config = { servers: 4, threshold: 2 };
  const servers = [1, 2, 3, 4].map((i) => makeIdentity(`server ${i}`, 'data-server', random));
  const log = random(16);
  const secrets = new Map(setsOf(config).map((mask) => [mask, random(32)]));
  const record = sealRunRecord({
    log,
    run: 5,
    epoch: 2,
    generation: 1,
    config,
    dataServers: servers,
    secrets,
    salt: random(32),
    random,
  });

  it('[S1] gives each server the secrets of its sets and no others', () => {
    const back = decodeRunRecord(encodeRunRecord(record));
    expect(back).toEqual(record);
    servers.forEach(({ sealSecret }, i) => {
      const own = openRunRecord(back, log, i + 1, config, sealSecret);
      expect([...own.keys()]).toEqual(setsOfServer(config, i + 1));
      for (const [mask, secret] of own) expect(secret).toEqual(secrets.get(mask));
    });
  });

  it('opens for its server, log, run and index only', () => {
    const open = (
      changed: Partial<typeof record>,
      id = log,
      server = 1,
      key = servers[0]!.sealSecret,
    ) => faultOf(() => openRunRecord({ ...record, ...changed }, id, server, config, key));
    expect(open({})).toBe('none');
    expect(open({ run: 6 })).toBe('sealed');
    expect(open({}, random(16))).toBe('sealed');
    expect(open({}, log, 2)).toBe('sealed');
    expect(open({}, log, 1, servers[1]!.sealSecret)).toBe('sealed');
    expect(open({ sealed: {} })).toBe('sealed');
    expect(open({ sealed: { 1: record.sealed['2']! } })).toBe('sealed');
  });

  it('is refused with members out of bounds', () => {
    const json = text(encodeRunRecord(record));
    for (const changed of [
      json.replace('"run":5', '"run":0'),
      json.replace('"epoch":2', '"epoch":"2"'),
      json.replace('"1":"', '"0":"'),
      json.replace('"4":"', '"17":"'),
      json.replace(/"4":"[^"]*"/, '"4":"AA"'),
      json.replace(record.salt, toBase64Url(random(31))),
    ]) {
      expect(changed).not.toBe(json);
      expect(faultOf(() => decodeRunRecord(utf8(changed)))).toBe('json');
    }
  });

  it('is not made without every secret', () => {
    const less = new Map(secrets);
    less.delete(setsOf(config)[0]!);
    const make = () =>
      sealRunRecord({
        log,
        run: 1,
        epoch: 1,
        generation: 1,
        config,
        dataServers: servers,
        secrets: less,
        salt: random(32),
        random,
      });
    expect(make).toThrow(RangeError);
  });
});
