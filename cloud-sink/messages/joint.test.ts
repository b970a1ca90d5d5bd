/** Joint questions and pieces: what is read back, and what is refused by name. [PROTO-60] [PROTO-63] */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64Url, utf8 } from '@vitalshare/edge/seal';
import {
  encodeJointPiece,
  jointName,
  type JointPiece,
  type JointQuery,
  parseJointPiece,
  parseJointQuery,
} from './joint.ts';
import { ProblemError } from './problem.ts';

const QUERY: JointQuery = {
  version: 1,
  asOf: { ['0'.repeat(32)]: 7 },
  vitals: ['heart-rate', 'spo2'],
  degree: 2,
  where: {},
  set: [1, 3],
  session: toBase64Url(new Uint8Array(16)),
};
const parse = (query: object): JointQuery => parseJointQuery(utf8(JSON.stringify(query)));
const bad = expect.objectContaining({ code: 'bad-request' }) as Error;

describe('a joint question', () => {
  it('is read back', () => {
    expect(parse(QUERY)).toEqual(QUERY);
  });

  it.each([
    ['a set that does not rise', { set: [3, 1] }],
    ['a server twice', { set: [1, 1] }],
    ['one server', { set: [1] }],
    ['server 0', { set: [0, 1] }],
    ['half a server', { set: [1, 2.5] }],
    ['seventeen servers', { set: Array.from({ length: 17 }, (_, i) => i + 1) }],
    ['a short session', { session: 'AAAA' }],
    ['no session', { session: undefined }],
    ['a degree of 3', { degree: 3 }],
    ['another member', { more: 1 }],
  ])('is refused with %s', (_, change) => {
    expect(() => parse({ ...QUERY, ...change })).toThrow(bad);
  });

  it('has a name of its own for each asker, session and set', () => {
    const names = [
      jointName(QUERY, 'A'.repeat(22)),
      jointName(QUERY, 'B'.repeat(22)),
      jointName({ ...QUERY, session: toBase64Url(new Uint8Array(16).fill(1)) }, 'A'.repeat(22)),
      jointName({ ...QUERY, set: [1, 2] }, 'A'.repeat(22)),
    ];
    expect(new Set(names).size).toBe(4);
  });
});

describe('a piece of rows', () => {
  const digest = toBase64Url(new Uint8Array(32));
  const piece: JointPiece = {
    ...{ question: digest, data: digest, rows: 2, first: 0 },
    key: { n: 'AQAB', owner: 'A'.repeat(22), proof: 'AQAB' },
    ciphertexts: Uint8Array.of(1, 2, 3),
  };

  it('is read back, with a key and without', () => {
    expect(parseJointPiece(encodeJointPiece(piece))).toEqual(piece);
    const { question, data, rows, ciphertexts } = piece;
    const later = { question, data, rows, first: 1, ciphertexts };
    expect(parseJointPiece(encodeJointPiece(later))).toEqual(later);
  });

  it.each([
    ['no ciphertexts', { ciphertexts: new Uint8Array(0) }],
    ['too many', { ciphertexts: new Uint8Array(128 * 1024 + 1) }],
    ['no rows', { rows: 0 }],
    ['too many rows', { rows: 65_537 }],
    ['a negative row', { first: -1 }],
    ['a key that is none', { key: { n: '', owner: 'A'.repeat(22), proof: 'AQAB' } }],
    ['an owner that is none', { key: { n: 'AQAB', owner: 'A', proof: 'AQAB' } }],
  ])('is refused with %s', (_, change) => {
    expect(() => parseJointPiece(encodeJointPiece({ ...piece, ...change }))).toThrow(bad);
  });

  it('any bytes are a piece or refused', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.uint8Array({ maxLength: 64 }).map((noise) => {
        const good = encodeJointPiece(piece);
        noise.forEach((byte, i) => (good[(byte * 7 + i) % good.length] = byte));
        return good;
      }),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        try {
          expect(parseJointPiece(input).ciphertexts.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(ProblemError);
        }
      }),
    );
  });
});
