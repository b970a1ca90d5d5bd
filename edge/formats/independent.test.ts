/**
 * What is written here, read by readers that share nothing with ours; and EDF read by both.
 *
 *   BioSig      Debian's biosig-tools and python3-biosig 2.5: format 212, format 16 with one signal, annotations, EDF.
 *               (It takes signals of a shared file of format 16 from the wrong places, and loses the
 *               date beside a time with a fraction.)
 *   wfdb_read   vectors/wfdb_read.py, written from the manual: format 16 and 212 with any signals
 *
 * Both run where `.ci/services` has put them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { isBeat, readAnnotations, writeAnnotations } from './annotations.ts';
import { ecgSignal, edfBytes } from './edf.fixture.ts';
import { readEdf } from './edf.ts';
import { writeWfdb } from './wfdb-write.ts';
import type { WritableRecord } from './wfdb-write.ts';

const MISSING = -32768;
const RECORD = join(import.meta.dirname, '../../../shared/data/ecg-mitbih/100');
const folder = mkdtempSync(join(tmpdir(), 'vitalshare-formats-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const works = (python: string, code: string): boolean =>
  spawnSync(python, ['-c', code]).status === 0;
// Debian's modules are those of /usr/bin/python3, which need not be the first on the path.
const pythons = ['/usr/bin/python3', 'python3'];
const withBiosig = pythons.find((python) =>
  works(python, 'import biosig, subprocess; subprocess.run(["save2gdf", "--version"])'),
);
const anyPython = pythons.find((python) => works(python, 'import struct'));
const why = (missing: boolean, what: string): string =>
  missing ? ` (skipped: no ${what}; .ci/services installs it)` : '';

function readWith<T>(python: string, script: string, files: string[]): Record<string, T> {
  const out = join(folder, 'out.json');
  const path = join(import.meta.dirname, 'vectors', script);
  const { status, stderr } = spawnSync(python, [path, out, ...files], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
  return JSON.parse(readFileSync(out, 'utf8')) as Record<string, T>;
}

function write(record: WritableRecord): string {
  const { headerName, header, dataName, data } = writeWfdb(record);
  writeFileSync(join(folder, dataName), data);
  writeFileSync(join(folder, headerName), header);
  return join(folder, headerName);
}

/**
 * Any records of at most `signals` signals, the top of the range left out: BioSig calls it
 * saturated.
 */
const records = (top: number, signals: number, count: number) => {
  const sample = fc.oneof(fc.integer({ min: 1 - top, max: top - 1 }), fc.constant(MISSING));
  const any = fc.integer({ min: 1, max: 60 }).chain((length) =>
    fc.record({
      rateMilliHz: fc.integer({ min: 3, max: 1000 }).map((hz) => hz * 1000),
      startTime: fc.integer({ min: 0, max: 4e9 }).map((second) => new Date(second * 1000)),
      signals: fc.array(
        fc.record({
          description: fc.constantFrom('II', 'V5', 'PLETH', 'RESP'),
          unit: fc.constantFrom('mV', 'uV', 'mmHg'),
          gain: fc.constantFrom(200, 0.5, 1023, -12.25, 38880, 1e-3),
          baseline: fc.integer({ min: -70_000, max: 70_000 }),
          samples: fc
            .array(sample, { minLength: length, maxLength: length })
            .map((all) => Int16Array.from(all)),
        }),
        { minLength: 1, maxLength: signals },
      ),
    }),
  );
  return fc.sample(any, count);
};

const physical = ({ signals }: Pick<WritableRecord, 'signals'>): (number | null)[][] =>
  signals.map(({ samples, gain, baseline }) =>
    Array.from(samples, (each) => (each === MISSING ? null : (each - baseline) / gain)),
  );

function expectSame(got: (number | null)[], expected: (number | null)[]): void {
  expect(got.map((value) => value === null)).toEqual(expected.map((value) => value === null));
  const off = expected.filter((value, i) => {
    const slack = 1e-9 * Math.max(1, Math.abs(value ?? 0));
    return value !== null && Math.abs(got[i]! - value) > slack;
  });
  expect(off).toEqual([]);
}

interface Biosig {
  rateHz: number;
  start: string;
  labels: string[];
  units: string[];
  events: [atSeconds: number, code: number][];
  rows: (number | null)[][];
}
const columns = ({ rows }: Biosig): (number | null)[][] =>
  rows[0]!.map((_value, index) => rows.map((row) => row[index]!));

