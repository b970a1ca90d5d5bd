/**
 * What splitting and deriving cost in plain typed arrays, one core, in ratios within one run.
 * `npm run bench -- --readings N` sets the size; CI runs it once, small.
 *
 * The peer is the same derivation as a textbook writes it, in BigInt over the same keystreams.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { getBigInt } from '../field/field.ts';
import { add, multiply } from '../field/textbook.ts';
import { deriveShares } from '../sharing/derive.ts';
import {
  MaskKeys,
  USE,
  fOfSet,
  maskRoot,
  setsOf,
  setsOfServer,
  streamElements,
} from '../sharing/sharing.ts';
import { splitFrame, type FramePlain } from '../sharing/split.ts';

const { values } = parseArgs({ options: { readings: { type: 'string', default: '2000000' } } });
const READINGS = Number(values.readings);
const READINGS_PER_FRAME = 60;
const config = { servers: 3, threshold: 1 };
const roots = new Map(
  setsOf(config).map((mask) => [
    mask,
    maskRoot(new Uint8Array(32).fill(mask), new Uint8Array(32).fill(9)),
  ]),
);
const context = { log: new Uint8Array(16), epoch: 1, run: 1, generation: 1 };
const gateway = new MaskKeys(config, context, roots);
const own = new Map(setsOfServer(config, 1).map((mask) => [mask, roots.get(mask)!]));
const server = new MaskKeys(config, context, own);

const header = new Uint8Array(12);
const frame: FramePlain = {
  columns: [0, 1, 2, 3].map((column) => ({
    header,
    values: Int32Array.from({ length: READINGS_PER_FRAME / 4 }, (_, i) => 700 + column + i),
  })),
  products: [],
  segments: [],
};

/** Seconds for `READINGS` readings, after a warm-up of a tenth. */
function timed(work: (counter: number) => void, readings = READINGS): number {
  const frames = Math.max(1, Math.floor(readings / READINGS_PER_FRAME));
  for (let i = 0; i < frames / 10; i++) work(i + 1);
  const start = process.hrtime.bigint();
  for (let i = 0; i < frames; i++) work(i + 1);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  return (seconds * READINGS) / (frames * READINGS_PER_FRAME);
}

const joined = new Uint32Array(2 * READINGS_PER_FRAME);
const stream = new Uint32Array(2 * READINGS_PER_FRAME);
const factors = server.masks.map((mask) => fOfSet(config, mask, 1));

/** `deriveShares` as a textbook writes it. */
function deriveTextbook(counter: number): bigint[] {
  const shares = Array.from({ length: READINGS_PER_FRAME }, (_, i) => getBigInt(joined, i));
  server.masks.forEach((mask, set) => {
    streamElements(server.keyOf(mask, USE.numeric, 'bed-01'), counter, 0, stream);
    for (let i = 0; i < shares.length; i++) {
      shares[i] = add(shares[i]!, multiply(factors[set]!, getBigInt(stream, i)));
    }
  });
  return shares;
}

const split = timed((counter) => void splitFrame(gateway, 'bed-01', counter, frame));
const deriving = timed((counter) => {
  deriveShares(server, 1, USE.numeric, 'bed-01', counter, joined);
});
const peer = timed(deriveTextbook, READINGS / 10);
const rate = (seconds: number) => `${(READINGS / seconds / 1e6).toFixed(2)} M readings/s`;
console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}`);
console.log(
  `${READINGS} readings in frames of ${READINGS_PER_FRAME}, 3 servers, threshold 1, one core`,
);
console.log(`split (gateway)            ${rate(split)}`);
console.log(`derive (one server)        ${rate(deriving)}`);
console.log(`split plus derive          ${rate(split + deriving)}`);
console.log(`derive in BigInt           ${rate(peer)}: ${(peer / deriving).toFixed(1)} x slower`);
