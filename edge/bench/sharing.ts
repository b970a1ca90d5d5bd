/**
 * What splitting and deriving cost on one core, each beside its twins; `npm run bench` prints it.
 *
 * Twins: the textbook the tests use, and OpenSSL's keystream with BigInt arithmetic. Short rounds of
 * all forms take turns in one process and the fastest of each counts: the machine may be shared, so
 * trust the ratios more than the rates.
 */
import { createCipheriv } from 'node:crypto';
import { P, fieldVector, getBigInt, setBigInt, setInteger } from '../field/field.ts';
import { deriveInto } from '../sharing/derive.ts';
import { subtractMasks } from '../sharing/masks.ts';
import { MaskKeys, USE, fOfSet, maskRoot, setsOf, setsOfServer } from '../sharing/sharing.ts';
import { splitFrame, type FramePlain } from '../sharing/split.ts';
import { addMasksTextbook } from '../sharing/textbook.ts';

export const READINGS_PER_FRAME = 60;
const ROUNDS = 50;
const STAY = 'bed-01';

const config = { servers: 3, threshold: 1 };
const masks = setsOf(config);
const rootOf = (mask: number) =>
  maskRoot(new Uint8Array(32).fill(mask), new Uint8Array(32).fill(9));
const context = { log: new Uint8Array(16), epoch: 1, run: 1, generation: 1 };
const keysOf = (held: readonly number[]) =>
  new MaskKeys(config, context, new Map(held.map((mask) => [mask, rootOf(mask)])));
const gateway = keysOf(masks);
const server = keysOf(setsOfServer(config, 1));
const gatewayKeys = gateway.packedKeysOf(USE.numeric, STAY);
const serverKeys = server.packedKeysOf(USE.numeric, STAY);
const factors = server.masks.map((mask) => fOfSet(config, mask, 1));
const minusOnes = gateway.masks.map(() => P - 1n);

const vector = fieldVector(READINGS_PER_FRAME);
for (let i = 0; i < READINGS_PER_FRAME; i++) setInteger(vector, i, 700 + i);

const frameOf = (columns: number): FramePlain => ({
  columns: Array.from({ length: columns }, (_, column) => ({
    header: new Uint8Array(12),
    values: Int32Array.from({ length: READINGS_PER_FRAME / columns }, (_, i) => 700 + column + i),
  })),
  products: [],
  segments: [],
});
const oneColumn = frameOf(1);
const fourColumns = frameOf(4);

const zeros = new Uint8Array(8 * READINGS_PER_FRAME);

/** OpenSSL and BigInt: without the redrawing, which never happens. */
function opensslTwin(keys: Uint8Array, scales: readonly bigint[], counter: number): void {
  const nonce = Buffer.alloc(16);
  nonce.writeBigUInt64LE(BigInt(counter), 4);
  const sums = Array.from({ length: READINGS_PER_FRAME }, (_, i) => getBigInt(vector, i));
  scales.forEach((scale, set) => {
    const key = keys.subarray(32 * set, 32 * set + 32);
    const stream = createCipheriv('chacha20', key, nonce).update(zeros);
    for (let i = 0; i < sums.length; i++) {
      sums[i] = (sums[i]! + scale * (stream.readBigUInt64LE(8 * i) & P)) % P;
    }
  });
  sums.forEach((sum, i) => setBigInt(vector, i, sum));
}

interface Work {
  readonly once: (counter: number) => void;
  /** A round does one frame in so many, so that all rounds last a few milliseconds. */
  readonly oneIn: number;
}
const works = {
  mask: { once: (counter) => subtractMasks(vector, gatewayKeys, counter), oneIn: 1 },
  derive: {
    once: (counter) => deriveInto(server, 1, USE.numeric, STAY, counter, vector),
    oneIn: 1,
  },
  splitOne: { once: (counter) => void splitFrame(gateway, STAY, counter, oneColumn), oneIn: 8 },
  splitFour: { once: (counter) => void splitFrame(gateway, STAY, counter, fourColumns), oneIn: 20 },
  maskTextbook: {
    once: (counter) => addMasksTextbook(vector, gatewayKeys, minusOnes, counter, 0),
    oneIn: 200,
  },
  deriveTextbook: {
    once: (counter) => addMasksTextbook(vector, serverKeys, factors, counter, 0),
    oneIn: 200,
  },
  maskOpenssl: { once: (counter) => opensslTwin(gatewayKeys, minusOnes, counter), oneIn: 20 },
  deriveOpenssl: { once: (counter) => opensslTwin(serverKeys, factors, counter), oneIn: 20 },
} satisfies Record<string, Work>;
export type SharingWork = keyof typeof works;

/** Seconds a frame, the fastest round of each, after two rounds to warm up. */
export function secondsPerFrame(readings: number): Record<SharingWork, number> {
  const names = Object.keys(works) as SharingWork[];
  const fastest = Object.fromEntries(names.map((name) => [name, Infinity])) as Record<
    SharingWork,
    number
  >;
  for (let round = -2; round < ROUNDS; round++) {
    for (const name of names) {
      const { once, oneIn } = works[name];
      const frames = Math.ceil(readings / READINGS_PER_FRAME / ROUNDS / oneIn);
      const start = process.hrtime.bigint();
      for (let i = 0; i < frames; i++) once(i + 1);
      const seconds = Number(process.hrtime.bigint() - start) / 1e9 / frames;
      if (round >= 0) fastest[name] = Math.min(fastest[name], seconds);
    }
  }
  return fastest;
}
