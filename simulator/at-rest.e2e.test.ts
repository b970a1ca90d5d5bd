/**
 * Nothing readable at rest: after a distinctive signal was replayed, every byte of the log and of the
 * data servers' folders is searched for it in every integer, float and text form, and masked values
 * and shares must look uniform (χ² over bytes).
 *
 * The control is a build of the project whose keystream is zero: the same search finds the signal.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomInt } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { copyHouse } from '../.ci/house.fixture.ts';
import { decodeChunk } from '../cloud-sink/data-server/chunk.ts';
import { CheckedStore } from '../cloud-sink/data-server/checked-store.ts';
import { LmdbStore } from '../cloud-sink/data-server/store-lmdb.ts';
import { framesAtRest } from './masked-log.fixture.ts';
import { Ward } from './ward.fixture.ts';

const ROWS = 3600;
const RATE_HZ = 250;
/** Drawn anew in every run: thousandths of a degree, and 16-bit samples. */
const temperatures = Array.from({ length: ROWS }, () => randomInt(20_001, 40_000));
const samples = Array.from({ length: 40 * RATE_HZ }, () => randomInt(-30_000, 30_000));

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** Little- and big-endian forms of `values` side by side, in one number type. */
function numberForms(values: readonly number[]): [string, Buffer][] {
  const joined = (size: number, write: (bytes: Buffer, value: number, at: number) => void) => {
    const bytes = Buffer.alloc(size * values.length);
    values.forEach((value, i) => write(bytes, value, size * i));
    return bytes;
  };
  const forms: [string, Buffer][] = [
    ['f32 le', joined(4, (b, v, at) => b.writeFloatLE(v, at))],
    ['f32 be', joined(4, (b, v, at) => b.writeFloatBE(v, at))],
    ['f64 le', joined(8, (b, v, at) => b.writeDoubleLE(v, at))],
    ['f64 be', joined(8, (b, v, at) => b.writeDoubleBE(v, at))],
  ];
  if (values.every((value) => Number.isInteger(value))) {
    forms.push(
      ['i16 le', joined(2, (b, v, at) => b.writeUInt16LE(v & 0xffff, at))],
      ['i16 be', joined(2, (b, v, at) => b.writeUInt16BE(v & 0xffff, at))],
      ['i32 le', joined(4, (b, v, at) => b.writeInt32LE(v, at))],
      ['i32 be', joined(4, (b, v, at) => b.writeInt32BE(v, at))],
      ['i64 le', joined(8, (b, v, at) => b.writeBigInt64LE(BigInt(v), at))],
      ['i64 be', joined(8, (b, v, at) => b.writeBigInt64BE(BigInt(v), at))],
    );
  }
  return forms;
}

/** Text of neighbouring values, as CSV, JSON and lines would have it. */
const textForms = (values: readonly number[]): [string, Buffer][] =>
  [',', ', ', '\n', ' ', ';', '","'].map((gap) => [
    `text with ${JSON.stringify(gap)}`,
    Buffer.from(values.map(String).join(gap)),
  ]);

/** Forms of short stretches all through the signal, long enough never to occur by chance. */
function* needles(): Generator<[string, Buffer]> {
  for (let i = 0; i + 4 <= ROWS; i += 97) {
    const fixed = temperatures.slice(i, i + 4);
    const degrees = fixed.map((milli) => milli / 1000);
    for (const [form, bytes] of [...numberForms(fixed), ...textForms(fixed)]) {
      yield [`temperature ${form}`, bytes];
    }
    for (const [form, bytes] of [...numberForms(degrees), ...textForms(degrees)]) {
      yield [`degrees ${form}`, bytes];
    }
    yield ['one f64', numberForms([degrees[0]!])[2]![1]];
  }
  for (let i = 0; i + 4 <= samples.length; i += 997) {
    const four = samples.slice(i, i + 4);
    const millivolts = four.map((sample) => sample / 200);
    for (const [form, bytes] of [
      ...numberForms(four),
      ...textForms(four),
      ...numberForms(millivolts),
      ...textForms(millivolts),
    ]) {
      yield [`ecg ${form}`, bytes];
    }
  }
}

/** Every file of the log and of the data servers. */
const filesAtRest = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => /\/gateway\/logs\/|\/server-\d+\//.test(path));

/**
 * What stands behind the seal of the log, where every data server reads: masked readings (the low 24
 * bits of both words) and masked samples; and the shares at the servers, likewise.
 */
