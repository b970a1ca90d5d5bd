/**
 * PROTOCOL.md restated with node:crypto alone, against the frozen `log.json`: what another
 * implementation would write from the text. Only the last block uses ours.
 */
import {
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  createHmac,
  verify,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { verifier } from '@vitalshare/edge/identity/node';
import { openSealedAnswer } from '../answer.ts';
import { decodeRecords, logRunKey } from '../batch.ts';
import { BatchReader, EMPTY_HEAD } from '../batch-reader.ts';
import { decodeMaskedFrame, encodeMaskedFrame } from '../masked-frame.ts';
import { parseMomentsQuery, queryDigest } from '../query.ts';
import { decodeGenesis, decodeStay } from '../records.ts';
import { decodeRunRecord, openRunRecord } from '../run-record.ts';

interface Vectors {
  gateway: string;
  logKey: string;
  salt: string;
  log: string;
  server2: { sealSecret: string; sign: string };
  secrets: Record<string, string>;
  frame: string;
  batches: string[];
  head: { position: number; hash: string };
  query: string;
  queryDigest: string;
  answer: { asker: string; signature: string; body: string; sealed: string };
}
const vectors = JSON.parse(readFileSync(new URL('log.json', import.meta.url), 'utf8')) as Vectors;
const hex = (text: string) => Buffer.from(text, 'hex');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);

const ed25519 = (text: string) =>
  createPublicKey({
    key: Buffer.concat([hex('302a300506032b6570032100'), Buffer.from(text, 'base64url')]),
    format: 'der',
    type: 'spki',
  });
const x25519Public = (raw: Uint8Array) =>
  createPublicKey({
    key: Buffer.concat([hex('302a300506032b656e032100'), raw]),
    format: 'der',
    type: 'spki',
  });
const x25519Secret = (text: string) =>
  createPrivateKey({
    key: Buffer.concat([hex('302e020100300506032b656e04220420'), Buffer.from(text, 'base64url')]),
    format: 'der',
    type: 'pkcs8',
  });

function openAead(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Buffer {
  const options = { authTagLength: 16 };
  const cipher = createDecipheriv('chacha20-poly1305', key, nonce, options);
  cipher.setAAD(aad, { plaintextLength: sealed.length - 16 });
  cipher.setAuthTag(sealed.subarray(sealed.length - 16));
  return Buffer.concat([cipher.update(sealed.subarray(0, sealed.length - 16)), cipher.final()]);
}

const hkdfExpand = (prk: Uint8Array, info: Uint8Array, length: number) => {
  const blocks: Buffer[] = [];
  for (let i = 1; Buffer.concat(blocks).length < length; i++) {
    const last = blocks.at(-1) ?? Buffer.alloc(0);
    blocks.push(
      createHmac('sha256', prk).update(last).update(info).update(Uint8Array.of(i)).digest(),
    );
  }
  return Buffer.concat(blocks).subarray(0, length);
};

/** RFC 9180, base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305. */
function hpkeOpen(secretText: string, info: string, aad: Uint8Array, sealed: Uint8Array): Buffer {
  const kem = Buffer.concat([Buffer.from('KEM'), hex('0020')]);
  const suite = Buffer.concat([Buffer.from('HPKE'), hex('002000010003')]);
  const version = Buffer.from('HPKE-v1');
  const extract = (id: Buffer, salt: Uint8Array, label: string, ikm: Uint8Array) =>
    createHmac('sha256', salt)
      .update(Buffer.concat([version, id, Buffer.from(label), ikm]))
      .digest();
  const expand = (
    id: Buffer,
    prk: Uint8Array,
    label: string,
    context: Uint8Array,
    length: number,
  ) =>
    hkdfExpand(
      prk,
      Buffer.concat([Uint8Array.of(0, length), version, id, Buffer.from(label), context]),
      length,
    );
  const none = Buffer.alloc(0);
  const secret = x25519Secret(secretText);
  const enc = sealed.subarray(0, 32);
  const own = createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32);
  const dh = diffieHellman({ privateKey: secret, publicKey: x25519Public(enc) });
  const eae = extract(kem, none, 'eae_prk', dh);
  const shared = expand(kem, eae, 'shared_secret', Buffer.concat([enc, own]), 32);
  const context = Buffer.concat([
    Uint8Array.of(0),
    extract(suite, none, 'psk_id_hash', none),
    extract(suite, none, 'info_hash', Buffer.from(info)),
  ]);
  const prk = extract(suite, shared, 'secret', none);
  const key = expand(suite, prk, 'key', context, 32);
  const nonce = expand(suite, prk, 'base_nonce', context, 12);
  return openAead(key, nonce, aad, sealed.subarray(32));
}

