/** The masked-frame log: batches, records, and the gateway's fast form of reading them. */
import { EMPTY_HEAD, BatchReader } from '../../../cloud-sink/messages/batch-reader.ts';
import {
  type Batch,
  decodeBatch,
  decodeRecords,
  encodeBatch,
  KIND,
  LogError,
  logRunKey,
  type LogRecord,
} from '../../../cloud-sink/messages/batch.ts';
import { decodeMaskedBins, encodeMaskedBins } from '../../../cloud-sink/messages/bins-record.ts';
import { decodeMaskedFrame, encodeMaskedFrame } from '../../../cloud-sink/messages/masked-frame.ts';
import { RecordError } from '../../../cloud-sink/messages/record-error.ts';
import {
  decodeGenesis,
  decodeStay,
  encodeGenesis,
  encodeStay,
} from '../../../cloud-sink/messages/records.ts';
import {
  decodeRunRecord,
  encodeRunRecord,
  openRunRecord,
  sealRunRecord,
} from '../../../cloud-sink/messages/run-record.ts';
import { headHash, parseHead, parseLogs } from '../../../cloud-sink/messages/heads.ts';
import { AnswerError } from '../../../cloud-sink/messages/answer.ts';
import { presenceBytes, presentBoth, presentCount } from '../../../cloud-sink/messages/presence.ts';
import { fieldVector, setBigInt, type FieldVector } from '../../../edge/field/field.ts';
import { signer, verifier } from '../../../edge/identity/node.ts';
import { canonicalBytes } from '../../../edge/keys/canonical.ts';
import { toBase64Url, toHex } from '../../../edge/seal/bytes.ts';
import { setsOf } from '../../../edge/sharing/sets.ts';
import { fastBatch } from '../../../gateway/log/fast-batch.ts';
import { wholeBatches } from '../../../gateway/log/batch-bytes.ts';
import { columnsOfFrame } from '../../../gateway/log/frame-cells.ts';
import { hex, JSON_HOSTILE, ones, text, zeros } from '../hostile.ts';
import { joined, mutateBytes } from '../mutate.ts';
import { mutateJson } from '../mutate-json.ts';
import type { Random } from '../random.ts';
import { only, sameBytes, stable, type Target, Unfit } from '../target.ts';
import { worldOf } from '../world.ts';

const LOG = new Uint8Array(16).fill(7);
const SALT = new Uint8Array(32).fill(8);
const LOG_KEY = new Uint8Array(32).fill(9);
const KEY = logRunKey(LOG_KEY, SALT, LOG, 1);
const unsigned = (): Uint8Array => new Uint8Array(64);
const anySignature = (): boolean => true;