async function bytesAtRest(dir: string): Promise<Buffer[]> {
  const low = (words: readonly number[]) =>
    Buffer.from(words.flatMap((w) => [w & 255, (w >> 8) & 255, (w >> 16) & 255]));
  const masked = framesAtRest(join(dir, 'gateway')).flatMap(({ frame }) => [
    ...frame.columns.map((column) => low([...column.masked])),
    ...frame.segments.map((segment) => Buffer.from(segment.masked)),
  ]);
  const shares: Buffer[] = [];
  for (const server of ['server-1', 'server-2', 'server-3']) {
    const store = new CheckedStore(new LmdbStore(join(dir, server, 'store')));
    const all = [new Uint8Array(0), new Uint8Array(32).fill(255)] as const;
    for (const key of store.keys('shares', ...all)) {
      const chunk = decodeChunk(store.get('shares', key)!, new Uint8Array(0));
      for (const plane of [chunk.lows, chunk.highs]) {
        shares.push(low([...plane].filter((_, i) => (chunk.presence[i >> 3]! >> (i & 7)) & 1)));
      }
    }
    await store.close();
  }
  return [Buffer.concat(masked), Buffer.concat(shares)];
}

/** χ² of the bytes against the uniform distribution, 255 degrees of freedom. */
function chiSquare(bytes: Buffer): number {
  const counts = new Array<number>(256).fill(0);
  for (const byte of bytes) counts[byte]! += 1;
  const expected = bytes.length / 256;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** 255 degrees of freedom exceed this once in about 10^9 runs. */
const CHI_SQUARE_MAX = 410;

async function replayed(house?: string): Promise<string> {
  const files = mkdtempSync(join(tmpdir(), 'vitalshare-at-rest-'));
  const ward = new Ward(['--no-bodies'], house);
  folders.push(files, ward.dir);
  const table = temperatures.map((milli, i) => `${i},${milli / 1000}`);
  writeFileSync(join(files, 't.csv'), ['Time [s],skin-temperature', ...table].join('\n'));
  const dat = Buffer.alloc(2 * samples.length);
  samples.forEach((sample, i) => dat.writeInt16LE(sample, 2 * i));
  writeFileSync(join(files, 'e.dat'), dat);
  const checksum = (samples.reduce((sum, sample) => sum + sample, 0) << 16) >> 16;
  writeFileSync(
    join(files, 'e.hea'),
    `e 1 ${RATE_HZ} ${samples.length}\ne.dat 16 200(0)/mV 16 0 ${samples[0]!} ${checksum} 0 II\n`,
  );
  await ward.up();
  for (const [file, node] of [
    ['t.csv', 'thermometer'],
    ['e.hea', 'strap'],
  ] as const) {
    await ward.json('replay', join(files, file), '--node', node, '--speed', 'max');
  }
  // A question makes every server read the log to its head first; stopping makes them write.
  await ward.run('stats', 'count', 'skin-temperature');
  await ward.stop();
  return ward.dir;
}

function findings(dir: string): Set<string> {
  const files = filesAtRest(dir).map((path) => readFileSync(path));
  expect(files.length).toBeGreaterThan(10);
  const found = new Set<string>();
  for (const [form, needle] of needles()) {
    if (files.some((bytes) => bytes.includes(needle))) found.add(form);
  }
  return found;
}

describe('at rest', () => {
  it('the signal is nowhere, and what stands there looks uniform', async () => {
    const dir = await replayed();
    expect([...findings(dir)]).toEqual([]);
    const [masked, shares] = await bytesAtRest(dir);
    expect(masked!.length).toBeGreaterThan(2 * samples.length + 6 * ROWS);
    expect(shares!.length).toBe(3 * 6 * ROWS);
    expect(chiSquare(masked!)).toBeLessThan(CHI_SQUARE_MAX);
    expect(chiSquare(shares!)).toBeLessThan(CHI_SQUARE_MAX);
  });

  it('the search finds it in a build whose keystream is zero', async () => {
    const house = copyHouse([
      {
        file: 'edge/sharing/masks.ts',
        from: "  const kernel = instantiate('mask', WASM_BASE64) as MaskExports;\n",
        to:
          "  const real = instantiate('mask', WASM_BASE64) as MaskExports;\n" +
          '  const kernel = { ...real, add: () => 0, subtract: () => 0, xor: () => 0 };\n',
      },
    ]);
    folders.push(house);
    const dir = await replayed(house);
    const found = findings(dir);
    expect(found).toContain('temperature i64 le');
    expect(found).toContain('ecg i16 le');
    const [masked, shares] = await bytesAtRest(dir);
    expect(chiSquare(masked!)).toBeGreaterThan(CHI_SQUARE_MAX);
    expect(chiSquare(shares!)).toBeGreaterThan(CHI_SQUARE_MAX);
  });
});
