/** EDF files for tests, straight from the published layout; nothing shared with the reader. */

export interface EdfFixtureSignal {
  readonly label: string;
  readonly unit: string;
  /** Physical minimum and maximum, digital minimum and maximum, as the header prints them. */
  readonly range: readonly [string, string, string, string];
  /** Samples, or bytes of annotations, for each record. */
  readonly records: readonly (readonly number[] | string)[];
  /** Samples in a record; for annotations, half their bytes. */
  readonly size: number;
}

export interface EdfFixture {
  readonly kind?: string;
  readonly version?: string;
  readonly date?: string;
  readonly time?: string;
  readonly seconds?: string;
  readonly recordCount?: string;
  readonly headerBytes?: string;
  readonly signalCount?: string;
  readonly signals: readonly EdfFixtureSignal[];
}

export function edfBytes(fixture: EdfFixture): Uint8Array {
  const { signals } = fixture;
  const records = signals[0]?.records.length ?? 0;
  const fixed = [
    [fixture.version ?? '0', 8],
    ['X X X X', 80],
    ['Startdate X X X X', 80],
    [fixture.date ?? '02.01.26', 8],
    [fixture.time ?? '03.04.05', 8],
    [fixture.headerBytes ?? String(256 * (1 + signals.length)), 8],
    [fixture.kind ?? '', 44],
    [fixture.recordCount ?? String(records), 8],
    [fixture.seconds ?? '1', 8],
    [fixture.signalCount ?? String(signals.length), 4],
  ] as const;
  const perSignal = [
    [16, (signal: EdfFixtureSignal) => signal.label],
    [80, () => ''],
    [8, (signal: EdfFixtureSignal) => signal.unit],
    [8, (signal: EdfFixtureSignal) => signal.range[0]],
    [8, (signal: EdfFixtureSignal) => signal.range[1]],
    [8, (signal: EdfFixtureSignal) => signal.range[2]],
    [8, (signal: EdfFixtureSignal) => signal.range[3]],
    [80, () => ''],
    [8, (signal: EdfFixtureSignal) => String(signal.size)],
    [32, () => ''],
  ] as const;
  const head =
    fixed.map(([text, width]) => text.padEnd(width)).join('') +
    perSignal.map(([width, of]) => signals.map((each) => of(each).padEnd(width)).join('')).join('');
  const body: number[] = [];
  for (let record = 0; record < records; record++) {
    for (const { records: all, size } of signals) {
      const content = all[record]!;
      if (typeof content === 'string') {
        const bytes = [...new TextEncoder().encode(content)];
        body.push(...bytes, ...new Array<number>(2 * size - bytes.length).fill(0));
      } else for (const sample of content) body.push(sample & 255, (sample >> 8) & 255);
    }
  }
  return Uint8Array.from([...new TextEncoder().encode(head), ...body]);
}

export const ecgSignal = (more: Partial<EdfFixtureSignal> = {}): EdfFixtureSignal => ({
  label: 'ECG II',
  unit: 'mV',
  range: ['-3.2767', '3.2767', '-32767', '32767'],
  records: [
    [0, 1, -1, 32767],
    [2, 3, 4, -32768],
  ],
  size: 4,
  ...more,
});
