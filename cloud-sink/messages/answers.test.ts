import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeIdentity, signer } from '@vitalshare/edge/identity/node';
import { toHex, utf8 } from '@vitalshare/edge/seal';
import { AnswerError, openSealedAnswer, sealAnswer } from './answer.ts';
import {
  encodeCatalogue,
  encodeMomentsAnswer,
  encodeTagsAnswer,
  parseCatalogue,
  parseMomentsAnswer,
  parseTagsAnswer,
} from './answer-bodies.ts';
import { parseHead, parseLogs } from './heads.ts';
import { decodeHistory, encodeHistory, historyPartBytes } from './history-answer.ts';
import { parseProblem, ProblemError, problemJson } from './problem.ts';
import {
  parseCatalogueQuery,
  parseHistoryQuery,
  parseMomentsQuery,
  parseTagsQuery,
  queryDigest,
} from './query.ts';
import { bytesOf } from './sample.fixture.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const LOG = '00112233445566778899aabbccddeeff';
const DIGEST = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';
const json = (value: unknown) => utf8(JSON.stringify(value));

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof AnswerError || error instanceof ProblemError) return error.code;
    throw error;
  }
  return 'none';
}

describe('a sealed answer', () => {
  const asker = makeIdentity('r', 'researcher', random);
  const server = makeIdentity('s', 'data-server', random);
  const request = { signature: 'sig1=:one:', body: utf8('{}') };
  const sealed = sealAnswer(asker, request, utf8('answer'), signer(server), random);
  const open = (change: {
    request?: typeof request;
    sign?: string;
    sealed?: Uint8Array;
    by?: typeof asker;
  }) =>
    openSealedAnswer(
      change.by ?? asker,
      change.sign ?? server.sign,
      change.request ?? request,
      change.sealed ?? sealed,
    );

  it('[PROTO-11] [S16] opens for its asker and request, under its server key, and not else', () => {
    expect(open({})).toEqual(utf8('answer'));
    const altered = sealed.slice();
    altered[40]! ^= 1;
    expect(codeOf(() => open({ sealed: altered }))).toBe('not-for-us');
    expect(codeOf(() => open({ sealed: new Uint8Array(3) }))).toBe('not-for-us');
    expect(codeOf(() => open({ by: server }))).toBe('not-for-us');
    expect(codeOf(() => open({ request: { ...request, body: utf8('{ }') } }))).toBe('not-for-us');
    // The same question asked again has another nonce, so another signature.
    expect(codeOf(() => open({ request: { ...request, signature: 'sig1=:two:' } }))).toBe(
      'not-for-us',
    );
    expect(codeOf(() => open({ sign: asker.sign }))).toBe('bad-signature');
  });
});

