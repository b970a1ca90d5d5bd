import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeIdentity, signer, verifier } from '@vitalshare/edge/identity/node';
import { utf8 } from '@vitalshare/edge/seal';
import { type Batch, decodeRecords, encodeBatch, KIND, LogError, logRunKey } from './batch.ts';
import { BatchReader, EMPTY_HEAD } from './batch-reader.ts';
import { bytesOf } from './sample.fixture.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const gateway = makeIdentity('gateway', 'gateway', random);
const [sign, verify] = [signer(gateway), verifier(gateway.sign)];
const KEY = logRunKey(random(32), random(32), random(16), 1);
const frame = (bytes: Uint8Array) => ({ kind: KIND.frame, bytes });

/** A log of a clear batch and `sealed` further ones. */
function makeLog(sealed = 2) {
  const batches: Uint8Array[] = [];
  let position = 0;
  let previous: Uint8Array = new Uint8Array(32);
  const add = (records: { kind: 1 | 2 | 3 | 4; bytes: Uint8Array }[], key: Uint8Array | null) => {
    const header = { run: key ? 1 : 0, position, time: 1_700_000_000_000, previous };
    const { bytes, hash } = encodeBatch(header, records, key, sign);
    batches.push(bytes);
    previous = hash;
    position += records.length;
  };
  add([{ kind: KIND.genesis, bytes: utf8('{}') }], null);
  for (let i = 0; i < sealed; i++) add([frame(utf8(`a${i}`)), frame(utf8(`b${i}`))], KEY);
  return { batches, bytes: new Uint8Array(Buffer.concat(batches)), position, hash: previous };
}

const read = (bytes: Uint8Array, head = EMPTY_HEAD) => {
  const reader = new BatchReader({ head, verify });
  const batches = [...reader.push(bytes)];
  return { reader, batches };
};

function faultOf(action: () => unknown): [string, number] {
  try {
    action();
  } catch (error) {
    if (error instanceof LogError) return [error.code, error.position];
    throw error;
  }
  return ['none', -1];
}

