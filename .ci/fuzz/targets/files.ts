/** Files of other systems and what people type: edge/formats, simulator/player, the page's feed. */
import { gzipSync } from 'node:zlib';
import { readAnnotations, writeAnnotations } from '../../../edge/formats/annotations.ts';
import { readBreathsCsv } from '../../../edge/formats/breaths-csv.ts';
import { parseColumnMap } from '../../../edge/formats/columns.ts';
import { readCsv } from '../../../edge/formats/csv-in.ts';
import { ecgSignal, edfBytes } from '../../../edge/formats/edf.fixture.ts';
import { readEdf } from '../../../edge/formats/edf.ts';
import { FormatError } from '../../../edge/formats/error.ts';
import { parseWfdbHeader } from '../../../edge/formats/wfdb-header.ts';
import { writeWfdb } from '../../../edge/formats/wfdb-write.ts';
import { readWfdb } from '../../../edge/formats/wfdb.ts';
import { parseTime } from '../../../edge/command/time.ts';
import { UserError } from '../../../edge/command/command.ts';
import { MISSING_SAMPLE } from '../../../edge/vital/vital.ts';
import { followFeed } from '../../../gateway/web/feed-client.ts';
import { parseEntry, entryJson } from '../../../gateway/registry/entry.ts';
import { enroll } from '../../../gateway/registry/enroll.ts';
import { Anchors } from '../../../gateway/ingest/anchors.ts';
import { MemoryDisk } from '../../../gateway/log/memory-disk.fixture.ts';
import { PacketMeter } from '../../../gateway/broker/packet-meter.ts';
import { tableOptions } from '../../../simulator/player/table-options.ts';
import { unpacked } from '../../../simulator/player/user-file.ts';
import { readRecording } from '../../../simulator/player/read-recording.ts';
import { CanonicalError, parseJson } from '../../../edge/keys/canonical.ts';
import { gzipBomb, hex, JSON_HOSTILE, nesting, text, zeros } from '../hostile.ts';
import { joined, mutateBytes } from '../mutate.ts';
import { mutateJson } from '../mutate-json.ts';
import type { Random } from '../random.ts';
import { only, sameBytes, type Target, Unfit } from '../target.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const format = only(FormatError);

