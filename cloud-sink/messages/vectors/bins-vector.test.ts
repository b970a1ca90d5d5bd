/** A bins record restated from SHARING.md and PROTOCOL.md with node:crypto alone, against `bins.json`. */
import { createCipheriv, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Vector {
  log: string;
  epoch: number;
  run: number;
  generation: number;
  name: string;
  split: Record<string, string>;
  secrets: Record<string, string>;
  head: { stay: number; counter: number; vital: number; window: number; readings: number };
  counts: number[];
  record: string;
  server2: string[];
}
const vector = JSON.parse(readFileSync(new URL('bins.json', import.meta.url), 'utf8')) as Vector;
const P = 2n ** 61n - 1n;
const hmac = (key: Uint8Array, data: Uint8Array) => createHmac('sha256', key).update(data).digest();
const little = (value: bigint | number, bytes: number): Buffer => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer.subarray(0, bytes);
};

/** ψ_A under use 4: HKDF-SHA256 [SHARE-5], ChaCha20 from block 0 [SHARE-7], low 61 bits [SHARE-8]. */
function stream(mask: string): bigint[] {
  const root = hmac(
    Buffer.from(vector.secrets[mask]!, 'hex'),
    Buffer.from(vector.split[mask]!, 'hex'),
  );
  const info = Buffer.concat([
    Buffer.from('vitalshare mask 1'),
    Buffer.from(vector.log, 'hex'),
    ...[vector.epoch, vector.run, vector.generation].map((value) => little(value, 4)),
    little(Number(mask), 2),
    Buffer.of(4),
    Buffer.from(vector.name),
  ]);
  const key = hmac(root, Buffer.concat([info, Buffer.of(1)]));
  const nonce = Buffer.concat([Buffer.alloc(4), little(vector.head.counter, 8), Buffer.alloc(4)]);
  const bytes = createCipheriv('chacha20', key, nonce).update(
    Buffer.alloc(8 * vector.counts.length),
  );
  return vector.counts.map((_, i) => bytes.readBigUInt64LE(8 * i) & P);
}

it('masks each count with every set, and stands in the record as the text says [SHARE-20] [PROTO-35]', () => {
  const { stay, counter, vital, window, readings } = vector.head;
  const streams = Object.keys(vector.split).map(stream);
  const masked = vector.counts.map((count, i) =>
    streams.reduce((sum, each) => (sum - each[i]! + P) % P, BigInt(count)),
  );
  const record = Buffer.concat([
    ...[little(stay, 4), little(counter, 8), little(vital, 1), little(window, 4)],
    ...[little(readings, 2), little(vector.counts.length, 1)],
    ...masked.map((word) => little(word, 8)),
  ]);
  expect(record.toString('hex')).toBe(vector.record);
  // Server 2 is in {1,2} and {2,3}: f is 1 − z/3 for the one without 3, 1 − z for that without 1.
  const third = 1_537_228_672_809_129_301n;
  expect((3n * third) % P).toBe(1n);
  const factors: Record<string, bigint> = { 3: (1n - 2n * third + 2n * P) % P, 6: P - 1n };
  const shares = masked.map((word, i) =>
    Object.entries(factors).reduce(
      (sum, [mask, factor]) => (sum + factor * stream(mask)[i]!) % P,
      word,
    ),
  );
  expect(shares.map(String)).toEqual(vector.server2);
});