describe('a batch', () => {
  it('is read back whole, its head behind it', () => {
    const log = makeLog();
    const { reader, batches } = read(log.bytes);
    expect(
      batches.map(({ position, count, sealed, run }) => [position, count, sealed, run]),
    ).toEqual([
      [0, 1, false, 0],
      [1, 2, true, 1],
      [3, 2, true, 1],
    ]);
    expect(reader.head).toEqual({ position: 5, hash: log.hash });
    expect([reader.consumedBytes, reader.pendingBytes]).toEqual([log.bytes.length, 0]);
    expect(decodeRecords(batches[2]!, KEY)).toEqual([frame(utf8('a1')), frame(utf8('b1'))]);
  });

  it('is read byte by byte like in one piece, and from any head inside the log', () => {
    const log = makeLog();
    const whole = read(log.bytes).batches;
    const reader = new BatchReader({ head: EMPTY_HEAD, verify });
    const single = [...log.bytes].flatMap((byte) => [...reader.push(Uint8Array.of(byte))]);
    expect(single).toEqual(whole);
    const head = { position: 1, hash: whole[0]!.hash };
    expect(read(log.bytes.subarray(log.batches[0]!.length), head).batches).toEqual(whole.slice(1));
  });

  it('costs four times as much when it is four times as long, however small the chunks', () => {
    const costMs = (bodyBytes: number): number => {
      const header = { run: 1, position: 0, time: 0, previous: new Uint8Array(32) };
      const { bytes } = encodeBatch(header, [frame(new Uint8Array(bodyBytes))], KEY, sign);
      const reader = new BatchReader({ head: EMPTY_HEAD, verify });
      const batches: Batch[] = [];
      const startMs = performance.now();
      for (let at = 0; at < bytes.length; at += 512) {
        batches.push(...reader.push(bytes.subarray(at, at + 512)));
      }
      expect(batches.map((batch) => batch.bytes.length)).toEqual([bytes.length]);
      return performance.now() - startMs;
    };
    const best = (bodyBytes: number) => Math.min(...[1, 2, 3].map(() => costMs(bodyBytes)));
    // Moving what is held at every chunk made it sixteen times.
    expect(best(4_194_000) / best(1_048_500)).toBeLessThan(9);
  });

  it('does not keep the memory of the chunk it came in', () => {
    const log = makeLog(1);
    const reader = new BatchReader({ head: EMPTY_HEAD, verify });
    const buffer = log.bytes.slice(0, log.bytes.length - 1);
    const [first] = [...reader.push(buffer)];
    buffer.fill(0);
    const rest = [...reader.push(log.bytes.slice(-1))];
    expect([first!, ...rest]).toEqual(read(log.bytes).batches);
  });

  it('[PROTO-5] is torn where the bytes end inside it, and the reader knows where it began', () => {
    const log = makeLog();
    const end = log.bytes.length - log.batches[2]!.length;
    for (const cut of [end + 1, end + 64, end + 65, log.bytes.length - 1]) {
      const { reader, batches } = read(log.bytes.subarray(0, cut));
      expect(batches).toHaveLength(2);
      expect(reader.consumedBytes).toBe(end);
      expect(reader.pendingBytes).toBe(cut - end);
      expect(faultOf(() => reader.end())).toEqual(['torn', 3]);
    }
    const { reader } = read(log.bytes.subarray(0, end));
    expect(faultOf(() => reader.end())).toEqual(['none', -1]);
  });

  it('is refused with any bit of the log flipped, at its position', () => {
    const log = makeLog(1);
    const second = log.batches[0]!.length;
    for (let at = 0; at < log.bytes.length; at++) {
      const bytes = log.bytes.slice();
      bytes[at]! ^= 1 << (at % 8);
      let count = 0;
      const [code, position] = faultOf(() => {
        const reader = new BatchReader({ head: EMPTY_HEAD, verify });
        for (const batch of reader.push(bytes)) count += batch.count;
        reader.end();
      });
      expect(code).not.toBe('none');
      expect(position).toBe(at < second ? 0 : 1);
      expect(count).toBe(at < second ? 0 : 1);
    }
  });

  it('[PROTO-3] [S8] is refused where it does not continue the head', () => {
    const log = makeLog();
    const other = makeLog();
    const from = log.bytes.subarray(log.batches[0]!.length);
    expect(faultOf(() => read(log.bytes, { position: 1, hash: new Uint8Array(32) }))).toEqual([
      'fork',
      1,
    ]);
    const strange = { position: 1, hash: read(other.bytes).batches[1]!.hash };
    expect(faultOf(() => read(from, strange))).toEqual(['fork', 1]);
    const swapped = Buffer.concat([log.batches[0]!, log.batches[2]!, log.batches[1]!]);
    expect(faultOf(() => read(swapped))).toEqual(['fork', 1]);
  });

  it('is refused under another signature', () => {
    const reader = new BatchReader({
      head: EMPTY_HEAD,
      verify: verifier(makeIdentity('x', 'gateway', random).sign),
    });
    expect(faultOf(() => [...reader.push(makeLog().bytes)])).toEqual(['signature', 0]);
  });

  it('[S17] opens under its own run key and position only', () => {
    const batch = read(makeLog().bytes).batches[1]!;
    expect(faultOf(() => decodeRecords(batch, null))).toEqual(['sealed', 1]);
    expect(faultOf(() => decodeRecords(batch, random(32)))).toEqual(['sealed', 1]);
    expect(faultOf(() => decodeRecords({ ...batch, position: 2 }, KEY))).toEqual(['sealed', 2]);
    const [logKey, salt, log] = [random(32), random(32), random(16)];
    const keys = [
      logRunKey(logKey, salt, log, 1),
      logRunKey(logKey, salt, log, 2),
      logRunKey(logKey, salt, random(16), 1),
      logRunKey(logKey, random(32), log, 1),
      logRunKey(random(32), salt, log, 1),
    ];
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(5);
  });

  it('[PROTO-4] keeps genesis and run records clear and alone, the rest sealed', () => {
    const header = { run: 1, position: 0, time: 0, previous: new Uint8Array(32) };
    const of = (kinds: (1 | 2 | 3 | 4)[], key: Uint8Array | null) => () =>
      encodeBatch(
        header,
        kinds.map((kind) => ({ kind, bytes: new Uint8Array(1) })),
        key,
        sign,
      );
    expect(of([1], null)).not.toThrow();
    expect(of([3, 4], KEY)).not.toThrow();
    for (const [kinds, key] of [
      [[1], KEY],
      [[3, 2], KEY],
      [[1, 2], null],
      [[3], null],
      [[], null],
      [[], KEY],
    ] as const) {
      expect(of([...kinds], key)).toThrow(RangeError);
    }
    const clear = (kind: number): Batch => {
      const bytes = Uint8Array.of(kind, 0, 0, 0, 0);
      return { ...header, sealed: false, count: 1, body: bytes, bytes, hash: bytes };
    };
    expect(faultOf(() => decodeRecords(clear(2), null))).toEqual(['none', -1]);
    for (const kind of [0, 3, 4, 5]) {
      expect(faultOf(() => decodeRecords(clear(kind), null))).toEqual(['record', 0]);
    }
  });

  it('[PROTO-6] keeps its limits', () => {
    const header = { run: 1, position: 0, time: 0, previous: new Uint8Array(32) };
    const most = 4 * 1024 * 1024 - 65 - 64 - 16 - 5;
    const of = (records: Uint8Array[]) => () => encodeBatch(header, records.map(frame), KEY, sign);
    expect(of([new Uint8Array(most)])).not.toThrow();
    expect(of([new Uint8Array(most + 1)])).toThrow(RangeError);
    expect(of(new Array<Uint8Array>(65_537).fill(new Uint8Array(0)))).toThrow(RangeError);
    const bytes = of([new Uint8Array(1)])().bytes.slice();
    const view = new DataView(bytes.buffer);
    view.setUint32(61, 4 * 1024 * 1024, true);
    // Refused from the header alone, before anything of that size is waited for.
    expect(faultOf(() => read(bytes.subarray(0, 65)))).toEqual(['form', 0]);
    view.setUint32(61, 22, true);
    view.setUint32(17, 0, true);
    expect(faultOf(() => read(bytes))).toEqual(['form', 0]);
  });

  it('mirrors records, and says LogError to any other body', () => {
    const records = fc.array(fc.integer({ min: 0, max: 40 }).chain(bytesOf), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(records, (contents) => {
        const header = { run: 1, position: 0, time: 0, previous: new Uint8Array(32) };
        const { bytes } = encodeBatch(header, contents.map(frame), KEY, sign);
        const { batches } = read(bytes);
        expect(decodeRecords(batches[0]!, KEY)).toEqual(contents.map(frame));
      }),
      { numRuns: 30 },
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        (body, count) => {
          const header = { run: 1, position: 9, time: 0, previous: new Uint8Array(32) };
          const bytes = new Uint8Array(body);
          const batch = { ...header, sealed: false, count, body: bytes, bytes, hash: bytes };
          expect(['none', 'record']).toContain(faultOf(() => decodeRecords(batch, null))[0]);
        },
      ),
    );
  });

  it('says LogError and nothing else to any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (tail, isMagic) => {
        const bytes = isMagic ? Buffer.concat([utf8('VSL1'), tail]) : new Uint8Array(tail);
        const [code] = faultOf(() => read(bytes));
        expect(['none', 'magic', 'form', 'fork', 'signature']).toContain(code);
      }),
    );
  });
});
