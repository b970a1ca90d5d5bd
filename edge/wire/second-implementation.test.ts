/**
 * WIRE.md written a second time, from its text, with `node:crypto` alone: every constant restated,
 * nothing shared with the code under test but the calls at the bottom.
 */
import { createCipheriv, createDecipheriv, randomBytes, randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { findVital, findWaveform } from '../vital/vital.ts';
import {
  decodePayload,
  encodePayload,
  openAnswer,
  openFrame,
  sealAnswer,
  sealFrame,
  type Frame,
} from './wire.ts';

// Names and codes of edge/vital, as a second reader of its table would type them.
const VITALS = { 'heart-rate': 1, spo2: 3, 'skin-temperature': 6, 'systolic-pressure': 7 };
const WAVEFORMS = { ecg: 64, pleth: 65, resp: 66, infrared: 68 };
const LEADS = { '': 0, II: 2, V5: 11, MLII: 13 };
const UNITS = { '1': 0, mV: 1, Ohm: 4 };
const RESETS = ['unknown', 'power-on', 'external', 'brown-out', 'watchdog', 'software'] as const;

const NAME = (table: Record<string, number>, code: number) =>
  Object.entries(table).find(([, value]) => value === code)![0];

interface Column {
  vital: keyof typeof VITALS;
  quality: number;
  start: number;
  rows: (number | null)[];
}
interface Segment {
  channel: keyof typeof WAVEFORMS;
  lead: keyof typeof LEADS;
  unit: keyof typeof UNITS;
  flags: number;
  quality: number;
  start: bigint;
  rate: number;
  gain: number;
  baseline: number;
  samples: number[];
}
interface Content {
  deviceTime: bigint;
  bootTime: bigint | null;
  columns: Column[];
  segments: Segment[];
  status: null | { battery: number; link: number; buffered: number; reset: number; fw: string };
  events: bigint[];
}

/** Little-endian writing with nothing but a Buffer. */
function pack(
  ...parts: (
    | readonly ['u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'f64', number]
    | readonly ['u64' | 'i64', bigint]
    | Uint8Array
  )[]
) {
  return Buffer.concat(
    parts.map((part) => {
      if (part instanceof Uint8Array) return part;
      const [type, value] = part;
      const bytes = Buffer.alloc(Number(type.slice(1)) / 8);
      const sink = {
        u8: () => bytes.writeUInt8(Number(value)),
        i8: () => bytes.writeInt8(Number(value)),
        u16: () => bytes.writeUInt16LE(Number(value)),
        i16: () => bytes.writeInt16LE(Number(value)),
        u32: () => bytes.writeUInt32LE(Number(value)),
        i32: () => bytes.writeInt32LE(Number(value)),
        f64: () => bytes.writeDoubleLE(Number(value)),
        u64: () => bytes.writeBigUInt64LE(BigInt(value)),
        i64: () => bytes.writeBigInt64LE(BigInt(value)),
      };
      sink[type]();
      return bytes;
    }),
  );
}

const block = (type: number, body: Buffer) => pack(['u8', type], ['u16', body.length], body);

function write(content: Content): Buffer {
  const columns = content.columns.map(({ vital, quality, start, rows }) => {
    const presence = Buffer.alloc(Math.ceil(rows.length / 8));
    rows.forEach((value, i) => {
      if (value !== null) presence[Math.floor(i / 8)]! += 2 ** (i % 8);
    });
    const values = rows.filter((v) => v !== null).map((v) => pack(['i32', v]));
    return block(
      1,
      pack(
        ['u8', VITALS[vital]],
        ['u8', quality],
        ['u32', start],
        ['u16', rows.length],
        presence,
        ...values,
      ),
    );
  });
  const segments = content.segments.map((s) =>
    block(
      2,
      pack(
        ['u8', WAVEFORMS[s.channel]],
        ['u8', LEADS[s.lead]],
        ['u8', UNITS[s.unit]],
        ['u8', s.flags],
        ['u8', s.quality],
        ['u64', s.start],
        ['u32', s.rate],
        ['f64', s.gain],
        ['i32', s.baseline],
        ['u16', s.samples.length],
        ...s.samples.map((x) => ['i16', x] as const),
      ),
    ),
  );
  const { status } = content;
  return pack(
    ['u8', 1],
    ['u8', content.bootTime === null ? 0 : 1],
    ['u64', content.deviceTime],
    ...(content.bootTime === null ? [] : [['i64', content.bootTime] as const]),
    ...columns,
    ...segments,
    ...(status === null
      ? []
      : [
          block(
            3,
            pack(
              ['u8', status.battery],
              ['i8', status.link],
              ['u32', status.buffered],
              ['u8', status.reset],
              ['u8', status.fw.length],
              Buffer.from(status.fw, 'ascii'),
            ),
          ),
        ]),
    ...content.events.map((at) => block(4, pack(['u8', 1], ['u64', at]))),
  );
}

/** What the first implementation should call the same content. */
function asFrame(content: Content): Frame {
  return {
    deviceTimeUs: Number(content.deviceTime),
    ...(content.bootTime === null ? {} : { bootTimeMs: Number(content.bootTime) }),
    columns: content.columns.map(({ vital, quality, start, rows }) => ({
      vital: findVital(vital)!,
      quality,
      startSecond: start,
      rowCount: rows.length,
      presence: Uint8Array.from({ length: Math.ceil(rows.length / 8) }, (_, byte) =>
        rows
          .slice(8 * byte, 8 * byte + 8)
          .reduce<number>((sum, v, i) => sum + (v === null ? 0 : 2 ** i), 0),
      ),
      values: Int32Array.from(rows.filter((v) => v !== null)),
    })),
    segments: content.segments.map((s) => ({
      waveform: findWaveform(NAME(WAVEFORMS, WAVEFORMS[s.channel]))!,
      lead: s.lead,
      unit: s.unit,
      leadOff: s.flags % 2 === 1,
      saturated: s.flags >= 2,
      quality: s.quality,
      startUs: Number(s.start),
      rateMilliHz: s.rate,
      gain: s.gain,
      baseline: s.baseline,
      samples: Int16Array.from(s.samples),
    })),
    ...(content.status === null
      ? {}
      : {
          status: {
            batteryPercent: content.status.battery === 255 ? null : content.status.battery,
            linkDbm: content.status.link === -128 ? null : content.status.link,
            bufferedFrames: content.status.buffered,
            resetCause: RESETS[content.status.reset]!,
            firmware: content.status.fw,
          },
        }),
    events: content.events.map((at) => ({ name: 'nurse-call' as const, atUs: Number(at) })),
  };
}

const pick = <T>(items: readonly T[]): T => items[randomInt(items.length)]!;
const some = <T>(most: number, make: () => T) => Array.from({ length: randomInt(most + 1) }, make);
const keys = <T extends object>(table: T) => Object.keys(table) as (keyof T)[];
const u48 = () => BigInt(randomInt(2 ** 47));

function randomContent(): Content {
  const shuffled = keys(VITALS).sort(() => randomInt(3) - 1);
  return {
    deviceTime: u48(),
    bootTime: randomInt(2) === 0 ? null : u48() / 64n,
    columns: shuffled.slice(0, randomInt(5)).map((vital) => ({
      vital,
      quality: pick([0, 1, 2, 3, 4, 255]),
      start: randomInt(2 ** 32),
      rows: Array.from({ length: 1 + randomInt(40) }, () =>
        randomInt(4) === 0 ? null : randomInt(-(2 ** 31), 2 ** 31),
      ),
    })),
    segments: some(3, () => ({
      channel: pick(keys(WAVEFORMS)),
      lead: pick(keys(LEADS)),
      unit: pick(keys(UNITS)),
      flags: randomInt(4),
      quality: pick([0, 4, 255]),
      start: u48(),
      rate: 1 + randomInt(100_000_000),
      gain: pick([200, -1247.3, 1e-9, 5725.123]),
      baseline: randomInt(-(2 ** 31), 2 ** 31),
      samples: Array.from({ length: 1 + randomInt(60) }, () => randomInt(-32768, 32768)),
    })),
    status:
      randomInt(2) === 0
        ? null
        : {
            battery: pick([0, 100, 255]),
            link: pick([-128, -70, 3]),
            buffered: randomInt(2 ** 32),
            reset: randomInt(6),
            fw: pick(['', 'uno 1.2.0']),
          },
    events: some(2, u48),
  };
}

function seal(key: Buffer, header: Buffer, name: string, plain: Buffer): Buffer {
  const nonce = Buffer.concat([header.subarray(4, 12), Buffer.alloc(4)]);
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 });
  cipher.setAAD(Buffer.concat([header, Buffer.from(name, 'ascii')]), {
    plaintextLength: plain.length,
  });
  return Buffer.concat([header, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function open(key: Buffer, name: string, frame: Uint8Array): Buffer {
  const header = frame.subarray(0, 12);
  const nonce = Buffer.concat([header.subarray(4, 12), Buffer.alloc(4)]);
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 });
  decipher.setAAD(Buffer.concat([header, Buffer.from(name, 'ascii')]), {
    plaintextLength: frame.length - 28,
  });
  decipher.setAuthTag(frame.subarray(frame.length - 16));
  return Buffer.concat([decipher.update(frame.subarray(12, -16)), decipher.final()]);
}

/** HChaCha20 from a ChaCha20 block: take the initial state's words back off. */
function subkey(key: Buffer, nonce16: Buffer): Buffer {
  const state = createCipheriv('chacha20', key, nonce16).update(Buffer.alloc(64));
  const constants = Buffer.from('expand 32-byte k', 'ascii');
  const out = Buffer.alloc(32);
  for (let i = 0; i < 4; i++) {
    const low = (state.readUInt32LE(4 * i) - constants.readUInt32LE(4 * i)) >>> 0;
    const high = (state.readUInt32LE(48 + 4 * i) - nonce16.readUInt32LE(4 * i)) >>> 0;
    out.writeUInt32LE(low, 4 * i);
    out.writeUInt32LE(high, 16 + 4 * i);
  }
  return out;
}

const xNonce = (nonce: Buffer) => Buffer.concat([Buffer.alloc(4), nonce.subarray(16)]);

function sealDown(key: Buffer, nonce: Buffer, name: string, plain: Buffer): Buffer {
  const cipher = createCipheriv(
    'chacha20-poly1305',
    subkey(key, nonce.subarray(0, 16)),
    xNonce(nonce),
    { authTagLength: 16 },
  );
  cipher.setAAD(Buffer.from(name, 'ascii'), { plaintextLength: plain.length });
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

const answerBytes = (
  time: bigint,
  boot: number,
  sequence: number,
  missing: [number, number][],
  refused: [number, number][],
) => {
  const ranges = (list: [number, number][]) =>
    pack(
      ['u8', list.length],
      ...list.flatMap(([first, last]) => [['u32', first] as const, ['u32', last] as const]),
    );
  return pack(
    ['u8', 1],
    ['u8', 1],
    ['i64', time],
    ['u32', boot],
    ['u32', sequence],
    ranges(missing),
    ranges(refused),
  );
};

describe('a second implementation of WIRE.md', () => {
  it('agrees with the first on 1,000 random frames, in both directions', () => {
    for (let round = 0; round < 1000; round++) {
      const content = randomContent();
      const payload = write(content);
      expect(decodePayload(new Uint8Array(payload))).toEqual(asFrame(content));
      expect(Buffer.from(encodePayload(asFrame(content)))).toEqual(payload);

      const key = randomBytes(32);
      const node = pick(['bed-01', 'a', 'x.y_z-9']);
      const [keyEpoch, boot, sequence] = [
        randomInt(2 ** 16),
        1 + randomInt(2 ** 32 - 1),
        1 + randomInt(2 ** 32 - 1),
      ];
      const header = pack(
        ['u8', 1],
        ['u8', 1],
        ['u16', keyEpoch],
        ['u32', boot],
        ['u32', sequence],
      );
      const theirs = seal(key, header, node, payload);
      const ours = sealFrame({ node, upKey: key, keyEpoch, boot, sequence }, payload);
      expect(Buffer.from(ours)).toEqual(theirs);
      expect(open(key, node, ours)).toEqual(payload);
      const opened = openFrame(node, key, theirs)!;
      expect(opened).toMatchObject({ keyEpoch, boot, sequence });
      expect(Buffer.from(opened.payload)).toEqual(payload);
    }
  });

  it('agrees on 1,000 random answers, in both directions', () => {
    for (let round = 0; round < 1000; round++) {
      const key = randomBytes(32);
      const nonce = randomBytes(24);
      const boot = randomInt(2 ** 32);
      const missing: [number, number][] =
        randomInt(2) === 0
          ? []
          : [
              [3, 4],
              [9, 9],
            ];
      const refused: [number, number][] = randomInt(2) === 0 ? [] : [[5, 7]];
      const time = u48() / 64n;
      const plain = answerBytes(time, boot, 12, missing, refused);
      const ranges = (list: [number, number][]) => list.map(([first, last]) => ({ first, last }));
      const answer = {
        gatewayTimeMs: Number(time),
        boot,
        sequence: 12,
        missing: ranges(missing),
        refused: ranges(refused),
      };
      const theirs = sealDown(key, nonce, 'bed-01', plain);
      expect(Buffer.from(sealAnswer('bed-01', key, nonce, answer))).toEqual(theirs);
      expect(openAnswer('bed-01', key, theirs)).toEqual(answer);
    }
  });
});
