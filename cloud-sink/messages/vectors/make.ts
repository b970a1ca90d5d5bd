/**
 * Made `log.json` once, from this implementation: `npx tsx cloud-sink/messages/vectors/make.ts`.
 * The file is frozen: a change of it is a change of PROTOCOL.md. `second-implementation.test.ts`
 * restates the specification with node:crypto alone and agrees with it.
 */
import { makeIdentity, sign } from '@vitalshare/edge/identity';
import { sha256, toHex, utf8 } from '@vitalshare/edge/seal';
import { sealAnswer } from '../answer.ts';
import { encodeBatch, KIND, type LogRecord, logRunKey } from '../batch.ts';
import { canonicalJson } from '../canonical.ts';
import { decodeMaskedFrame } from '../masked-frame.ts';
import { queryDigest } from '../query.ts';
import { encodeGenesis, encodeStay } from '../records.ts';
import { encodeRunRecord, sealRunRecord } from '../run-record.ts';

/** The n-th bytes of a stream anyone can compute again: a vector's stand-in for randomness. */
let drawn = 0;
const random = (length: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 32) {
    bytes.set(sha256(utf8(`vector ${drawn++}`)).subarray(0, Math.min(32, length - at)), at);
  }
  return bytes;
};

const gateway = makeIdentity('gateway', 'gateway', random);
const servers = [1, 2, 3].map((i) => makeIdentity(`server ${i}`, 'data-server', random));
const asker = makeIdentity('researcher', 'researcher', random);
const [log, logKey, salt] = [random(16), random(32), random(32)];
const secrets = new Map([3, 5, 6].map((mask) => [mask, random(32)]));
const config = { servers: 3, threshold: 1 };

const run = sealRunRecord({
  log,
  run: 1,
  epoch: 1,
  generation: 1,
  config,
  dataServers: servers,
  secrets,
  salt,
  random,
});
const frame =
  '0700000001000000000000000011223344556677' +
  '8899aabbccddeeff0101' +
  '00f15365030005' +
  '0100000000000000feffffffffffff1fc0c1c2c3c4c5c6c7c8c9cacbcccdcecf0000';
const frameBytes = Uint8Array.from(frame.match(/../g)!, (byte) => Number.parseInt(byte, 16));
decodeMaskedFrame(frameBytes);

const batches: { key: Uint8Array | null; run: number; records: LogRecord[] }[] = [
  {
    key: null,
    run: 0,
    records: [
      {
        kind: KIND.genesis,
        bytes: encodeGenesis({
          log: toHex(log),
          config: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8',
          created: 1_700_000_000_000,
          continues: [],
        }),
      },
    ],
  },
  { key: null, run: 1, records: [{ kind: KIND.run, bytes: encodeRunRecord(run) }] },
  {
    key: logRunKey(logKey, salt, log, 1),
    run: 1,
    records: [
      {
        kind: KIND.stay,
        bytes: encodeStay({
          number: 7,
          stay: 'bed-1',
          tag: 'tag-1',
          admitted: true,
          labels: { ward: 'north' },
        }),
      },
      { kind: KIND.frame, bytes: frameBytes },
    ],
  },
];

let position = 0;
let previous: Uint8Array = new Uint8Array(32);
const written = batches.map(({ key, run: number, records }) => {
  const header = { run: number, position, time: 1_700_000_000_000, previous };
  const { bytes, hash } = encodeBatch(header, records, key, (message) => sign(gateway, message));
  position += records.length;
  previous = hash;
  return toHex(bytes);
});

const query = {
  version: 1 as const,
  asOf: { [toHex(log)]: 4 },
  vitals: ['heart-rate'],
  degree: 1 as const,
  where: { ward: 'north' },
};
const request = { signature: 'sig1=:c2lnbmVk:', body: utf8(canonicalJson(query)) };
const answer = utf8('{"count":2}');
const vectors = {
  origin: 'computed by cloud-sink/messages, see make.ts',
  gateway: gateway.sign,
  logKey: toHex(logKey),
  salt: toHex(salt),
  log: toHex(log),
  server2: { sealSecret: servers[1]!.sealSecret, sign: servers[1]!.sign },
  secrets: Object.fromEntries([...secrets].map(([mask, secret]) => [mask, toHex(secret)])),
  frame,
  batches: written,
  head: { position, hash: toHex(previous) },
  query: canonicalJson(query),
  queryDigest: toHex(queryDigest(query)),
  answer: {
    asker: asker.sealSecret,
    signature: request.signature,
    body: new TextDecoder().decode(answer),
    sealed: toHex(
      sealAnswer(asker, request, answer, (message) => sign(servers[1]!, message), random),
    ),
  },
};
process.stdout.write(`${JSON.stringify(vectors, null, 2)}\n`);
