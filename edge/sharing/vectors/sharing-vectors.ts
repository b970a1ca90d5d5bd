/** Known answers for SHARING.md: one frame of one stay for several configurations, from fixed keys. */
import { getBigInt, type FieldVector } from '../../field/field.ts';
import { toHex } from '../../seal/seal.ts';
import { deriveShares } from '../derive.ts';
import { MaskKeys, USE, maskRoot, setsOf, setsOfServer } from '../sharing.ts';
import { splitFrame } from '../split.ts';
import { zeroShares } from '../zero.ts';

/** Byte i of a labelled test key is (seed + 17·i) mod 256: obviously not a real key. */
const testBytes = (seed: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (seed + 17 * i) & 0xff);
const decimals = (vector: FieldVector): string[] =>
  Array.from({ length: vector.length / 2 }, (_, i) => getBigInt(vector, i).toString());

export const CONFIGURATIONS = [
  [3, 1],
  [4, 1],
  [5, 2],
  [3, 2],
] as const;

export function writeSharingVectors(): object {
  return {
    spec: 'SHARING.md, version 1',
    keys: 'byte i of K_A is (mask + 17 i) mod 256; of s_A (128 + mask + 17 i); of Z_A (64 + mask + 17 i); of the log id (7 + 17 i); of the binding (200 + 17 i)',
    context: { epoch: 1, run: 2, generation: 1, stay: 'bed-01', counter: 4294967301 },
    cases: CONFIGURATIONS.map(([servers, threshold]) => vectorOf({ servers, threshold })),
  };
}

function vectorOf(config: { servers: number; threshold: number }): object {
  const context = { log: testBytes(7, 16), epoch: 1, run: 2, generation: 1 };
  const rootsOf = (masks: readonly number[]) =>
    new Map(masks.map((m) => [m, maskRoot(testBytes(m, 32), testBytes(128 + m, 32))]));
  const counter = 4294967301;
  const gateway = new MaskKeys(config, context, rootsOf(setsOf(config)));
  const columns = [[720, 721, -5], [36600]];
  const header = testBytes(3, 8);
  const plaintext = testBytes(90, 22);
  const split = splitFrame(gateway, 'bed-01', counter, {
    columns: columns.map((values) => ({ header, values })),
    products: [[518400, 519841]],
    segments: [{ header, plaintext }],
  });
  const masked = new Uint32Array(split.columns.flatMap((column) => [...column.masked]));
  const servers = Array.from({ length: config.servers }, (_, index) => {
    const server = index + 1;
    const masks = setsOfServer(config, server);
    const keys = new MaskKeys(config, context, rootsOf(masks));
    const zeros = new Map(masks.map((m) => [m, testBytes(64 + m, 32)]));
    const binding = testBytes(200, 32);
    return {
      server,
      shares: decimals(deriveShares(keys, server, USE.numeric, 'bed-01', counter, masked)),
      zeroShares: zeroShares(config, server, zeros, binding, 2).map(String),
    };
  });
  return {
    ...config,
    columns,
    header: toHex(header),
    masked: decimals(masked),
    productsMasked: decimals(split.products[0]!),
    segment: { plaintext: toHex(plaintext), masked: toHex(split.segments[0]!.masked) },
    commitments: [...split.columns, ...split.segments].map((part) => toHex(part.commitment)),
    dataServers: servers,
  };
}