describe('the frozen log, read from the specification alone', () => {
  const batches = vectors.batches.map(hex);
  const header = (batch: Buffer) => ({
    magic: batch.toString('ascii', 0, 4),
    flags: batch.readUInt8(4),
    run: batch.readUInt32LE(5),
    position: Number(batch.readBigUInt64LE(9)),
    count: batch.readUInt32LE(17),
    time: Number(batch.readBigInt64LE(21)),
    previous: batch.toString('hex', 29, 61),
    length: batch.readUInt32LE(61),
  });

  it('[PROTO-3] has signed batches, each continuing the one before', () => {
    let position = 0;
    let previous = '00'.repeat(32);
    for (const batch of batches) {
      const { magic, count, length, ...rest } = header(batch);
      expect({ magic, position: rest.position, previous: rest.previous }).toEqual({
        magic: 'VSL1',
        position,
        previous,
      });
      expect(batch.length).toBe(65 + length + 64);
      const hash = sha256(batch.subarray(0, 65 + length));
      const signed = Buffer.concat([Buffer.from('vitalshare batch'), hash]);
      expect(verify(null, signed, ed25519(vectors.gateway), batch.subarray(65 + length))).toBe(
        true,
      );
      position += count;
      previous = hash.toString('hex');
    }
    expect({ position, hash: previous }).toEqual(vectors.head);
    expect(batches.map((batch) => [header(batch).flags, header(batch).run])).toEqual([
      [0, 0],
      [0, 1],
      [1, 1],
    ]);
  });

  it('[PROTO-4] opens its sealed body to a stay and the masked frame', () => {
    const [, , sealed] = batches;
    const info = Buffer.concat([Buffer.from('vitalshare log 1'), hex(vectors.log), u32(1)]);
    const key = Buffer.from(hkdfSync('sha256', hex(vectors.logKey), hex(vectors.salt), info, 32));
    const nonce = Buffer.concat([sealed!.subarray(9, 17), Buffer.alloc(4)]);
    const body = openAead(key, nonce, sealed!.subarray(0, 65), sealed!.subarray(65, -64));
    const first = body.readUInt32LE(1);
    expect([body[0], JSON.parse(body.toString('utf8', 5, 5 + first))]).toEqual([
      3,
      { admitted: true, labels: { ward: 'north' }, number: 7, stay: 'bed-1', tag: 'tag-1' },
    ]);
    expect(body[5 + first]).toBe(4);
    expect(body.toString('hex', 10 + first)).toBe(vectors.frame);
  });

  it('[S1] gives server 2 the secrets of sets {1,2} and {2,3}', () => {
    const record = JSON.parse(batches[1]!.toString('utf8', 70, batches[1]!.length - 64)) as {
      sealed: Record<string, string>;
    };
    const aad = Buffer.concat([hex(vectors.log), u32(1), Uint8Array.of(2)]);
    const sealed = Buffer.from(record.sealed['2']!, 'base64url');
    const opened = hpkeOpen(vectors.server2.sealSecret, 'vitalshare run 1', aad, sealed);
    expect(opened.toString('hex')).toBe(vectors.secrets['3']! + vectors.secrets['6']!);
  });

  it('[PROTO-11] opens the answer and finds server 2 has signed it', () => {
    const { asker, signature, body, sealed } = vectors.answer;
    const request = sha256(
      Buffer.concat([Buffer.from(signature), sha256(Buffer.from(vectors.query))]),
    );
    const plain = hpkeOpen(asker, 'vitalshare answer 1', request, hex(sealed));
    expect(plain.toString('utf8', 64)).toBe(body);
    const signed = Buffer.concat([Buffer.from('vitalshare answer'), request, Buffer.from(body)]);
    expect(verify(null, signed, ed25519(vectors.server2.sign), plain.subarray(0, 64))).toBe(true);
  });

  it('[PROTO-16] digests the question as it is spelled canonically', () => {
    expect(sha256(Buffer.from(vectors.query)).toString('hex')).toBe(vectors.queryDigest);
  });
});

describe('this implementation reads the frozen log', () => {
  it('batch by batch, record by record', () => {
    const verifyGateway = verifier(vectors.gateway);
    const reader = new BatchReader({ head: EMPTY_HEAD, verify: verifyGateway });
    const batches = [...reader.push(hex(vectors.batches.join('')))];
    expect(reader.head.position).toBe(vectors.head.position);
    const log = new Uint8Array(hex(vectors.log));
    const [genesis] = decodeRecords(batches[0]!, null);
    expect(decodeGenesis(genesis!.bytes).log).toBe(vectors.log);
    const run = decodeRunRecord(decodeRecords(batches[1]!, null)[0]!.bytes);
    const config = { servers: 3, threshold: 1 };
    const secrets = openRunRecord(run, log, 2, config, vectors.server2.sealSecret);
    expect(
      [...secrets].map(([mask, secret]) => [mask, Buffer.from(secret).toString('hex')]),
    ).toEqual([
      [3, vectors.secrets['3']],
      [6, vectors.secrets['6']],
    ]);
    const key = logRunKey(hex(vectors.logKey), hex(vectors.salt), log, 1);
    const [stay, frame] = decodeRecords(batches[2]!, key);
    expect(decodeStay(stay!.bytes).stay).toBe('bed-1');
    const decoded = decodeMaskedFrame(frame!.bytes);
    expect(Buffer.from(encodeMaskedFrame(decoded)).toString('hex')).toBe(vectors.frame);
  });

  it('and the answer and the question', () => {
    const { asker, signature, body, sealed } = vectors.answer;
    const query = new Uint8Array(Buffer.from(vectors.query));
    const opened = openSealedAnswer(
      { sealSecret: asker },
      vectors.server2.sign,
      { signature, body: query },
      new Uint8Array(hex(sealed)),
    );
    expect(Buffer.from(opened).toString()).toBe(body);
    const digest = queryDigest(parseMomentsQuery(query));
    expect(Buffer.from(digest).toString('hex')).toBe(vectors.queryDigest);
  });
});