describe('bodies of answers', () => {
  const moments = {
    server: 2,
    generation: 1,
    config: DIGEST,
    query: DIGEST,
    data: DIGEST,
    asOf: { [LOG]: 7 },
    count: 3,
    patients: 2,
    sums: [0n, 2_305_843_009_213_693_950n],
    products: [1n, 2n, 3n],
  };
  const catalogue = {
    heads: { [LOG]: 7 },
    stays: [
      {
        stay: 'bed-1',
        tag: 't',
        admitted: false,
        labels: { a: 'b' },
        vitals: { spo2: { rows: 1, from: 2, to: 3 } },
        waveforms: [{ channel: 'ecg', lead: '', from: 4, to: 5 }],
      },
    ],
  };
  const tags = { next: 9, tags: [new Uint8Array(16).fill(1)] };

  it('mirror', () => {
    expect(parseMomentsAnswer(encodeMomentsAnswer(moments))).toEqual(moments);
    expect(parseCatalogue(encodeCatalogue(catalogue))).toEqual(catalogue);
    expect(parseTagsAnswer(encodeTagsAnswer(tags))).toEqual(tags);
  });

  it('[S6] refuse elements that are not canonical: p, a sign, a zero in front, a number', () => {
    const good = new TextDecoder().decode(encodeMomentsAnswer(moments));
    for (const element of [
      '"2305843009213693951"',
      '"-1"',
      '"01"',
      '1',
      '""',
      '"99999999999999999999"',
    ]) {
      const body = utf8(good.replace('"sums":["0"', `"sums":[${element}`));
      expect(codeOf(() => parseMomentsAnswer(body))).toBe('form');
    }
  });

  it('say AnswerError and nothing else to any bytes', () => {
    const parsers = [
      parseMomentsAnswer,
      parseCatalogue,
      parseTagsAnswer,
      parseHead,
      parseLogs,
      decodeHistory,
    ];
    const input = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(input, (bytes) => {
        for (const parse of parsers)
          expect(['none', 'form']).toContain(codeOf(() => parse(new Uint8Array(bytes))));
      }),
    );
  });

  it('of /head and /logs are read as they stand in the specification', () => {
    const head = {
      server: 1,
      config: DIGEST,
      heads: { [LOG]: { position: 5, hash: DIGEST } },
      epoch: 1,
    };
    expect(parseHead(json(head))).toEqual(head);
    const logs = [{ log: LOG, position: 5, hash: DIGEST, time: 6 }];
    expect(parseLogs(json(logs))).toEqual(logs);
    expect(codeOf(() => parseLogs(json([...logs, { ...logs[0], log: 'x' }])))).toBe('form');
    expect(parseLogs(json(new Array(4_096).fill(logs[0])))).toHaveLength(4_096);
    expect(codeOf(() => parseLogs(json(new Array(4_097).fill(logs[0]))))).toBe('form');
    expect(codeOf(() => parseHead(json({ ...head, more: 1 })))).toBe('form');
  });
});

describe('the body of /history', () => {
  const part = {
    log: new Uint8Array(16).fill(1),
    position: 2,
    header: Uint8Array.of(3, 4),
    masked: Uint8Array.of(5, 6, 7),
    commitment: new Uint8Array(16).fill(8),
    sets: [{ mask: 9, commit: new Uint8Array(32).fill(10), keystream: Uint8Array.of(11, 12, 13) }],
  };
  const HEX =
    '0100' +
    '61' +
    '01'.repeat(16) +
    '0200000000000000' +
    '0200' +
    '0304' +
    '03000000' +
    '050607' +
    '08'.repeat(16) +
    '0100' +
    '0900' +
    '0a'.repeat(32) +
    '0b0c0d';

  it('is the bytes of the specification, and says how long a part is', () => {
    const bytes = encodeHistory({ next: 'a', parts: [part] });
    expect(toHex(bytes)).toBe(HEX);
    expect(decodeHistory(bytes)).toEqual({ next: 'a', parts: [part] });
    expect(bytes.length).toBe(3 + historyPartBytes(part));
    for (let cut = 4; cut < bytes.length; cut++) {
      expect(codeOf(() => decodeHistory(bytes.subarray(0, cut)))).toBe('form');
    }
  });

  it('refuses sets that do not rise', () => {
    const twice = { ...part, sets: [part.sets[0]!, part.sets[0]!] };
    expect(codeOf(() => decodeHistory(encodeHistory({ next: '', parts: [twice] })))).toBe('form');
  });

  it('mirrors', () => {
    const set = (length: number) =>
      fc.record({ mask: fc.constant(3), commit: bytesOf(32), keystream: bytesOf(length) });
    const parts = fc.array(
      fc.nat(20).chain((length) =>
        fc.record({
          log: bytesOf(16),
          position: fc.nat(),
          header: fc.nat(30).chain(bytesOf),
          masked: bytesOf(length),
          commitment: bytesOf(16),
          sets: fc.array(set(length), { maxLength: 1 }),
        }),
      ),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(parts, (values) => {
        expect(decodeHistory(encodeHistory({ next: '', parts: values })).parts).toEqual(values);
      }),
    );
  });
});