export const fileTargets: readonly Target[] = [
  {
    name: 'format-wfdb',
    codec: 'edge/formats/wfdb-header.ts parseWfdbHeader, wfdb.ts readWfdb (212, 16, 80)',
    samples: 'header u16-sized, then its signal file; format 80 by rewriting the header',
    errors: 'FormatError',
    make: () => ({
      sample: wfdbOf,
      mutate: mutateBytes,
      decode: (bytes) => {
        const [header, data] = sized(bytes);
        const recording = readWfdb(parseWfdbHeader(decoder.decode(header)), () => data);
        const samples = recording.waveforms.reduce((sum, each) => sum + each.samples.length, 0);
        if (samples > 8 * data.length + 64) throw new Unfit('more samples than the file has bits');
        return recording;
      },
      refusal: format,
    }),
    hostile: {
      empty: zeros(0),
      '2^31 samples of nothing': () =>
        withHeader('a 1 250 2147483647\na.dat 16 200 16 0 0 0 0 ECG\n'),
      '64 signals of one file': () =>
        withHeader(`a 64 250 4\n${'a.dat 212 200 12 0 0 0 0 ECG\n'.repeat(64)}`),
      'a file outside of its folder': () =>
        withHeader('a 1 250 4\n../../etc/passwd 16 200 16 0 0 0 0 ECG\n'),
      'a rate of 10^300': () => withHeader('a 1 1e300 4\na.dat 16 200 16 0 0 0 0 ECG\n'),
      'an escape in a name': () =>
        withHeader('a 1 250 4\na.dat 16 200 16 0 0 0 0 \u001b[2J\u202eECG\n'),
    },
  },
  {
    name: 'format-annotations',
    codec: 'edge/formats/annotations.ts readAnnotations',
    samples: 'beats, rhythms with text, skips',
    errors: 'FormatError',
    make: () => ({
      sample: (random) =>
        writeAnnotations(
          Array.from({ length: 1 + random.below(8) }, (_, i) => ({
            ...{
              sample: 5_000 * i + random.below(5_000),
              code: 1 + random.below(40),
              symbol: '',
              sub: 0,
            },
            ...{ channel: random.below(3), num: 0, aux: random.chance(3) ? '(AFIB' : '' },
          })),
        ),
      mutate: mutateBytes,
      decode: (bytes) => {
        const annotations = readAnnotations(bytes, 'a.atr');
        const again = writeAnnotations(annotations);
        sameBytes(again, writeAnnotations(readAnnotations(again, 'a.atr')));
        return annotations;
      },
      refusal: format,
    }),
    hostile: {
      empty: zeros(0),
      'skip −2^31': hex('00ec 0080 0000 0104 0000'),
      'text of 1,023': hex('0104 fffc'),
      'num first': hex('01f0 0000'),
    },
  },
  {
    name: 'format-edf',
    codec: 'edge/formats/edf.ts readEdf',
    samples: 'EDF and EDF+C with annotations',
    errors: 'FormatError',
    make: () => ({
      sample: edfOf,
      mutate: mutateBytes,
      decode: (bytes) => readEdf('a.edf', bytes),
      refusal: format,
    }),
    hostile: {
      empty: zeros(0),
      '9,999 signals': () => edfBytes({ signalCount: '9999', signals: [ecgSignal()] }),
      '99,999,999 records': () => edfBytes({ recordCount: '99999999', signals: [ecgSignal()] }),
      'records of no time': () => edfBytes({ seconds: '0', signals: [ecgSignal()] }),
      'a label of escapes': () => edfBytes({ signals: [ecgSignal({ label: '\u001b[2J' })] }),
    },
  },
  {
    name: 'format-csv',
    codec: 'edge/formats/csv-in.ts readCsv (numbers a second, samples, gaps, column map)',
    samples: 'map line, rate line, then a table as BIDMC and plain ones have it',
    errors: 'FormatError',
    make: () => ({
      sample: csvOf,
      mutate: mutateBytes,
      decode: (bytes) => {
        const [options, table] = sized(bytes);
        const [map = '', rate = ''] = decoder.decode(options).split('\n');
        const rateHz = Number(rate);
        return readCsv('a.csv', table, {
          map: map === '' ? undefined : parseColumnMap(map),
          rateHz: rateHz > 0 && rateHz <= 100_000 ? rateHz : undefined,
        });
      },
      refusal: format,
    }),
    hostile: {
      empty: zeros(0),
      'two rows 68 years apart': () => table('time,ecg\n0,1\n0.001,2\n2147483647,3\n'),
      'times of 10^300': () => table('time,ecg\n0,1\n1e300,2\n'),
      '5,000 columns': () => table(`${'a,'.repeat(5_000)}a\n1\n`),
      'nested brackets': () => table(`time,${'['.repeat(20_000)}\n1,2\n`),
      'brackets and spaces': () =>
        table(`time,a${' '.repeat(30_000)}[${'x'.repeat(30_000)}\n1,2\n`),
    },
  },
  {
    name: 'format-breaths',
    codec: 'edge/formats/breaths-csv.ts readBreathsCsv',
    samples: 'two annotators',
    errors: 'FormatError',
    make: () => ({
      sample: () =>
        encoder.encode(
          'breaths ann1 [signal sample no],breaths ann2 [signal sample no]\n189,187\n400,\n',
        ),
      mutate: mutateBytes,
      decode: (bytes) => readBreathsCsv('a.csv', bytes),
      refusal: format,
    }),
    hostile: {
      empty: zeros(0),
      NUL: zeros(100),
      'sample 2^53': text('breaths ann1 [signal sample no]\n9007199254740993\n'),
    },
  },
  {
    name: 'player-options',
    codec:
      'simulator/player/table-options.ts tableOptions; edge/command/time.ts parseTime; columns.ts parseColumnMap',
    samples: 'what people type: rate, start, map, a line each',
    errors: 'UserError, FormatError',
    make: () => ({
      sample: (random) =>
        encoder.encode(
          random.pick([
            '360\n1h\ntime=t,ecg:II=ECG [mV]',
            '0.5\n2026-01-31T08:30+01:00\nheart-rate=HR',
            '\n2026-01-31\nspo2=SpO2',
          ]),
        ),
      mutate: mutateBytes,
      decode: (bytes) => {
        const [rate = '', start = '', columns = ''] = decoder.decode(bytes).split('\n');
        const timeUs = parseTime(start, 1_800_000_000_000);
        if (timeUs !== null && !(Number.isSafeInteger(timeUs) && timeUs >= 0))
          throw new Unfit('a time that is none');
        const options = tableOptions({ values: { rate, columns }, positionals: [] });
        return options.columns === undefined ? options : parseColumnMap(options.columns);
      },
      refusal: only(UserError, FormatError),
    }),
    hostile: {
      empty: zeros(0),
      NUL: zeros(9),
      digits: text(`${'9'.repeat(50_000)}\n${'9'.repeat(50_000)}d\n${'='.repeat(50_000)}`),
    },
  },
  {
    name: 'player-recording',
    codec: 'simulator/player/read-recording.ts readRecording, user-file.ts unpacked',
    samples: 'csv, packed csv and EDF by their names',
    errors: 'UserError',
    make: () => ({
      sample: (random) => {
        const what = random.below(3);
        const plain = encoder.encode('time,heart-rate\n0,70\n1,71\n');
        return joined(
          Uint8Array.of(what),
          what === 0 ? plain : what === 1 ? new Uint8Array(gzipSync(plain)) : edfOf(random),
        );
      },
      mutate: mutateBytes,
      decode: (bytes) => {
        const path = ['a.csv', 'a.csv.gz', 'a.edf', 'a.bin'][(bytes[0] ?? 0) & 3]!;
        return readRecording(path, () => bytes.subarray(1));
      },
      refusal: (error) => (error instanceof UserError ? 'UserError' : undefined),
    }),
    hostile: {
      empty: zeros(0),
      'a gzip bomb': () => joined(Uint8Array.of(1), gzipBomb(600, '1')()),
    },
    // The bomb is unpacked up to the limit of 512 MiB before it is refused.
    slowMs: 10_000,
  },
  {
    name: 'player-gzip',
    codec: 'simulator/player/user-file.ts unpacked',
    samples: 'packed bytes, unpacked to at most 1 MiB',
    errors: 'UserError',
    make: () => ({
      sample: (random) => new Uint8Array(gzipSync(random.bytes(random.below(400)))),
      mutate: mutateBytes,
      decode: (bytes) => unpacked('a.gz', bytes, 2 ** 20),
      refusal: (error) => (error instanceof UserError ? 'UserError' : undefined),
    }),
    hostile: { empty: zeros(0), 'a gzip bomb': gzipBomb(64, '0') },
  },
  {
    name: 'gateway-node-file',
    codec: 'gateway/registry/entry.ts parseEntry',
    samples: 'nodes/<name>.json',
    errors: 'TypeError that names the field, CanonicalError',
    make: () => ({
      sample: (random) =>
        encoder.encode(
          JSON.stringify(
            entryJson(
              enroll({ node: 'bed-1', labels: { ward: 'a' }, mqttUrl: '' }, random.bytes).entry,
            ),
          ),
        ),
      mutate: mutateJson,
      decode: (bytes) => {
        const entry = parseEntry(parseJson(bytes));
        const again = JSON.stringify(entryJson(entry));
        if (JSON.stringify(entryJson(parseEntry(JSON.parse(again)))) !== again)
          throw new Unfit('it has two spellings');
        return entry;
      },
      refusal: (error) =>
        error instanceof TypeError && /must be|expected an object/.test(error.message)
          ? 'TypeError'
          : only(CanonicalError)(error),
    }),
    hostile: JSON_HOSTILE,
  },
  {
    name: 'gateway-anchors',
    codec:
      'gateway/ingest/anchors.ts parseLine (by its file, see gateway-anchors in the endpoints)',
    samples: 'lines of anchors.jsonl',
    errors: 'UserError',
    make: () => ({
      sample: (random) =>
        encoder.encode(
          `${JSON.stringify([String(random.u32()), random.below(99), random.u32()])}\n`.repeat(
            1 + random.below(3),
          ),
        ),
      mutate: mutateBytes,
      decode: async (bytes) => {
        const disk = new MemoryDisk();
        disk.files.set('a', { written: bytes, synced: bytes });
        return await Anchors.open(await disk.open('a'));
      },
      refusal: only(UserError),
    }),
    hostile: { NUL: zeros(40) },
  },
  {
    name: 'gateway-packet-meter',
    codec: 'gateway/broker/packet-meter.ts PacketMeter',
    samples: 'MQTT packets; cut anywhere it must say the same as whole',
    errors: 'none: false',
    make: () => ({
      sample: (random) =>
        joined(
          Uint8Array.of(0x30, 3),
          random.bytes(3),
          Uint8Array.of(0xc0, 0, 0x30, 0x80, 1),
          random.bytes(128),
        ),
      mutate: mutateBytes,
      decode: (bytes, random) => {
        const whole = new PacketMeter(1_024).accepts(bytes);
        const meter = new PacketMeter(1_024);
        let cut = true;
        for (let at = 0; cut && at < bytes.length;) {
          const end = at + 1 + random.below(9);
          cut = meter.accepts(bytes.subarray(at, end));
          at = end;
        }
        if (whole !== cut) throw new Unfit('where it is cut makes a difference');
        return whole ? bytes : null;
      },
      refusal: () => undefined,
    }),
    hostile: {
      'a length of 256 MiB': hex('30 ffffff7f'),
      'a length without end': hex('30 ffffffff ffff'),
    },
  },
  {
    name: 'page-feed',
    codec: 'gateway/web/feed-client.ts followFeed',
    samples: 'data of Server-Sent Events',
    errors: 'none: no sign of life',
    make: () => ({
      sample: () => encoder.encode('{"nowMs":1,"beds":[{"bed":"a","numbers":{"heart-rate":70}}]}'),
      mutate: mutateJson,
      decode: (bytes) => heard(decoder.decode(bytes)),
      refusal: () => undefined,
    }),
    hostile: { ...JSON_HOSTILE, 'a list': text('[]'), 'deep nesting': nesting(200_000) },
  },
];