export const logTargets: readonly Target[] = [
  {
    name: 'log-batch',
    codec: 'cloud-sink/messages/batch.ts decodeBatch, decodeRecords',
    samples:
      'clear and sealed batches; half of the cases are sealed after their records were mutated',
    errors: 'LogError; null: more bytes are needed',
    make: () => ({
      sample: batchOf,
      mutate: mutateBatch,
      decode: (bytes) => {
        const found = decodeBatch(bytes, 0);
        if (found === null) return null;
        const { batch } = found;
        const records = decodeRecords(batch, KEY);
        const { run, position, time, previous } = batch;
        const again = encodeBatch(
          { run, position, time, previous },
          records,
          batch.sealed ? KEY : null,
          () => found.signature,
        );
        sameBytes(batch.bytes, again.bytes);
        return records;
      },
      refusal: only(LogError),
    }),
    hostile: {
      empty: zeros(0),
      'a length of 4 GiB': () => header({ length: 0xffffffff }),
      'no records': () => header({ count: 0 }),
      '2^32 − 1 records': () => header({ count: 0xffffffff }),
      'position 2^53 − 1': () => header({ position: 2n ** 53n - 1n }),
      'position 2^64 − 1': () => header({ position: 2n ** 64n - 1n }),
      'all ones': ones(200),
    },
  },
  {
    name: 'log-reader',
    codec: 'cloud-sink/messages/batch-reader.ts BatchReader',
    samples: 'signed streams of 1 to 4 batches, cut into pieces at random places',
    errors: 'LogError',
    make: () => {
      const { gateway } = worldOf(3);
      const sign = signer(gateway);
      const verify = verifier(gateway.sign);
      return {
        sample: (random) => streamOf(random, sign),
        mutate: mutateBytes,
        decode: (bytes, random) => {
          const reader = new BatchReader({ head: EMPTY_HEAD, verify });
          const read: Batch[] = [];
          for (let at = 0; at < bytes.length;) {
            const end = at + 1 + random.below(random.chance(4) ? 4 : 400);
            read.push(...reader.push(bytes.subarray(at, end)));
            at = end;
          }
          reader.end();
          // However it was cut: what was read is what stands there.
          sameBytes(bytes, joined(...read.map((batch) => batch.bytes)));
          return read;
        },
        refusal: only(LogError),
      };
    },
    hostile: {
      'one byte': hex('56'),
      'another magic': text('VSL2'),
      zeros: zeros(5_000),
      'a length of 4 GiB': () => header({ length: 0xffffffff }),
    },
  },
  {
    name: 'log-fast-batch',
    codec: 'gateway/log/fast-batch.ts fastBatch beside decodeBatch and decodeRecords',
    samples: 'as log-batch; both forms must say the same of every case',
    errors: 'none: null',
    make: () => ({
      sample: batchOf,
      mutate: mutateBatch,
      decode: (bytes) => {
        const fast = fastBatch(Buffer.from(bytes), 0, EMPTY_HEAD, KEY);
        const slow = slowForm(bytes);
        if ((fast === null) !== (slow === null))
          throw new Unfit(`fast says ${fast === null ? 'no' : 'yes'}, slow says otherwise`);
        if (fast === null || slow === null) return null;
        if (fast.time !== slow.batch.time || fast.position !== slow.batch.position)
          throw new Unfit('another time or position');
        sameBytes(fast.hash, slow.batch.hash);
        if (fast.bytes !== slow.batch.bytes.length || fast.records.length !== slow.records.length)
          throw new Unfit('other records');
        fast.records.forEach(({ kind, bytes: record }, i) => {
          if (kind !== slow.records[i]!.kind) throw new Unfit('another kind');
          sameBytes(record, slow.records[i]!.bytes);
        });
        if (wholeBatches(bytes) < fast.bytes)
          throw new Unfit('the walk over whole batches does not see it');
        return fast;
      },
      refusal: () => undefined,
    }),
    hostile: {
      empty: zeros(0),
      'a time beyond 2^53': () => clearBatchAt(2n ** 53n),
      'a time of −2^63': () => clearBatchAt(2n ** 63n),
      'a body shorter than its tag': () =>
        joined(header({ length: 3, sealed: 1 }), new Uint8Array(67)),
    },
  },
  {
    name: 'log-masked-frame',
    codec:
      'cloud-sink/messages/masked-frame.ts decodeMaskedFrame; gateway/log/frame-cells.ts columnsOfFrame',
    samples: 'frames of columns, products, segments',
    errors: 'RecordError',
    make: () => ({
      sample: (random) => encodeMaskedFrame(maskedFrameOf(random)),
      mutate: mutateBytes,
      decode: (bytes) => {
        const frame = decodeMaskedFrame(bytes);
        sameBytes(bytes, encodeMaskedFrame(frame));
        const cells = columnsOfFrame(bytes);
        if (
          cells.some(({ vital, start, rows }, i) => {
            const column = frame.columns[i]!;
            return column.vital !== vital || column.start !== start || column.rows !== rows;
          })
        )
          throw new Unfit('the gateway reads other cells');
        return frame;
      },
      refusal: only(RecordError),
    }),
    hostile: {
      empty: zeros(0),
      '255 columns': () => joined(new Uint8Array(28), Uint8Array.of(255)),
      'counter 2^53': () => joined(zeros(4)(), hex('0000000000002000')(), zeros(19)()),
      'a column of 65,535 rows': () =>
        joined(
          hex('01000000 0100000000000000')(),
          new Uint8Array(16),
          hex('01 07 00000000 ffff')(),
        ),
    },
  },
  {
    name: 'log-bins-record',
    codec: 'cloud-sink/messages/bins-record.ts decodeMaskedBins',
    samples: 'bins records',
    errors: 'RecordError',
    make: () => ({
      sample: (random) =>
        encodeMaskedBins({
          ...{ stay: random.u32(), counter: 1 + random.below(2 ** 40), vital: random.below(11) },
          ...{
            window: 300 * random.below(5_000_000),
            readings: 1 + random.below(300),
            masked: elements(random, 1 + random.below(40)),
          },
        }),
      mutate: mutateBytes,
      decode: (bytes) => {
        const bins = decodeMaskedBins(bytes);
        sameBytes(bytes, encodeMaskedBins(bins));
        return bins;
      },
      refusal: only(RecordError),
    }),
    hostile: {
      empty: zeros(0),
      '255 bins of nothing': hex('00000000 0100000000000000 01 00000000 0100 ff'),
    },
  },
  {
    name: 'log-run-record',
    codec: 'cloud-sink/messages/run-record.ts decodeRunRecord, openRunRecord',
    samples: 'run records sealed for three servers',
    errors: 'RecordError',
    make: () => {
      const { configuration, servers } = worldOf(3);
      return {
        sample: (random) =>
          encodeRunRecord(
            sealRunRecord({
              ...{
                log: LOG,
                run: 1 + random.below(9),
                epoch: 1,
                generation: 1,
                config: configuration,
              },
              ...{
                dataServers: configuration.dataServers,
                salt: random.bytes(32),
                random: random.bytes,
              },
              secrets: new Map(setsOf(configuration).map((mask) => [mask, random.bytes(32)])),
            }),
          ),
        mutate: mutateJson,
        decode: (bytes, random) => {
          const record = decodeRunRecord(bytes);
          sameBytes(bytes, encodeRunRecord(record));
          // Opening costs a point multiplication; what decodes is opened now and then.
          return random.chance(8)
            ? openRunRecord(record, LOG, 1, configuration, servers[0]!.sealSecret)
            : record;
        },
        refusal: only(RecordError),
      };
    },
    hostile: {
      ...JSON_HOSTILE,
      'keyed by __proto__': text(
        '{"epoch":1,"generation":1,"run":1,"salt":"","sealed":{"__proto__":"x"}}',
      ),
    },
  },
  {
    name: 'log-records',
    codec: 'cloud-sink/messages/records.ts decodeStay, decodeGenesis',
    samples: 'stay and genesis records',
    errors: 'RecordError',
    make: () => ({
      sample: (random) => (random.chance(2) ? stayRecord(random) : genesisRecord(random)),
      mutate: mutateJson,
      decode: (bytes) => {
        try {
          const stay = decodeStay(bytes);
          sameBytes(bytes, encodeStay(stay));
          return stay;
        } catch (error) {
          if (!(error instanceof RecordError)) throw error;
        }
        const genesis = decodeGenesis(bytes);
        sameBytes(bytes, encodeGenesis(genesis));
        return genesis;
      },
      refusal: only(RecordError),
    }),
    hostile: {
      ...JSON_HOSTILE,
      'a stay that turns its writing round': text(
        '{"admitted":true,"labels":{},"number":1,"stay":"\u202ebed","tag":"t"}',
      ),
      'a label __proto__': text(
        '{"admitted":true,"labels":{"__proto__":"a"},"number":1,"stay":"bed","tag":"t"}',
      ),
    },
  },
  {
    name: 'log-heads',
    codec: 'cloud-sink/messages/heads.ts parseLogs, parseHead',
    samples: 'the bodies of GET /logs and GET /head',
    errors: 'AnswerError',
    make: () => ({
      sample: (random) => {
        const hash = toBase64Url(random.bytes(32));
        const log = toHex(random.bytes(16));
        const position = random.u32();
        return random.chance(2)
          ? canonicalBytes([{ log, position, hash, time: random.u32() }])
          : canonicalBytes({
              server: 1,
              config: hash,
              heads: { [log]: { position, hash } },
              epoch: 1,
            });
      },
      mutate: mutateJson,
      decode: (bytes) => {
        try {
          const logs = parseLogs(bytes);
          logs.forEach(headHash);
          return stable(logs, canonicalBytes, parseLogs);
        } catch (error) {
          if (!(error instanceof AnswerError)) throw error;
        }
        return stable(parseHead(bytes), canonicalBytes, parseHead);
      },
      refusal: only(AnswerError),
    }),
    hostile: { ...JSON_HOSTILE, 'a list of 100,000': text(`[${'0,'.repeat(99_999)}0]`) },
  },
];