describe('questions', () => {
  const moments = { version: 1, asOf: { [LOG]: 7 }, vitals: ['spo2'], degree: 2, where: {} };

  it('parse with and without their options', () => {
    expect(parseCatalogueQuery(json({ version: 1 }))).toEqual({ version: 1 });
    expect(parseMomentsQuery(json(moments))).toEqual(moments);
    const more = { ...moments, from: 1, to: 2, stays: ['a', 'b'] };
    expect(parseMomentsQuery(json(more))).toEqual(more);
    const history = { version: 1, asOf: { [LOG]: 7 }, stay: 'a', channel: 'ecg' };
    expect(parseHistoryQuery(json(history))).toEqual(history);
    const further = { ...history, lead: 'II', from: 1, to: 2, after: `${LOG}.1.2` };
    expect(parseHistoryQuery(json(further))).toEqual(further);
    expect(parseTagsQuery(json({ version: 1, log: LOG, from: 3 }))).toMatchObject({ from: 3 });
  });

  it('[PROTO-16] have one digest however they are spelled', () => {
    const spelled = utf8(
      `{ "where": {}, "degree":2, "vitals":["spo2"],"asOf":{"${LOG}":7},"version":1 }`,
    );
    expect(queryDigest(parseMomentsQuery(spelled))).toEqual(
      queryDigest(parseMomentsQuery(json(moments))),
    );
    expect(queryDigest({ ...parseMomentsQuery(spelled), from: 0 })).not.toEqual(
      queryDigest(parseMomentsQuery(spelled)),
    );
  });

  it('are refused outside their limits', () => {
    const names = [
      'heart-rate',
      'pulse-rate',
      'spo2',
      'respiratory-rate',
      'body-temperature',
      'skin-temperature',
      'systolic-pressure',
      'diastolic-pressure',
      'oxygen',
    ];
    for (const change of [
      { vitals: names },
      { vitals: ['spo2', 'spo2'] },
      { asOf: { [LOG]: -1 } },
      { asOf: { [LOG.toUpperCase()]: 1 } },
      {
        asOf: Object.fromEntries(
          Array.from({ length: 4_097 }, (_, i) => [i.toString(16).padStart(32, '0'), 1]),
        ),
      },
      { stays: [] },
      { stays: ['a', 'a'] },
      { stays: Array.from({ length: 4097 }, (_, i) => `s${i}`) },
      { from: 2 ** 32 + 1 },
      { where: [] },
    ]) {
      expect(codeOf(() => parseMomentsQuery(json({ ...moments, ...change })))).toBe('bad-request');
    }
    expect(parseMomentsQuery(json({ ...moments, vitals: names.slice(0, 8) })).vitals).toHaveLength(
      8,
    );
    const deep = utf8('['.repeat(50_000) + ']'.repeat(50_000));
    expect(codeOf(() => parseMomentsQuery(deep))).toBe('bad-request');
  });

  it('say ProblemError bad-request and nothing else to any bytes', () => {
    const parsers = [parseMomentsQuery, parseHistoryQuery, parseTagsQuery, parseCatalogueQuery];
    const input = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(input, (bytes) => {
        for (const parse of parsers)
          expect(codeOf(() => parse(new Uint8Array(bytes)))).toBe('bad-request');
      }),
    );
  });
});

describe('a refusal', () => {
  it('goes through JSON and back with its numbers', () => {
    const problem = new ProblemError('cohort-too-small', 'too few', { patients: 2, minimum: 5 });
    const body = JSON.parse(JSON.stringify(problemJson(problem))) as Record<string, unknown>;
    expect(body).toEqual({
      type: 'urn:vitalshare:problem:cohort-too-small',
      title: 'Fewer patients than the minimum cohort',
      status: 422,
      detail: 'too few',
      code: 'cohort-too-small',
      patients: 2,
      minimum: 5,
    });
    expect(parseProblem(body)).toEqual(problem);
  });

  it('of others is none of ours, and its text is made one bounded line', () => {
    for (const value of [null, 'x', {}, { code: 'toString' }, { code: 5 }])
      expect(parseProblem(value)).toBeNull();
    const shown = parseProblem({ code: 'behind', detail: `a\u001b[2J\n${'x'.repeat(900)}` })!;
    expect(shown.message).toHaveLength(500);
    expect(/\p{C}/u.test(shown.message)).toBe(false);
  });
});
