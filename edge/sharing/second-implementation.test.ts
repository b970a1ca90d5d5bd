/**
 * SHARING.md written a second time, from its text, with `node:crypto` and BigInt alone: every constant
 * restated, nothing shared with the code under test but the calls at the bottom.
 */
import { createCipheriv, createHmac, randomBytes, randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { getBigInt, setBigInt, fieldVector } from '../field/field.ts';
import { deriveShares } from './derive.ts';
import { openAnswer } from './open.ts';
import { MaskKeys, maskRoot, setsOf, setsOfServer } from './sharing.ts';
import { splitFrame } from './split.ts';
import { zeroKey, zeroShares } from './zero.ts';

const PRIME = 2305843009213693951n;
const mod = (x: bigint) => ((x % PRIME) + PRIME) % PRIME;
const power = (base: bigint, exponent: bigint): bigint =>
  exponent === 0n
    ? 1n
    : exponent % 2n === 1n
      ? mod(base * power(base, exponent - 1n))
      : power(mod(base * base), exponent / 2n);
const inverse = (x: bigint) => power(mod(x), PRIME - 2n);

const hmac = (key: Uint8Array, ...data: Uint8Array[]) => {
  const mac = createHmac('sha256', key);
  for (const bytes of data) mac.update(bytes);
  return mac.digest();
};
const u16 = (x: number) => Buffer.from([x & 255, x >> 8]);
const u32 = (x: number) => Buffer.from([x & 255, (x >> 8) & 255, (x >> 16) & 255, x >>> 24]);
const u64 = (x: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(x);
  return bytes;
};

interface World {
  n: number;
  t: number;
  log: Buffer;
  epoch: number;
  run: number;
  generation: number;
  stay: string;
  counter: bigint;
  splitKeys: Map<number, Buffer>;
  secrets: Map<number, Buffer>;
}

function masks(n: number, t: number): number[] {
  const all: number[] = [];
  for (let mask = 0; mask < 2 ** n; mask++) {
    const ones = mask.toString(2).replaceAll('0', '').length;
    if (ones === n - t) all.push(mask);
  }
  return all;
}
const holds = (mask: number, server: number) => Math.floor(mask / 2 ** (server - 1)) % 2 === 1;

function weight(n: number, mask: number, at: number): bigint {
  let value = 1n;
  for (let i = 1; i <= n; i++) {
    if (!holds(mask, i)) value = mod(value * (1n - BigInt(at) * inverse(BigInt(i))));
  }
  return value;
}

function key(w: World, mask: number, use: number): Buffer {
  const root = hmac(w.secrets.get(mask)!, w.splitKeys.get(mask)!);
  return hmac(
    root,
    Buffer.from('vitalshare mask 1'),
    w.log,
    u32(w.epoch),
    u32(w.run),
    u32(w.generation),
    u16(mask),
    Buffer.from([use]),
    Buffer.from(w.stay, 'ascii'),
    Buffer.from([1]),
  );
}

function chacha(streamKey: Uint8Array, counter: bigint, firstBlock: number, length: number) {
  const iv = Buffer.concat([u32(firstBlock), u64(counter), Buffer.alloc(4)]);
  return createCipheriv('chacha20', streamKey, iv).update(Buffer.alloc(length));
}

function elements(streamKey: Uint8Array, counter: bigint, count: number): bigint[] {
  const main = chacha(streamKey, counter, 0, 8 * count);
  return Array.from({ length: count }, (_, i) => {
    const word = main.readBigUInt64LE(8 * i) & PRIME;
    if (word !== PRIME) return word;
    const again = chacha(streamKey, counter, 2 ** 31, 8 * (i + 1)).readBigUInt64LE(8 * i) & PRIME;
    return again === PRIME ? 0n : again;
  });
}

const xor = (a: Uint8Array, b: Uint8Array) => Buffer.from(a.map((byte, i) => byte ^ b[i]!));

function split(w: World, columns: { header: Buffer; values: number[] }[], segments: Buffer[]) {
  const all = masks(w.n, w.t);
  const flat = columns.flatMap((column) => column.values);
  const streams = all.map((mask) => elements(key(w, mask, 1), w.counter, flat.length));
  const masked = flat.map((x, i) => mod(BigInt(x) - streams.reduce((sum, s) => sum + s[i]!, 0n)));
  const joined = Buffer.concat(segments);
  const wave = all.reduce<Uint8Array>(
    (bytes, mask) => xor(bytes, chacha(key(w, mask, 2), w.counter, 0, joined.length)),
    joined,
  );
  const parts = columns.length + segments.length;
  const kappas = all.reduce<Uint8Array>(
    (bytes, mask) => xor(bytes, chacha(key(w, mask, 5), w.counter, 0, 32 * parts)),
    Buffer.alloc(32 * parts),
  );
  const commit = (part: number, header: Buffer, plaintext: Buffer) =>
    hmac(kappas.subarray(32 * part, 32 * part + 32), header, plaintext).subarray(0, 16);
  const commitments = [
    ...columns.map(({ header, values }, i) =>
      commit(i, header, Buffer.concat(values.map((x) => u64(mod(BigInt(x)))))),
    ),
    ...segments.map((plaintext, i) => commit(columns.length + i, Buffer.from('s'), plaintext)),
  ];
  return { masked, wave: Buffer.from(wave), commitments };
}

function derive(w: World, server: number, masked: bigint[]): bigint[] {
  return masked.map((d, i) =>
    masks(w.n, w.t)
      .filter((mask) => holds(mask, server))
      .reduce(
        (share, mask) =>
          mod(
            share +
              elements(key(w, mask, 1), w.counter, masked.length)[i]! * weight(w.n, mask, server),
          ),
        d,
      ),
  );
}

function lagrangeAtZero(points: [number, bigint][]): bigint {
  return points.reduce((sum, [j, y]) => {
    const lambda = points
      .filter(([i]) => i !== j)
      .reduce((product, [i]) => mod(product * BigInt(i) * inverse(BigInt(i - j))), 1n);
    return mod(sum + lambda * y);
  }, 0n);
}

function zeros(w: World, server: number, products: number, z: Map<number, Buffer>, bound: Buffer) {
  return Array.from({ length: products }, (_, m) =>
    masks(w.n, w.t)
      .filter((mask) => holds(mask, server))
      .reduce((sum, mask) => {
        const zeta = elements(hmac(z.get(mask)!, bound), 0n, products * w.t);
        let inner = 0n;
        for (let e = 1; e <= w.t; e++) {
          inner += power(BigInt(server), BigInt(e)) * zeta[m * w.t + e - 1]!;
        }
        return mod(sum + weight(w.n, mask, server) * inner);
      }, 0n),
  );
}

const CASES = [
  [3, 1],
  [4, 1],
  [5, 2],
  [3, 2],
  [2, 1],
] as const;

function randomWorld(): World {
  const [n, t] = CASES[randomInt(CASES.length)]!;
  const all = masks(n, t);
  return {
    n,
    t,
    log: randomBytes(16),
    epoch: randomInt(2 ** 32),
    run: randomInt(2 ** 32),
    generation: 1 + randomInt(9),
    stay: `stay-${randomInt(1000)}`,
    counter: BigInt(randomInt(2 ** 47)),
    splitKeys: new Map(all.map((mask) => [mask, randomBytes(32)])),
    secrets: new Map(all.map((mask) => [mask, randomBytes(32)])),
  };
}

const keysOf = (w: World, held: readonly number[]) =>
  new MaskKeys(
    { servers: w.n, threshold: w.t },
    { log: w.log, epoch: w.epoch, run: w.run, generation: w.generation },
    new Map(held.map((mask) => [mask, maskRoot(w.splitKeys.get(mask)!, w.secrets.get(mask)!)])),
  );

describe('a second implementation of SHARING.md', () => {
  it('agrees with the first on 1,000 random frames, in both directions [SHARE-9] [SHARE-12]', () => {
    for (let round = 0; round < 1000; round++) {
      const w = randomWorld();
      const config = { servers: w.n, threshold: w.t };
      const columns = Array.from({ length: randomInt(4) }, () => ({
        header: randomBytes(randomInt(20)),
        values: Array.from({ length: randomInt(6) }, () => randomInt(-60000, 60000)),
      }));
      const segments = Array.from({ length: randomInt(3) }, () => randomBytes(2 + randomInt(80)));
      const theirs = split(w, columns, segments);
      const ours = splitFrame(keysOf(w, setsOf(config)), w.stay, Number(w.counter), {
        columns,
        products: [],
        segments: segments.map((plaintext) => ({ header: Buffer.from('s'), plaintext })),
      });
      const flat = ours.columns.flatMap(({ masked }) =>
        Array.from({ length: masked.length / 2 }, (_, i) => getBigInt(masked, i)),
      );
      expect(flat).toEqual(theirs.masked);
      expect(Buffer.concat(ours.segments.map(({ masked }) => masked))).toEqual(theirs.wave);
      expect(
        [...ours.columns, ...ours.segments].map((part) => Buffer.from(part.commitment)),
      ).toEqual(theirs.commitments);

      // Ours split, theirs derive and open; theirs split, ours derive and open.
      const values = columns.flatMap((column) => column.values);
      const vector = fieldVector(values.length);
      theirs.masked.forEach((value, i) => setBigInt(vector, i, value));
      const shares = Array.from({ length: w.n }, (_, index) => {
        const held = keysOf(w, setsOfServer(config, index + 1));
        return deriveShares(held, index + 1, 1, w.stay, Number(w.counter), vector);
      });
      const server = 1 + randomInt(w.n);
      expect(derive(w, server, flat)).toEqual(
        values.map((_, i) => getBigInt(shares[server - 1]!, i)),
      );
      values.forEach((value, i) => {
        const answers = shares.map((share, j) => ({ server: j + 1, value: getBigInt(share, i) }));
        expect(openAnswer(config, w.t, answers).value).toBe(mod(BigInt(value)));
        const points = answers.slice(0, w.t + 1).map((a): [number, bigint] => [a.server, a.value]);
        expect(lagrangeAtZero(points)).toBe(mod(BigInt(value)));
      });
    }
  }, 120_000);

  it('agrees on shares of zero [SHARE-13] [SHARE-14]', () => {
    for (let round = 0; round < 50; round++) {
      const w = randomWorld();
      const config = { servers: w.n, threshold: w.t };
      const bound = randomBytes(32);
      const contributions = new Map(
        masks(w.n, w.t).map((mask) => [
          mask,
          Array.from({ length: w.n - w.t }, () => randomBytes(32)),
        ]),
      );
      const theirs = new Map(
        [...contributions].map(([mask, parts]) => [
          mask,
          hmac(Buffer.from('vitalshare zero 1'), ...parts),
        ]),
      );
      for (let server = 1; server <= w.n; server++) {
        const held = new Map(
          setsOfServer(config, server).map((m) => [m, zeroKey(contributions.get(m)!)]),
        );
        expect(zeroShares(config, server, held, bound, 3)).toEqual(
          zeros(w, server, 3, theirs, bound),
        );
      }
    }
  });
});