function slowForm(bytes: Uint8Array): { batch: Batch; records: LogRecord[] } | null {
  try {
    const reader = new BatchReader({ head: EMPTY_HEAD, verify: anySignature });
    for (const batch of reader.push(bytes)) return { batch, records: decodeRecords(batch, KEY) };
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
  }
  return null;
}

function batchOf(random: Random): Uint8Array {
  const isClear = random.chance(4);
  const records: LogRecord[] = isClear
    ? [{ kind: KIND.genesis, bytes: genesisRecord(random) }]
    : Array.from({ length: 1 + random.below(4) }, () => recordOf(random));
  const head = {
    run: isClear ? 0 : 1,
    position: 0,
    time: 1_700_000_000_000,
    previous: new Uint8Array(32),
  };
  return encodeBatch(head, records, isClear ? null : KEY, unsigned).bytes;
}

/** The body of a sealed batch opens under the log's key only, so its mutations are sealed with it. */
function mutateBatch(random: Random, sample: Uint8Array, other: Uint8Array): Uint8Array {
  if (random.chance(2)) return mutateBytes(random, sample, other);
  const found = decodeBatch(sample, 0)!;
  const records = decodeRecords(found.batch, KEY).map((record): LogRecord => {
    const kind = random.chance(4) ? (random.below(8) as LogRecord['kind']) : record.kind;
    return { kind, bytes: mutateBytes(random, record.bytes, record.bytes) };
  });
  const { run, position, time, previous } = found.batch;
  try {
    const isClear = random.chance(8);
    const head = { run, position, time, previous: random.chance(16) ? random.bytes(32) : previous };
    return encodeBatch(head, records, isClear ? null : KEY, unsigned).bytes;
  } catch {
    return mutateBytes(random, sample, other); // Kinds that no batch may hold.
  }
}

