/** Bodies of encrypted sums: read whole, or refused by name; random bytes yield nothing else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64Url, utf8 } from '@vitalshare/edge/seal';
import { AnswerError } from './answer.ts';
import { canonicalBytes } from './canonical.ts';
import {
  type DecryptQuery,
  encodeDecryptQuery,
  encodeSumsAnswer,
  numbersOf,
  parseCommitmentAnswer,
  parseDealingAnswer,
  parseDecryptAnswer,
  parseDecryptQuery,
  parseKeyAnswer,
  parseKeyQuery,
  parseSumsAnswer,
  parseSumsQuery,
  type SumsQuery,
} from './elgamal.ts';
import { ProblemError } from './problem.ts';
import type { MomentsQuery } from './query.ts';

const b64 = (length: number, fill = 7) => toBase64Url(new Uint8Array(length).fill(fill));
const question: MomentsQuery = {
  ...{ version: 1, asOf: { ['0'.repeat(32)]: 5 }, vitals: ['spo2', 'heart-rate'], degree: 2 },
  where: {},
};
const sums: SumsQuery = { version: 1, key: b64(32), servers: [1, 2, 3], question };
const body = (change: object) => canonicalBytes({ ...sums, ...change });

describe('questions', () => {
  it('are read as they were written', () => {
    expect(parseSumsQuery(body({}))).toEqual(sums);
    expect(numbersOf(question)).toBe(5);
    expect(numbersOf({ ...question, degree: 1 })).toBe(2);
    expect(numbersOf({ ...question, degree: 0 })).toBe(0);
    expect(parseKeyQuery(canonicalBytes({ version: 1, step: 'dealing' })).step).toBe('dealing');
    const numbers = Array.from({ length: 5 }, (_, i) => new Uint8Array(160).fill(i));
    const signature = new Uint8Array(64);
    const answers = [1, 2, 3].map((server) => ({ server, numbers, signature }));
    const query: DecryptQuery = { version: 1, asked: sums, data: b64(32), answers };
    expect(parseDecryptQuery(encodeDecryptQuery(query))).toEqual(query);
    for (const wrong of [answers.slice(1), [...answers].reverse(), [...answers, answers[0]!]]) {
      expect(() => parseDecryptQuery(encodeDecryptQuery({ ...query, answers: wrong }))).toThrow(
        ProblemError,
      );
    }
    const few = answers.map((each) => ({ ...each, numbers: numbers.slice(1) }));
    expect(() => parseDecryptQuery(encodeDecryptQuery({ ...query, answers: few }))).toThrow(
      'the 5 numbers',
    );
  });

  it.each([
    ['a key of other length', { key: b64(31) }],
    ['no server', { servers: [] }],
    ['servers that do not rise', { servers: [2, 1] }],
    ['a server twice', { servers: [1, 1] }],
    ['a server 0', { servers: [0, 1] }],
    ['over patients', { question: { ...question, unit: 'patient' } }],
    ['an unknown member', { more: 1 }],
    ['a question of another form', { question: { version: 1 } }],
  ])('refuses %s', (_what, change) => {
    expect(() => parseSumsQuery(body(change))).toThrow(ProblemError);
  });

  it('refuses an unknown step', () => {
    expect(() => parseKeyQuery(canonicalBytes({ version: 1, step: 'secret' }))).toThrow(
      'step must be',
    );
  });
});

describe('answers', () => {
  const head = { server: 1, generation: 1, config: b64(32), query: b64(32), data: b64(32) };
  const answer = {
    ...{ ...head, asOf: {}, count: 3, patients: 1, signature: new Uint8Array(64) },
    numbers: [new Uint8Array(160)],
  };

  it('are read as they were written, or not at all', () => {
    expect(parseSumsAnswer(encodeSumsAnswer(answer))).toEqual(answer);
    const short = { ...answer, numbers: [new Uint8Array(159)] };
    expect(() => parseSumsAnswer(encodeSumsAnswer(short))).toThrow('160 bytes');
  });

  it('random bytes and random JSON are AnswerError and nothing else', () => {
    const parsers = [
      ...[parseSumsAnswer, parseDecryptAnswer, parseKeyAnswer],
      ...[parseCommitmentAnswer, parseDealingAnswer],
    ];
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(utf8)), (bytes) => {
        for (const parse of parsers) expect(() => parse(bytes)).toThrow(AnswerError);
      }),
    );
  });
});