describe.skipIf(withBiosig === undefined)(
  `BioSig${why(withBiosig === undefined, 'biosig-tools and python3-biosig')}`,
  () => {
    const read = (files: string[]) => readWith<Biosig>(withBiosig!, 'biosig_read.py', files);

    it('reads the records written here: samples, gaps, gains, units, rates and times', () => {
      const drawn = [...records(2047, 6, 25), ...records(32767, 1, 10)];
      const files = drawn.map((record, index) => write({ name: `any${index}`, ...record }));
      const all = read(files);
      drawn.forEach((record, index) => {
        const got = all[files[index]!]!;
        expect(got.labels).toEqual(record.signals.map(({ description }) => description));
        expect(got.rateHz).toBe(record.rateMilliHz / 1000);
        expect(got.units).toEqual(record.signals.map(({ unit }) => unit));
        // Its clock loses some microseconds.
        const start = Date.parse(`${got.start.replace(' ', 'T')}Z`);
        // It prints no date at all for a few; the second reader below checks every one.
        const off = Math.abs(start - record.startTime.getTime());
        if (!Number.isNaN(start)) expect(off).toBeLessThanOrEqual(1);
        physical(record).forEach((values, at) => expectSame(columns(got)[at]!, values));
      });
    });

    it.skipIf(!existsSync(`${RECORD}.atr`))(
      'reads the annotations of record 100 as we do, and as we write them again',
      () => {
        const bytes = new Uint8Array(readFileSync(`${RECORD}.atr`));
        const annotations = readAnnotations(bytes, '100.atr');
        const samples = new Int16Array(650_000).fill(1);
        const header = write({
          ...{ name: 'again', rateMilliHz: 360_000 },
          signals: [{ description: 'MLII', unit: 'mV', gain: 200, baseline: 0, samples }],
        });
        writeFileSync(header.replace('.hea', '.atr'), writeAnnotations(annotations));
        const all = read([`${RECORD}.hea`, header]);
        for (const [file, first] of [
          [`${RECORD}.hea`, -0.145],
          [header, 0.005],
        ] as const) {
          const { events, rows } = all[file]!;
          expect(rows[0]![0]).toBeCloseTo(first, 9);
          // Beats as it counts them; it prints seconds from the second sample on.
          const beats = events.filter(([, code]) => isBeat(code));
          expect(beats).toHaveLength(2273);
          const own = annotations.filter(({ code }) => isBeat(code));
          const wrong = own.filter(
            ({ sample, code }, i) =>
              Math.abs(beats[i]![0] * 360 - (sample - 1)) > 0.01 || beats[i]![1] !== code,
          );
          expect(wrong).toEqual([]);
        }
      },
    );

    it('and our own reader find the same in an EDF file', () => {
      const bytes = edfBytes({
        seconds: '0.5',
        signals: [
          ecgSignal(),
          ecgSignal({ label: 'ECG V5', unit: 'uV', range: ['-1000', '500', '-2048', '2047'] }),
          ecgSignal({
            label: 'Resp chest',
            range: ['3', '-1', '-100', '100'],
            records: [
              [1, 2, 3, 4],
              [5, 6, 7, 8],
            ],
          }),
        ],
      });
      const file = join(folder, 'a.edf');
      writeFileSync(file, bytes);
      const got = read([file])[file]!;
      const { waveforms } = readEdf('a.edf', bytes);
      expect(got.rateHz).toBe(8);
      expect(got.start).toMatch(/^2026-01-02 03:04:0[45]/);
      waveforms.forEach(({ samples, gain, baseline }, index) => {
        samples.forEach((sample, i) => {
          const theirs = got.rows[i]![index];
          // At the ends of its range BioSig says nothing.
          if (theirs === null || theirs === undefined) return;
          const ours = (sample - baseline) / gain;
          // A zero between two steps is moved by up to half of one.
          expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(Math.abs(0.5 / gain) + 1e-9);
        });
      });
    });
  },
);

interface Second {
  name: string;
  rateHz: number;
  start: string[];
  signals: { label: string; unit: string; stored: (number | null)[]; values: (number | null)[] }[];
}

describe.skipIf(anyPython === undefined)(
  `a second reader from the manual${why(anyPython === undefined, 'python3')}`,
  () => {
    it('reads the records written here, checksums and all', () => {
      const drawn = [...records(2048, 6, 40), ...records(32768, 6, 40)];
      const files = drawn.map((record, index) => write({ name: `second${index}`, ...record }));
      const all = readWith<Second>(anyPython!, 'wfdb_read.py', files);
      drawn.forEach((record, index) => {
        const { signals, rateHz, start } = all[files[index]!]!;
        expect(rateHz).toBe(record.rateMilliHz / 1000);
        const [day, time] = record.startTime.toISOString().split(/[T.]/);
        expect(start).toEqual([time, day!.split('-').reverse().join('/')]);
        expect(signals.map(({ label, unit }) => [label, unit])).toEqual(
          record.signals.map(({ description, unit }) => [description, unit]),
        );
        physical(record).forEach((values, at) => {
          expect(signals[at]!.stored).toEqual(
            Array.from(record.signals[at]!.samples, (each) => (each === MISSING ? null : each)),
          );
          expectSame(signals[at]!.values, values);
        });
      });
    });
  },
);