/** A length u16, that many bytes, the rest. */
function sized(bytes: Uint8Array): [Uint8Array, Uint8Array] {
  const length = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  return [bytes.subarray(2, 2 + length), bytes.subarray(2 + length)];
}
const withSize = (first: Uint8Array, rest: Uint8Array): Uint8Array =>
  joined(Uint8Array.of(first.length & 255, first.length >> 8), first, rest);
const withHeader = (header: string): Uint8Array =>
  withSize(encoder.encode(header), new Uint8Array(64));
const table = (content: string): Uint8Array =>
  withSize(encoder.encode('\n'), encoder.encode(content));

function wfdbOf(random: Random): Uint8Array {
  const most = random.chance(2) ? 2_000 : 30_000;
  const count = 2 + random.below(30);
  const signals = Array.from({ length: 1 + random.below(3) }, (_, i) => ({
    ...{ description: ['MLII', 'PLETH', 'RESP'][i]!, unit: 'mV', gain: 200, baseline: 0 },
    samples: Int16Array.from({ length: count }, () =>
      random.chance(20) ? MISSING_SAMPLE : random.below(2 * most) - most,
    ),
  }));
  const { header, data } = writeWfdb({
    name: 'a',
    rateMilliHz: 360_000,
    signals,
    startTime: new Date(0),
    comments: ['x'],
  });
  if (random.chance(3)) {
    const eight = Uint8Array.from({ length: 40 }, () => random.below(256));
    return withSize(encoder.encode('a 1 100\na.dat 80 100\n'), eight);
  }
  return withSize(encoder.encode(header), data);
}

