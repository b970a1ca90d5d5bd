/** What one server asks of another and gets: round trips, and nothing but a named error else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementCount, fieldVector, setInteger } from '@vitalshare/edge/field';
import { concatBytes, sha256, toBase64Url, utf8 } from '@vitalshare/edge/seal';
import { AnswerError } from './answer.ts';
import { canonicalBytes } from './canonical.ts';
import { ProblemError } from './problem.ts';
import {
  decodeRepairAnswer,
  encodeRepairAnswer,
  parseRepairQuery,
  type RepairPart,
  repairData,
  sharesOf,
} from './repair.ts';

const LOG = '00112233445566778899aabbccddeeff';
const PARTS: readonly RepairPart[] = [
  { kind: 'cells', stay: 'bed-1', vital: 1, chunk: 425_000 },
  { kind: 'products', stay: 'bed-1', vitals: [1, 2], chunk: 425_000 },
  { kind: 'bins', stay: 'bed-1', vital: 1, window: 1_700_000_100, at: 9 },
  { kind: 'frame', stay: 'bed-1', micros: 1_700_000_000_000_000, at: 9 },
  { kind: 'tags', at: 3 },
  { kind: 'batch', at: 0 },
];

/** Cells 0, 1, 2 and 4 of a chunk: 1 and 2 came with frame 7, the others with frame 12. */
const presence = Uint8Array.from({ length: 500 }, (_, i) => (i === 0 ? 0b10111 : 0));
const run = (position: number, first: number, slots: number) =>
  Uint8Array.of(position, 0, 0, 0, 0, 0, 0, 0, first, 0, slots, 0);
const CELLS = concatBytes(presence, run(7, 1, 2), run(12, 0, 1), run(12, 4, 1));
const SHOWN: Readonly<Record<RepairPart['kind'], readonly [Uint8Array, number]>> = {
  cells: [CELLS, 4],
  products: [presence, 4],
  bins: [Uint8Array.of(44, 1, 40), 40],
  frame: [new Uint8Array(60), 0],
  tags: [new Uint8Array(32), 0],
  batch: [new Uint8Array(32), 0],
};

const digest = (byte: number) => toBase64Url(new Uint8Array(32).fill(byte));

function answerOf(part: RepairPart) {
  const [shown, count] = SHOWN[part.kind];
  const masked = fieldVector(count);
  for (let m = 0; m < count; m++) setInteger(masked, m, m - 2);
  const head = { server: 3, generation: 1, config: digest(1), query: digest(2), data: digest(3) };
  return { ...head, public: shown, masked };
}

describe.each(PARTS)('$kind', (part) => {
  it('[PROTO-47] the question is parsed whole', () => {
    const query = { version: 1, log: LOG, position: 40, ...part } as const;
    expect(parseRepairQuery(canonicalBytes(query))).toEqual(query);
  });

  it('[PROTO-48] the answer comes out as it went in, of just its length', () => {
    const answer = answerOf(part);
    const bytes = encodeRepairAnswer(answer);
    // server 1, generation 4, three digests, length 4
    expect(bytes.length).toBe(105 + answer.public.length + 8 * elementCount(answer.masked));
    expect(decodeRepairAnswer(part, bytes)).toEqual(answer);
    for (const wrong of [bytes.slice(0, -1), concatBytes(bytes, Uint8Array.of(0))]) {
      expect(() => decodeRepairAnswer(part, wrong)).toThrow(AnswerError);
    }
  });

  it('takes no byte string but as an answer or a named error', () => {
    const good = encodeRepairAnswer(answerOf(part));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(good.length - 1), (noise, at) => {
        const altered = good.slice();
        altered.set(noise.subarray(0, good.length - at), at);
        for (const bytes of [noise, altered]) {
          try {
            decodeRepairAnswer(part, bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(AnswerError);
          }
        }
      }),
    );
  });
});

describe('what is no answer', () => {
  const cells = PARTS[0]!;
  const wrong: [string, Uint8Array][] = [
    ['no cell', new Uint8Array(500)],
    ['part of a run', CELLS.slice(0, -1)],
    ['a cell without an arrival', CELLS.slice(0, -12)],
    ['an arrival of no cell', concatBytes(CELLS, run(13, 3, 1))],
    ['a cell that arrived twice', concatBytes(CELLS, run(13, 4, 1))],
    ['runs that fall', concatBytes(presence, run(12, 0, 1), run(7, 1, 2), run(12, 4, 1))],
    ['a run of nothing', concatBytes(CELLS, run(13, 3, 0))],
    [
      'a run over the end',
      concatBytes(CELLS, Uint8Array.of(13, 0, 0, 0, 0, 0, 0, 0, 0x9f, 15, 2, 0)),
    ],
  ];
  it.each(wrong)('[PROTO-48] cells with %s', (_, shown) => {
    expect(sharesOf(cells, CELLS)).toBe(4);
    expect(() => sharesOf(cells, shown)).toThrow(AnswerError);
  });

  it('[SHARE-1] a masked share that is no element', () => {
    const bytes = encodeRepairAnswer(answerOf(cells));
    bytes.fill(0xff, bytes.length - 8);
    expect(() => decodeRepairAnswer(cells, bytes)).toThrow(/not below/);
  });
});

it('takes no question but well formed or as a named error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json().map(utf8), fc.uint8Array({ maxLength: 200 })), (body) => {
      expect(() => parseRepairQuery(body)).toThrow(ProblemError);
    }),
  );
});

it('[PROTO-48] data is what the specification says', () => {
  const [log, hash, shown] = [1, 2, 3].map((byte) =>
    new Uint8Array(byte === 1 ? 16 : 32).fill(byte),
  );
  const text = concatBytes(utf8('vitalshare repair data 1'), log!, hash!, sha256(shown!));
  expect(repairData(log!, hash!, shown!)).toEqual(sha256(text));
});
