/**
 * Made `bins.json` once, from this implementation: `npx tsx cloud-sink/messages/vectors/make-bins.ts`.
 * The file is frozen; `bins-vector.test.ts` restates both specifications with node:crypto alone.
 */
import { getBigInt } from '@vitalshare/edge/field';
import { sha256, toHex, utf8 } from '@vitalshare/edge/seal';
import { MaskKeys, maskRoot, setsOf, setsOfServer, USE } from '@vitalshare/edge/sharing';
import { deriveShares } from '@vitalshare/edge/sharing/derive';
import { splitCounts } from '@vitalshare/edge/sharing/split';
import { encodeMaskedBins } from '../bins-record.ts';

const config = { servers: 3, threshold: 1 };
const bytes = (name: string): Uint8Array => sha256(utf8(`bins vector ${name}`));
const context = { log: bytes('log').subarray(0, 16), epoch: 1, run: 2, generation: 1 };
const split = new Map(setsOf(config).map((mask) => [mask, bytes(`K ${mask}`)]));
const secrets = new Map(setsOf(config).map((mask) => [mask, bytes(`s ${mask}`)]));
const rootsOf = (masks: readonly number[]) =>
  new Map(masks.map((mask) => [mask, maskRoot(split.get(mask)!, secrets.get(mask)!)]));
const gateway = new MaskKeys(config, context, rootsOf(setsOf(config)));
const server2 = new MaskKeys(config, context, rootsOf(setsOfServer(config, 2)));

const counts = [0, 1, 0, 250, 49, 0, 0, 0];
const head = { stay: 7, counter: 3, vital: 200, window: 1_700_000_100, readings: 300 };
const masked = splitCounts(gateway, 'bed-1', head.counter, counts);
const shares = deriveShares(server2, 2, USE.bin, 'bed-1', head.counter, masked);
const hexes = (keys: ReadonlyMap<number, Uint8Array>) =>
  Object.fromEntries([...keys].map(([mask, key]) => [mask, toHex(key)]));
const vector = {
  origin: 'computed by edge/sharing and cloud-sink/messages, see make-bins.ts',
  log: toHex(context.log),
  ...{
    epoch: 1,
    run: 2,
    generation: 1,
    name: 'bed-1',
    split: hexes(split),
    secrets: hexes(secrets),
  },
  ...{ head, counts, record: toHex(encodeMaskedBins({ ...head, masked })) },
  server2: counts.map((_, bin) => String(getBigInt(shares, bin))),
};
process.stdout.write(`${JSON.stringify(vector, null, 2)}\n`);