function edfOf(random: Random): Uint8Array {
  if (random.chance(2)) return edfBytes({ signals: [ecgSignal(), ecgSignal({ label: 'Pleth' })] });
  const notes = {
    label: 'EDF Annotations',
    unit: '',
    range: ['-1', '1', '-32768', '32767'] as const,
    size: 16,
  };
  return edfBytes({
    kind: 'EDF+C',
    signals: [ecgSignal(), { ...notes, records: ['+0\x14\x14\0+1\x14beat\x14\0', '+1\x14\x14\0'] }],
  });
}

function csvOf(random: Random): Uint8Array {
  const options = random.pick([
    '\n',
    '\n',
    'time=Time [s],ecg:II=II [mV],pleth=PLETH [1]\n',
    '\n125',
    'heart-rate=HR,time=Time [s]\n',
  ]);
  const rows = 2 + random.below(6);
  const step = options.startsWith('heart') ? 1 : random.pick([0.008, 0.004]);
  const times = Array.from({ length: rows }, (_, i) => String(Number((i * step).toFixed(3))));
  const content = times
    .map(
      (time) =>
        `${time},${random.below(90)},0.${random.below(999)},${random.pick(['NaN', '', '3', '-'])}`,
    )
    .join('\n');
  return withSize(encoder.encode(options), encoder.encode(`Time [s], HR, PLETH, II\n${content}\n`));
}

/** What a page makes of one event: `null` where it is no sign of life. */
function heard(data: string): unknown {
  let body: unknown = null;
  const take = (event: unknown): void => void (body = event);
  let speak: (event: { data?: unknown }) => void = () => undefined;
  followFeed(
    {
      ...{ ward: take, numbers: take, wave: take, notice: take, alarms: take, news2: take },
      ...{ clock: take, live: () => undefined },
    },
    {
      open: () => ({
        addEventListener: (_type, listener) => (speak = listener),
        close: () => undefined,
      }),
      now: () => 0,
      every: () => undefined,
    },
  );
  speak({ data });
  if (body !== null && (typeof body !== 'object' || Array.isArray(body)))
    throw new Unfit('an event that is no object reaches the page');
  return body;
}