function streamOf(random: Random, sign: (message: Uint8Array) => Uint8Array): Uint8Array {
  let [position, previous]: [number, Uint8Array] = [0, new Uint8Array(32)];
  const batches = Array.from({ length: 1 + random.below(4) }, () => {
    const records = Array.from({ length: 1 + random.below(3) }, () => recordOf(random));
    const { bytes, hash } = encodeBatch(
      { run: 1, position, time: 1, previous },
      records,
      KEY,
      sign,
    );
    position += records.length;
    previous = hash;
    return bytes;
  });
  return joined(...batches);
}

function recordOf(random: Random): LogRecord {
  if (random.chance(4)) return { kind: KIND.stay, bytes: stayRecord(random) };
  return { kind: KIND.frame, bytes: encodeMaskedFrame(maskedFrameOf(random)) };
}
const stayRecord = (random: Random): Uint8Array =>
  encodeStay({
    number: random.below(9),
    stay: `bed-${random.below(9)}`,
    tag: 'tag',
    admitted: random.chance(2),
    labels: { ward: 'a' },
  });
const genesisRecord = (random: Random): Uint8Array =>
  encodeGenesis({
    log: toHex(LOG),
    config: toBase64Url(random.bytes(32)),
    created: random.u32(),
    continues: [{ log: toHex(random.bytes(16)), position: 4 }],
  });

function elements(random: Random, count: number): FieldVector {
  const vector = fieldVector(count);
  for (let i = 0; i < count; i++) setBigInt(vector, i, BigInt(random.u32()) * 2n ** 28n);
  return vector;
}

function maskedFrameOf(random: Random): Parameters<typeof encodeMaskedFrame>[0] {
  const columns = Array.from({ length: random.below(4) }, (_, vital) => {
    const rows = 1 + random.below(20);
    const presence = random.bytes(presenceBytes(rows));
    if (rows % 8 !== 0) presence[presence.length - 1]! &= 0xff >> (8 - (rows % 8));
    const head = { vital, start: 1_000 + random.below(10), rows, presence };
    return {
      ...head,
      masked: elements(random, presentCount(presence)),
      commitment: random.bytes(16),
    };
  });
  const products = random.chance(2)
    ? []
    : columns.flatMap((x, a) =>
        columns
          .slice(a)
          .map((y, i) => ({ a, b: a + i, masked: elements(random, presentBoth(x, y).length) })),
      );
  const segments = Array.from({ length: random.below(3) }, () => {
    const count = 1 + random.below(20);
    return {
      ...{
        channel: 64,
        lead: 1,
        unit: 1,
        startMicros: random.u32(),
        rateMilliHz: 250_000,
        gain: 200,
        baseline: -3,
        count,
      },
      ...{ masked: random.bytes(2 + 2 * count), commitment: random.bytes(16) },
    };
  });
  return {
    stay: random.below(9),
    counter: 1 + random.below(2 ** 40),
    tag: random.bytes(16),
    columns,
    products,
    segments,
  };
}

function header({ sealed = 0, count = 1, length = 0, position = 0n } = {}): Uint8Array {
  const bytes = Buffer.alloc(65);
  bytes.write('VSL1', 'latin1');
  bytes[4] = sealed;
  bytes.writeBigUInt64LE(position, 9);
  bytes.writeUInt32LE(count, 17);
  bytes.writeUInt32LE(length, 61);
  return new Uint8Array(bytes);
}
/** A genesis batch, whole but for its signature, of any time. */
function clearBatchAt(time: bigint): Uint8Array {
  const record = genesisRecord({
    bytes: (length: number) => new Uint8Array(length),
    u32: () => 1,
  } as Random);
  const head = { run: 0, position: 0, time: 1, previous: new Uint8Array(32) };
  const bytes = Buffer.from(
    encodeBatch(head, [{ kind: KIND.genesis, bytes: record }], null, unsigned).bytes,
  );
  bytes.writeBigUInt64LE(time, 21);
  return new Uint8Array(bytes);
}
